//! Whether an interrupted run goes on as what it was: its flags and its data.

use std::fmt::Display;

use anyhow::{Result, bail};

use crate::{same_folder, say};

/// Checks that a flag, if it is given, says what the run was started with.
///
/// # Errors
/// If it does not; the message names the flag, both values and what to do.
pub fn unchanged<T: PartialEq + Display>(flag: &str, given: Option<&T>, before: &T) -> Result<()> {
    match given {
        Some(given) if given != before => bail!(
            "{flag} {given} was given, but the run to go on with was started with {before}: \
             leave {flag} out, or start anew without --resume"
        ),
        _ => Ok(()),
    }
}

/// [`unchanged`] for `--data`: one folder may be spelled in several ways.
///
/// # Errors
/// If other data are asked for than the run was started with.
pub fn unchanged_data(given: Option<&String>, before: &String) -> Result<()> {
    unchanged("--data", given.filter(|given| !same_folder(given, before)), before)
}

/// [`unchanged`] for a list of widths, as in 200,200.
///
/// # Errors
/// If other widths are asked for than the run was started with.
pub fn unchanged_widths(flag: &str, given: Option<&[usize]>, before: &[usize]) -> Result<()> {
    let list = |widths: &[usize]| widths.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    unchanged(flag, given.map(list).as_ref(), &list(before))
}

/// Checks that `--quick`, if it decides about the data, names those that the run was started with.
///
/// # Errors
/// If it does not.
pub fn unchanged_quick(decides: bool, quick: &str, before: &str) -> Result<()> {
    if decides && quick != before {
        bail!(
            "--quick learns from {quick}, but the run to go on with was started with {before}: \
             leave --quick out, or start anew without --resume"
        );
    }
    Ok(())
}

/// Checks that what `name` holds now is what the run learned from before it was interrupted. A checkpoint that does not know
/// (`None`, from before they did) is believed, and that is said.
///
/// # Errors
/// If it is something else; the message says what was expected, what came and what to do.
pub fn same_data<T: PartialEq + Display>(before: Option<&T>, now: &T, name: &str) -> Result<()> {
    match before {
        Some(before) if before == now => Ok(()),
        Some(before) => bail!(
            "the run to go on with learned from {before}, but {name} now holds {now}: \
             put the former data back as they were, in their order, or start anew without --resume"
        ),
        None => {
            say(format!(
                "This checkpoint does not say which data it learned from: going on with what {name} holds now, {now}."
            ));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_may_repeat_what_was_and_nothing_else() {
        assert!(unchanged("--seed", None, &1).is_ok());
        assert!(unchanged("--seed", Some(&1), &1).is_ok());
        assert!(unchanged_widths("--hidden", Some(&[20, 8]), &[20, 8]).is_ok());
        let message = unchanged_widths("--hidden", Some(&[20]), &[20, 8]).unwrap_err().to_string();
        assert!(message.starts_with("--hidden 20 was given"), "{message}");
        assert!(message.contains("started with 20,8: leave"), "{message}");
        let message = unchanged("--seed", Some(&2), &1).unwrap_err().to_string();
        assert!(message.starts_with("--seed 2 was given"), "{message}");
        assert!(message.contains("started with 1: leave --seed out"), "{message}");
    }

    #[test]
    fn a_folder_is_the_same_however_it_is_spelled() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| temporary.path().join(name).display().to_string();
        std::fs::create_dir_all(path("a/raw")).expect("a folder");
        std::fs::create_dir_all(path("b/raw")).expect("a folder");
        assert!(unchanged_data(Some(&path("b/../a/raw")), &path("a/raw")).is_ok());
        assert!(unchanged_data(Some(&path("b/raw")), &path("a/raw")).is_err());
        assert!(unchanged_data(Some(&"mnist".to_owned()), &"mnist".to_owned()).is_ok());
        assert!(unchanged_data(Some(&"mnist".to_owned()), &"optdigits".to_owned()).is_err());
    }

    #[test]
    fn other_data_are_refused_and_unknown_ones_believed() {
        assert!(same_data(Some(&"2 images"), &"2 images", "mine").is_ok());
        assert!(same_data(None, &"2 images", "mine").is_ok());
        let message = same_data(Some(&"2 images"), &"3 images", "mine").unwrap_err().to_string();
        assert!(
            message.contains("learned from 2 images, but mine now holds 3 images"),
            "{message}"
        );
        assert!(message.contains("without --resume"), "{message}");
    }
}
