//! What a run leaves and what it says.

use std::fs;
use std::io::{Read, pipe};

use crate::common::{SMALL, Sandbox, digits};
use sandbox::{finish, is_png};
use serde_json::Value;

/// The names in the closing summary: what stands between "In …:" and the empty line.
fn named(stdout: &str) -> Vec<String> {
    let lines = stdout.lines().skip_while(|line| !line.starts_with("In ")).skip(1);
    let names = lines.take_while(|line| line.starts_with("  "));
    let mut names: Vec<_> =
        names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    // A folder is named with a stroke at its end.
    names.iter_mut().for_each(|name| name.truncate(name.trim_end_matches('/').len()));
    names.sort();
    names
}

#[test]
fn a_run_leaves_the_files_that_it_names_and_no_others() {
    let points = [
        "active_units.png",
        "aggregate_posterior.png",
        "latent_map.png",
        "learning_curves.png",
        "samples.png",
        "through_training",
        "through_training.png",
    ];
    let images = ["interpolation.png", "reconstructions.png"];
    let cases: [(&str, &[&str]); 5] = [
        ("--data optdigits --hidden 16 --latent 3", &images),
        ("--data optdigits --hidden 16 --latent 1", &images),
        ("--data optdigits --hidden 16 --latent 3 --likelihood gaussian", &images),
        ("--data optdigits --hidden 16 --latent 2", &[images[0], images[1], "latent_plane.png"]),
        ("--data grid2d --hidden 8 --batch 500", &[]),
    ];
    for (line, more) in cases {
        let sandbox = Sandbox::new();
        let stdout = sandbox.run(&format!("{line} --epochs 2 --out out")).succeeds();
        assert!(!stdout.contains(['\x1b', '\r']), "plain lines on a pipe: {stdout}");
        let epochs = stdout.lines().filter(|line| line.starts_with("epoch ")).count();
        assert_eq!(epochs, 2, "a line for each epoch: {stdout}");

        let mut expected = vec!["checkpoint.safetensors", "model.safetensors", "summary.json"];
        expected.extend(points);
        expected.extend(more);
        expected.sort();
        assert_eq!(named(&stdout), expected);
        assert_eq!(sandbox.names("out"), expected);
        for picture in expected.iter().filter(|name| name.ends_with(".png")) {
            assert!(is_png(&sandbox.path("out").join(picture)), "{picture}");
        }

        let summary: Value =
            serde_json::from_slice(&sandbox.bytes("out/summary.json")).expect("JSON");
        let files: Vec<_> = summary["files"].as_array().expect("a list").iter().collect();
        assert_eq!(files.len(), expected.len());
        let name = |file: &Value| file.as_str().expect("a name").trim_end_matches('/').to_owned();
        assert!(files.iter().all(|file| expected.contains(&name(file).as_str())));

        // The last line is the command to go on with.
        let next = stdout.lines().last().and_then(|line| line.split(" -- ").nth(1));
        let next = next.expect("Next: cargo run -p ch07-vae -- evaluate …").to_owned();
        sandbox.run(&format!("{next} --samples 2 --images 10")).succeeds();
    }
}

