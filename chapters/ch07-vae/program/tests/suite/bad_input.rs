//! What the program says to bad flags and bad data: what was expected, what came, what to do.

use std::fs;

use crate::common::{SMALL, Sandbox, digits};
use sandbox::{idx_images, idx_labels};

#[test]
fn wrong_flags_are_answered_with_status_2_and_what_was_expected() {
    let sandbox = Sandbox::new();
    let whole = "expected a whole number of at least 1";
    let cases: [(&str, &[&str]); 26] = [
        ("--epochs 0", &["--epochs", whole, "got `0`"]),
        ("--batch 0", &["--batch", whole, "got `0`"]),
        ("--latent 0", &["--latent", whole, "got `0`"]),
        ("--hidden 0", &["--hidden", whole, "got `0`"]),
        ("--hidden 400,,200", &["--hidden", whole, "got ``"]),
        ("--hidden=", &["--hidden", whole, "got ``"]),
        ("--hidden 40x", &["--hidden", whole, "got `40x`"]),
        ("--latent 99999999999999999999", &["--latent", whole]),
        ("--threads 0", &["--threads", "from 1 to 1024", "got `0`"]),
        ("--threads 1000000", &["--threads", "from 1 to 1024", "got `1000000`"]),
        ("--lr 0", &["--lr", "finite number greater than 0", "got `0`"]),
        ("--lr -1", &["--lr", "finite number greater than 0", "got `-1`"]),
        ("--lr=NaN", &["--lr", "finite number greater than 0", "got `NaN`"]),
        ("--lr inf", &["--lr", "finite number greater than 0", "got `inf`"]),
        ("--beta -0.5", &["--beta", "finite number, 0 or greater", "got `-0.5`"]),
        ("--beta NaN", &["--beta", "finite number, 0 or greater", "got `NaN`"]),
        ("--seed -1", &["'-1'"]),
        ("--activation gelu", &["unknown activation `gelu`", "relu", "softplus"]),
        ("--epoch 3", &["unexpected argument '--epoch'", "--epochs"]),
        ("--seed 3 evaluate model", &["cannot be used with"]),
        ("evaluate", &["<MODEL>"]),
        ("evaluate m --samples 0", &["--samples", "from 1 to 1000000", "got `0`"]),
        ("evaluate m --samples 1000000000000", &["--samples", "from 1 to 1000000"]),
        ("evaluate m --images 0", &["--images", whole, "got `0`"]),
        ("sample m --count 0", &["--count", "from 1 to 100000", "got `0`"]),
        ("sample m --count 1000000000000", &["--count", "from 1 to 100000"]),
    ];
    for (line, parts) in cases {
        sandbox.run(line).fails(2, parts);
    }
    assert!(sandbox.names(".").is_empty(), "nothing is written before the flags are understood");
}

#[test]
fn a_name_that_is_no_data_lists_what_there_is() {
    let sandbox = Sandbox::new();
    for line in ["--data fashion", "--data no/such/folder"] {
        sandbox.run(line).fails(1, &[&line[7..], "mnist, optdigits, grid2d", "existing folder"]);
    }
}

#[test]
fn a_damaged_folder_is_reported_with_the_file_and_the_remedy() {
    let images = fs::read(digits("images")).expect("committed data");
    let labels = fs::read(digits("labels")).expect("committed data");
    let plain = idx_images(4, 3, 5);
    let cases: [(&str, &[u8], &[&str]); 7] = [
        ("train-images-idx3-ubyte.gz", &images[..9000], &["cut short", "fetch it again"]),
        ("train-images-idx3-ubyte.gz", &plain, &["sound gzip", "drop the ending .gz"]),
        ("train-images-idx3-ubyte", &plain[..50], &["expected 76 bytes", "found 50"]),
        ("train-images-idx3-ubyte", b"", &["train-images-idx3-ubyte", "found 0"]),
        ("train-images-idx3-ubyte.gz", &labels, &["magic number 0x00000803", "found 0x00000801"]),
        ("train-labels-idx1-ubyte.gz", &labels, &["4 images and 1797 labels", "same release"]),
        ("t10k-images-idx3-ubyte.gz", &images, &["(1, 3, 5) and (1, 8, 8)", "same set"]),
    ];
    for (name, bytes, parts) in cases {
        let sandbox = Sandbox::new();
        sandbox.write(&format!("set/{name}"), bytes);
        for part in ["train", "t10k"] {
            if !name.starts_with(&format!("{part}-images")) {
                sandbox.write(&format!("set/{part}-images-idx3-ubyte"), &plain);
            }
        }
        sandbox.run("--data set --batch 2 --epochs 1").fails(1, parts);
    }

    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("empty")).expect("a new folder");
    sandbox.run("--data empty").fails(1, &["empty", "found nothing", "train-images-idx3-ubyte.gz"]);
    sandbox.write("one/train/0.jpg", "<html>");
    sandbox.run("--data one").fails(1, &["found train/;", "and a folder test"]);
    sandbox.write("one/test/0.png", "");
    sandbox.run("--data one").fails(1, &["one/train/0.jpg", "found SVG, HTML or XML text"]);
    sandbox.write("file", "no folder");
    sandbox.run("--data file").fails(1, &["no data set \"file\"", "existing folder"]);
}

#[test]
fn a_batch_larger_than_the_set_is_refused_with_the_largest_that_would_do() {
    let sandbox = Sandbox::new();
    sandbox.run(&format!("{SMALL} --batch 1438")).fails(1, &["--batch 1438", "at most 1437"]);
    sandbox.write_images("set", [5, 2], 2, 2);
    sandbox.run("--data set").fails(1, &["--batch 128", "of set", "at most 5"]);
}

