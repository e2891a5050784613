//! Where in a page's Markdown are formulas, code, text and headings.
//!
//! The parser is the one that mdBook uses, with mathematics switched on, so that both agree on what is code.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Formula {
    pub(crate) range: Range<usize>,
    pub(crate) tex: String,
    pub(crate) display: bool,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    /// Where its Markdown is, without `##` and `{#id}`.
    pub(crate) text: Range<usize>,
    /// Its explicit id.
    pub(crate) id: Option<String>,
    /// Whether there is a formula in it.
    pub(crate) has_formula: bool,
}

/// What is where in a page; ranges of bytes.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) code: Vec<Range<usize>>,
    pub(crate) formulas: Vec<Formula>,
    pub(crate) headings: Vec<Heading>,
    pub(crate) paragraphs: Vec<Range<usize>>,
    /// Plain text in which a reference may become a link.
    pub(crate) text: Vec<Range<usize>>,
    /// Dollar signs that belong to no formula.
    pub(crate) lone_dollars: Vec<usize>,
}

impl Scan {
    pub(crate) fn is_code(&self, offset: usize) -> bool {
        self.code.iter().any(|range| range.contains(&offset))
    }

    pub(crate) fn is_formula(&self, offset: usize) -> bool {
        self.formulas.iter().any(|formula| formula.range.contains(&offset))
    }
}

/// The options of mdBook.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
}

/// Looks through a page.
pub(crate) fn scan(markdown: &str) -> Scan {
    let mut scan = Scan::default();
    let (mut in_code, mut in_table, mut in_link) = (false, false, 0);
    let mut heading: Option<Heading> = None;
    for (event, range) in
        Parser::new_ext(markdown, options() | Options::ENABLE_MATH).into_offset_iter()
    {
        if let Some(heading) = &mut heading
            && !matches!(event, Event::End(TagEnd::Heading(_)))
        {
            let text = &mut heading.text;
            *text = if text.end == 0 { range.clone() } else { text.start..range.end.max(text.end) };
            heading.has_formula |= matches!(event, Event::InlineMath(_) | Event::DisplayMath(_));
        }
        match event {
            Event::Start(Tag::Heading { id, .. }) => {
                let id = id.map(|id| id.to_string());
                heading = Some(Heading { text: 0..0, id, has_formula: false });
            }
            Event::End(TagEnd::Heading(_)) => scan.headings.extend(heading.take()),
            Event::Start(Tag::CodeBlock(_)) => {
                in_code = true;
                scan.code.push(range);
            }
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Table(_)) => in_table = true,
            Event::End(TagEnd::Table) => in_table = false,
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => in_link += 1,
            Event::End(TagEnd::Link | TagEnd::Image) => in_link -= 1,
            Event::Start(Tag::Paragraph) => scan.paragraphs.push(range),
            Event::Code(_) => scan.code.push(range),
            Event::InlineMath(tex) | Event::DisplayMath(tex) => {
                let source = &markdown[range.clone()];
                let display = source.starts_with("$$");
                // In a table's cell the parser takes `\|` for an escaped `|`; for TeX it is ‖.
                let tex = if in_table { source.trim_matches('$').into() } else { tex.to_string() };
                scan.formulas.push(Formula { range, tex, display });
            }
            Event::Text(_) if !in_code => {
                let is_escaped = |at: usize| at > 0 && markdown.as_bytes()[at - 1] == b'\\';
                let dollars = markdown[range.clone()].match_indices('$');
                let dollars = dollars.map(|(i, _)| range.start + i);
                scan.lone_dollars.extend(dollars.filter(|&at| !is_escaped(at)));
                if in_link == 0 && heading.is_none() {
                    scan.text.push(range);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                scan.lone_dollars.extend(html.match_indices('$').map(|(i, _)| range.start + i));
            }
            _ => {}
        }
    }
    scan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formulas(markdown: &str) -> Vec<(String, bool)> {
        scan(markdown).formulas.into_iter().map(|f| (f.tex, f.display)).collect()
    }

    #[test]
    fn formulas_are_found_where_they_are_meant() {
        let page =
            "a $x_1$ and `$y$`\n\n```\n$z$\n```\n\n> $$a\n> = b$$\n\n| h |\n|---|\n| $p \\| q$ |\n";
        let found = formulas(page);
        assert_eq!(found[0], ("x_1".into(), false));
        assert_eq!(found[1].0.split_whitespace().collect::<String>(), "a=b");
        assert!(found[1].1);
        assert_eq!(found[2], ("p \\| q".into(), false));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_dollar_without_a_partner_is_noticed_and_an_escaped_one_is_not() {
        assert_eq!(scan("costs 5 $ now").lone_dollars, [8]);
        assert_eq!(scan("<summary>$x$</summary>").lone_dollars.len(), 2);
        assert!(scan("costs 5 \\$ now").lone_dollars.is_empty());
        assert!(scan("`$` and $x$").lone_dollars.is_empty());
    }

    #[test]
    fn a_heading_has_its_text_and_id() {
        let page = "# The *plan* of `x` {#plan}\n\n## Next $x$\n";
        let scan = scan(page);
        assert_eq!(&page[scan.headings[0].text.clone()], "The *plan* of `x`");
        assert_eq!(scan.headings[0].id.as_deref(), Some("plan"));
        assert_eq!((scan.headings[1].id.as_deref(), scan.headings[1].has_formula), (None, true));
    }

    #[test]
    fn references_are_sought_in_plain_text_only() {
        let page = "see (1.2), [not (1.3)](x.md), `(1.4)`\n\n# (1.5)\n";
        let text: String = scan(page).text.into_iter().map(|range| &page[range]).collect();
        assert!(text.contains("(1.2)"), "{text}");
        assert!(!text.contains("(1.3)") && !text.contains("(1.4)") && !text.contains("(1.5)"));
    }
}
