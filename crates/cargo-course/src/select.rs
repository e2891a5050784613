//! Labs and exercises by name.

use ::lab::{AnyExercise, Lab};
use anyhow::{Result, anyhow};
use lab_checks::labs;

/// The lab of a chapter: `ch06`, `6`, `gaussian-kl` or `ch06-gaussian-kl`.
///
/// # Errors
/// If there is none: the message names the nearest.
pub(crate) fn lab(name: &str) -> Result<Lab> {
    let names = |lab: &Lab| {
        let number = lab.chapter.trim_start_matches(['c', 'h', '0']);
        let (short, long) = (format!("ch{number}"), format!("{}-{}", lab.chapter, lab.slug));
        [lab.chapter.to_owned(), lab.slug.to_owned(), number.to_owned(), short, long]
    };
    let labs = labs();
    let known: Vec<String> = labs.iter().flat_map(names).collect();
    let all: Vec<&str> = labs.iter().map(|lab| lab.chapter).collect();
    let unknown = anyhow!(
        "there is no lab `{name}`; did you mean `{}`? There are {}.",
        nearest(name, known.iter().map(String::as_str)),
        all.join(", ")
    );
    labs.into_iter().find(|lab| names(lab).iter().any(|other| other == name)).ok_or(unknown)
}

/// An exercise of a lab, with its number: `2`, or the name of its function.
///
/// # Errors
/// If there is none: the message lists all.
pub(crate) fn exercise<'a>(lab: &'a Lab, name: &str) -> Result<(usize, &'a dyn AnyExercise)> {
    let number = name.parse::<usize>().ok();
    let mut numbered = (1..).zip(&lab.exercises);
    let found =
        numbered.find(|(n, exercise)| number == Some(*n) || exercise.about().function == name);
    found.map(|(number, exercise)| (number, &**exercise)).ok_or_else(|| {
        let functions = lab.exercises.iter().map(|exercise| exercise.about().function);
        let line = |(number, function)| format!("\n  {number}  {function}");
        let list: String = (1_usize..).zip(functions).map(line).collect();
        anyhow!("{} has no exercise `{name}`. Its exercises are{list}", lab.chapter)
    })
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    let like = |known: &str| strsim::jaro_winkler(known, name);
    known.max_by(|a, b| like(a).total_cmp(&like(b))).unwrap_or_default()
}
