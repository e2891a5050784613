//! What becomes of σ without the KL.

use std::sync::Arc;

use claims::{
    CheckError, Claim, Rng, Subject, Tolerance, Verdict, claim, domain, scale, seed, whole,
};
use ndarray::{Array1, Array2, Axis, array};
use ndarray_rand::RandomExt;
use rand_distr::StandardNormal;

use super::small_runs::{
    GREY_DIGITS, Lies, Measure, Pair, WithoutKl, digits, extremes, over_runs, pairs, without_kl,
};
use ch07_vae::{Architecture, Likelihood, Posterior, Vae, noise_to_signal, reparameterize};

/// q(z|x) of some images ↦ rⱼ
type Ratio = fn(&Posterior<f64>) -> Array1<f64>;

pub(super) fn scale_is_free() -> Claim<Ratio> {
    claim("vae/scale-is-free")
        .says(
            "A coordinate of the code may be multiplied by any c > 0 if the decoder's weights on it are divided by it: \
             the output stays, σ becomes c σ, and σ/sd(μ) stays, so of the two only the ratio has a meaning",
        )
        .settles("vae-collapse-ae", Verdict::HoldsIf)
        .for_every(
            domain([
                scale("c", 1e-6..=1e6),
                whole("coordinate", 0..=1),
                whole("images", 2..=9),
                seed("the model, the images and the noise"),
            ])
            .with([[1.0, 0.0, 7.0, 1.0], [1e-3, 0.0, 7.0, 1.0], [50.0, 1.0, 7.0, 1.0]]),
        )
        .exact(Tolerance::relative(1e-11).or_absolute(1e-11), |ratio: &Subject<Ratio>, case, cases| {
            let [c, coordinate, images, number] = case;
            let half = 0.25_f64.ln();
            let q = Posterior { mean: array![[1.0], [-1.0]], log_var: array![[half], [half]] };
            let measured = ratio.output(|ratio| ratio(&q));
            cases.all_equal("μ = ±1, σ = ½", measured.as_slice().unwrap_or_default(), &[0.5]);
            let mut rng = cases.rng(number as u64);
            let model = small_model(&mut rng);
            let [x, noise] = [5, 2].map(|columns| {
                Array2::random_using((images as usize, columns), StandardNormal, &mut rng)
            });
            let q = model.encode(x);
            let output = model.decode(reparameterize(&q, &noise));
            let expected = ratio_by_loops(&q);
            let (scaled, q) = rescaled(&model, &q, coordinate as usize, c);
            let same = scaled.decode(reparameterize(&q, &noise));
            let difference = (&same - &output).fold(0.0_f64, |a, b| a.max(b.abs()));
            cases.equal("difference of the outputs", difference, 0.0);
            let measured = ratio.output(|ratio| ratio(&q));
            cases.all_equal("σ/sd(μ)", measured.as_slice().unwrap_or_default(), &expected);
            Ok(())
        })
        .holds_for((|q| noise_to_signal(q)) as Ratio)
        .fails_for(
            "absolute",
            "This is σ itself, which changes with the code's scale: divide by the standard deviation of μ.",
            |q| rms(&q.log_var.mapv(f64::exp)),
        )
        .fails_for(
            "log-variance-for-sigma",
            "You took exp(log σ²) for σ: that is the variance, so take its root.",
            |q| {
                let variances = q.log_var.mapv(f64::exp).mapv(|v| v * v);
                rms(&variances) / q.mean.std_axis(Axis(0), 0.0)
            },
        )
        .fails_for(
            "over-coordinates",
            "The standard deviation of μ was taken over the coordinates of one image: take it over images, \
             a number for each coordinate.",
            |q| {
                let across = q.mean.std_axis(Axis(1), 0.0).sum() / q.mean.nrows() as f64;
                rms(&q.log_var.mapv(f64::exp)).mapv_into(|sigma| sigma / across)
            },
        )
        .fails_for(
            "second-moment",
            "You divided by the root mean square of μ: that counts where the code lies as if it told images \
             apart; subtract the mean.",
            |q| rms(&q.log_var.mapv(f64::exp)) / rms(&q.mean.mapv(|m| m * m)),
        )
}

/// The root of the mean over images.
fn rms(squares: &ndarray::Array2<f64>) -> Array1<f64> {
    (squares.sum_axis(Axis(0)) / squares.nrows() as f64).mapv_into(f64::sqrt)
}

