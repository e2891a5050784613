//! Inference by optimisation: where it arrives, and where it cannot.

use claims::{
    CheckError, Claim, Domain, Subject, Tolerance, Verdict, claim, domain, real, scale, seed, whole,
};
use ndarray::Array1;
use ndarray_rand::RandomExt;
use prob::cholesky::log_det;
use prob::{DiagonalGaussian, FullGaussian, eigen};
use rand_distr::StandardNormal;

use super::bayes::{NO_PRIOR, SIGMA_AS_VARIANCE, UNCENTRED, random_model, root_sigma, student};
use ch02_variational_inference::{
    ElboGradient, LinearGaussian, ascend, best_diagonal, diagonal_gap, elbo, elbo_gradient,
};

/// (model, x, q) ↦ the gradient by q's means and log-variances
type Gradient = fn(&LinearGaussian, &Array1<f64>, &DiagonalGaussian) -> prob::Result<ElboGradient>;

/// 1/λ for the largest eigenvalue λ of the posterior's precision: half of the largest stable rate.
fn rate(model: &LinearGaussian) -> prob::Result<f64> {
    Ok(1.0 / eigen::symmetric(model.posterior_precision().view())?.values[0])
}

/// One student's marks, and a q to start from.
fn ascents() -> Domain<5> {
    domain([
        whole("number of marks", 1..=6),
        scale("loadings in units of the noise", 0.1..=1.5),
        real("q's mean", -3.0..=3.0),
        real("q's log-variance", -3.0..=2.0),
        seed("the model, and the marks of one of its students"),
    ])
    .cases(140)
}

fn start(mean: f64, log_var: f64) -> prob::Result<DiagonalGaussian> {
    DiagonalGaussian::new(Array1::from_elem(1, mean), Array1::from_elem(1, log_var))
}

pub(super) fn ascent() -> Claim<Gradient> {
    claim("variational-inference/ascent")
        .says(
            "Where the family contains the posterior, as for one ability, gradient ascent on the ELBO with a small \
             enough rate ends at it from every q: mean and variance to 1e-6",
        )
        .settles("vi-optimise", Verdict::HoldsIf)
        .for_every(ascents())
        .exact(
            Tolerance::absolute(1e-6).because(
                "the ascent stops where no derivative is above 1e-9, and may stop anywhere below",
            ),
            |gradient: &Subject<Gradient>, [marks, loading, mean, log_var, seed], cases| {
                let (model, x) = student([marks, loading, 1.0], &mut cases.rng(seed as u64))?;
                let (start, rate) = (start(mean, log_var)?, rate(&model)?);
                let end = gradient.output(|gradient| -> Result<_, CheckError> {
                    let path = ascend(&start, rate, |q| gradient(&model, &x, q))?;
                    let q = &path[path.len() - 1];
                    Ok([q.mean()[0], q.log_var()[0].exp()])
                })?;
                let posterior = model.posterior(x.view())?;
                let exact = [posterior.mean()[0], posterior.covariance()[[0, 0]]];
                cases.all_equal("mean, variance", &end, &exact);
                Ok(())
            },
        )
        .holds_for((|model, x, q| elbo_gradient(model, x.view(), q)) as Gradient)
        .fails_for("no-prior", NO_PRIOR, |model, x, q| {
            let ElboGradient { mean, log_var } = elbo_gradient(model, x.view(), q)?;
            let variance = q.log_var().mapv(f64::exp);
            Ok(ElboGradient { mean: mean + q.mean(), log_var: log_var + 0.5 * variance })
        })
        .fails_for("sigma-as-variance", SIGMA_AS_VARIANCE, |model, x, q| {
            elbo_gradient(&root_sigma(model)?, x.view(), q)
        })
        .fails_for("uncentred", UNCENTRED, |model, x, q| {
            elbo_gradient(model, (x + &model.offset()).view(), q)
        })
        .fails_for(
            "log-var-as-log-sigma",
            "The variance was taken as exp(2 log v): that is right for log σ; the parameter is log σ² = log v.",
            |model, x, q| {
                let read = DiagonalGaussian::new(q.mean().to_owned(), 2.0 * &q.log_var())?;
                elbo_gradient(model, x.view(), &read)
            },
        )
        .fails_for(
            "no-entropy",
            "The entropy of q was left out: then q shrinks to a point at the posterior's mode and never \
             arrives; add ½ to each derivative by a log-variance.",
            |model, x, q| {
                let ElboGradient { mean, log_var } = elbo_gradient(model, x.view(), q)?;
                // It would go on like this for ever.
                let a_point = model.posterior_precision()[[0, 0]] * q.log_var()[0].exp() < 1e-2;
                let least = if a_point { f64::NAN } else { 0.5 };
                Ok(ElboGradient { mean, log_var: log_var - least })
            },
        )
}

