//! Any points on one line; and what no continuous code can do.

use claims::{Claim, Setting, Subject, Tolerance, Verdict, claim, domain, scale, seed, whole};
use data::shuffled;
use ndarray::{Array1, Array2, Axis};
use ndarray_rand::RandomExt;
use nn::{Activation, Mlp};
use prob::random::stream;
use rand_distr::StandardNormal;
use std::f64::consts::PI;

use super::witness::{digits, normals};
use ch01_autoencoder::memory::{antipodes, memorise, polygon};
use ch01_autoencoder::{Autoencoder, Model, SEEDS};

/// points and a direction ↦ an autoencoder with a code of one number
type Memory = fn(&Array2<f64>, &Array1<f64>) -> Autoencoder<f64>;

const POINTS: usize = 50;

const SLOPES: &str = "Each knot got the whole slope: rectifiers that are on stay on, so a knot adds only the *change* of \
    slope.";
const UNSORTED: &str =
    "The points were joined in the order of the file: sort them by their codes first.";

fn whole_slopes(x: &Array2<f64>, direction: &Array1<f64>) -> Autoencoder<f64> {
    let mut model = memorise(x, direction);
    let weight = &mut model.decoder.layers[1].weight;
    for k in 1..weight.ncols() {
        let (before, change) = (weight.column(k - 1).to_owned(), weight.column(k).to_owned());
        weight.column_mut(k).assign(&(before + change));
    }
    model
}

pub(super) fn memorised() -> Claim<Memory> {
    claim("autoencoder/memorised-line")
        .says(
            "Fifty optical digits fit into one number each without loss, but most of the others come back worse than as \
             the mean image",
        )
        .settles("ae-lossless-1d", Verdict::HoldsIf)
        .measured(Setting {
            data: "1797 optical digits of 8 × 8 pixels, of which 50 are memorised",
            settings: "the polygon of (1.14), codes by a random projection",
            runs: SEEDS as u32,
        })
        .trained(|memory: &Subject<Memory>, runs| {
            let digits = digits()?;
            let mut memorised = [0.0; SEEDS];
            let mut held_out = [0.0; SEEDS];
            for (k, (memorised, held_out)) in memorised.iter_mut().zip(&mut held_out).enumerate() {
                let mut rng = stream(runs.seed(), [k as u64]);
                let order = shuffled(digits.all.nrows(), &mut rng);
                let x = digits.all.select(Axis(0), &order[..POINTS]);
                let others = digits.all.select(Axis(0), &order[POINTS..]);
                let direction = Array1::random_using(64, StandardNormal, &mut rng);
                let model = memory.pick(|memory| memory(&x, &direction));
                *memorised = 1.0 - model.loss_per_image(&x) / digits.pca.total;
                let square = |row: ndarray::ArrayView1<'_, f64>| row.dot(&row);
                let errors = model.reconstruct(&others) - &others;
                let of_mean = &others - &digits.pca.mean;
                let worse = errors.rows().into_iter().zip(of_mean.rows());
                let worse = worse.filter(|(error, of_mean)| square(*error) > square(*of_mean));
                *held_out = worse.count() as f64 / others.nrows() as f64;
            }
            // The share is at most 1: a mean of five above 1 − 2e-5 leaves none below 1 − 1e-4.
            runs.above("share of the variance explained, memorised", &memorised, 1.0 - 2e-5);
            let label = "other images that come back worse than the mean image, share";
            runs.above(label, &held_out, 0.5);
            Ok(())
        })
        .holds_for(memorise as Memory)
        .fails_for("slopes", SLOPES, whole_slopes)
        .fails_for("unsorted", UNSORTED, |x, direction| polygon(x, &x.dot(direction), direction))
        .fails_for(
            "forgotten-points",
            "The decoder has 15 knots only, so that most points are lost: N points need N − 1 of them.",
            |x, direction| {
                memorise(&x.slice(ndarray::s![..16, ..]).to_owned(), direction)
            },
        )
        .fails_for(
            "mean-image",
            "The decoder gives the mean image whatever the code: nothing was memorised.",
            |x, direction| {
                let mut model = memorise(x, direction);
                let last = &mut model.decoder.layers[1];
                last.weight.fill(0.0);
                last.bias = x.sum_axis(Axis(0)) / x.nrows() as f64;
                model
            },
        )
}

/// points and a direction ↦ what the autoencoder makes of the points
type Recalled = fn(&Array2<f64>, &Array1<f64>) -> Array2<f64>;

