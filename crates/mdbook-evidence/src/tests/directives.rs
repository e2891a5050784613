//! Each directive, in a small book.

use super::{first, rendered};
use crate::put_in;

const VAE: &str =
    "# The *VAE* {#vae}\n\n{{claim vae/bound}}\n\n$$x \\tag{7.1}$$\n\n## A loss $L$ {#vae-loss}\n";

#[test]
fn a_numbered_formula_is_linked_to_from_text_and_not_from_code() {
    let page = first(&[
        ("ch01-a.md", "$$a\n= b . \\tag{1.1}$$\n\nBy (1.1), (7.1) and `(9.9)`."),
        ("ch07-vae.md", VAE),
    ]);
    assert!(page.starts_with("<span class=\"equation\" id=\"eq-1-1\"><span class=\"equation-body\"><span class=\"katex-display\">"), "{page}");
    assert!(page.contains("<span class=\"equation-number\">(1.1)</span></span>\n"), "{page}");
    assert!(page.contains("By <a class=\"eqref\" href=\"#eq-1-1\">(1.1)</a>, <a class=\"eqref\" href=\"ch07-vae.html#eq-7-1\">(7.1)</a> and `(9.9)`."), "{page}");
    assert!(!page.contains("$$") && !page.contains("tag"), "{page}");
}

#[test]
fn a_formula_in_a_quotation_or_a_table_stays_inside() {
    let page =
        rendered(&[("a.md", "> $$a\n> = b$$\n> end\n\n| h |\n|---|\n| $p \\| q$, $\\vert x$ |\n")]);
    assert!(
        page.starts_with("> <span class=\"equation\">") && page.contains("\n> end\n"),
        "{page}"
    );
    let cell = page.lines().last().expect("a row");
    assert!(cell.starts_with("| <span class=\"formula\" ") && cell.contains('∥'), "{cell}");
    assert_eq!(cell.matches('|').count(), 2, "{cell}");
}

#[test]
fn mdbook_gets_a_formula_as_text() {
    let page =
        rendered(&[("a.md", "{{claim vae/bound}}\n\nIf $x^2$, then $$\\KL(q) . \\tag{A.1}$$\n")]);
    let text = |page: &str| {
        let tags = regex::Regex::new("<[^>]*>").expect("a valid pattern");
        tags.replace_all(page, "").into_owned()
    };
    let line = "If x&#94;2\u{2060}, then KL&#40;q&#41;&#46;(A.1)\n";
    assert!(text(&page).ends_with(line), "{page}");
    assert!(!page.contains("<math") && put_in(&page).contains("<math"), "{page}");
}

#[test]
fn the_projects_macros_are_known() {
    assert!(first(&[("a.md", "$\\KL$")]).contains("KL"));
}

#[test]
fn chapters_and_sections_are_linked_by_their_titles() {
    let text = "See {{chapter vae}}. {{Chapter vae}}: {{section vae}}, {{section vae-loss}}, {{chapter notation}}, {{section here}}.\n\n## Here {#here}\n";
    let page = first(&[("a.md", text), ("ch07-vae.md", VAE), ("notation.md", "# Notation\n")]);
    for link in [
        "<a class=\"chapterref\" href=\"ch07-vae.html\">chapter 7</a>",
        "<a class=\"chapterref\" href=\"ch07-vae.html\">Chapter 7</a>",
        "<a class=\"chapterref\" href=\"notation.html\">Notation</a>",
        "<a class=\"sectionref\" href=\"ch07-vae.html#vae\">The *VAE*</a>",
        "<a class=\"sectionref\" href=\"ch07-vae.html#vae-loss\">A loss <span class=\"katex\">",
        "<a class=\"sectionref\" href=\"#here\">Here</a>",
    ] {
        assert!(page.contains(link), "{link}\nnot in\n{page}");
    }
}

