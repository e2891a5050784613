//! That libtorch computes what the rest of the chapter writes out, and which of libtorch's traps would be noticed.

use claims::{AnyClaim, Cases, Claim, Domain, Subject, Tolerance, claim, domain, whole};
use ndarray::{Array2, Axis, Slice};
use nn::{Activation, Parameters, Scalar};
use rand::Rng;
use rand_distr::StandardNormal;
use tch::kind::Element;
use tch::{Device, Kind, TchError, Tensor};

use ch09_conv_vae::torch::{
    Network, Pass, Precision, kl_to_standard_normal, log_likelihood, reparameterize, upload,
};
use ch09_conv_vae::{Architecture, Stage, Vae};

/// The claims of the feature.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![Box::new(double()), Box::new(single())]
}

/// A model with images and noise.
pub struct Scene {
    architecture: Architecture,
    model: Vae<f64>,
    x: Array2<f64>,
    noise: Array2<f64>,
}

/// log p(x|z) and the KL of every image, then the gradient of the loss.
type Computation = fn(&Scene) -> Result<Vec<f64>, TchError>;

/// Every nonlinearity, each with four models.
fn scenes() -> Domain<2> {
    domain([
        whole("nonlinearity, in the order of their list", 0..=Activation::ALL.len() as i64 - 1),
        whole("the model with its images and noise", 0..=3),
    ])
}

/// A scene for one nonlinearity: grey images or colour, windows that cover them evenly or not, with or without dense layers.
fn scene(activation: Activation, rng: &mut impl Rng) -> Scene {
    let stage = |channels, kernel, stride, padding| Stage { channels, kernel, stride, padding };
    let architecture = |activation| match activation {
        Activation::Relu | Activation::Tanh => Architecture {
            image: (1, 12, 12),
            stages: vec![stage(3, 4, 2, 1), stage(4, 4, 2, 1)],
            hidden: vec![6],
            latent: 3,
            activation,
        },
        Activation::LeakyRelu | Activation::Softplus => Architecture {
            image: (3, 9, 8),
            stages: vec![stage(4, 3, 1, 1), stage(5, 3, 2, 1)],
            hidden: vec![7, 5],
            latent: 2,
            activation,
        },
        Activation::Sigmoid | Activation::Identity => Architecture {
            image: (2, 7, 6),
            stages: vec![stage(3, 3, 2, 0)],
            hidden: vec![],
            latent: 2,
            activation,
        },
    };
    Scene::draw(architecture(activation), 4, rng)
}

impl Scene {
    fn draw(architecture: Architecture, images: usize, rng: &mut impl Rng) -> Self {
        Self {
            model: Vae::new(&architecture, rng).expect("a sound architecture"),
            x: Array2::from_shape_simple_fn((images, architecture.pixels()), || {
                f64::from(rng.random_range(0..2))
            }),
            noise: Array2::from_shape_simple_fn((images, architecture.latent), || {
                rng.sample(StandardNormal)
            }),
            architecture,
        }
    }

    /// What the plain-Rust model says.
    fn by_hand<S: Scalar>(&self) -> Vec<f64> {
        let model = cast::<S>(&self.architecture, &self.model);
        let forward = model.forward(self.x.mapv(S::from_f64), self.noise.mapv(S::from_f64));
        let terms = model.terms(&forward);
        let gradient = model.gradient(&forward, self.x.nrows(), 1.0);
        let gradient =
            gradient.tensors().flat_map(|(_, tensor)| tensor.iter().copied().collect::<Vec<_>>());
        terms
            .reconstruction
            .iter()
            .chain(&terms.kl)
            .copied()
            .chain(gradient)
            .map(S::to_f64)
            .collect()
    }

    /// What libtorch says.
    fn by_libtorch<S: Scalar + Element>(&self) -> Result<Vec<f64>, TchError> {
        self.with_terms::<S>(&self.model, Precision::Full, right_terms)
    }

