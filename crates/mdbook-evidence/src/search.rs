//! mdBook's search index, without what no search needs.
//!
//! elasticlunr 3.0, which mdBook 0.5.4 is locked to, enters each section's text under its breadcrumbs once more, and frequencies come
//! with seventeen digits. Together that is two fifths of a file that a browser loads and parses before its first search.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

const OPEN: &str = "JSON.parse('";
const CLOSE: &str = "')";

/// Slims the index of a built book. One of another form stays as it is: it works, and is only large.
///
/// # Errors
/// If a file cannot be read or written.
pub fn slim_index(book: &Path) -> Result<()> {
    let entries = fs::read_dir(book).with_context(|| format!("cannot read {}", book.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("searchindex") && name.ends_with(".js") {
            let script = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            if let Some(slim) = slim(&script) {
                fs::write(&path, slim)
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
    }
    Ok(())
}

fn slim(script: &str) -> Option<String> {
    let (before, rest) = script.split_once(OPEN)?;
    let (literal, after) = rest.rsplit_once(CLOSE)?;
    // mdBook writes a string of JavaScript in single quotes.
    let json = literal.replace("\\'", "'").replace("\\\\", "\\");
    let mut file: Value = serde_json::from_str(&json).ok()?;
    let index = file.get_mut("index")?;
    let breadcrumbs = breadcrumbs(index)?;
    let fields = index.get_mut("index")?.as_object_mut()?;
    for field in fields.values_mut() {
        round(field);
    }
    let hierarchy = fields.get_mut("breadcrumbs")?.get_mut("root")?.as_object_mut()?;
    prune(hierarchy, &mut String::new(), &breadcrumbs);
    let literal = file.to_string().replace('\\', "\\\\").replace('\'', "\\'");
    Some([before, OPEN, &literal, CLOSE, after].concat())
}

/// The words of each section's breadcrumbs.
fn breadcrumbs(index: &Value) -> Option<BTreeMap<String, Vec<String>>> {
    let sections = index.get("documentStore")?.get("docs")?.as_object()?;
    let words = |text: &str| {
        let words = text.split(|c: char| c.is_whitespace() || c == '-');
        words.map(|w| w.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_lowercase()).collect()
    };
    let of = |section: &Value| section.get("breadcrumbs")?.as_str().map(words);
    sections.iter().map(|(id, section)| Some((id.clone(), of(section)?))).collect()
}

/// Hits are put in order by these: two decimals are plenty.
fn round(node: &mut Value) {
    match node {
        Value::Object(fields) => fields.values_mut().for_each(round),
        Value::Number(number) => {
            if let Some(value) = number.as_f64()
                && number.is_f64()
            {
                *node = Value::from((100.0 * value).round() / 100.0);
            }
        }
        _ => {}
    }
}

/// Leaves in a tree of letters only those words of a section that its breadcrumbs have.
fn prune(node: &mut Map<String, Value>, word: &mut String, texts: &BTreeMap<String, Vec<String>>) {
    if let Some(sections) = node.get_mut("docs").and_then(Value::as_object_mut) {
        let stem = stem(word);
        sections.retain(|id, _| {
            texts.get(id).is_some_and(|words| words.iter().any(|word| word.starts_with(stem)))
        });
        let count = sections.len();
        node.insert("df".into(), count.into());
    }
    node.retain(|letter, child| {
        let Some(child) = child.as_object_mut().filter(|_| letter != "docs") else { return true };
        word.push_str(letter);
        prune(child, word, texts);
        word.truncate(word.len() - letter.len());
        // Nothing but "df" and "docs".
        child.len() > 2 || child.get("df").and_then(Value::as_u64) != Some(0)
    });
}

/// What a word of the index has in common with the word on the page: "entropi" comes from "entropy".
fn stem(word: &str) -> &str {
    match word.char_indices().next_back() {
        Some((last, _)) if last > 2 => &word[..last],
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two sections; "it's" and "entropi" stand in the second's text, "entropi" in its breadcrumbs too.
    fn script() -> String {
        let json = r#"{"index":{"documentStore":{"docs":{
            "0":{"body":"a \"b\\\"","breadcrumbs":"It"},"1":{"body":"it's entropy","breadcrumbs":"It » Entropy"}}},
            "index":{"body":{"root":{"df":0,"docs":{},"i":{"df":1,"docs":{"1":{"tf":1.4142135623730951}}}}},
            "breadcrumbs":{"root":{"df":0,"docs":{},
                "e":{"df":0,"docs":{},"n":{"df":0,"docs":{},"t":{"df":0,"docs":{},"r":{"df":0,"docs":{},"i":{
                    "df":2,"docs":{"0":{"tf":1.0},"1":{"tf":1.0}}}}}}},
                "x":{"df":0,"docs":{},"s":{"df":1,"docs":{"1":{"tf":1.0}}}}}}}}}"#;
        let literal = json.replace('\n', "").replace('\\', "\\\\").replace('\'', "\\'");
        format!("window.search = Object.assign(window.search, JSON.parse('{literal}'));")
    }

    fn parse(script: &str) -> Value {
        let (_, rest) = script.split_once(OPEN).expect("a literal");
        let (literal, after) = rest.rsplit_once(CLOSE).expect("a literal");
        assert_eq!(after, ");");
        serde_json::from_str(&literal.replace("\\'", "'").replace("\\\\", "\\")).expect("JSON")
    }

    #[test]
    fn breadcrumbs_keep_their_own_words_and_frequencies_two_decimals() {
        let (before, after) = (parse(&script()), parse(&slim(&script()).expect("an index")));
        assert_eq!(after["index"]["documentStore"], before["index"]["documentStore"]);
        let fields = &after["index"]["index"];
        assert_eq!(fields["body"]["root"]["i"]["docs"]["1"]["tf"], 1.41);
        let hierarchy = &fields["breadcrumbs"]["root"];
        let entropi = &hierarchy["e"]["n"]["t"]["r"]["i"];
        assert_eq!(*entropi, serde_json::json!({"df": 1, "docs": {"1": {"tf": 1.0}}}));
        assert_eq!(hierarchy.get("x"), None);
    }

    #[test]
    fn an_index_of_another_form_stays() {
        for other in ["", "window.search = {};", "JSON.parse('{')", "JSON.parse('{\"index\":{}}')"]
        {
            assert_eq!(slim(other), None, "{other}");
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in [("searchindex-1.js", &script()), ("searchindex-2.js", &"x".into())] {
            fs::write(folder.path().join(name), text).expect("a file");
        }
        slim_index(folder.path()).expect("a folder");
        let read = |name| fs::read_to_string(folder.path().join(name)).expect("a file");
        assert_eq!(Some(read("searchindex-1.js")), slim(&script()));
        assert_eq!(read("searchindex-2.js"), "x");
    }
}
