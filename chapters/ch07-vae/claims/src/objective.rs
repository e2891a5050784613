//! The other objectives: the IWAE bound, the path gradient, the sampled KL, grey values.

use std::collections::BTreeMap;

use claims::{Claim, Subject, Tolerance, claim, domain, real, seed, signed, whole};
use ndarray::{Array1, Array2, Axis, array, concatenate};
use nn::{Linear, Parameters, likelihood};
use prob::Gaussian;
use prob::quadrature::Quadrature;

use super::witness::{Shape, Small, flat};
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
        .for_every(
            domain([
                whole("1 Bernoulli, 2 continuous Bernoulli, 3 Gaussian", 1..=3),
                whole("1 ELBO, 2 with the KL sampled, 3 IWAE bound", 1..=3),
                whole("K", 1..=4),
                whole("coordinates of the code", 1..=2),
                whole("images", 1..=3),
                seed("the model, the images and the noise"),
            ])
            .with([[1.0, 3.0, 3.0, 2.0, 3.0, 1.0], [2.0, 1.0, 3.0, 2.0, 3.0, 2.0]]),
        )
        .exact(Tolerance::relative(1e-11).or_absolute(1e-12), |gradient: &Subject<Gradient>, case, cases| {
            let [likelihood, objective, codes, latent, images, number] = case;
            let likelihood = match likelihood as usize {
                1 => Likelihood::Bernoulli,
                2 => Likelihood::ContinuousBernoulli,
                _ => Likelihood::Gaussian { sigma: 0.5 },
            };
            let (codes, latent, images) = (codes as usize, latent as usize, images as usize);
            let objective = match objective as usize {
                1 => Objective { particles: codes, ..Objective::elbo(0.7) },
                2 => sampled(codes),
                _ => Objective::iwae(codes),
            };
            let shape = Shape { images, codes, ..Shape::new(likelihood, latent) };
            let small = Small::new(shape, cases.rng(number as u64));
            let forward = small.model.forward(small.x.clone(), small.noise.clone());
            let measured = gradient.output(|g| g(&small.model, &forward, &objective));
            cases.all_equal("", &measured, &small.by_dual_numbers(&objective));
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
    let log_weights = model.terms(forward).log_weights;
    let (images, codes) = log_weights.dim();
    // Every code is an image of its own.
    let image_of: Vec<usize> = (0..images * codes).map(|row| row / codes).collect();
    let each = model.forward(forward.x().select(Axis(0), &image_of), forward.noise.clone());
    let mut deltas = model.backward(&each, &model.terms(&each), of_one_code, images);
    let (mut of_encoder, mut of_decoder) = (Vec::new(), Vec::new());
    for log_w in log_weights.rows() {
        let log_w = log_w.to_vec();
        let (encoder, decoder) = weights(&log_w, &normalized(&log_w));
        of_encoder.extend(encoder);
        of_decoder.extend(decoder);
    }
    let weigh = |delta: &mut Array2<f64>, weights: &[f64]| {
        delta.rows_mut().into_iter().zip(weights).for_each(|(mut row, weight)| row *= *weight);
    };
    deltas.decoder.iter_mut().for_each(|delta| weigh(delta, &of_decoder));
    deltas.encoder.iter_mut().for_each(|delta| weigh(delta, &of_encoder));
    [&mut deltas.mean, &mut deltas.log_var].into_iter().for_each(|delta| weigh(delta, &of_encoder));
    Vae::tapes(&each, &deltas)
        .map(|tape| Linear::gradient(tape.input, tape.delta))
        .flat_map(|layer| layer.weight.into_iter().chain(layer.bias))
        .collect()
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
             gradient of the ELBO in closed form, whatever the weight β of the KL; for codes of one number.",
        )
        .after("Roeder, Wu & Duvenaud 2017, section 3")
        .for_every(
            domain([
                whole("1 sampled KL, 2 path gradient", 1..=2),
                real("β", 0.0..=4.0),
                whole("images", 1..=2),
                seed("the model and the images"),
            ])
            .with([[1.0, 0.7, 2.0, 1.0], [2.0, 0.7, 2.0, 1.0]])
            .cases(64),
        )
        .exact(Tolerance::relative(1e-11).or_absolute(1e-12), |gradient: &Subject<Gradient>, case, cases| {
            let [which, beta, images, number] = case;
            let shape = Shape { images: images as usize, ..Shape::new(Likelihood::Bernoulli, 1) };
            let small = Small::new(shape, cases.rng(number as u64));
            let objective = Objective { beta, ..sampled(1) };
            let objective = if which == 1.0 { objective } else { objective.path() };
            let closed_form = Objective::elbo(beta);
            let expected = small.remembered(&closed_form, "mean", || {
                mean_gradient(&small, &closed_form, 1, reference)
            });
            let measured =
                mean_gradient(&small, &objective, 1, |m, f, o| gradient.output(|g| g(m, f, o)));
            cases.all_equal("", &measured, &expected);
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
    const REACH: i32 = 32; // |ε| ≤ 8, beyond which there is 1e-15 of the mass
    let prior = Gaussian::standard();
    let mut mean = vec![0.0; small.model.parameter_count()];
    for cells in cells_by_weight(codes, REACH).into_values() {
        let noise = |cell: &[i32]| cell.iter().map(|&i| STEP * f64::from(i)).collect::<Vec<_>>();
        let nodes: Vec<Vec<f64>> = cells.iter().map(|cell| noise(cell)).collect();
        let weight: f64 =
            nodes[0].iter().map(|&node| STEP * prior.log_density(node).exp()).product();
        // All of them are images of one batch, of whose gradients the mean is taken.
        let images = vec![small.x.view(); nodes.len()];
        let x = concatenate(Axis(0), &images).unwrap_or_default();
        let shape = (x.nrows() * codes, 1);
        let node_of = |row: usize| &nodes[row / (small.x.nrows() * codes)];
        let noise = Array2::from_shape_fn(shape, |(row, _)| node_of(row)[row % codes]);
        let forward = small.model.forward(x, noise);
        for (mean, g) in mean.iter_mut().zip(gradient(&small.model, &forward, objective)) {
            *mean += weight * nodes.len() as f64 * g;
        }
    }
    mean
}

/// The cells of a grid in as many dimensions as there are codes, those together that are equally far from the middle
/// and so of equal weight.
fn cells_by_weight(codes: usize, reach: i32) -> BTreeMap<i32, Vec<Vec<i32>>> {
    let side = (2 * reach + 1) as usize;
    let mut cells = BTreeMap::<i32, Vec<Vec<i32>>>::new();
    for cell in 0..side.pow(codes as u32) {
        let at = |code: usize| (cell / side.pow(code as u32) % side) as i32 - reach;
        let cell: Vec<i32> = (0..codes).map(at).collect();
        cells.entry(cell.iter().map(|i| i * i).sum()).or_default().push(cell);
    }
    cells
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
            "The path gradient of the IWAE bound, with w̃² where the total one has w̃, has the same mean: for K = 2 codes \
             of one number, in every model that was tried.",
        )
        .after("Tucker, Lawson, Gu & Maddison 2019, equation 8")
        .for_every(domain([whole("number of the model", 1..=3)]))
        .exact(Tolerance::relative(1e-8).or_absolute(1e-9).because(POLES), |gradient: &Subject<Gradient>, [number], cases| {
            let shape = Shape { images: 1, ..Shape::new(Likelihood::Bernoulli, 1) };
            let small = Small::new(shape, cases.rng(number as u64));
            let iwae = Objective::iwae(2);
            let expected =
                small.remembered(&iwae, "mean", || mean_gradient(&small, &iwae, 2, reference));
            let measured = mean_gradient(&small, &iwae.path(), 2, |m, f, o| {
                gradient.output(|g| g(m, f, o))
            });
            cases.all_equal("", &measured, &expected);
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
            "The continuous Bernoulli density of a grey value integrates to 1 over [0, 1], for every logit l; the \
             cross-entropy of grey values without its constant C integrates to tanh(l/2)/l instead.",
        )
        .after("Loaiza-Ganem & Cunningham 2019")
        .for_every(
            domain([signed("l", 1e-9..=100.0)])
                .with([[-6.0], [-1.0], [-0.05], [0.0], [0.3], [4.0], [15.0]]),
        )
        .exact(Tolerance::absolute(1e-12), |log_p: &Subject<LogDensity>, [l], cases| {
            let mass = |log_p: &dyn Fn(f64) -> f64| {
                Quadrature::default().integrate(|x| log_p(x).exp(), 0.0, 1.0)
            };
            cases.equal("", mass(&|x| log_p.output(|log_p| log_p(x, l)))?.value, 1.0);
            let without = mass(&|x| likelihood::bernoulli_from_logits(&array![[x]], &array![[l]])[0])?;
            let expected = if l == 0.0 { 0.5 } else { (0.5 * l).tanh() / l };
            cases.equal("without the constant", without.value, expected);
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
