//! Training by settings: what the run and the rate-distortion plane have in common.

use anyhow::{Result, bail};
use ch07_vae::{Architecture, Examples, Totals, Trainer, Vae, purpose};
use data::{batches, shuffled};
use prob::random::stream;
use run::Progress;

use super::corpus::Corpus;
use super::settings::Settings;

/// The largest model that this program is made for: with its gradient and Adam's moments, 1.6 GB. A width with a digit
/// too many ends with a message instead of a machine out of memory.
const MOST_PARAMETERS: u128 = 100_000_000;

/// An untrained model of these settings with its optimiser, and its shape.
pub(super) fn new_trainer(settings: &Settings, corpus: &Corpus) -> Result<(Trainer, Architecture)> {
    if settings.batch > corpus.train.len() {
        bail!(
            "--batch {} is larger than the training set of {}: choose at most {}",
            settings.batch,
            corpus.name,
            corpus.train.len()
        );
    }
    let architecture = Architecture {
        pixels: corpus.train.pixels(),
        hidden: settings.hidden.clone(),
        latent: settings.latent,
        activation: settings.activation,
        likelihood: settings.likelihood,
    };
    must_be_reasonable(&architecture)?;
    let mut model = Vae::new(&architecture, &mut stream(settings.seed, [purpose::WEIGHTS]));
    if settings.bias_from_means
        && let Some(means) = corpus.train.pixel_means()
    {
        model.start_from_means(&means);
    }
    Ok((Trainer::new(model, settings.adam(1), settings.objective), architecture))
}

/// Refuses a model that would not fit into memory, before any is set aside for it.
fn must_be_reasonable(architecture: &Architecture) -> Result<()> {
    let parameters = architecture.layers().into_iter().fold(0_u128, |sum, (_, outputs, inputs)| {
        sum.saturating_add(outputs as u128 * (inputs as u128 + 1))
    });
    if parameters > MOST_PARAMETERS {
        bail!(
            "a model with these --hidden and --latent has {parameters} parameters, more than \
             {MOST_PARAMETERS}: choose smaller ones"
        );
    }
    Ok(())
}

/// One pass over the training set, epoch `number` counted from 1; the terms, averaged over it.
/// `after_step` gets the number of examples seen so far and the sums over them.
///
/// # Errors
/// The first bound that is not finite, a step's sum over its batch; the pass ends there.
pub(super) fn pass(
    trainer: &mut Trainer,
    settings: &Settings,
    examples: &Examples,
    number: usize,
    mut after_step: impl FnMut(usize, Totals),
) -> Result<Totals, f64> {
    trainer.adam = settings.adam(number);
    let number = number as u64;
    let order = shuffled(examples.len(), &mut stream(settings.seed, [purpose::ORDER, number]));
    let (mut sums, mut seen) = (Totals::default(), 0);
    for batch in batches(&order, settings.batch) {
        let step = trainer.step(examples, batch, settings.seed, number);
        if !step.bound.is_finite() {
            return Err(step.bound);
        }
        sums = [sums, step].into_iter().sum();
        seen += batch.len();
        after_step(seen, sums);
    }
    Ok(sums / examples.len() as f64)
}

/// Trains a model to its end, with nothing on disk; `progress` advances by the examples seen.
pub(super) fn fit(settings: &Settings, corpus: &Corpus, progress: &Progress) -> Result<Vae<f32>> {
    let (mut trainer, _) = new_trainer(settings, corpus)?;
    for number in 1..=settings.epochs {
        let mut before = 0;
        let outcome = pass(&mut trainer, settings, &corpus.train, number, |seen, _| {
            progress.advance((seen - before) as u64);
            before = seen;
        });
        if outcome.is_err() || trainer.not_finite().is_some() {
            bail!(
                "the training with {} left the finite numbers in epoch {number}",
                settings.objective
            );
        }
    }
    Ok(trainer.model)
}