    /// What libtorch says of a model when the terms are put together by `terms`.
    fn with_terms<S: Scalar + Element>(
        &self,
        model: &Vae<f64>,
        precision: Precision,
        terms: impl FnOnce(&Pass<'_>, &Tensor, &Tensor) -> Result<[Tensor; 2], TchError>,
    ) -> Result<Vec<f64>, TchError> {
        let model = cast::<S>(&self.architecture, model);
        let network = Network::from_model(&self.architecture, &model, Device::Cpu, precision)?;
        let rows = |rows: &Array2<f64>| upload(&rows.mapv(S::from_f64), Device::Cpu);
        let [reconstruction, kl] = terms(&network.pass()?, &rows(&self.x)?, &rows(&self.noise)?)?;
        let loss = kl.f_sub(&reconstruction)?.f_mean(None)?;
        let gradient = Tensor::f_run_backward(&[&loss], &[&network.parameters], false, false)?;
        let all = Tensor::f_cat(&[&reconstruction, &kl, &gradient[0]], 0)?;
        let mut numbers = vec![0.0; all.numel()];
        let count = numbers.len();
        all.f_detach()?.f_to_kind(Kind::Double)?.f_copy_data(&mut numbers, count)?;
        Ok(numbers)
    }

    /// Compares two lists as [`Scene::by_hand`] makes them, every tensor in units of its largest number: within one,
    /// an error of rounding is of the size of what was summed, not of what is left.
    fn compare(&self, cases: &mut Cases<'_>, measured: &[f64], expected: &[f64]) {
        let images = self.x.nrows();
        let mut start = 0;
        let terms = [("log p(x|z)".to_owned(), images), ("KL".to_owned(), images)];
        let gradient =
            self.model.tensors().map(|(name, tensor)| (format!("∂L/∂{name}"), tensor.len()));
        for (name, length) in terms.into_iter().chain(gradient) {
            let label = format!("{} {name}", self.architecture.activation);
            let part =
                |numbers: &[f64]| numbers.get(start..start + length).unwrap_or_default().to_vec();
            let (measured, expected) = (part(measured), part(expected));
            let largest =
                expected.iter().fold(f64::MIN_POSITIVE, |largest, x| largest.max(x.abs()));
            let scaled =
                |numbers: Vec<f64>| numbers.iter().map(|x| x / largest).collect::<Vec<_>>();
            cases.all_equal(&label, &scaled(measured), &scaled(expected));
            start += length;
        }
    }
}

fn right_terms(pass: &Pass<'_>, x: &Tensor, noise: &Tensor) -> Result<[Tensor; 2], TchError> {
    let terms = pass.terms(x, noise)?;
    Ok([terms.reconstruction, terms.kl])
}

/// The terms with another way from the posterior to the code.
fn terms_by_sample(
    sample: fn(&Tensor, &Tensor, &Tensor) -> Result<Tensor, TchError>,
) -> impl FnOnce(&Pass<'_>, &Tensor, &Tensor) -> Result<[Tensor; 2], TchError> {
    move |pass, x, noise| {
        let (mean, log_var) = pass.encode(x)?;
        let z = sample(&mean, &log_var, noise)?;
        Ok([log_likelihood(x, &pass.decode(&z)?)?, kl_to_standard_normal(&mean, &log_var)?])
    }
}

fn cast<S: Scalar>(architecture: &Architecture, model: &Vae<f64>) -> Vae<S> {
    let mut copy = Vae::zeros(architecture).expect("a sound architecture");
    for ((_, mut to), (_, from)) in copy.tensors_mut().zip(model.tensors()) {
        to.zip_mut_with(&from, |to: &mut S, &from| *to = S::from_f64(from));
    }
    copy
}

fn double() -> Claim<Computation> {
    claim("conv-vae/torch-gradient")
        .says(
            "libtorch's convolutions and automatic differentiation give the terms and the gradient that are written \
             out by hand.",
        )
        .after("Paszke et al. 2019")
        .for_every(scenes())
        .exact(Tolerance::absolute(1e-12), |computation: &Subject<Computation>, [activation, model], cases| {
            let scene = scene(Activation::ALL[activation as usize], &mut cases.rng(model as u64));
            let measured = computation.output(|computation| computation(&scene))?;
            scene.compare(cases, &measured, &scene.by_hand::<f64>());
            Ok(())
        })
        .holds_for((|scene| scene.by_libtorch::<f64>()) as Computation)
        .fails_for(
            "flipped-kernels",
            "You turned the kernels around, as mathematics defines a convolution. libtorch's conv2d, like this course's, \
             does not: it is a correlation.",
            |scene| {
                let mut model = scene.model.clone();
                for (_, mut weight) in model.tensors_mut().filter(|(name, _)| name.starts_with("conv")) {
                    for axis in 2..weight.ndim() {
                        let flipped = weight.slice_axis(Axis(axis), Slice::new(0, None, -1)).to_owned();
                        weight.assign(&flipped);
                    }
                }
                scene.with_terms::<f64>(&model, Precision::Full, right_terms)
            },
        )
        .fails_for(
            "pixels-first",
            "You handed the maps to the dense layer pixel by pixel, with the channels side by side. In libtorch's layout \
             a channel's pixels lie together.",
            |scene| {
                let mut model = scene.model.clone();
                let (channels, height, width) = model.convolutions.last().expect("a stage").window.coarse;
                let first = format!("conv{}", model.convolutions.len());
                let mut next = model.tensors_mut().skip_while(|(name, _)| !name.starts_with(&first)).skip(2);
                if let Some((_, mut weight)) = next.next() {
                    let shape = (weight.len() / (channels * height * width), channels, height * width);
                    let by_channel = weight.to_owned().into_shape_with_order(shape).expect("the maps' numbers");
                    let by_pixel = by_channel.permuted_axes([0, 2, 1]);
                    weight.iter_mut().zip(&by_pixel).for_each(|(to, from)| *to = *from);
                }
                drop(next);
                scene.with_terms::<f64>(&model, Precision::Full, right_terms)
            },
        )
        .fails_for(
            "mean-over-pixels",
            "binary_cross_entropy_with_logits takes the mean over all pixels unless it is told not to. A \
             log-likelihood is their sum.",
            |scene| {
                scene.with_terms::<f64>(&scene.model, Precision::Full, |pass, x, noise| {
                    let [reconstruction, kl] = right_terms(pass, x, noise)?;
                    Ok([reconstruction.f_div_scalar(x.size()[1])?, kl])
                })
            },
        )
        .fails_for(
            "variance-as-sigma",
            "σ = exp(½ log σ²); you multiplied the noise by exp(log σ²), the variance.",
            |scene| {
                let sample = terms_by_sample(|mean, log_var, noise| mean.f_add(&log_var.f_exp()?.f_mul(noise)?));
                scene.with_terms::<f64>(&scene.model, Precision::Full, sample)
            },
        )
        .fails_for(
            "detached-sample",
            "The sample was cut out of the graph (detach, or no_grad around it), so nothing of the reconstruction reaches \
             the encoder.",
            |scene| {
                let sample = terms_by_sample(|mean, log_var, noise| reparameterize(mean, log_var, noise)?.f_detach());
                scene.with_terms::<f64>(&scene.model, Precision::Full, sample)
            },
        )
        .fails_for(
            "accumulated",
            "backward adds to the gradient that is there: without zero_grad the second step goes along the sum of two.",
            |scene| {
                let mut numbers = scene.by_libtorch::<f64>()?;
                numbers[2 * scene.x.nrows()..].iter_mut().for_each(|g| *g *= 2.0);
                Ok(numbers)
            },
        )
        .fails_for(
            "single-precision",
            "You computed in f32, libtorch's default, and 1e-12 is out of its reach. Make the tensors of kind Double.",
            |scene| scene.by_libtorch::<f32>(),
        )
}

fn single() -> Claim<Computation> {
    claim("conv-vae/torch-single-precision")
        .says(
            "In f32, as models are trained, the plain-Rust and the libtorch build give the same terms and gradients up to \
             roundings.",
        )
        .for_every(scenes())
        .exact(Tolerance::absolute(1e-4), |computation: &Subject<Computation>, [activation, model], cases| {
            let scene = scene(Activation::ALL[activation as usize], &mut cases.rng(model as u64));
            let measured = computation.output(|computation| computation(&scene))?;
            scene.compare(cases, &measured, &scene.by_hand::<f32>());
            Ok(())
        })
        .holds_for((|scene| scene.by_libtorch::<f32>()) as Computation)
        .fails_for(
            "bf16",
            "You computed the products in bf16, whose 8 bits lose the third digit. That is good enough to train with \
             (the noise of a batch is larger), not to compare with.",
            |scene| scene.with_terms::<f32>(&scene.model, Precision::Mixed, right_terms),
        )
        .fails_for(
            "reparameterized-twice",
            "The noise was drawn again, or scaled by σ twice: z = μ + σ ε with the same ε on both sides, or nothing can be \
             compared.",
            |scene| {
                let sample = terms_by_sample(|mean, log_var, noise| {
                    reparameterize(mean, log_var, &log_var.f_mul_scalar(0.5)?.f_exp()?.f_mul(noise)?)
                });
                scene.with_terms::<f32>(&scene.model, Precision::Full, sample)
            },
        )
}
