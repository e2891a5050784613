//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Reads the command line; a wrong one ends the program with exit status 2.
pub(crate) fn parse_command_line() -> Arguments {
    Arguments::parse()
}

/// Variational inference on exam marks, where every answer is known exactly.
///
/// Draws the posterior of an ability, counts what it costs to integrate it out, climbs the ELBO to the
/// exact posterior and past it where q cannot follow, fits one Gaussian to two modes in both directions, and
/// mixtures of Gaussians to points and to 1437 handwritten digits in few and in many dimensions.
#[derive(Debug, Parser)]
#[command(name = "ch02-variational-inference", version)]
pub(crate) struct Arguments {
    /// Seed of everything that is drawn: students, points, beginnings of fits
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,

    /// Folder for the pictures and the summary
    #[arg(long, value_name = "DIR", default_value = "out/ch02-variational-inference")]
    pub(super) out: PathBuf,

    /// Folder for the book's figures, to draw those as well: light and dark, with their descriptions
    #[arg(long, value_name = "DIR")]
    pub(super) book: Option<PathBuf>,

    /// One fit instead of five at each number of dimensions, for class
    #[arg(long)]
    pub(super) quick: bool,
}
