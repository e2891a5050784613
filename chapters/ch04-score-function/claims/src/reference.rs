//! The reference values (`src/reference/`), computed by another program: a linear-Gaussian model with several
//! coordinates.

use claims::CheckError;
use ndarray::{Array1, Array2, ArrayView1};
use prob::DiagonalGaussian;
use prob::gaussian::log_density;
use serde::Deserialize;

/// z ~ N(0, I), x | z ~ N(Wz + b, σ² I), and a diagonal q.
pub(super) struct Case {
    w: Array2<f64>,
    b: Array1<f64>,
    log_var: f64,
    x: Array1<f64>,
    pub(super) q: DiagonalGaussian,
    pub(super) elbo: f64,
    /// With respect to the means and the log-variances of q.
    pub(super) gradient: [Vec<f64>; 2],
}

impl Case {
    /// log p(x, z)
    pub(super) fn log_joint(&self, z: ArrayView1<'_, f64>) -> f64 {
        let prior = z.iter().map(|&z| log_density(z, 0.0, 0.0));
        let mean = self.w.dot(&z) + &self.b;
        let likelihood = self.x.iter().zip(&mean).map(|(&x, &m)| log_density(x, m, self.log_var));
        prior.chain(likelihood).sum()
    }
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "W")]
    w: Vec<Vec<f64>>,
    b: Vec<f64>,
    sigma2: f64,
    x: Vec<f64>,
    q_mean: Vec<f64>,
    q_log_var: Vec<f64>,
    elbo: f64,
    grad_q_mean: Vec<f64>,
    grad_q_log_var: Vec<f64>,
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Row>,
}

pub(super) fn cases() -> Result<Vec<Case>, CheckError> {
    let file: File = serde_json::from_str(include_str!("../reference/linear_gaussian.json"))?;
    let case = |row: Row| {
        let shape = (row.x.len(), row.q_mean.len());
        Ok(Case {
            w: Array2::from_shape_vec(shape, row.w.concat())?,
            b: row.b.into(),
            log_var: row.sigma2.ln(),
            x: row.x.into(),
            q: DiagonalGaussian::new(row.q_mean.into(), row.q_log_var.into())?,
            elbo: row.elbo,
            gradient: [row.grad_q_mean, row.grad_q_log_var],
        })
    };
    file.cases.into_iter().map(case).collect()
}
