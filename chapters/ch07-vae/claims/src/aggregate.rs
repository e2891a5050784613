//! The aggregate posterior, and what codes say about their images.

use std::sync::OnceLock;

use claims::{
    CheckError, Claim, Rng, Subject, Tolerance, Verdict, claim, domain, scale, signed, whole,
};
use data::toy::Ring;
use ndarray::{Array2, Axis};
use nn::{Activation, Adam, Parameters};
use prob::gaussian::{entropy, standard_log_density};
use prob::random::stream;
use rand::Rng as _;

use ch07_vae::{
    Architecture, Examples, Likelihood, Objective, Posterior, Trainer, Vae, kl_to_standard_normal,
    purpose,
};

/// The codes of all images ↦ I(x; z) and KL(q(z) ‖ p(z))
type Split = fn(&Posterior<f64>) -> prob::Result<[f64; 2]>;

fn split(codes: &Posterior<f64>) -> prob::Result<[f64; 2]> {
    Ok([codes.information()?, codes.aggregate_kl()?])
}

/// A VAE with a Gaussian decoder that has learned six points on a circle by heart, nearly.
struct Learned {
    model: Vae<f64>,
    points: Array2<f64>,
    codes: Posterior<f64>,
}

const STEPS: u64 = 400;

fn learn(latent: usize, seed: u64) -> Learned {
    let architecture = Architecture {
        pixels: 2,
        hidden: vec![16],
        latent,
        activation: Activation::Tanh,
        likelihood: Likelihood::Gaussian { sigma: 0.5 },
    };
    let points = Ring { components: 6, ..Ring::default() }.centres();
    let examples = Examples::Points(points.clone());
    let order: Vec<usize> = (0..examples.len()).collect();
    let start = Vae::new(&architecture, &mut stream(seed, [purpose::WEIGHTS]));
    let mut trainer = Trainer::new(start, Adam::new(0.02), Objective::elbo(1.0));
    for epoch in 0..STEPS {
        trainer.step(&examples, &order, seed, epoch);
    }
    let mut model = Vae::<f64>::zeros(&architecture);
    for ((_, mut to), (_, from)) in model.tensors_mut().zip(trainer.model.tensors()) {
        to.assign(&from.mapv(f64::from));
    }
    let codes = model.encode(points.clone());
    Learned { model, points, codes }
}

impl Learned {
    /// The mean of E_q[log p(x|z)], by quadrature.
    fn reconstruction(&self) -> prob::Result<f64> {
        self.codes.mean_expectation(|n, z| self.log_likelihood(n, z))
    }

    /// The mean of E_q[log p(x, z) − log q(z|x)], by a quadrature of its own.
    fn elbo(&self) -> prob::Result<f64> {
        self.codes.mean_expectation(|n, z| {
            let log_prior: f64 = z.iter().map(|&z| standard_log_density(z)).sum();
            self.log_likelihood(n, z) + log_prior - self.codes.log_density(n, z)
        })
    }

    fn log_likelihood(&self, n: usize, z: &[f64]) -> f64 {
        let z = Array2::from_shape_fn((1, z.len()), |(_, j)| z[j]);
        let x = self.points.row(n).insert_axis(Axis(0)).to_owned();
        self.model.log_likelihood(&x, &self.model.decode(z))[0]
    }
}

/// I(x; z) the other way round: log N less the mean entropy of q(n|z), what is still open about the image
/// when the code is known.
fn information_from_guesses(codes: &Posterior<f64>) -> prob::Result<f64> {
    let count = codes.count();
    let open = codes.mean_expectation(|_, z| {
        let log_aggregate = codes.log_aggregate(z) + (count as f64).ln();
        let guesses = (0..count).map(|n| codes.log_density(n, z) - log_aggregate);
        -guesses.map(|log_p| if log_p > -700.0 { log_p.exp() * log_p } else { 0.0 }).sum::<f64>()
    })?;
    Ok((count as f64).ln() - open)
}

/// KL(q(z) ‖ p(z)) as cross-entropy, for which two moments are enough, less entropy.
fn aggregate_kl_from_entropy(codes: &Posterior<f64>) -> prob::Result<f64> {
    let negative_entropy = codes.mean_expectation(|_, z| codes.log_aggregate(z))?;
    let squares: f64 = codes.mean.iter().zip(&codes.log_var).map(|(m, v)| m * m + v.exp()).sum();
    let (count, latent) = codes.mean.dim();
    let cross_entropy = 0.5 * (squares / count as f64 + latent as f64 * std::f64::consts::TAU.ln());
    Ok(negative_entropy + cross_entropy)
}

