//! The gradient of the whole model, by hand, against three witnesses: PyTorch, dual numbers and
//! central differences.

use autodiff::F1;
use ch07_vae::{Architecture, Forward, Likelihood, Objective, Terms, Vae};
use ndarray::{Array1, Array2, ArrayD, Zip};
use nn::checkpoint::Checkpoint;
use nn::{Activation, Adam, Parameters, Scalar, update_layers};
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;

/// The reference model with its inputs, in any scalar.
struct Reference {
    file: Checkpoint,
    architecture: Architecture,
}

impl Reference {
    fn open() -> Self {
        let file = Checkpoint::from_bytes("mlp_vae.safetensors".as_ref(), reference::MLP_VAE);
        let architecture = Architecture {
            pixels: 64,
            hidden: vec![32],
            latent: 4,
            activation: Activation::Tanh,
            likelihood: Likelihood::Bernoulli,
        };
        Self { file: file.expect("the fixture"), architecture }
    }

    fn array(&self, name: &str) -> ArrayD<f64> {
        let mut array = ArrayD::zeros(self.file.shape(name).expect("a tensor of the fixture"));
        self.file.read(name, array.view_mut()).expect("a tensor of the fixture");
        array
    }

    fn matrix(&self, name: &str) -> Array2<f64> {
        self.array(name).into_dimensionality().expect("a matrix")
    }

    fn vector(&self, name: &str) -> Array1<f64> {
        self.array(name).into_dimensionality().expect("a vector")
    }

    /// The model whose tensors are called `prefix.fc1.weight` and so on.
    fn model(&self, prefix: &str) -> Vae<f64> {
        let mut model = Vae::zeros(&self.architecture);
        for (name, target) in model.tensors_mut() {
            self.file.read(&format!("{prefix}.{name}"), target).expect("a parameter");
        }
        model
    }

    fn forward(&self, model: &Vae<f64>) -> Forward<f64> {
        model.forward(self.matrix("input.x"), self.matrix("input.eps"))
    }
}

/// −ELBO, averaged over the batch.
fn loss<S: Scalar>(terms: &Terms<S>) -> S {
    -terms.elbo().iter().copied().sum::<S>() / S::from_f64(terms.kl.len() as f64)
}

/// Largest |a − b| relative to max(1, |b|).
fn worst<'a>(a: impl IntoIterator<Item = &'a f64>, b: impl IntoIterator<Item = &'a f64>) -> f64 {
    a.into_iter().zip(b).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max)
}

/// Both programs compute in double precision; 1e-10 leaves room for sums of 64 · 8 terms in
/// another order, and for the three Adam steps that divide by small roots.
const TOLERANCE: f64 = 1e-10;

#[test]
fn loss_and_terms_equal_pytorch() {
    let reference = Reference::open();
    let model = reference.model("param");
    let terms = model.terms(&reference.forward(&model));
    let nll = -&terms.reconstruction;
    assert!(worst(&nll, &reference.vector("value.negative_log_likelihood")) < TOLERANCE);
    assert!(worst(&terms.kl, &reference.vector("value.kl")) < TOLERANCE);
    assert!(worst([&loss(&terms)], &reference.vector("value.loss")) < TOLERANCE);
}

#[test]
fn every_gradient_equals_pytorch() {
    let reference = Reference::open();
    let model = reference.model("param");
    let gradient = model.gradient(&reference.forward(&model), &Objective::elbo(1.0));
    for (name, ours) in gradient.tensors() {
        let theirs = reference.array(&format!("grad.{name}"));
        assert_eq!(ours.shape(), theirs.shape(), "{name}");
        assert!(worst(&ours, &theirs) < TOLERANCE, "{name}: {}", worst(&ours, &theirs));
    }
}

#[test]
fn three_adam_steps_equal_pytorch() {
    let reference = Reference::open();
    let mut model = reference.model("param");
    let (mut first, mut second) = (model.zeros_like(), model.zeros_like());
    let losses = reference.vector("value.adam_losses");
    for step in 1..=3 {
        let forward = reference.forward(&model);
        let terms = model.terms(&forward);
        let loss = loss(&terms);
        assert!(worst([&loss], [&losses[step - 1]]) < TOLERANCE, "loss before step {step}");
        let deltas = model.backward(&forward, &terms, &Objective::elbo(1.0), 8);
        let layers = [&mut model, &mut first, &mut second].map(Vae::layers_mut);
        let passes = [Vae::tapes(&forward, &deltas)];
        update_layers(layers, passes, Adam::new(1e-3).at_step(step as u64));
    }
    for (name, ours) in model.tensors() {
        let theirs = reference.array(&format!("adam3.{name}"));
        assert!(worst(&ours, &theirs) < TOLERANCE, "{name}: {}", worst(&ours, &theirs));
    }
}

/// A small model of any architecture with a batch of three, all of whose hidden units are at least
/// 0.01 away from the kink of ReLU, so that the differences below stay on one side of it.
fn small(likelihood: Likelihood, activation: Activation, hidden: &[usize]) -> Small {
    let hidden = hidden.to_vec();
    let architecture = Architecture { pixels: 6, hidden, latent: 2, activation, likelihood };
    let candidate = |seed| {
        let mut rng = stream(seed, []);
        let model = Vae::new(&architecture, &mut rng);
        let x = Array2::from_shape_simple_fn((3, 6), || f64::from(rng.random::<bool>()));
        let noise = Array2::from_shape_simple_fn((3, 2), || rng.sample(StandardNormal));
        Small { architecture: architecture.clone(), model, x, noise }
    };
    (0..1000).map(candidate).find(|small| small.distance_from_kinks() > 0.01).expect("a seed")
}

