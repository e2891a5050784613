//! The run of a chapter that trains nothing for long: it computes its numbers, draws its pictures, and ends with a list of
//! what it left.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::{Folder, say};

/// What every such program can be told. Each adds its own folder:
/// `#[command(mut_arg("out", |out| out.default_value("out/ch05-reparameterization")))]`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Seed of everything that is drawn
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Folder for the pictures and the summary
    #[arg(long, value_name = "DIR", required = false)]
    out: PathBuf,

    /// Folder for the book's figures, to draw those as well: light and dark, with their descriptions
    #[arg(long, value_name = "DIR")]
    book: Option<PathBuf>,

    /// Fewer draws, fits or images, for class
    #[arg(long)]
    quick: bool,
}

impl Arguments {
    /// The first, or with `--quick` the second.
    pub fn choose<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// So many draws, or a tenth of them for class.
    pub fn scaled(&self, draws: usize) -> usize {
        self.choose(draws, draws / 10)
    }

    /// The folder of the run, from which plates go into the book's, if there is one. `chapter` is the name of the crate.
    ///
    /// # Errors
    /// Those of [`Folder::create`] and [`Folder::with_book`].
    pub fn folder(&self, chapter: &str) -> Result<Folder> {
        Folder::create(&self.out)?.with_book(self.book.as_deref(), chapter)
    }
}

/// The numbers behind the pictures, and the pictures.
#[derive(Serialize)]
struct Summary<'a, N> {
    #[serde(flatten)]
    numbers: &'a N,
    files: &'a [&'a str],
}

/// Ends a run: `numbers` go into `summary.json`, with the names of the pictures after them, and the terminal says what is in
/// the folder. `pictures` are names, and what is to be seen, in the order of the text.
///
/// # Errors
/// If the summary cannot be written.
pub fn close(folder: &Folder, pictures: &[(&str, &str)], numbers: &impl Serialize) -> Result<()> {
    const SUMMARY: (&str, &str) = ("summary.json", "the numbers behind the pictures");
    let files: Vec<&str> = pictures.iter().map(|(name, _)| *name).collect();
    folder.write_json(SUMMARY.0, &Summary { numbers, files: &files })?;
    say(format!("\nIn {}:", folder.path().display()));
    let width = 4 + files.iter().map(|name| name.len()).fold(SUMMARY.0.len(), usize::max);
    for (name, what) in pictures.iter().chain([&SUMMARY]) {
        say(format!("  {name:width$}{what}"));
    }
    Ok(())
}

/// Points of a curve, evenly spaced and `steps` apart from end to end.
pub fn curve(low: f64, high: f64, steps: u32, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    abscissas(low, high, steps).map(|x| (x, f(x))).collect()
}

/// Points of a curve whose computation may fail.
///
/// # Errors
/// The first of `f`'s.
pub fn try_curve<E>(
    low: f64,
    high: f64,
    steps: u32,
    f: impl Fn(f64) -> Result<f64, E>,
) -> Result<Vec<(f64, f64)>, E> {
    abscissas(low, high, steps).map(|x| Ok((x, f(x)?))).collect()
}

fn abscissas(low: f64, high: f64, steps: u32) -> impl Iterator<Item = f64> {
    (0..=steps).map(move |i| low + (high - low) * f64::from(i) / f64::from(steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_the_numbers_and_then_the_names_of_the_pictures() {
        #[derive(Serialize)]
        struct Numbers {
            seed: u64,
            kl: f64,
        }
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(temporary.path()).expect("free");
        let pictures = [("b.png", "first in the text"), ("a.png", "then this")];
        close(&folder, &pictures, &Numbers { seed: 3, kl: 0.25 }).expect("writable");
        let text = std::fs::read_to_string(folder.file("summary.json")).expect("written");
        let files = "  \"files\": [\n    \"b.png\",\n    \"a.png\"\n  ]\n";
        assert_eq!(text, format!("{{\n  \"seed\": 3,\n  \"kl\": 0.25,\n{files}}}\n"));
    }

    #[test]
    fn a_curve_reaches_both_ends_or_says_why_not() {
        let double = [(-1.0, -2.0), (1.0, 2.0), (3.0, 6.0)];
        assert_eq!(curve(-1.0, 3.0, 2, |x| 2.0 * x), double);
        assert_eq!(
            try_curve(-1.0, 3.0, 2, |x| Ok::<_, String>(2.0 * x)).as_deref(),
            Ok(&double[..])
        );
        let root = |x: f64| if x < 0.0 { Err(format!("√{x}")) } else { Ok(x.sqrt()) };
        assert_eq!(try_curve(-1.0, 3.0, 2, root), Err("√-1".to_owned()));
    }

    #[test]
    fn for_class_there_is_less_to_do() {
        let arguments = |quick| Arguments { seed: 1, out: "out".into(), book: None, quick };
        assert_eq!((arguments(false).scaled(500), arguments(true).scaled(500)), (500, 50));
        assert_eq!((arguments(false).choose(5, 1), arguments(true).choose(5, 1)), (5, 1));
    }
}
