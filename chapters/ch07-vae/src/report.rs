//! An evaluation in words for people, and in figures for machines.

use serde::Serialize;

use crate::{Average, Evaluation, bits_per_dimension};

/// The figures for machines. Nats for each image; bits per dimension are code lengths, so positive where
/// a log-probability is negative.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The ELBO.
    pub elbo_nats: f64,
    /// Its error for another choice of examples.
    pub elbo_standard_error: Option<f64>,
    /// Its error for other samples of the same examples.
    pub elbo_monte_carlo_error: Option<f64>,
    /// The ELBO as a code length.
    pub elbo_bits_per_dimension: f64,
    /// E log p(x|z), the first term.
    pub reconstruction_nats: f64,
    /// Its error for another choice of examples.
    pub reconstruction_standard_error: Option<f64>,
    /// KL(q(z|x) ‖ p(z)), the second term.
    pub kl_nats: f64,
    /// Its error for another choice of examples.
    pub kl_standard_error: Option<f64>,
    /// log p(x), estimated by importance weights.
    pub log_evidence_nats: f64,
    /// Its error for another choice of examples.
    pub log_evidence_standard_error: Option<f64>,
    /// Its error for other samples of the same examples.
    pub log_evidence_monte_carlo_error: Option<f64>,
    /// log p(x) as a code length.
    pub log_evidence_bits_per_dimension: f64,
    /// Samples of z for each example.
    pub samples: usize,
    /// Examples.
    pub images: usize,
    /// The seed of the samples.
    pub seed: u64,
}

impl Evaluation {
    /// A table for people: each figure with its errors, in nats, and as bits for each pixel or coordinate.
    pub fn table(&self, data: &str, pixels: usize) -> String {
        let Self { elbo, reconstruction, kl, log_evidence, samples, images } = *self;
        // A code length is minus a log-probability: the larger the probability, the fewer bits.
        let row = |name: &str, average: Average, nats: f64| {
            let number = |value: Option<f64>| value.map_or("n/a".to_owned(), |v| format!("{v:.4}"));
            format!(
                "{name:22}{:>12.4}{:>18}{:>20}{:>18.5}",
                average.mean,
                number(average.standard_error),
                number(average.monte_carlo_error),
                bits_per_dimension(nats, pixels)
            )
        };
        [
            format!("{images} test examples of {data}, {samples} samples each; nats per example\n"),
            format!(
                "{:22}{:>12}{:>18}{:>20}{:>18}",
                "", "mean", "± other images", "± other samples", "bits/dimension"
            ),
            row("ELBO", elbo, -elbo.mean),
            row("  reconstruction", reconstruction, -reconstruction.mean),
            row("  KL(q(z|x) ‖ p(z))", kl, kl.mean),
            row("log p(x), importance", log_evidence, -log_evidence.mean),
        ]
        .join("\n")
    }

    /// The same for machines.
    pub fn report(&self, pixels: usize, seed: u64) -> Report {
        let Self { elbo, reconstruction, kl, log_evidence, samples, images } = *self;
        Report {
            elbo_nats: elbo.mean,
            elbo_standard_error: elbo.standard_error,
            elbo_monte_carlo_error: elbo.monte_carlo_error,
            elbo_bits_per_dimension: bits_per_dimension(-elbo.mean, pixels),
            reconstruction_nats: reconstruction.mean,
            reconstruction_standard_error: reconstruction.standard_error,
            kl_nats: kl.mean,
            kl_standard_error: kl.standard_error,
            log_evidence_nats: log_evidence.mean,
            log_evidence_standard_error: log_evidence.standard_error,
            log_evidence_monte_carlo_error: log_evidence.monte_carlo_error,
            log_evidence_bits_per_dimension: bits_per_dimension(-log_evidence.mean, pixels),
            samples,
            images,
            seed,
        }
    }
}
