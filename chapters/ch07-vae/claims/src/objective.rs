//! The other objectives: the IWAE bound, the path gradient, the sampled KL, grey values.

use claims::{Claim, Subject, Tolerance, claim};
use ndarray::{Array1, Array2, Axis, array, s};
use nn::{Linear, Parameters, likelihood};
use prob::Gaussian;
use prob::quadrature::Quadrature;

use super::witness::{Small, flat};
use ch07_vae::{Deltas, Forward, Likelihood, Objective, Vae, normalized_weights};

/// The gradient of −(1/n) Σ bound after a forward pass, every parameter in one list.
type Gradient = fn(&Vae<f64>, &Forward<f64>, &Objective) -> Vec<f64>;

fn reference(model: &Vae<f64>, forward: &Forward<f64>, objective: &Objective) -> Vec<f64> {
    flat(&model.gradient(forward, objective))
}

/// The ELBO with the KL from the codes drawn.
fn sampled(particles: usize) -> Objective {
    Objective { bound: ch07_vae::Bound::Elbo, ..Objective::iwae(particles) }
}

// --- the total derivative -----------------------------------------------------------------------

pub(super) fn gradients() -> Claim<Gradient> {
    claim("vae/objective-gradients")
        .says(
            "With the noise held fixed, the gradients of the K-code ELBO and of the IWAE bound, by hand, \
             are their derivatives; a code counts w̃ = w/Σw in the latter.",
        )
        .after("Burda, Grosse & Salakhutdinov 2016, equation 13")
        .exact(Tolerance::relative(1e-11).or_absolute(1e-14), |gradient: &Subject<Gradient>, cases| {
            for (part, likelihood) in [
                Likelihood::Bernoulli,
                Likelihood::ContinuousBernoulli,
                Likelihood::Gaussian { sigma: 0.5 },
            ]
            .into_iter()
            .enumerate()
            {
                let small = Small::new(likelihood, 2, 3, cases.rng(part as u64));
                let forward = small.model.forward(small.x.clone(), small.noise.clone());
                let closed_form = Objective { particles: 3, ..Objective::elbo(0.7) };
                for objective in [closed_form, sampled(3), Objective::iwae(3)] {
                    let measured = gradient.output(|g| g(&small.model, &forward, &objective));
                    let expected = small.by_dual_numbers(&objective);
                    cases.all_equal(&format!("{likelihood}, {objective}"), &measured, &expected);
                }
            }
            Ok(())
        })
        .holds_for(reference as Gradient)
        .fails_for(
            "weights-not-detached",
            "You differentiated Σ w̃ log w with w̃ as a function: detach the normalized weights, whose \
             derivative is already in ∇ log Σ w.",
            |model, forward, objective| {
                weighted(model, forward, objective, |log_w, w| {
                    let mean: f64 = w.iter().zip(log_w).map(|(w, l)| w * l).sum();
                    w.iter().zip(log_w).map(|(w, l)| w * (1.0 + l - mean)).collect()
                })
            },
        )
        .fails_for(
            "worst-weighs-most",
            "The sign in the softmax of the log-weights is turned: the worst code weighs most.",
            |model, forward, objective| {
                weighted(model, forward, objective, |log_w, _| normalized(&log_w.iter().map(|l| -l).collect::<Vec<_>>()))
            },
        )
        .fails_for(
            "mean-of-logs",
            "You averaged the logarithms of the weights: that is the ELBO again. The logarithm is taken \
             of their mean.",
            |model, forward, objective| {
                weighted(model, forward, objective, |_, w| vec![1.0 / w.len() as f64; w.len()])
            },
        )
        .fails_for(
            "not-normalized",
            "You took the gradient of the mean weight: its logarithm divides by that mean.",
            |model, forward, objective| {
                weighted(model, forward, objective, |log_w, w| {
                    log_w.iter().map(|l| l.exp() / w.len() as f64).collect()
                })
            },
        )
}

