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

/// What the tests of all claims hold against the file: each sort of change in it is noticed.
#[test]
fn what_is_changed_by_hand_in_the_evidence_is_noticed() {
    let claim = &course::select(Some("gaussian-kl/closed-form")).expect("a claim")[0];
    let report = claim.run(1);
    let path = course::verify::book_evidence().expect("the course");
    let text = std::fs::read_to_string(&path).expect("the evidence");
    let evidence: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let all = evidence["claims"].as_array().expect("a list");
    let told = all.iter().find(|told| told["id"] == claim.id()).expect("the claim's evidence");
    let differences = |told: serde_json::Value| {
        let told: course::Told = serde_json::from_value(told).expect("the evidence of a claim");
        told.differences(&report)
    };
    assert_eq!(differences(told.clone()), [""; 0]);
    let scaled =
        |number: &serde_json::Value| serde_json::json!(1.001 * number.as_f64().expect("a number"));
    for (path, value) in [
        ("/statement", serde_json::json!("Something else.")),
        ("/scope/covers", serde_json::json!("everything")),
        ("/measured", scaled(&told["measured"])),
        ("/expected", scaled(&told["expected"])),
        ("/draws", serde_json::json!(7)),
        ("/cases", serde_json::json!(9999)),
        ("/falsifiers/0/rejected", serde_json::json!(false)),
        ("/falsifiers/0/measured", scaled(&told["falsifiers"][0]["measured"])),
    ] {
        let mut changed = told.clone();
        *changed.pointer_mut(path).expect("a field of the evidence") = value;
        assert_eq!(differences(changed).len(), 1, "{path}");
    }
}
