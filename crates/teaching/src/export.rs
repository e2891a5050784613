//! `cargo course export DIR --students`: the course without what only the teacher needs.
//!
//! Students get what is committed, and nothing else. Four rules make the copy of that, and each is visible where it applies:
//! - what [`KEPT_BACK`] names is left out;
//! - so is every line that ends in `# teacher` or `// teacher`, or has `<!-- teacher -->` in it;
//! - so are blocks of a page: from a line `<!-- teacher -->` to `<!-- /teacher -->`, and the notes for teachers with their
//!   answers, `<details class="teacher">` to `</details>`;
//! - the checks of the labs are *masked*. Students need them to be told their mistakes, but the code of a known mistake is
//!   nearly that of the solution, and nobody should read it by accident. Masking is no secret: who wants to can undo it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use run::say;

/// Where the copy goes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A folder that does not exist yet, or is empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,

    /// The students' copy: without solutions, hidden checks and grading
    #[arg(long, required = true)]
    pub students: bool,
}

/// Files and folders that stay with the teacher.
pub const KEPT_BACK: [&str; 10] = [
    "solutions",
    "teaching",
    "crates/teaching",
    "crates/confine",
    "crates/lab-checks/tests",
    "crates/cargo-course/src/teacher.rs",
    "crates/cargo-course/tests",
    "book/src/teaching.md",
    ".ci",
    ".github",
];

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+~".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// How a line of code ends that stays with the teacher.
const MARKS: [&str; 2] = ["# teacher", "// teacher"];

/// What a line of text has in it that stays with the teacher.
const COMMENT: &str = "<!-- teacher -->";

/// Where the labs' checks are.
const CHECKS: &str = "crates/lab-checks";

/// Runs the command. `root` is the course's folder.
///
/// # Errors
/// If the course is no git checkout, or the copy cannot be written.
pub fn export(arguments: &Arguments, root: &Path) -> Result<()> {
    let is_given = |file: &&PathBuf| !KEPT_BACK.iter().any(|kept| file.starts_with(kept));
    let files = tracked_files(root)?;
    let given: Vec<&PathBuf> = files.iter().filter(is_given).collect();
    let changed = changed_files(root)?;
    let changed: Vec<String> =
        changed.iter().filter(is_given).map(|file| format!("  {}", file.display())).collect();
    if !changed.is_empty() {
        bail!(
            "these files are not as they were committed, a solved exercise perhaps; students get what is committed, so \
             commit the changes or take them back (git restore), and call again:\n{}",
            changed.join("\n")
        );
    }
    let to = &arguments.folder;
    fs::create_dir_all(to).with_context(|| format!("cannot make the folder {}", to.display()))?;
    if fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: name a folder that does not exist yet", to.display());
    }
    for file in &given {
        copy(root, file, to).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    mask_checks(to).context("cannot mask the labs' checks")?;
    let workflow = to.join(".github/workflows/classroom.yml");
    write(
        &workflow,
        fs::read(root.join("teaching/classroom.yml")).context("teaching/classroom.yml")?,
    )?;
    forget_what_is_not_there(to);
    say(format!("{} files in {}", given.len(), to.display()));
    let left = untracked_files(root)?;
    if !left.is_empty() {
        let left: Vec<String> = left.iter().map(|file| file.display().to_string()).collect();
        say(format!("Left out, because git does not track it: {}", left.join(", ")));
    }
    say(format!("Try it:  cd {} && cargo course lab", quoted(to)));
    Ok(())
}

/// What the course consists of: what git tracks. Nothing else goes out, whatever else lies in the folder: submissions, points,
/// half of next year's exam.
fn tracked_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = names(&git(root, &["ls-files", "-z", "--cached"])?);
    files.sort();
    files.dedup();
    Ok(files)
}

/// Files of git's that are not as they were committed: changed, staged, deleted, in conflict.
fn changed_files(root: &Path) -> Result<Vec<PathBuf>> {
    // HEAD does not exist before the first commit; then everything is new.
    let is_committed = git(root, &["rev-parse", "--quiet", "--verify", "HEAD"]).is_ok();
    if !is_committed {
        return tracked_files(root);
    }
    Ok(names(&git(root, &["diff", "-z", "--name-only", "--no-renames", "HEAD", "--"])?))
}

