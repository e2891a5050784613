//! Where the variety of the outputs comes from.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim, domain, scale, seed, whole};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis};
use ndarray_rand::RandomExt;
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;

use super::collapse::{Both, both};
use super::small_runs::{GREY_DIGITS, Lies, Measure, SIGMA, digits, over_runs, prior};
use ch07_vae::{Spread, Vae, outputs_over_noise};

/// Outputs, images × draws × pixels ↦ the variance over everything, at a fixed image, and between images.
type Parts = fn(ArrayView3<'_, f64>) -> [f64; 3];

fn parts(outputs: ArrayView3<'_, f64>) -> [f64; 3] {
    let Spread { total, within, between } = Spread::of(outputs);
    [total, within, between]
}

pub(super) fn total_variance() -> Claim<Parts> {
    claim("vae/total-variance")
        .says(
            "The variance of all outputs is the mean variance at a fixed image plus the variance of the images' \
             mean outputs, exactly, for the numbers at hand",
        )
        .settles("vae-diversity", Verdict::Measured)
        .after("the law of total variance")
        .for_every(
            domain([
                whole("images", 1..=6),
                whole("draws", 1..=6),
                whole("pixels", 1..=5),
                scale("spread of the images, in units of the draws'", 1e-2..=1e2),
                seed("the outputs"),
            ])
            .with([[6.0, 4.0, 3.0, 1.0, 1.0], [3.0, 6.0, 5.0, 1.0, 1.0]]),
        )
        .exact(Tolerance::relative(1e-11).or_absolute(1e-11), |parts: &Subject<Parts>, case, cases| {
            let [images, draws, pixels, spread, number] = case;
            let (images, draws, pixels) = (images as usize, draws as usize, pixels as usize);
            let mut rng = cases.rng(number as u64);
            let shift: Array2<f64> =
                Array2::random_using((images, pixels), StandardNormal, &mut rng) * spread;
            let outputs = Array3::from_shape_fn((images, draws, pixels), |(image, _, pixel)| {
                shift[[image, pixel]] + rng.sample::<f64, _>(StandardNormal)
            });
            let [total, within, between] = parts.output(|parts| parts(outputs.view()));
            cases.equal("total", total, by_pairs(outputs.view()));
            cases.equal("the parts", within + between, by_pairs(outputs.view()));
            let of_image = |image: ArrayView2<'_, f64>| by_pairs(image.insert_axis(Axis(0)));
            let of_images: f64 = outputs.outer_iter().map(of_image).sum();
            cases.equal("within", within, of_images / images as f64);
            Ok(())
        })
        .holds_for(parts as Parts)
        .fails_for(
            "n-minus-one",
            "The variances have divisors n − 1: then the law holds for expectations, not for the numbers; \
             divide by n.",
            |outputs| {
                let (images, draws, pixels) = outputs.dim();
                let all = outputs.to_shape((images * draws, pixels)).expect("as many numbers");
                let means = outputs.sum_axis(Axis(1)) / draws as f64;
                [
                    all.var_axis(Axis(0), 1.0).sum(),
                    outputs.var_axis(Axis(1), 1.0).sum() / images as f64,
                    means.var_axis(Axis(0), 1.0).sum(),
                ]
            },
        )
        .fails_for(
            "wrong-axis",
            "You averaged over images and took the variance over draws: condition on the image, so average over \
             its draws.",
            |outputs| {
                let [total, ..] = parts(outputs);
                let [_, within, between] = parts(outputs.permuted_axes([1, 0, 2]));
                [total, between, within]
            },
        )
        .fails_for(
            "mean-over-pixels",
            "You averaged over pixels: the variance of an image is the sum over its pixels.",
            |outputs| {
                let pixels = outputs.len_of(Axis(2)) as f64;
                // A single pixel hides it, so the total gives it away.
                parts(outputs).map(|part| part / pixels)
            },
        )
        .fails_for(
            "standard-deviations",
            "Standard deviations do not add: use variances.",
            |outputs| parts(outputs).map(f64::sqrt),
        )
}

/// ½ E‖y − y′‖² over all pairs of outputs: a variance without a mean.
fn by_pairs(outputs: ArrayView3<'_, f64>) -> f64 {
    let (images, draws, pixels) = outputs.dim();
    let all = outputs.to_shape((images * draws, pixels)).expect("as many numbers");
    let squared = |a: usize, b: usize| (&all.row(a) - &all.row(b)).mapv(|d| d * d).sum();
    let n = images * draws;
    let sum: f64 =
        (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).map(|(a, b)| squared(a, b)).sum();
    0.5 * sum / (n * n) as f64
}

/// Held-out images through the encoder and 16 draws of noise.
fn outputs(model: &Vae<f32>, seed: u64) -> Result<Array3<f64>, CheckError> {
    let posterior = model.encode(digits()?.test.clone());
    Ok(outputs_over_noise(model, &posterior, 16, &mut stream(seed, [7])))
}

/// The variance of what is decoded from draws of the prior, summed over pixels.
fn of_prior(both: &Both) -> Result<f64, CheckError> {
    let decoded = both.pair().vae.decode_mean(prior(&*digits()?, both.pair().seed));
    Ok(decoded.mapv(f64::from).var_axis(Axis(0), 0.0).sum())
}

/// The three figures with the variances' parts taken in another way.
fn shares(both: &Both, share: fn(ArrayView3<'_, f64>) -> f64) -> Result<[f64; 3], CheckError> {
    let seed = both.pair().seed;
    let [with, without] = [outputs(&both.pair().vae, seed)?, outputs(&both.free().model, seed)?];
    let total = Spread::of(with.view()).total;
    Ok([share(with.view()), share(without.view()), of_prior(both)? / total])
}

pub(super) fn diversity() -> Claim<Measure<Both, 3>> {
    claim("vae/diversity")
        .says(
            "On held-out optical digits the noise at a fixed image makes 3 to 6 % of the variance of the outputs, \
             and without the KL less than a thousandth: most of the variety comes from the images. Draws from the \
             prior, where all of it comes from noise, have 70 to 90 % of that variance",
        )
        .settles("vae-diversity", Verdict::Measured)
        .measured(GREY_DIGITS)
        .trained(|measure: &Subject<Measure<Both, 3>>, runs| {
            let trained = both(runs.seed())?;
            over_runs(measure, runs, &trained, [
                ("share of the noise with KL", Lies::Between(0.03, 0.06)),
                ("share of the noise without KL", Lies::Below(1e-3)),
                ("variance of draws from the prior ÷ of outputs", Lies::Between(0.7, 0.9)),
            ])
        })
        .holds_for(
            (|both| shares(both, |outputs| Spread::of(outputs).share_within())) as Measure<Both, 3>,
        )
        .fails_for(
            "between-images",
            "This is the variance over images: the noise's part is the variance over draws of one image.",
            |both| shares(both, |outputs| 1.0 - Spread::of(outputs).share_within()),
        )
        .fails_for(
            "standard-deviations",
            "A ratio of standard deviations was called a share: shares add up to 1 for variances only.",
            |both| shares(both, |outputs| Spread::of(outputs).share_within().sqrt()),
        )
        .fails_for(
            "pixel-noise",
            "The decoder's own σ² was counted with the noise on the code: it is the same at every image and \
             says nothing of the code.",
            |both| shares(both, |outputs| {
                let Spread { total, within, .. } = Spread::of(outputs);
                let pixels = outputs.len_of(Axis(2)) as f64 * SIGMA * SIGMA;
                (within + pixels) / (total + pixels)
            }),
        )
        .fails_for(
            "one-draw",
            "Only one draw for each image: its variance is 0 whatever σ is, so draw several.",
            |both| shares(both, |outputs| {
                Spread::of(outputs.slice(ndarray::s![.., ..1, ..])).share_within()
            }),
        )
}
