//! The tables that the book makes of all claims, of all rows of the documents, and of all chapters' minutes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::card::{covers, sentence, sides};
use crate::evidence::{Claim, Verdict};
use crate::expand::{Expander, Place};
use crate::markup::{count, escape, inline, mark};
use crate::page::Page;

impl Expander<'_> {
    /// `{{claims}}`: every claim of the course, with its verdict.
    pub(crate) fn claims_table(&self, place: Place) -> String {
        let claims = &self.sources.evidence.claims;
        let hold = claims.iter().filter(|claim| claim.holds()).count();
        let falsifiers = || claims.iter().flat_map(|claim| &claim.falsifiers);
        let rejected = falsifiers().filter(|falsifier| falsifier.rejected).count();
        let (all, of_all) = (claims.len() as u64, falsifiers().count() as u64);
        let mut text = match (hold as u64 == all, rejected as u64 == of_all) {
            (true, true) => format!(
                "All {} hold, and all {} are rejected.",
                count(all, "claim"),
                count(of_all, "plausible mistake")
            ),
            _ => format!(
                "**{hold} of {} hold, and {rejected} of {} are rejected.**",
                count(all, "claim"),
                count(of_all, "plausible mistake")
            ),
        };
        for chapter in self.chapters() {
            let of_chapter = claims.iter().filter(|claim| claim.chapter() == chapter);
            let title = self.chapter_title(chapter);
            let _ = write!(text, "\n\n## {title} {{#claims-{chapter}}}\n\n");
            text.push_str(
                "<div class=\"table-wrapper\"><table class=\"claims-table\"><thead><tr><th></th><th>claim</th><th>evidence</th>\
                 <th>mistakes rejected</th></tr></thead><tbody>",
            );
            for claim in of_chapter {
                let rejected = claim.falsifiers.iter().filter(|f| f.rejected).count();
                let _ = write!(
                    text,
                    "<tr id=\"row-{anchor}\" class=\"claim-{kind}\"><td>{mark}</td><td>{link}{formulas}<br>{statement}</td>\
                     <td><span class=\"claim-kind\">{sentence}</span> {covers}<br><span class=\"claim-kind\">{word}</span> {sides}</td><td>{rejected} of {all}</td></tr>",
                    anchor = claim.anchor(),
                    kind = claim.kind.class(),
                    mark = mark(claim.holds()),
                    link = self.claim_link(claim),
                    formulas = self.formulas(claim, place),
                    statement = self.prose(&sentence(&claim.statement), place),
                    sentence = claim.scope.sentence.word(),
                    covers = covers(&claim.scope),
                    word = claim.kind.word(),
                    sides = sides(claim),
                    all = claim.falsifiers.len(),
                );
            }
            text.push_str("</tbody></table></div>");
        }
        text
    }

    /// `{{audit}}`: every statement of the source documents, with what came of it.
    pub(crate) fn audit_table(&self, place: Place) -> String {
        let rows = &self.sources.rows;
        for claim in &self.sources.evidence.claims {
            if let Some((row, _)) = &claim.source.row
                && !rows.iter().any(|known| &known.id == row)
            {
                let known = rows.iter().map(|row| row.id.as_str());
                self.report(
                    place,
                    format!(
                        "claim {} settles a row that documents.toml lacks: {}",
                        claim.id,
                        crate::problem::unknown("row", row, known)
                    ),
                );
            }
        }
        const HEAD: &str = "<div class=\"table-wrapper\"><table class=\"audit-table\"><thead><tr><th>document</th><th>statement</th>\
                            <th>verdict</th><th>decided by</th></tr></thead><tbody>";
        let mut text = String::new();
        let mut chapter = "";
        for row in rows {
            let settles =
                |claim: &&Claim| claim.source.row.as_ref().is_some_and(|(id, _)| id == &row.id);
            let claims: Vec<&Claim> = self.sources.evidence.claims.iter().filter(settles).collect();
            if let Some(claim) = claims.first()
                && claim.chapter() != chapter
            {
                if !chapter.is_empty() {
                    text.push_str("</tbody></table></div>\n\n");
                }
                chapter = claim.chapter();
                let title = self.chapter_title(chapter);
                let _ = write!(text, "### {title} {{#documents-{chapter}-rows}}\n\n{HEAD}");
            } else if chapter.is_empty() {
                chapter = "-";
                text.push_str(HEAD);
            }
            let verdicts: BTreeSet<Verdict> =
                claims.iter().filter_map(|claim| Some(claim.source.row.as_ref()?.1)).collect();
            let verdicts: Vec<String> = verdicts
                .iter()
                .map(|verdict| {
                    let word = verdict.word();
                    format!(
                        "<span class=\"verdict verdict-{}\">{word}</span>",
                        word.replace(' ', "-")
                    )
                })
                .collect();
            let decided = match (claims.is_empty(), &row.note) {
                (true, Some(note)) => self.prose(note, place),
                (true, None) => {
                    self.report(place, format!("no claim settles row `{}` of documents.toml: make one, or say why not in its `note`", row.id));
                    String::new()
                }
                (false, note) => {
                    let item = |claim: &&Claim| {
                        format!(
                            "<li>{} {} {}</li>",
                            mark(claim.holds()),
                            self.claim_link(claim),
                            sides(claim)
                        )
                    };
                    let note =
                        note.as_deref().map(|note| self.prose(note, place)).unwrap_or_default();
                    format!("<ul>{}</ul>{note}", claims.iter().map(item).collect::<String>())
                }
            };
            let _ = write!(
                text,
                "<tr id=\"document-{}\"><td>{}</td><td>{}</td><td>{}</td><td>{decided}</td></tr>",
                escape(&row.id),
                escape(&row.document),
                self.prose(&row.says, place),
                verdicts.join(" "),
            );
        }
        if !chapter.is_empty() {
            text.push_str("</tbody></table></div>");
        }
        text
    }

    /// `{{times}}`: minutes to read and to run, by chapter.
    pub(crate) fn times_table(&self) -> String {
        let mut text = "| chapter | read | run and look |\n|---|---:|---:|\n".to_owned();
        let (mut read, mut run) = (0, 0);
        for minutes in &self.index.times {
            let page = &self.pages[minutes.page];
            read += minutes.read;
            run += minutes.run;
            let _ = writeln!(
                text,
                "| [{}]({}) | {} min | {} min |",
                self.chapter_title(page.slug()),
                page.html(),
                minutes.read,
                minutes.run
            );
        }
        let _ = write!(text, "| **together** | **{}** | **{}** |", hours(read), hours(run));
        text
    }

    /// The chapters of the claims, in order.
    fn chapters(&self) -> Vec<&str> {
        let mut chapters: Vec<&str> = Vec::new();
        for claim in &self.sources.evidence.claims {
            if !chapters.contains(&claim.chapter()) {
                chapters.push(claim.chapter());
            }
        }
        chapters
    }

    /// "Chapter 6: The divergence between Gaussians"
    fn chapter_title(&self, slug: &str) -> String {
        let Some(page) = self.pages.iter().position(|page| page.slug() == slug) else {
            return slug.to_owned();
        };
        let title = self.title(page);
        match self.pages[page].number() {
            Some(number) => format!("Chapter {number}: {title}"),
            None => title,
        }
    }

    /// The claim's name, as a link to its card if a page shows one.
    fn claim_link(&self, claim: &Claim) -> String {
        let name = format!("<code>{}</code>", escape(&claim.id));
        match self.index.claims.get(&claim.id) {
            Some(&page) => {
                format!(
                    "<a href=\"{}#claim-{}\">{name}</a>",
                    Page::html(&self.pages[page]),
                    claim.anchor()
                )
            }
            None => name,
        }
    }

    /// The numbered formulas that the claim settles, as links.
    fn formulas(&self, claim: &Claim, place: Place) -> String {
        let numbers = self.sources.equations.settled_by(&claim.id);
        if numbers.is_empty() {
            return String::new();
        }
        let numbers: Vec<String> = numbers.iter().map(|number| format!("({number})")).collect();
        format!(" <span class=\"claim-formulas\">{}</span>", self.prose(&numbers.join(" "), place))
    }

    /// A sentence of evidence or of the documents, as HTML.
    pub(crate) fn prose(&self, text: &str, place: Place) -> String {
        inline(&self.expand(text, &crate::index::look(text), place.fixed()))
    }
}

fn hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
