//! One divergence, by its closed form, by quadrature and by Monte Carlo.

use anyhow::{Context, Result, bail};
use ch06_gaussian_kl::estimators::{LogRatio, k1};
use ch06_gaussian_kl::kl_by_noise;
use prob::random::stream;
use prob::{Estimate, Gaussian};
use rand::Rng;
use rand_distr::StandardNormal;
use run::{say, thousands};
use serde::Serialize;

use super::cli::Arguments;
use super::purpose;

/// Nats.
#[derive(Serialize)]
struct Answer {
    closed_form: f64,
    quadrature: f64,
    monte_carlo: f64,
    monte_carlo_standard_error: f64,
}

pub(super) fn compute([mu1, sigma1, mu2, sigma2]: [f64; 4], arguments: &Arguments) -> Result<()> {
    let (p, q) = (Gaussian::new(mu1, sigma1)?, Gaussian::new(mu2, sigma2)?);
    let closed_form = p.kl(&q);
    if !closed_form.is_finite() {
        bail!(
            "the divergence is larger than the largest number of double precision, {:e}: \
             bring the means nearer together, or the standard deviations",
            f64::MAX
        );
    }
    let integral = kl_by_noise(&p, &q)
        .with_context(|| format!("the closed form is {closed_form}, but its integral fails"))?;
    let draws = arguments.draws.unwrap_or(arguments.tour.scaled(1_000_000)).max(2);
    let log_ratio = LogRatio::between(&p, &q);
    let mut rng = stream(arguments.tour.seed, [purpose::THREE_WAYS]);
    let estimate: Estimate =
        (0..draws).map(|_| k1(log_ratio.at(rng.sample::<f64, _>(StandardNormal)))).collect();
    let answer = Answer {
        closed_form,
        quadrature: integral.value,
        monte_carlo: estimate.mean(),
        monte_carlo_standard_error: estimate.standard_error()?,
    };
    if !(answer.quadrature + answer.monte_carlo + answer.monte_carlo_standard_error).is_finite() {
        bail!(
            "the divergence is {closed_form}, but the squares in its estimates are larger than the \
             largest number of double precision: bring the means nearer together"
        );
    }

    let from_draws = thousands(draws as u64);
    say(format!(
        "KL(N({mu1}, {sigma1}²) ‖ N({mu2}, {sigma2}²)) in nats\n\
         closed form   {closed_form:?}\n\
         quadrature    {:?}   (error at most {:.0e})\n\
         Monte Carlo   {:?}   (standard error {:.2e}, {from_draws} draws, seed {})",
        answer.quadrature,
        integral.error,
        answer.monte_carlo,
        answer.monte_carlo_standard_error,
        arguments.tour.seed,
    ));
    if arguments.json {
        say(serde_json::to_string(&answer)?);
    }
    Ok(())
}