/// The gradient of the IWAE bound with other weights on ∇ log w: `weights(log w, w̃)`. Each code by itself, as a
/// bound of its own. Other objectives as they should be.
fn weighted(
    model: &Vae<f64>,
    forward: &Forward<f64>,
    objective: &Objective,
    weights: fn(&[f64], &[f64]) -> Vec<f64>,
) -> Vec<f64> {
    if objective.bound != ch07_vae::Bound::Iwae {
        return reference(model, forward, objective);
    }
    sum_of_codes(model, forward, &sampled(1), |log_w, w| {
        let weights = weights(log_w, w);
        (weights.clone(), weights)
    })
}

/// Σ over images and codes of the gradient of −log w, the encoder's part and the decoder's with a weight each,
/// divided by the number of images.
fn sum_of_codes(
    model: &Vae<f64>,
    forward: &Forward<f64>,
    of_one_code: &Objective,
    weights: impl Fn(&[f64], &[f64]) -> (Vec<f64>, Vec<f64>),
) -> Vec<f64> {
    let encoder_size: usize = model
        .encoder
        .layers
        .iter()
        .chain([&model.mean, &model.log_var])
        .map(|layer| layer.weight.len() + layer.bias.len())
        .sum();
    let log_weights = model.terms(forward).log_weights;
    let (images, codes) = log_weights.dim();
    let mut total = vec![0.0; model.parameter_count()];
    for (image, log_w) in log_weights.rows().into_iter().enumerate() {
        let log_w = log_w.to_vec();
        let (encoder, decoder) = weights(&log_w, &normalized(&log_w));
        for code in 0..codes {
            let row = image * codes + code;
            let x = forward.x().slice(s![image..=image, ..]).to_owned();
            let noise = forward.noise.slice(s![row..=row, ..]).to_owned();
            let gradient = reference(model, &model.forward(x, noise), of_one_code);
            for (i, (total, g)) in total.iter_mut().zip(gradient).enumerate() {
                let weight = if i < encoder_size { encoder[code] } else { decoder[code] };
                *total += weight * g / images as f64;
            }
        }
    }
    total
}

fn normalized(log_w: &[f64]) -> Vec<f64> {
    let row = Array1::from(log_w.to_vec()).insert_axis(Axis(0));
    normalized_weights(&row).into_iter().collect()
}

// --- the path gradient --------------------------------------------------------------------------

pub(super) fn path() -> Claim<Gradient> {
    claim("vae/path-gradient")
        .says(
            "The sampled KL, and the path gradient that leaves out the score of q(z|x), have on average the \
             gradient of the ELBO in closed form.",
        )
        .after("Roeder, Wu & Duvenaud 2017, section 3")
        .exact(Tolerance::relative(1e-12).or_absolute(1e-14), |gradient: &Subject<Gradient>, cases| {
            let small = Small::new(Likelihood::Bernoulli, 1, 1, cases.rng(0));
            let closed_form = Objective { beta: 0.7, ..Objective::elbo(1.0) };
            let expected = mean_gradient(&small, &closed_form, 1, reference);
            for objective in [Objective { beta: 0.7, ..sampled(1) }, Objective { beta: 0.7, ..sampled(1) }.path()] {
                let measured = mean_gradient(&small, &objective, 1, |m, f, o| {
                    gradient.output(|g| g(m, f, o))
                });
                cases.all_equal(&objective.to_string(), &measured, &expected);
            }
            Ok(())
        })
        .holds_for(reference as Gradient)
        .fails_for(
            "all-of-log-q-dropped",
            "You stopped the gradient of all of log q(z|x): only its score has mean zero, what comes \
             through z stays.",
            |model, forward, objective| through_sample(model, forward, objective, |c| {
                let d = c.dz + c.kl * c.z;
                (d, 0.5 * d * c.sigma * c.noise)
            }),
        )
        .fails_for(
            "half-of-the-score-kept",
            "The derivative of −½ log σ² belongs to the score: the path gradient has it no more, since what \
             comes through z stands for it on average.",
            |model, forward, objective| through_sample(model, forward, objective, |c| {
                let d = c.dz + c.kl * (c.z - c.noise / c.sigma);
                (d, 0.5 * d * c.sigma * c.noise - 0.5 * c.kl)
            }),
        )
        .fails_for(
            "sigma-for-variance",
            "∂ log q/∂z is −(z − μ)/σ² = −ε/σ: you divided z − μ by σ.",
            |model, forward, objective| through_sample(model, forward, objective, |c| {
                let d = c.dz + c.kl * (c.z - c.noise);
                (d, 0.5 * d * c.sigma * c.noise)
            }),
        )
        .fails_for(
            "entropy-pulls-inward",
            "The sign of ∂ log q/∂z is turned: the entropy pushes codes away from μ.",
            |model, forward, objective| through_sample(model, forward, objective, |c| {
                let d = c.dz + c.kl * (c.z + c.noise / c.sigma);
                (d, 0.5 * d * c.sigma * c.noise)
            }),
        )
}

