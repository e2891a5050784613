//! Same seed, same bytes: with any number of threads, and across a `kill -9`.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::{SMALL, Sandbox};
use sandbox::finish;

const CHECKPOINT: &str = "out/checkpoint.safetensors";

#[test]
fn the_number_of_threads_leaves_no_trace() {
    let [one, two, three] = [1, 2, 3].map(|threads| {
        let sandbox = Sandbox::new();
        let line = format!("{SMALL} --batch 200 --epochs 3 --threads {threads} --out out");
        sandbox.run(&line).succeeds();
        let evaluate = format!("evaluate out/model.safetensors --samples 20 --threads {threads}");
        let figures = sandbox.run(&format!("{evaluate} --json")).succeeds();
        (sandbox.bytes("out/model.safetensors"), sandbox.bytes(CHECKPOINT), figures)
    });
    assert!(one == two && one == three, "models, checkpoints and figures are the same bytes");
}

#[test]
fn another_seed_is_another_model() {
    let one = Sandbox::trained(); // with the usual seed, 1
    let two = Sandbox::new();
    two.run(&format!("{SMALL} --epochs 2 --seed 2 --out out")).succeeds();
    assert!(one.bytes("out/model.safetensors") != two.bytes("out/model.safetensors"));
}

#[test]
fn a_resumed_run_with_more_epochs_is_a_run_of_that_length() {
    let [extended, straight] = [Sandbox::trained(), Sandbox::new()];
    straight.run(&format!("{SMALL} --epochs 4 --out out")).succeeds();
    let stdout = extended.run("--resume --epochs 4 --out out").succeeds();
    assert!(stdout.contains("going on after epoch 2 of 4"), "{stdout}");
    for name in ["out/model.safetensors", CHECKPOINT, "out/learning_curves.png"] {
        assert!(extended.bytes(name) == straight.bytes(name), "{name} differs");
    }
}

/// After epochs 0, 1, 2, 4, 8, … and the last; where a run once ended leaves no trace.
#[test]
fn pictures_from_before_the_pause_are_those_of_an_undisturbed_run() {
    let [extended, straight] = [Sandbox::new(), Sandbox::new()];
    for (data, epochs) in [(SMALL, [3, 5]), ("--data grid2d --hidden 8 --batch 1000", [1, 3])] {
        let [first, all] = epochs;
        extended.run(&format!("{data} --epochs {first} --out out")).succeeds();
        let frames = |sandbox: &Sandbox| sandbox.names("out/through_training");
        let last = format!("epoch_000{first}.png");
        assert_eq!(frames(&extended).last(), Some(&last));
        extended.run(&format!("--resume --epochs {all} --out out")).succeeds();
        straight.run(&format!("{data} --epochs {all} --out out")).succeeds();

        let expected: Vec<_> = (0..=all)
            .filter(|&epoch| epoch == 0 || epoch == all || u32::is_power_of_two(epoch))
            .map(|epoch| format!("epoch_000{epoch}.png"))
            .collect();
        assert_eq!(frames(&straight), expected);
        assert_eq!(frames(&extended), expected);
        let name = |frame: &String| format!("out/through_training/{frame}");
        for name in expected.iter().map(name).chain(["out/through_training.png".to_owned()]) {
            assert!(extended.bytes(&name) == straight.bytes(&name), "{name} differs");
        }
        let size = |frame: &String| straight.bytes(&name(frame))[16..24].to_vec();
        let sizes: Vec<_> = expected.iter().map(size).collect();
        assert!(sizes.windows(2).all(|pair| pair[0] == pair[1]), "frames of one size");
    }
}

/// MNIST, because its epochs are long enough to be killed in the middle of one.
#[test]
fn killed_in_mid_epoch_a_run_goes_on_to_the_same_bytes() {
    let line = "--data mnist --hidden 32 --latent 3 --epochs 2 --out out";
    let whole = Sandbox::new();
    whole.run(&format!("{line} --threads 2")).succeeds();

    let killed = Sandbox::new();
    let mut child = killed.program(&format!("{line} --threads 1")).spawn().expect("it starts");
    wait_until(|| killed.path(CHECKPOINT).exists());
    let begin = Instant::now();
    wait_until(|| killed.epochs_done(CHECKPOINT) > 0);
    sleep(begin.elapsed() / 3); // well into the next epoch
    child.kill().expect("a child to kill");
    assert_eq!(finish(child).code, None, "killed, not finished");
    assert_eq!(killed.epochs_done(CHECKPOINT), 1, "the second epoch was under way");
    assert!(!killed.path("out/model.safetensors").exists());

    let stdout = killed.run("--resume --threads 3 --out out").succeeds();
    assert!(stdout.contains("going on after epoch 1 of 2"), "{stdout}");
    for name in ["out/model.safetensors", CHECKPOINT] {
        assert!(killed.bytes(name) == whole.bytes(name), "{name} differs");
    }
}

/// A tiny model writes checkpoints all the time, so that many kills hit a write.
#[test]
fn a_checkpoint_is_whole_whenever_the_program_is_killed() {
    const KILLS: u64 = 20;
    let line = "--data optdigits --hidden 2 --latent 1 --batch 1437 --out out";
    let sandbox = Sandbox::new();
    let start = |flags: &str| {
        let line = format!("{line} {flags} --epochs 100000000");
        sandbox.program(&line).spawn().expect("it starts")
    };
    let mut child = start("");
    wait_until(|| sandbox.path(CHECKPOINT).exists());
    let mut done = 0;
    for kill in 0..KILLS {
        wait_until(|| sandbox.epochs_done(CHECKPOINT) > done); // fails if the file is not whole
        sleep(Duration::from_micros(kill * 7_919 % 40_000));
        child.kill().expect("a child to kill");
        assert_eq!(finish(child).code, None, "killed, not finished");
        let before = done;
        done = sandbox.epochs_done(CHECKPOINT);
        assert!(done > before, "no epoch is lost that a checkpoint knew of");
        child = start("--resume");
    }
    child.kill().expect("a child to kill");
    finish(child);

    // Interrupted twenty times and more, and still the same bytes.
    let epochs = sandbox.epochs_done(CHECKPOINT) + 1;
    sandbox.run(&format!("--resume --epochs {epochs} --out out")).succeeds();
    let straight = Sandbox::new();
    straight.run(&format!("{line} --epochs {epochs}")).succeeds();
    for name in ["out/model.safetensors", CHECKPOINT] {
        assert!(sandbox.bytes(name) == straight.bytes(name), "{name} differs");
    }
}

#[track_caller]
fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "waited for a minute in vain");
        sleep(Duration::from_millis(2));
    }
}
