//! `{{value PATH FORMAT}}`: which number is meant.

use serde_json::Value as Json;

use crate::evidence::Claim;
use crate::number::Format;
use crate::problem::unknown;
use crate::sources::Sources;

/// A number of the evidence or of the benchmarks' results.
#[derive(Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) number: f64,
    pub(crate) format: Format,
    /// Where it is from, for a reader.
    pub(crate) origin: String,
}

const FIELDS: [&str; 12] = [
    "measured",
    "expected",
    "tolerance",
    "uncertainty",
    "looks",
    "margin",
    "cases",
    "draws",
    "alpha",
    "power",
    "seconds",
    "falsifiers",
];

/// Finds the number that the arguments of `{{value …}}` ask for.
pub(crate) fn look_up(arguments: &str, sources: &Sources) -> Result<Value, String> {
    let arguments = arguments.trim();
    // A label between ["…"] may hold spaces; the format comes after the last one outside.
    let after_label = arguments.rfind("\"]").map_or(0, |end| end + 2);
    let (path, format) = match arguments[after_label..].find(char::is_whitespace) {
        Some(space) => arguments.split_at(after_label + space),
        None => (arguments, ""),
    };
    let format = Format::parse(format.trim())?;
    let (number, origin) = match path.strip_prefix("results:") {
        Some(path) => (result(path, sources)?, format!("benches/results/{path}")),
        None => evidence(path, sources)?,
    };
    let Some(number) = number else { return Err(format!("`{path}` is not a finite number")) };
    Ok(Value { number, format, origin })
}

type Found = (Option<f64>, String);

fn evidence(path: &str, sources: &Sources) -> Result<Found, String> {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (id, rest) = path.split_at(end);
    let claim =
        sources.evidence.claim(id).ok_or_else(|| unknown("claim", id, sources.evidence.ids()))?;
    if let Some(rest) = rest.strip_prefix("[\"") {
        return record(claim, rest);
    }
    let field = rest.strip_prefix('.').unwrap_or(rest);
    if let Some(rest) = field.strip_prefix("falsifiers.") {
        return falsifier(claim, rest);
    }
    let number = match field {
        "measured" => claim.measured,
        "expected" => claim.expected,
        "tolerance" => claim.tolerance,
        "uncertainty" => claim.uncertainty,
        "looks" => claim.scope.looks.map(|looks| looks as f64),
        "margin" => claim.margin,
        "cases" => Some(claim.cases as f64),
        "draws" => Some(claim.draws as f64),
        "alpha" => Some(claim.alpha),
        "power" => Some(claim.power),
        "seconds" => Some(claim.seconds),
        "falsifiers" => Some(claim.falsifiers.len() as f64),
        _ => return Err(format!("claim {id}: {}", unknown("field", field, FIELDS))),
    };
    Ok((number, format!("{id}, {field}")))
}

fn record(claim: &Claim, rest: &str) -> Result<Found, String> {
    let (label, field) = rest.split_once("\"]").ok_or("a label ends with `\"]`")?;
    let labels = || claim.records.iter().map(|record| record.label.as_str());
    if claim.records.is_empty() {
        return Err(format!(
            "claim {} is of kind {}; single cases are kept of claims that were settled by training",
            claim.id,
            claim.kind.class()
        ));
    }
    let record = claim
        .records
        .iter()
        .find(|record| record.label == label)
        .ok_or_else(|| format!("claim {}: {}", claim.id, unknown("case", label, labels())))?;
    let field = field.strip_prefix('.').unwrap_or(field);
    let number = match field {
        "measured" => record.measured,
        "expected" => record.expected,
        "tolerance" => record.tolerance,
        "uncertainty" => record.uncertainty,
        _ => {
            let fields = ["measured", "expected", "tolerance", "uncertainty"];
            return Err(unknown("field of a case", field, fields));
        }
    };
    Ok((number, format!("{}, {label}, {field}", claim.id)))
}

