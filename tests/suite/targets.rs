//! No test is switched off: where a manifest says `test = false` or `doctest = false`, there is none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array_mut().map(std::mem::take).expect("a list")
}

/// The files of a target: all below its folder. A program beside a library is taken to be one file, or the library's would
/// count for both.
fn files(target: &Value, is_beside_a_library: bool) -> Vec<PathBuf> {
    let root = PathBuf::from(target["src_path"].as_str().expect("a path"));
    if is_beside_a_library {
        return vec![root];
    }
    let mut files = Vec::new();
    let mut folders = vec![root.parent().expect("a folder").to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// Whether the documentation has an example that would run: a fence without a word, or one of these words.
fn has_example(text: &str) -> bool {
    let mut inside = false;
    text.lines().any(|line| {
        let line = line.trim_start();
        let doc = ["///", "//!"].iter().find_map(|mark| line.strip_prefix(mark));
        let Some(words) = doc.and_then(|doc| doc.trim().strip_prefix("```")) else { return false };
        inside = !inside;
        inside && ["", "rust", "no_run", "should_panic", "compile_fail"].contains(&words.trim())
    })
}

#[test]
fn what_is_not_tested_has_no_test() {
    let mut looked_at = 0;
    for package in packages() {
        let targets = package["targets"].as_array().expect("a list");
        let is = |target: &Value, kind: &str| {
            target["kind"].as_array().is_some_and(|k| k.iter().any(|k| k == kind))
        };
        let has_library = targets.iter().any(|target| is(target, "lib"));
        for target in targets.iter().filter(|target| is(target, "lib") || is(target, "bin")) {
            let files = files(target, has_library && is(target, "bin"));
            let texts: Vec<(PathBuf, String)> = files
                .into_iter()
                .map(|file| (file.clone(), fs::read_to_string(file).expect("a source file")))
                .collect();
            if target["test"] == false {
                looked_at += 1;
                let tested = texts.iter().find(|(_, text)| text.contains("#[cfg(test)]"));
                assert_eq!(
                    tested.map(|(file, _)| file),
                    None,
                    "{} says test = false",
                    package["name"]
                );
            }
            if target["doctest"] == false && is(target, "lib") {
                let shown = texts.iter().find(|(_, text)| has_example(text));
                assert_eq!(
                    shown.map(|(file, _)| file),
                    None,
                    "{} says doctest = false",
                    package["name"]
                );
            }
        }
    }
    assert!(looked_at > 30, "{looked_at} targets without tests");
}

#[test]
fn an_example_is_told_from_other_blocks() {
    assert!(has_example("/// ```\n/// let x = 1;\n/// ```\n"));
    assert!(has_example("    //! ```compile_fail\n"));
    assert!(!has_example("/// ```text\n/// x\n/// ```\n"), "the end is no begin");
    assert!(!has_example("let text = \"```\";\n"));
}