#[test]
fn a_figure_has_a_number_both_pictures_and_a_caption() {
    let text = "{{figure kl-surface with kl-explorer}} Both *directions*\nof $x$, by (7.1): {{value vae/bound.cases}}.\n\nSee {{fig kl-surface}}.\n\n\
                $$x \\tag{7.1}$$\n";
    let page = first(&[("ch07-vae.md", text)]);
    for part in [
        "<figure class=\"book-figure interactive\" id=\"fig-kl-surface\"><kl-explorer><img class=\"light-only\" \
         src=\"figures/kl-surface.light.svg\" alt=\"Two &quot;valleys&quot;.\" width=\"640\" height=\"400\" loading=\"lazy\">",
        "<img class=\"dark-only\" src=\"figures/kl-surface.dark.svg\"",
        "</kl-explorer><figcaption><span class=\"figure-number\">Figure 7.1.</span> Both <em>directions</em> of <span class=\"katex\">",
        "by <a class=\"eqref\" href=\"#eq-7-1\">(7.1)</a>: <span class=\"value\" title=\"vae/bound, cases\">12</span>.</figcaption></figure>\n\nSee",
        "<a class=\"figref\" href=\"#fig-kl-surface\">Figure 7.1</a>",
    ] {
        assert!(page.contains(part), "{part}\nnot in\n{page}");
    }
}

#[test]
fn a_claim_becomes_a_card_whose_sentences_are_linked_too() {
    let page = first(&[("ch07-vae.md", "{{claim vae/loss}}\n\n$$x \\tag{7.1}$$\n")]);
    assert!(
        page.starts_with("<section class=\"claim claim-exact\" id=\"claim-vae-loss\">"),
        "{page}"
    );
    assert!(
        page.contains("The loss is that of <a class=\"eqref\" href=\"#eq-7-1\">(7.1)</a>.</p>"),
        "{page}"
    );
}

#[test]
fn the_second_chapter_that_shows_a_card_leaves_the_id_to_the_first() {
    let page = first(&[("ch01-b.md", "{{claim vae/bound}}\n"), ("ch07-vae.md", VAE)]);
    assert!(page.contains("id=\"claim-vae-bound\""), "{page}");
    let page = super::expand(
        &super::pages(&[("ch01-b.md", "{{claim vae/bound}}\n"), ("ch07-vae.md", VAE)]),
        &crate::Sources::example(),
    )
    .expect("no mistake")
    .remove(1);
    assert!(page.contains("claim-bound") && !page.contains("id=\"claim-vae-bound\""), "{page}");
}

#[test]
fn values_stand_in_sentences_tables_and_formulas() {
    let page = first(&[(
        "a.md",
        "In {{value vae/loss.cases}} cases, $n = {{value vae/mean.draws .0}}$.\n\n| {{value vae/run[\"loss, run 1\"].measured .1%}} |\n|--|\n",
    )]);
    assert!(
        page.contains("In <span class=\"value\" title=\"vae/loss, cases\">420</span> cases"),
        "{page}"
    );
    assert!(page.contains("<mn>3186</mn>"), "{page}");
    assert!(page.contains(">97.0\u{202f}%</span> |"), "{page}");
}

#[test]
fn minutes_are_told_and_summed() {
    let a = "# A\n\n{{time read=50 run=10}}\n";
    let book = [
        ("preface.md", "{{times}}\n"),
        ("ch01-a.md", a),
        ("ch02-b.md", "# B\n\n{{time read=40}}\n"),
    ];
    let pages =
        super::expand(&super::pages(&book), &crate::Sources::example()).expect("no mistake");
    assert!(pages[0].contains("| [Chapter 1: A](ch01-a.html) | 50 min | 10 min |"), "{}", pages[0]);
    assert!(pages[0].contains("| **together** | **1 h 30 min** | **10 min** |"), "{}", pages[0]);
    assert!(
        pages[1].contains("**Time**: about 50 minutes to read, 10 to run and look\n"),
        "{}",
        pages[1]
    );
    assert!(pages[2].contains("**Time**: about 40 minutes to read\n"), "{}", pages[2]);
}

