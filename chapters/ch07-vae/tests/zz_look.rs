use std::time::Instant;
#[test]
fn look() {
    let prefix = std::env::var("LOOK").unwrap_or_default();
    let verbose = std::env::var("VERBOSE").is_ok();
    let seed = std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(0);
    for claim in ch07_vae::claims::claims() {
        if !prefix.split(',').any(|p| claim.id().starts_with(p)) { continue; }
        let t = Instant::now();
        let report = claim.run(seed);
        println!("{} {} {:.3}s margin {:.3} guards {:?} problem {:?}", claim.id(), report.passed(), t.elapsed().as_secs_f64(), report.margin(), report.guards, report.outcome.problem);
        if verbose { for r in &report.outcome.records { println!("    {} m={} e={} a={:.3e} score={:.3}", r.label, r.measured, r.expected, r.allowed, r.score); } }
        for f in &report.falsifiers { println!("   {} rejected {} worst {:?} {:?}", f.id, f.rejected, f.outcome.worst().map(|r| (r.label.clone(), r.measured, r.expected, r.allowed)), f.outcome.problem); }
        for (id, by) in claim.self_diagnosis(seed) { if Some(id) != by { println!("   !!! {id} read as {by:?}"); } }
    }
}
