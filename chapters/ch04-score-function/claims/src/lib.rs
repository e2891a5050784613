//! The chapter's claims: statements, checks, and the mistakes that the checks reject.
//!
//! Each falsifier's sentence says what was done and what to do instead.

mod baselines;
mod discrete;
mod elbo;
mod leave_one_out;
mod origin;
mod reference;
mod score;
mod variance;

use claims::{AnyClaim, CheckError, Variable, real, scale};
use prob::{DiagonalGaussian, GaussHermite, Gaussian};

use ch04_score_function::{Parameter, SumOfSquares};

/// Everything that the chapter claims, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(score::score_of_a_gaussian()),
        Box::new(score::fisher_information()),
        Box::new(score::zero_mean()),
        Box::new(score::uniform_score()),
        Box::new(score::moving_support()),
        Box::new(elbo::gradient()),
        Box::new(elbo::closed_form()),
        Box::new(elbo::unbiased()),
        Box::new(variance::pathwise()),
        Box::new(variance::closed_form()),
        Box::new(variance::moments()),
        Box::new(variance::growth()),
        Box::new(variance::own_term()),
        Box::new(variance::coupled()),
        Box::new(variance::measured()),
        Box::new(variance::samples()),
        Box::new(origin::at_the_posterior()),
        Box::new(origin::measured_at_the_posterior()),
        Box::new(origin::constant()),
        Box::new(origin::narrow()),
        Box::new(origin::rare()),
        Box::new(origin::at_the_prior()),
        Box::new(baselines::any_constant()),
        Box::new(baselines::optimal()),
        Box::new(baselines::measured()),
        Box::new(leave_one_out::unbiased()),
        Box::new(leave_one_out::in_sample_bias()),
        Box::new(leave_one_out::variance()),
        Box::new(leave_one_out::ten_draws()),
        Box::new(discrete::categorical()),
        Box::new(discrete::one_bit()),
        Box::new(discrete::many_bits()),
    ]
}

/// The mean of q, as a variable of a domain.
fn means() -> Variable {
    real("μ", -3.0..=3.0)
}

/// The standard deviation of q, as a variable of a domain.
fn sigmas() -> Variable {
    scale("σ", 0.1..=3.0)
}

/// f(z) = c₁z + c₂z² + c₃z³, of which the gradient of E f is known.
#[derive(Clone, Copy, Debug)]
struct Cubic([f64; 3]);

impl Cubic {
    fn at(self, z: f64) -> f64 {
        let Self([c1, c2, c3]) = self;
        z * (c1 + z * (c2 + z * c3))
    }

    /// Of E f = c₁μ + c₂(μ² + σ²) + c₃(μ³ + 3μσ²).
    fn gradient(self, parameter: Parameter, q: &Gaussian) -> f64 {
        let Self([c1, c2, c3]) = self;
        let (mean, variance) = (q.mean(), q.sigma() * q.sigma());
        match parameter {
            Parameter::Mean => c1 + 2.0 * c2 * mean + 3.0 * c3 * (mean * mean + variance),
            Parameter::LogVar => variance * (c2 + 3.0 * c3 * mean),
        }
    }
}

/// E f over L points with D coordinates each, all independent and N(μ, σ²): a tensor product of a rule
/// with `nodes` nodes, exact for polynomials of degree 2·nodes − 1 in each coordinate.
fn over_points(
    case: &SumOfSquares,
    draws: usize,
    nodes: usize,
    mut f: impl FnMut(&[f64]) -> f64,
) -> Result<f64, CheckError> {
    let count = draws * case.dimension;
    let all = DiagonalGaussian::new(
        vec![case.q.mean(); count].into(),
        vec![case.q.log_var(); count].into(),
    )?;
    Ok(GaussHermite::new(nodes)?.expectation_diagonal(&all, |z| f(&z.to_vec())))
}

/// Σ zᵢ²
fn sum_of_squares(z: &[f64]) -> f64 {
    z.iter().map(|z| z * z).sum()
}

/// One coordinate, with a given mean and standard deviation.
fn on_the_line(mean: f64, sigma: f64) -> Result<SumOfSquares, CheckError> {
    Ok(SumOfSquares { q: Gaussian::new(mean, sigma)?, dimension: 1 })
}
