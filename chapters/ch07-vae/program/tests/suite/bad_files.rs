//! Models and checkpoints that are none, or no longer, and disks that are full.

use std::fs;

use crate::common::{SMALL, Sandbox};
use ch07_vae::store::{self, StoreError};
use nn::{Parameters, checkpoint};
use serde_json::{Value, json};

const EVALUATE: &str = "evaluate bad.safetensors --samples 2 --images 5";

#[test]
fn what_is_no_model_is_named_and_refused() {
    let sandbox = Sandbox::trained();
    sandbox.run(EVALUATE).fails(1, &["cannot read bad.safetensors", "No such file", "check the"]);
    let not_safetensors = |bytes: &[u8]| {
        sandbox.write("bad.safetensors", bytes);
        let parts = ["bad.safetensors is not a complete safetensors file", "check the path"];
        sandbox.run(EVALUATE).fails(1, &parts);
        sandbox.run("sample bad.safetensors").fails(1, &parts);
        sandbox.write("bad/checkpoint.safetensors", bytes);
        let parts = ["bad/checkpoint.safetensors is not a complete", "start without --resume"];
        sandbox.run("--resume --out bad").fails(1, &parts);
    };
    not_safetensors(b"");
    not_safetensors(b"Dear model,\nplease learn.\n");
    not_safetensors(&sandbox.bytes("out/samples.png"));
    not_safetensors(&[0xff; 4096]); // a header of 2^64 − 1 bytes
    let model = sandbox.bytes("out/model.safetensors");
    not_safetensors(&model[..model.len() - 1]);

    let outcome = sandbox.run("evaluate out");
    outcome.fails(1, &["cannot read out", "directory", "check the path"]);

    let outcome = sandbox.run("evaluate out/checkpoint.safetensors");
    outcome.fails(1, &["is not a model", "missing field `architecture`", "the model.safetensors"]);
    fs::rename(sandbox.path("out/model.safetensors"), sandbox.path("out/checkpoint.safetensors"))
        .expect("two files in one folder");
    let outcome = sandbox.run("--resume --out out");
    outcome.fails(1, &["is not a checkpoint", "missing field `description`", "without --resume"]);
}

/// In this process, because there are thousands of them: every prefix of a model is an error, and
/// any one byte of the header may be another without harm to anything but the loading.
#[test]
fn a_damaged_model_never_loads_by_halves() {
    let sandbox = Sandbox::trained();
    let path = sandbox.path("out/model.safetensors");
    let sound = fs::read(&path).expect("a model");
    let (model, _) = store::load_model(&path).expect("a sound model");
    let header = 8 + usize::from_le_bytes(sound[..8].try_into().expect("eight bytes"));
    assert!(header < 2000, "{header}");

    for length in (0..header + 8).chain((header..sound.len()).step_by(97)) {
        fs::write(&path, &sound[..length]).expect("writable");
        let error = store::load_model(&path).expect_err("a part is not the whole");
        assert!(error.to_string().contains("not a complete safetensors file"), "{length}: {error}");
    }
    let mut refused = 0;
    for place in 0..header {
        for flip in [0x01, 0x10] {
            let mut bytes = sound.clone();
            bytes[place] ^= flip;
            fs::write(&path, &bytes).expect("writable");
            match store::load_model(&path) {
                Ok((loaded, _)) => assert_eq!(loaded.parameter_count(), model.parameter_count()),
                Err(error) => {
                    assert!(error.to_string().contains("out/model.safetensors"), "{error}");
                    refused += 1;
                }
            }
        }
    }
    // What may pass: the data's name, the image's shape turned, an activation, padding.
    assert!(refused > 3 * header / 2, "{refused} of {} damaged headers were refused", 2 * header);
}

/// Whatever a description claims, no memory is set aside that the file does not fill.
#[test]
fn a_description_that_claims_too_much_or_too_little_is_refused() {
    let sandbox = Sandbox::trained();
    let (model, description) = sandbox.load_model("out/model.safetensors");
    let huge = 1_000_000_000_000_u64;
    let claims: [(&[&str], Value, &str); 9] = [
        (&["architecture", "latent"], json!(huge), "another architecture"),
        (&["architecture", "hidden"], json!([huge, huge]), "another architecture"),
        (&["architecture", "hidden"], json!([16, 16]), "another architecture"),
        (&["architecture", "pixels"], json!(huge), "is not a model"),
        (&["architecture", "hidden"], json!([0]), "width 0"),
        (&["architecture", "latent"], json!(-3), "invalid value"),
        (&["architecture", "activation"], json!("gelu"), "unknown activation `gelu`"),
        (&["image_shape"], json!([huge, huge, huge]), "not of the size of its input"),
        (&["data"], json!("nowhere"), "no data set \"nowhere\""),
    ];
    for (keys, value, part) in claims {
        let mut claimed = serde_json::to_value(&description).expect("plain data");
        *keys.iter().fold(&mut claimed, |inner, &key| &mut inner[key]) = value;
        checkpoint::save(&sandbox.path("bad.safetensors"), model.tensors(), &claimed.to_string())
            .expect("writable");
        sandbox.run(EVALUATE).fails(1, &[part]);
    }

    let path = sandbox.path("bad.safetensors");
    checkpoint::save(&path, model.tensors(), "a model of somebody else").expect("writable");
    sandbox.run(EVALUATE).fails(1, &["is not a model of this program", "cargo run -p ch07-vae"]);
    let text = serde_json::to_string(&description).expect("plain data");
    checkpoint::save(&path, model.tensors().skip(2), &text).expect("writable");
    sandbox.run(EVALUATE).fails(1, &["no tensor `fc1.weight`", "another architecture"]);
}

