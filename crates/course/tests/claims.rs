//! Every claim of the course as a test with the claim's name, so that the usual tools see them.

use std::collections::BTreeMap;
use std::env;
use std::sync::Arc;

use claims::AnyClaim;
use course::Told;
use libtest_mimic::{Arguments, Failed, Trial};

/// Names the chapter whose claims alone are tried, and not held against the file: for mutants.
const ONLY: &str = "EVIDENCE_CLAIMS";

fn main() {
    std::panic::set_hook(Box::new(|_| {})); // a panic in a check is told by its claim's failure
    let told = Arc::new(course::told().map_err(|error| format!("{error:#}")));
    let only = env::var(ONLY).ok();
    let claims = course::select(only.as_deref()).expect("the name of a chapter or a claim");
    let trials = claims.into_iter().map(|claim| {
        // What has been changed on purpose measures something else than the book says; the claims are to see it.
        let told = only.is_none().then(|| Arc::clone(&told));
        Trial::test(claim.id(), move || judge(&*claim, told.as_deref()).map_err(Failed::from))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

/// The claim holds, its falsifiers are rejected, and no guard finds a weakness; whoever makes a known mistake reads that
/// mistake's diagnosis and no other's; and the book's evidence says what this run measured.
fn judge(
    claim: &dyn AnyClaim,
    told: Option<&Result<BTreeMap<String, Told>, String>>,
) -> Result<(), String> {
    let report = claim.run(1);
    if !report.passed() {
        return Err(course::explain(&report));
    }
    let misread = report.diagnoses().into_iter().filter(|(id, diagnosed)| *diagnosed != Some(id));
    let mut wrong: Vec<String> =
        misread.map(|(id, by)| format!("{id} is read as {by:?}")).collect();
    let renew = "book/evidence.json is not what `cargo course verify` writes";
    if let Some(told) = told {
        match told.as_ref()?.get(claim.id()) {
            Some(told) => {
                let differences = told.differences(&report).into_iter();
                wrong.extend(differences.map(|difference| format!("{renew}: {difference}")));
            }
            None => wrong.push(format!("{renew}: it lacks this claim")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}
