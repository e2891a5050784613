//! What the pages draw on: evidence, results, figures, the documents' rows, macros.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::evidence::Evidence;

/// Everything besides the pages.
#[derive(Debug)]
pub struct Sources {
    /// The folder with the pages, where the paths of `{{#include …}}` begin.
    pub pages: PathBuf,
    /// `book/evidence.json`
    pub evidence: Evidence,
    /// `benches/results/*.json`, by name.
    pub results: BTreeMap<String, serde_json::Value>,
    /// `book/src/figures/figures.json`
    pub figures: BTreeMap<String, Figure>,
    /// The custom elements that exist.
    pub elements: Vec<String>,
    /// `book/documents.toml`
    pub rows: Vec<Row>,
    /// `book/equations.toml`
    pub equations: Equations,
    /// The files that students edit, by the slugs of their chapters.
    pub labs: BTreeMap<String, String>,
    /// The project's TeX macros.
    pub macros: BTreeMap<String, String>,
}

/// A figure, as `cargo course figures` lists it.
#[derive(Clone, Debug, Deserialize)]
pub struct Figure {
    /// What it shows, in words.
    pub alt: String,
    /// The file for light themes, in `figures/`.
    pub light: String,
    /// The file for dark themes.
    pub dark: String,
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
}

/// A statement of the source documents.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// What claims call it.
    pub id: String,
    /// Which documents.
    pub document: String,
    /// The statement.
    pub says: String,
    /// Why no claim settles it, if none does.
    pub note: Option<String>,
}

/// What stands behind the numbered formulas.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Equations {
    /// By number: the claims that would fail if the formula were wrong.
    pub claims: BTreeMap<String, Vec<String>>,
    /// By number: what the formula defines.
    pub definitions: BTreeMap<String, String>,
}

impl Equations {
    /// The numbers of the formulas that a claim settles, in the book's order.
    #[must_use]
    pub fn settled_by(&self, claim: &str) -> Vec<&str> {
        let settled = self.claims.iter().filter(|(_, claims)| claims.iter().any(|id| id == claim));
        let mut numbers: Vec<&str> = settled.map(|(number, _)| number.as_str()).collect();
        numbers.sort_by_key(|number| {
            number.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>()
        });
        numbers
    }
}

#[derive(Deserialize)]
struct Documents {
    row: Vec<Row>,
}

impl Sources {
    /// Reads all that belongs to the book in a folder.
    ///
    /// # Errors
    /// If a file cannot be read, or is not what it should be.
    pub fn read(book: &Path, macros: BTreeMap<String, String>) -> Result<Self> {
        let evidence = json(&book.join("evidence.json"))
            .context("`cargo course verify` writes the evidence")?;
        let Documents { row: rows } = toml(&book.join("documents.toml"))?;
        let equations = toml(&book.join("equations.toml"))?;
        let pages = book.join("src");
        let list = pages.join("figures/figures.json");
        let figures = if list.exists() { json(&list)? } else { BTreeMap::new() };
        let mut results = BTreeMap::new();
        for path in files(&book.join("../benches/results"), "json") {
            results.insert(name(&path), json(&path)?);
        }
        let labs = labs(&book.join("../chapters"))?;
        let elements = files(&pages.join("elements"), "js")
            .iter()
            .map(|path| name(path).trim_end_matches(".js").to_owned())
            .filter(|name| name.contains('-')) // a custom element's name does, a shared module's not
            .collect();
        Ok(Self { pages, evidence, results, figures, elements, rows, equations, labs, macros })
    }
}

/// The student's file of each chapter that has a lab.
fn labs(chapters: &Path) -> Result<BTreeMap<String, String>> {
    let mut labs = BTreeMap::new();
    for chapter in fs::read_dir(chapters).into_iter().flatten().flatten() {
        let file = chapter.path().join("lab/src/lib.rs");
        let folder = chapter.file_name().to_string_lossy().into_owned();
        if let Some((_, slug)) = folder.split_once('-')
            && file.exists()
        {
            labs.insert(slug.to_owned(), read(&file)?);
        }
    }
    Ok(labs)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_str(&read(path)?)
        .with_context(|| format!("{} is not as expected", path.display()))
}

fn toml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    toml::from_str(&read(path)?).with_context(|| format!("{} is not as expected", path.display()))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The files of a folder with that ending, sorted; none if there is no such folder.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|e| e == ending)).collect();
    paths.sort();
    paths
}
