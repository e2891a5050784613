//! `cargo course verify`: runs claims and reports them.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use claims::{AnyClaim, Report, Scope};
use clap::{Args, value_parser};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use run::{Progress, duration, parse, say, thousands};

use crate::evidence::{Entry, Evidence};
use crate::fingerprint::fingerprints;
use crate::junit::junit;
use crate::select::select;
use crate::soak::{holes, soak};
use crate::table::{explain, head, row};

/// What to verify, and how to report it.
#[derive(Debug, Default, Args)]
pub struct Arguments {
    /// A chapter (ch06-gaussian-kl, ch06 or gaussian-kl) or a claim (gaussian-kl/closed-form)
    /// [default: all]
    #[arg(value_name = "CHAPTER|CLAIM")]
    pub name: Option<String>,

    /// Lists the claims without running them
    #[arg(long)]
    pub list: bool,

    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Searches N times as long as usual for counter-examples to what is claimed for every case of a domain
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=100_000))]
    pub hunt: u32,

    /// Runs the claims at N seeds, and counts false alarms, surviving falsifiers and holes that are not noticed
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..), conflicts_with_all = ["json", "junit", "list", "hunt"])]
    pub soak: Option<u64>,

    /// Makes outputs wrong in a part of each domain, at N seeds, and counts where a check does not notice
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..), conflicts_with_all = ["json", "junit", "list", "hunt", "soak"])]
    pub holes: Option<u64>,

    /// With --soak: leaves out claims that take longer than this
    #[arg(long, value_name = "SECONDS", default_value_t = 0.1, value_parser = parse::positive)]
    pub soak_limit: f64,

    /// Threads to compute with; the evidence does not depend on them [default: all cores]
    #[arg(long, value_name = "N", value_parser = parse::count)]
    pub threads: Option<usize>,

    /// Writes the evidence to a file (besides book/evidence.json, which a run of all claims writes)
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Writes JUnit XML to a file
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}

/// Where the book looks for evidence.
///
/// # Errors
/// If the current folder is in no course.
pub fn book_evidence() -> Result<PathBuf> {
    Ok(run::course_root()?.join("book/evidence.json"))
}

/// Runs the command.
///
/// # Errors
/// If a name is unknown, a file cannot be written, or a claim does not hold.
pub fn verify(arguments: &Arguments) -> Result<()> {
    let claims = select(arguments.name.as_deref())?;
    if arguments.list {
        for claim in &claims {
            let words = claim.scope().map_or("", Scope::words);
            say(format!(
                "{:44} {words:9} {:11} {:>2} falsifiers  {}",
                claim.id(),
                format!("{:?}", claim.kind()).to_lowercase(),
                claim.falsifiers().len(),
                claim.statement()
            ));
            if let Some(covers) = claim.scope().map(Scope::covers).filter(|text| !text.is_empty()) {
                say(format!("{:44} {covers}", ""));
            }
        }
        return Ok(());
    }
    let pool = run::thread_pool(arguments.threads)?;
    if let Some(count) = arguments.soak {
        return pool.install(|| soak(claims, arguments.seed, count, arguments.soak_limit));
    }
    if let Some(count) = arguments.holes {
        return pool.install(|| holes(claims, arguments.seed, count));
    }
    let begin = Instant::now();
    let results = pool.install(|| run_all(&claims, arguments.seed, arguments.hunt as usize));
    report(&results, begin.elapsed().as_secs_f64());

    let entries = || results.iter().map(|(report, seconds)| Entry::new(report, *seconds)).collect();
    let evidence = |path: &Path| {
        let text = serde_json::to_string_pretty(&Evidence::new(
            arguments.seed,
            fingerprints()?,
            entries(),
        ))?;
        write(path, &(text + "\n"))
    };
    // A longer search has other worst cases: the book's are those of a usual run.
    if arguments.name.is_none() && arguments.hunt == 1 {
        evidence(&book_evidence()?)?;
    }
    if let Some(path) = &arguments.json {
        evidence(path)?;
    }
    if let Some(path) = &arguments.junit {
        write(path, &junit(&results))?;
    }
    let failed = results.iter().filter(|(report, _)| !report.passed()).count();
    if failed > 0 {
        bail!("{failed} of {} claims failed", results.len());
    }
    Ok(())
}

/// Every claim's report with the seconds that it took, in the order of the claims.
fn run_all(claims: &[Box<dyn AnyClaim>], seed: u64, effort: usize) -> Vec<(Report, f64)> {
    let progress = Progress::new(claims.len() as u64);
    claims
        .par_iter()
        .map(|claim| {
            progress.message(|| claim.id().to_owned());
            let start = Instant::now();
            let report = claim.hunt(seed, effort);
            progress.advance(1);
            (report, start.elapsed().as_secs_f64())
        })
        .collect()
}

fn report(results: &[(Report, f64)], seconds: f64) {
    let width = results.iter().map(|(report, _)| report.id.len()).max().unwrap_or_default();
    say(head(width));
    for (report, seconds) in results {
        say(row(report, *seconds, width));
    }
    let failed: Vec<_> = results.iter().filter(|(report, _)| !report.passed()).collect();
    for (report, _) in &failed {
        say(format!("\n{}", explain(report)));
    }
    let falsifiers: usize = results.iter().map(|(report, _)| report.falsifiers.len()).sum();
    let rejected = results.iter().flat_map(|(r, _)| &r.falsifiers).filter(|f| f.rejected).count();
    let alpha: f64 = results.iter().map(|(report, _)| report.alpha).sum();
    say(format!(
        "\n{} of {} claims hold, {rejected} of {falsifiers} falsifiers rejected, in {}; \
         probability of a false alarm in this run at most {alpha:.1e}",
        results.len() - failed.len(),
        results.len(),
        duration(seconds)
    ));
    let hunted = || results.iter().filter_map(|(report, _)| report.hunted.as_ref());
    if hunted().next().is_some() {
        say(format!(
            "{} of them speak of every case of a domain: {} cases were looked at",
            hunted().count(),
            thousands(hunted().map(|hunted| hunted.looks as u64).sum())
        ));
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    file::write_atomically(path, text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}
