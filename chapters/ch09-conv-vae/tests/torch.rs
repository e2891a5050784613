//! The libtorch build against the plain-Rust one; only with `--features tch`.

use ch09_conv_vae::torch::{self, Network, Precision, TorchError};
use ch09_conv_vae::{Architecture, Batch, Stage, Trainer, Vae, evaluate, purpose, store};
use data::{Images, batches, shuffled};
use ndarray::Array2;
use nn::Activation;
use prob::random::stream;
use rand::Rng;
use tch::Device;

/// Blurred squares at random places, grey, so that there is something to learn and to binarize.
fn images(count: usize) -> Images {
    let (height, width) = (12, 12);
    let mut rng = stream(5, [0]);
    let mut pixels = Array2::zeros((count, height * width));
    for mut image in pixels.rows_mut() {
        let (y, x) = (rng.random_range(2..7), rng.random_range(2..7));
        for row in y - 1..y + 5 {
            for column in x - 1..x + 5 {
                let inside = (y..y + 4).contains(&row) && (x..x + 4).contains(&column);
                image[row * width + column] = if inside { 230 } else { 60 };
            }
        }
    }
    Images::new(pixels, (1, height, width), 255).expect("sound images")
}

fn architecture() -> Architecture {
    let halving = |channels| Stage { channels, kernel: 4, stride: 2, padding: 1 };
    Architecture {
        image: (1, 12, 12),
        stages: vec![halving(8), halving(12)],
        hidden: vec![24],
        latent: 4,
        activation: Activation::Relu,
    }
}

fn fresh() -> Trainer {
    Trainer::new(
        Vae::new(&architecture(), &mut stream(1, [purpose::WEIGHTS]))
            .expect("a sound architecture"),
    )
}

fn on_libtorch(trainer: &Trainer) -> torch::Trainer {
    torch::Trainer::new(&architecture(), trainer, Device::Cpu, Precision::Full)
        .expect("a small model")
}

/// Some steps of the run with seed 1, from the step at which the trainer stands.
fn train_on_libtorch(trainer: &mut torch::Trainer, images: &Images, steps: usize) -> Vec<f64> {
    let order = shuffled(images.len(), &mut stream(1, [purpose::ORDER]));
    let all: Vec<_> = batches(&order, 50).collect();
    let steps = trainer.steps as usize..trainer.steps as usize + steps;
    steps
        .map(|step| {
            let batch =
                Batch::draw(images, all[step % all.len()], 4, 1, [purpose::TRAIN, step as u64]);
            trainer.step(&batch, 2e-3).expect("a small batch");
            let (reconstruction, kl) = trainer.take_sums().expect("two numbers");
            (kl - reconstruction) / 50.0
        })
        .collect()
}

/// The same steps by hand.
fn train_by_hand(trainer: &mut Trainer, images: &Images, steps: usize) -> Vec<f64> {
    let order = shuffled(images.len(), &mut stream(1, [purpose::ORDER]));
    let all: Vec<_> = batches(&order, 50).collect();
    let steps = trainer.steps as usize..trainer.steps as usize + steps;
    steps
        .map(|step| {
            let (reconstruction, kl) =
                trainer.step(images, all[step % all.len()], 2e-3, 1, step as u64);
            (kl - reconstruction) / 50.0
        })
        .collect()
}

/// f32 rounds at 6e-8; a loss of some 50 nats sums 144 pixels. What a rounding changes in a step is multiplied by
/// the steps after it, a little each: 100 steps were seen to leave 2e-6.
#[test]
fn the_loss_falls_along_the_same_curve_over_a_hundred_steps() {
    let images = images(500);
    let by_hand = train_by_hand(&mut fresh(), &images, 100);
    let on_libtorch = train_on_libtorch(&mut on_libtorch(&fresh()), &images, 100);
    assert!(
        by_hand[99] < 0.8 * by_hand[0],
        "something is learned: {} to {}",
        by_hand[0],
        by_hand[99]
    );
    for (step, (a, b)) in by_hand.iter().zip(&on_libtorch).enumerate() {
        assert!((a - b).abs() < 1e-4 * a, "step {step}: {a} by hand, {b} on libtorch");
    }
}

