//! Each mistake is told with file, line and the nearest name.

use super::mistakes;

#[test]
fn each_mistake_has_its_message() {
    for (text, line, message) in [
        ("a\n\n{{claim vae/bond}}\n", 3, "there is no claim `vae/bond`; did you mean `vae/bound`?"),
        ("a {{claim vae/bound}}\n", 1, "{{claim …}} stands in a paragraph of its own"),
        (
            "{{claim vae/bound}}\n\n{{claim vae/bound}}\n",
            3,
            "claim `vae/bound` is shown twice here",
        ),
        ("a {{value vae/bound.cass}}\n", 1, "did you mean `cases`?"),
        ("a\n$n = {{value vae/boud.cases}}$\n", 2, "did you mean `vae/bound`?"),
        (
            "a (1.2)\n\n$$x \\tag{1.1}$$\n",
            1,
            "there is no formula with the number `1.2`; did you mean `1.1`?",
        ),
        ("$$x \\tag{1.2}$$\n", 1, "expected \\tag{1.1}, came \\tag{1.2}"),
        ("$x \\tag{1.1}$\n", 1, "only $$…$$ can be numbered"),
        ("\n$\\opratorname{a}$\n", 2, "did you mean `\\operatorname`?"),
        ("$x^2^3$\n", 1, "Double superscript"),
        ("$$a\n+ b$$\n", 1, "a $ that belongs to no formula"),
        ("costs 5 $ now\n", 1, "a $ that belongs to no formula"),
        ("# The $x$\n", 1, "a heading with a formula needs an id of its own"),
        ("# A {#a}\n\n## B {#a}\n", 3, "there are two sections {#a}"),
        ("{{section a}}\n\n# A {#aa}\n", 1, "did you mean `aa`?"),
        ("{{chapter example}}\n", 1, "did you mean `exampel`?"),
        ("{{fig kl-surfac}}\n\n{{figure kl-surface}} C.\n", 1, "did you mean `kl-surface`?"),
        ("{{figure kl-surfac}} C.\n", 1, "did you mean `kl-surface`?"),
        ("{{figure kl-surface}}\n", 1, "figure `kl-surface` has no caption"),
        ("a {{figure kl-surface}} C.\n", 1, "a figure begins a paragraph"),
        (
            "{{figure kl-surface by hand}} C.\n",
            1,
            "expected {{figure ID}} or {{figure ID with ELEMENT}}",
        ),
        ("{{figure kl-surface with kl-explore}} C.\n", 1, "did you mean `kl-explorer`?"),
        ("{{figure kl-surface}} C.\n\n{{figure kl-surface}} C.\n", 3, "stands in the book twice"),
        ("{{figure kl-surface}} C\nof (1.1).\n", 2, "there is no formula with the number `1.1`"),
        ("{{time fifty}}\n", 1, "expected {{time read=50 run=10}}, came `fifty`"),
        ("{{clam vae/bound}}\n", 1, "there is no directive `clam`; did you mean `claim`?"),
        ("```\n{{#include nowhere/x.rs:a}}\n```\n", 2, "there is no folder nowhere"),
    ] {
        let found = mistakes(&[("ch01-exampel.md", text)]);
        let place = format!("book/src/ch01-exampel.md:{line}: ");
        assert!(
            found.iter().any(|mistake| mistake.starts_with(&place) && mistake.contains(message)),
            "{text}: expected {place}{message}, came {found:#?}"
        );
    }
}

#[test]
fn all_mistakes_of_all_pages_are_told_in_order() {
    let found = mistakes(&[
        ("ch01-a.md", "{{value x.cases}}\n\n$$a \\tag{1.5}$$\n\n{{chapter q}} and (1.9)\n"),
        ("b.md", "$\\nosuch$\n"),
    ]);
    let places: Vec<&str> = found.iter().filter_map(|mistake| mistake.split(": ").next()).collect();
    assert_eq!(
        places,
        [
            "book/src/ch01-a.md:1",
            "book/src/ch01-a.md:3",
            "book/src/ch01-a.md:5",
            "book/src/ch01-a.md:5",
            "book/src/b.md:1"
        ]
    );
}

#[test]
fn a_row_that_the_documents_lack_or_nobody_settles_is_a_mistake() {
    let mut sources = crate::Sources::example();
    sources.rows.retain(|row| row.id != "bound");
    sources.rows[0].note = None;
    let pages = super::pages(&[("documents.md", "{{audit}}\n")]);
    let error = super::expand(&pages, &sources).expect_err("two mistakes").to_string();
    assert!(error.contains("claim vae/bound settles a row that documents.toml lacks"), "{error}");
    assert!(error.contains("no claim settles row `system`"), "{error}");
    assert!(error.ends_with("2 mistakes in the pages"), "{error}");
}
