//! The training run.

use std::fmt::Display;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use ch09_conv_vae::store::{self, Description};
use ch09_conv_vae::{Trainer, Vae, cosine, purpose};
use data::{Fingerprint, Images, batches, shuffled};
use prob::random::stream;
use run::training::{CHECKPOINT, MODEL, SUMMARY, shown};
use run::{Folder, Progress, duration, resume, say, thousands};
use serde::{Deserialize, Serialize};

use super::cli::TrainArguments;
use super::corpus::Corpus;
use super::engine::Engine;
use super::pictures::Pictures;
use super::settings::Settings;

/// Steps between two looks at the loss: a device need not be waited for at each.
const LOOK: usize = 50;

/// What happened in an epoch; nats for each image, on average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Epoch {
    /// Counted from 1.
    pub(super) epoch: usize,
    /// On the training set while it was learned from.
    pub(super) train_reconstruction: f64,
    pub(super) train_kl: f64,
    /// On the test set after the epoch, one sample for each image.
    pub(super) test_reconstruction: f64,
    pub(super) test_kl: f64,
}

impl Epoch {
    pub(super) fn train_elbo(&self) -> f64 {
        self.train_reconstruction - self.train_kl
    }

    pub(super) fn test_elbo(&self) -> f64 {
        self.test_reconstruction - self.test_kl
    }
}

/// What a checkpoint remembers of the run.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Memory {
    settings: Settings,
    /// Which images it learned from; `None` in checkpoints of earlier versions.
    #[serde(default)]
    data: Option<Fingerprint>,
    epochs: Vec<Epoch>,
}

/// The summary for machines, beside the pictures.
#[derive(Serialize)]
struct Summary<'a> {
    settings: &'a Settings,
    parameters: usize,
    training_images: usize,
    test_images: usize,
    test_elbo_nats: f64,
    test_reconstruction_nats: f64,
    test_kl_nats: f64,
    computed_by: String,
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
    engine: Engine,
    epochs: Vec<Epoch>,
}

impl Run {
    fn start(arguments: &TrainArguments, folder: Folder) -> Result<Self> {
        let settings = Settings::new(arguments);
        let corpus = Corpus::load(&settings.data)?;
        if settings.batch > corpus.train.len() {
            bail!(
                "--batch {} is larger than the training set of {}: choose at most {}",
                settings.batch,
                corpus.name,
                corpus.train.len()
            );
        }
        let architecture = settings.architecture(corpus.train.shape());
        let mut model = Vae::new(&architecture, &mut stream(settings.seed, [purpose::WEIGHTS]))?;
        model.start_from_means(&channel_means(&corpus.train));
        let engine =
            Engine::new(Trainer::new(model), &architecture, arguments.engine, arguments.threads)?;
        let description = Description { architecture, data: settings.data.clone() };
        let run = Self { folder, settings, corpus, description, engine, epochs: Vec::new() };
        run.set_unfinished_aside()?;
        run.save_checkpoint()?;
        Ok(run)
    }

    fn resume(arguments: &TrainArguments, folder: Folder) -> Result<Self> {
        let path = folder.file(CHECKPOINT);
        let (trainer, description, memory): (_, _, Memory) = store::load_checkpoint(&path)
            .context("nothing to go on from: start without --resume")?;
        let settings = memory.settings.resumed(arguments)?;
        let done = memory.epochs.len();
        if settings.batch == 0 || done > settings.epochs {
            bail!("{} is damaged: start without --resume", path.display());
        }
        let corpus = Corpus::load(&settings.data)?;
        corpus.must_fit(&description)?;
        resume::same_data(memory.data.as_ref(), &corpus.fingerprint, &corpus.name)?;
        say(format!("going on after epoch {done} of {}", settings.epochs));
        let engine =
            Engine::new(trainer, &description.architecture, arguments.engine, arguments.threads)?;
        Ok(Self { folder, settings, corpus, description, engine, epochs: memory.epochs })
    }

