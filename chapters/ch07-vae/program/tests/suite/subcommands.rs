//! The subcommands that make pictures and data of their own.

use crate::common::{SMALL, Sandbox};
use sandbox::is_png;
use serde_json::Value;

fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().expect("a list");
    list.iter().map(|value| value.as_f64().expect("a number")).collect()
}

/// Width and height in a PNG's header.
fn size(png: &[u8]) -> [u32; 2] {
    [16, 20].map(|at| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes")))
}

#[test]
fn the_rate_falls_and_the_distortion_rises_with_beta() {
    let sandbox = Sandbox::new();
    let line = "rate-distortion --betas 8,0.1,1 --epochs 40 --out new/plane";
    let stdout = sandbox.run(line).succeeds();
    assert!(!stdout.contains(['\x1b', '\r']), "plain lines on a pipe: {stdout}");
    assert_eq!(sandbox.names("new/plane"), ["rate_distortion.json", "rate_distortion.png"]);
    assert!(is_png(&sandbox.path("new/plane/rate_distortion.png")));

    let report = sandbox.json("new/plane/rate_distortion.json");
    let points = report["points"].as_array().expect("a list");
    let all = |name: &str| -> Vec<f64> {
        points.iter().map(|point| point[name].as_f64().expect("a number")).collect()
    };
    assert_eq!(all("beta"), [0.1, 1.0, 8.0], "in order");
    let (rate, distortion, elbo) = (all("rate_nats"), all("distortion_nats"), all("elbo_nats"));
    // Weights this far apart give rates that differ by nats, after a tenth of a training too.
    assert!(rate[0] > rate[1] + 1.0 && rate[1] > rate[2] + 1.0, "{rate:?}");
    assert!(distortion[0] < distortion[1] && distortion[1] < distortion[2], "{distortion:?}");
    assert!(rate[2] > -1e-6, "a KL is not negative: {rate:?}");
    for i in 0..3 {
        assert!((elbo[i] + rate[i] + distortion[i]).abs() < 1e-9, "ELBO = −(R + D)");
    }
    let without = report["distortion_without_code_nats"].as_f64().expect("a number");
    assert!(distortion[0] < without, "a code is worth something: {without}, {distortion:?}");
    assert_eq!(report["settings"]["epochs"], 40);

    // The same bytes on another number of threads.
    let [one, three] = [1, 3].map(|threads| {
        let out = format!("threads{threads}");
        let line = "rate-distortion --data grid2d --betas 1 --epochs 1";
        sandbox.run(&format!("{line} --threads {threads} --out {out}")).succeeds();
        (
            sandbox.bytes(&format!("{out}/rate_distortion.json")),
            is_png(&sandbox.path(&format!("{out}/rate_distortion.png"))),
        )
    });
    assert!(one == three && one.1);
}

#[test]
fn weights_that_make_no_plane_are_refused() {
    let sandbox = Sandbox::new();
    let number = "finite number greater than 0";
    for (betas, got) in
        [("0", "`0`"), ("-1", "`-1`"), ("1,x", "`x`"), ("1,,2", "``"), ("inf", "`inf`")]
    {
        let line = format!("rate-distortion --betas {betas}");
        sandbox.run(&line).fails(2, &["--betas", number, got]);
    }
    sandbox.run("rate-distortion --epochs 0").fails(2, &["--epochs", "at least 1"]);
    sandbox.run("rate-distortion --betas 2,1,2").fails(1, &["--betas has 2 twice", "once"]);
    let many = (1..=11).map(|beta| beta.to_string()).collect::<Vec<_>>().join(",");
    sandbox.run(&format!("rate-distortion --betas {many}")).fails(1, &["11 weights", "at most 10"]);
    sandbox.run("rate-distortion --data nowhere").fails(1, &["mnist, optdigits, grid2d"]);
    sandbox.write("file", "in the way");
    let line = "rate-distortion --out file/out";
    sandbox.run(line).fails(1, &["output folder file/out", "another with --out"]);
    let line = "rate-distortion --betas 1e38 --epochs 2 --out out";
    sandbox.run(line).fails(1, &["left the finite numbers", "leave it out"]);
}

#[test]
fn the_plane_of_codes_becomes_a_sheet_with_coordinates() {
    let sandbox = Sandbox::new();
    sandbox.run("--data optdigits --hidden 16 --latent 2 --epochs 3 --out out").succeeds();
    let line =
        "latent-plane-data out/model.safetensors --side 5 --range 2 --points 100 --out plane";
    sandbox.run(line).succeeds();
    assert_eq!(sandbox.names("plane"), ["plane.json", "plane.png"]);
    assert_eq!(size(&sandbox.bytes("plane/plane.png")), [40, 40], "five images of 8×8, each way");

    let data = sandbox.json("plane/plane.json");
    let sheet = &data["sprite_sheet"];
    assert_eq!(numbers(&sheet["z1"]), [-2.0, -1.0, 0.0, 1.0, 2.0], "left to right");
    assert_eq!(numbers(&sheet["z2"]), [2.0, 1.0, 0.0, -1.0, -2.0], "top to bottom");
    for (name, value) in [("columns", 5), ("rows", 5), ("cell_width", 8), ("cell_height", 8)] {
        assert_eq!(sheet[name], value, "{name}");
    }
    assert_eq!(data["encoder"], serde_json::json!([64, 16, 2]));
    let points = &data["points"];
    let counts = ["z1", "z2", "labels"].map(|name| numbers(&points[name]).len());
    assert_eq!(counts, [100; 3]);
    assert!(numbers(&points["labels"]).iter().all(|label| (0.0..10.0).contains(label)));

    // More points than there are test images: all of them.
    sandbox.run("latent-plane-data out/model.safetensors").succeeds();
    let data = sandbox.json("out/ch07-vae/latent-plane/plane.json");
    assert_eq!(numbers(&data["points"]["z1"]).len(), 360);
    assert_eq!(data["sprite_sheet"]["columns"], 31);
}

#[test]
fn only_images_with_a_code_of_two_dimensions_have_a_plane() {
    let sandbox = Sandbox::trained(); // with a code of three
    let command = "latent-plane-data out/model.safetensors";
    sandbox.run(command).fails(1, &["2 dimensions", "out/model.safetensors has 3", "--latent 2"]);
    sandbox.run(&format!("{command} --side 1")).fails(2, &["--side", "from 2 to 100", "got `1`"]);
    sandbox.run(&format!("{command} --range 0")).fails(2, &["--range", "greater than 0"]);
    sandbox.run("latent-plane-data nothing").fails(1, &["cannot read nothing", "check the path"]);

    sandbox.run("--data grid2d --hidden 4 --batch 1000 --epochs 1 --out points").succeeds();
    let outcome = sandbox.run("latent-plane-data points/model.safetensors");
    outcome.fails(1, &["learned points of grid2d", "train one on images"]);

    sandbox.run(&format!("{SMALL} --latent 2 --epochs 1 --out two")).fails(2, &["--latent"]);
    sandbox.run("--data optdigits --hidden 4 --latent 2 --epochs 1 --out two").succeeds();
    let outcome = sandbox.run("latent-plane-data two/model.safetensors --data mnist");
    outcome.fails(1, &["images of 8×8 pixels", "mnist has grey images of 28×28"]);
}
