//! Which code a chapter's evidence speaks of: a number that changes when the code does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use toml::Table;

use crate::{CHAPTERS, Chapter};

/// For each chapter the SHA-256 over the sources of the package of its claims and of all packages of the workspace that it
/// stands on: what a claim can see, and so no program and no picture. Values that other programs computed are among the
/// sources of `reference`. It depends neither on the order in which files are found nor on where the workspace lies.
///
/// # Errors
/// If a manifest or a source file cannot be read.
pub fn fingerprints() -> Result<BTreeMap<&'static str, String>> {
    let root = run::course_root()?;
    let crates = crates_of_the_workspace(&root)?;
    CHAPTERS
        .iter()
        .map(|chapter| {
            let mut found = BTreeSet::new();
            collect(&package(chapter), &crates, &mut found)?;
            let mut hash = Sha256::new();
            for name in found {
                add_sources(&mut hash, name, &crates[name])?;
            }
            Ok((chapter.name, hex(hash)))
        })
        .collect()
}

/// Where the claims of a chapter are. Those about the tests themselves live where claims are defined.
fn package(chapter: &Chapter) -> String {
    match chapter.name.split_once('-') {
        Some((number, slug)) if slug != "testing" => format!("claims-{number}"),
        _ => "claims".to_owned(),
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The folders of the crates that the workspace's manifest names.
fn crates_of_the_workspace(root: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let manifest = manifest(root)?;
    let dependencies = manifest.get("workspace").and_then(|table| table.get("dependencies"));
    let dependencies = dependencies.and_then(toml::Value::as_table);
    let path = |value: &toml::Value| Some(root.join(value.get("path")?.as_str()?));
    Ok(dependencies
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), path(value)?)))
        .collect())
}

/// A crate and all that it depends on.
fn collect<'a>(
    name: &str,
    crates: &'a BTreeMap<String, PathBuf>,
    found: &mut BTreeSet<&'a str>,
) -> Result<()> {
    let (name, folder) = crates
        .get_key_value(name)
        .with_context(|| format!("{name} is no crate of the workspace"))?;
    if !found.insert(name) {
        return Ok(());
    }
    let manifest = manifest(folder)?;
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    for dependency in dependencies.into_iter().flat_map(Table::keys) {
        if crates.contains_key(dependency) {
            collect(dependency, crates, found)?;
        }
    }
    Ok(())
}

fn manifest(folder: &Path) -> Result<Table> {
    let path = folder.join("Cargo.toml");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse().with_context(|| format!("{} is no manifest", path.display()))
}

/// Adds all files under a crate's `src`: names, lengths and contents, by name.
fn add_sources(hash: &mut Sha256, name: &str, folder: &Path) -> Result<()> {
    let mut files = BTreeMap::new();
    list(&folder.join("src"), name, &mut files)?;
    for (name, path) in files {
        let mut bytes =
            fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        bytes.retain(|&byte| byte != b'\r'); // the same on systems where git writes CR LF
        hash.update(format!("{name}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    Ok(())
}

fn list(folder: &Path, name: &str, files: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = format!("{name}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            list(&path, &name, files)?;
        } else {
            files.insert(name, path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace of a chapter that stands on one crate, and of another crate.
    fn workspace() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        let write = |file: &str, text: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        write(
            "Cargo.toml",
            "[workspace.dependencies]\nserde = \"1\"\na = { path = \"a\" }\nb = { path = \"b\" }\nc = { path = \"c\" }\n",
        );
        write("a/Cargo.toml", "[dependencies]\nb.workspace = true\nserde.workspace = true\n");
        write("b/Cargo.toml", "[dependencies]\n");
        write("c/Cargo.toml", "[dependencies]\n");
        write("b/src/values/some.json", "[]\n");
        write("b/programs/some.py", "# Where they are from.\n");
        for name in ["a", "b", "c"] {
            write(&format!("{name}/src/lib.rs"), "//! Code.\n");
            write(&format!("{name}/src/deep/part.rs"), "//! More.\n");
        }
        root
    }

    fn fingerprint(root: &Path) -> String {
        let crates = crates_of_the_workspace(root).expect("a workspace");
        let mut found = BTreeSet::new();
        collect("a", &crates, &mut found).expect("manifests");
        assert_eq!(found.iter().copied().collect::<String>(), "ab");
        let mut hash = Sha256::new();
        for name in found {
            add_sources(&mut hash, name, &crates[name]).expect("sources");
        }
        hex(hash)
    }

    #[test]
    fn it_changes_with_the_code_that_the_chapter_stands_on_and_with_nothing_else() {
        let (one, other) = (workspace(), workspace());
        let fresh = fingerprint(one.path());
        assert_eq!(fresh, fingerprint(other.path()), "it does not depend on the place");
        for (file, counts) in [
            ("c/src/lib.rs", false),
            ("a/notes.md", false),
            ("b/src/deep/part.rs", true),
            ("a/src/new.rs", true),
            ("b/src/values/some.json", true),
            ("b/programs/some.py", false),
        ] {
            let root = workspace();
            fs::write(root.path().join(file), "//! Changed.\n").expect("written");
            assert_eq!(fingerprint(root.path()) != fresh, counts, "{file}");
        }
        fs::write(one.path().join("a/src/lib.rs"), "//! Code.\r\n").expect("written");
        assert_eq!(fingerprint(one.path()), fresh, "line ends are git's affair");
    }

    /// The files that a source file takes in as text or bytes.
    fn included(source: &Path) -> Vec<PathBuf> {
        let text = fs::read_to_string(source).expect("a source file");
        let calls = ["include_str!(", "include_bytes!("].map(|call| text.split(call).skip(1));
        let quoted =
            |rest: &str| Some(rest.trim_start().strip_prefix('"')?.split_once('"')?.0.to_owned());
        calls
            .into_iter()
            .flatten()
            .filter_map(quoted)
            .map(|name| source.with_file_name(name))
            .collect()
    }

    /// A file that a claim takes in from elsewhere could change, and the evidence would not grow old.
    #[test]
    fn no_claim_sees_a_file_outside_the_sources() {
        let crates = crates_of_the_workspace(&run::course_root().expect("the course")).expect("it");
        let mut found = BTreeSet::new();
        for chapter in CHAPTERS {
            collect(&package(chapter), &crates, &mut found).expect("manifests");
        }
        let mut seen = 0;
        for name in found {
            let folder = crates[name].join("src").canonicalize().expect("a folder");
            let mut files = BTreeMap::new();
            list(&folder, name, &mut files).expect("sources");
            let sources = files.values().filter(|path| path.extension() == Some("rs".as_ref()));
            for file in sources.flat_map(|source| included(source)) {
                let place = file.canonicalize().expect("a file that is included");
                assert!(place.starts_with(&folder), "{name} includes {}", place.display());
                seen += 1;
            }
        }
        assert!(seen > 10, "{seen} files: `reference` alone has more");
    }
}