/// E over ε ~ N(0, 1)ᴷ of a gradient, for K codes of a one-dimensional latent, the same for all images.
///
/// By the trapezoidal rule in each code, which converges faster than any power of its step for a smooth integrand that
/// vanishes at both ends. Gauss-Hermite rules suffer from the weights' poles near the real axis.
fn mean_gradient(
    small: &Small,
    objective: &Objective,
    codes: usize,
    gradient: impl Fn(&Vae<f64>, &Forward<f64>, &Objective) -> Vec<f64>,
) -> Vec<f64> {
    const STEP: f64 = 0.25;
    const NODES: usize = 73; // |ε| ≤ 9, beyond which there is 1e-19 of the mass
    let node = |i: usize| STEP * (i as f64 - 36.0);
    let prior = Gaussian::standard();
    let mut mean = vec![0.0; small.model.parameter_count()];
    for cell in 0..NODES.pow(codes as u32) {
        let at = |code: usize| node(cell / NODES.pow(code as u32) % NODES);
        let weight: f64 = (0..codes).map(|code| STEP * prior.log_density(at(code)).exp()).product();
        let shape = (small.x.nrows() * codes, 1);
        let noise = Array2::from_shape_fn(shape, |(row, _)| at(row % codes));
        let forward = small.model.forward(small.x.clone(), noise);
        for (mean, g) in mean.iter_mut().zip(gradient(&small.model, &forward, objective)) {
            *mean += weight * g;
        }
    }
    mean
}

/// What a code's way back is made of.
struct Code {
    /// −∂ log p(x|z)/∂z, divided by the number of images.
    dz: f64,
    /// β divided by the number of images.
    kl: f64,
    z: f64,
    noise: f64,
    sigma: f64,
}

/// The path gradient with another way from a code to ∂L/∂μ and ∂L/∂log σ². Other objectives as they should be.
fn through_sample(
    model: &Vae<f64>,
    forward: &Forward<f64>,
    objective: &Objective,
    way: fn(Code) -> (f64, f64),
) -> Vec<f64> {
    if objective.gradient != ch07_vae::Gradient::Path {
        return reference(model, forward, objective);
    }
    let images = forward.x().nrows();
    let terms = model.terms(forward);
    let whole = model.backward(forward, &terms, objective, images);
    let dz = model.decoder.input_gradient(&whole.decoder);
    let mut deltas = whole.clone();
    for (index, &dz) in dz.indexed_iter() {
        let sigma = (0.5 * forward.posterior.log_var[index]).exp();
        let (z, noise, kl) =
            (forward.z()[index], forward.noise[index], objective.beta / images as f64);
        (deltas.mean[index], deltas.log_var[index]) = way(Code { dz, kl, z, noise, sigma });
    }
    let dh = model.mean.backward(&deltas.mean) + &model.log_var.backward(&deltas.log_var);
    let deltas = Deltas { encoder: model.encoder.backward(&forward.encoder, dh), ..deltas };
    Vae::tapes(forward, &deltas)
        .map(|tape| Linear::gradient(tape.input, tape.delta))
        .flat_map(|layer| layer.weight.into_iter().chain(layer.bias))
        .collect()
}

/// Why the tolerance of [`iwae_path`] is wider than what most models need.
const POLES: &str =
    "for some models a pole of w̃ lies near the real axis, and the quadrature is good to 1e-9";

