//! A mixture of Gaussians against a VAE, on the same digits: measured.

use std::f64::consts::TAU;

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim};
use prob::gaussian::log_density;
use rand::Rng;
use rand_distr::StandardNormal;
use score::Score;

use super::small_runs::{Measure, Range, Rivals, over_runs, rivals};
use ch07_comparisons::against_mixture::{Comparison, best_variance};

/// A present σ², the log-likelihood of so many numbers at it ↦ the σ² at which it is largest.
type BestVariance = fn(f64, f64, f64) -> f64;

pub(super) fn learned_noise() -> Claim<BestVariance> {
    claim("vae/learned-noise")
        .says(
            "With the decoder's means held fixed the ELBO is largest where σ² is the mean squared residual, and that \
             can be read off the log-likelihood at any other σ²",
        )
        .after("Rybkin, Daniilidis & Levine 2021, optimal σ-VAE")
        // Both sums run over at most 60 numbers; the logarithm of σ² is subtracted again.
        .exact(Tolerance::relative(1e-12), |best: &Subject<BestVariance>, cases| {
            let mut rng = cases.rng(0);
            for (images, dimensions, present) in [(1, 1, 1.0), (4, 3, 0.25), (30, 2, 9.0)] {
                let spread = 0.5 + rng.random::<f64>();
                let residuals: Vec<f64> = (0..images * dimensions)
                    .map(|_| spread * rng.sample::<f64, _>(StandardNormal))
                    .collect();
                let numbers = residuals.len() as f64;
                let at_present = residuals.iter().map(|&r| log_density(r, 0.0, f64::ln(present)));
                let found = best.output(|best| best(present, at_present.sum(), numbers));
                let label = format!("{images} images, {dimensions} dimensions, σ² = {present} before");
                let squares: f64 = residuals.iter().map(|r| r * r).sum();
                cases.equal(format!("{label}: σ²"), found, squares / numbers);
                // By log σ² a number's log-density has the derivative ½(r²/σ² − 1), which is 0 on average.
                let log_var = F1::var(found.ln());
                let slopes = residuals.iter().map(|&r| log_density(F1::cst(r), F1::cst(0.0), log_var).dx);
                cases.equal(format!("{label}: 1 + slope"), 1.0 + slopes.sum::<f64>() / numbers, 1.0);
            }
            Ok(())
        })
        .holds_for(best_variance as BestVariance)
        .fails_for(
            "standard-deviation",
            "That is σ, the root of the mean squared residual: the formula is about σ².",
            |present, log_likelihood, numbers| best_variance(present, log_likelihood, numbers).sqrt(),
        )
        .fails_for(
            "half-missing",
            "The exponent of a normal density is −r²/2σ²: without the 2 the variance is half of what it should be.",
            |present, log_likelihood, numbers| 0.5 * best_variance(present, log_likelihood, numbers),
        )
        .fails_for(
            "normalising-constant-left-in",
            "The log-likelihood has −½ log 2πσ² for every number, which is no residual: take it out first.",
            |present, log_likelihood, numbers| present * (-2.0 * log_likelihood / numbers),
        )
        .fails_for(
            "constant-once",
            "The normalising constant belongs to every number, not to the image or to the whole: there are as many \
             as there are residuals.",
            |present, log_likelihood, numbers| {
                present * (-2.0 * (log_likelihood + 0.5 * (TAU * present).ln()) / numbers)
            },
        )
        .fails_for(
            "in-units-of-the-old-one",
            "That is the mean squared residual in units of the σ² that was there before: multiply by it.",
            |present, log_likelihood, numbers| best_variance(present, log_likelihood, numbers) / present,
        )
}

/// What is to be reported at each number of dimensions: of the mixture, then of the VAE, and so on.
fn at_each<const P: usize, const N: usize>(
    rivals: &Rivals,
    figures: impl Fn(&Comparison) -> [f64; P],
) -> [f64; N] {
    let mut all = rivals.at.iter().flat_map(figures);
    std::array::from_fn(|_| all.next().unwrap_or(f64::NAN))
}

/// Drawn around two sets of five runs, with room on either side for others.
const DENSITY: [Range; 8] = [
    ("2 dimensions: gain of the mixture", 0.14, 0.2, 0.01),
    ("2 dimensions: gain of the VAE", -0.02, 0.03, 0.02),
    ("8 dimensions: gain of the mixture", 0.31, 0.39, 0.04),
    ("8 dimensions: gain of the VAE", 0.15, 0.19, 0.015),
    ("32 dimensions: gain of the mixture", 0.21, 0.31, 0.08),
    ("32 dimensions: gain of the VAE", 0.1, 0.14, 0.015),
    ("64 dimensions: gain of the mixture", -0.02, 0.1, 0.06),
    ("64 dimensions: gain of the VAE", -0.37, -0.3, 0.02),
];

/// Nats per dimension over one Gaussian, on held-out images.
fn gains(at: &Comparison) -> [f64; 2] {
    [at.mixture.test - at.one_gaussian, at.vae.test - at.one_gaussian]
}

