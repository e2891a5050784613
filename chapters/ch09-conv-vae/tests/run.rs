//! The program as its user meets it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_ch09-conv-vae");
    Command::new(program).args(arguments).output().expect("the program starts")
}

fn train(folder: &Path, more: &[&str]) -> Output {
    let out = folder.to_str().expect("a name in UTF-8");
    let usual = ["--data", "optdigits", "--epochs", "2", "--latent", "3", "--out", out];
    run(&[&usual, more].concat())
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).expect("the run wrote it")
}

#[test]
fn the_number_of_threads_leaves_no_trace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (one, three) = (folder.path().join("one"), folder.path().join("three"));
    assert!(train(&one, &["--threads", "1", "--batch", "200"]).status.success());
    assert!(train(&three, &["--threads", "3", "--batch", "200"]).status.success());
    for name in ["model.safetensors", "checkpoint.safetensors", "samples.png"] {
        assert!(bytes(&one, name) == bytes(&three, name), "{name} depends on the threads");
    }
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let out = at("bad").display().to_string();
    for (flags, status, says) in [
        (&["--epochs", "0"][..], 2, "at least 1"),
        (&["--data", "optdigits", "--batch", "100000"], 1, "choose at most 1437"),
        (&["--data", "nowhere"], 1, "PNG images in train/ and test/"),
        (&["--resume"], 1, "start without --resume"),
    ] {
        let output = run(&[flags, &["--out", &out]].concat());
        assert_eq!(output.status.code(), Some(status), "{flags:?}: {}", words(&output));
        assert!(words(&output).contains(says), "{flags:?}: {}", words(&output));
    }
    fs::write(at("file"), "no model").expect("writable");
    let file = at("file").display().to_string();
    for command in ["evaluate", "sample"] {
        let output = run(&[command, &file]);
        assert_eq!(output.status.code(), Some(1));
        assert!(words(&output).contains("expected a model"), "{}", words(&output));
    }
}

/// A folder of three colours and one of the wrong size.
#[test]
fn png_folders_are_read_and_judged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, side: u32, seed: u32| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        let mut encoder = png::Encoder::new(fs::File::create(path).expect("writable"), side, side);
        encoder.set_color(png::ColorType::Rgb);
        let pixels: Vec<u8> = (0..3 * side * side).map(|i| (i * seed % 256) as u8).collect();
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&pixels).expect("pixels");
    };
    (1..=4).for_each(|i| write(&format!("train/class/{i}.png"), 9, i));
    (5..=6).for_each(|i| write(&format!("test/{i}.png"), 9, i));
    let (data, out) = (folder.path().display().to_string(), folder.path().join("out"));
    let out = out.display().to_string();
    let flags = ["--data", &data, "--epochs", "1", "--batch", "2", "--out", &out];
    let output = run(&flags);
    assert!(output.status.success(), "{}", words(&output));
    let model = format!("{out}/model.safetensors");
    assert!(run(&["evaluate", &model, "--samples", "2"]).status.success());

    write("train/large.png", 70, 1);
    let output = run(&flags);
    assert_eq!(output.status.code(), Some(1));
    assert!(words(&output).contains("make the images smaller"), "{}", words(&output));
}
