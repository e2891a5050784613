//! The linear autoencoder: its floor, what attains it, and what training finds.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use claims::{
    CheckError, Claim, Setting, Subject, Tolerance, Verdict, claim, domain, one_of, scale, seed,
    whole,
};
use ndarray::{Array1, Array2, Axis};
use nn::Activation;
use prob::random::stream;
use reference::Components;

use super::frechet::orthogonal;
use super::witness::{digits, normals};
use ch01_autoencoder::{
    Autoencoder, Model, Pca, Schedule, linear, linear_optimum, sigma_points, train,
};

/// images ↦ eigenvalues of the covariance, and the sums of what M components leave, from M = 0
type Values = fn(&Array2<f64>) -> Result<[Vec<f64>; 2], CheckError>;

fn values(x: &Array2<f64>) -> Result<[Vec<f64>; 2], CheckError> {
    let pca = Pca::fit(x)?;
    Ok([pca.values.to_vec(), (0..=x.ncols()).map(|code| pca.discarded(code)).collect()])
}

fn rescaled([values, residuals]: [Vec<f64>; 2], factor: f64) -> [Vec<f64>; 2] {
    [values, residuals].map(|list| list.iter().map(|value| factor * value).collect())
}

pub(super) fn reference_values() -> Claim<Values> {
    claim("autoencoder/pca-reference")
        .says(
            "The eigenvalues of the optical digits' covariance, and what M components leave of it, are \
             those that another program computes",
        )
        .settles("ae-dimred", Verdict::HoldsIf)
        .there_is()
        .exact(Tolerance::relative(1e-10).or_absolute(1e-12), |values: &Subject<Values>, cases| {
            let reference = reference::digits_pca()?;
            let [values, residuals] = values.output(|values| values(&digits()?.all))?;
            cases.all_equal("eigenvalue", &values, &reference.eigenvalues);
            for Components { count, residual, .. } in reference.cases {
                let measured = residuals.get(count).copied().unwrap_or(f64::NAN);
                cases.equal(format!("left by {count} components"), measured, residual);
            }
            Ok(())
        })
        .holds_for(values as Values)
        .fails_for(
            "not-centred",
            "The mean image was not subtracted, so the first component points at it: centre the data.",
            |x| {
                // With each image its own negative besides, the mean is 0 and nothing else changes.
                let both = ndarray::concatenate(Axis(0), &[x.view(), (-x).view()])?;
                values(&both)
            },
        )
        .fails_for(
            "n-minus-one",
            "The covariance was divided by N − 1: the squared error per image goes with 1/N.",
            |x| Ok(rescaled(values(x)?, x.nrows() as f64 / (x.nrows() as f64 - 1.0))),
        )
        .fails_for(
            "singular-values",
            "These are singular values: square them, and divide by the number of images.",
            |x| Ok(values(x)?.map(|list| list.iter().map(|value| value.max(0.0).sqrt()).collect())),
        )
        .fails_for(
            "ascending",
            "The eigenvalues come smallest first, so the wrong ones were kept: sort them descending.",
            |x| {
                let [mut values, _] = values(x)?;
                values.reverse();
                let residuals = (0..=values.len()).map(|m| values[m..].iter().sum()).collect();
                Ok([values, residuals])
            },
        )
}

/// Images of so many pixels, drawn at random, each pixel in its own unit.
pub(super) fn images(count: usize, pixels: usize, rng: &mut claims::Rng) -> Array2<f64> {
    let units = normals((1, pixels), rng).mapv(f64::exp);
    (normals((count, pixels), rng) + &normals((1, pixels), rng)) * &units
}

/// components ↦ a few points that stand for all images
type Points = fn(&Pca) -> Array2<f64>;

