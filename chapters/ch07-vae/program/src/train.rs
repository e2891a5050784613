//! The training run.

use std::fmt::Display;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use ch07_vae::store::{self, Description};
use ch07_vae::{Bound, Objective, Totals, Trainer, average_terms};
use data::Fingerprint;
use nn::Parameters;
use run::training::{CHECKPOINT, MODEL, SUMMARY, shown};
use run::{Folder, Progress, duration, resume, say, thousands};
use serde::{Deserialize, Serialize};

use super::cli::{Schedule, TrainArguments};
use super::codes::{Codes, Coordinate};
use super::corpus::Corpus;
use super::fit::{new_trainer, pass};
use super::pictures::Pictures;
use super::settings::Settings;
use super::snapshots::Snapshots;

/// What happened in an epoch; nats for each example, on average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Epoch {
    /// Counted from 1.
    pub(super) epoch: usize,
    /// On the training set while it was learned from.
    pub(super) train: Totals,
    /// On the test set after the epoch, with fresh noise.
    pub(super) test: Totals,
}

/// What a checkpoint remembers of the run.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Memory {
    settings: Settings,
    /// Which images it learned from; `None` for points, and in checkpoints of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Fingerprint>,
    epochs: Vec<Epoch>,
}

/// The summary for machines, beside the pictures.
#[derive(Serialize)]
struct Summary<'a> {
    settings: &'a Settings,
    likelihood: String,
    parameters: usize,
    training_examples: usize,
    test_examples: usize,
    test_bound_nats: f64,
    test_elbo_nats: f64,
    test_reconstruction_nats: f64,
    test_kl_nats: f64,
    /// Coordinates of z whose mean varies by more than 0.01 over the test set.
    active_units: usize,
    coordinates: &'a [Coordinate],
    threads: usize,
    /// Of this call; a resumed run counts only what it did itself.
    training_seconds: f64,
    images_per_second: f64,
    epochs: &'a [Epoch],
    files: &'a [String],
}

pub(super) fn train(arguments: &TrainArguments) -> Result<()> {
    let pool = run::thread_pool(arguments.threads)?;
    let folder = Folder::create(&arguments.out)?
        .with_book(arguments.book.as_deref(), env!("CARGO_PKG_NAME"))?;
    let run = if arguments.resume {
        Run::resume(arguments, folder)
    } else {
        Run::start(arguments, folder)
    }?;
    pool.install(|| run.finish())
}

/// A run with everything that it works on.
struct Run {
    folder: Folder,
    settings: Settings,
    corpus: Corpus,
    description: Description,
    trainer: Trainer,
    epochs: Vec<Epoch>,
    snapshots: Snapshots,
}

impl Run {
    fn start(arguments: &TrainArguments, folder: Folder) -> Result<Self> {
        let settings = Settings::new(arguments)?;
        let corpus = Corpus::load(&settings.data, settings.likelihood)?;
        let (trainer, architecture) = new_trainer(&settings, &corpus)?;
        let data = settings.data.clone();
        let description = Description { architecture, data, image_shape: corpus.image_shape };
        let mut snapshots = Snapshots::default();
        snapshots.after(0, &trainer.model, &corpus, settings.seed);
        let epochs = Vec::new();
        let run = Self { folder, settings, corpus, description, trainer, epochs, snapshots };
        run.set_unfinished_aside()?;
        run.save_checkpoint()?;
        Ok(run)
    }

    fn resume(arguments: &TrainArguments, folder: Folder) -> Result<Self> {
        let path = folder.file(CHECKPOINT);
        let (trainer, description, memory) =
            store::load_checkpoint(&path, |m: &Memory| (m.settings.adam(1), m.settings.objective))
                .context("nothing to go on from: start without --resume")?;
        let settings = memory.settings.resumed(arguments)?;
        if settings.batch == 0 {
            bail!("{} is damaged: it says batches of 0; start without --resume", path.display());
        }
        let done = memory.epochs.len();
        if done > settings.epochs {
            bail!(
                "--epochs {} was given, but the run to go on with has done {done} already: \
                 choose at least as many, or start anew without --resume",
                settings.epochs
            );
        }
        let corpus = Corpus::load(&settings.data, settings.likelihood)?;
        corpus.must_fit(&description)?;
        if let Some(now) = &corpus.fingerprint {
            resume::same_data(memory.data.as_ref(), now, &corpus.name)?;
        }
        say(format!("going on after epoch {done} of {}", settings.epochs));
        let snapshots = store::load_tensors(&path, Snapshots::prefix())?;
        let snapshots = Snapshots::from_tensors(snapshots, &corpus)
            .with_context(|| format!("{} is damaged: start without --resume", path.display()))?;
        let epochs = memory.epochs;
        Ok(Self { folder, settings, corpus, description, trainer, epochs, snapshots })
    }

