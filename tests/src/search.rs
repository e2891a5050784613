//! What the book's search knows.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::Site;

/// mdBook's index.
pub struct Index {
    /// In bytes, as a browser loads it.
    pub size: usize,
    /// The sections of all pages.
    pub sections: Vec<Section>,
}

/// What a hit is made of: mdBook shows a section's breadcrumbs and some words of its body.
#[derive(Clone, Debug, Deserialize)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Its text.
    pub body: String,
}

#[derive(Deserialize)]
struct File {
    index: Inner,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(rename = "documentStore")]
    store: Store,
}

#[derive(Deserialize)]
struct Store {
    docs: BTreeMap<String, Section>,
}

impl Site {
    /// The index of a site that mdBook has built.
    ///
    /// # Errors
    /// If there is none, or none that can be read.
    pub fn search_index(&self) -> Result<Index> {
        let script = self.search_script()?;
        let literal = script
            .split_once("JSON.parse('")
            .and_then(|(_, rest)| rest.rsplit_once("')"))
            .map(|(literal, _)| literal.replace("\\'", "'").replace("\\\\", "\\"))
            .context("mdBook's index is no longer JSON.parse('…')")?;
        let file: File = serde_json::from_str(&literal).context("mdBook's index has changed")?;
        let sections = file.index.store.docs.into_values().collect();
        Ok(Index { size: script.len(), sections })
    }

    /// Its name carries a hash of what is in it.
    fn search_script(&self) -> Result<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.folder())? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with("searchindex") && name.ends_with(".js") {
                found.push(path);
            }
        }
        ensure!(found.len() == 1, "expected one searchindex….js, came {found:?}");
        Ok(fs::read_to_string(&found[0])?)
    }
}

impl Index {
    /// The sections that a search for a word finds by their text: those with a word that begins with it.
    pub fn hits(&self, word: &str) -> Vec<&Section> {
        let has = |section: &&Section| {
            section.body.to_lowercase().split([' ', '\n', '-']).any(|other| {
                other.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).starts_with(word)
            })
        };
        self.sections.iter().filter(has).collect()
    }
}

/// A place where a formula stands letter by letter or twice, as a browser's layout has it, if there is one.
pub fn torn(text: &str) -> Option<String> {
    // KaTeX puts these behind a function's name and for nothing at all.
    if let Some(at) = text.find(['\u{2061}', '\u{200b}']) {
        return Some(around(text, at));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_letter = |word: &str| {
        word.chars().filter(|c| *c != '\u{2060}').count() == 1
            && word.starts_with(char::is_alphabetic)
    };
    let lone = |pair: &[&str]| is_letter(pair[0]) && [")", "]", ","].contains(&pair[1]);
    let spelled = |four: &[&str]| four.iter().all(|word| is_letter(word));
    let found = words.windows(2).position(lone).or_else(|| words.windows(4).position(spelled))?;
    Some(words[found.saturating_sub(5)..(found + 10).min(words.len())].join(" "))
}

fn around(text: &str, at: usize) -> String {
    let before: String = text[..at].chars().rev().take(30).collect();
    before.chars().rev().chain(text[at..].chars().take(30)).collect()
}
