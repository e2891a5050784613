//! log p(x) = ELBO + KL(q ‖ p(z|x)), and what follows from it.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, real, scale};
use prob::{GaussHermite, Gaussian, Quadrature, Result};

use super::case::{Case, Line, any_case, any_decoder, decoder_case};
use ch03_elbo::{Model, printed_closing_line};

/// The bound of a linear-Gaussian case
pub(super) type LinearElbo = fn(&Case) -> Result<f64>;

/// (model, x, q) ↦ the bound
pub(super) type Elbo = fn(&Model, f64, &Gaussian) -> Result<f64>;

pub(super) const PRINTED: &str = "The divergence was taken from the posterior p(z|x); next to E_q log p(x|z) \
    the *prior* belongs: the likelihood has been split off already.";
pub(super) const KL_ADDED: &str =
    "The KL to the prior was added: it is a price, and the bound subtracts it.";
pub(super) const NO_ENTROPY: &str = "−E_q log q is missing: the bound compares the joint density with q, \
    E_q[log p(x, z) − log q(z)].";
pub(super) const NO_SPREAD: &str = "Only the mean of q was decoded; E_q log p(x|z) is over all of q, and its \
    spread costs ½ Σⱼ ‖Wⱼ‖² σⱼ²/σ².";
pub(super) const SIGMA_AS_VARIANCE: &str = "The decoder's standard deviation was used as its variance: square \
    it.";
pub(super) const MEAN_FOR_SUM: &str = "The KL was averaged over the latent coordinates: log-densities of \
    independent coordinates add, so sum it.";

/// E_q log p(x, z), without q's entropy.
pub(super) fn no_entropy(model: &Model, x: f64, q: &Gaussian) -> Result<f64> {
    Ok(model.elbo(x, q)? - q.entropy())
}

/// E_q log p(x|z) + KL(q ‖ p(z))
pub(super) fn kl_added(model: &Model, x: f64, q: &Gaussian) -> Result<f64> {
    Ok(model.reconstruction(x, q)? + q.kl(&Gaussian::standard()))
}

/// The expectation under the prior instead of q.
fn under_prior(model: &Model, x: f64, q: &Gaussian) -> Result<f64> {
    let log_weight = |z| model.log_joint(x, z) - q.log_density(z);
    Ok(Quadrature::default().expectation(&Gaussian::standard(), log_weight)?.value)
}

/// log p(x, z) − log q(z) at q's mean only.
fn at_mean(model: &Model, x: f64, q: &Gaussian) -> Result<f64> {
    Ok(model.log_joint(x, q.mean()) - q.log_density(q.mean()))
}

pub(super) fn identity() -> Claim<LinearElbo> {
    claim("elbo/identity")
        .says(
            "log p(x) = ELBO + KL(q ‖ p(z|x)) for linear decoders and any diagonal Gaussian q, every term in \
             closed form",
        )
        .settles("elbo-identity", Verdict::Holds)
        .for_every(any_case())
        .exact(
            Tolerance::relative(2e-11).or_absolute(2e-11),
            |elbo: &Subject<LinearElbo>, at, cases| {
                let case = Case::at(at, cases)?;
                let expected = case.log_evidence()? - case.kl_to_posterior()?;
                cases.equal("", elbo.output(|elbo| elbo(&case))?, expected);
                Ok(())
            },
        )
        .holds_for(Case::elbo as LinearElbo)
        .fails_for("d3-closing-line", PRINTED, |case| {
            Ok(case.reconstruction()? - case.kl_to_posterior()?)
        })
        .fails_for(
            "swapped",
            "The arguments of the KL to the posterior are swapped: log p(x) − ELBO is KL(q ‖ p(z|x)), an \
             expectation under q.",
            |case| Ok(case.log_evidence()? - case.kl_from_posterior()?),
        )
        .fails_for("kl-added", KL_ADDED, |case| Ok(case.reconstruction()? + case.kl_to_prior()?))
        .fails_for("no-spread", NO_SPREAD, |case| {
            Ok(case.without_spread().reconstruction()? - case.kl_to_prior()?)
        })
        .fails_for("mean-for-sum", MEAN_FOR_SUM, |case| {
            Ok(case.reconstruction()? - case.kl_to_prior()? / case.mean.len() as f64)
        })
        .fails_for("sigma-as-variance", SIGMA_AS_VARIANCE, |case| case.sigma_as_variance().elbo())
        .fails_for(
            "mean-field-for-posterior",
            "The posterior was replaced by its marginals: where its coordinates are correlated, the KL to \
             their product is another number.",
            |case| {
                let posterior = case.model.posterior(case.x.view())?;
                let q = case.q()?;
                let marginal = |j: usize| -> Result<f64> {
                    let of_q = Gaussian::from_log_var(q.mean()[j], q.log_var()[j])?;
                    Ok(of_q.kl(&posterior.marginal(j)?))
                };
                let product: Result<f64> = (0..q.dimension()).map(marginal).sum();
                Ok(case.log_evidence()? - product?)
            },
        )
}