pub(super) fn any_points() -> Claim<Recalled> {
    claim("autoencoder/any-points-on-a-line")
        .says(
            "Finitely many points fit into one number each without loss, if no two of them coincide under the projection: \
             the polygon of (1.14) goes through them all",
        )
        .settles("ae-lossless-1d", Verdict::HoldsIf)
        .for_every(domain([whole("points", 2..=40), whole("D", 1..=8), seed("points and direction")]))
        .exact(
            Tolerance::absolute(1e-6)
                .because("two codes that nearly coincide make a slope that magnifies rounding"),
            |recalled: &Subject<Recalled>, [count, pixels, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let x = normals((count as usize, pixels as usize), &mut rng);
                let direction = Array1::random_using(pixels as usize, StandardNormal, &mut rng);
                let measured = recalled.output(|recalled| recalled(&x, &direction));
                let list = |x: &Array2<f64>| x.iter().copied().collect::<Vec<_>>();
                cases.all_equal("pixel", &list(&measured), &list(&x));
                Ok(())
            },
        )
        .holds_for((|x, direction| memorise(x, direction).reconstruct(x)) as Recalled)
        .fails_for("slopes", SLOPES, |x, direction| whole_slopes(x, direction).reconstruct(x))
        .fails_for("unsorted", UNSORTED, |x, direction| {
            polygon(x, &x.dot(direction), direction).reconstruct(x)
        })
        .fails_for(
            "last-knot-forgotten",
            "The last slope is missing: N points are joined by N − 1 pieces, so k goes up to N − 1.",
            |x, direction| {
                let mut model = memorise(x, direction);
                let weight = &mut model.decoder.layers[1].weight;
                let last = weight.ncols() - 1;
                weight.column_mut(last).fill(0.0);
                model.reconstruct(x)
            },
        )
}

/// a continuous encoder of the unit circle (by its angle) ↦ two opposite points that share a code, given
/// by one of their angles, and the least possible larger one of their two squared errors
type Clash = fn(&dyn Fn(f64) -> f64) -> [f64; 2];

pub(super) fn antipodal_codes() -> Claim<Clash> {
    claim("autoencoder/antipodal-codes")
        .says(
            "Every continuous code of one number gives two opposite points of a circle the same code, so \
             one of them comes back at least a radius away",
        )
        .settles("ae-lossless-1d", Verdict::HoldsIf)
        .after("Borsuk 1933")
        .for_every(
            domain([
                whole("hidden units of the encoder", 1..=24),
                scale("size of its weights", 0.1..=30.0),
                seed("the encoder"),
            ])
            .cases(150),
        )
        .exact(
            Tolerance::absolute(1e-9).because("the angle is found by bisection of a flat function"),
            |clash: &Subject<Clash>, [width, size, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let (tanh, identity) = (Activation::Tanh, Activation::Identity);
                let net = Mlp::<f64>::new(&[2, width as usize, 1], tanh, identity, &mut rng);
                let code = |angle: f64| {
                    let (y, x) = angle.sin_cos();
                    net.forward(ndarray::array![[size * x, size * y]]).output[[0, 0]]
                };
                let [angle, worst] = clash.output(|clash| clash(&code));
                cases.equal("difference of codes", code(angle), code(angle + PI));
                cases.equal("least larger squared error", worst, 1.0);
                Ok(())
            },
        )
        .holds_for((|code| {
            // One decoder output for both points; half-way between them neither is favoured.
            let angle = antipodes(code);
            let [(y1, x1), (y2, x2)] = [angle, angle + PI].map(f64::sin_cos);
            let middle = (0.5 * (x1 + x2), 0.5 * (y1 + y2));
            let square = |x: f64, y: f64| (x - middle.0).powi(2) + (y - middle.1).powi(2);
            [angle, square(x1, y1).max(square(x2, y2))]
        }) as Clash)
        .fails_for(
            "lossless",
            "Capacity was taken for a way out: however wide the networks, equal codes are decoded equally.",
            |code| [antipodes(code), 0.0],
        )
        .fails_for(
            "one-point-exact",
            "The decoder gives back one point of the pair exactly, and is a whole diameter off at the other.",
            |code| [antipodes(code), 4.0],
        )
        .fails_for(
            "any-pair",
            "A pair of opposite points was taken at random: look for the one whose codes agree, where \
             z(θ) − z(θ + π) changes sign.",
            |code| [antipodes(code) + 0.7, 1.0],
        )
}
