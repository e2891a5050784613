//! What another program computed for linear-Gaussian models, in double precision.

use std::sync::LazyLock;

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim, domain, whole};
use ndarray::Array1;
use prob::{DiagonalGaussian, GaussHermite};
use reference::LinearGaussian;

use super::witness::Estimator;
use ch05_reparameterization::{Draw, detached_derivative, path_derivative, pathwise_gradient};

/// The means over the noise of both components for each coordinate: first all by the means.
fn means(case: &LinearGaussian, estimator: Estimator) -> Result<Vec<f64>, CheckError> {
    let d = case.q_mean.len();
    let residual = &case.x - &case.b;
    let sigma: Vec<f64> = case.q_log_var.iter().map(|v| (0.5 * v).exp()).collect();
    let (noise, rule) = (DiagonalGaussian::standard(d)?, GaussHermite::new(3)?);
    let component = |coordinate: usize, which: usize| {
        rule.expectation_diagonal(&noise, |noise| {
            let z: Array1<f64> = (0..d).map(|j| case.q_mean[j] + sigma[j] * noise[j]).collect();
            let error = &residual - &case.weight.dot(&z);
            let slope = case.weight.column(coordinate).dot(&error) / case.sigma2 - z[coordinate];
            estimator(&Draw {
                mean: case.q_mean[coordinate],
                log_var: case.q_log_var[coordinate],
                noise: noise[coordinate],
                slope,
                log_weight: f64::NAN, // no estimator that is tested here looks at it
            })[which]
        })
    };
    Ok([0, 1]
        .iter()
        .flat_map(|&which| (0..d).map(move |j| (j, which)))
        .map(|(j, which)| component(j, which))
        .collect())
}

/// The rows of the reference values.
static REFERENCE: LazyLock<reference::Result<Vec<LinearGaussian>>> =
    LazyLock::new(reference::linear_gaussian);

pub(super) fn reference_values() -> Claim<Estimator> {
    claim("reparameterization/reference-values")
        .says(
            "Coordinate by coordinate the path derivative has as its mean the gradient that another program \
             computed, for ten linear-Gaussian models with up to three latent coordinates",
        )
        .settles("rp-last-step", Verdict::HoldsIf)
        .for_every(domain([whole("row of the reference values", 0..=9)]))
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-11).because(
                "the reference has sixteen digits of sums of larger terms: 1e-10 is the stated accuracy",
            ),
            |estimator: &Subject<Estimator>, [row], cases| {
                let case = &REFERENCE.as_ref().map_err(ToString::to_string)?[row as usize];
                let measured = estimator.output(|&estimator| means(case, estimator))?;
                let expected = [case.grad_q_mean.to_vec(), case.grad_q_log_var.to_vec()].concat();
                cases.all_equal("", &measured, &expected);
                Ok(())
            },
        )
        .holds_for(path_derivative as Estimator)
        .fails_for(
            "z-detached",
            "The draw was detached from the parameters; what is left has mean 0.",
            detached_derivative,
        )
        .fails_for(
            "log-q-detached",
            "All of log q was detached; only its parameters may be: differentiate log q(z) through z.",
            |draw| pathwise_gradient(draw.slope, draw.noise, draw.log_var),
        )
        .fails_for(
            "mean-over-coordinates",
            "The gradient was averaged over the coordinates of z: each has its own, and the bound sums.",
            |draw| path_derivative(draw).map(|component| component / 3.0),
        )
}
