//! The program from outside: what it leaves, and what it says to bad flags and bad data.

use std::fs;

use crate::common::{SMALL, Sandbox};
use ch08_gan::store;

#[test]
fn help_names_every_flag_and_subcommand() {
    let sandbox = Sandbox::new();
    let help = sandbox.run("--help").succeeds();
    for word in [
        "--data",
        "--loss",
        "--k",
        "--latent",
        "--hidden",
        "--steps",
        "--batch",
        "--lr",
        "--lr-d",
        "--penalty",
        "--frames",
        "--seed",
        "--threads",
        "--out",
        "--resume",
        "--quick",
        "ring-seeds",
        "compare",
        "sample",
    ] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn every_file_is_named_and_both_networks_can_be_read_back() {
    let sandbox = Sandbox::new();
    let stdout = sandbox.run(&format!("{SMALL} --out out")).succeeds();
    let summary = sandbox.json("out/ring/summary.json");
    for file in summary["files"].as_array().expect("a list") {
        let file = file.as_str().expect("a name");
        assert!(stdout.contains(file), "{file} is not in: {stdout}");
    }
    assert_eq!(sandbox.names("out/ring/frames"), ["0000.png", "0001.png", "0002.png"]);
    let looks = summary["looks"].as_array().expect("a list");
    let steps: Vec<_> = looks.iter().map(|look| look["step"].as_u64()).collect();
    assert_eq!(steps, [Some(0), Some(20), Some(40)]);

    let path = sandbox.path("out/ring/model.safetensors");
    let (generator, discriminator, description) = store::load_model(&path).expect("a model");
    assert_eq!(description.architecture.generator_widths(), [2, 16, 16, 2]);
    assert_eq!(generator.network.layers.len(), 3);
    assert_eq!(discriminator.network.layers[2].outputs(), 1);

    let sample = "sample out/ring/model.safetensors --count 50 --out draws.svg";
    sandbox.run(sample).succeeds();
    assert!(sandbox.bytes("draws.svg").starts_with(b"<svg"));
}

#[test]
fn every_kind_of_data_trains() {
    let sandbox = Sandbox::new();
    let stdout =
        sandbox.run("--data gaussian1d --hidden 8,8 --steps 20 --frames 2 --out out").succeeds();
    assert!(stdout.contains("mean") && stdout.contains("of 2"), "{stdout}");
    sandbox.write_images("stripes", [40, 8], 3, 5);
    let stdout = sandbox
        .run("--data stripes --hidden 8,8 --latent 3 --batch 8 --steps 20 --frames 2 --out out")
        .succeeds();
    assert!(stdout.contains("No score in this run") && stdout.contains("labels"), "{stdout}");
    let names = sandbox.names("out");
    let known = names.iter().filter(|name| ["gaussian1d", "optdigits"].contains(&name.as_str()));
    assert_eq!((names.len(), known.count()), (2, 1), "{names:?}");
    assert!(names.iter().any(|name| name.contains("-stripes-")), "{names:?}");
    let stdout = sandbox
        .run("--data optdigits --hidden 8,8 --latent 3 --steps 20 --frames 2 --out out")
        .succeeds();
    assert!(stdout.contains("Fréchet"), "{stdout}");
}

/// Grey pictures whose folders are classes have a judge; coloured ones are drawn in colour.
#[test]
fn a_folder_of_pictures_trains() {
    let sandbox = Sandbox::new();
    sandbox.write_pictures("grey", [12, 6], |i| [20 * i; 3]);
    sandbox.write("grey/train/dark/._0.png", "of macOS");
    let flags = "--hidden 8,8 --latent 3 --batch 4 --steps 20 --frames 2 --out out";
    let stdout = sandbox.run(&format!("--data grey {flags}")).succeeds();
    for part in [
        "12 training images from 13 files in grey/train; 1 passed over: 1 hidden\n",
        "6 test images from 6 files in grey/test\n",
        "18 of 18 pictures are saved with three equal channels",
        "2 classes, named by folders: dark, light",
        "Fréchet",
    ] {
        assert!(stdout.contains(part), "`{part}` is not in: {stdout}");
    }
    sandbox.write_pictures("colour", [8, 4], |i| [25 * i, 200, 0]);
    sandbox.run(&format!("--data colour {flags}")).succeeds();
    let folders = sandbox.names("out");
    let colour = folders.iter().find(|name| name.contains("colour-")).expect("a folder of its own");
    let path = sandbox.path(&format!("out/{colour}/model.safetensors"));
    let (.., description) = store::load_model(&path).expect("a model");
    assert_eq!(description.image_shape, Some((3, 8, 8)));
}

#[test]
fn wrong_flags_are_answered_with_status_2_and_what_was_expected() {
    let sandbox = Sandbox::new();
    let whole = "expected a whole number";
    let cases: [(&str, &[&str]); 15] = [
        ("--steps 0", &["--steps", whole, "got `0`"]),
        ("--batch 0", &["--batch", whole, "got `0`"]),
        ("--latent 0", &["--latent", whole, "got `0`"]),
        ("--hidden 40x", &["--hidden", whole, "got `40x`"]),
        ("--k 0", &["--k", "from 1 to 100", "got `0`"]),
        ("--frames 0", &["--frames", "from 1 to 1000", "got `0`"]),
        ("--threads 0", &["--threads", "from 1 to 1024", "got `0`"]),
        ("--lr 0", &["--lr", "finite number greater than 0", "got `0`"]),
        ("--lr-d NaN", &["--lr-d", "finite number greater than 0", "got `NaN`"]),
        ("--penalty -1", &["--penalty", "finite number, 0 or greater", "got `-1`"]),
        ("--loss wasserstein", &["expected saturating or nonsaturating", "got `wasserstein`"]),
        ("--seed -1", &["'-1'"]),
        ("--step 3", &["unexpected argument '--step'", "--steps"]),
        ("--seed 3 sample model", &["cannot be used with"]),
        ("sample", &["<MODEL>"]),
    ];
    for (line, parts) in cases {
        sandbox.run(line).fails(2, parts);
    }
    assert!(sandbox.names(".").is_empty(), "nothing is written before the flags are understood");
}

#[test]
fn bad_data_is_named_with_the_remedy() {
    let sandbox = Sandbox::new();
    let known = ["mnist, optdigits, ring, gaussian1d", "existing folder"];
    sandbox.run("--data rings").fails(1, &["rings", known[0], known[1]]);
    fs::create_dir(sandbox.path("empty")).expect("a new folder");
    sandbox.run("--data empty").fails(1, &["empty", "found nothing", "train-images-idx3-ubyte.gz"]);
    sandbox.write_images("set", [4, 4], 2, 2);
    let image = sandbox.bytes("set/train-images-idx3-ubyte");
    sandbox.write("set/train-images-idx3-ubyte", &image[..image.len() - 3]);
    sandbox.run("--data set").fails(1, &["train-images-idx3-ubyte", "expected 32 bytes"]);
    sandbox.run("--data ring --steps 3 --frames 4").fails(1, &["--frames 4", "the 3 steps"]);
    let huge = "--data ring --latent 1000000000000";
    sandbox.run(huge).fails(1, &["--hidden and --latent", "more than 100000000", "smaller"]);
    sandbox.write("file", "in the way");
    let outcome = sandbox.run(&format!("{SMALL} --out file"));
    outcome.fails(1, &["output folder file", "choose another with --out"]);
}

#[test]
fn a_resumed_run_keeps_its_plan() {
    let sandbox = Sandbox::new();
    let resume = "--data ring --resume --out out";
    sandbox.run(resume).fails(1, &["nothing to go on from", "start without --resume"]);
    sandbox.run(&format!("{SMALL} --out out")).succeeds();
    for (flag, before) in [
        ("--steps 50", "40"),
        ("--k 2", "1"),
        ("--loss saturating", "nonsaturating"),
        ("--hidden 8,8", "16,16"),
        ("--lr-d 0.5", "0.001"),
        ("--seed 2", "1"),
    ] {
        let says = format!("was started with {before}");
        sandbox.run(&format!("{resume} {flag}")).fails(1, &[flag, &says, "leave --"]);
    }
    let path = "out/ring/checkpoint.safetensors";
    let whole = sandbox.bytes(path);
    sandbox.write(path, &whole[..whole.len() / 2]);
    sandbox.run(resume).fails(1, &[path, "not a complete safetensors file"]);
    sandbox.write(path, sandbox.bytes("out/ring/model.safetensors"));
    sandbox.run(resume).fails(1, &[path, "is not a checkpoint of this program"]);
    sandbox.write("out/ring/model.safetensors", &whole);
    let sample = "sample out/ring/model.safetensors";
    sandbox.run(sample).fails(1, &["is not a model of this program"]);
}

/// Rates that are numbers, but much too large.
#[test]
fn players_that_leave_the_numbers_are_named_and_a_good_checkpoint_is_left() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.run(&format!("{SMALL} --lr 1e30 --out out"));
    let parts = ["after step", "no longer numbers", "a smaller --lr", "after step 0, is kept in"];
    outcome.fails(1, &parts);
    assert_eq!(sandbox.steps_done("out/ring/checkpoint.safetensors"), 0);
}

/// A discriminator that has ten steps for each of the generator's, at a high rate, on images that are nothing
/// like what a fresh generator makes.
#[test]
fn trouble_is_told_in_words() {
    let sandbox = Sandbox::new();
    let line = "--data optdigits --penalty 0 --k 10 --lr-d 0.003 --lr 1e-6 --steps 60 --frames 3";
    let stdout = sandbox.run(&format!("{line} --loss saturating --out out")).succeeds();
    for part in
        ["The discriminator wins", "--loss nonsaturating", "--k 1", "The generator collapses"]
    {
        assert!(stdout.contains(part), "`{part}` is not in: {stdout}");
    }
    let told = sandbox.json("out/optdigits/summary.json")["diagnoses"].clone();
    assert_eq!(told.as_array().map(Vec::len), Some(2), "each is told once: {told}");
}
