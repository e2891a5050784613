//! What a small loss says of the subspace.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim, domain, scale, seed, whole};
use ndarray::{Array2, Axis, s};

use super::linear::{AT_A_GAP, STARTS, TRAINED, fully_trained, images, points};
use super::witness::{digits, normals};
use ch01_autoencoder::subspace::{angle_at_excess, largest_angle};
use ch01_autoencoder::{Autoencoder, Model, Pca, linear_optimum, orthonormal};

/// components, M, excess ↦ degrees
type Angle = fn(&Pca, usize, f64) -> f64;

/// The subspace of the first M components with v_M turned towards v_{M+1} by so many degrees.
fn turned(pca: &Pca, code: usize, degrees: f64) -> Pca {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let mut turned = pca.clone();
    let last = &pca.vectors.column(code - 1) * cosine + &pca.vectors.column(code) * sine;
    turned.vectors.column_mut(code - 1).assign(&last);
    turned
}

fn degrees(square_of_sine: f64) -> f64 {
    square_of_sine.clamp(0.0, 1.0).sqrt().asin().to_degrees()
}

pub(super) fn excess_and_angle() -> Claim<Angle> {
    claim("autoencoder/excess-and-angle")
        .says(
            "On the optical digits, turning v_M towards v_{M+1} by the angle of (1.11) raises the loss by the share r: a \
             linear autoencoder that is 1 % above the floor may still be 20° and more away from the principal subspace",
        )
        .settles("ae-dimred", Verdict::HoldsIf)
        .for_every(
            domain([whole("M", 2..=32), scale("r", 1e-6..=1e-1)])
                .with([[AT_A_GAP as f64, 1e-2], [2.0, 1e-2], [7.0, 3e-3]])
                .such_that("there is such an angle", |[code, excess]| {
                    digits().is_ok_and(|digits| {
                        let (values, code) = (&digits.pca.values, code as usize);
                        let gap = values[code - 1] - values[code];
                        excess * digits.pca.discarded(code) <= gap
                    })
                })
                .cases(150),
        )
        .exact(
            Tolerance::relative(1e-7).or_absolute(1e-12),
            |angle: &Subject<Angle>, [code, excess], cases| {
                let (pca, code) = (&digits()?.pca, code as usize);
                let angle = angle.output(|angle| angle(pca, code, excess));
                let eye = Array2::eye(code);
                let model = linear_optimum(&turned(pca, code, angle), &eye, &eye);
                let measured = model.loss_per_image(points()?) / pca.discarded(code) - 1.0;
                cases.equal("excess at the angle", measured, excess);
                if code == AT_A_GAP && excess == 1e-2 {
                    cases.equal("20°, or the angle if less", angle.min(20.0), 20.0);
                }
                Ok(())
            },
        )
        .holds_for(angle_at_excess as Angle)
        .fails_for(
            "sine-not-squared",
            "The excess was set proportional to sin θ: it goes with sin² θ, which is why a small excess \
             allows a large angle.",
            |pca, code, excess| {
                let gap = pca.values[code - 1] - pca.values[code];
                degrees((excess * pca.discarded(code) / gap).powi(2))
            },
        )
        .fails_for(
            "share-of-variance",
            "The excess was taken as a share of the whole variance: it is a share of what is discarded.",
            |pca, code, excess| {
                degrees(excess * pca.total / (pca.values[code - 1] - pca.values[code]))
            },
        )
        .fails_for(
            "no-gap",
            "λ_M stands alone: what v_M loses v_{M+1} brings in, so the cost goes with their difference.",
            |pca, code, excess| degrees(excess * pca.discarded(code) / pca.values[code - 1]),
        )
        .fails_for(
            "wrong-gap",
            "The gap before λ_M was used: the one that counts lies between λ_M, kept, and λ_{M+1}, discarded.",
            |pca, code, excess| {
                degrees(
                    excess * pca.discarded(code) / (pca.values[code - 2] - pca.values[code - 1]),
                )
            },
        )
}

/// components, M and an angle in degrees ↦ what the angle costs at the least
type Cost = fn(&Pca, usize, f64) -> f64;

fn sine_squared(angle: f64) -> f64 {
    angle.to_radians().sin().powi(2)
}

/// Images that the cost of an angle is looked at for.
const IMAGES: usize = 20;

