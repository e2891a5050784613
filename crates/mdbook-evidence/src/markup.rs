//! Small pieces of HTML.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};

use crate::scan::options;

/// Text as HTML, fit for attributes and for cells of Markdown's tables too.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '|' => escaped.push_str("&#124;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A sentence of Markdown as HTML on one line, without a paragraph around it.
pub(crate) fn inline(markdown: &str) -> String {
    let events = Parser::new_ext(markdown.trim(), options())
        .filter(|event| {
            !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
        })
        .map(|event| if event == Event::SoftBreak { Event::Text(" ".into()) } else { event });
    let mut page = String::new();
    html::push_html(&mut page, events);
    page.trim().replace('\n', " ")
}

/// The element that shows whether something holds.
pub(crate) fn mark(holds: bool) -> &'static str {
    if holds {
        r#"<span class="claim-mark" role="img" aria-label="holds">✓</span>"#
    } else {
        r#"<span class="claim-mark" role="img" aria-label="fails">✗</span>"#
    }
}

/// "1 case", "2 cases"
pub(crate) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", crate::number::Format::Auto.text(number as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_keeps_its_emphasis_and_loses_its_paragraph() {
        assert_eq!(
            inline("the *image*\nof `x < y`"),
            "the <em>image</em> of <code>x &lt; y</code>"
        );
        assert_eq!(escape("a < \"b\" | c"), "a &lt; &quot;b&quot; &#124; c");
        assert_eq!((count(1, "case"), count(2, "case")), ("1 case".into(), "2 cases".into()));
    }
}
