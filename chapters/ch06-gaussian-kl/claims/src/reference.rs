//! The reference values (`src/reference/`), computed with 40 digits by another program.

use claims::CheckError;
use ndarray::{Array1, Array2};
use prob::FullGaussian;
use serde::Deserialize;

/// One pair on the line.
#[derive(Deserialize)]
pub(super) struct Univariate {
    pub(super) mu1: f64,
    pub(super) log_sigma1: f64,
    pub(super) mu2: f64,
    pub(super) log_sigma2: f64,
    kl: String,
}

impl Univariate {
    pub(super) fn kl(&self) -> Result<f64, CheckError> {
        Ok(self.kl.parse()?)
    }
}

#[derive(Deserialize)]
struct Full {
    m1: Vec<f64>,
    #[serde(rename = "S1")]
    s1: Vec<Vec<f64>>,
    m2: Vec<f64>,
    #[serde(rename = "S2")]
    s2: Vec<Vec<f64>>,
    kl: String,
}

/// One pair with full covariances, and its divergence.
pub(super) struct Pair {
    pub(super) p: FullGaussian,
    pub(super) q: FullGaussian,
    pub(super) kl: f64,
}

#[derive(Deserialize)]
struct File {
    univariate: Vec<Univariate>,
    full_covariance: Vec<Full>,
}

fn file() -> Result<File, CheckError> {
    Ok(serde_json::from_str(include_str!("../reference/gaussian_kl.json"))?)
}

pub(super) fn univariate() -> Result<Vec<Univariate>, CheckError> {
    Ok(file()?.univariate)
}

pub(super) fn full_covariance() -> Result<Vec<Pair>, CheckError> {
    let gaussian = |mean: &[f64], rows: &[Vec<f64>]| -> Result<FullGaussian, CheckError> {
        let shape = (mean.len(), mean.len());
        let covariance = Array2::from_shape_vec(shape, rows.concat())?;
        Ok(FullGaussian::new(Array1::from(mean.to_vec()), covariance.view())?)
    };
    let pair = |row: &Full| {
        let (p, q) = (gaussian(&row.m1, &row.s1)?, gaussian(&row.m2, &row.s2)?);
        Ok(Pair { p, q, kl: row.kl.parse()? })
    };
    file()?.full_covariance.iter().map(pair).collect()
}
