//! Every claim of the course as a test with the claim's name, so that the usual tools see them.

use claims::AnyClaim;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    std::panic::set_hook(Box::new(|_| {})); // a panic in a check is told by its claim's failure
    let trials = course::all_claims()
        .into_iter()
        .map(|claim| Trial::test(claim.id(), move || judge(&*claim).map_err(Failed::from)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

/// The claim holds, its falsifiers are rejected, and no guard finds a weakness; whoever makes a known mistake reads that
/// mistake's diagnosis and no other's.
fn judge(claim: &dyn AnyClaim) -> Result<(), String> {
    let report = claim.run(1);
    if !report.passed() {
        return Err(course::explain(&report));
    }
    let misread = report.diagnoses().into_iter().filter(|(id, diagnosed)| *diagnosed != Some(id));
    let misread: Vec<String> = misread.map(|(id, by)| format!("{id} is read as {by:?}")).collect();
    if misread.is_empty() { Ok(()) } else { Err(misread.join("\n")) }
}
