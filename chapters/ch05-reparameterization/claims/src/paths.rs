//! Draws as functions of noise.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, real, signed, whole};
use prob::Gaussian;
use prob::gaussian::reparameterize;
use prob::special::normal_cdf;
use rand::Rng as _;
use rand_distr::{Open01, StandardNormal};

use ch05_reparameterization::{Path, exponential};

const PATHS: [Path; 4] = [
    Path::LocationScale { mean: 0.7, log_var: -1.2 },
    Path::InverseCdf { rate: 1.7 },
    Path::Composition { mean: 0.2, log_var: 0.6 },
    Path::Square,
];

/// What the number of a path stands for.
const NUMBERED: &str = "path (0 shift and scale, 1 exponential, 2 log-normal, 3 square)";

/// The path of that number. An exponential one has the rate e^a.
fn numbered(path: f64, a: f64, log_var: f64) -> Path {
    match path as usize {
        0 => Path::LocationScale { mean: a, log_var },
        1 => Path::InverseCdf { rate: a.exp() },
        2 => Path::Composition { mean: a, log_var },
        _ => Path::Square,
    }
}

/// The path's own noise, from a standard normal number.
fn noise_of(path: Path, normal: f64) -> f64 {
    if matches!(path, Path::InverseCdf { .. }) { normal_cdf(normal) } else { normal }
}

/// (path, z) ↦ the density of the draw at z
type Density = fn(Path, f64) -> f64;

/// The densities as tables of distributions have them.
fn from_a_table(path: Path, z: f64) -> prob::Result<f64> {
    use std::f64::consts::PI;
    Ok(match path {
        Path::LocationScale { mean, log_var } => {
            Gaussian::from_log_var(mean, log_var)?.log_density(z).exp()
        }
        Path::InverseCdf { rate } => rate * (-rate * z).exp(),
        Path::Composition { mean, log_var } => {
            let square = (z.ln() - mean).powi(2) / log_var.exp();
            (-0.5 * square).exp() / (z * (2.0 * PI * log_var.exp()).sqrt())
        }
        Path::Square => (-0.5 * z).exp() / (2.0 * PI * z).sqrt(),
    })
}

pub(super) fn density() -> Claim<Density> {
    claim("reparameterization/density")
        .says(
            "A draw z = g(ε) has the density Σ p(ε)/|dz/dε|, summed over all ε that lead to z; for an \
             invertible g that is |q(z) dz| = |p(ε) dε|",
        )
        .settles("rp-change", Verdict::HoldsIf)
        .for_every(
            domain([
                whole(NUMBERED, 0..=3),
                real("mean, or log rate", -2.0..=2.0),
                real("log σ²", -4.0..=3.0),
                signed("ε", 1e-3..=5.0),
            ])
            .with([[0.0, 0.7, -1.2, 0.3], [1.0, 0.53, 0.0, -0.5], [2.0, 0.2, 0.6, 1.0], [3.0, 0.0, 0.0, 1.0]])
            .such_that("ε is not 0, where the density of a square is infinite", |[.., noise]| {
                noise != 0.0
            }),
        )
        .exact(
            Tolerance::relative(1e-12),
            |density: &Subject<Density>, [path, a, log_var, normal], cases| {
                let path = numbered(path, a, log_var);
                let z = path.draw(noise_of(path, normal));
                cases.equal("", density.output(|density| density(path, z)), from_a_table(path, z)?);
                Ok(())
            },
        )
        .holds_for(Path::density as Density)
        .fails_for(
            "one-branch",
            "Only the positive ε was counted: z = ε² is reached from −√z, too, so add both branches, or the \
             density has half its mass.",
            |path, z| {
                let last = path.branches(z).last().copied();
                last.map_or(f64::NAN, |(noise, slope)| path.noise_density(noise) / slope)
            },
        )
        .fails_for(
            "no-jacobian",
            "The noise's density was taken at the ε that leads to z, but g stretches lengths: divide by \
             |dz/dε|.",
            |path, z| path.branches(z).iter().map(|&(noise, _)| path.noise_density(noise)).sum(),
        )
        .fails_for(
            "jacobian-upside-down",
            "The density was multiplied by |dz/dε|: where g stretches, the draws get thinner, so divide.",
            |path, z| {
                path.branches(z).iter().map(|&(noise, slope)| path.noise_density(noise) * slope).sum()
            },
        )
        .fails_for(
            "log-var-as-sigma",
            "exp(log σ²) is the variance: the noise is multiplied by exp(½ log σ²).",
            |path, z| doubled(path).density(z),
        )
}

/// σ² for σ.
fn doubled(path: Path) -> Path {
    match path {
        Path::LocationScale { mean, log_var } => {
            Path::LocationScale { mean, log_var: 2.0 * log_var }
        }
        Path::Composition { mean, log_var } => Path::Composition { mean, log_var: 2.0 * log_var },
        other => other,
    }
}

/// (path, a standard normal number, a uniform one) ↦ a draw
type Sampler = fn(Path, f64, f64) -> f64;

