//! The checks themselves: each finds the fault that is on a page, and nothing else.

use std::path::Path;

use course_tests::Fault::{
    Console, Contrast, Figure, Formula, Image, Link, Markup, Overflow, Request,
};
use course_tests::{Browser, Fault, Finding, Site, chromium, report, skip};

/// A formula as KaTeX lays it out, in short.
macro_rules! formula {
    ($around:literal, $bases:literal) => {
        concat!(
            r#"<div style=""#,
            $around,
            r#""><span class="katex"><span class="katex-mathml"><math><annotation>x^2</annotation>"#,
            r#"</math></span><span class="katex-html">"#,
            $bases,
            "</span></span></div>"
        )
    };
}

/// A picture of 20 by 10 pixels.
const PICTURE: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' \
                       width='20' height='10'><rect width='9' height='9'/></svg>";

/// Pages without a fault, each near one.
const SOUND: &[&str] = &[
    r##"<p>Words, a <a href="#top">link</a>, <a href="sound-1.html">another</a> and <a
        href="https://example.org/">one that leads out</a>. <code>$x {{y}} \frac</code></p>"##,
    r#"<img src="PICTURE" alt="A rectangle"> <img src="PICTURE" alt="The same" width="60">"#,
    formula!("overflow-x: auto", r#"<span class="katex-base">x<sup>2</sup></span>"#),
    formula!("overflow-x: auto", r#"<span class="katex-base" style="width: 3000px">x</span>"#),
    r#"<div style="overflow-x: auto"><table style="width: 3000px"><tr><td>wide</table></div>"#,
    r#"<p style="color: #767676; background: white">Just dark enough.</p>
       <p style="opacity: 0.9">Nearly opaque.</p>
       <p style="display: none; color: #eee; background: white">Not there.</p>"#,
    r#"<script>console.log("a word"); console.warn("another");</script>"#,
    r#"<details><summary>More</summary>It is unfolded.</details>"#,
    r#"<toy-figure data-src="toy-figure.json"></toy-figure>"#,
];

/// Pages with a fault, what has to be found, and a part of the words that tell it.
const BROKEN: &[(&str, &[(Fault, &str)])] = &[
    (r#"<script>console.error("spilt", 3)</script>"#, &[(Console, "spilt 3")]),
    (r#"<script>throw new Error("thrown")</script>"#, &[(Console, "Error: thrown")]),
    (r#"<script>Promise.reject(new Error("broken"))</script>"#, &[(Console, "Error: broken")]),
    (r#"<link rel="stylesheet" href="none.css">"#, &[(Request, "none.css: 404")]),
    (
        r#"<link rel="stylesheet" href="https://example.org/a.css">"#,
        &[(Request, "https://example.org/a.css: net::ERR_NAME_NOT_RESOLVED")],
    ),
    (
        r#"<img src="none.png" alt="Nothing">"#,
        &[(Image, "none.png in #top is broken"), (Request, "none.png: 404")],
    ),
    (r#"<img src="data:image/png;base64,AAAA" alt="Nothing">"#, &[(Image, "is broken")]),
    (r#"<img src="PICTURE">"#, &[(Image, "has no alternative text")]),
    (r#"<img src="PICTURE" alt="A line" width="200" height="10">"#, &[(Image, "is distorted")]),
    (r#"<img src="PICTURE" alt="A dot" width="1" height="1">"#, &[(Image, "has no extent")]),
    ("<p>It costs $x^2$.</p>", &[(Markup, "It costs $x^2$")]),
    ("<p>{{claim a/b}}</p>", &[(Markup, "{{claim a/b}}")]),
    ("<h2 id=\"b\">A title {#b}</h2>", &[(Markup, "A title {#b}")]),
    (r"<p>One \frac12.</p>", &[(Markup, r"\frac12")]),
    (
        formula!("", r#"<span class="katex-base" style="height: 0; overflow: hidden">x</span>"#),
        &[(Formula, "has no extent")],
    ),
    (
        formula!("overflow: hidden", r#"<span class="katex-base" style="width: 3000px">x</span>"#),
        &[(Formula, "is cut off on the right"), (Overflow, "is cut off")],
    ),
    (
        formula!("", r#"<span class="katex-base" style="width: 3000px">x</span>"#),
        &[(Formula, "is cut off on the right"), (Overflow, "wider than the window")],
    ),
    (
        formula!(
            "overflow-x: auto",
            r#"<span class="katex-base" style="margin-left: -300px">x</span>"#
        ),
        &[(Formula, "is cut off on the left")],
    ),
    (
        formula!(
            "overflow: auto; height: 20px",
            r#"<span class="katex-base" style="height: 90px">x</span>"#
        ),
        &[(Formula, "is cut off above or below")],
    ),
    (
        formula!(
            "overflow-x: auto; position: relative",
            r#"<span class="katex-base" style="width: 100%">x</span>
               <span class="katex-tag" style="position: absolute; right: 0">(1)</span>"#
        ),
        &[(Formula, "runs into its number")],
    ),
    (
        r#"<p>Let <span class="formula" data-html="&lt;b&gt;x&lt;/b&gt;">x^2</span>.</p>"#,
        &[(Formula, "x^2 in #top is still its reading")],
    ),
    (
        formula!("", r#"<span class="katex-base katex-error">\x</span>"#),
        &[(Formula, "was not understood"), (Markup, r"\x")],
    ),
    (
        concat!(
            "<style>.katex { font-family: serif !important }</style>",
            formula!("", r#"<span class="katex-base">x</span>"#)
        ),
        &[(Formula, "KaTeX's fonts are not there")],
    ),
    (
        r#"<p style="color: #777; background: white">Grey.</p>"#,
        &[(Contrast, "“Grey.” in #top: 4.48:1, #777777 on #ffffff")],
    ),
    (
        r#"<div style="opacity: 0.5; color: black; background: white"><p>Faint.</p></div>"#,
        &[(Contrast, "“Faint.”")],
    ),
    (
        r#"<p style="color: oklch(0.7 0 0); background: rgb(255 255 255 / 0.9)">Grey.</p>"#,
        &[(Contrast, "“Grey.”")],
    ),
    (
        r#"<style>@media (prefers-color-scheme: dark) { p { color: #333 } }</style><p>Night.</p>"#,
        &[(Contrast, "“Night.”")],
    ),
    (
        r#"<svg width="90" height="20" style="background: white">
           <text y="15" style="fill: #aaa">Drawn.</text></svg>"#,
        &[(Contrast, "“Drawn.”")],
    ),
    (r#"<input value="Typed." style="color: #ccc; background: white">"#, &[(Contrast, "“Typed.”")]),
    (
        r#"<div style="width: 3000px">Wide.</div>"#,
        &[(Overflow, "wider than the window"), (Overflow, "<div> “Wide.” in #top sticks out")],
    ),
    (
        r#"<div style="height: 20px; overflow: hidden">One<br>and<br>another</div>"#,
        &[(Overflow, "is cut off")],
    ),
    (r#"<a href="none.html">Nowhere</a>"#, &[(Link, "leads to none.html, which is not there")]),
    (r##"<a href="#none">Nowhere</a>"##, &[(Link, "leads to #none, which is not on")]),
    (
        r#"<a href="sound-1.html#none">Nowhere</a>"#,
        &[(Link, "leads to #none, which is not on sound-1.html")],
    ),
    (r#"<p id="top">Again.</p>"#, &[(Link, "#top is there more than once")]),
    (
        r#"<toy-figure data-src="toy-figure.json" breaks="start"></toy-figure>"#,
        &[(Figure, "does not start: there is nothing to show")],
    ),
    ("<toy-figure></toy-figure>", &[(Figure, "has no checks")]),
    (
        r#"<toy-figure data-src="toy-figure.json" breaks="number"></toy-figure>"#,
        &[(Figure, "; Rust says ")],
    ),
    (
        r#"<toy-figure data-src="toy-figure.json" breaks="keyboard"></toy-figure>"#,
        &[(Figure, "a becomes 0, not 0.5 for {"), (Figure, "a becomes"), (Figure, "; Rust says ")],
    ),
    (
        r#"<toy-figure data-src="toy-figure.json" breaks="focus"></toy-figure>"#,
        &[(Figure, "does not let the keyboard reach twice")],
    ),
    (
        r#"<toy-figure data-src="toy-figure.json" breaks="pointer"></toy-figure>"#,
        &[(Figure, "set by Mouse"), (Figure, "set by Finger")],
    ),
    (
        r#"<toy-figure data-src="toy-figure.json" breaks="control"></toy-figure>"#,
        &[(Figure, "has no control named b"), (Figure, "; Rust says ")],
    ),
    (
        r#"<toy-figure data-src="toy-figure.json" breaks="surface"></toy-figure>"#,
        &[(Figure, "of its b axis becomes")],
    ),
    (
        r#"<toy-figure data-src="toy-figure.json" breaks="arrows"></toy-figure>"#,
        &[(Figure, "ArrowLeft makes a ")],
    ),
];

/// Writes a page into the frame.
fn write(folder: &Path, name: &str, body: &str) {
    let page =
        include_str!("../fixture/frame.html").replace("BODY", &body.replace("PICTURE", PICTURE));
    std::fs::write(folder.join(name), page).expect("a file");
}

#[test]
fn each_fault_is_found_and_nothing_else() {
    if chromium().is_none() {
        return skip("SKIPPED: the checks were not tried, because chromium is not installed");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (from, to) in [
        ("fixture/toy-figure.js", "toy-figure.js"),
        ("fixture/toy-figure.json", "toy-figure.json"),
        ("../crates/figures/fonts/DejaVuSans.ttf", "font.ttf"),
    ] {
        std::fs::copy(here.join(from), folder.join(to)).expect("a file");
    }
    for (i, body) in SOUND.iter().enumerate() {
        write(folder, &format!("sound-{i}.html"), body);
    }
    for (i, (body, _)) in BROKEN.iter().enumerate() {
        write(folder, &format!("broken-{i}.html"), body);
    }

    let site = Site::of(folder).expect("a port");
    let mut browser = [Browser::start().expect("chromium starts")];
    let findings = site.inspect(&mut browser).expect("chromium looks at every page");

    let on = |page: String| -> Vec<&Finding> {
        findings.iter().filter(|finding| finding.page == page).collect()
    };
    for (i, body) in SOUND.iter().enumerate() {
        let found = on(format!("sound-{i}.html"));
        assert!(found.is_empty(), "nothing is wrong with\n{body}\nbut found was\n{found:#?}");
    }
    for (i, (body, expected)) in BROKEN.iter().enumerate() {
        let found = on(format!("broken-{i}.html"));
        let is = |finding: &Finding, (fault, words): &(Fault, &str)| {
            finding.fault == *fault && finding.what.contains(words)
        };
        for fault in *expected {
            assert!(
                found.iter().any(|finding| is(finding, fault)),
                "{fault:?} was not found in\n{body}\nbut\n{found:#?}"
            );
        }
        for finding in &found {
            assert!(
                expected.iter().any(|fault| is(finding, fault)),
                "found in\n{body}\nwas, wrongly,\n{finding:#?}"
            );
        }
    }
    for fault in Fault::ALL {
        assert!(
            BROKEN.iter().any(|(_, expected)| expected.iter().any(|(found, _)| *found == fault)),
            "no page has the fault {fault:?}"
        );
    }
    assert!(report(&findings).contains("broken-0.html: Console: spilt 3 [light-1440, dark-1440"));
}