/// (model, x, q) ↦ a number that is to be raised
type Objective = fn(&LinearGaussian, &Array1<f64>, &DiagonalGaussian) -> prob::Result<f64>;

pub(super) fn rises() -> Claim<Objective> {
    claim("variational-inference/elbo-rises")
        .says("For one ability, ascent with the rate 1/Λ raises the ELBO at every step and ends at log p(x) without passing it")
        .settles("vi-optimise", Verdict::HoldsIf)
        .for_every(ascents())
        .bound(
            Tolerance::absolute(1e-11),
            |objective: &Subject<Objective>, [marks, loading, mean, log_var, seed], margins| {
                let (model, x) = student([marks, loading, 1.0], &mut margins.rng(seed as u64))?;
                let (start, rate) = (start(mean, log_var)?, rate(&model)?);
                let path = ascend(&start, rate, |q| elbo_gradient(&model, x.view(), q))?;
                let mut values = Vec::with_capacity(path.len());
                for q in &path {
                    values.push(objective.output(|objective| objective(&model, &x, q))?);
                }
                let rises = values.windows(2).map(|pair| pair[1] - pair[0]);
                margins.at_least("least rise in a step", rises.fold(f64::INFINITY, f64::min), 0.0);
                let evidence = model.log_evidence(x.view())?;
                let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                margins.at_least("log p(x) over the highest", evidence, highest);
                margins.at_least("the end", values[values.len() - 1], evidence);
                Ok(())
            },
        )
        .holds_for((|model, x, q| elbo(model, x.view(), q)) as Objective)
        .fails_for(
            "likelihood-only",
            "Only the expected log-likelihood was taken: without −KL(q ‖ p(z)) it is no bound, and passes \
             log p(x).",
            |model, x, q| {
                let prior = DiagonalGaussian::standard(q.dimension())?;
                Ok(elbo(model, x.view(), q)? + q.kl(&prior)?)
            },
        )
        .fails_for(
            "mean-over-marks",
            "The log-likelihood was averaged over the marks, but the divergence summed over the abilities: \
             sum both.",
            |model, x, q| {
                let kl = q.kl(&DiagonalGaussian::standard(q.dimension())?)?;
                Ok((elbo(model, x.view(), q)? + kl) / x.len() as f64 - kl)
            },
        )
        .fails_for(
            "joint-at-the-mean",
            "The log-joint was taken at q's mean: its peak is higher than the area under it where the posterior is \
             narrow.",
            |model, x, q| model.log_joint(x.view(), q.mean()),
        )
        .fails_for(
            "loss",
            "The sign is turned: −ELBO falls; it is a loss, to be lowered.",
            |model, x, q| Ok(-elbo(model, x.view(), q)?),
        )
}

/// Abilities that share marks, so that knowing the marks makes them dependent.
fn correlated(cases: usize) -> Domain<2> {
    domain([whole("abilities", 1..=5), seed("a model of seven marks, the marks, and q")])
        .cases(cases)
}

/// (model, x) ↦ means, then variances of the best diagonal q
type Best = fn(&LinearGaussian, &Array1<f64>) -> prob::Result<Vec<f64>>;

fn best(model: &LinearGaussian, x: &Array1<f64>) -> prob::Result<Vec<f64>> {
    let q = best_diagonal(model, x.view())?;
    Ok(q.mean().iter().copied().chain(q.log_var().iter().map(|v| v.exp())).collect())
}

