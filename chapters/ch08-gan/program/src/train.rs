//! The training runs.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use ch08_gan::store::{self, Description, Resumed};
use ch08_gan::{Figures, Schedule, Trainer};
use data::Fingerprint;
use ndarray::ArrayD;
use nn::Parameters;
use run::training::{CHECKPOINT, MODEL, SUMMARY};
use run::{Folder, Progress, digits_in, duration, resume, say, thousands};
use serde::{Deserialize, Serialize};

use super::cli::{TrainArguments, loss_name};
use super::corpus::{Corpus, Kind, RING};
use super::diagnose::{diagnose, who_left_the_numbers};
use super::frames::{self, Frame};
use super::look::Look;
use super::pictures;
use super::place::place_of;
use super::plan::Plan;

const FRAMES: &str = "frames";

/// The largest networks that this program is made for: with gradients, moments and the average, some 2 GB. A width with
/// a digit too many ends with a message instead of a machine out of memory.
const MOST_PARAMETERS: u128 = 100_000_000;

/// What a checkpoint remembers of the run, besides the frames.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Memory {
    plan: Plan,
    /// Which images it learned from; `None` for points, and in checkpoints of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Fingerprint>,
    /// One look for each frame; the first is before the first step.
    looks: Vec<Look>,
    diagnoses: Vec<String>,
}

/// The summary for machines, beside the pictures.
#[derive(Serialize)]
struct Summary<'a> {
    plan: &'a Plan,
    generator_parameters: usize,
    discriminator_parameters: usize,
    training_examples: usize,
    result: &'a Look,
    diagnoses: &'a [String],
    threads: usize,
    /// Of this call; a resumed run counts only what it did itself.
    training_seconds: f64,
    looks: &'a [Look],
    files: &'a [String],
}

/// The run on one data set, or those on the usual two.
pub(super) fn train(arguments: &TrainArguments) -> Result<()> {
    let pool = run::thread_pool(arguments.threads)?;
    let sets = match &arguments.data {
        Some(name) => vec![name.as_str()],
        None if arguments.quick => vec![RING, "optdigits"],
        None => vec![RING, "mnist"],
    };
    // All folders before the first run, so that the second does not find its own taken when the first has ended.
    let folder = |data| -> Result<Folder> {
        Folder::create(&place_of(&arguments.out, data)?)?
            .with_book(arguments.book.as_deref(), env!("CARGO_PKG_NAME"))
    };
    let runs =
        sets.into_iter().map(|data| Ok((data, folder(data)?))).collect::<Result<Vec<_>>>()?;
    pool.install(|| {
        for (i, (data, folder)) in runs.into_iter().enumerate() {
            if i > 0 {
                say("");
            }
            Run::begin(arguments, data, folder)?.finish()?;
        }
        Ok(())
    })
}

/// A run with everything that it works on.
struct Run {
    folder: Folder,
    corpus: Corpus,
    description: Description,
    schedule: Schedule,
    trainer: Trainer,
    memory: Memory,
    frames: Vec<(u64, Frame)>,
}

impl Run {
    fn begin(arguments: &TrainArguments, data: &str, folder: Folder) -> Result<Self> {
        let unfinished = folder.file(CHECKPOINT);
        // Without --data, the second of two runs may not have been reached.
        let resumes = arguments.resume && (arguments.data.is_some() || unfinished.exists());
        if resumes { Self::resume(arguments, folder) } else { Self::start(arguments, data, folder) }
    }

    fn start(arguments: &TrainArguments, data: &str, folder: Folder) -> Result<Self> {
        let plan = Plan::new(arguments, data)?;
        let corpus = Corpus::load(data)?;
        let architecture = plan.architecture(corpus.train.width());
        must_be_reasonable(&plan, corpus.train.width())?;
        let schedule = plan.schedule();
        let trainer = schedule.players(&architecture, plan.seed);
        let image_shape = corpus.image_shape();
        let description = Description { architecture, data: data.to_owned(), image_shape };
        let data = corpus.fingerprint.clone();
        let memory = Memory { plan, data, looks: Vec::new(), diagnoses: Vec::new() };
        let frames = Vec::new();
        set_unfinished_aside(&folder)?;
        let mut run = Self { folder, corpus, description, schedule, trainer, memory, frames };
        run.announce();
        run.look(run.before_the_first_step())?;
        Ok(run)
    }

