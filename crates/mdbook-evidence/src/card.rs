//! What a claim's evidence says, in sentences.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::evidence::{Claim, Falsifier, Kind, Scope, Sentence, Side};
use crate::markup::{count, escape, mark};
use crate::number::{Format, apart, rough};

/// A claim's card. `prose` makes HTML of a sentence.
pub(crate) fn card(claim: &Claim, with_id: bool, prose: &dyn Fn(&str) -> String) -> String {
    let anchor = claim.anchor();
    let failed = if claim.holds() { "" } else { " claim-failed" };
    let id = if with_id { format!(r#" id="claim-{anchor}""#) } else { String::new() };
    format!(
        "<section class=\"claim claim-{kind}{failed}\"{id}>\
         <p class=\"claim-statement\">{mark} {statement}</p>\
         <p class=\"claim-scope\"><span class=\"claim-kind\">{sentence}</span> {covers}</p>\
         <p class=\"claim-evidence\"><span class=\"claim-kind\">{word}</span> {evidence}</p>\
         {cases}{mistakes}\
         <p class=\"claim-again\"><code>cargo course verify {name}</code> \
         <a href=\"claims.html#row-{anchor}\">All claims</a></p></section>",
        kind = claim.kind.class(),
        mark = mark(claim.holds()),
        statement = prose(&sentence(&claim.statement)),
        sentence = claim.scope.sentence.word(),
        covers = covers(&claim.scope),
        word = claim.kind.word(),
        evidence = evidence(claim),
        cases = cases(claim),
        mistakes = mistakes(claim, prose),
        name = escape(&claim.id),
    )
}

/// With a full stop.
pub(crate) fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// What the claim speaks of, and how much of that was looked at.
pub(crate) fn covers(scope: &Scope) -> String {
    let covers = label(&scope.covers);
    let looked = match (scope.tried, scope.looks, scope.all) {
        (Some(1), _, Some(true)) => ": the one case".to_owned(),
        (Some(tried), _, Some(true)) => format!(": all {}", count(tried, "case")),
        (Some(tried), Some(looks), _) if looks > tried => {
            let hunt = Format::Auto.text((looks - tried) as f64);
            format!(
                ": {} tried, and {hunt} more in search of a counter-example",
                count(tried, "case")
            )
        }
        (Some(tried), ..) => format!(": {} tried", count(tried, "case")),
        _ => String::new(),
    };
    match scope.sentence {
        Sentence::ThereIs => "One example is enough.".to_owned(),
        _ => format!("{covers}{looked}."),
    }
}

/// The evidence in one or two sentences.
fn evidence(claim: &Claim) -> String {
    if let Some(problem) = &claim.problem {
        return format!("The check could not be finished: {}.", escape(problem));
    }
    let (Some(measured), Some(expected), Some(tolerance)) =
        (claim.measured, claim.expected, claim.tolerance)
    else {
        return "A number came out that is not finite.".into();
    };
    let case = claim.case.as_deref().unwrap_or_default();
    let at = if case.is_empty() { String::new() } else { format!(" ({})", label(case)) };
    let error = (measured - expected).abs();
    match claim.kind {
        Kind::Exact => {
            let allowed = match tolerance {
                0.0 => "none is allowed".to_owned(),
                _ => format!("allowed: {}", rough(tolerance)),
            };
            match (error == 0.0, claim.cases) {
                (true, 1) => format!("No error at all{at}; {allowed}."),
                (true, cases) => format!("No error at all in {}; {allowed}.", count(cases, "case")),
                (false, 1) => format!("Error {}{at}; {allowed}.", rough(error)),
                (false, cases) => {
                    format!(
                        "Largest error {} in {}{at}; {allowed}.",
                        rough(error),
                        count(cases, "case")
                    )
                }
            }
        }
        Kind::Bound => {
            let cases = match claim.cases {
                1 => "In the one case".to_owned(),
                cases => format!("Never violated in {}; in the closest", count(cases, "case")),
            };
            if error <= tolerance {
                format!("{cases}{at} both sides are {}, up to rounding.", show(expected))
            } else {
                let (measured, bound) = apart(measured, expected);
                format!("{cases}{at} {measured}, where at least {bound} is claimed.")
            }
        }
        Kind::Statistical | Kind::Ratio => {
            let cases = match claim.cases {
                1 => format!("One test with {}", count(claim.draws, "draw")),
                cases => format!(
                    "{} with {} in all; the closest",
                    count(cases, "test"),
                    count(claim.draws, "draw")
                ),
            };
            format!(
                "{cases}{at}: {} where {} ± {} is expected. What is true fails here with probability at most {}; a mistake \
                 of the size looked for passes with at most {}.",
                show(measured),
                show(expected),
                rough(tolerance),
                rough(claim.alpha),
                rough(1.0 - claim.power),
            )
        }
        Kind::Trained => {
            let measured = mean(measured, claim.uncertainty);
            let range = range(expected, tolerance, claim.side);
            match claim.cases {
                1 => format!("Measured {measured}{at}, {range}."),
                cases => {
                    format!("The closest of {}{at}: {measured}, {range}.", count(cases, "number"))
                }
            }
        }
    }
}

/// The two sides of the case that decides, for a table.
pub(crate) fn sides(claim: &Claim) -> String {
    let (Some(measured), Some(expected), Some(tolerance)) =
        (claim.measured, claim.expected, claim.tolerance)
    else {
        return "not a finite number".into();
    };
    let sides = match claim.kind {
        Kind::Exact if measured == expected => format!("{} = {}", show(measured), show(expected)),
        Kind::Exact if expected == 0.0 => format!("{} for 0", show(measured)),
        Kind::Exact => {
            let error = rough((measured - expected).abs());
            format!("{} = {}, off by {error}", show(measured), show(expected))
        }
        Kind::Bound if (measured - expected).abs() <= tolerance => {
            format!("{} = {}", show(measured), show(expected))
        }
        Kind::Bound => {
            let (measured, expected) = apart(measured, expected);
            format!("{measured} ≥ {expected}")
        }
        Kind::Statistical | Kind::Ratio => {
            format!("{} for {} ± {}", show(measured), show(expected), rough(tolerance))
        }
        Kind::Trained => {
            let measured = mean(measured, claim.uncertainty);
            format!("{measured}, {}", range(expected, tolerance, claim.side))
        }
    };
    match claim.case.as_deref() {
        Some(case) if !case.is_empty() => format!("{}: {sides}", label(case)),
        _ => sides,
    }
}

/// A case's label, its drawn numbers with four digits instead of sixteen.
fn label(case: &str) -> String {
    static LONG: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"-?\d+\.\d{5,}(e-?\d+)?").expect("a valid pattern"));
    let short = |number: &Captures<'_>| number[0].parse().map_or(number[0].to_owned(), show);
    escape(&LONG.replace_all(case, short))
}