#[test]
fn weights_that_are_no_numbers_are_refused_and_so_are_results() {
    let sandbox = Sandbox::trained();
    let (mut model, description) = sandbox.load_model("out/model.safetensors");
    let mut with_weight = |value: f32| {
        model.decoder.layers[0].weight.fill(value);
        let path = sandbox.path("bad.safetensors");
        store::save_model(&path, &model, &description).expect("writable");
        sandbox.run(EVALUATE)
    };
    with_weight(f32::NAN).fails(1, &["bad.safetensors", "`fc3.weight` contains NaN", "diverged"]);
    with_weight(f32::INFINITY).fails(1, &["`fc3.weight` contains inf", "diverged"]);
    with_weight(3e38).fails(1, &["the ELBO of bad.safetensors on optdigits is", "train again"]);
}

#[test]
fn resuming_needs_a_checkpoint_and_the_settings_it_was_made_with() {
    let sandbox = Sandbox::trained();
    let conflicts = [
        ("--data mnist", "--data mnist was given", "started with optdigits"),
        ("--hidden 16,16", "--hidden 16,16 was given", "started with 16:"),
        ("--latent 4", "--latent 4 was given", "started with 3:"),
        ("--activation tanh", "--activation tanh was given", "started with relu"),
        ("--batch 64", "--batch 64 was given", "started with 128"),
        ("--lr 0.1", "--lr 0.1 was given", "started with 0.001"),
        ("--beta 2", "--beta 2 was given", "started with 1:"),
        ("--seed 2", "--seed 2 was given", "started with 1:"),
        ("--epochs 1", "--epochs 1 was given", "has done 2 already"),
    ];
    let before = sandbox.bytes("out/checkpoint.safetensors");
    for (flag, given, was) in conflicts {
        let outcome = sandbox.run(&format!("--resume --out out {flag}"));
        outcome.fails(1, &[given, was, "without --resume"]);
    }
    let (trainer, description, mut memory) = sandbox.load_checkpoint("out/checkpoint.safetensors");
    let mut save = |key: &str, value: Value| {
        memory["settings"][key] = value;
        let path = sandbox.path("other/checkpoint.safetensors");
        store::save_checkpoint(&path, &trainer, &description, &memory, []).expect("writable");
    };
    sandbox.write("other/placeholder", "");
    save("data", json!("mnist"));
    let outcome = sandbox.run("--resume --quick --out other");
    outcome.fails(1, &["--quick learns from optdigits", "started with mnist"]);
    save("batch", json!(0));
    sandbox.run("--resume --out other").fails(1, &["damaged", "batches of 0"]);

    let missing = sandbox.run("--resume --out nothing-here");
    missing.fails(1, &["nothing-here/checkpoint.safetensors", "No such file", "without --resume"]);
    assert_eq!(sandbox.bytes("out/checkpoint.safetensors"), before);
}

/// A run that may write no file of more than so many bytes, which stands in for a disk that is full when this file's turn
/// comes.
#[cfg(unix)]
fn run_with_limit(sandbox: &Sandbox, bytes: usize, line: &str) -> sandbox::Outcome {
    use std::process::{Command, Stdio};

    const BLOCK: usize = 512; // of POSIX's `ulimit`
    let program = env!("CARGO_BIN_EXE_ch07-vae");
    let script = format!("trap '' XFSZ; ulimit -f {}; exec '{program}' {line}", bytes / BLOCK);
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(sandbox.path("."));
    shell.stdout(Stdio::piped()).stderr(Stdio::piped());
    sandbox::finish(shell.spawn().expect("a shell"))
}

