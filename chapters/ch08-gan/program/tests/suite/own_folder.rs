//! What a run is: its folder is its own, its data are those that it began with, its frames are its frames.

use std::fs::File;

use crate::common::{SMALL, Sandbox};

#[test]
fn a_folder_is_one_runs_at_a_time() {
    Sandbox::new().owns("out/ring", &format!("{SMALL} --out out"));
    Sandbox::new().owns_its_folder("ring-seeds --seeds 1 --steps 5 --out out");
}

/// The usual call runs on two sets. It does not spend minutes on the first to find the second one's folder taken.
#[test]
fn both_folders_are_taken_before_the_first_step() {
    let sandbox = Sandbox::new();
    let owner = "process 4711, since 2026-11-30 12:00:00 UTC, ch08-gan";
    sandbox.write("out/optdigits/.run.lock", owner);
    let held = File::open(sandbox.path("out/optdigits/.run.lock")).expect("a file");
    held.lock().expect("nobody else holds it");
    let outcome = sandbox.run("--quick --out out");
    assert_eq!(outcome.stdout, "", "nothing is computed first");
    outcome.fails(1, &["a run is going on in out/optdigits", owner, "with --out"]);
    assert!(sandbox.names("out/ring").is_empty(), "the other folder is free again");
}

#[test]
fn comparisons_own_their_folder_and_models_can_be_drawn_from_meanwhile() {
    let sandbox = Sandbox::new();
    sandbox.run(&format!("{SMALL} --out out")).succeeds();
    for folder in ["out/ring", "table"] {
        sandbox.write(&format!("{folder}/.run.lock"), "process 4711");
        let held = File::open(sandbox.path(folder).join(".run.lock")).expect("a file");
        held.lock().expect("nobody else holds it");
        let sample = format!("sample out/ring/model.safetensors --out {folder}/draws.png");
        sandbox.run(&sample).succeeds();
        let outcome = sandbox.run(&format!("compare --data optdigits --out {folder}"));
        assert_eq!(outcome.stdout, "", "nothing is computed first");
        outcome.fails(1, &["a run is going on in", folder, "process 4711"]);
    }
}

#[test]
fn a_training_goes_on_with_its_data_only() {
    let flags = "--hidden 8,8 --latent 3 --batch 8 --steps 6 --frames 2 --out out";
    let sandbox = Sandbox::new();
    let resume = "--data mine --resume --out out";
    sandbox.goes_on_with_its_data_only(&format!("--data mine {flags}"), resume);
}

/// Data that the program makes itself are always the same.
#[test]
fn points_need_no_hash() {
    let sandbox = Sandbox::new();
    sandbox.run(&format!("{SMALL} --out out")).succeeds();
    let stdout = sandbox.run("--data ring --resume --out out").succeeds();
    assert!(stdout.starts_with("ring: going on after step 40 of 40"), "{stdout}");
}

#[test]
fn folders_that_are_called_alike_have_results_of_their_own() {
    const FLAGS: &str = "--hidden 8,8 --latent 3 --batch 8 --steps 4 --frames 1 --out out";
    let sandbox = Sandbox::new();
    // One is called like a set that the program makes itself.
    for folder in ["FashionMNIST/raw", "KMNIST/raw", "ring"] {
        sandbox.write_images(folder, [40, 8], 3, 5);
    }
    for data in ["FashionMNIST/raw", "KMNIST/raw", "./ring"] {
        sandbox.run(&format!("--data {data} {FLAGS}")).succeeds();
    }
    sandbox.run(&format!("{SMALL} --out out")).succeeds();
    let names = sandbox.names("out");
    assert_eq!(names.len(), 4, "{names:?}");
    for opening in ["FashionMNIST-raw-", "KMNIST-raw-"] {
        assert_eq!(names.iter().filter(|name| name.starts_with(opening)).count(), 1, "{names:?}");
    }
    assert!(names.iter().any(|name| name == "ring"), "{names:?}");

    // However a folder is spelled, its run is found.
    let absolute = sandbox.path("KMNIST/raw").display().to_string();
    for data in ["KMNIST/raw/", "FashionMNIST/../KMNIST/raw", &absolute] {
        let stdout = sandbox.run(&format!("--data {data} --resume --out out")).succeeds();
        assert!(stdout.contains("going on after step 4 of 4"), "{stdout}");
        assert!(stdout.contains("In out/KMNIST-raw-"), "{stdout}");
    }
    assert_eq!(sandbox.names("out"), names);
}

#[test]
fn frames_of_an_earlier_run_do_not_stay_among_the_new_ones() {
    let sandbox = Sandbox::new();
    let users = ["00004.png", "0003.jpg", "003.png", "cover.png"];
    for name in users {
        sandbox.write(&format!("out/ring/frames/{name}"), "the user's");
    }
    let frames = |count: usize| {
        let names = (0..count).map(|i| format!("{i:04}.png"));
        let mut names: Vec<_> = names.chain(users.map(str::to_owned)).collect();
        names.sort();
        names
    };
    let line = "--data ring --hidden 8,8 --batch 64 --steps 20 --out out";
    for (count, flags) in [(5, "--frames 4"), (3, "--frames 2"), (3, "--resume")] {
        sandbox.run(&format!("{line} {flags}")).succeeds();
        assert_eq!(sandbox.names("out/ring/frames"), frames(count), "{flags}");
    }
}
