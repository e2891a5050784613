//! What a run is: its folder is its own, its data are those that it began with, its pictures are its pictures.

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

#[test]
fn a_training_goes_on_with_its_data_only() {
    let flags = "--hidden 6 --latent 2 --batch 8 --epochs 2 --out out";
    let sandbox = Sandbox::new();
    sandbox.goes_on_with_its_data_only(&format!("--data mine {flags}"), "--resume --out out");
}

/// Data that the program makes itself are always the same.
#[test]
fn points_need_no_hash() {
    let sandbox = Sandbox::new();
    sandbox.run("--data grid2d --hidden 8 --batch 1000 --epochs 1 --out out").succeeds();
    let stdout = sandbox.run("--resume --epochs 2 --out out").succeeds();
    assert!(stdout.starts_with("going on after epoch 1 of 2"), "{stdout}");
}

#[test]
fn a_folder_may_be_spelled_otherwise_when_its_training_goes_on() {
    let sandbox = Sandbox::new();
    sandbox.write_images("mine", [40, 8], 6, 5);
    sandbox.write_images("other", [40, 8], 6, 5);
    let flags = "--hidden 6 --latent 2 --batch 8 --out out";
    sandbox.run(&format!("--data mine {flags} --epochs 1")).succeeds();
    let absolute = sandbox.path("mine").display().to_string();
    for (epochs, data) in [(2, "./mine/"), (3, "other/../mine"), (4, &absolute)] {
        sandbox.run(&format!("--resume --data {data} --epochs {epochs} --out out")).succeeds();
    }
    let outcome = sandbox.run("--resume --data other --out out");
    outcome.fails(1, &["--data other was given", "started with mine"]);
}

#[test]
fn pictures_of_an_earlier_run_do_not_stay_among_the_new_ones() {
    let sandbox = Sandbox::new();
    let users = ["epoch_best.png", "epoch_0004.jpg", "epoch_004.png", "my epoch_0004.png"];
    for name in users {
        sandbox.write(&format!("out/through_training/{name}"), "the user's");
    }
    sandbox.write("out/latent_plane_old.png", "the user's");
    let frames = |epochs: &[usize]| {
        let names = epochs.iter().map(|epoch| format!("epoch_{epoch:04}.png"));
        let mut names: Vec<_> = names.chain(users.map(str::to_owned)).collect();
        names.sort();
        names
    };
    let run = |line: &str, epochs: usize| {
        sandbox.run(&format!("{line} --epochs {epochs} --out out")).succeeds();
        (sandbox.names("out/through_training"), sandbox.names("out"))
    };
    let has = |names: &[String], name: &str| names.iter().any(|other| other == name);

    let (seen, names) = run("--data optdigits --hidden 4 --latent 2", 5);
    assert_eq!(seen, frames(&[0, 1, 2, 4, 5]));
    assert!(has(&names, "latent_plane.png"));
    let (seen, names) = run("--data optdigits --hidden 4 --latent 3", 2);
    assert_eq!(seen, frames(&[0, 1, 2]));
    assert!(has(&names, "interpolation.png") && !has(&names, "latent_plane.png"), "{names:?}");
    let (seen, _) = run("--resume", 3);
    assert_eq!(seen, frames(&[0, 1, 2, 3]), "those from before the pause stay");
    let (seen, names) = run("--data grid2d --hidden 8 --batch 1000", 1);
    assert_eq!(seen, frames(&[0, 1]));
    assert!(!has(&names, "interpolation.png") && !has(&names, "reconstructions.png"), "{names:?}");
    assert!(has(&names, "latent_plane_old.png"), "the user's own is left alone");
}