#[test]
fn the_summary_holds_settings_figures_and_times() {
    let sandbox = Sandbox::new();
    let line = "--activation softplus --hidden 9,7 --lr 0.002 --beta 0.5 --seed 3 --threads 2";
    sandbox.run(&format!("--data optdigits {line} --epochs 2 --out out")).succeeds();
    let summary: Value = serde_json::from_slice(&sandbox.bytes("out/summary.json")).expect("JSON");
    let settings = serde_json::json!({
        "data": "optdigits", "hidden": [9, 7], "latent": 8, "activation": "softplus", "epochs": 2,
        "likelihood": "bernoulli", "batch": 128, "learning_rate": 0.002, "schedule": "constant",
        "bias_from_means": false, "seed": 3, "objective": {
            "bound": "elbo", "particles": 1, "gradient": "total", "kl": "analytic", "beta": 0.5
        }
    });
    assert_eq!(summary["settings"], settings);
    assert_eq!(summary["likelihood"], "Bernoulli");
    // 64-9-7-(8, 8) and 8-7-9-64, weights and biases.
    assert_eq!(summary["parameters"], 585 + 70 + 64 + 64 + 63 + 72 + 640);
    assert_eq!(
        (&summary["training_examples"], &summary["test_examples"]),
        (&1437.into(), &360.into())
    );
    assert_eq!(summary["threads"], 2);
    assert!(summary["images_per_second"].as_f64() > Some(0.0));
    assert!(summary["training_seconds"].as_f64() > Some(0.0));

    let epochs = summary["epochs"].as_array().expect("a list");
    assert_eq!(epochs.len(), 2);
    let last = &epochs[1];
    assert_eq!(last["epoch"], 2);
    for set in ["train", "test"] {
        for name in ["bound", "reconstruction", "kl"] {
            assert!(last[set][name].is_f64(), "{set} {name}");
        }
    }
    let number = |name: &str| summary[name].as_f64().expect("a number");
    assert_eq!(summary["test_bound_nats"], last["test"]["bound"]);
    assert_eq!(summary["test_reconstruction_nats"], last["test"]["reconstruction"]);
    assert_eq!(summary["test_kl_nats"], last["test"]["kl"]);
    let difference = number("test_reconstruction_nats") - number("test_kl_nats");
    assert_eq!(number("test_elbo_nats"), difference);

    // What the coordinates cost is what the code costs, up to the rounding of f32.
    let coordinates = summary["coordinates"].as_array().expect("a list");
    assert_eq!(coordinates.len(), 8);
    let all = |name: &str| -> Vec<f64> {
        coordinates.iter().map(|c| c[name].as_f64().expect("a number")).collect()
    };
    let kl: f64 = all("kl_nats").iter().sum();
    assert!((kl - number("test_kl_nats")).abs() < 1e-5 * kl, "{kl}");
    let active = all("variance_of_mean").iter().filter(|&&variance| variance > 0.01).count();
    assert_eq!(number("active_units"), active as f64);
    assert!(all("mean_of_variance").iter().all(|&variance| variance > 0.0));
}

/// 200 epochs of the optical digits come to −23.3 nats; −26 is reached after half of them, and an
/// untrained model has −45.
#[test]
fn the_quick_run_learns() {
    let sandbox = Sandbox::new();
    let stdout = sandbox.run("--quick").succeeds();
    assert!(stdout.contains("optdigits: 1\u{202f}437 training and 360 test examples"), "{stdout}");
    let summary = sandbox.bytes("out/ch07-vae/summary.json");
    let summary: Value = serde_json::from_slice(&summary).expect("JSON");
    assert_eq!(summary["settings"]["epochs"], 200);
    let elbo = summary["test_elbo_nats"].as_f64().expect("a number");
    assert!((-26.0..-20.0).contains(&elbo), "{elbo}");
}

#[test]
fn an_evaluation_ends_in_one_line_of_json() {
    let sandbox = Sandbox::new();
    sandbox.run(&format!("{SMALL} --epochs 20 --out out")).succeeds();
    let line = "evaluate out/model.safetensors --samples 8 --images 50";
    let stdout = sandbox.run(&format!("{line} --json")).succeeds();
    let last = stdout.lines().last().expect("a last line");
    let report: Value = serde_json::from_str(last).expect("one object");
    let number = |name: &str| report[name].as_f64().unwrap_or_else(|| panic!("{name}: {last}"));

    assert_eq!((number("samples"), number("images")), (8.0, 50.0));
    let (elbo, log_evidence) = (number("elbo_nats"), number("log_evidence_nats"));
    let difference = number("reconstruction_nats") - number("kl_nats");
    // Each is a mean over 50 images; only the rounding of f64 comes between.
    assert!((elbo - difference).abs() < 1e-9 * elbo.abs(), "{elbo} is not {difference}");
    // By Jensen for the same samples, up to the KL being exact in one and sampled in the other.
    let noise = number("elbo_monte_carlo_error") + number("log_evidence_monte_carlo_error");
    assert!(log_evidence > elbo - 5.0 * noise && elbo < -10.0, "{log_evidence} < {elbo}");
    assert!(log_evidence > elbo, "{log_evidence} ≤ {elbo}: the gap is larger than the noise");
    for name in ["elbo", "reconstruction", "kl", "log_evidence"] {
        let error = number(&format!("{name}_standard_error"));
        assert!(error > 0.0 && error < 2.0, "{name}: {error}");
    }
    let bits = -elbo / 64.0 / std::f64::consts::LN_2;
    assert!((number("elbo_bits_per_dimension") - bits).abs() < 1e-12);

    // The table says the same, and without --json there is nothing else.
    let table = sandbox.run(line).succeeds();
    assert_eq!(format!("{table}{last}\n"), stdout);
    assert!(table.contains(&format!("{elbo:.4}")) && table.contains("bits/dimension"), "{table}");
    // One image and one sample have no standard error to tell.
    let one = sandbox.run("evaluate out/model.safetensors --samples 1 --images 1 --json");
    assert!(one.succeeds().contains("\"elbo_standard_error\":null"));
}