/// Everything that training needs goes to libtorch and back without losing a bit, through the file as well.
#[test]
fn a_checkpoint_goes_there_and_back_bit_by_bit() {
    let images = images(100);
    let mut trainer = fresh();
    train_by_hand(&mut trainer, &images, 3);
    let back = on_libtorch(&trainer).to_plain().expect("a small model");
    assert_eq!(back.steps, 3);
    for (a, b) in [
        (&back.model, &trainer.model),
        (&back.first, &trainer.first),
        (&back.second, &trainer.second),
    ] {
        assert_eq!(a, b);
    }

    let folder = tempfile::tempdir().expect("a folder");
    let description =
        store::Description { architecture: architecture(), data: "squares".to_owned() };
    let write = |name: &str, trainer: &Trainer| {
        let path = folder.path().join(name);
        store::save_checkpoint(&path, trainer, &description, &()).expect("a writable folder");
        std::fs::read(&path).expect("the file")
    };
    assert!(write("libtorch", &back) == write("by-hand", &trainer), "the files differ");
}

/// 6 steps on libtorch, and 3 of them, a checkpoint, and the other 3.
#[test]
fn a_pause_leaves_no_trace_in_the_bits() {
    let images = images(300);
    let mut straight = on_libtorch(&fresh());
    train_on_libtorch(&mut straight, &images, 6);
    let mut first_half = on_libtorch(&fresh());
    train_on_libtorch(&mut first_half, &images, 3);
    let mut second_half = on_libtorch(&first_half.to_plain().expect("a small model"));
    train_on_libtorch(&mut second_half, &images, 3);
    let [straight, paused] =
        [straight, second_half].map(|trainer| trainer.to_plain().expect("a small model"));
    assert_eq!(straight.model, paused.model);
    assert_eq!(straight.second, paused.second);
}

/// A model that libtorch trained, evaluated by hand and on libtorch with the same codes: means of 40 numbers of some
/// 50 nats each, in f32. A block that cuts through an image's samples must not matter either.
#[test]
fn both_builds_evaluate_a_model_alike() {
    let images = images(500);
    let mut trainer = on_libtorch(&fresh());
    train_on_libtorch(&mut trainer, &images, 40);
    let binary = Images::binarized(&images, &mut stream(2, [0]));
    let indices: Vec<usize> = (0..40).collect();
    let model = trainer.to_plain().expect("a small model").model;
    let by_hand = evaluate(&model, &binary, &indices, 30, 7, |_| {});
    for block in [1000, 100, 7] {
        let mut done = 0;
        let on_libtorch =
            torch::evaluate(&trainer.network, &binary, &indices, 30, 7, block, |n| done += n)
                .expect("small blocks");
        assert_eq!((done, on_libtorch.images, on_libtorch.samples), (40, 40, 30));
        for (a, b) in [
            (by_hand.elbo, on_libtorch.elbo),
            (by_hand.kl, on_libtorch.kl),
            (by_hand.log_evidence, on_libtorch.log_evidence),
        ] {
            assert!((a.mean - b.mean).abs() < 1e-4, "{a:?} by hand, {b:?} on libtorch");
            let (a, b) = (
                a.monte_carlo_error.expect("30 samples"),
                b.monte_carlo_error.expect("30 samples"),
            );
            assert!((a - b).abs() < 1e-4, "{a} by hand, {b} on libtorch");
        }
    }
}

/// bf16 rounds every factor to 8 bits, ±0.2 %, and the errors of a sum of many mostly cancel: the terms of a batch stay
/// within 1 %, but they are not those of f32.
#[test]
fn mixed_precision_gives_the_loss_to_two_digits() {
    let images = images(200);
    let indices: Vec<usize> = (0..200).collect();
    let Batch { x, noise } = Batch::draw(&images, &indices, 4, 1, [purpose::TRAIN, 0]);
    let [x, noise] = [x, noise].map(|rows| {
        let shape = [rows.nrows() as i64, rows.ncols() as i64];
        tch::Tensor::from_slice(rows.as_slice().expect("contiguous")).view(shape)
    });
    let mut trainer = on_libtorch(&fresh());
    train_on_libtorch(&mut trainer, &images, 30);
    let model: Vae<f32> = trainer.network.to_model().expect("a small model");
    let elbo = |precision| -> Result<f64, TorchError> {
        let network = Network::from_model(&architecture(), &model, Device::Cpu, precision)?;
        let terms = network.pass()?.terms(&x, &noise)?;
        Ok((terms.reconstruction - terms.kl).mean(None).double_value(&[]))
    };
    let full = elbo(Precision::Full).expect("a small batch");
    let mixed = elbo(Precision::Mixed).expect("a small batch");
    assert!((full - mixed).abs() < 0.01 * full.abs(), "{full} in f32, {mixed} in bf16");
    assert!(full != mixed, "bf16 was not used");
}
