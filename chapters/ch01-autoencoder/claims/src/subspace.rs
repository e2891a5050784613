//! What a small loss says of the subspace.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim};
use ndarray::{Array2, Axis, s};

use super::linear::{AT_A_GAP, trained};
use super::witness::digits;
use ch01_autoencoder::subspace::{angle_at_excess, largest_angle};
use ch01_autoencoder::{Autoencoder, Model, Pca, SEEDS, linear_optimum, sigma_points};

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
            "A linear autoencoder that is 1 % above the floor may still be tens of degrees away from the \
             principal subspace",
        )
        .settles("ae-dimred", Verdict::HoldsIf)
        .exact(Tolerance::relative(1e-7), |angle: &Subject<Angle>, cases| {
            let pca = &digits()?.pca;
            let points = sigma_points(pca);
            for (code, excess) in [(AT_A_GAP, 1e-2), (AT_A_GAP, 1e-5), (2, 1e-2), (7, 3e-3)] {
                let angle = angle.output(|angle| angle(pca, code, excess));
                let eye = Array2::eye(code);
                let model = linear_optimum(&turned(pca, code, angle), &eye, &eye);
                let measured = model.loss_per_image(&points) / pca.discarded(code) - 1.0;
                cases.equal(format!("excess at the angle, M = {code}"), measured, excess);
            }
            Ok(())
        })
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

/// seed ↦ the loss divided by the floor, and the largest angle to the principal subspace
type Outcome = fn(u64) -> Result<[f64; 2], CheckError>;

fn relative(model: &Autoencoder<f64>, pca: &Pca, points: &Array2<f64>) -> f64 {
    model.loss_per_image(points) / pca.discarded(AT_A_GAP)
}

fn outcome(seed: u64, steps: usize) -> Result<[f64; 2], CheckError> {
    let pca = &digits()?.pca;
    let points = sigma_points(pca);
    let model = trained(&points, steps, seed);
    let weight = &model.decoder.layers[0].weight;
    Ok([relative(&model, pca, &points), largest_angle(weight, &pca.subspace(AT_A_GAP))?])
}

pub(super) fn principal_subspace() -> Claim<Outcome> {
    claim("autoencoder/principal-subspace")
        .says(
            "Trained to an excess below 1e-5 at a clear eigengap, a linear autoencoder's decoder spans the \
             principal subspace to within 2°",
        )
        .settles("ae-dimred", Verdict::HoldsIf)
        .after("Baldi & Hornik 1989")
        .trained(|outcome: &Subject<Outcome>, runs| {
            for k in 0..SEEDS as u64 {
                let seed = runs.seed().wrapping_mul(SEEDS as u64).wrapping_add(k);
                let [loss, angle] = outcome.output(|outcome| outcome(seed))?;
                runs.within(format!("loss ÷ floor, run {k}"), &[loss], 1.0 - 1e-9, 1.0 + 1e-5);
                // By its cosine: a range of degrees from 0 to 2 could not tell 26° from 87°.
                let cosine = angle.to_radians().cos();
                let label = format!("cosine of the largest angle, run {k}");
                runs.within(label, &[cosine], 2f64.to_radians().cos(), 1.0 + 1e-9);
            }
            Ok(())
        })
        .holds_for((|seed| outcome(seed, 1500)) as Outcome)
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
                Ok([relative(&model, pca, &sigma_points(pca)), angle])
            },
        )
        .fails_for(
            "columns-are-components",
            "Each column of W₂ was compared with one eigenvector: the columns are any basis of the \
             subspace, so compare the spans.",
            |seed| {
                let pca = &digits()?.pca;
                let points = sigma_points(pca);
                let model = trained(&points, 1500, seed);
                let mut worst: f64 = 0.0;
                for k in 0..AT_A_GAP {
                    let column = model.decoder.layers[0].weight.slice(s![.., k..=k]).to_owned();
                    let component = pca.vectors.slice(s![.., k..=k]).to_owned();
                    worst = worst.max(largest_angle(&column, &component)?);
                }
                Ok([relative(&model, pca, &points), worst])
            },
        )
        .fails_for(
            "uncentred-components",
            "The components were computed without subtracting the mean image, which then is nearly one of \
             them: centre the data for both.",
            |seed| {
                let pca = &digits()?.pca;
                let points = sigma_points(pca);
                let model = trained(&points, 1500, seed);
                let both = ndarray::concatenate(Axis(0), &[points.view(), (-&points).view()])?;
                let other = Pca::fit(&both)?.subspace(AT_A_GAP);
                let angle = largest_angle(&model.decoder.layers[0].weight, &other)?;
                Ok([relative(&model, pca, &points), angle])
            },
        )
}