pub(super) fn iwae_path() -> Claim<Gradient> {
    claim("vae/iwae-path-gradient")
        .says(
            "The path gradient of the IWAE bound, with w̃² where the total one has w̃, has the same mean.",
        )
        .after("Tucker, Lawson, Gu & Maddison 2019, equation 8")
        .exact(Tolerance::relative(1e-8).or_absolute(1e-9).because(POLES), |gradient: &Subject<Gradient>, cases| {
            let mut small = Small::new(Likelihood::Bernoulli, 1, 1, cases.rng(0));
            small.x = small.x.slice(s![..1, ..]).to_owned();
            let iwae = Objective::iwae(2);
            let expected = mean_gradient(&small, &iwae, 2, reference);
            let measured = mean_gradient(&small, &iwae.path(), 2, |m, f, o| {
                gradient.output(|g| g(m, f, o))
            });
            cases.all_equal("K = 2", &measured, &expected);
            Ok(())
        })
        .holds_for(reference as Gradient)
        .fails_for(
            "weights-not-squared",
            "With the score left out, the part through z weighs w̃² and not w̃: for K > 1 the score's \
             mean is not zero, since the weights depend on z too.",
            |model, forward, _| sum_of_codes(model, forward, &sampled(1).path(), |_, w| (w.to_vec(), w.to_vec())),
        )
        .fails_for(
            "decoder-squared-too",
            "The squares belong to the encoder alone: the decoder's gradient has w̃.",
            |model, forward, _| {
                sum_of_codes(model, forward, &sampled(1).path(), |_, w| (square(w), square(w)))
            },
        )
        .fails_for(
            "equal-weights",
            "Every code weighs 1/K here: that is the gradient of the ELBO.",
            |model, forward, _| {
                sum_of_codes(model, forward, &sampled(1).path(), |_, w| {
                    let equal = vec![1.0 / w.len() as f64; w.len()];
                    (equal.clone(), equal)
                })
            },
        )
}

fn square(w: &[f64]) -> Vec<f64> {
    w.iter().map(|w| w * w).collect()
}

// --- grey values --------------------------------------------------------------------------------

/// log p(x|z) of one grey value x for a logit l.
type LogDensity = fn(f64, f64) -> f64;

pub(super) fn grey_values() -> Claim<LogDensity> {
    claim("vae/grey-values")
        .says(
            "The continuous Bernoulli density of a grey value integrates to 1 over [0, 1]; the cross-entropy of \
             grey values without its constant does not.",
        )
        .after("Loaiza-Ganem & Cunningham 2019")
            .exact(Tolerance::relative(1e-12), |log_p: &Subject<LogDensity>, cases| {
            for l in [-6.0, -1.0, -0.05, 0.0, 0.3, 4.0, 15.0] {
                let density = |x: f64| log_p.output(|log_p| log_p(x, l)).exp();
                let mass = Quadrature::default().integrate(density, 0.0, 1.0)?.value;
                cases.equal(format!("l = {l}"), mass, 1.0);
            }
            Ok(())
        })
        .holds_for(
            (|x, l| likelihood::continuous_bernoulli_from_logits(&array![[x]], &array![[l]])[0])
                as LogDensity,
        )
        .fails_for(
            "cross-entropy",
            "The cross-entropy of a grey value is the logarithm of no density: binarize the pixels, or add the \
             constant ln C(l) of the continuous Bernoulli.",
            |x, l| likelihood::bernoulli_from_logits(&array![[x]], &array![[l]])[0],
        )
        .fails_for(
            "constant-subtracted",
            "You subtracted ln C(l): the density is C λˣ (1 − λ)¹⁻ˣ.",
            |x, l| {
                let cross_entropy = likelihood::bernoulli_from_logits(&array![[x]], &array![[l]])[0];
                2.0 * cross_entropy
                    - likelihood::continuous_bernoulli_from_logits(&array![[x]], &array![[l]])[0]
            },
        )
        .fails_for(
            "no-limit-at-half",
            "C(l) = l / tanh(l/2) is 0/0 at l = 0, where its limit is 2: use the series near 0.",
            |x, l| x * l - (1.0 + l.exp()).ln() + (l / (0.5 * l).tanh()).ln(),
        )
}
