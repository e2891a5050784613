//! The gradient by q's parameters, and what it shares with that of the KL to the posterior.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim};
use ndarray::Array1;
use num_traits::Float as _;
use prob::{FullGaussian, Result};

use super::case::{Case, any_case};
use super::reference::view;

/// The derivatives of the bound by the means, then by the log-variances
type ElboGradient = fn(&Case) -> Result<Vec<f64>>;

fn elbo_gradient(case: &Case) -> Result<Vec<f64>> {
    let gradient =
        case.model.elbo_gradient(case.x.view(), view(&case.mean), view(&case.log_var))?;
    Ok(gradient.mean.into_iter().chain(gradient.log_var).collect())
}

/// A change of the derivatives by the log-variances.
fn changed(case: &Case, change: impl Fn(usize, f64) -> f64) -> Result<Vec<f64>> {
    let mut slopes = elbo_gradient(case)?;
    let d = case.mean.len();
    for (j, slope) in slopes.iter_mut().enumerate().skip(d) {
        *slope = change(j - d, *slope);
    }
    Ok(slopes)
}

/// Forward-mode derivatives of a function of q's parameters.
fn dual(case: &Case, f: impl Fn(&[F1], &[F1]) -> Result<F1>) -> Result<Vec<f64>> {
    let d = case.mean.len();
    let slope = |which: usize| {
        let seed = |j: usize, value: f64| if j == which { F1::var(value) } else { F1::cst(value) };
        let mean: Vec<F1> = case.mean.iter().enumerate().map(|(j, &m)| seed(j, m)).collect();
        let log_var: Vec<F1> =
            case.log_var.iter().enumerate().map(|(j, &v)| seed(d + j, v)).collect();
        Ok(f(&mean, &log_var)?.dx)
    };
    (0..2 * d).map(slope).collect()
}

/// KL(q ‖ N(m, Λ⁻¹)) up to what does not depend on q, in any float:
/// ½ (Σⱼ Λⱼⱼ σⱼ² − log σⱼ²) + ½ (μ − m)ᵀ Λ (μ − m).
fn kl_to_posterior(case: &Case, mean: &[F1], log_var: &[F1]) -> Result<F1> {
    let (posterior, precision) =
        (case.model.posterior(case.x.view())?, case.model.posterior_precision());
    let off: Vec<F1> = mean.iter().zip(posterior.mean()).map(|(&m, &p)| m - F1::cst(p)).collect();
    let half = F1::cst(0.5);
    let mut kl = F1::cst(0.0);
    for ((i, j), &entry) in precision.indexed_iter() {
        kl += half * F1::cst(entry) * off[i] * off[j];
        if i == j {
            kl += half * (F1::cst(entry) * log_var[i].exp() - log_var[i]);
        }
    }
    Ok(kl)
}

const MEAN_PRIOR: &str = "The prior's pull −m is missing in the derivative by the means: it comes from \
    KL(q ‖ p(z)).";

fn without_pull(case: &Case) -> Result<Vec<f64>> {
    let pulls = case.mean.iter().copied().chain(vec![0.0; case.mean.len()]);
    Ok(elbo_gradient(case)?.iter().zip(pulls).map(|(slope, pull)| slope + pull).collect())
}

pub(super) fn gradient() -> Claim<ElboGradient> {
    claim("elbo/gradient")
        .says(
            "∂ELBO/∂m = Wᵀ(x − b − W m)/σ² − m and ∂ELBO/∂log σⱼ² = ½(1 − σⱼ² Λⱼⱼ), Λ = I + WᵀW/σ²: the \
             derivatives of dual numbers",
        )
        .after("Lucas et al. 2019")
        .for_every(any_case())
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-10),
            |slopes: &Subject<ElboGradient>, at, cases| {
                let case = Case::at(at, cases)?;
                let expected = dual(&case, |m, v| case.model.elbo(case.x.view(), m, v))?;
                let measured = slopes.output(|slopes| slopes(&case))?;
                cases.all_equal("slope", &measured, &expected);
                Ok(())
            },
        )
        .holds_for(elbo_gradient as ElboGradient)
        .fails_for("no-pull-of-the-prior", MEAN_PRIOR, without_pull)
        .fails_for(
            "by-sigma",
            "This is the derivative by σ: by log σ² it is σ/2 times that.",
            |case| changed(case, |j, slope| slope * 2.0 * (-0.5 * case.log_var[j]).exp()),
        )
        .fails_for(
            "by-variance",
            "This is the derivative by σ²: by log σ² it is σ² times that.",
            |case| changed(case, |j, slope| slope * (-case.log_var[j]).exp()),
        )
        .fails_for(
            "no-entropy",
            "The entropy's ½ is missing in the derivative by log σ²: without it every variance would shrink \
             to 0.",
            |case| changed(case, |_, slope| slope - 0.5),
        )
        .fails_for(
            "diagonal-of-covariance",
            "The posterior's variance Λ⁻¹ⱼⱼ was inverted where the precision Λⱼⱼ itself is needed: the two \
             differ where coordinates are correlated.",
            |case| {
                let covariance = case.model.posterior(case.x.view())?.covariance();
                changed(case, |j, _| 0.5 * (1.0 - case.log_var[j].exp() / covariance[[j, j]]))
            },
        )
        .fails_for(
            "of-the-loss",
            "This is the gradient of −ELBO: the bound is climbed, the loss descended.",
            |case| Ok(elbo_gradient(case)?.iter().map(|slope| -slope).collect()),
        )
}