/// The same ratio, number by number.
fn ratio_by_loops(q: &Posterior<f64>) -> Vec<f64> {
    let n = q.mean.nrows() as f64;
    (0..q.mean.ncols())
        .map(|j| {
            let mean = q.mean.column(j).iter().sum::<f64>() / n;
            let signal: f64 = q.mean.column(j).iter().map(|m| (m - mean).powi(2)).sum();
            let noise: f64 = q.log_var.column(j).iter().map(|v| v.exp()).sum();
            (noise / signal).sqrt()
        })
        .collect()
}

fn small_model(rng: &mut Rng) -> Vae<f64> {
    let architecture = Architecture {
        pixels: 5,
        hidden: vec![4],
        latent: 2,
        activation: nn::Activation::Tanh,
        likelihood: Likelihood::Gaussian { sigma: 0.5 },
    };
    Vae::new(&architecture, rng)
}

/// A coordinate of the code multiplied by c, and the decoder's first weights on it divided by c.
fn rescaled(
    model: &Vae<f64>,
    q: &Posterior<f64>,
    coordinate: usize,
    c: f64,
) -> (Vae<f64>, Posterior<f64>) {
    let (mut scaled, mut q) = (model.clone(), q.clone());
    let weight = &mut scaled.decoder.layers[0].weight;
    weight.column_mut(coordinate).mapv_inplace(|weight| weight / c);
    q.mean.column_mut(coordinate).mapv_inplace(|mean| mean * c);
    q.log_var.column_mut(coordinate).mapv_inplace(|log_var| log_var + 2.0 * c.ln());
    (scaled, q)
}

/// One seed's trainings, with the KL and without.
pub(super) struct Both {
    pub(super) with: Arc<Vec<Pair>>,
    pub(super) without: Arc<Vec<WithoutKl>>,
    pub(super) run: usize,
}

/// The trainings of all seeds, with the KL and without.
pub(super) fn both(seed: u64) -> Result<Vec<Both>, CheckError> {
    let (with, without) = (pairs(seed)?, without_kl(seed)?);
    let both = |run| Both { with: Arc::clone(&with), without: Arc::clone(&without), run };
    Ok((0..with.len()).map(both).collect())
}

impl Both {
    pub(super) fn pair(&self) -> &Pair {
        &self.with[self.run]
    }

    pub(super) fn free(&self) -> &WithoutKl {
        &self.without[self.run]
    }

    fn with_kl(&self) -> Result<Posterior<f32>, CheckError> {
        Ok(self.pair().vae.encode(digits()?.train.clone()))
    }
}

pub(super) fn noise_vanishes() -> Claim<Measure<Both, 3>> {
    claim("vae/noise-vanishes")
        .says(
            "On the optical digits (8 numbers a code) without the KL the noise of every coordinate falls below \
             2 % of what tells images apart, and is smaller after 60 epochs than after 15; with the KL no \
             coordinate's is below 10 %",
        )
        .settles("vae-collapse-ae", Verdict::HoldsIf)
        .measured(GREY_DIGITS)
        .trained(|measure: &Subject<Measure<Both, 3>>, runs| {
            let trained = both(runs.seed())?;
            over_runs(measure, runs, &trained, [
                ("largest σ/sd(μ) without KL", Lies::Below(0.02)),
                ("the same, after 60 epochs ÷ after 15", Lies::Below(1.0)),
                ("smallest σ/sd(μ) with KL", Lies::Above(0.1)),
            ])
        })
        .holds_for((|both| {
            let ([late, _], [early, _]) = (extremes(&both.free().late), extremes(&both.free().early));
            Ok([late, late / early, extremes(&both.with_kl()?)[1]])
        }) as Measure<Both, 3>)
        .fails_for(
            "kl-kept",
            "The KL was still in the loss: train with β = 0, not only leave the KL out of what is printed.",
            |both| {
                let [largest, smallest] = extremes(&both.with_kl()?);
                Ok([largest, largest / extremes(&both.free().early)[0], smallest])
            },
        )
        .fails_for(
            "variance-for-sigma",
            "You took σ² for σ: a ratio below 1 then looks smaller than it is.",
            |both| {
                let squared = |q: &Posterior<f32>| Posterior {
                    mean: q.mean.clone(),
                    log_var: q.log_var.mapv(|log_var| 2.0 * log_var),
                };
                let [late, _] = extremes(&squared(&both.free().late));
                let [early, _] = extremes(&squared(&both.free().early));
                Ok([late, late / early, extremes(&squared(&both.with_kl()?))[1]])
            },
        )
        .fails_for(
            "exchanged",
            "The two trainings were exchanged: it is the one without the KL whose noise vanishes.",
            |both| {
                let with = extremes(&both.with_kl()?);
                let free = extremes(&both.free().late);
                Ok([with[0], free[0] / extremes(&both.free().early)[0], free[1]])
            },
        )
}