fn show(number: f64) -> String {
    Format::Auto.text(number)
}

/// A mean over runs with its interval.
fn mean(measured: f64, uncertainty: Option<f64>) -> String {
    match uncertainty {
        Some(half) => format!("{} ± {}", show(measured), rough(half)),
        None => show(measured),
    }
}

fn range(middle: f64, half: f64, side: Side) -> String {
    match side {
        Side::At => format!("to lie between {} and {}", show(middle - half), show(middle + half)),
        Side::Above => format!("to lie above {}", show(middle)),
        Side::Below => format!("to lie below {}", show(middle)),
    }
}

/// All numbers of a training run, folded.
fn cases(claim: &Claim) -> String {
    if claim.records.len() < 2 {
        return String::new();
    }
    let show = |x: Option<f64>| x.map_or("not finite".to_owned(), show);
    let rows: String = claim
        .records
        .iter()
        .map(|record| {
            let edge = |sign: f64| Some(record.expected? + sign * record.tolerance?);
            let range = match record.side {
                Side::At => format!("{} to {}", show(edge(-1.0)), show(edge(1.0))),
                Side::Above => format!("above {}", show(record.expected)),
                Side::Below => format!("below {}", show(record.expected)),
            };
            let measured =
                record.measured.map_or("not finite".to_owned(), |x| mean(x, record.uncertainty));
            format!("<tr><td>{}</td><td>{measured}</td><td>{range}</td></tr>", label(&record.label))
        })
        .collect();
    format!(
        "<details class=\"claim-cases\"><summary>{}</summary><div class=\"table-wrapper\"><table><thead><tr><th>case</th>\
         <th>measured</th><th>range</th></tr></thead><tbody>{rows}</tbody></table></div></details>",
        count(claim.records.len() as u64, "measured number"),
    )
}

/// The falsifiers, folded.
fn mistakes(claim: &Claim, prose: &dyn Fn(&str) -> String) -> String {
    let all = claim.falsifiers.len() as u64;
    let rejected = claim.falsifiers.iter().filter(|falsifier| falsifier.rejected).count() as u64;
    let title = match (all, rejected) {
        (1, 1) => "1 plausible mistake, rejected".to_owned(),
        _ if all == rejected => format!("{}, all rejected", count(all, "plausible mistake")),
        _ => format!("{rejected} of {} rejected", count(all, "plausible mistake")),
    };
    let entries: String = claim
        .falsifiers
        .iter()
        .map(|falsifier| {
            let survived =
                if falsifier.rejected { "" } else { " <strong>It passed the check.</strong>" };
            format!(
                "<dt>{}</dt><dd>{} <span class=\"claim-came\">{}</span>{survived}</dd>",
                escape(&falsifier.id),
                prose(&falsifier.diagnosis),
                came(claim.kind, falsifier),
            )
        })
        .collect();
    format!(
        "<details class=\"claim-mistakes\"><summary>{title}</summary><dl>{entries}</dl></details>"
    )
}