fn sample(path: Path, normal: f64, uniform: f64) -> f64 {
    path.draw(if matches!(path, Path::InverseCdf { .. }) { uniform } else { normal })
}

/// The smallest distance noticed is 0.03, somewhere on the line, between distribution functions.
pub(super) fn samples() -> Claim<Sampler> {
    claim("reparameterization/samples")
        .says(
            "Location and scale, inverse distribution function, composition and square: at one choice of \
             their parameters the draws have the distribution whose density the change of variables \
             gives; a distribution function that is off by 0.03 somewhere would be noticed",
        )
        .settles("rp-change", Verdict::HoldsIf)
        .for_every(domain([whole(NUMBERED, 0..=3)]))
        .statistical(1, |sampler: &Subject<Sampler>, [path], draws| {
            let path = PATHS[path as usize];
            draws.distributed(
                "distribution function",
                0.03,
                |z| path.cdf(z),
                |rng| {
                    let normal = rng.sample(StandardNormal);
                    let uniform = rng.sample(Open01);
                    sampler.output(|sampler| sampler(path, normal, uniform))
                },
            )
        })
        .holds_for(sample as Sampler)
        .fails_for(
            "log-var-as-sigma",
            "exp(log σ²) is the variance: the noise is multiplied by exp(½ log σ²).",
            |path, normal, uniform| sample(doubled(path), normal, uniform),
        )
        .fails_for(
            "rate-as-mean",
            "The exponential draw was multiplied by its rate: the mean is 1/rate, so divide.",
            |path, normal, uniform| match path {
                Path::InverseCdf { rate } => exponential(uniform, 1.0 / rate),
                other => sample(other, normal, uniform),
            },
        )
        .fails_for(
            "uniform-for-normal",
            "Uniform noise was used where g expects standard normal noise: the noise belongs to the path.",
            |path, _, uniform| path.draw(uniform),
        )
}

/// (path, z) ↦ ∂z/∂(its parameters) at constant noise
type Slopes = fn(Path, f64) -> Vec<f64>;

/// ∂z/∂θ through the formula that makes z from the noise.
fn by_dual_numbers(path: Path, noise: f64) -> Vec<f64> {
    let gaussian = |mean: f64, log_var: f64| {
        let noise = F1::cst(noise);
        [
            reparameterize(noise, F1::var(mean), F1::cst(log_var)),
            reparameterize(noise, F1::cst(mean), F1::var(log_var)),
        ]
    };
    match path {
        Path::LocationScale { mean, log_var } => {
            gaussian(mean, log_var).map(|z| z.deriv()).to_vec()
        }
        Path::InverseCdf { rate } => vec![exponential(F1::cst(noise), F1::var(rate)).deriv()],
        Path::Composition { mean, log_var } => {
            use num_traits::Float as _;
            gaussian(mean, log_var).map(|z| z.exp().deriv()).to_vec()
        }
        Path::Square => Vec::new(),
    }
}

pub(super) fn slopes() -> Claim<Slopes> {
    claim("reparameterization/slopes")
        .says("At constant noise a draw moves by ∂z/∂θ = −(∂F(z)/∂θ)/q(z), so that no inverse is needed")
        .after("Figurnov, Mohamed & Mnih 2018, Implicit Reparameterization Gradients")
        .for_every(
            domain([
                whole("path (0 shift and scale, 1 exponential, 2 log-normal)", 0..=2),
                real("mean, or log rate", -2.0..=2.0),
                real("log σ²", -4.0..=2.0),
                signed("ε", 1e-3..=5.0),
            ])
            .with([[0.0, 0.7, -1.2, 0.35], [1.0, 0.53, 0.0, 0.1], [2.0, 0.2, 0.6, 0.8]]),
        )
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-12).because(
                "ε is found from z again, which costs digits where the mean is much larger than σ or where \
                 1 − ε is small",
            ),
            |slopes: &Subject<Slopes>, [path, a, log_var, normal], cases| {
                let path = numbered(path, a, log_var);
                let noise = noise_of(path, normal);
                let measured = slopes.output(|slopes| slopes(path, path.draw(noise)));
                cases.all_equal("∂z", &measured, &by_dual_numbers(path, noise));
                Ok(())
            },
        )
        .holds_for(Path::slopes as Slopes)
        .fails_for(
            "no-minus",
            "The sign is wrong: F(z) must stay constant, so q(z) ∂z/∂θ + ∂F/∂θ = 0.",
            |path, z| path.slopes(z).iter().map(|slope| -slope).collect(),
        )
        .fails_for(
            "not-divided",
            "∂F/∂θ says by how much the probability below z changes; divide by q(z) to get by how much z \
             has to move.",
            |path, z| path.slopes(z).iter().map(|slope| slope * path.density(z)).collect(),
        )
        .fails_for(
            "by-log-sigma",
            "This is the derivative by log σ; by log σ² it is half as large.",
            |path, z| {
                let mut slopes = path.slopes(z);
                slopes.iter_mut().skip(1).for_each(|slope| *slope *= 2.0);
                slopes
            },
        )
}
