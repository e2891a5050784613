//! Formulas: KaTeX, run when the book is built.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use anyhow::{Context as _, Result, anyhow};
use regex::Regex;
use rquickjs::{CatchResultExt, Context, Function, Runtime};

use crate::problem::unknown;

/// KaTeX's own build.
pub const SOURCE: &str = include_str!("../vendor/katex/katex.min.js");
const READING: &str = include_str!("reading.js");

/// What KaTeX makes of a formula.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// HTML and MathML, in one line. The TeX source, which KaTeX repeats for machines, is left out.
    pub html: String,
    /// One line of text: `log p_theta(x)`.
    pub reading: String,
}

/// KaTeX with the project's macros.
pub struct Katex {
    context: Context,
    macros: BTreeMap<String, String>,
    known: RefCell<HashMap<(String, bool), Result<Rendered, String>>>,
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
                    const tree = katex.__renderToDomTree(tex, {{
                        displayMode: display, throwOnError: true, strict: 'error', macros: {}
                    }});
                    return [tree.toMarkup(), reading(tree)];
                }} catch (error) {{ return [error.message] }}
            }}",
            serde_json::to_string(macros)?
        );
        context.with(|js| {
            let run = |code: &str| js.eval::<(), _>(code).catch(&js).map_err(|e| e.to_string());
            [SOURCE, READING, &render]
                .into_iter()
                .try_for_each(run)
                .map_err(|error| anyhow!("KaTeX: {error}"))
        })?;
        Ok(Self { context, macros: macros.clone(), known: RefCell::default() })
    }

    /// A formula, as it is shown and as it is read.
    ///
    /// # Errors
    /// What KaTeX says is wrong, with the nearest command if one is unknown.
    pub fn render(&self, tex: &str, display: bool) -> Result<Rendered, String> {
        let key = (tex.to_owned(), display);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let said: Result<Vec<String>, String> = self.context.with(|js| {
            let call = || js.globals().get::<_, Function>("render")?.call((tex, display));
            call().catch(&js).map_err(|error| error.to_string())
        });
        let rendered = match said?.as_slice() {
            [html, reading] => {
                Ok(Rendered { html: without_source(html), reading: reading.clone() })
            }
            said => Err(self.explain(&said.concat())),
        };
        self.known.borrow_mut().insert(key, rendered.clone());
        rendered
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

fn without_source(html: &str) -> String {
    static SOURCE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?s)<annotation .*?</annotation>").expect("a valid pattern"));
    SOURCE.replace_all(html, "").replace('\n', " ")
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
        let html =
            katex().render("\\KL(p \\,\\|\\, q) = \\text{a\nb}", false).expect("a formula").html;
        assert!(
            html.starts_with("<span class=\"katex\"><span class=\"katex-mathml\"><math "),
            "{html}"
        );
        assert!(html.contains("class=\"katex-html\" aria-hidden=\"true\""), "{html}");
        assert!(!html.contains('\n') && !html.contains("annotation encoding"), "{html}");
    }

    #[test]
    fn a_formula_is_read_as_one_would_type_it() {
        let katex = katex();
        for (tex, expected) in [
            (r"\KL(q \,\|\, p)", "KL(q ∥ p)"),
            (r"\log p_\theta(x \mid z)", "log p_theta(x|z)"),
            (r"\sigma\varepsilon - 2\pi\,\Sigma^{-1}", "sigma epsilon − 2 pi Sigma^{−1}"),
            (r"\operatorname{softplus}(-l) \ge 0", "softplus(−l) ≥ 0"),
            (r"\sum_{i=1}^{D} x_i W_{ij}", "∑_{i=1}^D x_i W_ij"),
            (r"\frac{a+b}{2S} + \tfrac12 b^2", "(a + b)/(2S) + 1/2 b^2"),
            (r"\mathbb{E}_{q(z)}\!\left[\hat f'\right]", "E_{q(z)}[hat(f)′]"),
            (r"\sqrt{2s^2-1}, \sqrt[3]{x}, \binom{n}{k}", "√(2s^2 − 1), x^{1/3}, (n choose k)"),
            (r"\begin{aligned} a &= b, \\ c &= d \\ e &= f \end{aligned}", "a = b, c = d; e = f"),
            (r"\underbrace{x^\top x}_{\text{a norm}} < \infty", "x^⊤ x_{a norm} < ∞"),
            (r"|x| \mapsto \max(\cdot, 0) := g''", "|x| ↦ max(⋅, 0) := g′′"),
        ] {
            assert_eq!(katex.render(tex, true).expect("a formula").reading, expected, "{tex}");
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
