//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Reads the command line; a wrong one ends the program with exit status 2.
pub(crate) fn parse_command_line() -> Arguments {
    Arguments::parse()
}

/// Gradients of expectations, by writing the draw as a function of noise: pictures of how draws move, of
/// all estimators of one gradient side by side, of where each of them wins, and of where there is no path.
#[derive(Debug, Parser)]
#[command(name = "ch05-reparameterization", version)]
#[command(after_help = "Example: ch05-reparameterization --quick --seed 7 --out out/seven")]
pub(crate) struct Arguments {
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,

    /// Folder for the pictures and the summary
    #[arg(long, value_name = "DIR", default_value = "out/ch05-reparameterization")]
    pub(super) out: PathBuf,

    /// Folder for the book's figures, to draw those as well: light and dark, with their descriptions
    #[arg(long, value_name = "DIR")]
    pub(super) book: Option<PathBuf>,

    /// A tenth of the draws, for class
    #[arg(long)]
    pub(super) quick: bool,
}

impl Arguments {
    /// So many draws, or a tenth of them for class.
    pub(super) fn scaled(&self, draws: usize) -> usize {
        if self.quick { draws / 10 } else { draws }
    }
}
