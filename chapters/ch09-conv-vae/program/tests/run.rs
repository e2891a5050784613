//! The program as its user meets it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use nn::checkpoint::Checkpoint;
use sandbox::{Sandbox, finish};
use serde_json::Value;

/// Settings of a run of a second.
const SMALL: &str = "--data optdigits --latent 3 --batch 200 --out out";
const CHECKPOINT: &str = "out/checkpoint.safetensors";
const RESULTS: [&str; 6] = [
    "out/model.safetensors",
    CHECKPOINT,
    "out/reconstructions.png",
    "out/samples.png",
    "out/interpolation.png",
    "out/learning_curves.png",
];

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_ch09-conv-vae"))
}

#[track_caller]
fn assert_same(a: &Sandbox, b: &Sandbox) {
    for name in RESULTS {
        assert!(a.bytes(name) == b.bytes(name), "{name} differs");
    }
}

/// Epochs that the checkpoint knows of; fails if the file is not whole.
fn epochs_done(sandbox: &Sandbox) -> usize {
    let file = Checkpoint::open(&sandbox.path(CHECKPOINT)).expect("a whole checkpoint");
    let state: Value =
        serde_json::from_str(file.metadata().expect("a description")).expect("sound JSON");
    state["run"]["epochs"].as_array().expect("a list").len()
}

#[track_caller]
fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "waited for a minute in vain");
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn the_number_of_threads_leaves_no_trace() {
    let [one, three] = [1, 3].map(|threads| {
        let sandbox = sandbox();
        sandbox.run(&format!("{SMALL} --epochs 2 --threads {threads}")).succeeds();
        sandbox
    });
    assert_same(&one, &three);
}

#[test]
fn killed_several_times_a_run_ends_with_the_same_bytes() {
    const EPOCHS: usize = 8;
    let whole = sandbox();
    whole.run(&format!("{SMALL} --epochs {EPOCHS} --threads 2")).succeeds();

    let killed = sandbox();
    let start = |line: &str| {
        killed.program(&format!("{line} --out out --threads 1")).spawn().expect("it starts")
    };
    let mut child = start(&format!("--data optdigits --latent 3 --batch 200 --epochs {EPOCHS}"));
    wait_until(|| killed.path(CHECKPOINT).exists());
    let mut done = 0;
    for pause in [0, 7, 16] {
        wait_until(|| epochs_done(&killed) > done);
        sleep(Duration::from_millis(pause));
        child.kill().expect("a child to kill");
        assert_eq!(finish(child).code, None, "killed, not finished");
        let before = done;
        done = epochs_done(&killed);
        assert!(done > before && done < EPOCHS, "on its way: {before}, {done}");
        child = start("--data optdigits --resume");
    }
    finish(child).succeeds();
    assert_same(&whole, &killed);
}

#[test]
fn a_folder_is_one_runs_at_a_time() {
    sandbox().owns_its_folder(&format!("{SMALL} --epochs 1"));
    let sandbox = sandbox();
    sandbox.run(&format!("{SMALL} --epochs 1")).succeeds();
    sandbox.write("out/.run.lock", "process 4711");
    let held = std::fs::File::open(sandbox.path("out/.run.lock")).expect("a file");
    held.lock().expect("nobody else holds it");
    sandbox.run("evaluate out/model.safetensors --samples 2 --images 10").succeeds();
    sandbox.run("sample out/model.safetensors --count 5 --out out/draws.png").succeeds();
}

#[test]
fn a_training_goes_on_with_its_data_only() {
    let start = "--data mine --latent 2 --batch 8 --epochs 1 --out out";
    sandbox().goes_on_with_its_data_only(start, "--resume --out out");
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let sandbox = sandbox();
    for (line, code, says) in [
        ("--epochs 0", 2, "at least 1"),
        ("--data optdigits --batch 100000", 1, "choose at most 1437"),
        ("--data nowhere", 1, "PNG or JPEG pictures in train/ and test/"),
        ("--resume", 1, "start without --resume"),
    ] {
        sandbox.run(line).fails(code, &[says]);
    }
    sandbox.write("file", "no model");
    for command in ["evaluate", "sample"] {
        sandbox.run(&format!("{command} file")).fails(1, &["expected a model"]);
    }
}

/// Pictures in colour, grey ones, and some that are too large for the chapter's models.
#[test]
fn picture_folders_are_read_and_judged() {
    let sandbox = sandbox();
    sandbox.write_pictures("mine", [6, 4], |i| [25 * i, 200, 0]);
    sandbox.write("mine/train/.DS_Store", "of macOS");
    let line = "--data mine --epochs 1 --batch 2 --out out";
    let told = "6 training images from 7 files in mine/train; 1 passed over: 1 hidden\n";
    for line in [line, "evaluate out/model.safetensors --samples 2"] {
        let stdout = sandbox.run(line).succeeds();
        assert!(stdout.contains(told), "{stdout}");
    }
    sandbox.write_pictures("grey", [6, 4], |i| [25 * i; 3]);
    let outcome = sandbox.run("evaluate out/model.safetensors --data grey");
    outcome.fails(1, &["images of 3 channels of 8×8", "grey has grey images of 8×8"]);

    sandbox.write("mine/train/other.png", sandbox::png((9, 9), &[7; 243]));
    sandbox.run(line).fails(1, &["8 pixels wide and 8 high", "mine/train/other.png is 9 wide"]);
    for (name, value) in [("train/0", 1), ("train/1", 2), ("test/0", 3)] {
        let large = sandbox::png((70, 70), &[value; 3 * 70 * 70]);
        sandbox.write(&format!("large/{name}.png"), large);
    }
    sandbox.run("--data large --batch 2").fails(1, &["images of 70×70", "at most 64×64"]);
    sandbox.write("large/train/1.png", sandbox::png((257, 1), &[7; 3 * 257]));
    sandbox.run("--data large").fails(1, &["large/train/1.png", "make the images smaller"]);
}
