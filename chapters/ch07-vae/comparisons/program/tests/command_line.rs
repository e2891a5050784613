//! The walks, from outside.

use sandbox::{Sandbox, is_png};
use serde_json::Value;

fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().expect("a list");
    list.iter().map(|number| number.as_f64().expect("a number")).collect()
}

#[test]
fn walks_lead_from_image_to_image_in_three_ways() {
    let sandbox = Sandbox::new(env!("CARGO_BIN_EXE_ch07-comparisons"));
    let line = "--hidden 16 --latent 3 --epochs 5";
    let [one, two] = [1, 2].map(|threads| {
        let out = format!("threads{threads}");
        let stdout = sandbox.run(&format!("{line} --threads {threads} --out {out}")).succeeds();
        assert!(
            stdout.contains("half way, 500 walks") || stdout.contains("half way, 3"),
            "{stdout}"
        );
        let names = ["walks.json", "walks.png", "walks_entropy.png"];
        assert_eq!(sandbox.names(&out), names);
        assert!(names[1..].iter().all(|name| is_png(&sandbox.path(&out).join(name))));
        sandbox.bytes(&format!("{out}/walks.json"))
    });
    assert!(one == two, "the number of threads leaves no trace");

    let report = sandbox.json("threads1/walks.json");
    let positions = numbers(&report["positions"]);
    assert_eq!((positions[0], positions[6], positions[12]), (0.0, 0.5, 1.0));
    let ways = report["ways"].as_array().expect("a list");
    let names: Vec<_> = ways.iter().map(|way| way["way"].as_str().expect("a name")).collect();
    assert_eq!(names, ["autoencoder", "VAE", "pixels"]);
    for way in ways {
        let entropy = numbers(&way["entropy_nats"]);
        assert_eq!(entropy.len(), 13);
        assert!(entropy.iter().all(|&h| (0.0..=10_f64.ln() + 1e-6).contains(&h)), "{entropy:?}");
    }
    // The ends of the third way are real images, and half of each is none.
    let pixels = numbers(&ways[2]["entropy_nats"]);
    assert!(pixels[6] > 4.0 * pixels[0].max(pixels[12]), "{pixels:?}");
    assert!(report["classifier_test_accuracy"].as_f64() > Some(0.9));
}

#[test]
fn walks_need_images_with_classes() {
    let sandbox = Sandbox::new(env!("CARGO_BIN_EXE_ch07-comparisons"));
    sandbox.run("--data grid2d").fails(1, &["no data set \"grid2d\"", "mnist, optdigits"]);
    sandbox.write_images("plain", [200, 60], 6, 5);
    let outcome = sandbox.run("--data plain --epochs 1");
    outcome.fails(1, &["no labels", "choose mnist or optdigits"]);
    sandbox.run("--latent 0").fails(2, &["--latent", "from 1 to 1000"]);
}

#[test]
fn a_folder_is_one_runs_at_a_time() {
    let sandbox = Sandbox::new(env!("CARGO_BIN_EXE_ch07-comparisons"));
    sandbox.owns_its_folder("--hidden 16 --latent 3 --epochs 2 --out out");
}
