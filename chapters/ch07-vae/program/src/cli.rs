//! The command line.

use std::path::PathBuf;

use ch07_vae::{Bound, Gradient, KlTerm};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use nn::Activation;
use run::parse;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Reads the command line; a wrong one ends the program with exit status 2.
pub(crate) fn parse_command_line() -> Arguments {
    Arguments::parse()
}

/// Trains a variational autoencoder on MNIST, or does what a subcommand says.
///
/// Without arguments: 784-400-20-400-784, Bernoulli pixels binarized afresh at each visit,
/// 20 epochs. Pictures, model and summary go to out/ch07-vae/.
#[derive(Debug, Parser)]
#[command(name = "ch07-vae", version, args_conflicts_with_subcommands = true)]
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
    /// Draws new examples from a trained model.
    Sample(SampleArguments),
    /// Trains a model for each of several β and shows what its code costs and buys
    RateDistortion(RateDistortionArguments),
    /// Writes the decoded plane of codes as a sprite sheet with coordinates, for an interactive page
    LatentPlaneData(PlaneArguments),
}

#[derive(Debug, Default, Args)]
pub(super) struct TrainArguments {
    /// What to learn from: mnist, optdigits, grid2d, or a folder with idx or idx.gz files, or with PNG or JPEG pictures
    /// in train/ and test/ [default: mnist]
    #[arg(long, value_name = "mnist|optdigits|grid2d|DIR")]
    pub(super) data: Option<String>,

    /// Dimension of the code z [default: 20; optdigits 8, grid2d 2]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) latent: Option<usize>,

    /// Widths of the encoder's hidden layers, as in 400 or 200,200; the decoder mirrors them
    /// [default: 400; optdigits and grid2d 128]
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', value_parser = parse::count)]
    pub(super) hidden: Option<Vec<usize>>,

    /// Nonlinearity of the hidden layers: relu, tanh, leaky-relu, softplus, sigmoid or identity
    /// [default: relu; grid2d tanh]
    #[arg(long, value_name = "NAME")]
    pub(super) activation: Option<Activation>,

    /// Times that every training example is seen [default: 20; optdigits 400, grid2d 100]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) epochs: Option<usize>,

    /// Examples in a step [default: 128; grid2d 32]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) batch: Option<usize>,

    /// Adam's learning rate [default: 0.001]
    #[arg(long, value_name = "RATE", value_parser = parse::positive, allow_negative_numbers = true)]
    pub(super) lr: Option<f64>,

    /// How the learning rate goes through the run: as it is, or down to 0 along half a cosine
    /// [default: constant]
    #[arg(long, value_name = "NAME")]
    pub(super) schedule: Option<Schedule>,

    /// What a step increases: the ELBO, or the importance-weighted bound of --particles codes
    /// [default: elbo]
    #[arg(long, value_name = "NAME", value_parser = named::<Bound>(BOUNDS))]
    pub(super) objective: Option<Bound>,

    /// Codes K drawn for each image in a step [default: 1; with iwae 5]
    #[arg(long, value_name = "K", value_parser = parse::count_to::<10_000>)]
    pub(super) particles: Option<usize>,

    /// Estimate of the gradient: the total derivative, or only what comes through the sample
    /// ("sticking the landing"; needs the sampled KL) [default: total]
    #[arg(long, value_name = "NAME", value_parser = named::<Gradient>(GRADIENTS))]
    pub(super) gradient: Option<Gradient>,

    /// KL term in closed form, or from the codes drawn [default: analytic; sampled with
    /// --gradient path and --objective iwae]
    #[arg(long, value_name = "NAME", value_parser = named::<KlTerm>(KL_TERMS))]
    pub(super) kl: Option<KlTerm>,

    /// Distribution of the data given the code: bernoulli for pixels that are 0 or 1 (grey ones
    /// are binarized afresh at each visit), continuous-bernoulli for grey values in [0, 1],
    /// gaussian for any real numbers [default: bernoulli; grid2d gaussian]
    #[arg(long, value_name = "NAME")]
    pub(super) likelihood: Option<LikelihoodName>,

    /// Standard deviation of the Gaussian likelihood, in the data's units [default: 0.1; grid2d 0.25]
    #[arg(long, value_name = "σ", value_parser = parse::positive, allow_negative_numbers = true)]
    pub(super) sigma: Option<f64>,

    /// Start the decoder's last bias at the logits of the training pixels' means
    #[arg(long)]
    pub(super) bias_from_means: bool,

    /// Settings of a published experiment, to which other flags may be added: iwae-paper is the model
    /// with one stochastic layer of Burda, Grosse & Salakhutdinov (2016)
    #[arg(long, value_name = "NAME")]
    pub(super) preset: Option<Preset>,

