//! The real book: every page, without mdBook.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mdbook_evidence::{KATEX, Page, Sources, expand, numbered_formulas, put_in, shown_claims};
use regex::Regex;

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book")
}

fn read(path: &str) -> String {
    fs::read_to_string(book().join(path)).unwrap_or_else(|error| panic!("book/{path}: {error}"))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// The pages that the summary lists.
fn pages() -> Vec<Page> {
    let summary = read("src/SUMMARY.md");
    let links = pattern(r"\]\(([\w-]+\.md)\)");
    links
        .captures_iter(&summary)
        .map(|link| Page { file: link[1].into(), text: read(&format!("src/{}", &link[1])) })
        .collect()
}

fn sources() -> Sources {
    let settings: toml::Table = read("book.toml").parse().expect("TOML");
    let macros = settings["preprocessor"]["evidence"]["macros"].clone();
    let macros: BTreeMap<String, String> = macros.try_into().expect("macros");
    Sources::read(&book(), macros).unwrap_or_else(|error| panic!("{error:#}"))
}

#[test]
fn every_page_is_without_a_mistake() {
    let expanded = expand(&pages(), &sources()).unwrap_or_else(|error| panic!("\n{error}"));
    let needed = needed_fonts(&put_in(&expanded.concat()));
    let shipped = fonts_in(&read("theme/katex/katex.css"));
    let missing: Vec<_> = needed.difference(&shipped).collect();
    assert!(missing.is_empty(), "formulas need {missing:?}: take them from KaTeX's package");
}

#[test]
fn every_claim_is_shown_on_a_page() {
    let shown = shown_claims(&pages());
    let sources = sources();
    let is_shown = |id: &str| shown.iter().any(|shown| shown == id);
    let unseen: Vec<&str> = sources.evidence.ids().filter(|id| !is_shown(id)).collect();
    assert!(
        unseen.is_empty(),
        "no page shows {}: write {{{{claim …}}}} where it belongs",
        unseen.join(", ")
    );
}

#[test]
fn every_numbered_formula_has_a_claim_or_is_a_definition() {
    let equations = sources().equations;
    let numbered: BTreeSet<String> = numbered_formulas(&pages()).into_iter().collect();
    let claimed: BTreeSet<&String> = equations.claims.keys().collect();
    let defined: BTreeSet<&String> = equations.definitions.keys().collect();
    let both: Vec<_> = claimed.intersection(&defined).collect();
    assert!(both.is_empty(), "book/equations.toml has {both:?} as claimed and as definitions");
    let listed: BTreeSet<&String> = claimed.union(&defined).copied().collect();
    let numbered: BTreeSet<&String> = numbered.iter().collect();
    let forgotten: Vec<_> = numbered.difference(&listed).collect();
    assert!(
        forgotten.is_empty(),
        "book/equations.toml does not say what stands behind {forgotten:?}"
    );
    let stray: Vec<_> = listed.difference(&numbered).collect();
    assert!(stray.is_empty(), "book/equations.toml lists {stray:?}, which no page has");
}

#[test]
fn every_formula_names_claims_that_exist() {
    let Sources { equations, evidence, .. } = sources();
    let known: BTreeSet<&str> = evidence.ids().collect();
    for (number, claims) in &equations.claims {
        assert!(!claims.is_empty(), "({number}) has an empty list of claims: is it a definition?");
        for claim in claims {
            assert!(known.contains(claim.as_str()), "({number}) names {claim}, which is no claim");
        }
    }
}

#[test]
fn stylesheet_fonts_and_program_are_of_one_katex() {
    let css = read("theme/katex/katex.css");
    let version = pattern(r#"content:"(\d+\.\d+\.\d+)""#);
    let version = &version.captures(&css).expect("KaTeX's stylesheet tells its version")[1];
    assert!(KATEX.contains(&format!("\"{version}\"")), "the program is not KaTeX {version}");
    let named = fonts_in(&css);
    let files = fs::read_dir(book().join("theme/fonts")).expect("the fonts").flatten();
    let files: BTreeSet<String> =
        files.map(|file| file.file_name().to_string_lossy().replace(".woff2", "")).collect();
    assert_eq!(files, named, "theme/fonts holds what the stylesheet names, and nothing else");
}

/// A stray brace makes a browser leave out the rule behind it, and formulas then come in the text's font.
#[test]
fn the_stylesheet_of_the_formulas_has_one_rule_a_line() {
    let resource = pattern(r#"\{\{ resource "[^"]*" \}\}"#);
    let css = read("theme/katex/katex.css");
    let rule = pattern(r"^[^{}]+\{[^{}]*\}$");
    for line in resource.replace_all(&css, "").lines().skip(1).filter(|line| !line.is_empty()) {
        assert!(rule.is_match(line), "{line}");
    }
}

/// `KaTeX_Main-Regular` and so on.
fn fonts_in(css: &str) -> BTreeSet<String> {
    let font = pattern(r"(KaTeX_[\w-]+)\.woff2");
    font.captures_iter(css).map(|captures| captures[1].to_owned()).collect()
}

/// The fonts of unusual letters, which formulas ask for by a class; nothing works without Main, Math and Size.
fn needed_fonts(html: &str) -> BTreeSet<String> {
    const FONTS: [(&str, &str); 10] = [
        ("mathbb", "AMS-Regular"),
        ("amsrm", "AMS-Regular"),
        ("mathcal", "Caligraphic-Regular"),
        ("mathfrak", "Fraktur-Regular"),
        ("mathboldfrak", "Fraktur-Bold"),
        ("mathscr", "Script-Regular"),
        ("mathtt", "Typewriter-Regular"),
        ("texttt", "Typewriter-Regular"),
        ("mathsf", "SansSerif-Regular"),
        ("mathboldsf", "SansSerif-Bold"),
    ];
    let mut classes = BTreeSet::new();
    for captures in pattern(r#"class="([^"]*)""#).captures_iter(html) {
        classes.extend(captures[1].split(' ').map(str::to_owned));
    }
    let needed = FONTS.iter().filter(|(class, _)| classes.contains(*class));
    needed.map(|(_, font)| format!("KaTeX_{font}")).collect()
}
