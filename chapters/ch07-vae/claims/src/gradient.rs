//! The gradient of the whole model.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, one_of, seed, whole};
use nn::{Activation, Linear};

use super::witness::{Shape, Small, flat};
use super::{MEAN_FOR_SUM, NEGATIVE};
use ch07_vae::{Deltas, Forward, Likelihood, Objective, Vae};

/// The gradient of the batch mean of −ELBO, every parameter in one list.
type Gradient = fn(&Vae<f64>, &Forward<f64>) -> Vec<f64>;

pub(super) fn gradient() -> Claim<Gradient> {
    claim("vae/gradient")
        .says(
            "The gradient of the whole model, by hand and with the noise held fixed, is the derivative of the loss: \
             for one hidden layer or two on each side, of tanh or of ReLU, and for black and white or real pixels.",
        )
        .settles("vae-loss", Verdict::Holds)
        .for_every(
            domain([
                one_of("σ of the decoder, 0 for black and white", &[0.0, 0.1, 0.5, 3.0]),
                whole("hidden layers", 1..=2),
                one_of("1 for tanh, 2 for ReLU", &[1.0, 2.0]),
                whole("coordinates of the code", 1..=3),
                whole("images", 1..=4),
                seed("the model, the images and the noise"),
            ])
            .with([[0.0, 1.0, 1.0, 2.0, 3.0, 1.0], [0.5, 1.0, 1.0, 2.0, 3.0, 1.0]]),
        )
        .exact(Tolerance::relative(1e-11).or_absolute(1e-12), |gradient: &Subject<Gradient>, case, cases| {
            let [sigma, hidden, activation, latent, images, number] = case;
            let shape = Shape {
                likelihood: if sigma == 0.0 { Likelihood::Bernoulli } else { Likelihood::Gaussian { sigma } },
                hidden: hidden as usize,
                activation: if activation == 1.0 { Activation::Tanh } else { Activation::Relu },
                latent: latent as usize,
                images: images as usize,
                codes: 1,
            };
            let small = Small::new(shape, cases.rng(number as u64));
            let forward = small.model.forward(small.x.clone(), small.noise.clone());
            let measured = gradient.output(|gradient| gradient(&small.model, &forward));
            let expected = small.by_dual_numbers(&Objective::elbo(1.0));
            cases.all_equal("", &measured, &expected);
            Ok(())
        })
        .holds_for((|model, forward| flat(&model.gradient(forward, &Objective::elbo(1.0)))) as Gradient)
        .fails_for("negative-kl", NEGATIVE, |model, forward| flat(&model.gradient(forward, &Objective::elbo(-1.0))))
        .fails_for("mean-for-sum", MEAN_FOR_SUM, |model, forward| {
            flat(&model.gradient(forward, &Objective::elbo(1.0 / model.mean.outputs() as f64)))
        })
        .fails_for(
            "mean-over-pixels",
            "You averaged the reconstruction over pixels: a log-likelihood is their sum, and the KL now \
             weighs as many times too much as there are pixels.",
            |model, forward| {
                let pixels = forward.x().ncols() as f64;
                let mut gradient = flat(&model.gradient(forward, &Objective::elbo(pixels)));
                gradient.iter_mut().for_each(|g| *g /= pixels);
                gradient
            },
        )
        .fails_for(
            "sum-over-batch",
            "The loss is the mean over the batch; you summed, so the step grows with the batch.",
            |model, forward| {
                let batch = forward.x().nrows() as f64;
                flat(&model.gradient(forward, &Objective::elbo(1.0))).iter().map(|g| g * batch).collect()
            },
        )
        .fails_for(
            "detached-sample",
            "No gradient flows through the sample: with z = μ + σε it reaches μ and σ.",
            |model, forward| with_heads(model, forward, |_, _, _| (0.0, 0.0)),
        )
        .fails_for(
            "no-path-to-sigma",
            "The gradient reaches μ through the sample but not σ: ∂z/∂log σ² = ½σε.",
            |model, forward| with_heads(model, forward, |dz, _, _| (dz, 0.0)),
        )
        .fails_for(
            "sigma-for-log-variance",
            "∂z/∂log σ² is ½σε; you used ∂z/∂σ = ε.",
            |model, forward| with_heads(model, forward, |dz, _, noise| (dz, dz * noise)),
        )
}

/// The gradient with another way back through the sample: (∂L/∂z, log σ², ε) to the parts of ∂L/∂μ and
/// ∂L/∂log σ² that come from the reconstruction.
fn with_heads(
    model: &Vae<f64>,
    forward: &Forward<f64>,
    through_sample: fn(f64, f64, f64) -> (f64, f64),
) -> Vec<f64> {
    let batch = forward.x().nrows();
    // With and without the KL: what is left is what the KL adds.
    let terms = model.terms(forward);
    let back = |beta| model.backward(forward, &terms, &Objective::elbo(beta), batch);
    let (whole, reconstruction) = (back(1.0), back(0.0));
    let dz = model.decoder.input_gradient(&whole.decoder);
    let mut deltas = Deltas {
        mean: &whole.mean - &reconstruction.mean,
        log_var: &whole.log_var - &reconstruction.log_var,
        ..whole
    };
    for ((index, &dz), &noise) in dz.indexed_iter().zip(&forward.noise) {
        let (mean, log_var) = through_sample(dz, forward.posterior.log_var[index], noise);
        deltas.mean[index] += mean;
        deltas.log_var[index] += log_var;
    }
    let dh = model.mean.backward(&deltas.mean) + &model.log_var.backward(&deltas.log_var);
    deltas.encoder = model.encoder.backward(&forward.encoder, dh);
    Vae::tapes(forward, &deltas)
        .map(|tape| Linear::gradient(tape.input, tape.delta))
        .flat_map(|layer| layer.weight.into_iter().chain(layer.bias))
        .collect()
}
