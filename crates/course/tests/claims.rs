//! Every claim of the course as a test with the claim's name, so that the usual tools see them.

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    std::panic::set_hook(Box::new(|_| {})); // a panic in a check is told by its claim's failure
    let trials = course::all_claims().into_iter().map(|claim| {
        Trial::test(claim.id(), move || {
            let report = claim.run(1);
            if report.passed() { Ok(()) } else { Err(Failed::from(course::explain(&report))) }
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
