//! `evaluate`: how good a trained model is.

use anyhow::{Result, bail};
use ch07_vae::{Evaluation, Figure};
use ch09_conv_vae::{purpose, store};
use data::shuffled;
use prob::random::stream;
use run::{Progress, say};
use serde::Serialize;

use super::cli::EvaluateArguments;
use super::corpus::Corpus;
use super::thread_pool;

/// The figures for machines. Nats for each image; bits per dimension are code lengths, so positive where
/// a log-probability is negative.
#[derive(Serialize)]
struct Report {
    elbo_nats: f64,
    elbo_standard_error: Option<f64>,
    elbo_monte_carlo_error: Option<f64>,
    elbo_bits_per_dimension: f64,
    reconstruction_nats: f64,
    reconstruction_standard_error: Option<f64>,
    kl_nats: f64,
    kl_standard_error: Option<f64>,
    log_evidence_nats: f64,
    log_evidence_standard_error: Option<f64>,
    log_evidence_monte_carlo_error: Option<f64>,
    log_evidence_bits_per_dimension: f64,
    samples: usize,
    images: usize,
    seed: u64,
}

pub(super) fn evaluate(arguments: &EvaluateArguments) -> Result<()> {
    let (model, description) = store::load_model(&arguments.model)?;
    let data = arguments.data.as_ref().unwrap_or(&description.data);
    let corpus = Corpus::load(data)?;
    corpus.must_fit(&description)?;

    let available = corpus.test.len();
    let images = arguments.images.unwrap_or(available);
    if images > available {
        bail!(
            "--images {images} is more than the {available} test images of {data}: \
             choose fewer, or leave --images out for all of them"
        );
    }
    // Not the first ones: the files are not in random order.
    let mut indices =
        shuffled(available, &mut stream(arguments.seed, [purpose::EVALUATE, u64::MAX]));
    indices.truncate(images);
    indices.sort_unstable();

    let (samples, seed) = (arguments.samples, arguments.seed);
    let progress = Progress::new(images as u64);
    progress.message(|| format!("{images} images, {samples} samples each"));
    let advance = |images| progress.advance(images as u64);
    let evaluation = thread_pool(arguments.threads)?.install(|| {
        let model = (&model, &description.architecture);
        arguments.engine.evaluate(model, &corpus.test, &indices, (samples, seed), advance)
    })?;
    drop(progress);
    if !(evaluation.elbo.mean + evaluation.log_evidence.mean).is_finite() {
        bail!(
            "the ELBO of {} on {data} is {}: its parameters are damaged or its training diverged; \
             train again",
            arguments.model.display(),
            evaluation.elbo.mean
        );
    }

    let pixels = corpus.test.pixels_per_image();
    say(table(&evaluation, data, pixels));
    if arguments.json {
        say(serde_json::to_string(&report(&evaluation, pixels, seed))?);
    }
    Ok(())
}

/// The code length that a log-probability stands for, in bits for each pixel or coordinate: the larger
/// the probability, the fewer bits.
fn bits_per_dimension(log_probability: f64, pixels: usize) -> f64 {
    -log_probability / (pixels as f64 * std::f64::consts::LN_2)
}

fn table(evaluation: &Evaluation, data: &str, pixels: usize) -> String {
    let Evaluation { elbo, reconstruction, kl, log_evidence, .. } = *evaluation;
    let row = |name: &str, figure: Figure, log_probability: f64| {
        let number = |value: Option<f64>| value.map_or("n/a".to_owned(), |v| format!("{v:.4}"));
        format!(
            "{name:22}{:>12.4}{:>18}{:>20}{:>18.5}",
            figure.mean,
            number(figure.standard_error),
            number(figure.monte_carlo_error),
            bits_per_dimension(log_probability, pixels)
        )
    };
    [
        format!(
            "{} test images of {data}, {} samples each; nats per image\n",
            evaluation.images, evaluation.samples
        ),
        format!(
            "{:22}{:>12}{:>18}{:>20}{:>18}",
            "", "mean", "± other images", "± other samples", "bits/dimension"
        ),
        row("ELBO", elbo, elbo.mean),
        row("  reconstruction", reconstruction, reconstruction.mean),
        row("  KL(q(z|x) ‖ p(z))", kl, -kl.mean),
        row("log p(x), importance", log_evidence, log_evidence.mean),
    ]
    .join("\n")
}

fn report(evaluation: &Evaluation, pixels: usize, seed: u64) -> Report {
    let Evaluation { elbo, reconstruction, kl, log_evidence, samples, images } = *evaluation;
    Report {
        elbo_nats: elbo.mean,
        elbo_standard_error: elbo.standard_error,
        elbo_monte_carlo_error: elbo.monte_carlo_error,
        elbo_bits_per_dimension: bits_per_dimension(elbo.mean, pixels),
        reconstruction_nats: reconstruction.mean,
        reconstruction_standard_error: reconstruction.standard_error,
        kl_nats: kl.mean,
        kl_standard_error: kl.standard_error,
        log_evidence_nats: log_evidence.mean,
        log_evidence_standard_error: log_evidence.standard_error,
        log_evidence_monte_carlo_error: log_evidence.monte_carlo_error,
        log_evidence_bits_per_dimension: bits_per_dimension(log_evidence.mean, pixels),
        samples,
        images,
        seed,
    }
}