    fn resume(arguments: &TrainArguments, folder: Folder) -> Result<Self> {
        let path = folder.file(CHECKPOINT);
        let Resumed { trainer, description, run: mut memory, seen } =
            load(&path).context("nothing to go on from: start without --resume")?;
        memory.plan.must_agree(arguments)?;
        let damaged = || {
            anyhow!(
                "{} is damaged: its looks and frames do not agree; start anew without --resume",
                path.display()
            )
        };
        let frames = frames_of(&memory, &seen).ok_or_else(damaged)?;
        if memory.plan.frames == 0 || memory.plan.batch == 0 || memory.plan.k == 0 {
            return Err(damaged());
        }
        let data = &memory.plan.data;
        let corpus =
            Corpus::load_if(data, |now| resume::same_data(memory.data.as_ref(), now, data))?;
        corpus.must_fit(&description)?;
        memory.data.clone_from(&corpus.fingerprint);
        let schedule = memory.plan.schedule();
        say(format!(
            "{}: going on after step {} of {}",
            corpus.name,
            thousands(trainer.steps),
            thousands(memory.plan.steps as u64)
        ));
        Ok(Self { folder, corpus, description, schedule, trainer, memory, frames })
    }

    /// Trains to the end and writes the results.
    fn finish(mut self) -> Result<()> {
        let progress = Progress::resumed(self.memory.plan.steps as u64, self.trainer.steps);
        while self.memory.looks.len() <= self.memory.plan.frames {
            let figures = self.steps_to(self.memory.looks.len(), &progress)?;
            let told = self.memory.diagnoses.len();
            self.look(figures)?;
            if let Some(look) = self.memory.looks.last() {
                let line = look.line(self.memory.plan.steps);
                progress.line(&format!("{line}   {} left", duration(progress.left())));
            }
            self.memory.diagnoses[told..]
                .iter()
                .for_each(|words| progress.line(&format!("  ! {words}.")));
        }
        let seconds = progress.seconds();
        drop(progress);
        self.write_results(seconds)
    }

    /// The steps up to a look; means of what they saw.
    fn steps_to(&mut self, look: usize, progress: &Progress) -> Result<Figures> {
        let Memory { plan, .. } = &self.memory;
        let (end, begin) = (plan.step_of_look(look), self.trainer.steps);
        let mut sums = [0.0; 4];
        while self.trainer.steps < end {
            let figures = self.schedule.step(&mut self.trainer, &self.corpus.train, plan.seed);
            if !figures.finite() {
                return Err(self.diverged());
            }
            let Figures { d_real, d_generated, discriminator_loss, generator_loss } = figures;
            let seen = [d_real, d_generated, discriminator_loss, generator_loss];
            sums.iter_mut().zip(seen).for_each(|(sum, figure)| *sum += figure);
            progress.advance(1);
            progress.message(|| {
                format!("step {}  D {d_real:.2} / {d_generated:.2}", thousands(self.trainer.steps))
            });
        }
        if self.trainer.not_finite().is_some() {
            return Err(self.diverged());
        }
        let [d_real, d_generated, discriminator_loss, generator_loss] =
            sums.map(|sum| sum / (end - begin) as f64);
        Ok(Figures { d_real, d_generated, discriminator_loss, generator_loss })
    }

