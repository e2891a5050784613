//! What a training is to its folder, to the terminal, and to whoever interrupts it.
//!
//! It knows files, interruptions and lines. What a loss, a batch and a step are, it does not: the loop stands in each
//! program.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use anyhow::{Context, Error, Result, anyhow};

use crate::{Folder, Progress, duration, say, thousands};

/// All that `--resume` needs.
pub const CHECKPOINT: &str = "checkpoint.safetensors";
/// The trained model.
pub const MODEL: &str = "model.safetensors";
/// What a run has to say to machines.
pub const SUMMARY: &str = "summary.json";

impl Folder {
    /// Sets the checkpoint of a run that was interrupted aside, so that a new run in the same folder does not overwrite
    /// it. `stands` says where the old run stands, such as "epoch 3 of 20".
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub fn set_unfinished_aside(&self, stands: &str) -> Result<()> {
        let path = self.file(CHECKPOINT);
        let aside = self.file("checkpoint.unfinished.safetensors");
        fs::rename(&path, &aside).with_context(|| {
            format!(
                "cannot set the unfinished run in {} aside as {}: choose another folder with --out",
                path.display(),
                aside.display()
            )
        })?;
        say(format!(
            "An unfinished run was here ({stands}); its checkpoint is now {}. With --resume it would have gone on.",
            aside.display()
        ));
        Ok(())
    }

    /// Why a run ends that has left the finite numbers: `what` happened, the learning rates `rates`, and after what the
    /// last checkpoint was written.
    pub fn diverged(&self, what: impl Display, rates: impl Display, after: impl Display) -> Error {
        anyhow!(
            "{what}: try a smaller --lr (it is {rates}); the last good state, after {after}, is kept in {}",
            self.file(CHECKPOINT).display()
        )
    }

    /// Says which files a run has left, and what they are.
    pub fn list<N: Display, W: Display>(&self, files: impl IntoIterator<Item = (N, W)>) {
        say(format!("In {}:", self.path().display()));
        for (name, what) in files {
            say(format!("  {:28}{what}", name.to_string()));
        }
    }
}

impl Progress {
    /// The line that an epoch leaves, with what the program has to say of it and the time to the run's end.
    pub fn epoch(&self, number: usize, of: usize, rate: f64, what: impl Display) {
        self.line(&format!(
            "epoch {number:>width$}/{of}  {:>7} images/s  {what}  {} left",
            thousands(rate as u64),
            duration(self.left()),
            width = of.to_string().len()
        ));
    }
}

/// A path as it may stand in a command.
pub fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(char::is_whitespace) { format!("'{text}'") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_run_is_kept_beside_the_new_one() {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(temporary.path()).expect("free");
        fs::write(folder.file(CHECKPOINT), "of before").expect("a file");
        folder.set_unfinished_aside("epoch 3 of 20").expect("a file to rename");
        assert!(!folder.file(CHECKPOINT).exists());
        let kept = fs::read_to_string(folder.file("checkpoint.unfinished.safetensors"));
        assert_eq!(kept.expect("it is there"), "of before");
        let error = format!("{:#}", folder.set_unfinished_aside("epoch 3 of 20").unwrap_err());
        assert!(error.contains("choose another folder with --out"), "{error}");
    }

    #[test]
    fn paths_with_spaces_are_quoted() {
        assert_eq!(shown(Path::new("out/model")), "out/model");
        assert_eq!(shown(Path::new("my out/model")), "'my out/model'");
    }
}
