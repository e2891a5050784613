//! Small books, for each directive and for each mistake.

use std::collections::BTreeMap;

use crate::{Page, Problems, Sources, expand, put_in};

impl Sources {
    /// A small course: chapter "vae" and one benchmark.
    pub(crate) fn example() -> Self {
        let json = |text| serde_json::from_str(text).expect("JSON");
        Self {
            pages: std::env::temp_dir(),
            evidence: serde_json::from_str(include_str!("evidence.json")).expect("evidence"),
            results: BTreeMap::from([(
                "speed.json".into(),
                json(r#"{"epochs": [{"seconds": 3.0}, {"seconds": 2.5}]}"#),
            )]),
            figures: serde_json::from_str(
                r#"{"kl-surface": {"chapter": "ch06", "alt": "Two \"valleys\".", "light": "kl-surface.light.svg",
                    "dark": "kl-surface.dark.svg", "width": 640, "height": 400.4}}"#,
            )
            .expect("figures"),
            elements: vec!["kl-explorer".into()],
            rows: toml::from_str::<BTreeMap<String, Vec<crate::Row>>>(include_str!("documents.toml"))
                .expect("rows")
                .remove("row")
                .expect("rows"),
            equations: crate::Equations::default(),
            labs: BTreeMap::new(),
            macros: BTreeMap::from([("\\KL".into(), "\\mathrm{KL}".into())]),
        }
    }
}

fn pages(pages: &[(&str, &str)]) -> Vec<Page> {
    pages.iter().map(|&(file, text)| Page { file: file.into(), text: text.into() }).collect()
}

/// The first page of a book as mdBook renders it.
fn rendered(book: &[(&str, &str)]) -> String {
    expand(&pages(book), &Sources::example()).unwrap_or_else(|error| panic!("{error}")).remove(0)
}

/// The same with its formulas in place.
fn first(book: &[(&str, &str)]) -> String {
    put_in(&rendered(book))
}

/// What is wrong with a book.
fn mistakes(book: &[(&str, &str)]) -> Vec<String> {
    let error = expand(&pages(book), &Sources::example()).expect_err("a mistake");
    let Problems(problems) = error.downcast().expect("mistakes in the pages");
    problems.iter().map(ToString::to_string).collect()
}

mod directives;
mod errors;