/// A tiny model with a long history: its checkpoint and its summary have some 190 kB each, the largest picture 107 kB, the
/// model 2 kB.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_older_files_as_they_were() {
    let sandbox = Sandbox::new();
    let line = "--data optdigits --hidden 2 --latent 1 --batch 1437 --epochs 600 --out out";
    sandbox.run(line).succeeds();
    let before = sandbox.names("out");
    for (name, limit, line) in [
        ("checkpoint.safetensors", 150_000, "--out out --resume --epochs 601"),
        ("model.safetensors", 1024, "--out out --resume"),
        ("summary.json", 150_000, "--out out --resume"),
    ] {
        let bytes = sandbox.bytes(&format!("out/{name}"));
        let path = format!("cannot write out/{name}");
        run_with_limit(&sandbox, limit, line).fails(1, &[&path, "File too large"]);
        assert_eq!(sandbox.bytes(&format!("out/{name}")), bytes);
        assert_eq!(sandbox.names("out"), before, "no half file beside {name}");
    }
    // The disk has room again.
    sandbox.run("--out out --resume --epochs 601").succeeds();
}

/// When the pictures' turn comes: model and checkpoint stay below the limit, not every picture does.
#[cfg(unix)]
#[test]
fn a_picture_that_cannot_be_written_is_named_and_not_left_by_halves() {
    let sandbox = Sandbox::new();
    let outcome = run_with_limit(&sandbox, 48_000, &format!("{SMALL} --epochs 1 --out out"));
    outcome.fails(1, &["cannot write out/", ".png: File too large"]);
    let names = sandbox.names("out");
    assert!(names.contains(&"model.safetensors".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with('.')), "{names:?}");
    assert!(!names.contains(&"summary.json".to_owned()), "only a finished run has a summary");
}

#[test]
fn an_unfinished_run_is_set_aside_and_not_lost() {
    let sandbox = Sandbox::trained();
    let (trainer, description, mut memory) = sandbox.load_checkpoint("out/checkpoint.safetensors");
    memory["settings"]["epochs"] = json!(5);
    let path = sandbox.path("out/checkpoint.safetensors");
    store::save_checkpoint(&path, &trainer, &description, &memory, []).expect("writable");

    let stdout = sandbox.run(&format!("{SMALL} --epochs 1 --out out")).succeeds();
    assert!(stdout.contains("An unfinished run was here (epoch 2 of 5)"), "{stdout}");
    assert!(stdout.contains("With --resume it would have gone on"), "{stdout}");
    assert_eq!(sandbox.epochs_done("out/checkpoint.unfinished.safetensors"), 2);
    assert_eq!(sandbox.epochs_done("out/checkpoint.safetensors"), 1);
}

/// Pictures through training live in the checkpoint: one from before there were any goes on without
/// the early ones, and a damaged one is no reason to panic.
#[test]
fn a_checkpoint_without_pictures_goes_on_and_one_with_damaged_ones_does_not() {
    let sandbox = Sandbox::trained();
    let path = sandbox.path("out/checkpoint.safetensors");
    let kept = store::load_tensors(&path, "after_epoch.").expect("pictures");
    let epochs: Vec<_> = kept.iter().map(|(epoch, _)| epoch.as_str()).collect();
    assert_eq!(epochs, ["0", "1", "2"]);

    let (trainer, description, memory) = sandbox.load_checkpoint("out/checkpoint.safetensors");
    store::save_checkpoint(&path, &trainer, &description, &memory, []).expect("writable");
    sandbox.run("--resume --epochs 4 --out out").succeeds();
    assert_eq!(sandbox.names("out/through_training"), ["epoch_0004.png"]);

    for (name, shape) in [("after_epoch.1", (16, 63)), ("after_epoch.x", (16, 64))] {
        let tensor = ndarray::Array2::<f32>::zeros(shape);
        let tensors = [(name.to_owned(), tensor.view().into_dyn())];
        store::save_checkpoint(&path, &trainer, &description, &memory, tensors).expect("writable");
        let outcome = sandbox.run("--resume --epochs 4 --out out");
        outcome.fails(1, &["checkpoint.safetensors is damaged", name, "start without --resume"]);
    }
}

/// The library's errors are typed, for programs that want to tell them apart.
#[test]
fn the_kinds_of_errors_are_told_apart() {
    let sandbox = Sandbox::trained();
    let load = |name: &str| store::load_model(&sandbox.path(name)).expect_err("no model");
    assert!(matches!(load("out/checkpoint.safetensors"), StoreError::Description { .. }));
    assert!(matches!(
        load("out/samples.png"),
        StoreError::Checkpoint(checkpoint::CheckpointError::NotSafetensors { .. })
    ));
    assert!(matches!(
        load("nothing"),
        StoreError::Checkpoint(checkpoint::CheckpointError::Io { action: "read", .. })
    ));
}