pub(super) fn identity_nonlinear() -> Claim<Elbo> {
    claim("elbo/identity-nonlinear")
        .says(
            "log p(x) = ELBO + KL(q ‖ p(z|x)) also where the decoder is a tanh and the posterior no \
             Gaussian, every term by an integral of its own",
        )
        .settles("elbo-identity", Verdict::Holds)
        .for_every(any_decoder())
        .exact(
            Tolerance::relative(1e-9).or_absolute(1e-9).because(
                "three adaptive quadratures, each asked for eleven digits, mostly deliver fourteen",
            ),
            |elbo: &Subject<Elbo>, at, cases| {
                let (model, x, q) = decoder_case(at)?;
                let expected = model.log_evidence(x)? - model.kl_to_posterior(x, &q)?;
                cases.equal("", elbo.output(|elbo| elbo(&model, x, &q))?, expected);
                Ok(())
            },
        )
        .holds_for(Model::elbo as Elbo)
        .fails_for("d3-closing-line", PRINTED, printed_closing_line)
        .fails_for("kl-added", KL_ADDED, kl_added)
        .fails_for("no-entropy", NO_ENTROPY, no_entropy)
        .fails_for(
            "under-prior",
            "The expectation was taken over draws from the prior; in the bound it is over q.",
            under_prior,
        )
        .fails_for(
            "at-mean",
            "The log-ratio was evaluated at the mean of q only: the bound is its expectation under q.",
            at_mean,
        )
        .fails_for(
            "two-nodes",
            "Two nodes integrate cubics; the log-likelihood of a tanh decoder is none: use a rule that \
             reports its error.",
            |model, x, q| {
                let rule = GaussHermite::new(2)?;
                Ok(rule.expectation(q, |z| model.log_joint(x, z) - q.log_density(z)))
            },
        )
}

pub(super) fn bound() -> Claim<Elbo> {
    claim("elbo/bound")
        .says("log p(x) ≥ ELBO, for linear and for tanh decoders, whatever Gaussian q is")
        .settles("elbo-bound", Verdict::Holds)
        .for_every(any_decoder())
        .bound(
            Tolerance::relative(2e-11).or_absolute(2e-11),
            |elbo: &Subject<Elbo>, at, margins| {
                let (model, x, q) = decoder_case(at)?;
                let measured = elbo.output(|elbo| elbo(&model, x, &q))?;
                margins.at_least("", model.log_evidence(x)?, measured);
                Ok(())
            },
        )
        .holds_for(Model::elbo as Elbo)
        .fails_for("d3-closing-line", PRINTED, printed_closing_line)
        .fails_for("kl-added", KL_ADDED, kl_added)
        .fails_for(
            "reconstruction-only",
            "The KL to the prior was left out: E_q log p(x|z) alone bounds nothing.",
            Model::reconstruction,
        )
        .fails_for(
            "gap-added",
            "The bound lies KL(q ‖ p(z|x)) *below* log p(x); here it was put above.",
            |model, x, q| Ok(model.log_evidence(x)? + model.kl_to_posterior(x, q)?),
        )
}

pub(super) fn tight_at_posterior() -> Claim<Elbo> {
    claim("elbo/tight-at-posterior")
        .says(
            "With a linear decoder, q's mean t posterior deviations from the posterior's and its variance r times \
             as large, log p(x) − ELBO is t²/2 + ½(r − 1 − log r): 0 at q = p(z|x), and at no other Gaussian",
        )
        .settles("elbo-bound", Verdict::Holds)
        .for_every(
            domain([
                real("w", -3.0..=3.0),
                scale("σ", 0.2..=3.0),
                real("x", -4.0..=4.0),
                real("t", -5.0..=5.0).special(&[1e-3]),
                scale("r", 0.01..=100.0).special(&[1.0 + 1e-3]),
            ])
            .with([[1.0, 1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.7, 1.0], [1.0, 1.0, 1.0, 0.0, 0.4]]),
        )
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-12),
            |elbo: &Subject<Elbo>, [weight, sigma, x, t, r], cases| {
                let line = Line { weight, sigma, x };
                let [mean, deviation] = line.moments();
                let q = Gaussian::new(mean + t * deviation, deviation * r.sqrt())?;
                let measured = elbo.output(|elbo| elbo(&line.model(), x, &q))?;
                let kl = 0.5 * t * t + 0.5 * prob::kl::exp_minus_one_minus(r.ln());
                cases.equal("ELBO", measured, line.log_evidence() - kl);
                Ok(())
            },
        )
        .holds_for(Model::elbo as Elbo)
        .fails_for("d3-closing-line", PRINTED, printed_closing_line)
        .fails_for("no-entropy", NO_ENTROPY, no_entropy)
        .fails_for(
            "swapped",
            "The gap is KL(q ‖ p(z|x)); here it is KL(p(z|x) ‖ q), which agrees at equal variances only.",
            |model, x, q| {
                let log_posterior = model.log_posterior(x)?;
                let (mean, sigma) = (q.mean(), q.sigma());
                let reverse = |z: f64| {
                    let (log_p, log_q) = (log_posterior(z), q.log_density(z));
                    log_q.exp() + log_p.exp() * (log_p - log_q - 1.0)
                };
                let (low, high) = (mean - 30.0 * sigma, mean + 30.0 * sigma);
                let kl = Quadrature::default().integrate_between(reverse, &[low, mean, high])?.value;
                Ok(model.log_evidence(x)? - kl)
            },
        )
        .fails_for(
            "sigma-as-variance",
            SIGMA_AS_VARIANCE,
            |model, x, q| Model { sigma: model.sigma.sqrt(), ..*model }.elbo(x, q),
        )
}