/// What lies in the course's folder and is neither git's nor ignored.
fn untracked_files(root: &Path) -> Result<Vec<PathBuf>> {
    let others = ["ls-files", "-z", "--others", "--exclude-standard", "--directory"];
    Ok(names(&git(root, &others)?))
}

fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .output()
        .context("cannot start git, which knows what belongs to the course")?;
    if !output.status.success() {
        bail!(
            "git does not say what belongs to the course (is its folder a git checkout?): {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout).context("a file's name is not UTF-8")
}

fn names(list: &str) -> Vec<PathBuf> {
    list.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect()
}

fn copy(root: &Path, file: &Path, to: &Path) -> Result<()> {
    let (from, to) = (root.join(file), to.join(file));
    let bytes = fs::read(&from)?;
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => without_marked_lines(&text).into_bytes(),
        Err(no_text) => no_text.into_bytes(),
    };
    write(&to, bytes)?;
    fs::set_permissions(&to, fs::metadata(&from)?.permissions())?;
    Ok(())
}

fn without_marked_lines(text: &str) -> String {
    let mut in_notes = false;
    let given = |line: &&str| {
        let line = line.trim_end();
        in_notes |= line == COMMENT || line.starts_with("<details class=\"teacher\">");
        let is_marked = line.contains(COMMENT) || MARKS.iter().any(|mark| line.ends_with(mark));
        let given = !in_notes && !is_marked;
        in_notes &= !["<!-- /teacher -->", "</details>"].contains(&line);
        given
    };
    text.split_inclusive('\n').filter(given).collect()
}

fn write(file: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

/// What a byte of a masked file is combined with; the build script of the copy knows it too.
const MASK: u8 = 0x2a;

/// Turns `src/chNN.rs` into `masked/chNN`, and has them unmasked where only the compiler looks.
fn mask_checks(to: &Path) -> Result<()> {
    let package = to.join(CHECKS);
    let root = package.join("src/lib.rs");
    let mut modules = fs::read_to_string(&root)?;
    for entry in fs::read_dir(package.join("src"))? {
        let file = entry?.path();
        let Some(name) = file.file_stem().and_then(|stem| stem.to_str()) else { continue };
        if !name.starts_with("ch") {
            continue;
        }
        // A file that is included cannot begin with its module's documentation.
        let text = fs::read_to_string(&file)?;
        let text: String = text.split_inclusive('\n').filter(|l| !l.starts_with("//!")).collect();
        let masked: Vec<u8> = text.bytes().map(|byte| byte ^ MASK).collect();
        write(&package.join("masked").join(name), masked)?;
        fs::remove_file(&file)?;
        let included =
            format!("mod {name} {{\n    include!(concat!(env!(\"OUT_DIR\"), \"/{name}.rs\"));\n}}");
        modules = modules.replace(&format!("mod {name};"), &included);
    }
    fs::write(&root, modules)?;
    write(&package.join("build.rs"), BUILD_SCRIPT.replace("MASK", &MASK.to_string()))
}

const BUILD_SCRIPT: &str = r#"//! Unmasks the checks. They are masked because the code of a known mistake is nearly that of the solution: look only if
//! you want to spoil the exercises for yourself.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=masked");
    let out = env::var_os("OUT_DIR").expect("cargo says where to");
    for entry in fs::read_dir("masked").expect("the masked checks") {
        let file = entry.expect("a file").path();
        let bytes = fs::read(&file).expect("a masked check");
        let text: Vec<u8> = bytes.iter().map(|byte| byte ^ MASK).collect();
        let name = file.file_name().expect("a name");
        fs::write(Path::new(&out).join(name).with_extension("rs"), text).expect("an unmasked check");
    }
}
"#;

/// Takes the crates that stayed behind out of `Cargo.lock`. Of the others it needs what the registry says of them, which a
/// build leaves, and not the crates themselves: those of other platforms are nowhere on this machine.
fn forget_what_is_not_there(to: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["update", "--workspace", "--offline"]).current_dir(to);
    // Without this, the first build writes the file: nothing is lost.
    let _ = command.output();
}