    /// What nobody has trained yet: D ≈ ½ everywhere, and losses of log 4 and log 2 or its negative.
    fn before_the_first_step(&self) -> Figures {
        let half = std::f64::consts::LN_2;
        let generator_loss = match self.memory.plan.loss {
            ch08_gan::GeneratorLoss::Saturating => -half,
            ch08_gan::GeneratorLoss::NonSaturating => half,
        };
        Figures { d_real: 0.5, d_generated: 0.5, discriminator_loss: 2.0 * half, generator_loss }
    }

    /// Looks at the players, says what goes wrong, leaves a frame and a checkpoint.
    fn look(&mut self, figures: Figures) -> Result<()> {
        let Memory { plan, diagnoses, .. } = &mut self.memory;
        let step = self.trainer.steps;
        let look = Look::take(&self.trainer.average, &self.corpus, step, figures, plan.seed)?;
        for (kind, words) in diagnose(&look, plan) {
            if !diagnoses.iter().any(|known| known.starts_with(kind.opening())) {
                diagnoses.push(words);
            }
        }
        let frame = Frame::take(&self.trainer, &self.corpus, plan.seed);
        self.frames.push((step, frame));
        self.memory.looks.push(look);
        self.save_checkpoint()
    }

    fn save_checkpoint(&self) -> Result<()> {
        let path = self.folder.file(CHECKPOINT);
        let seen: Vec<ArrayD<f32>> =
            self.frames.iter().flat_map(|(_, frame)| frame.arrays()).collect();
        Ok(store::save_checkpoint(&path, &self.trainer, &self.description, &self.memory, &seen)?)
    }

    /// Why a run ends that has left the finite numbers. What it did since the last look is not saved.
    fn diverged(&self) -> anyhow::Error {
        let Plan { learning_rate, discriminator_learning_rate, .. } = self.memory.plan;
        let last = self.memory.looks.last().map_or(0, |look| look.step);
        let (step, of) = (self.trainer.steps, self.memory.plan.steps);
        let what = format!("after step {step} of {of} {}", who_left_the_numbers(&self.trainer));
        let rates =
            format!("{learning_rate:?}, the discriminator's {discriminator_learning_rate:?}");
        self.folder.diverged(what, rates, format!("step {last}"))
    }

    fn announce(&self) {
        let Plan {
            batch, learning_rate, discriminator_learning_rate, k, penalty, seed, loss, ..
        } = &self.memory.plan;
        let widths = |widths: Vec<usize>| -> String {
            widths.iter().map(usize::to_string).collect::<Vec<_>>().join("-")
        };
        let architecture = &self.description.architecture;
        let rates = if learning_rate == discriminator_learning_rate {
            format!("Adam {learning_rate:?}")
        } else {
            format!("Adam {learning_rate:?}, D {discriminator_learning_rate:?}")
        };
        let penalty =
            if *penalty > 0.0 { format!(", penalty γ = {penalty:?}") } else { String::new() };
        say(format!(
            "{}: {} examples; generator {}, discriminator {}\n\
             {} loss, k = {k}, batch {batch}, {rates} falling to 0{penalty}, seed {seed}, {} threads",
            self.corpus.name,
            thousands(self.corpus.train.len() as u64),
            widths(architecture.generator_widths()),
            widths(architecture.discriminator_widths()),
            loss_name(*loss),
            rayon::current_num_threads(),
        ));
    }

    /// A picture of each frame; those of an earlier run are removed.
    fn draw_frames(&self) -> Result<()> {
        let folder = self.folder.below(FRAMES)?;
        let mut written = Vec::new();
        for (i, (step, frame)) in self.frames.iter().enumerate() {
            let name = format!("{i:04}.png");
            frame.save(&self.corpus, *step, &folder.file(&name))?;
            written.push(name);
        }
        folder.remove_earlier(|name| digits_in(name, "", ".png") == Some(4), &written)
    }

