//! Whose density is decomposed: the model's, not the data's.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, real, scale, seed, signed, whole};
use ndarray::{Array1, array};
use ndarray_rand::RandomExt;
use prob::{DiagonalGaussian, FullGaussian, Gaussian, Mixture};
use rand_distr::StandardNormal;

use ch02_variational_inference::{
    LinearGaussian, elbo, expected_log_density, expected_log_evidence, kl_to_posterior,
};

/// A model, the data's own density, and marks.
pub(super) struct Situation {
    model: LinearGaussian,
    data: FullGaussian,
    q: DiagonalGaussian,
    x: Array1<f64>,
}

/// situation ↦ what ELBO(q) + KL(q ‖ p(z | x)) is said to be
type LeftSide = fn(&Situation) -> prob::Result<f64>;

pub(super) fn model_evidence() -> Claim<LeftSide> {
    claim("variational-inference/model-evidence")
        .says(
            "ELBO(q) + KL(q ‖ p_θ(z | x)) is the model's log p_θ(x) for every q, not the log-density of the \
             distribution that the data came from",
        )
        .settles("vi-true-p", Verdict::Corrected)
        .for_every(domain([
            whole("d", 1..=6),
            signed("q's means", 0.01..=10.0),
            real("q's log-variances", -5.0..=2.0),
            seed("the model, the data and q"),
        ]))
        .exact(
            // The ELBO of a q far from the posterior is large, and most of it is taken back by the divergence.
            Tolerance::relative(1e-11),
            |left: &Subject<LeftSide>, [d, mean, log_var, seed], cases| {
                let (d, mut rng) = (d as usize, cases.rng(seed as u64));
                let model = super::bayes::random_model(d, &mut rng)?;
                // The data know of one more ability, and of other means.
                let data = super::bayes::random_model(d + 1, &mut rng)?.marginal()?;
                let x = data.sample(&mut rng);
                let [about, near]: [Array1<f64>; 2] =
                    [(); 2].map(|()| Array1::random_using(d, StandardNormal, &mut rng));
                let q = DiagonalGaussian::new(mean * about, log_var + 0.3 * near)?;
                let expected =
                    elbo(&model, x.view(), &q)? + kl_to_posterior(&model, x.view(), &q)?;
                let situation = Situation { model, data, q, x };
                let measured = left.output(|left| left(&situation))?;
                cases.equal("ELBO + KL", measured, expected);
                Ok(())
            },
        )
        .holds_for((|s| s.model.log_evidence(s.x.view())) as LeftSide)
        .fails_for(
            "the-data's-density",
            "This is the density that the data came from, which nobody knows; the identity is about \
             p_θ(x) = ∫ p(z) p_θ(x | z) dz, the model's.",
            |s| s.data.log_density(s.x.view()),
        )
        .fails_for(
            "likelihood-at-the-mean",
            "This is p(x | z) at q's mean; p(x) has the ability integrated out.",
            |s| s.model.log_likelihood(s.x.view(), s.q.mean()),
        )
        .fails_for(
            "bound-for-evidence",
            "This is the bound itself; the evidence is larger by KL(q ‖ p(z | x)).",
            |s| elbo(&s.model, s.x.view(), &s.q),
        )
        .fails_for(
            "gap-subtracted",
            "The divergence was subtracted from the bound: the evidence lies above the bound, so add it.",
            |s| {
                let gap = kl_to_posterior(&s.model, s.x.view(), &s.q)?;
                Ok(elbo(&s.model, s.x.view(), &s.q)? - gap)
            },
        )
}

/// data and model, both on the line ↦ the mean of log p_θ(x) over data
type MeanLogDensity = fn(&Gaussian, &Gaussian) -> prob::Result<f64>;

fn full(of: &Gaussian) -> prob::Result<FullGaussian> {
    FullGaussian::new(array![of.mean()], array![[of.sigma().powi(2)]].view())
}

pub(super) fn misspecified() -> Claim<MeanLogDensity> {
    claim("variational-inference/misspecified")
        .says(
            "For Gaussian data and a Gaussian model on the line, log p_θ(x) is over the data on average \
             −H(p_data) − KL(p_data ‖ p_θ)",
        )
        .settles("vi-true-p", Verdict::Corrected)
        .for_every(
            domain([
                real("mean of the data", 0.0..=100.0),
                scale("their σ", 0.1..=30.0),
                real("mean of the model", 0.0..=100.0),
                scale("its σ", 0.1..=30.0),
            ])
            .with([
                [72.0, 10.8, 68.0, 8.0],
                [70.0, 5.0, 70.0, 12.0],
                [65.0, 9.0, 80.0, 10.0],
                [60.0, 11.0, 61.0, 11.5],
            ]),
        )
        .exact(
            Tolerance::relative(1e-10)
                .or_absolute(1e-10)
                .because("the witness is a quadrature of eleven digits"),
            |of: &Subject<MeanLogDensity>, [mean, sigma, model_mean, model_sigma], cases| {
                let (p, q) = (Gaussian::new(mean, sigma)?, Gaussian::new(model_mean, model_sigma)?);
                let data = Mixture::new(&[1.0], vec![p])?;
                let expected = expected_log_density(&data, |x| q.log_density(x))?;
                let measured = of.output(|mean| mean(&p, &q))?;
                cases.equal("", measured, expected);
                Ok(())
            },
        )
        .holds_for((|p, q| expected_log_evidence(&full(p)?, &full(q)?)) as MeanLogDensity)
        .fails_for(
            "true-density",
            "This is −H(p_data), the mean log-density of the data under their own density; under the \
             model it is less by KL(p_data ‖ p_θ).",
            |p, _| Ok(-p.entropy()),
        )
        .fails_for(
            "model's-entropy",
            "This is the mean over draws from the model; the mean is over the data.",
            |_, q| Ok(-q.entropy()),
        )
        .fails_for(
            "swapped",
            "The divergence is the wrong way round: the mean is over the data, so the data come first.",
            |p, q| Ok(-p.entropy() - q.kl(p)),
        )
        .fails_for(
            "entropy-forgotten",
            "The data's entropy is missing: a divergence alone is a difference of two mean log-densities.",
            |p, q| Ok(-p.kl(q)),
        )
}