pub(super) fn least_cost() -> Claim<Cost> {
    claim("autoencoder/cost-of-an-angle")
        .says(
            "A linear autoencoder whose subspace is turned away from the principal one by the angle θ loses \
             (λ_M − λ_{M+1}) sin² θ more than the floor, or still more",
        )
        .settles("ae-dimred", Verdict::HoldsIf)
        .for_every(
            domain([
                whole("D", 2..=8),
                whole("M", 1..=7),
                scale("distance of the basis from the principal one", 1e-3..=10.0),
                whole("directions that are turned", 1..=7),
                seed("20 images and the turn"),
            ])
            .such_that("M < D, and no more are turned than there are", |[pixels, code, _, turned, _]| {
                code < pixels && turned <= code
            }),
        )
        .bound(
            Tolerance::relative(1e-9).or_absolute(1e-12),
            |cost: &Subject<Cost>, [pixels, code, size, turned, seed], margins| {
                let (pixels, code) = (pixels as usize, code as usize);
                let mut rng = margins.rng(seed as u64);
                let x = images(IMAGES, pixels, &mut rng);
                let pca = Pca::fit(&x)?;
                // The last few directions are turned; a single one straight towards the first that is left out.
                let mut basis = pca.subspace(code);
                let first = code - turned as usize;
                let away = if turned == 1.0 {
                    pca.vectors.slice(s![.., code..=code]).to_owned()
                } else {
                    normals((pixels, turned as usize), &mut rng)
                };
                let mut moved = basis.slice_mut(s![.., first..]);
                moved += &(size * &away);
                let basis = orthonormal(&basis)?;
                let angle = largest_angle(&pca.subspace(code), &basis)?;
                let turned = Pca { vectors: basis, ..pca.clone() };
                let eye = Array2::eye(code);
                let loss = linear_optimum(&turned, &eye, &eye).loss_per_image(&x);
                let least = cost.output(|cost| cost(&pca, code, angle));
                margins.at_least("excess", loss - pca.discarded(code), least);
                Ok(())
            },
        )
        .holds_for(
            (|pca, code, angle| (pca.values[code - 1] - pca.values[code]) * sine_squared(angle)) as Cost,
        )
        .fails_for(
            "sine-not-squared",
            "The cost goes with sin² θ and not with sin θ, which is why a small excess allows a large angle.",
            |pca, code, angle| {
                (pca.values[code - 1] - pca.values[code]) * sine_squared(angle).sqrt()
            },
        )
        .fails_for(
            "no-gap",
            "λ_M stands alone: what v_M loses v_{M+1} brings in, so the cost goes with their difference.",
            |pca, code, angle| pca.values[code - 1] * sine_squared(angle),
        )
        .fails_for(
            "largest-gap",
            "The largest eigenvalue was taken for λ_M: the cheapest turn is that of the last direction kept.",
            |pca, code, angle| (pca.values[0] - pca.values[code]) * sine_squared(angle),
        )
}

/// seed ↦ the loss divided by the floor, and the largest angle to the principal subspace
type Outcome = fn(u64) -> Result<[f64; 2], CheckError>;

fn relative(model: &Autoencoder<f64>) -> Result<f64, CheckError> {
    Ok(model.loss_per_image(points()?) / digits()?.pca.discarded(AT_A_GAP))
}

fn outcome(seed: u64) -> Result<[f64; 2], CheckError> {
    let model = fully_trained(seed)?;
    let weight = &model.decoder.layers[0].weight;
    Ok([relative(&model)?, largest_angle(weight, &digits()?.pca.subspace(AT_A_GAP))?])
}

pub(super) fn principal_subspace() -> Claim<Outcome> {
    claim("autoencoder/principal-subspace")
        .says(
            "Trained to an excess below 1e-5 at a clear eigengap, a linear autoencoder's decoder spans the \
             principal subspace to within 2°",
        )
        .settles("ae-dimred", Verdict::HoldsIf)
        .after("Baldi & Hornik 1989")
        .measured(TRAINED)
        .trained(|outcome: &Subject<Outcome>, runs| {
            let (mut losses, mut cosines) = (Vec::new(), Vec::new());
            for k in 0..STARTS {
                let seed = runs.seed().wrapping_mul(STARTS).wrapping_add(k);
                let [loss, angle] = outcome.output(|outcome| outcome(seed))?;
                losses.push(loss);
                cosines.push(angle.to_radians().cos());
            }
            // Of five that are none below 1, or none above.
            runs.below("loss ÷ floor", &losses, 1.0 + 0.2e-5);
            let least = 1.0 - 0.2 * (1.0 - 2f64.to_radians().cos());
            runs.above("cosine of the largest angle", &cosines, least);
            Ok(())
        })
        .holds_for(outcome as Outcome)
        .fails_for(
            "within-one-percent",
            "Training stopped 1 % above the floor: at that loss the subspace may still be 26° off, so \
             train on until the excess is below 1e-5.",
            |_| {
                let pca = &digits()?.pca;
                let turned = turned(pca, AT_A_GAP, angle_at_excess(pca, AT_A_GAP, 0.01));
                let eye = Array2::eye(AT_A_GAP);
                let model = linear_optimum(&turned, &eye, &eye);
                let angle = largest_angle(
                    &model.decoder.layers[0].weight,
                    &pca.subspace(AT_A_GAP),
                )?;
                Ok([relative(&model)?, angle])
            },
        )
        .fails_for(
            "columns-are-components",
            "Each column of W₂ was compared with one eigenvector: the columns are any basis of the \
             subspace, so compare the spans.",
            |seed| {
                let pca = &digits()?.pca;
                let model = fully_trained(seed)?;
                let mut worst: f64 = 0.0;
                for k in 0..AT_A_GAP {
                    let column = model.decoder.layers[0].weight.slice(s![.., k..=k]).to_owned();
                    let component = pca.vectors.slice(s![.., k..=k]).to_owned();
                    worst = worst.max(largest_angle(&column, &component)?);
                }
                Ok([relative(&model)?, worst])
            },
        )
        .fails_for(
            "uncentred-components",
            "The components were computed without subtracting the mean image, which then is nearly one of \
             them: centre the data for both.",
            |seed| {
                let (points, model) = (points()?, fully_trained(seed)?);
                let both = ndarray::concatenate(Axis(0), &[points.view(), (-points).view()])?;
                let other = Pca::fit(&both)?.subspace(AT_A_GAP);
                let angle = largest_angle(&model.decoder.layers[0].weight, &other)?;
                Ok([relative(&model)?, angle])
            },
        )
}
