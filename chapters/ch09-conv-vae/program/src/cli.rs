//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use run::parse;
use serde::{Deserialize, Serialize};

/// Reads the command line; a wrong one ends the program with exit status 2.
pub(crate) fn parse_command_line() -> Arguments {
    Arguments::parse()
}

/// Trains a convolutional variational autoencoder on MNIST, or does what a subcommand says.
///
/// Without arguments: the small model, Bernoulli pixels binarized afresh at each visit, Adam with a learning rate that
/// falls along half a cosine. Pictures, model and summary go to out/ch09-conv-vae/.
#[derive(Debug, Parser)]
#[command(name = "ch09-conv-vae", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) train: TrainArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Estimates ELBO and log p(x) of a trained model on the test set.
    Evaluate(EvaluateArguments),
    /// Draws new images from a trained model.
    Sample(SampleArguments),
}

/// The two models of the chapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Model {
    /// Trains on a processor in minutes.
    Small,
    /// Wants a GPU.
    Full,
}

#[derive(Debug, Args)]
pub(super) struct TrainArguments {
    /// What to learn from: mnist, optdigits, or a folder with idx or idx.gz files, or with PNG or JPEG pictures in train/
    /// and test/; grey or colour, up to 64×64 pixels [default: mnist]
    #[arg(long, value_name = "mnist|optdigits|DIR")]
    pub(super) data: Option<String>,

    /// Which model to train [default: small; with libtorch on a GPU, full]
    #[arg(long, value_enum)]
    pub(super) model: Option<Model>,

    /// Dimension of the code z [default: 32; full 64, optdigits 8]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<4096>)]
    pub(super) latent: Option<usize>,

    /// Times that every training image is seen [default: 60; optdigits 200]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) epochs: Option<usize>,

    /// Images in a step [default: 128; optdigits 32]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) batch: Option<usize>,

    /// Adam's learning rate at the start; it falls to 0 along half a cosine [default: 0.002]
    #[arg(long, value_name = "RATE", value_parser = parse::positive, allow_negative_numbers = true)]
    pub(super) lr: Option<f64>,

    /// Seed of weights, order, binarization and noise [default: 1]
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,

    /// Threads to compute with; the result does not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1024>)]
    pub(super) threads: Option<usize>,

    /// Folder for pictures, model, checkpoint and summary
    #[arg(long, value_name = "DIR", default_value = "out/ch09-conv-vae")]
    pub(super) out: PathBuf,

    /// Folder for the book's figures, to draw those as well: light and dark, with their descriptions
    #[arg(long, value_name = "DIR")]
    pub(super) book: Option<PathBuf>,

    /// Go on from the checkpoint in the output folder, to the same bytes as without the pause
    #[arg(long)]
    pub(super) resume: bool,

    /// A run of a few seconds, for class: the optical digits, 40 epochs
    #[arg(long)]
    pub(super) quick: bool,

    #[command(flatten)]
    pub(super) engine: super::engine::TrainFlags,
}

#[derive(Debug, Args)]
pub(super) struct EvaluateArguments {
    /// A model.safetensors that a training run wrote
    #[arg(value_name = "MODEL")]
    pub(super) model: PathBuf,

    /// Codes drawn for each image
    #[arg(long, value_name = "K", default_value_t = 500, value_parser = parse::count_to::<1_000_000>)]
    pub(super) samples: usize,

    /// A random choice of this many test images instead of all
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) images: Option<usize>,

    /// Other data than the model learned from: mnist, optdigits or a folder
    #[arg(long, value_name = "mnist|optdigits|DIR")]
    pub(super) data: Option<String>,

    /// Seed of the codes and of the choice of images
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,

    /// Threads to compute with; the result does not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1024>)]
    pub(super) threads: Option<usize>,

    /// Adds a last line with the figures as one JSON object
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    pub(super) engine: super::engine::EvaluateFlags,
}

#[derive(Debug, Args)]
pub(super) struct SampleArguments {
    /// A model.safetensors that a training run wrote
    #[arg(value_name = "MODEL")]
    pub(super) model: PathBuf,

    /// How many to draw
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = parse::count_to::<100_000>)]
    pub(super) count: usize,

    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,

    /// The picture to write, .png or .svg
    #[arg(long, value_name = "FILE", default_value = "out/ch09-conv-vae/draws.png")]
    pub(super) out: PathBuf,
}
