//! What a nonlinear autoencoder gains over principal components.

use std::collections::HashMap;
use std::sync::Mutex;

use claims::{CheckError, Claim, Setting, Subject, Verdict, claim};
use nn::Activation;
use prob::random::stream;

use super::witness::digits;
use ch01_autoencoder::{Autoencoder, Model, SEEDS, Schedule, linear_optimum, train};

/// seed ↦ a nonlinear autoencoder's loss per image as a share of the components' on training and test
/// images, M = 2
type Shares = fn(u64) -> Result<[f64; 2], CheckError>;

const CODE: usize = 2;

/// The same images' loss with as many components.
fn of_components() -> Result<[f64; 2], CheckError> {
    let digits = digits()?;
    let eye = ndarray::Array2::eye(CODE);
    let best = linear_optimum(&digits.train_pca, &eye, &eye);
    Ok([&digits.train, &digits.test].map(|x| best.loss_per_image(&x.mapv(f64::from))))
}

/// The two losses for a seed and a nonlinearity.
type Losses = HashMap<(u64, String), [f64; 2]>;

/// Trained once for each seed and nonlinearity.
fn losses(seed: u64, hidden: Activation) -> Result<[f64; 2], CheckError> {
    static KNOWN: Mutex<Option<Losses>> = Mutex::new(None);
    let known = || KNOWN.lock().map_err(|_| "another check of the deep training has failed");
    let key = (seed, hidden.to_string());
    if let Some(losses) = known()?.get_or_insert_default().get(&key) {
        return Ok(*losses);
    }
    let losses = of_training(seed, hidden)?;
    known()?.get_or_insert_default().insert(key, losses);
    Ok(losses)
}

fn of_training(seed: u64, hidden: Activation) -> Result<[f64; 2], CheckError> {
    let digits = digits()?;
    let mut model = Autoencoder::<f32>::new(&[64, 32, CODE], hidden, &mut stream(seed, [1]));
    let schedule = Schedule { epochs: 40, batch: 32, learning_rate: 0.01, seed };
    train(&mut model, &digits.train, &schedule, |_, _| {});
    Ok([&digits.train, &digits.test].map(|x| model.loss_per_image(x)))
}

fn shares(seed: u64) -> Result<[f64; 2], CheckError> {
    let ([train, test], [floor, of_test]) = (losses(seed, Activation::Tanh)?, of_components()?);
    Ok([train / floor, test / of_test])
}

pub(super) fn below_the_floor() -> Claim<Shares> {
    claim("autoencoder/deep-below-pca")
        .says(
            "With two numbers a code, a tanh autoencoder has a squared error on the optical digits that is 10 to 35 % \
             smaller than that of two principal components, on training and on held-out images",
        )
        .settles("ae-dimred", Verdict::Measured)
        .after("Hinton & Salakhutdinov 2006")
        .measured(Setting {
            data: "1437 optical digits of 8 × 8 pixels, 360 held out",
            settings: "64–32–2–32–64, tanh but for code and output, 40 epochs of Adam",
            runs: SEEDS as u32,
        })
        .trained(|shares: &Subject<Shares>, runs| {
            let mut of_runs = [[0.0; SEEDS]; 2];
            for k in 0..SEEDS {
                let seed = runs.seed().wrapping_mul(SEEDS as u64).wrapping_add(k as u64);
                let [train, test] = shares.output(|shares| shares(seed))?;
                (of_runs[0][k], of_runs[1][k]) = (train, test);
            }
            for (name, figures) in ["training", "held-out"].iter().zip(&of_runs) {
                runs.between(format!("loss ÷ PCA's, {name} images"), figures, 0.65, 0.9);
            }
            Ok(())
        })
        .holds_for(shares as Shares)
        .fails_for(
            "linear",
            "The nonlinearities are missing: layers of linear maps are a linear map, and no linear map \
             falls below the components.",
            |seed| {
                let ([train, test], [floor, of_test]) =
                    (losses(seed, Activation::Identity)?, of_components()?);
                Ok([train / floor, test / of_test])
            },
        )
        .fails_for(
            "mean-against-sum",
            "A mean over pixels was compared with a sum over pixels: use the same loss on both sides.",
            |seed| Ok(shares(seed)?.map(|share| share / 64.0)),
        )
        .fails_for(
            "more-components",
            "The autoencoder was compared with eight components, four times as many numbers as its code has: \
             compare at the same length of the code.",
            |seed| {
                let digits = digits()?;
                let [train, test] = losses(seed, Activation::Tanh)?;
                let eye = ndarray::Array2::eye(4 * CODE);
                let best = linear_optimum(&digits.train_pca, &eye, &eye);
                let [floor, of_test] = [&digits.train, &digits.test]
                    .map(|x| best.loss_per_image(&x.mapv(f64::from)));
                Ok([train / floor, test / of_test])
            },
        )
}