struct Small {
    architecture: Architecture,
    model: Vae<f64>,
    x: Array2<f64>,
    noise: Array2<f64>,
}

impl Small {
    /// The smallest |argument| of any nonlinearity.
    fn distance_from_kinks(&self) -> f64 {
        let forward = self.model.forward(self.x.clone(), self.noise.clone());
        let encoder = self.model.encoder.layers.iter().zip(&forward.encoder.inputs);
        let decoder = self.model.decoder.layers.iter().zip(&forward.decoder.inputs);
        encoder
            .chain(decoder)
            .flat_map(|(layer, input)| layer.forward(input).into_iter())
            .fold(f64::INFINITY, |least, value| least.min(value.abs()))
    }

    fn loss_at(&self, model: &Vae<f64>, beta: f64) -> f64 {
        let terms = model.terms(&model.forward(self.x.clone(), self.noise.clone()));
        Zip::from(&terms.reconstruction).and(&terms.kl).fold(0.0, |sum, r, kl| sum - r + beta * kl)
            / 3.0
    }

    /// ∂L/∂θ by dual numbers: one forward pass for each parameter, no backward pass.
    fn by_dual_numbers(&self, beta: f64) -> Vec<(String, Vec<f64>)> {
        let mut dual = Vae::<F1>::zeros(&self.architecture);
        for ((_, mut target), (_, source)) in dual.tensors_mut().zip(self.model.tensors()) {
            target.zip_mut_with(&source, |target, &source| *target = F1::cst(source));
        }
        let (x, noise) = (self.x.mapv(F1::cst), self.noise.mapv(F1::cst));
        let names: Vec<_> = self.model.tensors().map(|(n, t)| (n, t.len())).collect();
        let slot = |dual: &mut Vae<F1>, tensor: usize, i: usize, dx: f64| {
            let (_, mut target) = dual.tensors_mut().nth(tensor).expect("a tensor");
            target.as_slice_mut().expect("contiguous")[i].dx = dx;
        };
        let mut gradient = Vec::new();
        for (tensor, (name, len)) in names.into_iter().enumerate() {
            let mut block = Vec::new();
            for i in 0..len {
                slot(&mut dual, tensor, i, 1.0);
                let terms = dual.terms(&dual.forward(x.clone(), noise.clone()));
                let loss: F1 = terms
                    .reconstruction
                    .iter()
                    .zip(&terms.kl)
                    .map(|(&r, &kl)| F1::cst(beta) * kl - r)
                    .sum();
                block.push(loss.dx / 3.0);
                slot(&mut dual, tensor, i, 0.0);
            }
            gradient.push((name, block));
        }
        gradient
    }

    /// ∂L/∂θ by central differences over two distances, [8 f(±h) − f(±2h)]/12h. The step 1e-4
    /// leaves a truncation error of order h⁴ = 1e-16 and a rounding error of order 1e-15/h = 1e-11.
    fn by_differences(&self, beta: f64) -> Vec<Vec<f64>> {
        const H: f64 = 1e-4;
        let lengths: Vec<usize> = self.model.tensors().map(|(_, t)| t.len()).collect();
        let shifted = |tensor: usize, i: usize, h: f64| {
            let mut model = self.model.clone();
            let (_, mut target) = model.tensors_mut().nth(tensor).expect("a tensor");
            target.as_slice_mut().expect("contiguous")[i] += h;
            self.loss_at(&model, beta)
        };
        let slope = |tensor: usize, i: usize| {
            let difference = |h: f64| shifted(tensor, i, h) - shifted(tensor, i, -h);
            (8.0 * difference(H) - difference(2.0 * H)) / (12.0 * H)
        };
        let block = |(tensor, &len): (usize, &usize)| (0..len).map(|i| slope(tensor, i)).collect();
        lengths.iter().enumerate().map(block).collect()
    }
}

/// ‖a − b‖/‖b‖
fn relative(a: &[f64], b: &[f64]) -> f64 {
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    square(&mut a.iter().zip(b).map(|(a, b)| a - b)) / square(&mut b.iter().copied())
}

#[test]
fn every_gradient_equals_dual_numbers_and_central_differences() {
    let gaussian = Likelihood::Gaussian { sigma: 0.5 };
    for (likelihood, activation, hidden, beta) in [
        (Likelihood::Bernoulli, Activation::Tanh, &[5][..], 1.0),
        (Likelihood::Bernoulli, Activation::Relu, &[7, 4][..], 1.0),
        (Likelihood::Bernoulli, Activation::Softplus, &[5][..], 0.3),
        (gaussian, Activation::LeakyRelu, &[4, 3, 4][..], 1.0),
        (gaussian, Activation::Sigmoid, &[5][..], 2.0),
    ] {
        let small = small(likelihood, activation, hidden);
        let forward = small.model.forward(small.x.clone(), small.noise.clone());
        let gradient = small.model.gradient(&forward, &Objective::elbo(beta));
        let dual = small.by_dual_numbers(beta);
        let differences = small.by_differences(beta);
        for (((name, ours), (_, dual)), differences) in
            gradient.tensors().zip(&dual).zip(&differences)
        {
            let ours: Vec<f64> = ours.iter().copied().collect();
            let case = format!("{likelihood}, {activation}, {hidden:?}, {name}");
            // Dual numbers round like the program itself; differences as explained above.
            assert!(relative(&ours, dual) < 1e-12, "{case}: {}", relative(&ours, dual));
            assert!(
                relative(&ours, differences) < 1e-7,
                "{case}: {}",
                relative(&ours, differences)
            );
        }
    }
}