pub(super) fn mean_field() -> Claim<Best> {
    claim("variational-inference/mean-field")
        .says(
            "Where the posterior is correlated and q diagonal, the ascent ends at the right means and at the \
             variances 1/Λᵢᵢ, never more than the posterior's own (Λ⁻¹)ᵢᵢ",
        )
        .settles("vi-optimise", Verdict::HoldsIf)
        .for_every(correlated(80))
        .exact(
            Tolerance::absolute(1e-7).because("the ascent stops where no derivative is above 1e-9"),
            |of: &Subject<Best>, [abilities, seed], cases| {
                let (d, mut rng) = (abilities as usize, cases.rng(seed as u64));
                let model = random_model(d, &mut rng)?;
                let x = model.sample(&mut rng).1;
                let [mean, log_var]: [Array1<f64>; 2] =
                    [(); 2].map(|()| Array1::random_using(d, StandardNormal, &mut rng));
                let start = DiagonalGaussian::new(mean, log_var)?;
                let path = ascend(&start, rate(&model)?, |q| elbo_gradient(&model, x.view(), q))?;
                let q = &path[path.len() - 1];
                let end: Vec<f64> =
                    q.mean().iter().copied().chain(q.log_var().iter().map(|v| v.exp())).collect();
                let measured = of.output(|best| best(&model, &x))?;
                cases.all_equal("means, variances", &measured, &end);
                let own = model.posterior(x.view())?.covariance().diag().to_vec();
                let larger = measured[d..].iter().zip(&own).map(|(v, own)| v.max(*own));
                cases.all_equal(
                    "the posterior's variances, or q's if larger",
                    &larger.collect::<Vec<_>>(),
                    &own,
                );
                Ok(())
            },
        )
        .holds_for(best as Best)
        .fails_for(
            "marginals",
            "These are the variances of the posterior's marginals, (Λ⁻¹)ᵢᵢ, which KL(posterior ‖ q) would \
             give; KL(q ‖ posterior) gives those of a coordinate with the others *known*, 1/Λᵢᵢ.",
            |model, x| {
                let posterior = model.posterior(x.view())?;
                let variances = posterior.covariance();
                Ok(posterior.mean().iter().chain(variances.diag()).copied().collect())
            },
        )
        .fails_for(
            "prior-variances",
            "The variances are those of the prior: only the means have moved.",
            |model, x| {
                let posterior = model.posterior(x.view())?;
                let ones = vec![1.0; model.latent_dimension()];
                Ok(posterior.mean().iter().copied().chain(ones).collect())
            },
        )
        .fails_for(
            "abilities-one-by-one",
            "Each ability was inferred as if the others were 0: they explain a part of the marks, so that \
             each mean depends on all.",
            |model, x| {
                let mut values = best(model, x)?;
                let residual = (x - &model.offset()) / (&model.sigma() * &model.sigma());
                let alone = model.loading().t().dot(&residual) / model.posterior_precision().diag();
                values.splice(..alone.len(), alone);
                Ok(values)
            },
        )
}

/// model ↦ KL(best diagonal q ‖ posterior)
type Gap = fn(&LinearGaussian) -> prob::Result<f64>;

pub(super) fn mean_field_gap() -> Claim<Gap> {
    claim("variational-inference/mean-field-gap")
        .says("What the best diagonal q misses is KL(q ‖ p(z | x)) = ½(Σᵢ log Λᵢᵢ − log det Λ), for every x")
        .settles("vi-optimise", Verdict::HoldsIf)
        .for_every(correlated(100))
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-12),
            |of: &Subject<Gap>, [abilities, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let model = random_model(abilities as usize, &mut rng)?;
                let measured = of.output(|gap| gap(&model))?;
                for (i, size) in [1.0, 10.0].into_iter().enumerate() {
                    let x = size * model.sample(&mut rng).1;
                    let q = FullGaussian::try_from(&best_diagonal(&model, x.view())?)?;
                    let expected = q.kl(&model.posterior(x.view())?)?;
                    cases.equal(format!("KL, student {i}"), measured, expected);
                }
                Ok(())
            },
        )
        .holds_for(diagonal_gap as Gap)
        .fails_for(
            "other-direction",
            "This is the least KL(posterior ‖ q), the total correlation ½(Σ log Σᵢᵢ − log det Σ) of the \
             covariance; q on the left needs the precision (they agree for two coordinates only).",
            |model| Ok(model.posterior(model.offset())?.total_correlation()),
        )
        .fails_for(
            "no-half",
            "The ½ is missing: log-determinants enter a Gaussian's log-density halved.",
            |model| Ok(2.0 * diagonal_gap(model)?),
        )
        .fails_for(
            "negative",
            "The sign is turned: a determinant is at most the product of the diagonal (Hadamard), so \
             subtract its logarithm.",
            |model| Ok(-diagonal_gap(model)?),
        )
        .fails_for(
            "entropy-of-the-posterior",
            "Only the determinant was taken; the gap compares it with the diagonal's product.",
            |model| Ok(-0.5 * log_det(model.posterior_precision().view())?),
        )
}
