//! No number comes from a global generator: clippy forbids each of them by name, and none is in the sources, whether clippy has
//! seen them or not.

use std::fs;
use std::path::{Path, PathBuf};

/// What `rand` and `ndarray-rand` offer without a generator as an argument: the name that clippy knows, and how a call of it
/// looks.
const GLOBAL: [(&str, &str); 15] = [
    ("rand::rng", "rand::rng("),
    ("rand::thread_rng", "thread_rng("),
    ("rand::random", "rand::random("),
    ("rand::random_iter", "rand::random_iter("),
    ("rand::random_range", "rand::random_range("),
    ("rand::random_bool", "rand::random_bool("),
    ("rand::random_ratio", "rand::random_ratio("),
    ("rand::fill", "rand::fill("),
    ("rand::SeedableRng::from_os_rng", "::from_os_rng("),
    ("rand::SeedableRng::try_from_os_rng", "::try_from_os_rng("),
    ("rand::rngs::OsRng", "OsRng"),
    ("rand::rngs::ThreadRng", "ThreadRng"),
    ("ndarray_rand::RandomExt::random", "Array::random("),
    ("ndarray_rand::RandomExt::sample_axis", ".sample_axis("),
    ("ndarray_rand::RandomRefExt::sample_axis", ".sample_axis("),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust files below a folder, but for what cargo built.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The call in a line of code: `Array::random(` for `Array2::random(`, too, and for one with its type spelled out.
fn calls(line: &str, call: &str) -> bool {
    let plain = |line: &str| {
        line.replace(['1', '2', '3', 'D'], "").replace("::<f32>", "").replace("::<f64>", "")
    };
    !line.trim_start().starts_with("//") && plain(line).contains(call)
}

#[test]
fn clippy_forbids_every_global_generator_and_says_what_to_do() {
    let settings = fs::read_to_string(root().join("clippy.toml")).expect("clippy's settings");
    for (name, _) in GLOBAL {
        let entry = format!("{{ path = \"{name}\", reason = \"");
        let lines: Vec<&str> = settings.lines().filter(|line| line.contains(&entry)).collect();
        assert_eq!(lines.len(), 1, "{name}");
        assert!(lines[0].contains("stream"), "{name}: the reason names what to use instead");
    }
}

#[test]
fn no_source_draws_from_one() {
    let mut files = Vec::new();
    for folder in ["benches", "chapters", "crates", "solutions", "tests"] {
        let folder = root().join(folder);
        if folder.exists() {
            sources(&folder, &mut files); // the students' copy has no solutions
        }
    }
    files.retain(|file| !file.ends_with(Path::new("suite/global_generators.rs")));
    assert!(files.len() > 400, "{} files", files.len());
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        for (name, call) in GLOBAL {
            let line = text.lines().position(|line| calls(line, call));
            assert_eq!(line, None, "{}: line {line:?} (from 0) calls {name}", file.display());
        }
    }
}

#[test]
fn a_call_is_found_however_it_is_spelled() {
    let random = GLOBAL[12].1;
    assert!(calls("let x = Array2::<f64>::random((2, 3), StandardNormal);", random));
    assert!(calls("    let mut rng = rand::rng();", GLOBAL[0].1));
    assert!(!calls("let x = Array2::random_using((2, 3), StandardNormal, &mut rng);", random));
    assert!(!calls("/// Not `rand::rng()`.", GLOBAL[0].1));
}
