//! Training on other objectives and likelihoods than the usual ones, from the command line.

use crate::common::{SMALL, Sandbox};

#[test]
fn every_objective_and_likelihood_learns() {
    let cases = [
        "--objective iwae",
        "--objective iwae --particles 3 --gradient path",
        "--gradient path",
        "--kl sampled --particles 2",
        "--likelihood continuous-bernoulli",
        "--likelihood gaussian --sigma 0.3",
        "--schedule cosine --bias-from-means",
    ];
    for flags in cases {
        let sandbox = Sandbox::new();
        sandbox.run(&format!("{SMALL} {flags} --lr 0.003 --epochs 12 --out out")).succeeds();
        let summary = sandbox.json("out/summary.json");
        let bound = |epoch: usize| summary["epochs"][epoch]["test"]["bound"].as_f64();
        let (first, last) = (bound(0).expect("a figure"), bound(11).expect("a figure"));
        assert!(last > first + 0.2, "{flags}: from {first} to {last} nats");
        let evaluate = "evaluate out/model.safetensors --samples 20 --images 40";
        let figures = sandbox.run(evaluate).succeeds();
        assert!(figures.contains("log p(x)"), "{flags}: {figures}");
    }
}

/// More codes, a tighter bound: for the same model the test bound of 20 codes lies above the ELBO.
#[test]
fn the_bound_that_is_printed_is_the_one_that_is_trained() {
    let sandbox = Sandbox::new();
    let flags = "--objective iwae --particles 20 --epochs 3 --out out";
    let stdout = sandbox.run(&format!("{SMALL} {flags}")).succeeds();
    assert!(stdout.contains("IWAE bound with K = 20"), "{stdout}");
    let summary = sandbox.json("out/summary.json");
    let number = |name: &str| summary[name].as_f64().expect("a number");
    assert!(number("test_bound_nats") > number("test_elbo_nats"), "{summary}");
    assert_eq!(summary["settings"]["objective"]["particles"], 20);
}

#[test]
fn what_does_not_go_together_is_refused_with_the_reason() {
    let sandbox = Sandbox::new();
    let cases: [(&str, &[&str]); 8] = [
        ("--gradient path --kl analytic", &["path gradient", "sampled KL"]),
        ("--objective iwae --kl analytic", &["IWAE bound", "no KL term"]),
        ("--objective iwae --beta 2", &["β = 2", "leave β at 1"]),
        ("--sigma 0.2", &["--sigma", "--likelihood gaussian"]),
        ("--likelihood bernoulli --sigma 0.2", &["--sigma", "--likelihood gaussian"]),
        ("--data grid2d --likelihood bernoulli", &["grid2d", "choose gaussian"]),
        ("--data grid2d --likelihood continuous-bernoulli", &["continuous-bernoulli", "gaussian"]),
        ("--likelihood gaussian --bias-from-means", &["--bias-from-means", "leave it out"]),
    ];
    for (flags, parts) in cases {
        sandbox.run(&format!("{flags} --out out")).fails(1, parts);
    }
    for (flags, parts) in [
        ("--objective vae", ["'vae'", "elbo, iwae"]),
        ("--particles 0", ["--particles", "got `0`"]),
        ("--preset best", ["'best'", "iwae-paper"]),
        ("--likelihood poisson", ["'poisson'", "continuous-bernoulli"]),
        ("--sigma 0", ["--sigma", "greater than 0"]),
    ] {
        sandbox.run(flags).fails(2, &parts);
    }
}

/// The learning rate of epoch 2 of 4 is another than that of epoch 2 of 3.
#[test]
fn a_run_under_the_cosine_goes_on_as_it_was_meant() {
    let line = format!("{SMALL} --preset iwae-paper --objective iwae --particles 2 --epochs 3");
    let [whole, paused] = [Sandbox::new(), Sandbox::new()];
    whole.run(&format!("{line} --threads 2 --out out")).succeeds();
    let mut child =
        paused.program(&format!("{line} --threads 1 --out out")).spawn().expect("starts");
    while !paused.path("out/checkpoint.safetensors").exists() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().expect("a child to kill");
    sandbox::finish(child);
    paused.run("--resume --epochs 4 --out out").fails(1, &["cosine", "--epochs 4"]);
    paused.run("--resume --particles 5 --out out").fails(1, &["--particles 5", "leave"]);
    paused.run("--resume --objective elbo --out out").fails(1, &["--objective elbo", "iwae"]);
    paused.run("--resume --out out").succeeds();
    for name in ["out/model.safetensors", "out/checkpoint.safetensors"] {
        assert!(paused.bytes(name) == whole.bytes(name), "{name} differs");
    }
}
