//! What readers find in the book.

use course_tests::{Site, skip, torn};

/// In bytes. It has 2.7 million, of which the text that hits are shown from is a third.
const LARGEST: usize = 3_000_000;

#[test]
fn hits_show_each_formula_once_and_whole() {
    let Some(site) = Site::of_the_book().expect("the book builds") else {
        return skip(
            "SKIPPED: the book's search was not looked at, because mdbook is not installed \
             (cargo install mdbook@0.5.4 --locked)",
        );
    };
    let index = site.search_index().expect("mdBook's index");
    for section in &index.sections {
        for text in [&section.title, &section.body] {
            assert_eq!(torn(text), None, "in the section “{}”", section.title);
        }
    }
    for (word, text) in [
        ("divergence", "KL(p ∥ q)"),
        ("evidence", "log p_theta(x) = "),
        ("softplus", "softplus(l) = log(1 + e^l)"),
        ("sigma", "mu + sigma epsilon"),
        ("theta", "p_theta(x|z)"),
        ("phi", "∇_phi E_{q_phi}[f(z)]"),
        ("jensen", "E_q[log "),
    ] {
        let hits = index.hits(word);
        assert!(
            hits.iter().any(|section| section.body.contains(text)),
            "no hit of a search for “{word}” has “{text}”: {:#?}",
            hits.iter().map(|section| &section.title).collect::<Vec<_>>()
        );
    }
    assert!(index.size < LARGEST, "the search index has {} bytes", index.size);
}

#[test]
fn a_formula_in_pieces_is_noticed() {
    for text in [
        "D i v e r g e n c e o f q q from p p\u{2060}, K L ( p ∥ q )",
        "of K L ( q ∥ p ) KL\u{2060}(q∥p)",
        "we have f ( x ) f(x) here",
        "s o f t p l u s",
        "log\u{2061} p",
    ] {
        assert!(torn(text).is_some(), "{text}");
    }
    for text in [
        "Divergence of q from p, KL(p ∥ q) (1.2), see f(x) = a + b in a (short) section",
        "if x = y + z (or a b c), then [1]",
        "drawn for one x ( L in chapter 4) particles",
        "a matrix product(a, b) { let x = (a, b); }",
    ] {
        assert_eq!(torn(text), None, "{text}");
    }
}
