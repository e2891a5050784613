//! Same seed, same bytes: with any number of threads, and across a `kill -9`.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::{SMALL, Sandbox};
use sandbox::finish;

const CHECKPOINT: &str = "out/ring/checkpoint.safetensors";
const RESULTS: [&str; 5] = [
    "out/ring/model.safetensors",
    CHECKPOINT,
    "out/ring/frames.png",
    "out/ring/samples.png",
    "out/ring/curves.png",
];

#[track_caller]
fn assert_same(a: &Sandbox, b: &Sandbox) {
    for name in RESULTS {
        assert!(a.bytes(name) == b.bytes(name), "{name} differs");
    }
    assert_eq!(a.json("out/ring/summary.json")["looks"], b.json("out/ring/summary.json")["looks"]);
}

#[test]
fn the_number_of_threads_leaves_no_trace() {
    let [one, three] = [1, 3].map(|threads| {
        let sandbox = Sandbox::new();
        let line = "--data ring --hidden 16,16 --batch 200 --steps 40 --frames 2 --out out";
        sandbox.run(&format!("{line} --threads {threads}")).succeeds();
        sandbox
    });
    assert_same(&one, &three);
}

#[test]
fn another_seed_is_another_model() {
    let [one, two] = [1, 2].map(|seed| {
        let sandbox = Sandbox::new();
        sandbox.run(&format!("{SMALL} --seed {seed} --out out")).succeeds();
        sandbox.bytes("out/ring/model.safetensors")
    });
    assert!(one != two);
}

#[test]
fn a_finished_run_is_resumed_to_what_it_was() {
    let sandbox = Sandbox::new();
    sandbox.run(&format!("{SMALL} --out out")).succeeds();
    let before = RESULTS.map(|name| sandbox.bytes(name));
    let stdout = sandbox.run("--data ring --resume --out out").succeeds();
    assert!(stdout.contains("going on after step 40 of 40"), "{stdout}");
    assert!(before == RESULTS.map(|name| sandbox.bytes(name)));
}

/// Looks come often enough to be killed between many of them.
#[test]
fn killed_many_times_a_run_ends_with_the_same_bytes() {
    const KILLS: u64 = 3;
    let line = "--data ring --hidden 16,16 --batch 128 --steps 400 --frames 20 --penalty 0.5";
    let whole = Sandbox::new();
    whole.run(&format!("{line} --threads 2 --out out")).succeeds();

    let killed = Sandbox::new();
    let start = |flags: &str| {
        killed.program(&format!("{flags} --threads 1 --out out")).spawn().expect("it starts")
    };
    let mut child = start(line);
    wait_until(|| killed.path(CHECKPOINT).exists());
    let mut done = 0;
    for kill in 0..KILLS {
        wait_until(|| killed.steps_done(CHECKPOINT) > done); // fails if the file is not whole
        sleep(Duration::from_micros(kill * 7_919 % 20_000));
        child.kill().expect("a child to kill");
        assert_eq!(finish(child).code, None, "killed, not finished");
        let before = done;
        done = killed.steps_done(CHECKPOINT);
        assert!(done > before && done < 400, "on its way: {before}, {done}");
        child = start("--data ring --resume");
    }
    finish(child).succeeds();
    assert_same(&whole, &killed);
}

#[test]
fn an_unfinished_run_is_set_aside_by_a_new_one() {
    let sandbox = Sandbox::new();
    let line = "--data ring --hidden 16,16 --batch 64 --steps 100000 --frames 1000";
    let mut child = sandbox.program(&format!("{line} --out out")).spawn().expect("it starts");
    wait_until(|| sandbox.path(CHECKPOINT).exists() && sandbox.steps_done(CHECKPOINT) > 0);
    child.kill().expect("a child to kill");
    finish(child);
    let stdout = sandbox.run(&format!("{SMALL} --out out")).succeeds();
    assert!(stdout.contains("With --resume it would have gone on"), "{stdout}");
    assert!(sandbox.steps_done("out/ring/checkpoint.unfinished.safetensors") > 0);
    assert_eq!(sandbox.steps_done(CHECKPOINT), 40);
}

#[track_caller]
fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "waited for a minute in vain");
        sleep(Duration::from_millis(2));
    }
}