    fn write_results(&self, seconds: f64) -> Result<()> {
        let Memory { plan, looks, diagnoses, .. } = &self.memory;
        let Some(last) = looks.last() else { bail!("a run has at least one look") };
        let Trainer { average, discriminator, .. } = &self.trainer;
        let path = self.folder.file(MODEL);
        store::save_model(&path, average, discriminator, &self.description)?;
        self.draw_frames()?;
        frames::draw_all(&self.frames, &self.corpus, &self.folder)?;
        pictures::samples(&self.folder, average, &self.corpus, last, plan.seed)?;
        pictures::curves(&self.folder, &looks[1..])?;
        let mut files = vec![
            ("samples.png".to_owned(), "new examples of the generator's average"),
            ("frames.png".to_owned(), "the game from its first step to its last"),
            (format!("{FRAMES}/0000.png to {:04}.png", plan.frames), "the same, one by one"),
            ("curves.png".to_owned(), "D on real and generated examples; how good these are"),
            (MODEL.to_owned(), "both networks, loadable from PyTorch by name"),
            (CHECKPOINT.to_owned(), "everything that --resume needs"),
            (SUMMARY.to_owned(), "plan, figures and times"),
        ];
        if let Kind::Line = self.corpus.kind {
            pictures::optimal(&self.folder)?;
            files.push(("optimal.png".to_owned(), "the best discriminator, and the game's value"));
        }
        let summary = Summary {
            plan,
            generator_parameters: average.network.parameter_count(),
            discriminator_parameters: discriminator.network.parameter_count(),
            training_examples: self.corpus.train.len(),
            result: last,
            diagnoses,
            threads: rayon::current_num_threads(),
            training_seconds: seconds,
            looks,
            files: &files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(),
        };
        self.folder.write_json(SUMMARY, &summary)?;
        say(format!(
            "Result: {}. D {:.2} on real, {:.2} on generated. Trained for {}.",
            last.quality_in_words(),
            last.d_real,
            last.d_generated,
            duration(seconds)
        ));
        diagnoses.iter().for_each(|words| say(format!("! {words}.")));
        self.folder.list(files);
        Ok(())
    }
}

fn load(path: &Path) -> Result<Resumed<Memory>> {
    Ok(store::load_checkpoint(path, |memory: &Memory| memory.plan.schedule())?)
}

/// The frames that belong to the looks; `None` if they do not agree.
fn frames_of(memory: &Memory, seen: &[ArrayD<f32>]) -> Option<Vec<(u64, Frame)>> {
    let pairs = seen.as_chunks::<2>();
    let whole = pairs.1.is_empty() && pairs.0.len() == memory.looks.len();
    let pairs = whole.then_some(pairs.0)?;
    memory
        .looks
        .iter()
        .zip(pairs)
        .map(|(look, [samples, judged])| Some((look.step, Frame::from_arrays(samples, judged)?)))
        .collect()
}

/// An interrupted run in the same folder is not overwritten.
fn set_unfinished_aside(folder: &Folder) -> Result<()> {
    let path = folder.file(CHECKPOINT);
    let Ok(Resumed { trainer, run: Memory { plan, .. }, .. }) = load(&path) else {
        return Ok(());
    };
    if (1..plan.steps as u64).contains(&trainer.steps) {
        let (done, of) = (thousands(trainer.steps), thousands(plan.steps as u64));
        folder.set_unfinished_aside(&format!("step {done} of {of}"))?;
    }
    Ok(())
}

/// Refuses networks that would not fit into memory, before any is set aside for them.
fn must_be_reasonable(plan: &Plan, data: usize) -> Result<()> {
    let architecture = plan.architecture(data);
    let count = |widths: Vec<usize>| {
        widths
            .windows(2)
            .fold(0_u128, |sum, pair| sum.saturating_add(pair[1] as u128 * (pair[0] as u128 + 1)))
    };
    let parameters = count(architecture.generator_widths())
        .saturating_add(count(architecture.discriminator_widths()));
    if parameters > MOST_PARAMETERS {
        bail!(
            "networks with these --hidden and --latent have {parameters} parameters, more than \
             {MOST_PARAMETERS}: choose smaller ones"
        );
    }
    Ok(())
}
