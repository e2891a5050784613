//! What another program computed for linear-Gaussian models with several coordinates.

use claims::CheckError;
use ndarray::{Array1, Array2, ArrayView1};
use prob::DiagonalGaussian;
use prob::gaussian::log_density;

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

pub(super) fn cases() -> Result<Vec<Case>, CheckError> {
    let case = |row: reference::LinearGaussian| {
        Ok(Case {
            w: row.weight,
            b: row.b,
            log_var: row.sigma2.ln(),
            x: row.x,
            q: DiagonalGaussian::new(row.q_mean, row.q_log_var)?,
            elbo: row.elbo,
            gradient: [row.grad_q_mean.to_vec(), row.grad_q_log_var.to_vec()],
        })
    };
    reference::linear_gaussian()?.into_iter().map(case).collect()
}