pub(super) fn density() -> Claim<Measure<Rivals, 8>> {
    claim("vae/against-mixture")
        .says(
            "On the optical digits ten Gaussians explain held-out images better than a small VAE at every number \
             of principal components. Per dimension the VAE gains nothing over one Gaussian in 2, half as much as \
             the mixture in 8 and in 32, and loses a third of a nat in all 64, where its one σ has to serve \
             directions of very different width and the mixture still gains a little",
        )
        .settles("gen-gmm-highdim", Verdict::Measured)
        .trained(|gains, runs| over_runs(gains, runs, &rivals(runs.seed())?, DENSITY))
        .holds_for((|rivals| Ok(at_each(rivals, gains))) as Measure<Rivals, 8>)
        .fails_for(
            "training-images",
            "These are the gains on training images, which flatter the model with more parameters: compare on images \
             that neither has seen.",
            |rivals| {
                let on_train = |at: &Comparison| {
                    [at.mixture.train - at.one_gaussian, at.vae.train - at.one_gaussian]
                };
                Ok(at_each(rivals, on_train))
            },
        )
        .fails_for(
            "without-the-determinant",
            "The VAE was trained in other units than the mixture, and its log-density left in them: add Σ log s, \
             the logarithm of the determinant of the change.",
            |rivals| {
                Ok(at_each(rivals, |at| {
                    let [mixture, vae] = gains(at);
                    [mixture, vae - at.change_of_units]
                }))
            },
        )
        .fails_for(
            "determinant-subtracted",
            "The determinant has the wrong sign: of y = s x the density is p(x) = p(y) Π s.",
            |rivals| {
                Ok(at_each(rivals, |at| {
                    let [mixture, vae] = gains(at);
                    [mixture, vae - 2.0 * at.change_of_units]
                }))
            },
        )
        .fails_for(
            "elbo-for-evidence",
            "The VAE is represented by its ELBO, which lies below its log-density by the divergence of q from the \
             posterior: estimate log p(x) with many codes.",
            |rivals| {
                Ok(at_each(rivals, |at| {
                    [at.mixture.test - at.one_gaussian, at.elbo - at.one_gaussian]
                }))
            },
        )
        .fails_for(
            "summed-over-dimensions",
            "The gains were summed over the dimensions: they grow with their number whatever each adds; divide by it.",
            |rivals| Ok(at_each(rivals, |at| gains(at).map(|gain| gain * at.dimensions as f64))),
        )
        .fails_for(
            "without-a-baseline",
            "These are log-densities, whose zero depends on the units: take the difference from one Gaussian's.",
            |rivals| Ok(at_each(rivals, |at| [at.mixture.test, at.vae.test])),
        )
}

/// Drawn around two sets of five runs, with room on either side for others.
const SCORE: [Range; 12] = [
    ("2 dimensions: Fréchet distance of the mixture's draws", 92.0, 108.0, 8.0),
    ("2 dimensions: of the VAE's draws", 88.0, 110.0, 8.0),
    ("2 dimensions: of real images", 97.0, 104.0, 2.0),
    ("8 dimensions: Fréchet distance of the mixture's draws", 12.5, 21.0, 4.0),
    ("8 dimensions: of the VAE's draws", 15.5, 23.0, 4.0),
    ("8 dimensions: of real images", 16.0, 21.0, 2.0),
    ("32 dimensions: Fréchet distance of the mixture's draws", 7.5, 15.0, 5.0),
    ("32 dimensions: of the VAE's draws", 15.5, 25.0, 6.0),
    ("32 dimensions: of real images", 9.0, 13.0, 2.0),
    ("64 dimensions: Fréchet distance of the mixture's draws", 10.0, 17.5, 5.0),
    ("64 dimensions: of the VAE's draws", 18.5, 28.0, 6.0),
    ("64 dimensions: of real images", 9.0, 12.5, 2.0),
];

/// One figure of the draws of the mixture, of those of the VAE, and of real images.
fn scores(at: &Comparison, figure: fn(&Score) -> f64) -> [f64; 3] {
    [&at.mixture.drawn, &at.vae.drawn, &at.real].map(figure)
}

pub(super) fn draws() -> Claim<Measure<Rivals, 12>> {
    claim("vae/against-mixture-draws")
        .says(
            "What the two draw is, in 2 and in 8 principal components, about as close to real digits by Fréchet \
             distance as real digits with these components only. In 32 this holds of the mixture's draws alone, \
             and in all 64 of neither, but the mixture's are the closer ones",
        )
        .settles("gen-gmm-highdim", Verdict::Measured)
        .trained(|scores, runs| over_runs(scores, runs, &rivals(runs.seed())?, SCORE))
        .holds_for(
            (|rivals| Ok(at_each(rivals, |at| scores(at, |score| score.frechet))))
                as Measure<Rivals, 12>,
        )
        .fails_for(
            "whole-real-images",
            "The real images kept all their components: no model of two of them can come near that; project the \
             real images, too.",
            |rivals| {
                Ok(at_each(rivals, |at| {
                    [at.mixture.drawn.frechet, at.vae.drawn.frechet, rivals.floor.frechet]
                }))
            },
        )
        .fails_for(
            "root",
            "The square root was taken: the Fréchet distance of two Gaussians is used squared here, as everywhere.",
            |rivals| Ok(at_each(rivals, |at| scores(at, |score| score.frechet.sqrt()))),
        )
        .fails_for(
            "nearest-image",
            "This is the distance to the nearest real image: it rewards copies, and knows nothing of proportions; \
             use the Fréchet distance of all draws.",
            |rivals| Ok(at_each(rivals, |at| scores(at, |score| score.nearest_distance))),
        )
}