    /// An interrupted run in the same folder is not overwritten.
    fn set_unfinished_aside(&self) -> Result<()> {
        let path = self.folder.file(CHECKPOINT);
        let Ok((.., memory)) =
            store::load_checkpoint(&path, |m: &Memory| (m.settings.adam(1), m.settings.objective))
        else {
            return Ok(());
        };
        let (done, of) = (memory.epochs.len(), memory.settings.epochs);
        if (1..of).contains(&done) {
            self.folder.set_unfinished_aside(&format!("epoch {done} of {of}"))?;
        }
        Ok(())
    }

    fn save_checkpoint(&self) -> Result<()> {
        let memory = Memory {
            settings: self.settings.clone(),
            data: self.corpus.fingerprint.clone(),
            epochs: self.epochs.clone(),
        };
        let path = self.folder.file(CHECKPOINT);
        let pictures = self.snapshots.tensors();
        Ok(store::save_checkpoint(&path, &self.trainer, &self.description, &memory, pictures)?)
    }

    /// Trains to the end and writes the results.
    fn finish(mut self) -> Result<()> {
        self.announce();
        let examples = |epochs: usize| (epochs * self.corpus.train.len()) as u64;
        let progress =
            Progress::resumed(examples(self.settings.epochs), examples(self.epochs.len()));
        while self.epochs.len() < self.settings.epochs {
            let epoch_begin = Instant::now();
            let number = self.epochs.len() + 1;
            let train = self.epoch(&progress)?;
            let rate = self.corpus.train.len() as f64 / epoch_begin.elapsed().as_secs_f64();
            let Settings { objective, seed, .. } = &self.settings;
            let (model, test) = (&self.trainer.model, &self.corpus.test);
            let test = average_terms(model, test, objective, *seed, number as u64);
            if !test.bound.is_finite() {
                return Err(self.diverged("the test loss", -test.bound));
            }
            if let Some(value) = self.trainer.not_finite() {
                return Err(self.diverged("a parameter or one of Adam's moments", value));
            }
            let epoch = Epoch { epoch: number, train, test };
            self.epochs.push(epoch);
            self.snapshots.after(number, &self.trainer.model, &self.corpus, self.settings.seed);
            self.save_checkpoint()?;
            let what = both_sets(&epoch, &self.settings.objective);
            progress.epoch(number, self.settings.epochs, rate, what);
        }
        let (seconds, rate) = (progress.seconds(), progress.rate());
        drop(progress);
        self.write_results(seconds, rate)
    }

    /// One pass over the training set; the terms, averaged over it.
    fn epoch(&mut self, progress: &Progress) -> Result<Totals> {
        let number = self.epochs.len() + 1;
        let (begin, mut before) = (Instant::now(), 0);
        let (epochs, name) = (self.settings.epochs, short_name(&self.settings.objective));
        let (trainer, settings, examples) = (&mut self.trainer, &self.settings, &self.corpus.train);
        pass(trainer, settings, examples, number, |seen, sums| {
            progress.advance((seen - before) as u64);
            before = seen;
            progress.message(|| {
                let rate = (seen as f64 / begin.elapsed().as_secs_f64()) as u64;
                let Totals { bound, reconstruction, kl } = sums / seen as f64;
                format!(
                    "epoch {number}/{epochs}  {} images/s  {name} {bound:.2}, reconstruction \
                     {reconstruction:.2}, KL {kl:.2}",
                    thousands(rate),
                )
            });
        })
        .map_err(|bound| self.diverged("the loss", -bound))
    }

    /// Why a run ends that has left the finite numbers. What the epoch has done so far is not saved.
    fn diverged(&self, what: &str, value: impl Display) -> anyhow::Error {
        let (done, n) = (self.epochs.len(), self.corpus.train.len());
        let steps_before = (done * n.div_ceil(self.settings.batch)) as u64;
        let step = self.trainer.steps.saturating_sub(steps_before);
        let what = format!("{what} became {value} in epoch {}, step {step}", done + 1);
        let rate = format!("{:?}", self.settings.learning_rate);
        self.folder.diverged(what, rate, format!("epoch {done}"))
    }