/// Codes of one number, each at the same distance from the next, and of equal width.
fn in_a_row(images: usize, distance: f64, sigma: f64) -> Posterior<f64> {
    let middle = 0.5 * (images as f64 - 1.0);
    let mean = Array2::from_shape_fn((images, 1), |(n, _)| distance * (n as f64 - middle));
    Posterior { mean, log_var: Array2::from_elem((images, 1), 2.0 * sigma.ln()) }
}

fn mean_kl(codes: &Posterior<f64>) -> f64 {
    kl_to_standard_normal(codes).sum() / codes.count() as f64
}

/// A trained VAE, and the integrals that its parts are compared with.
struct Witness {
    learned: Learned,
    reconstruction: f64,
    elbo: f64,
    information: f64,
    kl: f64,
}

/// One of four trainings, each done once for all checks.
fn witness(number: usize, latent: usize, mut rng: Rng) -> Result<&'static Witness, CheckError> {
    static KNOWN: [OnceLock<Result<Witness, String>>; 4] = [const { OnceLock::new() }; 4];
    let mut make = || -> Result<Witness, CheckError> {
        let learned = learn(latent, rng.random());
        Ok(Witness {
            reconstruction: learned.reconstruction()?,
            elbo: learned.elbo()?,
            information: information_from_guesses(&learned.codes)?,
            kl: aggregate_kl_from_entropy(&learned.codes)?,
            learned,
        })
    };
    let known = KNOWN.get(number).ok_or("there are four trainings")?;
    let witness = known.get_or_init(|| make().map_err(|error| error.to_string()));
    witness.as_ref().map_err(|error| error.clone().into())
}

const SURGERY: &str = "Hoffman & Johnson 2016, ELBO surgery";

const MOMENT_MATCHED: &str = "q(z) was replaced by the Gaussian with its mean and variance. The sum of the two parts \
    does not notice; each of them is wrong, because the aggregate is a mixture.";
const PRIOR_FOR_AGGREGATE: &str = "The mean KL from the *prior* was called the mutual information: it contains the \
    aggregate's distance from the prior, and may exceed log N. Compare with q(z).";
const SUM_FOR_MEAN: &str = "q(z) is the mean of the q(z|xₙ), not their sum: without 1/N, log N moves from one part to \
    the other, and the information turns negative.";
const AVERAGED_PARAMETERS: &str = "Means and variances were averaged over the images: that is a Gaussian in the middle, \
    not the mixture of all codes.";

/// The Gaussian with the aggregate's mean and variance in each coordinate.
fn moment_matched(codes: &Posterior<f64>) -> prob::Result<[f64; 2]> {
    let mean = codes.mean.mean_axis(Axis(0)).unwrap_or_default();
    let squares = &codes.mean * &codes.mean + codes.log_var.mapv(f64::exp);
    let variance = squares.mean_axis(Axis(0)).unwrap_or_default() - &mean * &mean;
    let row = |values: ndarray::Array1<f64>| values.insert_axis(Axis(0));
    let q = Posterior { mean: row(mean), log_var: row(variance.mapv(f64::ln)) };
    Ok([mean_kl(codes) - mean_kl(&q), mean_kl(&q)])
}

fn averaged_parameters(codes: &Posterior<f64>) -> prob::Result<[f64; 2]> {
    let mean = codes.mean.mean_axis(Axis(0)).unwrap_or_default().insert_axis(Axis(0));
    let variance = codes.log_var.mapv(f64::exp).mean_axis(Axis(0)).unwrap_or_default();
    let q = Posterior { mean, log_var: variance.mapv(f64::ln).insert_axis(Axis(0)) };
    let information =
        codes.mean_expectation(|n, z| codes.log_density(n, z) - q.log_density(0, z))?;
    Ok([information, mean_kl(&q)])
}

fn prior_for_aggregate(codes: &Posterior<f64>) -> prob::Result<[f64; 2]> {
    Ok([mean_kl(codes), 0.0])
}

fn sum_for_mean(codes: &Posterior<f64>) -> prob::Result<[f64; 2]> {
    let log_n = (codes.count() as f64).ln();
    let [information, kl] = split(codes)?;
    Ok([information - log_n, kl + log_n])
}

