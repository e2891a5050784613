//! The oldest Rust that compiles the course. Whether the code keeps to it, clippy says (`incompatible_msrv`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What the workspace's manifest says.
fn oldest() -> String {
    let manifest = read("Cargo.toml");
    let line = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    line.expect("the manifest names its oldest Rust").trim_matches('"').to_owned()
}

/// "1.88.0" as (1, 88).
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|number| number.parse().expect("a number"));
    (numbers.next().expect("1"), numbers.next().unwrap_or(0))
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("Cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {}: {said}", arguments.join(" "));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_documents_name_the_rust_of_the_manifest() {
    let oldest = oldest();
    for (file, words) in [
        ("README.md", format!("You need [Rust](https://rustup.rs) {oldest} or later")),
        ("CONTRIBUTING.md", format!("You need Rust {oldest} or later")),
        ("CONTRIBUTING.md", format!("{oldest} it is because of")),
    ] {
        assert!(read(file).contains(&words), "{file} does not say “{words}”");
    }
}

#[test]
fn no_library_needs_a_later_rust() {
    // Those of this platform: the others need not be on this machine.
    let about = cargo(&["--version", "--verbose"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ]);
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 100, "{} packages", packages.len());
    let oldest = version(&oldest());
    for package in packages {
        if let Some(needs) = package["rust_version"].as_str() {
            let name = &package["name"];
            assert!(version(needs) <= oldest, "{name} needs Rust {needs}: name it in Cargo.toml");
        }
    }
}