#[test]
fn the_list_of_claims_has_all_of_them_and_links_to_the_cards() {
    let page = first(&[("claims.md", "{{claims}}\n"), ("ch07-vae.md", VAE)]);
    assert!(
        page.contains("**5 of 6 claims hold, and 5 of 6 plausible mistakes are rejected.**"),
        "{page}"
    );
    assert!(page.contains("## Chapter 7: The *VAE* {#claims-vae}"), "{page}");
    assert!(page.contains("<tr id=\"row-vae-bound\" class=\"claim-bound\">"), "{page}");
    assert!(
        page.contains("<a href=\"ch07-vae.html#claim-vae-bound\"><code>vae/bound</code></a>"),
        "{page}"
    );
    assert!(page.contains("x = 1: 1.25 ≥ 1.2"), "{page}");
    assert!(page.contains("loss, run 2: 1 ± 0.05, to lie between 0.9 and 1.1"), "{page}");
}

#[test]
fn links_lead_to_the_card_in_its_chapter() {
    let preface = ("preface.md", "# P\n\n{{claim vae/bound}}\n");
    let book = super::pages(&[preface, ("ch07-vae.md", VAE), ("claims.md", "{{claims}}\n")]);
    let pages = crate::expand(&book, &crate::Sources::example()).expect("a sound book");
    let [preface, chapter, claims] = pages.try_into().expect("three pages");
    assert!(
        preface.contains("class=\"claim claim-bound\"")
            && !preface.contains("id=\"claim-vae-bound\"")
    );
    assert!(chapter.contains("id=\"claim-vae-bound\""), "{chapter}");
    assert!(claims.contains("href=\"ch07-vae.html#claim-vae-bound\""), "{claims}");
}

#[test]
fn no_line_breaks_between_a_formula_and_its_comma() {
    let page = first(&[("a.md", "If $x$, then $y$ and $z$-like.\n")]);
    assert!(page.contains("</span>\u{2060}, then") && page.contains("</span> and"), "{page}");
    assert!(page.contains("</span>\u{2060}-like"), "{page}");
}

#[test]
fn the_list_of_claims_names_the_formulas_of_each() {
    let mut sources = crate::Sources::example();
    let claims = ["7.10", "7.9"].map(|number| (number.into(), vec!["vae/bound".into()]));
    sources.equations.claims = claims.into();
    let formulas: String = (2..=10).map(|i| format!("$$a \\tag{{7.{i}}}$$\n\n")).collect();
    let vae = format!("{VAE}\n{formulas}");
    let pages = super::pages(&[("claims.md", "{{claims}}\n"), ("ch07-vae.md", &vae)]);
    let page = crate::expand(&pages, &sources).unwrap_or_else(|error| panic!("{error}")).remove(0);
    let links = "<span class=\"claim-formulas\"><a class=\"eqref\" href=\"ch07-vae.html#eq-7-9\">(7.9)</a> \
                 <a class=\"eqref\" href=\"ch07-vae.html#eq-7-10\">(7.10)</a></span>";
    assert!(page.contains(links), "{page}");
}

#[test]
fn the_audit_has_each_row_with_what_settles_it() {
    let page = first(&[("documents.md", "{{audit}}\n"), ("ch07-vae.md", VAE)]);
    for part in [
        "### Chapter 7: The *VAE* {#documents-vae-rows}",
        "<tr id=\"document-bound\"><td>D1</td><td>A bound <em>holds</em>.</td>\
         <td><span class=\"verdict verdict-holds-if\">holds if</span></td><td><ul><li>",
        "x = 1: 1.25 ≥ 1.2</li></ul></td></tr>",
        "<tr id=\"document-system\"><td>D2</td><td>There are others.</td><td></td><td>Not in this course.</td></tr>",
    ] {
        assert!(page.contains(part), "{part}\nnot in\n{page}");
    }
}

#[test]
fn code_is_left_alone() {
    let text = "```\n{{claim x}} $y$ (1.1)\n```\n\nand `{{value z}} $y$`\n";
    assert_eq!(first(&[("a.md", text)]), text);
}