pub(super) fn moments_suffice() -> Claim<Points> {
    claim("autoencoder/moments-suffice")
        .says(
            "A linear autoencoder's loss per image depends on the images by their mean and covariance only",
        )
        .after("Baldi & Hornik 1989")
        .for_every(
            domain([
                one_of("D", &[1.0, 2.0, 3.0, 5.0, 8.0, 32.0]),
                whole("M", 1..=8),
                whole("images", 1..=12),
                seed("the autoencoder and the images"),
            ])
            .cases(150),
        )
        .exact(
            // Rounding of the decomposition.
            Tolerance::relative(1e-11),
            |points: &Subject<Points>, [pixels, code, count, seed], cases| {
                let (pixels, mut rng) = (pixels as usize, cases.rng(seed as u64));
                let x = images(count as usize, pixels, &mut rng);
                let model = Autoencoder::new(&[pixels, code as usize], Activation::Identity, &mut rng);
                let pca = Pca::fit(&x)?;
                let points = points.output(|points| points(&pca));
                cases.equal("", model.loss_per_image(&points), model.loss_per_image(&x));
                Ok(())
            },
        )
        .holds_for(sigma_points as Points)
        .fails_for(
            "unscaled",
            "The points lie one standard deviation away: each direction is seen by two of 2D points only, \
             so it needs √D standard deviations.",
            |pca| {
                let offsets = sigma_points(pca) - &pca.mean;
                offsets / (pca.mean.len() as f64).sqrt() + &pca.mean
            },
        )
        .fails_for(
            "no-mean",
            "The points have mean 0: add the mean image, for the biases have to learn it.",
            |pca| sigma_points(pca) - &pca.mean,
        )
        .fails_for(
            "one-sided",
            "Only one point was taken for each direction, which moves the mean: take μ + o and μ − o.",
            |pca| sigma_points(pca).slice(ndarray::s![..pca.mean.len(), ..]).to_owned(),
        )
}

/// Images that a floor is looked at for.
const IMAGES: usize = 20;

/// components and M ↦ a lower bound on the loss per image
type Floor = fn(&Pca, usize) -> f64;

pub(super) fn floor() -> Claim<Floor> {
    claim("autoencoder/linear-floor")
        .says(
            "No linear autoencoder, biases included, has a smaller loss per image than the sum of the \
             discarded eigenvalues",
        )
        .settles("ae-dimred", Verdict::HoldsIf)
        .after("Baldi & Hornik 1989")
        .for_every(
            domain([
                whole("D", 2..=8),
                whole("M", 1..=7),
                scale("distance of the weights and biases from the best", 1e-8..=10.0),
                seed("20 images and the direction"),
            ])
            .such_that("M < D", |[pixels, code, ..]| code < pixels),
        )
        .bound(
            Tolerance::relative(1e-9),
            |floor: &Subject<Floor>, [pixels, code, size, seed], margins| {
                let (pixels, code) = (pixels as usize, code as usize);
                let mut rng = margins.rng(seed as u64);
                let x = images(IMAGES, pixels, &mut rng);
                let pca = Pca::fit(&x)?;
                let floor = floor.output(|floor| floor(&pca, code));
                let best = linear_optimum(&pca, &Array2::eye(code), &Array2::eye(code));
                margins.at_least("the best", best.loss_per_image(&x), floor);
                let mut near = best;
                for block in near.parameters_mut() {
                    let away = normals((1, block.len()), &mut rng);
                    block.iter_mut().zip(&away).for_each(|(number, away)| *number += size * away);
                }
                margins.at_least("another", near.loss_per_image(&x), floor);
                Ok(())
            },
        )
        .holds_for((|pca, code| pca.discarded(code)) as Floor)
        .fails_for(
            "one-fewer",
            "One eigenvalue too many is counted as lost: M components are kept, the sum starts at M + 1.",
            |pca, code| pca.discarded(code - 1),
        )
        .fails_for(
            "kept",
            "These are the eigenvalues that are kept: what is lost are the others.",
            |pca, code| pca.total - pca.discarded(code),
        )
        .fails_for(
            "n-minus-one",
            "The covariance with 1/(N − 1) is too large by N/(N − 1): the loss per image goes with 1/N.",
            |pca, code| {
                let count = IMAGES as f64;
                pca.discarded(code) * count / (count - 1.0)
            },
        )
        .fails_for(
            "sum-of-roots",
            "Standard deviations were added: squared errors add, so add the eigenvalues themselves.",
            |pca, code| pca.values.iter().skip(code).map(|value| value.max(0.0).sqrt()).sum(),
        )
}

/// components and an invertible matrix with its inverse ↦ a linear autoencoder's loss per image on points
type Optimum = fn(&Pca, [&Array2<f64>; 2], &Array2<f64>) -> f64;

