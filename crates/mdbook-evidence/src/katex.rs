//! Formulas: KaTeX, run when the book is built.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result, anyhow};
use regex::Regex;
use rquickjs::{CatchResultExt, Context, Function, Runtime};

use crate::problem::unknown;

/// KaTeX's own build.
pub const SOURCE: &str = include_str!("../vendor/katex/katex.min.js");

/// KaTeX with the project's macros.
pub struct Katex {
    context: Context,
    macros: BTreeMap<String, String>,
    known: RefCell<HashMap<(String, bool), Result<String, String>>>,
}

impl Katex {
    /// Starts KaTeX. A macro is `\KL` with its expansion.
    ///
    /// # Errors
    /// If QuickJS cannot run it.
    pub fn new(macros: &BTreeMap<String, String>) -> Result<Self> {
        let runtime = Runtime::new().context("cannot start QuickJS")?;
        let context = Context::full(&runtime).context("cannot start QuickJS")?;
        let render = format!(
            "function render(tex, display) {{
                try {{
                    return '+' + katex.renderToString(tex, {{
                        displayMode: display, throwOnError: true, strict: 'error', macros: {}
                    }});
                }} catch (error) {{ return '-' + error.message }}
            }}",
            serde_json::to_string(macros)?
        );
        context.with(|js| {
            let run = |code: &str| js.eval::<(), _>(code).catch(&js).map_err(|e| e.to_string());
            run(SOURCE).and_then(|()| run(&render)).map_err(|error| anyhow!("KaTeX: {error}"))
        })?;
        Ok(Self { context, macros: macros.clone(), known: RefCell::default() })
    }

    /// A formula as HTML and MathML in one line, in which Markdown finds nothing to interpret.
    ///
    /// # Errors
    /// What KaTeX says is wrong, with the nearest command if one is unknown.
    pub fn render(&self, tex: &str, display: bool) -> Result<String, String> {
        let key = (tex.to_owned(), display);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let said: Result<String, String> = self.context.with(|js| {
            let call = || js.globals().get::<_, Function>("render")?.call((tex, display));
            call().catch(&js).map_err(|error| error.to_string())
        });
        let html = said.and_then(|said| match said.strip_prefix('+') {
            Some(html) => Ok(in_markdown(html)),
            None => Err(self.explain(said.trim_start_matches('-'))),
        });
        self.known.borrow_mut().insert(key, html.clone());
        html
    }

    fn explain(&self, error: &str) -> String {
        let error = error.replace('\u{332}', ""); // KaTeX underlines the place with these
        let command = error
            .split_once("Undefined control sequence: ")
            .and_then(|(_, rest)| rest.split_whitespace().next());
        match command {
            Some(command) => {
                let quoted = Regex::new(r#""(\\)\\([A-Za-z]+)""#).expect("a valid pattern");
                let of_katex: Vec<String> =
                    quoted.captures_iter(SOURCE).map(|c| format!("\\{}", &c[2])).collect();
                let all = of_katex.iter().chain(self.macros.keys()).map(String::as_str);
                format!("{error}: {}", unknown("TeX command", command, all))
            }
            None => error,
        }
    }
}

/// Makes KaTeX's HTML proof against Markdown: one line, and every character of its text that could mean
/// something as a number. The TeX source, which it repeats for machines, goes.
fn in_markdown(html: &str) -> String {
    let mut text = String::with_capacity(html.len() * 5 / 4);
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '<' if rest.starts_with("<annotation ") => {
                const END: &str = "</annotation>";
                let end = rest.find(END).map_or(rest.len(), |at| at + END.len());
                rest = &rest[end..];
                continue;
            }
            '<' => {
                let end = rest.find('>').map_or(rest.len(), |at| at + 1);
                text.push_str(&rest[..end].replace('\n', " "));
                end
            }
            '&' => {
                let end = rest.find(';').map_or(rest.len(), |at| at + 1);
                text.push_str(&rest[..end]);
                end
            }
            '\n' => {
                text.push(' ');
                1
            }
            _ if c.is_ascii_punctuation() => {
                text.push_str(&format!("&#{};", u32::from(c)));
                1
            }
            _ => {
                text.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn katex() -> Katex {
        let macros = BTreeMap::from([("\\KL".into(), "\\mathrm{KL}".into())]);
        Katex::new(&macros).expect("KaTeX starts")
    }

    #[test]
    fn a_formula_becomes_html_and_mathml_on_one_line() {
        let html = katex().render("\\KL(p \\,\\|\\, q) = \\sqrt{x^*_1}", false).expect("a formula");
        assert!(
            html.starts_with("<span class=\"katex\"><span class=\"katex-mathml\"><math "),
            "{html}"
        );
        assert!(html.contains("class=\"katex-html\" aria-hidden=\"true\""), "{html}");
        assert!(!html.contains('\n') && !html.contains("annotation encoding"), "{html}");
        assert!(html.contains("&#40;") && !html.contains(">("), "{html}");
    }

    #[test]
    fn markdown_leaves_the_html_as_it_is() {
        let katex = katex();
        let tags = Regex::new("<[^>]*>").expect("a valid pattern");
        for tex in ["a_1 * b_2 * c", "[x](y) \\backslash", "a < b & > \\_ ~ |x|", "p'' --- f"] {
            let tex = tex.replace('&', "\\&");
            let html = katex.render(&tex, false).expect("a formula");
            let mut page = String::new();
            pulldown_cmark::html::push_html(
                &mut page,
                pulldown_cmark::Parser::new_ext(&html, pulldown_cmark::Options::all()),
            );
            let plain = |html: &str| {
                let mut text = tags.replace_all(html.trim(), "").into_owned();
                for c in (33..127u8).filter(u8::is_ascii_punctuation) {
                    text = text.replace(&format!("&#{c};"), &char::from(c).to_string());
                }
                for (entity, c) in [("&lt;", "<"), ("&gt;", ">"), ("&#x27;", "'"), ("&amp;", "&")] {
                    text = text.replace(entity, c);
                }
                text
            };
            assert_eq!(plain(&page), plain(&html), "{tex}");
            let count = |html: &str| html.matches('<').count();
            assert_eq!(count(&page), count(&html) + 2, "a paragraph and no more: {page}");
        }
    }

    #[test]
    fn a_mistake_is_told_with_the_nearest_command() {
        let katex = katex();
        let error = |tex| katex.render(tex, true).expect_err("a mistake");
        assert!(error("\\opratorname{a}").contains("did you mean `\\operatorname`"));
        assert!(error("\\KLL").contains("did you mean `\\KL`"));
        assert!(error("x^2^3").contains("Double superscript"), "{}", error("x^2^3"));
    }
}
