//! `evaluate`: how good a trained model is.

use anyhow::{Result, bail};
use ch09_conv_vae::{purpose, store};
use data::shuffled;
use prob::random::stream;
use run::{Progress, say};

use super::cli::EvaluateArguments;
use super::corpus::Corpus;

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
    let evaluation = run::thread_pool(arguments.threads)?.install(|| {
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
    say(evaluation.table(data, pixels));
    if arguments.json {
        say(serde_json::to_string(&evaluation.report(pixels, seed))?);
    }
    Ok(())
}