pub(super) fn optimum() -> Claim<Optimum> {
    claim("autoencoder/linear-optimum")
        .says(
            "On the optical digits W₁ = A V_Mᵀ, W₂ = V_M A⁻¹ with biases −W₁μ and μ attains the floor for every \
             invertible A",
        )
        .settles("ae-dimred", Verdict::HoldsIf)
        .after("Baldi & Hornik 1989")
        .for_every(domain([
            whole("M", 1..=8),
            scale("largest singular value of A ÷ smallest", 1.0..=1e4),
            scale("size of A", 0.01..=100.0),
            seed("A"),
        ]))
        .exact(
            Tolerance::relative(1e-12),
            |optimum: &Subject<Optimum>, [code, condition, size, seed], cases| {
                let (code, mut rng) = (code as usize, cases.rng(seed as u64));
                let pca = &digits()?.pca;
                let [left, right] = [(); 2].map(|()| orthogonal(code, &mut rng));
                // From `size` down to `size`/`condition`, each by the same factor.
                let steps = (code.max(2) - 1) as f64;
                let singular: Array1<f64> =
                    (0..code).map(|k| size * condition.powf(-(k as f64) / steps)).collect();
                let mixing = (&left * &singular).dot(&right.t());
                let inverse = (&right / &singular).dot(&left.t());
                let points = points()?;
                let loss = optimum.output(|optimum| optimum(pca, [&mixing, &inverse], points));
                cases.equal("", loss, pca.discarded(code));
                Ok(())
            },
        )
        .holds_for(
            (|pca, [mixing, inverse], points| {
                linear_optimum(pca, mixing, inverse).loss_per_image(points)
            }) as Optimum,
        )
        .fails_for(
            "no-encoder-bias",
            "The code is not centred: the mean image passes through the encoder and is added again by the \
             decoder, so subtract it before.",
            |pca, [mixing, inverse], points| {
                let mut model = linear_optimum(pca, mixing, inverse);
                model.encoder.layers[0].bias.fill(0.0);
                model.loss_per_image(points)
            },
        )
        .fails_for(
            "no-biases",
            "Both biases are missing: the mean image is no component, and two numbers have to carry it.",
            |pca, [mixing, inverse], points| {
                let mut model = linear_optimum(pca, mixing, inverse);
                model.encoder.layers[0].bias.fill(0.0);
                model.decoder.layers[0].bias.fill(0.0);
                model.loss_per_image(points)
            },
        )
        .fails_for(
            "transposed",
            "The decoder got Aᵀ for A⁻¹: that is the inverse of rotations only.",
            |pca, [mixing, _], points| {
                linear_optimum(pca, mixing, &mixing.t().to_owned()).loss_per_image(points)
            },
        )
        .fails_for(
            "last-components",
            "The last eigenvectors were kept: the largest eigenvalues belong to the first ones.",
            |pca, [mixing, inverse], points| {
                let mut reversed = pca.clone();
                reversed.vectors.invert_axis(Axis(1));
                linear_optimum(&reversed, mixing, inverse).loss_per_image(points)
            },
        )
        .fails_for(
            "rows",
            "Rows of the matrix of eigenvectors were taken: the eigenvectors stand in its columns.",
            |pca, [mixing, inverse], points| {
                let transposed = Pca { vectors: pca.vectors.t().to_owned(), ..pca.clone() };
                linear_optimum(&transposed, mixing, inverse).loss_per_image(points)
            },
        )
}

/// The code's length at a clear gap between eigenvalues: λ₄ = 0.395, λ₅ = 0.271.
pub(super) const AT_A_GAP: usize = 4;

/// The points that stand for the optical digits, made once.
pub(super) fn points() -> Result<&'static Array2<f64>, CheckError> {
    static POINTS: OnceLock<Array2<f64>> = OnceLock::new();
    let pca = &digits()?.pca;
    Ok(POINTS.get_or_init(|| sigma_points(pca)))
}

/// Random starts of the linear training.
pub(super) const STARTS: u64 = 5;

/// How the linear autoencoder is trained.
pub(super) const TRAINED: Setting = Setting {
    data: "1797 optical digits of 8 × 8 pixels, by their mean and covariance",
    settings: "M = 4, where λ₄ = 0.395 and λ₅ = 0.271; 1500 steps of Adam on all images, step size 0.05 falling to 0",
    runs: STARTS as u32,
};