    /// Weight of the KL term; 1 is the ELBO [default: 1]
    #[arg(long, value_name = "β", value_parser = parse::non_negative, allow_negative_numbers = true)]
    pub(super) beta: Option<f64>,

    /// Seed of weights, order, binarization and noise [default: 1]
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,

    /// Threads to compute with; the result does not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1024>)]
    pub(super) threads: Option<usize>,

    /// Folder for pictures, model, checkpoint and summary
    #[arg(long, value_name = "DIR", default_value = "out/ch07-vae")]
    pub(super) out: PathBuf,

    /// Folder for the book's figures, to draw those as well: light and dark, with their descriptions
    #[arg(long, value_name = "DIR")]
    pub(super) book: Option<PathBuf>,

    /// Go on from the checkpoint in the output folder, to the same bytes as without the pause
    #[arg(long)]
    pub(super) resume: bool,

    /// A run of a few seconds, for class: the optical digits, 200 epochs
    #[arg(long)]
    pub(super) quick: bool,
}

/// A name of the library's, as it stands in files, and what it stands for.
type Names = [(&'static str, &'static str); 2];

const BOUNDS: Names = [
    ("elbo", "the mean over the codes of log p(x|z) − KL"),
    ("iwae", "the logarithm of the codes' mean importance weight"),
];
const GRADIENTS: Names = [
    ("total", "the derivative of the estimate with the noise held fixed"),
    ("path", "only what comes through the sample: the score of q is left out"),
];
const KL_TERMS: Names = [
    ("analytic", "in closed form"),
    ("sampled", "log q(z|x) − log p(z) at the code that was drawn"),
];

fn named<T>(names: Names) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    let values = names.map(|(name, meaning)| PossibleValue::new(name).help(meaning));
    PossibleValuesParser::new(values).try_map(|name| serde_json::from_value(name.into()))
}

/// The likelihoods by name; the Gaussian one takes its width from `--sigma`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LikelihoodName {
    Bernoulli,
    Gaussian,
    ContinuousBernoulli,
}

/// The learning rate's way through a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Schedule {
    Constant,
    Cosine,
}

/// Settings that are known by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    IwaePaper,
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

    /// Other data than the model learned from: mnist, optdigits, grid2d or a folder
    #[arg(long, value_name = "mnist|optdigits|grid2d|DIR")]
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
    #[arg(long, value_name = "FILE", default_value = "out/ch07-vae/draws.png")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RateDistortionArguments {
    /// What to learn from: mnist, optdigits, grid2d, or a folder with idx or idx.gz files, or with PNG or JPEG pictures
    /// in train/ and test/
    #[arg(long, value_name = "mnist|optdigits|grid2d|DIR", default_value = "optdigits")]
    pub(super) data: String,

    /// Weights β of the KL term, at most ten
    #[arg(long, value_name = "β,β,…", value_delimiter = ',', value_parser = parse::positive,
          allow_negative_numbers = true, default_value = "0.1,0.25,0.5,1,2,4,8")]
    pub(super) betas: Vec<f64>,

    /// Times that every training example is seen, for each β [default: 150; mnist 10]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) epochs: Option<usize>,

    /// Seed of weights, order, binarization and noise; the same for each β
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,

    /// Threads to compute with; the result does not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1024>)]
    pub(super) threads: Option<usize>,

    /// Folder for the picture and its figures
    #[arg(long, value_name = "DIR", default_value = "out/ch07-vae/rate-distortion")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct PlaneArguments {
    /// A model.safetensors with a code of two dimensions
    #[arg(value_name = "MODEL")]
    pub(super) model: PathBuf,

    /// Images along each side of the plane
    #[arg(long, value_name = "N", default_value_t = 31, value_parser = side)]
    pub(super) side: usize,

    /// The plane goes from −RANGE to RANGE, each way
    #[arg(long, value_name = "RANGE", default_value_t = 3.0, value_parser = parse::positive,
          allow_negative_numbers = true)]
    pub(super) range: f64,

    /// Test images whose codes are written as well, a random choice
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = parse::count_to::<10_000>)]
    pub(super) points: usize,

    /// Other data than the model learned from: mnist, optdigits or a folder
    #[arg(long, value_name = "mnist|optdigits|DIR")]
    pub(super) data: Option<String>,

    /// Seed of the choice of test images
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,

    /// Folder for the sprite sheet and the coordinates
    #[arg(long, value_name = "DIR", default_value = "out/ch07-vae/latent-plane")]
    pub(super) out: PathBuf,
}

/// Images along a side: a plane has two sides, and a sheet its limit.
fn side(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(side) if (2..=100).contains(&side) => Ok(side),
        _ => Err(format!("expected a whole number from 2 to 100, got `{text}`")),
    }
}
