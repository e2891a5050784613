//! What computes a run in the build with libtorch; the face is that of `engine.rs`.

use anyhow::{Result, bail};
use ch07_vae::Evaluation;
use ch09_conv_vae::torch::{self, Choice, Network, Precision};
use ch09_conv_vae::{Architecture, Batch, Trainer, Vae, purpose};
use clap::{Args, ValueEnum};
use data::Images;
use run::parse;
use tch::Device;

use super::cli::Model;

/// The flags for training.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct TrainFlags {
    /// Where libtorch computes: auto (a GPU if there is one), cpu, or cuda:N with the number of a GPU
    #[arg(long, value_name = "auto|cpu|cuda:N", default_value_t = Choice::Auto)]
    device: Choice,

    /// The layers' products in f32 or in bf16; all else is f32 [default: f32; on a GPU, bf16]
    #[arg(long, value_enum)]
    precision: Option<Kind>,

    /// Test images that are looked at together after an epoch [default: 128; on a GPU, 1024]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<10_000_000>)]
    block: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    F32,
    Bf16,
}

/// The flags for evaluation.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct EvaluateFlags {
    /// Where libtorch computes: auto (a GPU if there is one), cpu, or cuda:N with the number of a GPU
    #[arg(long, value_name = "auto|cpu|cuda:N", default_value_t = Choice::Auto)]
    device: Choice,

    /// Codes that are decoded together; the figures do not depend on it [default: 1024; on a GPU, 4096]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<10_000_000>)]
    block: Option<usize>,
}

impl TrainFlags {
    /// The model to train if none is named: the full one if a GPU is there to compute it.
    pub(super) fn usual_model(self) -> Model {
        if self.device.device().is_ok_and(Device::is_cuda) { Model::Full } else { Model::Small }
    }

    fn precision(self, device: Device) -> Result<Precision> {
        match (self.precision, device.is_cuda()) {
            (Some(Kind::F32), _) | (None, false) => Ok(Precision::Full),
            (Some(Kind::Bf16) | None, true) => Ok(Precision::Mixed),
            (Some(Kind::Bf16), false) => bail!(
                "--precision bf16 is for a GPU; a processor is not faster with it: leave it out, or \
                 choose a GPU with --device cuda:0"
            ),
        }
    }
}

impl EvaluateFlags {
    /// Evaluates a model with these codes' number and seed, on the device.
    pub(super) fn evaluate(
        self,
        (model, architecture): (&Vae<f32>, &Architecture),
        images: &Images,
        indices: &[usize],
        (samples, seed): (usize, u64),
        progress: impl Fn(usize) + Sync,
    ) -> Result<Evaluation> {
        let device = ready(self.device, rayon::current_num_threads())?;
        let network = Network::from_model(architecture, model, device, Precision::Full)?;
        let block = self.block.unwrap_or(if device.is_cuda() { 4096 } else { 1024 });
        Ok(torch::evaluate(&network, images, indices, samples, seed, block, progress)?)
    }
}

/// A model in training on libtorch.
pub(super) struct Engine {
    trainer: torch::Trainer,
    /// Test images that are looked at together.
    block: usize,
}

impl Engine {
    /// Goes on, on a device, where a trainer stands.
    pub(super) fn new(
        trainer: Trainer,
        architecture: &Architecture,
        flags: TrainFlags,
        threads: Option<usize>,
    ) -> Result<Self> {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let device = ready(flags.device, threads.unwrap_or_else(cores))?;
        let precision = flags.precision(device)?;
        let trainer = torch::Trainer::new(architecture, &trainer, device, precision)?;
        Ok(Self {
            trainer,
            block: flags.block.unwrap_or(if device.is_cuda() { 1024 } else { 128 }),
        })
    }

    /// Where it computes, for the first line of a run.
    pub(super) fn place(&self) -> String {
        let network = &self.trainer.network;
        let precision = match network.precision {
            Precision::Full => "f32",
            Precision::Mixed => "bf16 and f32",
        };
        match network.device() {
            Device::Cuda(number) => format!("libtorch, cuda:{number}, {precision}"),
            _ => format!("libtorch, {} threads, {precision}", tch::get_num_threads()),
        }
    }

    /// One step on the images `indices`. On a GPU they are drawn while it still computes the step before.
    pub(super) fn step(
        &mut self,
        images: &Images,
        indices: &[usize],
        learning_rate: f64,
        seed: u64,
        epoch: u64,
    ) -> Result<()> {
        let latent = self.trainer.network.latent();
        let batch = Batch::draw(images, indices, latent, seed, [purpose::TRAIN, epoch]);
        Ok(self.trainer.step(&batch, learning_rate)?)
    }

    /// Reconstruction and KL, summed over all images since this was last asked.
    pub(super) fn take_sums(&mut self) -> Result<(f64, f64)> {
        Ok(self.trainer.take_sums()?)
    }

    /// Steps taken.
    pub(super) fn steps(&self) -> u64 {
        self.trainer.steps
    }

    /// The trainer as it stands, to be saved, looked at and drawn from.
    pub(super) fn with_trainer<T>(&self, look: impl FnOnce(&Trainer) -> T) -> Result<T> {
        Ok(look(&self.trainer.to_plain()?))
    }

    /// The two terms on average over `images`, with fresh noise.
    pub(super) fn average_terms(
        &self,
        images: &Images,
        seed: u64,
        round: u64,
    ) -> Result<(f64, f64)> {
        Ok(torch::average_terms(&self.trainer.network, images, seed, round, self.block)?)
    }
}

/// The device, with that many threads if it is the processor.
fn ready(choice: Choice, threads: usize) -> Result<Device> {
    tch::set_num_threads(i32::try_from(threads)?);
    Ok(choice.device()?)
}