    /// An interrupted run in the same folder is not overwritten.
    fn set_unfinished_aside(&self) -> Result<()> {
        let path = self.folder.file(CHECKPOINT);
        let Ok((.., memory)) = store::load_checkpoint::<Memory>(&path) else {
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
            data: Some(self.corpus.fingerprint.clone()),
            epochs: self.epochs.clone(),
        };
        let path = self.folder.file(CHECKPOINT);
        self.engine.with_trainer(|trainer| {
            store::save_checkpoint(&path, trainer, &self.description, &memory)
        })??;
        Ok(())
    }

    /// Trains to the end and writes the results.
    fn finish(mut self) -> Result<()> {
        self.announce()?;
        let images = |epochs: usize| (epochs * self.corpus.train.len()) as u64;
        let progress = Progress::resumed(images(self.settings.epochs), images(self.epochs.len()));
        while self.epochs.len() < self.settings.epochs {
            let epoch_begin = Instant::now();
            let (train_reconstruction, train_kl) = self.epoch(&progress)?;
            let rate = self.corpus.train.len() as f64 / epoch_begin.elapsed().as_secs_f64();
            let number = self.epochs.len() + 1;
            let (test_reconstruction, test_kl) =
                self.engine.average_terms(&self.corpus.test, self.settings.seed, number as u64)?;
            let test_loss = test_kl - test_reconstruction;
            if !test_loss.is_finite() {
                return Err(self.diverged("the test loss", test_loss));
            }
            if let Some(value) = self.engine.with_trainer(Trainer::not_finite)? {
                return Err(self.diverged("a parameter or one of Adam's moments", value));
            }
            let epoch = Epoch {
                epoch: number,
                train_reconstruction,
                train_kl,
                test_reconstruction,
                test_kl,
            };
            self.epochs.push(epoch);
            self.save_checkpoint()?;
            progress.epoch(number, self.settings.epochs, rate, both_sets(&epoch));
        }
        let (seconds, rate) = (progress.seconds(), progress.rate());
        drop(progress);
        self.write_results(seconds, rate)
    }

    /// One pass over the training set; the two terms, averaged over it.
    fn epoch(&mut self, progress: &Progress) -> Result<(f64, f64)> {
        let (number, n) = (self.epochs.len() as u64 + 1, self.corpus.train.len());
        let Settings { batch, seed, learning_rate, epochs, .. } = self.settings;
        let steps = (epochs * n.div_ceil(batch)) as u64;
        let order = shuffled(n, &mut stream(seed, [purpose::ORDER, number]));
        let begin = Instant::now();
        let (mut reconstruction, mut kl, mut seen) = (0.0, 0.0, 0);
        let all: Vec<_> = batches(&order, batch).collect();
        for some in all.chunks(LOOK) {
            for indices in some {
                let rate = cosine(learning_rate, self.engine.steps(), steps);
                self.engine.step(&self.corpus.train, indices, rate, seed, number)?;
                seen += indices.len();
                progress.advance(indices.len() as u64);
            }
            let terms = self.engine.take_sums()?;
            if !(terms.0 - terms.1).is_finite() {
                return Err(self.diverged("the loss", terms.1 - terms.0));
            }
            reconstruction += terms.0;
            kl += terms.1;
            progress.message(|| {
                let per_image = |sum: f64| sum / seen as f64;
                format!(
                    "epoch {number}/{epochs}  {} images/s  ELBO {:.2} = {:.2} − {:.2}",
                    thousands((seen as f64 / begin.elapsed().as_secs_f64()) as u64),
                    per_image(reconstruction - kl),
                    per_image(reconstruction),
                    per_image(kl)
                )
            });
        }
        Ok((reconstruction / n as f64, kl / n as f64))
    }

    /// Why a run ends that has left the finite numbers. What the epoch has done so far is not saved.
    fn diverged(&self, what: &str, value: impl Display) -> anyhow::Error {
        let done = self.epochs.len();
        let what = format!("{what} became {value} in epoch {}", done + 1);
        let rate = format!("{:?}", self.settings.learning_rate);
        self.folder.diverged(what, rate, format!("epoch {done}"))
    }