pub(super) fn argmax_phi() -> Claim<ElboGradient> {
    claim("elbo/argmax-phi")
        .says(
            "With a linear decoder, x and θ held fixed, the gradient of the ELBO by φ is minus that of \
             KL(q ‖ p(z|x)): what maximises one minimises the other",
        )
        .settles("elbo-argmax-phi", Verdict::Holds)
        .for_every(any_case())
        .exact(
            Tolerance::relative(2e-11).or_absolute(2e-10).because(
                "terms cancel; at some seeds no case comes within 10⁴ of what that may cost",
            ),
            |slopes: &Subject<ElboGradient>, at, cases| {
                let case = Case::at(at, cases)?;
                let of_kl = dual(&case, |m, v| kl_to_posterior(&case, m, v))?;
                let expected: Vec<f64> = of_kl.iter().map(|slope| -slope).collect();
                let measured = slopes.output(|slopes| slopes(&case))?;
                cases.all_equal("slope", &measured, &expected);
                Ok(())
            },
        )
        .holds_for(elbo_gradient as ElboGradient)
        .fails_for(
            "same-sign",
            "The two gradients were taken for equal: what raises the bound lowers the divergence.",
            |case| Ok(elbo_gradient(case)?.iter().map(|slope| -slope).collect()),
        )
        .fails_for("no-pull-of-the-prior", MEAN_PRIOR, without_pull)
        .fails_for(
            "kl-to-prior",
            "This is the gradient of −KL(q ‖ p(z)) only: the likelihood's part of the posterior is missing.",
            |case| {
                let by_mean = case.mean.iter().map(|m| -m);
                Ok(by_mean.chain(case.log_var.iter().map(|v| 0.5 * (1.0 - v.exp()))).collect())
            },
        )
        .fails_for(
            "d3-closing-line",
            "The KL to the posterior was subtracted from the reconstruction instead of the KL to the prior: \
             its gradient by φ is another one.",
            |case| {
                // rec − KL_post = (ELBO + KL_prior) + (ELBO − log p(x)): twice the slope plus KL_prior's.
                let of_prior =
                    case.mean.iter().copied().chain(case.log_var.iter().map(|v| 0.5 * (v.exp() - 1.0)));
                Ok(elbo_gradient(case)?.iter().zip(of_prior).map(|(s, p)| 2.0 * s + p).collect())
            },
        )
}

/// The mean and log-variances of the best diagonal q
type BestQ = fn(&Case) -> Result<(Array1<f64>, Array1<f64>)>;

fn best_q(case: &Case) -> Result<(Array1<f64>, Array1<f64>)> {
    case.model.best_q(case.x.view())
}

/// The KL of the claimed best q, compared with its least possible value: with precision Λ and covariance C
/// it is ½(Σ log Λⱼⱼ + log det C).
pub(super) fn best_diagonal() -> Claim<BestQ> {
    claim("elbo/argmax-phi-diagonal")
        .says(
            "With a linear decoder the diagonal q that maximises the ELBO minimises the KL to the posterior, too: its \
             mean is right, its variances are 1/Λⱼⱼ, and the gap that stays is ½(Σ log Λⱼⱼ − log det Λ)",
        )
        .settles("elbo-argmax-phi", Verdict::Holds)
        .for_every(any_case())
        .exact(
            Tolerance::relative(2e-11).or_absolute(2e-11),
            |best: &Subject<BestQ>, at, cases| {
                let case = Case::at(at, cases)?;
                let (mean, log_var) = best.output(|best| best(&case))?;
                let found = Case { mean: mean.to_vec(), log_var: log_var.to_vec(), ..case };
                // In units of the curvature: by how far the mean is off.
                let curvature = found.model.posterior_precision().diag().to_vec();
                let units = curvature.iter().copied().chain(vec![1.0; curvature.len()]);
                for (j, (slope, unit)) in elbo_gradient(&found)?.into_iter().zip(units).enumerate() {
                    cases.equal(format!("slope {j}"), slope / unit, 0.0);
                }
                let posterior = found.model.posterior(found.x.view())?;
                let highest = found.log_evidence()? - least_gap(&found, &posterior);
                cases.equal("ELBO", found.elbo()?, highest);
                Ok(())
            },
        )
        .holds_for(best_q as BestQ)
        .fails_for(
            "marginals",
            "The posterior's own marginal variances were used: they minimise the *other* divergence, \
             KL(p(z|x) ‖ q); under the bound they are too wide.",
            |case| {
                let posterior = case.model.posterior(case.x.view())?;
                let log_var = posterior.covariance().diag().mapv(f64::ln);
                Ok((posterior.mean().to_owned(), log_var))
            },
        )
        .fails_for(
            "prior-mean",
            "q was left at the prior's mean: the data move the posterior to Λ⁻¹Wᵀ(x − b)/σ².",
            |case| {
                let (mean, log_var) = best_q(case)?;
                Ok((0.0 * mean, log_var))
            },
        )
        .fails_for(
            "log-sigma",
            "log σ was returned where log σ² is asked for: the half is one too many.",
            |case| {
                let (mean, log_var) = best_q(case)?;
                Ok((mean, 0.5 * log_var))
            },
        )
        .fails_for(
            "precision-as-variance",
            "Λⱼⱼ is a precision: the log-variance is −log Λⱼⱼ.",
            |case| {
                let (mean, log_var) = best_q(case)?;
                Ok((mean, -log_var))
            },
        )
}

fn least_gap(case: &Case, posterior: &FullGaussian) -> f64 {
    let log_diagonal: f64 = case.model.posterior_precision().diag().iter().map(|l| l.ln()).sum();
    let log_det: f64 = 2.0 * posterior.factor().diag().iter().map(|l| l.ln()).sum::<f64>();
    0.5 * (log_diagonal + log_det)
}