fn falsifier(claim: &Claim, rest: &str) -> Result<Found, String> {
    let (name, field) = rest.split_once('.').unwrap_or((rest, ""));
    let names = || claim.falsifiers.iter().map(|falsifier| falsifier.id.as_str());
    let falsifier =
        claim.falsifiers.iter().find(|falsifier| falsifier.id == name).ok_or_else(|| {
            format!("claim {}: {}", claim.id, unknown("falsifier", name, names()))
        })?;
    let number = match field {
        "measured" => falsifier.measured,
        "expected" => falsifier.expected,
        _ => return Err(unknown("field of a falsifier", field, ["measured", "expected"])),
    };
    Ok((number, format!("{}, falsifier {name}, {field}", claim.id)))
}

fn result(path: &str, sources: &Sources) -> Result<Option<f64>, String> {
    let end = path.find(".json").map(|dot| dot + ".json".len());
    let Some(end) = end else { return Err(format!("`{path}` names no .json file")) };
    let (file, steps) = path.split_at(end);
    let files = sources.results.keys().map(String::as_str);
    let mut json = sources
        .results
        .get(file)
        .ok_or_else(|| unknown("file in benches/results called", file, files))?;
    for step in steps.split('.').skip(1) {
        json = match json {
            Json::Object(map) => map.get(step).ok_or_else(|| {
                format!("{file}: {}", unknown("key", step, map.keys().map(String::as_str)))
            })?,
            Json::Array(list) => {
                step.parse().ok().and_then(|i: usize| list.get(i)).ok_or_else(|| {
                    format!("{file}: `{step}` is no place in a list of {}, from 0", list.len())
                })?
            }
            _ => return Err(format!("{file}: nothing called `{step}` lies inside a {json}")),
        };
    }
    json.as_f64().map(Some).ok_or_else(|| match json {
        Json::Object(map) => {
            let keys: Vec<_> = map.keys().map(String::as_str).collect();
            format!("`{path}` is no number but has: {}", keys.join(", "))
        }
        other => format!("`{path}` is no number but {other}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(arguments: &str) -> Result<String, String> {
        let value = look_up(arguments, &Sources::example())?;
        Ok(value.format.text(value.number))
    }

    #[test]
    fn every_kind_of_path_leads_to_its_number() {
        for (arguments, expected) in [
            ("vae/bound.measured", "1.25"),
            ("vae/bound.cases .0", "12"),
            ("vae/bound.falsifiers", "1"),
            ("vae/bound.falsifiers.no-half.measured .1", "0.5"),
            ("vae/run[\"loss, run 2\"].measured 2g", "1.0"),
            ("results:speed.json.epochs.1.seconds .1", "2.5"),
        ] {
            assert_eq!(shown(arguments).as_deref(), Ok(expected), "{arguments}");
        }
    }

    #[test]
    fn what_is_unknown_is_named_with_its_nearest() {
        for (arguments, expected) in [
            ("vae/bond.measured", "did you mean `vae/bound`"),
            ("vae/bound.mesured", "did you mean `measured`"),
            ("vae/bound.falsifiers.nohalf.measured", "did you mean `no-half`"),
            ("vae/bound.falsifiers.no-half.draws", "no field of a falsifier"),
            ("vae/run[\"loss, run 3\"].measured", "did you mean `loss, run 2`"),
            ("vae/bound[\"x\"].measured", "kind bound"),
            ("results:sped.json.a", "did you mean `speed.json`"),
            ("results:speed.json.epoch", "did you mean `epochs`"),
            ("results:speed.json.epochs.7", "no place in a list of 2"),
            ("results:speed.json", "is no number but has: epochs"),
            ("vae/bound.measured 2", "`2` is no format"),
            ("vae/run[\"diverged\"].measured", "not a finite number"),
        ] {
            let error = shown(arguments).expect_err(arguments);
            assert!(error.contains(expected), "{arguments}: {error}");
        }
    }
}