#[test]
fn draws_become_a_picture_in_the_format_of_the_name() {
    let sandbox = Sandbox::trained();
    let model = "sample out/model.safetensors --count 5";
    let stdout = sandbox.run(&format!("{model} --out new/draws.png")).succeeds();
    assert_eq!(stdout, "5 draws in new/draws.png\n");
    assert!(is_png(&sandbox.path("new/draws.png")));
    sandbox.run(&format!("{model} --out draws.svg")).succeeds();
    let svg = String::from_utf8(sandbox.bytes("draws.svg")).expect("text");
    assert!(svg.contains("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
    assert!(svg.contains("5 draws"), "{svg}");

    sandbox.run(&format!("{model} --seed 2 --out other.png")).succeeds();
    assert!(sandbox.bytes("other.png") != sandbox.bytes("new/draws.png"), "another seed");
    sandbox.run(model).succeeds();
    assert!(sandbox.bytes("out/ch07-vae/draws.png") == sandbox.bytes("new/draws.png"));
}

#[test]
fn help_mentions_every_flag_and_its_default() {
    let sandbox = Sandbox::new();
    let cases: [(&str, &[&str]); 5] = [
        (
            "--help",
            &[
                "--data",
                "--latent",
                "--hidden",
                "--activation",
                "--epochs",
                "--batch",
                "--lr",
                "--beta",
                "--seed",
                "--threads",
                "--out",
                "--resume",
                "--quick",
                "--objective",
                "--particles",
                "--gradient",
                "--kl",
                "--likelihood",
                "--sigma",
                "--schedule",
                "--bias-from-means",
                "--preset",
                "evaluate",
                "sample",
                "rate-distortion",
                "latent-plane-data",
                "mnist|optdigits|grid2d|DIR",
                "[default: out/ch07-vae]",
                "[default: 0.001]",
                "784-400-20-400-784",
            ],
        ),
        (
            "evaluate --help",
            &["<MODEL>", "--samples", "--images", "--data", "--seed", "--threads", "--json", "500"],
        ),
        ("sample --help", &["<MODEL>", "--count", "--seed", "--out", "100", ".png or .svg"]),
        (
            "rate-distortion --help",
            &[
                "--data",
                "--betas",
                "--epochs",
                "--seed",
                "--threads",
                "--out",
                "0.1,0.25,0.5,1,2,4,8",
            ],
        ),
        (
            "latent-plane-data --help",
            &["<MODEL>", "--side", "--range", "--points", "--data", "--seed", "--out", "2000"],
        ),
    ];
    for (line, parts) in cases {
        let help = sandbox.run(line).succeeds();
        for part in parts {
            assert!(help.contains(part), "`{part}` is not in: {help}");
        }
    }
}

#[test]
fn a_users_own_folder_trains_and_evaluates() {
    let sandbox = Sandbox::new();
    sandbox.write_images("plain", [300, 60], 12, 10);
    let line = "--data plain --hidden 24 --latent 2 --batch 30 --epochs 30 --out out";
    let stdout = sandbox.run(line).succeeds();
    assert!(stdout.contains("plain: 300 training and 60 test examples"), "{stdout}");
    let json = sandbox.run("evaluate out/model.safetensors --samples 8 --json").succeeds();
    let report: Value =
        serde_json::from_str(json.lines().last().expect("a last line")).expect("JSON");
    assert_eq!(report["images"], 60);
    // Four patterns of two grey values, 230 and 20 of 255: the entropy of the pixels given the
    // pattern is 120 × 0.297 = 35.6 nats and that of the pattern ln 4; a model that knows nothing
    // has 120 × ln 2 = 83.2.
    let elbo = report["elbo_nats"].as_f64().expect("a number");
    assert!((-60.0..-30.0).contains(&elbo), "{elbo}");

    // As they are often found: compressed.
    for (part, kind) in [("train", "images"), ("t10k", "images"), ("t10k", "labels")] {
        let rank = if kind == "images" { 3 } else { 1 };
        let bytes = fs::read(digits(kind)).expect("committed data");
        sandbox.write(&format!("packed/{part}-{kind}-idx{rank}-ubyte.gz"), bytes);
    }
    let stdout = sandbox.run("--data packed --hidden 8 --epochs 1 --out packed-out").succeeds();
    assert!(stdout.contains("1\u{202f}797 training and 1\u{202f}797 test examples"), "{stdout}");
}

#[test]
fn a_folder_of_pictures_trains_and_evaluates() {
    let sandbox = Sandbox::new();
    sandbox.write_pictures("mine", [12, 6], |i| [20 * i; 3]);
    sandbox.write("mine/train/.DS_Store", "of macOS");
    sandbox.write("mine/train/light/._7.jpg", "of macOS");
    sandbox.write("mine/train/labels.csv", "0,1");
    let flags = "--hidden 8 --latent 2 --batch 4 --epochs 2";
    let stdout = sandbox.run(&format!("--data mine {flags} --out out")).succeeds();
    let remarks = [
        "12 training images from 15 files in mine/train; 3 passed over: 2 hidden, 1 .csv\n",
        "6 test images from 6 files in mine/test\n",
        "18 of 18 pictures are saved with three equal channels: all are grey",
        "2 classes, named by folders: dark, light",
    ];
    for part in remarks.into_iter().chain(["mine: 12 training and 6 test examples"]) {
        assert!(stdout.contains(part), "`{part}` is not in: {stdout}");
    }
    assert!(sandbox.names("out").contains(&"latent_map.png".to_owned()), "there are labels");
    assert_eq!(sandbox.load_model("out/model.safetensors").1.image_shape, Some((1, 8, 8)));
    let json = sandbox.run("evaluate out/model.safetensors --samples 2 --json").succeeds();
    assert!(json.contains(remarks[0]), "{json}");
    let report: Value =
        serde_json::from_str(json.lines().last().expect("a last line")).expect("JSON");
    assert_eq!(report["images"], 6);

    sandbox.write_pictures("colour", [8, 4], |i| [25 * i, 200, 0]);
    sandbox.run(&format!("--data colour {flags} --out colour-out")).succeeds();
    assert_eq!(sandbox.load_model("colour-out/model.safetensors").1.image_shape, Some((3, 8, 8)));
}

/// `ch07-vae | head -1`: whoever has heard enough does not make the run fail.
#[test]
fn a_reader_that_goes_away_does_no_harm() {
    let sandbox = Sandbox::new();
    let closed = || {
        let (reader, writer) = pipe().expect("a pipe");
        drop(reader);
        writer
    };
    let mut run = sandbox.program(&format!("{SMALL} --epochs 2 --out out"));
    let outcome = finish(run.stdout(closed()).spawn().expect("it starts"));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    assert!(sandbox.path("out/summary.json").exists());

    let (mut reader, writer) = pipe().expect("a pipe");
    let mut run = sandbox.program(&format!("{SMALL} --epochs 40 --out again"));
    let child = run.stdout(writer).spawn().expect("it starts");
    drop(run); // and with it our end of the writer
    let mut first = [0; 4];
    reader.read_exact(&mut first).expect("the first words");
    assert_eq!(&first, b"VAE ");
    drop(reader);
    assert_eq!(finish(child).code, Some(0));

    // Nor does it turn an error into a panic when nobody reads the message.
    for (line, code) in [("--data nowhere", 1), ("--bogus", 2), ("--help", 0)] {
        let mut run = sandbox.program(line);
        let child = run.stdout(closed()).stderr(closed()).spawn().expect("it starts");
        assert_eq!(finish(child).code, Some(code), "{line}");
    }
}