/// One that was trained on the optical digits, and is known from then on.
pub(super) fn fully_trained(seed: u64) -> Result<Autoencoder<f64>, CheckError> {
    static KNOWN: Mutex<Option<HashMap<u64, Autoencoder<f64>>>> = Mutex::new(None);
    let known = || KNOWN.lock().map_err(|_| "another check of the linear training has failed");
    if let Some(model) = known()?.get_or_insert_default().get(&seed) {
        return Ok(model.clone());
    }
    let model = trained(points()?, 1500, seed);
    known()?.get_or_insert_default().insert(seed, model.clone());
    Ok(model)
}

/// A linear autoencoder with the code's length [`AT_A_GAP`], trained on sigma points, one batch a step.
fn trained(points: &Array2<f64>, steps: usize, seed: u64) -> Autoencoder<f64> {
    let mut rng = stream(seed, [1]);
    let mut model = Autoencoder::new(&[64, AT_A_GAP], Activation::Identity, &mut rng);
    let schedule = Schedule { epochs: steps, batch: points.nrows(), learning_rate: 0.05, seed };
    train(&mut model, points, &schedule, |_, _| {});
    model
}

/// seed ↦ where a training's loss ends, divided by the floor
type Relative = fn(u64) -> Result<f64, CheckError>;

fn relative_to_floor(model: &Autoencoder<f64>) -> Result<f64, CheckError> {
    Ok(model.loss_per_image(points()?) / digits()?.pca.discarded(AT_A_GAP))
}

pub(super) fn training() -> Claim<Relative> {
    claim("autoencoder/linear-training")
        .says("From random starts Adam takes a linear autoencoder to within 1 % of the floor")
        .settles("ae-dimred", Verdict::HoldsIf)
        .after("Baldi & Hornik 1989: no local minima, only saddle points")
        .measured(TRAINED)
        .trained(|relative: &Subject<Relative>, runs| {
            let seed = |k: u64| runs.seed().wrapping_mul(STARTS).wrapping_add(k);
            let one = |k: u64| relative.output(|relative| relative(seed(k)));
            let losses: Vec<f64> = (0..STARTS).map(one).collect::<Result<_, CheckError>>()?;
            // None is below 1, so that a mean below 1.002 leaves no room for one of five above 1.01.
            runs.below("loss ÷ floor", &losses, 1.002);
            Ok(())
        })
        .holds_for(
            (|seed| relative_to_floor(&fully_trained(seed)?)) as Relative,
        )
        .fails_for(
            "no-biases",
            "There are no biases, so one number of the code is spent on the mean image: give both maps \
             their biases, or subtract the mean before.",
            |_| {
                let pca = &digits()?.pca;
                let points = sigma_points(pca);
                let both = ndarray::concatenate(Axis(0), &[points.view(), (-&points).view()])?;
                let uncentred = Pca::fit(&both)?; // what training without biases ends at
                let basis = uncentred.subspace(AT_A_GAP);
                let zeros = [AT_A_GAP, 64].map(Array1::zeros);
                let [b1, b2] = zeros;
                relative_to_floor(&linear(basis.t().to_owned(), b1, basis, b2))
            },
        )
        .fails_for(
            "encoder-untrained",
            "Only the decoder was trained: the best decoder of a random code cannot bring back what the \
             encoder did not keep.",
            |seed| {
                let pca = &digits()?.pca;
                let mut rng = stream(seed, [1]);
                let random = Autoencoder::<f64>::new(&[64, AT_A_GAP], Activation::Identity, &mut rng);
                // Least squares of x − μ on the code W(x − μ): Σ Wᵀ(W Σ Wᵀ)⁻¹, by eigenvalues.
                let w = &random.encoder.layers[0].weight;
                let covariance = (&pca.vectors * &pca.values).dot(&pca.vectors.t());
                let within = w.dot(&covariance).dot(&w.t());
                let e = prob::eigen::symmetric(((&within + &within.t()) / 2.0).view())?;
                let inverse = (&e.vectors / &e.values).dot(&e.vectors.t());
                let w2 = covariance.dot(&w.t()).dot(&inverse);
                let b1 = -w.dot(&pca.mean);
                let model = linear(w.clone(), b1, w2, pca.mean.clone());
                relative_to_floor(&model)
            },
        )
        .fails_for(
            "too-short",
            "Training stopped on the plateau where the last component is not found yet: go on until the \
             loss has stopped falling for long.",
            |seed| {
                relative_to_floor(&trained(points()?, 150, seed))
            },
        )
}