pub(super) fn decomposition() -> Claim<Split> {
    claim("vae/aggregate")
        .says(
            "Mean ELBO = mean reconstruction − I(x; z) − KL(q(z) ‖ p(z)), each of the four an integral of its \
             own: in two trained VAEs with codes of one coordinate and in two with codes of two",
        )
        .settles("vae-aggregate", Verdict::HoldsIf)
        .after(SURGERY)
        .for_every(domain([whole("coordinates of the code", 1..=2), whole("training", 1..=2)]))
        .exact(
            // The grid gives eight digits for codes that overlap as little as these.
            Tolerance::absolute(1e-7),
            |split: &Subject<Split>, [latent, training], cases| {
                let number = 2.0 * (latent - 1.0) + training - 1.0;
                let witness = witness(number as usize, latent as usize, cases.rng(number as u64))?;
                let [information, kl] = split.output(|split| split(&witness.learned.codes))?;
                let elbo = witness.reconstruction - information - kl;
                cases.equal("ELBO from its parts", elbo, witness.elbo);
                cases.equal("I(x; z)", information, witness.information);
                cases.equal("KL(q(z) ‖ p(z))", kl, witness.kl);
                Ok(())
            },
        )
        .holds_for(split as Split)
        .fails_for("moment-matched", MOMENT_MATCHED, moment_matched)
        .fails_for("prior-for-aggregate", PRIOR_FOR_AGGREGATE, prior_for_aggregate)
        .fails_for("sum-for-mean", SUM_FOR_MEAN, sum_for_mean)
        .fails_for("averaged-parameters", AVERAGED_PARAMETERS, averaged_parameters)
        .fails_for(
            "log-n",
            "log N was taken for I(x; z): that is what a code could say at most. Codes that overlap say less.",
            |codes| Ok([(codes.count() as f64).ln(), codes.aggregate_kl()?]),
        )
}

/// What the quadrature of a mixture of narrow codes is good for.
const QUADRATURE: Tolerance = Tolerance::relative(1e-8).or_absolute(1e-7);

pub(super) fn ends() -> Claim<Split> {
    claim("vae/aggregate-ends")
        .says(
            "The mean KL is I + KL(q(z) ‖ p(z)), neither part is negative, and I is at most log N. Where all q(z|x) are \
             equal, as where each is the prior, a code says nothing: I = 0. Where codes never meet, I = log N. For codes \
             of one number",
        )
        .settles("vae-aggregate", Verdict::HoldsIf)
        .after(SURGERY)
        .for_every(
            domain([
                whole("N", 1..=8),
                signed("distance from one code to the next", 1e-3..=20.0),
                scale("σ", 0.01..=3.0),
            ])
            .with([[6.0, 0.0, 1.0], [6.0, 0.5, 0.02], [6.0, 0.5, 0.3]]),
        )
        .bound(QUADRATURE, |split: &Subject<Split>, [images, distance, sigma], margins| {
            let codes = in_a_row(images as usize, distance, sigma);
            let [information, kl] = split.output(|split| split(&codes))?;
            let (log_n, mean) = (images.ln(), mean_kl(&codes));
            margins.at_least("log N ≥ I", log_n, information);
            margins.at_least("I ≥ 0", information, 0.0);
            margins.at_least("KL(q(z) ‖ p(z)) ≥ 0", kl, 0.0);
            margins.at_least("mean KL ≥ I + KL(q(z) ‖ p(z))", mean, information + kl);
            margins.at_least("I + KL(q(z) ‖ p(z)) ≥ mean KL", information + kl, mean);
            if distance == 0.0 {
                margins.at_least("equal codes say nothing", 0.0, information);
            }
            if distance.abs() > 16.0 * sigma {
                margins.at_least("codes that never meet say log N", information, log_n);
            }
            Ok(())
        })
        .holds_for(split as Split)
        .fails_for("moment-matched", MOMENT_MATCHED, moment_matched)
        .fails_for("prior-for-aggregate", PRIOR_FOR_AGGREGATE, prior_for_aggregate)
        .fails_for("sum-for-mean", SUM_FOR_MEAN, sum_for_mean)
        .fails_for(
            "entropy-for-information",
            "This is the entropy of q(z), which changes with the unit of z: subtract the mean entropy of q(z|xₙ).",
            |codes| {
                let noise = codes.log_var.mapv(entropy).sum() / codes.count() as f64;
                Ok([codes.information()? + noise, codes.aggregate_kl()?])
            },
        )
}
