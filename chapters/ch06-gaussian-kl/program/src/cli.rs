//! The command line.

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use run::{parse, tour};

/// Reads the command line; a wrong one ends the program with exit status 2.
pub(crate) fn parse_command_line() -> Arguments {
    let given = std::env::args_os().map(|text| match text.to_str().and_then(negative) {
        Some(value) if value.is_finite() => value.to_string().into(),
        Some(value) => {
            let message = format!("expected a finite number, got `{value}`");
            Arguments::command().error(ErrorKind::ValueValidation, message).exit()
        }
        None => text,
    });
    Arguments::parse_from(given)
}

/// A negative number, also in the spellings `-.5` and `-inf`, which clap takes for one-letter flags.
fn negative(text: &str) -> Option<f64> {
    text.parse().ok().filter(|_| text.starts_with('-'))
}

/// The Kullback-Leibler divergence between Gaussians, in pictures or in one number.
///
/// Without arguments: pictures of the divergence, of fits by it and of its estimators, in
/// out/ch06-gaussian-kl/. With four numbers: KL(N(MU1, SIGMA1²) ‖ N(MU2, SIGMA2²)) in nats, by its
/// closed form, by quadrature and by Monte Carlo. SIGMA1 and SIGMA2 are standard deviations.
#[derive(Debug, Parser)]
#[command(version, mut_arg("out", |out| out.default_value("out/ch06-gaussian-kl")))]
#[command(after_help = "Example: ch06-gaussian-kl -1.5 0.5 0 2")]
pub(crate) struct Arguments {
    /// Mean of the first Gaussian, under which the expectation is taken
    #[arg(value_name = "MU1", value_parser = finite, allow_negative_numbers = true)]
    #[arg(requires = "sigma1", requires = "mu2", requires = "sigma2")]
    mu1: Option<f64>,

    /// Its standard deviation
    #[arg(value_name = "SIGMA1", value_parser = parse::positive, allow_negative_numbers = true)]
    sigma1: Option<f64>,

    /// Mean of the second Gaussian, with which the first one is compared
    #[arg(value_name = "MU2", value_parser = finite, allow_negative_numbers = true)]
    mu2: Option<f64>,

    /// Its standard deviation
    #[arg(value_name = "SIGMA2", value_parser = parse::positive, allow_negative_numbers = true)]
    sigma2: Option<f64>,

    /// Adds a last line with the numbers as one JSON object
    #[arg(long, requires = "mu1")]
    pub(super) json: bool,

    /// Draws of the Monte-Carlo estimate [default: 1000000; with --quick 100000]
    #[arg(long, value_name = "N", requires = "mu1")]
    #[arg(value_parser = parse::count_to::<1_000_000_000>)]
    pub(super) draws: Option<usize>,

    #[command(flatten)]
    pub(super) tour: tour::Arguments,
}

impl Arguments {
    /// The four numbers, if they were given.
    pub(super) fn pair(&self) -> Option<[f64; 4]> {
        Some([self.mu1?, self.sigma1?, self.mu2?, self.sigma2?])
    }
}

fn finite(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("expected a finite number, got `{text}`")),
    }
}
