//! Any points on one line; and what no continuous code can do.

use claims::{Claim, Subject, Tolerance, Verdict, claim};
use data::shuffled;
use ndarray::{Array1, Array2, Axis};
use ndarray_rand::RandomExt;
use nn::{Activation, Mlp};
use prob::random::stream;
use rand_distr::StandardNormal;
use std::f64::consts::PI;

use super::witness::digits;
use ch01_autoencoder::memory::{antipodes, memorise, polygon};
use ch01_autoencoder::{Autoencoder, Model, SEEDS};

/// points and a direction ↦ an autoencoder with a code of one number
type Memory = fn(&Array2<f64>, &Array1<f64>) -> Autoencoder<f64>;

const POINTS: usize = 50;

pub(super) fn memorised() -> Claim<Memory> {
    claim("autoencoder/memorised-line")
        .says(
            "Fifty digits fit into one number each without loss, but most digits that were not memorised \
             come back worse than as the mean image: this is a list, not a representation",
        )
        .settles("ae-lossless-1d", Verdict::HoldsIf)
        .trained(|memory: &Subject<Memory>, runs| {
            let digits = digits()?;
            let mut held_out = [0.0; SEEDS];
            for (k, held_out) in held_out.iter_mut().enumerate() {
                let mut rng = stream(runs.seed(), [k as u64]);
                let order = shuffled(digits.all.nrows(), &mut rng);
                let x = digits.all.select(Axis(0), &order[..POINTS]);
                let others = digits.all.select(Axis(0), &order[POINTS..]);
                let direction = Array1::random_using(64, StandardNormal, &mut rng);
                let model = memory.pick(|memory| memory(&x, &direction));
                let explained =
                    |x: &Array2<f64>| 1.0 - model.loss_per_image(x) / digits.pca.total;
                let label = format!("share of the variance explained, memorised, run {k}");
                runs.within(label, &[explained(&x)], 1.0 - 1e-4, 1.0 + 1e-9);
                let square = |row: ndarray::ArrayView1<'_, f64>| row.dot(&row);
                let errors = model.reconstruct(&others) - &others;
                let of_mean = &others - &digits.pca.mean;
                let worse = errors.rows().into_iter().zip(of_mean.rows());
                let worse = worse.filter(|(error, of_mean)| square(*error) > square(*of_mean));
                *held_out = worse.count() as f64 / others.nrows() as f64;
            }
            let label = "held-out images that come back worse than the mean image, share, five runs";
            runs.within(label, &held_out, 0.75, 1.0);
            Ok(())
        })
        .holds_for(memorise as Memory)
        .fails_for(
            "slopes",
            "Each knot got the whole slope: rectifiers that are on stay on, so a knot adds only the \
             *change* of slope.",
            |x, direction| {
                let mut model = memorise(x, direction);
                let weight = &mut model.decoder.layers[1].weight;
                for k in 1..weight.ncols() {
                    let (before, change) = (weight.column(k - 1).to_owned(), weight.column(k).to_owned());
                    weight.column_mut(k).assign(&(before + change));
                }
                model
            },
        )
        .fails_for(
            "unsorted",
            "The points were joined in the order of the file: sort them by their codes first.",
            |x, direction| polygon(x, &x.dot(direction), direction),
        )
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
        .exact(Tolerance::absolute(1e-9).because("the angle is found by bisection of a flat function"),
            |clash: &Subject<Clash>, cases| {
            for k in 0..4 {
                let mut rng = cases.rng(k);
                let (tanh, identity) = (Activation::Tanh, Activation::Identity);
                let net = Mlp::<f64>::new(&[2, 12, 1], tanh, identity, &mut rng);
                let code = |angle: f64| {
                    let (y, x) = angle.sin_cos();
                    net.forward(ndarray::array![[3.0 * x, 3.0 * y]]).output[[0, 0]]
                };
                let [angle, worst] = clash.output(|clash| clash(&code));
                cases.equal(format!("difference of codes, encoder {k}"), code(angle), code(angle + PI));
                cases.equal(format!("least larger squared error, encoder {k}"), worst, 1.0);
            }
            Ok(())
        })
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
