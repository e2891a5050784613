//! The command line.

use std::path::PathBuf;

use ch08_gan::GeneratorLoss;
use clap::{Args, Parser, Subcommand};
use run::parse;

/// Reads the command line; a wrong one ends the program with exit status 2.
pub(crate) fn parse_command_line() -> Arguments {
    Arguments::parse()
}

/// Trains a generator against a discriminator: on the ring of eight Gaussians, then on MNIST.
///
/// While it trains it says what the discriminator makes of real and of generated examples, how many modes
/// the generator covers or how its images score, and in words what goes wrong. Each data set has a folder of
/// its own below out/ch08-gan/ for pictures, models and summary.
#[derive(Debug, Parser)]
#[command(name = "ch08-gan", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) train: TrainArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The ring with several seeds, at the usual settings and at ones that collapse.
    RingSeeds(SeedsArguments),
    /// GAN, VAE, autoencoder and Gaussian mixture on the same images, by the same score.
    Compare(CompareArguments),
    /// Draws new examples from a trained generator.
    Sample(SampleArguments),
}

#[derive(Debug, Args)]
pub(super) struct TrainArguments {
    /// What to learn from: gaussian1d, ring, mnist, optdigits, or a folder with idx or idx.gz files, or with PNG
    /// or JPEG pictures in train/ and test/, a folder in these for each class [default: ring, then mnist; with --quick ring, then optdigits]
    #[arg(long, value_name = "gaussian1d|ring|mnist|optdigits|DIR")]
    pub(super) data: Option<String>,

    /// What the generator descends on: saturating, log(1 − D(G(z))), or nonsaturating, −log D(G(z))
    /// [default: nonsaturating]
    #[arg(long, value_name = "saturating|nonsaturating", value_parser = generator_loss)]
    pub(super) loss: Option<GeneratorLoss>,

    /// Steps of the discriminator for each of the generator [default: 1]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<100>)]
    pub(super) k: Option<usize>,

    /// Dimension of the noise z [default: 64; optdigits 16, ring 2, gaussian1d 1]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) latent: Option<usize>,

    /// Widths of the generator's hidden layers; the discriminator has them in reverse
    /// [default: 256,256; optdigits and ring 128,128, gaussian1d 32,32]
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', value_parser = parse::count)]
    pub(super) hidden: Option<Vec<usize>>,

    /// Steps of the generator [default: 10000; ring 12000, gaussian1d 4000]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) steps: Option<usize>,

    /// Real examples in a step, and as many generated ones [default: 128; ring and gaussian1d 256]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<65_536>)]
    pub(super) batch: Option<usize>,

    /// Adam's learning rate at the first step, of both players; it falls to 0 in a straight line
    /// [default: 0.001]
    #[arg(long, value_name = "RATE", value_parser = parse::positive, allow_negative_numbers = true)]
    pub(super) lr: Option<f64>,

    /// The same for the discriminator alone [default: as --lr]
    #[arg(long, value_name = "RATE", value_parser = parse::positive, allow_negative_numbers = true)]
    pub(super) lr_d: Option<f64>,

    /// γ of the penalty ½γ‖∇ₓℓ(x)‖² on the discriminator at real examples; 0 for the plain algorithm
    /// [default: 3; ring and gaussian1d 0]
    #[arg(long, value_name = "γ", value_parser = parse::non_negative, allow_negative_numbers = true)]
    pub(super) penalty: Option<f64>,

    /// Looks at the players during the training, each with a picture and a checkpoint [default: 24]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1000>)]
    pub(super) frames: Option<usize>,

    /// Seed of weights, choice of examples and noise [default: 1]
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,

    /// Threads to compute with; the result does not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1024>)]
    pub(super) threads: Option<usize>,

    /// Folder that gets a folder for each data set
    #[arg(long, value_name = "DIR", default_value = "out/ch08-gan")]
    pub(super) out: PathBuf,

    /// Folder for the book's figures, to draw those as well: light and dark, with their descriptions
    #[arg(long, value_name = "DIR")]
    pub(super) book: Option<PathBuf>,

    /// Go on from the checkpoints in the output folder, to the same bytes as without the pause
    #[arg(long)]
    pub(super) resume: bool,

    /// Runs of a few seconds, for class: fewer steps, and the optical digits instead of MNIST
    #[arg(long)]
    pub(super) quick: bool,
}

impl TrainArguments {
    /// Nothing said but, perhaps, the number of steps.
    pub(super) fn silent(steps: Option<usize>) -> Self {
        let Arguments { train, .. } = Arguments::parse_from(["ch08-gan"]);
        Self { steps, frames: Some(1), ..train }
    }
}

#[derive(Debug, Args)]
pub(super) struct SeedsArguments {
    /// Seeds 1 to N
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = parse::count_to::<1000>)]
    pub(super) seeds: usize,

    /// Steps of the generator [default: as in a run on the ring]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) steps: Option<usize>,

    /// Threads; each trains seeds of its own [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1024>)]
    pub(super) threads: Option<usize>,

    /// Folder for the table and the picture
    #[arg(long, value_name = "DIR", default_value = "out/ch08-gan/ring-seeds")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// The images: mnist, optdigits, or a folder with labelled images
    #[arg(long, value_name = "mnist|optdigits|DIR", default_value = "mnist")]
    pub(super) data: String,

    /// Times that each model sees every training image [default: 4; images of fewer than 400 pixels 400]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub(super) passes: Option<usize>,

    /// Threads; each trains models of its own [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count_to::<1024>)]
    pub(super) threads: Option<usize>,

    /// Folder for the table and the picture
    #[arg(long, value_name = "DIR", default_value = "out/ch08-gan/compare")]
    pub(super) out: PathBuf,
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
    #[arg(long, value_name = "FILE", default_value = "out/ch08-gan/draws.png")]
    pub(super) out: PathBuf,
}

fn generator_loss(text: &str) -> Result<GeneratorLoss, String> {
    match text {
        "saturating" => Ok(GeneratorLoss::Saturating),
        "nonsaturating" | "non-saturating" => Ok(GeneratorLoss::NonSaturating),
        _ => Err(format!("expected saturating or nonsaturating, got `{text}`")),
    }
}

/// The name under which a loss is asked for.
pub(super) fn loss_name(loss: GeneratorLoss) -> &'static str {
    match loss {
        GeneratorLoss::Saturating => "saturating",
        GeneratorLoss::NonSaturating => "nonsaturating",
    }
}