    fn announce(&self) -> Result<()> {
        let Settings { batch, learning_rate, seed, .. } = &self.settings;
        let architecture = &self.description.architecture;
        let (channels, height, width) = architecture.image;
        let windows = architecture.windows()?;
        let maps =
            windows.iter().map(|w| format!(" → {}×{}×{}", w.coarse.0, w.coarse.1, w.coarse.2));
        let dense = architecture.hidden.iter().map(|width| format!(" → {width}"));
        say(format!(
            "Convolutional VAE {channels}×{height}×{width}{}{} → z {} and back ({}), {} parameters\n\
             {}: {} training and {} test images; batch {batch}, Adam {learning_rate} down to 0, seed {seed}; {}\n\
             ELBO = reconstruction − KL in nats for each image\n",
            maps.collect::<String>(),
            dense.collect::<String>(),
            architecture.latent,
            architecture.activation,
            thousands(architecture.parameter_count()? as u64),
            self.corpus.name,
            thousands(self.corpus.train.len() as u64),
            thousands(self.corpus.test.len() as u64),
            self.engine.place(),
        ));
        Ok(())
    }

    fn write_results(&self, seconds: f64, rate: f64) -> Result<()> {
        let model_path = self.folder.file(MODEL);
        let mut files = self.engine.with_trainer(|trainer| -> Result<_> {
            store::save_model(&model_path, &trainer.model, &self.description)?;
            let pictures = Pictures {
                folder: &self.folder,
                model: &trainer.model,
                corpus: &self.corpus,
                seed: self.settings.seed,
            };
            pictures.draw(&self.epochs)
        })??;
        let described = [
            (MODEL, "the parameters, loadable from PyTorch by name"),
            (CHECKPOINT, "everything that --resume needs"),
            (SUMMARY, "settings, figures and times"),
        ];
        files.extend(described.map(|(name, what)| (name.to_owned(), what.to_owned())));
        let Some(last) = self.epochs.last() else { bail!("a run has at least one epoch") };
        let summary = Summary {
            settings: &self.settings,
            parameters: self.description.architecture.parameter_count()?,
            training_images: self.corpus.train.len(),
            test_images: self.corpus.test.len(),
            test_elbo_nats: last.test_elbo(),
            test_reconstruction_nats: last.test_reconstruction,
            test_kl_nats: last.test_kl,
            computed_by: self.engine.place(),
            training_seconds: seconds,
            images_per_second: rate,
            epochs: &self.epochs,
            files: &files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(),
        };
        self.folder.write_json(SUMMARY, &summary)?;

        say(format!(
            "\nTest ELBO {:.2} nats = reconstruction {:.2} − KL {:.2}, after {} epochs; \
             trained for {}.",
            last.test_elbo(),
            last.test_reconstruction,
            last.test_kl,
            self.epochs.len(),
            duration(seconds)
        ));
        self.folder.list(files);
        say(format!("\nNext: cargo run -p ch09-conv-vae -- evaluate {}", shown(&model_path)));
        Ok(())
    }
}

/// The mean of each channel over all pixels and images.
fn channel_means(images: &Images) -> Vec<f64> {
    let (channels, height, width) = images.shape();
    let by_pixel = images.mean_intensity();
    let planes = by_pixel.as_slice().into_iter().flat_map(|means| means.chunks(height * width));
    planes.map(|plane| plane.iter().sum::<f64>() / plane.len() as f64).take(channels).collect()
}

/// The ELBO and its terms on both sets, side by side.
fn both_sets(epoch: &Epoch) -> String {
    format!(
        "train ELBO {:8.2} = {:8.2} − {:5.2}  test ELBO {:8.2} = {:8.2} − {:5.2}",
        epoch.train_elbo(),
        epoch.train_reconstruction,
        epoch.train_kl,
        epoch.test_elbo(),
        epoch.test_reconstruction,
        epoch.test_kl,
    )
}
