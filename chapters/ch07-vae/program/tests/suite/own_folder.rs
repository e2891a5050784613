//! What a run is: its folder is its own.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::{SMALL, Sandbox};
use sandbox::finish;

#[test]
fn a_folder_is_one_runs_at_a_time() {
    Sandbox::new().owns_its_folder(&format!("{SMALL} --epochs 2 --out out"));
    Sandbox::new().owns_its_folder("rate-distortion --betas 1 --epochs 1 --out out");
    let sandbox = Sandbox::new();
    sandbox.run("--data optdigits --hidden 4 --latent 2 --epochs 1 --out trained").succeeds();
    sandbox.owns_its_folder("latent-plane-data trained/model.safetensors --side 3 --out out");
}

/// A training that goes on, its folder in use; then it is killed, and the next one takes over.
#[test]
fn a_running_training_is_named_and_its_folder_can_be_read() {
    let sandbox = Sandbox::trained();
    let line = "--resume --epochs 100000000 --out out";
    let mut child = sandbox.program(line).spawn().expect("it starts");
    let process = format!("process {}, since 20", child.id());
    let lock = sandbox.path("out/.run.lock");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !std::fs::read_to_string(&lock).is_ok_and(|text| text.starts_with(&process)) {
        assert!(Instant::now() < deadline, "waited for a minute in vain");
        sleep(Duration::from_millis(2));
    }
    for line in ["--quick --out out", "--resume --out out", "--data grid2d --out ./out/../out/"] {
        let outcome = sandbox.run(line);
        assert_eq!(outcome.stdout, "", "`{line}`: nothing is computed first");
        outcome.fails(1, &[&process, "ch07-vae --resume --epochs 100000000", "wait until it has"]);
    }
    sandbox.run("evaluate out/model.safetensors --samples 2 --images 10").succeeds();
    sandbox.run("sample out/model.safetensors --count 5 --out out/draws.png").succeeds();

    child.kill().expect("a child to kill");
    assert_eq!(finish(child).code, None, "killed, not finished");
    assert!(lock.exists(), "nobody was left to remove it");
    let epochs = sandbox.epochs_done("out/checkpoint.safetensors") + 1;
    sandbox.run(&format!("--resume --epochs {epochs} --out out")).succeeds();
    assert!(!lock.exists());
    let hidden = |name: &String| name.starts_with('.');
    assert!(!sandbox.names("out").iter().any(hidden), "{:?}", sandbox.names("out"));
}