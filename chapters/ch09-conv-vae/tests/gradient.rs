//! The gradient of the whole model, by hand, against three witnesses: PyTorch, dual numbers and central differences.

mod common;

use approx::assert_relative_eq;
use common::{Reference, flat};
use nn::{Adam, Parameters};

/// PyTorch's sums run in another order: 1e-10 relative leaves five digits of room in f64.
const TOLERANCE: f64 = 1e-10;

fn close(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let scale = theirs.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() <= TOLERANCE * scale, "{what}: {ours} against {theirs}");
    }
}

#[test]
fn loss_and_gradient_are_pytorchs() {
    let reference = Reference::open();
    let model = reference.model("param");
    let forward = reference.forward(&model);
    let terms = model.terms(&forward);
    let nll: Vec<f64> = terms.reconstruction.iter().map(|r| -r).collect();
    close(&nll, &reference.values("value.negative_log_likelihood"), "reconstruction");
    close(terms.kl.as_slice().expect("a vector"), &reference.values("value.kl"), "KL");
    let gradient = model.gradient(&forward, 2, 1.0);
    let expected = reference.model("grad");
    for ((name, ours), (_, theirs)) in gradient.tensors().zip(expected.tensors()) {
        let list = |t: ndarray::ArrayViewD<'_, f64>| t.iter().copied().collect::<Vec<_>>();
        close(&list(ours), &list(theirs), &name);
    }
}

#[test]
fn three_steps_of_adam_are_pytorchs() {
    let reference = Reference::open();
    let mut model = reference.model("param");
    let (mut first, mut second) = (model.zeros_like(), model.zeros_like());
    for (t, loss) in (1..=3).zip(reference.values("value.adam_losses")) {
        let forward = reference.forward(&model);
        let elbo = model.terms(&forward).elbo();
        assert_relative_eq!(-elbo.mean().expect("two images"), loss, max_relative = TOLERANCE);
        let gradient = model.gradient(&forward, 2, 1.0);
        let step = Adam::new(1e-3).at_step(t);
        let moments = first.parameters_mut().into_iter().zip(second.parameters_mut());
        for ((theta, g), (m, v)) in
            model.parameters_mut().into_iter().zip(gradient.parameters()).zip(moments)
        {
            step.update(theta, g, m, v);
        }
    }
    close(&flat(&model), &flat(&reference.model("adam3")), "parameters");
}

/// (L(θ + h) − L(θ − h))/2h for one parameter of every tensor. With h = 1e-5 the truncation is about h² = 1e-10 of the
/// third derivative and the rounding 500·1e-16/1e-5 = 5e-9: 1e-6 leaves room for both, and no kink of a rectifier lies
/// between at these weights.
#[test]
fn central_differences_agree() {
    let reference = Reference::open();
    let model = reference.model("param");
    let gradient = model.gradient(&reference.forward(&model), 2, 1.0);
    let loss_with = |tensor: usize, h: f64| {
        let mut moved = model.clone();
        moved.parameters_mut()[tensor][0] += h;
        -moved.terms(&reference.forward(&moved)).elbo().mean().expect("two images")
    };
    for (tensor, slopes) in gradient.parameters().iter().enumerate() {
        let h = 1e-5;
        let difference = (loss_with(tensor, h) - loss_with(tensor, -h)) / (2.0 * h);
        assert_relative_eq!(slopes[0], difference, max_relative = 1e-6, epsilon = 1e-6);
    }
}
