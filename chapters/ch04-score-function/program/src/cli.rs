//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Reads the command line; a wrong one ends the program with exit status 2.
pub(crate) fn parse_command_line() -> Arguments {
    Arguments::parse()
}

/// The score-function estimator: how much it varies, why, and what baselines save.
///
/// Draws each estimator of one gradient, sets the variances beside their exact values, tabulates the draws
/// that an error of 1 % takes, and trains a model with discrete latent variables. Pictures and a summary go
/// to out/ch04-score-function/.
#[derive(Debug, Parser)]
#[command(name = "ch04-score-function", version)]
#[command(after_help = "Example: ch04-score-function --quick --seed 2")]
pub(crate) struct Arguments {
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,

    /// Folder for the pictures and the summary
    #[arg(long, value_name = "DIR", default_value = "out/ch04-score-function")]
    pub(super) out: PathBuf,

    /// Folder for the book's figures, to draw those as well: light and dark, with their descriptions
    #[arg(long, value_name = "DIR")]
    pub(super) book: Option<PathBuf>,

    /// Fewer draws, for class
    #[arg(long)]
    pub(super) quick: bool,
}

impl Arguments {
    /// So many draws, or a tenth of them for class.
    pub(super) fn scaled(&self, draws: usize) -> usize {
        if self.quick { draws / 10 } else { draws }
    }
}
