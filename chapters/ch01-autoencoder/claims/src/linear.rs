//! The linear autoencoder: its floor, what attains it, and what training finds.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim};
use ndarray::{Array1, Array2, Axis, array};
use nn::Activation;
use prob::random::stream;
use reference::Components;

use super::witness::{digits, normals};
use ch01_autoencoder::{
    Autoencoder, Model, Pca, SEEDS, Schedule, linear, linear_optimum, sigma_points, train,
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

/// components ↦ a few points that stand for all images
type Points = fn(&Pca) -> Array2<f64>;

pub(super) fn moments_suffice() -> Claim<Points> {
    claim("autoencoder/moments-suffice")
        .says(
            "A linear autoencoder's loss per image depends on the images by their mean and covariance only",
        )
        .after("Baldi & Hornik 1989")
        .exact(
            // Halves and sums of 1 797 images; rounding of the decomposition.
            Tolerance::relative(1e-11),
            |points: &Subject<Points>, cases| {
                let digits = digits()?;
                let points = points.output(|points| points(&digits.pca));
                for code in [1, 4, 16] {
                    let model =
                        Autoencoder::new(&[64, code], Activation::Identity, &mut cases.rng(code as u64));
                    let expected = model.loss_per_image(&digits.all);
                    cases.equal(format!("M = {code}"), model.loss_per_image(&points), expected);
                }
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
        .bound(Tolerance::relative(1e-9), |floor: &Subject<Floor>, margins| {
            let pca = &digits()?.pca;
            let points = sigma_points(pca);
            let mut rng = margins.rng(0);
            for code in [1, 4, 10] {
                let floor = floor.output(|floor| floor(pca, code));
                let best = linear_optimum(pca, &Array2::eye(code), &Array2::eye(code));
                margins.at_least(format!("M = {code}, best"), best.loss_per_image(&points), floor);
                for size in [1e-3, 0.1] {
                    let mut near = best.clone();
                    near.decoder.layers[0].weight += &(size * normals((64, code), &mut rng));
                    near.encoder.layers[0].weight += &(size * normals((code, 64), &mut rng));
                    let loss = near.loss_per_image(&points);
                    margins.at_least(format!("M = {code}, off by {size}"), loss, floor);
                }
                let random = Autoencoder::new(&[64, code], Activation::Identity, &mut rng);
                let loss = random.loss_per_image(&points);
                margins.at_least(format!("M = {code}, random"), loss, floor);
            }
            Ok(())
        })
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
            |pca, code| pca.discarded(code) * 1797.0 / 1796.0,
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
            "W₁ = A V_Mᵀ, W₂ = V_M A⁻¹ with biases −W₁μ and μ attains the floor for every invertible A",
        )
        .settles("ae-dimred", Verdict::HoldsIf)
        .after("Baldi & Hornik 1989")
        .exact(Tolerance::relative(1e-11), |optimum: &Subject<Optimum>, cases| {
            let pca = &digits()?.pca;
            let points = sigma_points(pca);
            for (number, (mixing, inverse)) in [
                (array![[1.0, 0.0], [0.0, 1.0]], array![[1.0, 0.0], [0.0, 1.0]]),
                (array![[2.0, 1.0], [1.0, 1.0]], array![[1.0, -1.0], [-1.0, 2.0]]),
                (array![[0.0, -4.0], [0.5, 2.0]], array![[1.0, 2.0], [-0.25, 0.0]]),
            ]
            .iter()
            .enumerate()
            {
                let loss = optimum.output(|optimum| optimum(pca, [mixing, inverse], &points));
                cases.equal(format!("matrix {number}"), loss, pca.discarded(2));
            }
            Ok(())
        })
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

/// A linear autoencoder with the code's length [`AT_A_GAP`], trained on sigma points, one batch a step.
pub(super) fn trained(points: &Array2<f64>, steps: usize, seed: u64) -> Autoencoder<f64> {
    let mut rng = stream(seed, [1]);
    let mut model = Autoencoder::new(&[64, AT_A_GAP], Activation::Identity, &mut rng);
    let schedule = Schedule { epochs: steps, batch: points.nrows(), learning_rate: 0.05, seed };
    train(&mut model, points, &schedule, |_, _| {});
    model
}

/// seed ↦ where a training's loss ends, divided by the floor
type Relative = fn(u64) -> Result<f64, CheckError>;

fn relative_to_floor(model: &Autoencoder<f64>) -> Result<f64, CheckError> {
    let pca = &digits()?.pca;
    Ok(model.loss_per_image(&sigma_points(pca)) / pca.discarded(AT_A_GAP))
}

pub(super) fn training() -> Claim<Relative> {
    claim("autoencoder/linear-training")
        .says("Gradient descent takes a linear autoencoder to within 1 % of the floor, from every start")
        .settles("ae-dimred", Verdict::HoldsIf)
        .after("Baldi & Hornik 1989: no local minima, only saddle points")
        .trained(|relative: &Subject<Relative>, runs| {
            for k in 0..SEEDS as u64 {
                let seed = runs.seed().wrapping_mul(SEEDS as u64).wrapping_add(k);
                let loss = relative.output(|relative| relative(seed))?;
                runs.within(format!("loss ÷ floor, run {k}"), &[loss], 1.0 - 1e-6, 1.01);
            }
            Ok(())
        })
        .holds_for(
            (|seed| {
                let points = sigma_points(&digits()?.pca);
                relative_to_floor(&trained(&points, 1500, seed))
            }) as Relative,
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
                let points = sigma_points(&digits()?.pca);
                relative_to_floor(&trained(&points, 150, seed))
            },
        )
}
