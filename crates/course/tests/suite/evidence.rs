//! The evidence in the repository.

use std::collections::BTreeMap;

/// Whoever changes code runs its claims again, or the book would show numbers that are not the code's.
#[test]
fn the_books_evidence_is_as_new_as_the_code_it_speaks_of() {
    let path = course::verify::book_evidence().expect("the course");
    let text = std::fs::read_to_string(&path).expect("`cargo course verify` writes the evidence");
    let evidence: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let told: BTreeMap<String, String> = serde_json::from_value(evidence["code"].clone())
        .expect("the fingerprints of all chapters: run `cargo course verify`");
    let older: Vec<&str> = course::fingerprints()
        .expect("sources that can be read")
        .into_iter()
        .filter(|(chapter, fingerprint)| told.get(*chapter) != Some(fingerprint))
        .map(|(chapter, _)| chapter)
        .collect();
    assert!(
        older.is_empty(),
        "book/evidence.json is older than the code of {}: renew it with `cargo course verify`",
        older.join(", ")
    );
}
