//! The gradient of the whole model.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, one_of, seed, whole};
use ndarray::{Array1, Array2, s};
use nn::{Activation, Linear, Parameters};
use rand::Rng as _;
use rand_distr::StandardNormal;

use super::normal;
use super::reference::flat;
use ch09_conv_vae::{Architecture, Forward, Stage, Vae};

/// The gradient of the batch mean of −ELBO, every parameter in one list.
type Gradient = fn(&Vae<f64>, &Forward<f64>) -> Vec<f64>;

/// Small models: of the windows some leave a rest.
fn architecture(
    image: (usize, usize, usize),
    stages: usize,
    hidden: usize,
    activation: Activation,
) -> Architecture {
    let stage = |channels, kernel, stride, padding| Stage { channels, kernel, stride, padding };
    Architecture {
        image,
        stages: [stage(3, 3, 1, 1), stage(2, 4, 2, 1)][..stages].to_vec(),
        hidden: vec![4; hidden],
        latent: 2,
        activation,
    }
}

/// A leaky rectifier has a kink, which random numbers do not meet.
const ACTIVATIONS: [Activation; 3] =
    [Activation::Tanh, Activation::LeakyRelu, Activation::Softplus];

pub(super) fn gradient() -> Claim<Gradient> {
    claim("conv-vae/gradient")
        .says("The gradient of the whole convolutional VAE, by hand, is the derivative of the loss")
        .settles("sys-conv-vae", Verdict::Holds)
        .for_every(
            domain([
                seed("the model, the images and the noise"),
                whole("images", 1..=3),
                whole("channels", 1..=2),
                whole("height", 4..=6),
                whole("width", 4..=6),
                whole("convolutions", 1..=2),
                whole("dense layers on either side", 0..=1),
                one_of("nonlinearity (0 tanh, 1 leaky rectifier, 2 softplus)", &[0.0, 1.0, 2.0]),
            ])
            .with([[12.0, 2.0, 2.0, 6.0, 5.0, 2.0, 1.0, 0.0]])
            .cases(100),
        )
        // Sums of about a hundred products, in another order, through six layers.
        .exact(Tolerance::relative(1e-10).or_absolute(1e-12), |gradient: &Subject<Gradient>, case, cases| {
            let mut rng = cases.rng(case[0] as u64);
            let [_, images, channels, height, width, stages, hidden, activation] =
                case.map(|number| number as usize);
            let image = (channels, height, width);
            let architecture = architecture(image, stages, hidden, ACTIVATIONS[activation]);
            let mut model = Vae::<f64>::new(&architecture, &mut rng)?;
            // Biases of 0 would hide what is wrong with them.
            for tensor in model.parameters_mut() {
                tensor.iter_mut().for_each(|slot| *slot += 0.1 * rng.sample::<f64, _>(StandardNormal));
            }
            let pixels = channels * height * width;
            let x = normal((images, pixels), &mut rng).mapv(|v| f64::from(v > 0.5));
            let noise = normal((images, 2), &mut rng);
            let forward = model.forward(x.clone(), noise.clone());
            let measured = gradient.output(|gradient| gradient(&model, &forward));
            let direction: Array1<f64> = normal((1, measured.len()), &mut rng).row(0).to_owned();
            let expected = by_dual_numbers(&architecture, &model, &x, &noise, &direction)?;
            let mut start = 0;
            for ((name, tensor), expected) in model.tensors().zip(expected) {
                let part = start..start + tensor.len();
                start = part.end;
                let slope: f64 = part.map(|i| measured[i] * direction[i]).sum();
                cases.equal(format!("along a direction of {name}"), slope, expected);
            }
            Ok(())
        })
        .holds_for((|model, forward| flat(&model.gradient(forward, forward.x.nrows(), 1.0))) as Gradient)
        .fails_for(
            "nonlinearity-forgotten",
            "The derivative of the nonlinearity behind the convolutions is missing: δ is multiplied by f′ before it goes \
             through the layer.",
            |model, forward| {
                let mut forgetful = model.clone();
                forgetful.activation = Activation::Identity;
                flat(&forgetful.gradient(forward, forward.x.nrows(), 1.0))
            },
        )
        .fails_for(
            "maps-for-images",
            "The maps went into the dense layer as they lie in memory, place by place, but came back channel by channel: \
             flatten and unflatten in one order.",
            |model, forward| {
                let mut gradient = model.gradient(forward, forward.x.nrows(), 1.0);
                let (channels, height, width) = model.transposed[0].window.coarse;
                let places = height * width;
                let first = gradient.encoder.layers.first_mut();
                let layer: &mut Linear<f64> = first.unwrap_or(&mut gradient.mean);
                let right = layer.weight.clone();
                for (c, place) in (0..channels).flat_map(|c| (0..places).map(move |p| (c, p))) {
                    let from = right.slice(s![.., c * places + place]);
                    layer.weight.slice_mut(s![.., place * channels + c]).assign(&from);
                }
                flat(&gradient)
            },
        )
        .fails_for(
            "mean-over-pixels",
            "You averaged the reconstruction over the pixels: a log-likelihood is their sum, and the KL now weighs as many \
             times too much as there are pixels.",
            |model, forward| {
                let pixels = forward.x.ncols();
                flat(&model.gradient(forward, forward.x.nrows() * pixels, pixels as f64))
            },
        )
        .fails_for(
            "sum-over-batch",
            "The loss is the mean over the batch; you summed, so the step grows with the batch.",
            |model, forward| flat(&model.gradient(forward, 1, 1.0)),
        )
        .fails_for(
            "negative-kl",
            "The KL has the wrong sign: the loss adds it.",
            |model, forward| flat(&model.gradient(forward, forward.x.nrows(), -1.0)),
        )
        .fails_for(
            "without-kl",
            "The gradient of the KL is missing: that trains an autoencoder with noise in its code.",
            |model, forward| flat(&model.gradient(forward, forward.x.nrows(), 0.0)),
        )
}

/// The derivative of the loss along a direction of each tensor, by dual numbers: a forward pass for each, no backward pass.
fn by_dual_numbers(
    architecture: &Architecture,
    model: &Vae<f64>,
    x: &Array2<f64>,
    noise: &Array2<f64>,
    direction: &Array1<f64>,
) -> Result<Vec<f64>, claims::CheckError> {
    let mut dual = Vae::<F1>::zeros(architecture)?;
    let (x_dual, noise) = (x.mapv(F1::cst), noise.mapv(F1::cst));
    let loss = |active: usize| {
        let mut slopes = direction.iter();
        let tensors = dual.tensors_mut().zip(model.tensors()).enumerate();
        for (tensor, ((_, mut slots), (_, values))) in tensors {
            for ((slot, &x), &dx) in slots.iter_mut().zip(&values).zip(&mut slopes) {
                *slot = if tensor == active { F1 { x, dx } } else { F1::cst(x) };
            }
        }
        let terms = dual.terms(&dual.forward(x_dual.clone(), noise.clone()));
        -terms.elbo().iter().copied().sum::<F1>().dx / x.nrows() as f64
    };
    Ok((0..model.tensors().count()).map(loss).collect())
}
