//! The reference values (`src/reference/`), computed by another program in double precision.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim};
use ndarray::{Array1, Array2};
use prob::{DiagonalGaussian, GaussHermite};
use serde::Deserialize;

use super::witness::Estimator;
use ch05_reparameterization::{Draw, detached_derivative, path_derivative, pathwise_gradient};

/// z ~ N(0, I) of length d and x | z ~ N(Wz + b, σ²I) of length D, with a diagonal q.
#[derive(Deserialize)]
struct Case {
    #[serde(rename = "W")]
    weights: Vec<Vec<f64>>,
    b: Vec<f64>,
    sigma2: f64,
    x: Vec<f64>,
    q_mean: Vec<f64>,
    q_log_var: Vec<f64>,
    grad_q_mean: Vec<f64>,
    grad_q_log_var: Vec<f64>,
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

impl Case {
    /// The means over the noise of both components for each coordinate: first all by the means.
    fn means(&self, estimator: Estimator) -> Result<Vec<f64>, CheckError> {
        let d = self.q_mean.len();
        let weights = Array2::from_shape_vec((self.x.len(), d), self.weights.concat())?;
        let residual = Array1::from(self.x.clone()) - Array1::from(self.b.clone());
        let sigma: Vec<f64> = self.q_log_var.iter().map(|v| (0.5 * v).exp()).collect();
        let (noise, rule) = (DiagonalGaussian::standard(d)?, GaussHermite::new(3)?);
        let component = |coordinate: usize, which: usize| {
            rule.expectation_diagonal(&noise, |noise| {
                let z: Array1<f64> = (0..d).map(|j| self.q_mean[j] + sigma[j] * noise[j]).collect();
                let error = &residual - &weights.dot(&z);
                let slope = weights.column(coordinate).dot(&error) / self.sigma2 - z[coordinate];
                estimator(&Draw {
                    mean: self.q_mean[coordinate],
                    log_var: self.q_log_var[coordinate],
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
}

pub(super) fn reference_values() -> Claim<Estimator> {
    claim("reparameterization/reference-values")
        .says(
            "Coordinate by coordinate the path derivative has as its mean the gradient that another program \
             computed, for ten linear-Gaussian models with up to three latent coordinates",
        )
        .settles("rp-last-step", Verdict::HoldsIf)
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-11).because(
                "the reference has sixteen digits of sums of larger terms: 1e-10 is the stated accuracy",
            ),
            |estimator: &Subject<Estimator>, cases| {
                let file: File = serde_json::from_str(include_str!("../reference/linear_gaussian.json"))?;
                for (row, case) in file.cases.iter().enumerate() {
                    let measured = estimator.output(|&estimator| case.means(estimator))?;
                    let expected = [&case.grad_q_mean[..], &case.grad_q_log_var].concat();
                    cases.all_equal(&format!("case {row}"), &measured, &expected);
                }
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
