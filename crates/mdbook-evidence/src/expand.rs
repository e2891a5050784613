//! A page with all its directives, formulas and references replaced.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::card::card;
use crate::formula::waiting;
use crate::include;
use crate::index::{Directive, Index, Looked, untagged};
use crate::katex::Katex;
use crate::markup::{escape, inline};
use crate::page::Page;
use crate::problem::{Problem, unknown};
use crate::scan::Formula;
use crate::sources::Sources;
use crate::value::look_up;

/// All that one needs to expand pages.
pub(crate) struct Expander<'a> {
    pub(crate) pages: &'a [Page],
    pub(crate) sources: &'a Sources,
    pub(crate) katex: &'a Katex,
    pub(crate) index: Index,
    pub(crate) problems: RefCell<Vec<Problem>>,
}

/// Where in which page a text is, for messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) page: usize,
    offset: usize,
    fixed: bool,
}

impl Place {
    /// The beginning of a page.
    pub(crate) fn start(page: usize) -> Self {
        Self { page, offset: 0, fixed: false }
    }

    /// So many bytes further.
    pub(crate) fn plus(self, offset: usize) -> Self {
        if self.fixed { self } else { Self { offset: self.offset + offset, ..self } }
    }

    /// For text that comes from elsewhere: all of it is at this place.
    pub(crate) fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }
}

static REFERENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\(((?:[1-9][0-9]*|[A-Z])\.[0-9]+)\)").expect("a valid pattern"));
static VALUE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{\s*value\s+([^{}]*)\}\}").expect("a valid pattern"));

const WORD_JOINER: char = '\u{2060}';

const DIRECTIVES: [&str; 11] = [
    "chapter", "Chapter", "section", "figure", "fig", "claim", "value", "time", "times", "claims",
    "audit",
];

