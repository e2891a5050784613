//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Reads the command line; a wrong one ends the program with exit status 2.
pub(crate) fn parse_command_line() -> Arguments {
    Arguments::parse()
}

/// Autoencoders on handwritten digits: what a code keeps, and what it does not.
///
/// Trains linear, tied and deep autoencoders beside principal components, and leaves pictures of
/// reconstructions, codes, walks between codes and decoded draws.
#[derive(Debug, Parser)]
#[command(name = "ch01-autoencoder", version)]
#[command(after_help = "Example: ch01-autoencoder --quick --out out/class")]
pub(crate) struct Arguments {
    /// Seed of weights, order of images and draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,

    /// Folder for the pictures and the summary
    #[arg(long, value_name = "DIR", default_value = "out/ch01-autoencoder")]
    pub(super) out: PathBuf,

    /// Folder for the book's figures, to draw those as well: light and dark, with their descriptions
    #[arg(long, value_name = "DIR")]
    pub(super) book: Option<PathBuf>,

    /// Fewer images and epochs, for class: seconds
    #[arg(long)]
    pub(super) quick: bool,
}

impl Arguments {
    /// The first, or with `--quick` the second.
    pub(super) fn choose(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }
}
