//! Where the course is.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The course's folder: the one that one stands in, or below. A program that was compiled in one copy of the course may be
/// called in another, and then speaks of that.
///
/// # Errors
/// If the current folder is in no course.
pub fn course_root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    let root = here.ancestors().find(|folder| is_course(folder));
    root.map(Path::to_path_buf).with_context(|| {
        format!("{} is not inside the course: go to its folder first", here.display())
    })
}

fn is_course(folder: &Path) -> bool {
    folder.join("chapters").is_dir() && folder.join("crates").is_dir()
}
