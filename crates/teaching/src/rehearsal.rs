//! What a grader tries before it judges anybody: for each lab the reference solution, which is right, and a known mistake,
//! which is wrong, as files that a student could hand in.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use solutions::{MISTAKEN, Mistaken};

/// Two files of a lab, whose verdicts are known.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// Everything solved.
    pub solved: String,
    /// One function mistaken, the others solved.
    pub mistaken: String,
    /// Which, and how.
    pub mistake: Mistaken,
}

impl Rehearsal {
    /// Of a chapter, as in `ch06`, from the solutions in the course's folder.
    ///
    /// # Errors
    /// If they cannot be read, or there is no mistake of that chapter.
    pub fn of(root: &Path, chapter: &str) -> Result<Self> {
        let solved = solution_text(root, chapter)?;
        let mistake = MISTAKEN.into_iter().find(|mistaken| mistaken.chapter == chapter);
        let mistake = mistake.with_context(|| format!("no mistake of {chapter} is known"))?;
        let (start, end) = body_of(&solved, mistake.function)?;
        let body = &solved[start..end];
        if body.matches(mistake.right).count() != 1 {
            bail!(
                "`{}` has to stand once in {chapter}'s solution of `{}`, so that it can be mistaken",
                mistake.right,
                mistake.function
            );
        }
        let body = body.replace(mistake.right, mistake.wrong);
        let mistaken = format!("{}{body}{}", &solved[..start], &solved[end..]);
        Ok(Self { solved, mistaken, mistake })
    }
}

/// A student's file of a chapter with everything solved: the solutions, without the list that names them for the checks.
///
/// # Errors
/// If the solutions cannot be read, or have no such list.
pub fn solution_text(root: &Path, chapter: &str) -> Result<String> {
    let file = root.join(format!("solutions/src/{chapter}.rs"));
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = text.replace("use lab::Functions;\n", "");
    let list = || format!("{} has no list `functions()` of its solutions", file.display());
    let (before, from) = text.split_once("pub fn functions()").with_context(list)?;
    let (_, after) = from.split_once("\n}\n").with_context(list)?;
    // Its documentation and attributes go with it.
    let before = before.trim_end_matches(|c| c != '}' && c != ';');
    Ok(format!("{before}\n{after}"))
}

/// Where a function's body begins and ends in a text laid out by rustfmt, without its braces.
///
/// # Errors
/// If there is no such function.
pub fn body_of(text: &str, function: &str) -> Result<(usize, usize)> {
    let found = || {
        let at = text.find(&format!("pub fn {function}("))?;
        let start = at + text[at..].find("{\n")? + 1;
        Some((start, start + text[start..].find("\n}\n")? + 1))
    };
    found().with_context(|| format!("there is no function `{function}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lab_has_a_solution_and_a_mistake_that_its_checks_know() {
        let root = run::course_root().expect("the course");
        for lab in lab_checks::labs() {
            let Rehearsal { solved, mistaken, mistake } =
                Rehearsal::of(&root, lab.chapter).expect("a rehearsal");
            assert_ne!(solved, mistaken);
            let mut exercises = lab.exercises.iter();
            let exercise = exercises.find(|exercise| exercise.about().function == mistake.function);
            let known = exercise.expect("an exercise").mistakes();
            assert!(known.iter().any(|known| known.id == mistake.mistake), "{}", mistake.mistake);
        }
    }
}
