//! The labels of the whole book: numbered formulas, figures, sections, and where each claim is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::page::Page;
use crate::scan::{Scan, scan};

/// `{{name arguments}}`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directive {
    pub(crate) range: Range<usize>,
    pub(crate) name: String,
    pub(crate) arguments: String,
    /// The paragraph that begins with it, if one does.
    pub(crate) paragraph: Option<Range<usize>>,
}

/// A section with an id.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) page: usize,
    /// Its heading's Markdown.
    pub(crate) title: String,
}

/// The minutes of a chapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Minutes {
    pub(crate) page: usize,
    pub(crate) read: u32,
    pub(crate) run: u32,
}

/// A page looked through.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) scan: Scan,
    pub(crate) directives: Vec<Directive>,
}

/// All labels.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) pages: Vec<Looked>,
    /// By number: the page.
    pub(crate) equations: BTreeMap<String, usize>,
    /// By id: the page and the number.
    pub(crate) figures: BTreeMap<String, (usize, String)>,
    pub(crate) sections: BTreeMap<String, Section>,
    /// By id: the first chapter that shows the card, or the first page if none does. Links to the claim lead there.
    pub(crate) claims: BTreeMap<String, usize>,
    /// The pages that are chapters.
    chapters: BTreeSet<usize>,
    pub(crate) times: Vec<Minutes>,
}

static TAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\\tag\s*\{([^}]*)\}").expect("a valid pattern"));
static DIRECTIVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{([^#{}][^{}]*)\}\}").expect("a valid pattern"));
static TIME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^read=(\d+)(?: run=(\d+))?$").expect("a valid pattern"));

/// The TeX without its tag, and the tag.
pub(crate) fn untagged(tex: &str) -> (String, Option<String>) {
    let tag = TAG.captures(tex).map(|captures| captures[1].trim().to_owned());
    (TAG.replace_all(tex, "").trim().to_owned(), tag)
}

/// A page's formulas, directives and so on.
pub(crate) fn look(text: &str) -> Looked {
    let scan = scan(text);
    let mut directives = Vec::new();
    for captures in DIRECTIVE.captures_iter(text) {
        let range = captures.get(0).expect("the whole match").range();
        if scan.is_code(range.start) || scan.is_formula(range.start) {
            continue;
        }
        let inner = captures[1].trim();
        let (name, arguments) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let paragraph = scan.paragraphs.iter().find(|p| p.start == range.start).cloned();
        directives.push(Directive {
            range,
            name: name.to_owned(),
            arguments: arguments.trim().to_owned(),
            paragraph,
        });
    }
    Looked { scan, directives }
}

impl Index {
    /// Collects the labels. What is wrong with them goes to `report` (page, byte, message).
    pub(crate) fn new(pages: &[Page], mut report: impl FnMut(usize, usize, String)) -> Self {
        let mut index = Self::default();
        for (number, page) in pages.iter().enumerate() {
            let looked = look(&page.text);
            let mut report = |offset, message| report(number, offset, message);
            index.add_equations(number, page, &looked, &mut report);
            index.add_sections(number, page, &looked, &mut report);
            index.add_directives(number, page, &looked, &mut report);
            index.pages.push(looked);
        }
        index
    }

    fn add_equations(
        &mut self,
        number: usize,
        page: &Page,
        looked: &Looked,
        report: &mut impl FnMut(usize, String),
    ) {
        let mut count = 0;
        for formula in &looked.scan.formulas {
            let (_, Some(tag)) = untagged(&formula.tex) else { continue };
            let start = formula.range.start;
            if !formula.display {
                report(start, format!("\\tag{{{tag}}} in a line: only $$…$$ can be numbered"));
                continue;
            }
            count += 1;
            let expected = format!("{}.{count}", page.prefix());
            if tag != expected {
                report(
                    start,
                    format!(
                        "formulas are numbered without gaps: expected \\tag{{{expected}}}, came \\tag{{{tag}}}"
                    ),
                );
                // Go on from the number that stands here, so that one slip is one message.
                if let Some(last) = tag.rsplit('.').next().and_then(|last| last.parse().ok()) {
                    count = last;
                }
            }
            if self.equations.insert(tag.clone(), number).is_some() {
                report(start, format!("there are two formulas ({tag})"));
            }
        }
    }

    fn add_sections(
        &mut self,
        number: usize,
        page: &Page,
        looked: &Looked,
        report: &mut impl FnMut(usize, String),
    ) {
        for heading in &looked.scan.headings {
            let title = page.text[heading.text.clone()].to_owned();
            let start = heading.text.start;
            let Some(id) = &heading.id else {
                if heading.has_formula {
                    let advice = "a heading with a formula needs an id of its own";
                    report(start, format!("{advice}: `{title} {{#name}}`"));
                }
                continue;
            };
            if self.sections.insert(id.clone(), Section { page: number, title }).is_some() {
                report(start, format!("there are two sections {{#{id}}}"));
            }
        }
    }

    fn add_directives(
        &mut self,
        number: usize,
        page: &Page,
        looked: &Looked,
        report: &mut impl FnMut(usize, String),
    ) {
        let mut figures = 0;
        let mut claims = BTreeSet::new();
        if page.number().is_some() {
            self.chapters.insert(number);
        }
        for directive in &looked.directives {
            let start = directive.range.start;
            match directive.name.as_str() {
                "figure" => {
                    figures += 1;
                    let id = directive.arguments.split_whitespace().next().unwrap_or_default();
                    let label = format!("{}.{figures}", page.prefix());
                    if self.figures.insert(id.to_owned(), (number, label)).is_some() {
                        report(start, format!("figure `{id}` stands in the book twice"));
                    }
                }
                "claim" => {
                    let home = self.claims.entry(directive.arguments.clone()).or_insert(number);
                    if self.chapters.contains(&number) && !self.chapters.contains(home) {
                        *home = number;
                    }
                    if !claims.insert(&directive.arguments) {
                        report(
                            start,
                            format!("claim `{}` is shown twice here", directive.arguments),
                        );
                    }
                }
                "time" => match TIME.captures(&directive.arguments) {
                    Some(captures) => {
                        let minutes = |i| captures.get(i).map_or(Ok(0), |c| c.as_str().parse());
                        if let (Ok(read), Ok(run)) = (minutes(1), minutes(2)) {
                            self.times.push(Minutes { page: number, read, run });
                        }
                    }
                    None => report(
                        start,
                        format!(
                            "expected {{{{time read=50 run=10}}}}, came `{}`",
                            directive.arguments
                        ),
                    ),
                },
                _ => {}
            }
        }
    }
}