impl Expander<'_> {
    /// A whole page.
    pub(crate) fn page(&self, page: usize) -> String {
        let text = &self.pages[page].text;
        let place = Place::start(page);
        include::check(text, &self.sources.pages, &mut |offset, message| {
            self.report(place.plus(offset), message);
        });
        let expanded = self.expand(text, &self.index.pages[page], place);
        include::replace(&expanded, &self.sources.pages)
    }

    /// Notes what is wrong.
    pub(crate) fn report(&self, place: Place, message: String) {
        let page = &self.pages[place.page];
        let file = format!("book/src/{}", page.file);
        let problem = Problem { file, line: page.line(place.offset), message };
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// A piece of Markdown.
    pub(crate) fn expand(&self, text: &str, looked: &Looked, place: Place) -> String {
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        for directive in &looked.directives {
            // A caption's own directives are replaced with the caption.
            if edits.last().is_none_or(|(range, _)| range.end <= directive.range.start) {
                edits.extend(self.directive(directive, text, place.plus(directive.range.start)));
            }
        }
        // A figure's caption is a text of its own.
        let captions: Vec<Range<usize>> = edits.iter().map(|(range, _)| range.clone()).collect();
        let is_free = |offset: usize| !captions.iter().any(|range| range.contains(&offset));
        for formula in looked.scan.formulas.iter().filter(|formula| is_free(formula.range.start)) {
            let mut html = self.formula(formula, place.plus(formula.range.start));
            // Browsers may break a line after a formula, and before the comma that belongs to it.
            let next = text[formula.range.end..].chars().next();
            if !formula.display && next.is_some_and(|next| ",.;:!?)'’\"”-".contains(next)) {
                html.push(WORD_JOINER);
            }
            edits.push((formula.range.clone(), html));
        }
        for range in &looked.scan.text {
            for captures in REFERENCE.captures_iter(&text[range.clone()]) {
                let found = captures.get(0).expect("the whole match").range();
                let found = range.start + found.start..range.start + found.end;
                if is_free(found.start) {
                    let link = self.equation(&captures[1], place.plus(found.start));
                    edits.push((found, link));
                }
            }
        }
        for &offset in looked.scan.lone_dollars.iter().filter(|&&offset| is_free(offset)) {
            self.report(
                place.plus(offset),
                "a $ that belongs to no formula: a formula's $ touch it on the inside, its braces match, and no line of it begins with \
                 `+ ` or `- ` (write {} before); between HTML and Markdown is an empty line; `|` in a table is \\vert; a dollar is \\$"
                    .into(),
            );
        }
        edits.sort_by_key(|(range, _)| range.start);
        let (mut expanded, mut done) = (String::with_capacity(2 * text.len()), 0);
        for (range, replacement) in edits {
            expanded.push_str(&text[done..range.start]);
            expanded.push_str(&replacement);
            done = range.end;
        }
        expanded + &text[done..]
    }

    fn formula(&self, formula: &Formula, place: Place) -> String {
        let tex = VALUE.replace_all(&formula.tex, |captures: &regex::Captures<'_>| {
            match look_up(&captures[1], self.sources) {
                Ok(value) => format!("{{{}}}", value.format.tex(value.number)),
                Err(message) => {
                    self.report(place, message);
                    String::new()
                }
            }
        });
        let (tex, tag) = untagged(&tex);
        let html = match self.katex.render(&tex, formula.display) {
            Ok(rendered) => waiting(&rendered),
            Err(error) => {
                self.report(place, format!("${}$: {error}", tex.replace('\n', " ")));
                String::new()
            }
        };
        if !formula.display {
            return html;
        }
        let (id, number) = match tag {
            Some(tag) => (
                format!(" id=\"{}\"", equation_id(&tag)),
                format!("<span class=\"equation-number\">({})</span>", escape(&tag)),
            ),
            None => (String::new(), String::new()),
        };
        format!(
            "<span class=\"equation\"{id}><span class=\"equation-body\">{html}</span>{number}</span>"
        )
    }

    fn equation(&self, number: &str, place: Place) -> String {
        match self.index.equations.get(number) {
            Some(&page) => {
                let target = self.target(place.page, page, &equation_id(number));
                format!("<a class=\"eqref\" href=\"{target}\">({number})</a>")
            }
            None => {
                let known = self.index.equations.keys().map(String::as_str);
                self.report(place, unknown("formula with the number", number, known));
                String::new()
            }
        }
    }

    /// What replaces which range.
    fn directive(
        &self,
        directive: &Directive,
        text: &str,
        place: Place,
    ) -> Option<(Range<usize>, String)> {
        let Directive { range, name, arguments, paragraph } = directive;
        let inline = match name.as_str() {
            "chapter" | "Chapter" => self.chapter(name, arguments, place),
            "section" => self.section(arguments, place),
            "fig" => self.figure_reference(arguments, place),
            "value" => self.value(arguments),
            "time" => Ok(time(arguments)),
            "figure" => {
                let Some(paragraph) = paragraph else {
                    self.report(
                        place,
                        "a figure begins a paragraph, and its caption ends it".into(),
                    );
                    return None;
                };
                let caption = text[range.end..paragraph.end].trim_end();
                let end = range.end + caption.len();
                let at = place.plus(directive.range.len());
                let html = self.figure(arguments, caption, place, at);
                return Some((range.start..end, self.reported(html, place)));
            }
            "claim" | "claims" | "audit" | "times" => {
                let alone = paragraph
                    .as_ref()
                    .is_some_and(|p| text[p.clone()].trim() == &text[range.clone()]);
                if !alone {
                    self.report(
                        place,
                        format!("{{{{{name} …}}}} stands in a paragraph of its own"),
                    );
                    return None;
                }
                match name.as_str() {
                    "claim" => self.claim(arguments, place),
                    "claims" => Ok(self.claims_table(place)),
                    "audit" => Ok(self.audit_table(place)),
                    _ => Ok(self.times_table()),
                }
            }
            _ => Err(unknown("directive", name, DIRECTIVES)),
        };
        Some((range.clone(), self.reported(inline, place)))
    }

    fn reported(&self, result: Result<String, String>, place: Place) -> String {
        result.unwrap_or_else(|message| {
            self.report(place, message);
            String::new()
        })
    }

    fn chapter(&self, name: &str, slug: &str, place: Place) -> Result<String, String> {
        let page = self
            .pages
            .iter()
            .position(|page| page.slug() == slug)
            .ok_or_else(|| unknown("chapter", slug, self.pages.iter().map(Page::slug)))?;
        let text = match self.pages[page].number() {
            Some(number) => format!("{name} {number}"),
            None => self.expand_title(page, place),
        };
        Ok(format!("<a class=\"chapterref\" href=\"{}\">{text}</a>", self.pages[page].html()))
    }

    fn section(&self, id: &str, place: Place) -> Result<String, String> {
        let section = self.index.sections.get(id).ok_or_else(|| {
            unknown("section with the id", id, self.index.sections.keys().map(String::as_str))
        })?;
        let title = self.expand(&section.title, &crate::index::look(&section.title), place.fixed());
        let target = self.target(place.page, section.page, id);
        Ok(format!("<a class=\"sectionref\" href=\"{target}\">{title}</a>"))
    }

    fn figure_reference(&self, id: &str, place: Place) -> Result<String, String> {
        let (page, number) = self.index.figures.get(id).ok_or_else(|| {
            unknown("figure on any page", id, self.index.figures.keys().map(String::as_str))
        })?;
        let target = self.target(place.page, *page, &format!("fig-{id}"));
        Ok(format!("<a class=\"figref\" href=\"{target}\">Figure {number}</a>"))
    }

    fn value(&self, arguments: &str) -> Result<String, String> {
        let value = look_up(arguments, self.sources)?;
        let text = value.format.text(value.number);
        Ok(format!("<span class=\"value\" title=\"{}\">{text}</span>", escape(&value.origin)))
    }

    fn figure(
        &self,
        arguments: &str,
        caption: &str,
        place: Place,
        at_caption: Place,
    ) -> Result<String, String> {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let (id, element) = match words[..] {
            [id] => (id, None),
            [id, "with", element] => (id, Some(element)),
            _ => {
                return Err(format!(
                    "expected {{{{figure ID}}}} or {{{{figure ID with ELEMENT}}}}, came `{arguments}`"
                ));
            }
        };
        if let Some(element) = element
            && !self.sources.elements.iter().any(|known| known == element)
        {
            let known = self.sources.elements.iter().map(String::as_str);
            self.report(place, unknown("interactive element", element, known));
        }
        let figure = self.sources.figures.get(id).ok_or_else(|| {
            unknown(
                "figure drawn with the name",
                id,
                self.sources.figures.keys().map(String::as_str),
            )
        })?;
        if caption.trim().is_empty() {
            return Err(format!(
                "figure `{id}` has no caption: write it behind {{{{figure {id}}}}}"
            ));
        }
        let image = |class: &str, file: &str| {
            format!(
                "<img class=\"{class}\" src=\"figures/{}\" alt=\"{}\" width=\"{:.0}\" height=\"{:.0}\" loading=\"lazy\">",
                escape(file),
                escape(&figure.alt),
                figure.width,
                figure.height
            )
        };
        let mut images = image("light-only", &figure.light) + &image("dark-only", &figure.dark);
        let mut class = "book-figure";
        if let Some(element) = element {
            images = format!("<{element}>{images}</{element}>");
            class = "book-figure interactive";
        }
        let number = self.index.figures.get(id).map_or("", |(_, number)| number);
        let caption = inline(&self.expand(caption, &crate::index::look(caption), at_caption));
        Ok(format!(
            "<figure class=\"{class}\" id=\"fig-{id}\">{images}<figcaption><span class=\"figure-number\">Figure {number}.</span> \
             {caption}</figcaption></figure>"
        ))
    }

    fn claim(&self, id: &str, place: Place) -> Result<String, String> {
        let claim = self
            .sources
            .evidence
            .claim(id)
            .ok_or_else(|| unknown("claim", id, self.sources.evidence.ids()))?;
        let first = self.index.claims.get(id) == Some(&place.page);
        Ok(card(claim, first, &|text| self.prose(text, place)))
    }

    /// The first heading of a page, as it stands there.
    pub(crate) fn title(&self, page: usize) -> String {
        let heading = self.index.pages[page].scan.headings.first();
        heading.map_or_else(
            || self.pages[page].slug().to_owned(),
            |heading| self.pages[page].text[heading.text.clone()].to_owned(),
        )
    }

    fn expand_title(&self, page: usize, place: Place) -> String {
        let title = self.title(page);
        self.expand(&title, &crate::index::look(&title), place.fixed())
    }

    /// A link's target, as short as it can be.
    fn target(&self, from: usize, to: usize, id: &str) -> String {
        if from == to { format!("#{id}") } else { format!("{}#{id}", self.pages[to].html()) }
    }
}

fn equation_id(number: &str) -> String {
    format!("eq-{}", number.replace('.', "-"))
}

/// "**Time**: about 50 minutes to read, 10 to run and look"
fn time(arguments: &str) -> String {
    let minutes = |word: &str| -> u32 {
        let mut words = arguments.split_whitespace();
        words.find_map(|w| w.strip_prefix(word)?.parse().ok()).unwrap_or_default()
    };
    let (read, run) = (minutes("read="), minutes("run="));
    match run {
        0 => format!("**Time**: about {read} minutes to read"),
        _ => format!("**Time**: about {read} minutes to read, {run} to run and look"),
    }
}