/// What came of a mistake.
fn came(kind: Kind, falsifier: &Falsifier) -> String {
    let (Some(measured), Some(expected)) = (falsifier.measured, falsifier.expected) else {
        return "No finite number came out.".into();
    };
    let (came, right) = apart(measured, expected);
    match (kind, falsifier.tolerance) {
        (Kind::Bound, _) => format!("{came}, where at least {right} is claimed."),
        (Kind::Trained, Some(tolerance)) => {
            format!("{}, {}.", show(measured), range(expected, tolerance, falsifier.side))
        }
        _ => format!("{came} instead of {right}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Sources;

    fn of(id: &str) -> String {
        let sources = Sources::example();
        let claim = sources.evidence.claim(id).expect("a claim of the example");
        card(claim, true, &|text| text.to_owned())
    }

    #[test]
    fn a_card_has_the_parts_of_the_contract() {
        let card = of("vae/bound");
        for part in [
            "<section class=\"claim claim-bound\" id=\"claim-vae-bound\">",
            "The bound holds.</p>",
            "Never violated in 12 cases; in the closest (x = 1) 1.25, where at least 1.2 is claimed.",
            "<summary>1 plausible mistake, rejected</summary>",
            "<dt>no-half</dt><dd>A ½ is missing. <span class=\"claim-came\">0.5, where at least 1 is claimed.</span></dd>",
            "<code>cargo course verify vae/bound</code>",
            "<a href=\"claims.html#row-vae-bound\">",
        ] {
            assert!(card.contains(part), "{part}\nnot in\n{card}");
        }
        assert!(!card.contains('\n'), "an empty line would end the HTML");
    }

    #[test]
    fn each_kind_of_evidence_reads_as_a_sentence() {
        for (id, sentence) in [
            ("vae/loss", "Largest error 3·10⁻¹⁶ in 420 cases (batch 3); allowed: 10⁻¹²."),
            ("vae/count", "No error at all in 2 cases; none is allowed."),
            ("vae/mean", "One test with 3186 draws (mean): 1.03 where 1 ± 0.25 is expected."),
            (
                "vae/run",
                "The closest of 4 numbers (loss, run 2): 1 ± 0.05, to lie between 0.9 and 1.1.",
            ),
        ] {
            let sources = Sources::example();
            let said = evidence(sources.evidence.claim(id).expect("a claim"));
            assert!(said.starts_with(sentence), "{id}: {said}");
        }
    }

    #[test]
    fn a_card_says_what_it_covers_and_what_was_looked_at() {
        for (id, said) in [
            (
                "vae/bound",
                "x from −2 to 0.25; any seed of the model: 160 cases tried, and 78 more in search of a counter-example.",
            ),
            ("vae/loss", "batch = 1, 2, 3: all 3 cases."),
            ("vae/count", "One example is enough."),
            ("vae/run", "optical digits; one layer; 5 runs."),
        ] {
            let sources = Sources::example();
            assert_eq!(covers(&sources.evidence.claim(id).expect("a claim").scope), said);
            assert!(of(id).contains("<p class=\"claim-scope\">"));
        }
    }

    #[test]
    fn a_label_has_no_more_digits_than_one_reads() {
        assert_eq!(
            label("∇ at μ = -1.0783642242280562, σ < 0.25[1]"),
            "∇ at μ = −1.078, σ &lt; 0.25[1]"
        );
        assert_eq!(label("x = 3.14159265e-17"), "x = 3.1·10⁻¹⁷");
    }

    #[test]
    fn training_shows_all_its_numbers() {
        let card = of("vae/run");
        assert!(card.contains("<summary>4 measured numbers</summary>"), "{card}");
        assert!(
            card.contains("<td>loss, run 2</td><td>1 ± 0.05</td><td>0.9 to 1.1</td>"),
            "{card}"
        );
        assert!(card.contains("<td>gain</td><td>0.3 ± 0.1</td><td>above 0</td>"), "{card}");
        assert!(card.contains("<td>diverged</td><td>not finite</td>"), "{card}");
    }

    #[test]
    fn a_claim_that_fails_says_so() {
        let card = of("vae/broken");
        assert!(card.contains("claim-failed") && card.contains("aria-label=\"fails\""), "{card}");
        assert!(card.contains("0 of 1 plausible mistake rejected"), "{card}");
        assert!(card.contains("It passed the check."), "{card}");
    }
}