    fn announce(&self) {
        let Settings { hidden, latent, activation, batch, objective, seed, .. } = &self.settings;
        let rate = match self.settings.schedule {
            Schedule::Constant => format!("{}", self.settings.learning_rate),
            Schedule::Cosine => format!("{}, cosine to 0", self.settings.learning_rate),
        };
        let pixels = self.corpus.train.pixels();
        let inward = hidden.iter().map(|h| format!("-{h}")).collect::<String>();
        let outward = hidden.iter().rev().map(|h| format!("-{h}")).collect::<String>();
        say(format!(
            "VAE {pixels}{inward}-{latent}{outward}-{pixels} ({activation}, {}), {} parameters\n\
             {}: {} training and {} test examples; batch {batch}, Adam {rate}, seed {seed}, \
             {} threads\n\
             {objective}; in nats for each example, ELBO = reconstruction − KL\n",
            self.description.architecture.likelihood,
            thousands(self.trainer.model.parameter_count() as u64),
            self.corpus.name,
            thousands(self.corpus.train.len() as u64),
            thousands(self.corpus.test.len() as u64),
            rayon::current_num_threads(),
        ));
    }

    fn write_results(&self, seconds: f64, rate: f64) -> Result<()> {
        let model_path = self.folder.file(MODEL);
        store::save_model(&model_path, &self.trainer.model, &self.description)?;
        let (model, corpus, seed) = (&self.trainer.model, &self.corpus, self.settings.seed);
        let codes = Codes::new(model, corpus, seed)?;
        let snapshots = self.snapshots.clone().finished(self.epochs.len(), model, corpus, seed);
        let pictures = Pictures {
            folder: &self.folder,
            model,
            corpus,
            codes: &codes,
            snapshots: &snapshots,
            seed,
        };
        let mut files = pictures.draw(&self.epochs)?;
        let described = [
            (MODEL, "the parameters, loadable from PyTorch by name"),
            (CHECKPOINT, "everything that --resume needs"),
            (SUMMARY, "settings, figures and times"),
        ];
        files.extend(described.map(|(name, what)| (name.to_owned(), what.to_owned())));
        let Some(last) = self.epochs.last() else { bail!("a run has at least one epoch") };
        let summary = Summary {
            settings: &self.settings,
            likelihood: self.description.architecture.likelihood.to_string(),
            parameters: self.trainer.model.parameter_count(),
            training_examples: self.corpus.train.len(),
            test_examples: self.corpus.test.len(),
            test_bound_nats: last.test.bound,
            test_elbo_nats: last.test.elbo(),
            test_reconstruction_nats: last.test.reconstruction,
            test_kl_nats: last.test.kl,
            active_units: codes.active(),
            coordinates: &codes.coordinates,
            threads: rayon::current_num_threads(),
            training_seconds: seconds,
            images_per_second: rate,
            epochs: &self.epochs,
            files: &files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(),
        };
        self.folder.write_json(SUMMARY, &summary)?;

        say(format!(
            "\nTest ELBO {:.2} nats = reconstruction {:.2} − KL {:.2}, after {} epochs; \
             trained for {}.",
            last.test.elbo(),
            last.test.reconstruction,
            last.test.kl,
            self.epochs.len(),
            duration(seconds)
        ));
        self.folder.list(files);
        say(format!("\nNext: cargo run -p ch07-vae -- evaluate {}", shown(&model_path)));
        Ok(())
    }
}

/// The terms on both sets, side by side.
fn both_sets(epoch: &Epoch, objective: &Objective) -> String {
    let set = |name: &str, totals: &Totals| {
        let Totals { bound, reconstruction, kl } = *totals;
        let terms = format!("{:8.2} = {reconstruction:8.2} − {kl:5.2}", totals.elbo());
        match objective.bound {
            Bound::Elbo => format!("{name} ELBO {terms}"),
            Bound::Iwae => {
                format!("{name} {} {bound:8.2}  ELBO {terms}", short_name(objective))
            }
        }
    };
    format!("{}  {}", set("train", &epoch.train), set("test", &epoch.test))
}

/// The bound's name where there is little room.
fn short_name(objective: &Objective) -> String {
    match objective.bound {
        Bound::Elbo => "ELBO".to_owned(),
        Bound::Iwae => format!("IWAE-{}", objective.particles),
    }
}