/// A digit too many must not end in a machine without memory.
#[test]
fn a_model_too_large_for_any_machine_is_refused_before_memory_is_set_aside() {
    let sandbox = Sandbox::new();
    let widest = usize::MAX;
    for flags in ["--latent 1000000000000", &format!("--hidden {widest},{widest},{widest}")] {
        let line = format!("--data optdigits {flags}");
        sandbox.run(&line).fails(1, &["--hidden and --latent", "more than 100000000", "smaller"]);
    }
}

#[test]
fn images_of_another_size_than_the_models_are_refused() {
    let sandbox = Sandbox::trained();
    let model = "evaluate out/model.safetensors";
    let parts =
        ["images of 8×8 pixels", "mnist has grey images of 28×28", "--data", "was optdigits"];
    sandbox.run(&format!("{model} --data mnist")).fails(1, &parts);
    sandbox.run(&format!("{model} --data grid2d")).fails(1, &["grid2d has points of 2"]);
    // As many pixels, in another shape.
    sandbox.write_images("set", [20, 20], 4, 16);
    sandbox.run(&format!("{model} --data set")).fails(1, &["set has grey images of 4×16 pixels"]);

    sandbox.run("--data set --hidden 4 --batch 8 --epochs 1 --out again").succeeds();
    sandbox.write_images("set", [20, 20], 6, 4);
    let resumed = sandbox.run("--resume --out again --epochs 2");
    resumed.fails(1, &["images of 4×16 pixels", "set has grey images of 6×4"]);
}

#[test]
fn more_images_than_there_are_cannot_be_evaluated() {
    let sandbox = Sandbox::trained();
    let outcome = sandbox.run("evaluate out/model.safetensors --samples 2 --images 361");
    outcome.fails(1, &["--images 361", "360 test examples of optdigits", "choose fewer"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_any_work() {
    let sandbox = Sandbox::trained();
    sandbox.write("file", "in the way");
    for below in ["file", "file/out"] {
        let outcome = sandbox.run(&format!("{SMALL} --out {below}"));
        outcome.fails(1, &[&format!("output folder {below}"), "choose another with --out"]);
    }
    let model = "sample out/model.safetensors";
    sandbox.run(&format!("{model} --out file/draws.png")).fails(1, &["file", "--out"]);
    sandbox.run(&format!("{model} --out draws.jpg")).fails(1, &["draws.jpg", ".png or .svg"]);
    sandbox.run(&format!("{model} --count 100000 --out draws.png")).fails(1, &["fewer images"]);
    assert_eq!(sandbox.bytes("file"), b"in the way");
    assert_eq!(sandbox.names("."), ["file", "out"]);
}

/// A set can be so small or odd that some of the pictures have nothing to show.
#[test]
fn the_smallest_and_oddest_sets_train() {
    let sandbox = Sandbox::new();
    sandbox.write_images("one", [1, 1], 1, 1);
    sandbox.run("--data one --batch 1 --hidden 1 --latent 1 --epochs 2 --out a").succeeds();
    assert!(!sandbox.names("a").contains(&"interpolation.png".to_owned()), "no two images");

    sandbox.write_images("classes", [90, 50], 3, 5);
    sandbox.write("classes/train-labels-idx1-ubyte", idx_labels(90, 47));
    sandbox.write("classes/t10k-labels-idx1-ubyte", idx_labels(50, 47));
    sandbox.run("--data classes --batch 7 --hidden 4,1,3 --epochs 1 --out b").succeeds();
    assert!(sandbox.names("b").contains(&"latent_map.png".to_owned()));

    sandbox.write_images("large", [2, 2], 300, 250);
    let line = "--data large --batch 1 --hidden 1 --latent 2 --epochs 1 --out c";
    let stdout = sandbox.run(line).succeeds();
    assert!(stdout.contains("latent_plane.png is left out: the picture would be"), "{stdout}");
    assert!(sandbox.names("c").contains(&"summary.json".to_owned()), "the run ends well");
}

/// Rates that are numbers, but much too large: the run stops where the numbers end and keeps a
/// checkpoint from before.
#[test]
fn a_loss_that_becomes_nan_ends_the_run_and_leaves_a_good_checkpoint() {
    let cases = [
        // Seen in the loss of the step after the first.
        ("--data optdigits --hidden 8 --lr 1e30", ["the loss became NaN", "step 2:"]),
        ("--data grid2d --hidden 8 --lr 1e10", ["the loss became", "step "]),
        // The only step of the epoch had a finite loss; what it left has none.
        (
            "--data optdigits --hidden 8 --lr 1e30 --batch 1437",
            ["the test loss became NaN", "step 1:"],
        ),
        // Adam divides by the root of an infinite moment: no step, no NaN, but nothing to go on from.
        ("--data optdigits --hidden 8 --beta 1e37 --batch 1437", ["Adam's moments", "became inf"]),
    ];
    for (line, [what, step]) in cases {
        let sandbox = Sandbox::new();
        let outcome = sandbox.run(&format!("{line} --epochs 3 --out out"));
        let parts = [what, "in epoch 1, ", step, "a smaller --lr", "after epoch 0, is kept in out"];
        outcome.fails(1, &parts);
        assert_eq!(sandbox.names("out"), ["checkpoint.safetensors"]);
        assert_eq!(sandbox.epochs_done("out/checkpoint.safetensors"), 0);
    }
}
