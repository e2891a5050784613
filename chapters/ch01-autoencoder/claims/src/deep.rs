//! What a nonlinear autoencoder gains over principal components.

use claims::{CheckError, Claim, Subject, Verdict, claim};
use nn::Activation;
use prob::random::stream;

use super::witness::digits;
use ch01_autoencoder::{Autoencoder, Model, OverSeeds, SEEDS, Schedule, linear_optimum, train};

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

fn losses(seed: u64, hidden: Activation) -> Result<[f64; 2], CheckError> {
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
            "With two numbers a code, a tanh autoencoder has a smaller squared error on the optical digits \
             than two principal components, on training and on held-out images",
        )
        .settles("ae-dimred", Verdict::Measured)
        .after("Hinton & Salakhutdinov 2006")
        .trained(|shares: &Subject<Shares>, runs| {
            let mut of_runs = [[0.0; SEEDS]; 2];
            for k in 0..SEEDS {
                let seed = runs.seed().wrapping_mul(SEEDS as u64).wrapping_add(k as u64);
                let [train, test] = shares.output(|shares| shares(seed))?;
                (of_runs[0][k], of_runs[1][k]) = (train, test);
            }
            for (name, figures) in ["training", "held-out"].iter().zip(&of_runs) {
                let OverSeeds { low, high, .. } = OverSeeds::of(figures);
                let label = format!("loss ÷ PCA's, {name} images");
                runs.within(label.clone() + ", five runs", figures, 0.6, 0.95);
                runs.within(label.clone() + ", lower end of 95 %", &[low], 0.5, 0.95);
                runs.within(label + ", upper end of 95 %", &[high], 0.6, 0.999);
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
