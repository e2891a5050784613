//! What other programs computed for linear and for tanh decoders.

use std::sync::LazyLock;

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim, domain, whole};
use ndarray::{Array2, ArrayView1};
use prob::{Gaussian, Result};

use super::case::Case;
use super::identity::{MEAN_FOR_SUM, NO_SPREAD, SIGMA_AS_VARIANCE};
use ch03_elbo::{Decoder, LinearGaussian, Model};

type Rows<T> = LazyLock<reference::Result<Vec<T>>>;

static LINEAR: Rows<reference::LinearGaussian> = LazyLock::new(reference::linear_gaussian);
static TANH: Rows<reference::TanhDecoder> = LazyLock::new(reference::tanh_decoder);

/// A row of a file of reference values.
fn row<T>(rows: &'static Rows<T>, number: f64) -> std::result::Result<&'static T, CheckError> {
    let rows = rows.as_ref().map_err(ToString::to_string)?;
    Ok(rows.get(number as usize).ok_or("there is no such row")?)
}

fn case(linear: &reference::LinearGaussian) -> Result<Case> {
    let (weight, b) = (linear.weight.clone(), linear.b.clone());
    Ok(Case {
        model: LinearGaussian::new(weight, b, linear.sigma2.sqrt())?,
        x: linear.x.clone(),
        mean: linear.q_mean.to_vec(),
        log_var: linear.q_log_var.to_vec(),
    })
}

/// Everything that the chapter computes for one linear-Gaussian case, in the file's order.
type Everything = fn(&Case) -> Result<Vec<f64>>;

fn everything(case: &Case) -> Result<Vec<f64>> {
    let x = case.x.view();
    let posterior = case.model.posterior(x)?;
    let gradient = case.model.elbo_gradient(x, view(&case.mean), view(&case.log_var))?;
    let mut all = vec![case.log_evidence()?, case.elbo()?, case.kl_to_posterior()?];
    all.extend(posterior.mean());
    all.extend(posterior.covariance());
    all.extend(gradient.mean);
    all.extend(gradient.log_var);
    Ok(all)
}

pub(super) fn view(numbers: &[f64]) -> ArrayView1<'_, f64> {
    ArrayView1::from(numbers)
}

/// What changes with everything else as it is.
fn with(case: &Case, change: impl FnOnce(&mut [f64]) -> Result<()>) -> Result<Vec<f64>> {
    let mut all = everything(case)?;
    change(&mut all)?;
    Ok(all)
}

pub(super) fn linear_gaussian() -> Claim<Everything> {
    claim("elbo/reference-linear")
        .says(
            "log p(x), ELBO, KL, posterior and gradients of ten linear-Gaussian cases are those of another \
             program",
        )
        .settles("elbo-identity", Verdict::Holds)
        .for_every(domain([whole("row", 0..=9)]))
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-12),
            |all: &Subject<Everything>, [number], cases| {
                let linear = row(&LINEAR, number)?;
                let mut expected = vec![linear.log_evidence, linear.elbo, linear.kl_to_posterior];
                expected.extend(&linear.posterior_mean);
                expected.extend(&linear.posterior_cov);
                expected.extend(&linear.grad_q_mean);
                expected.extend(&linear.grad_q_log_var);
                let case = case(linear)?;
                let measured = all.output(|all| all(&case))?;
                cases.all_equal("number", &measured, &expected);
                Ok(())
            },
        )
        .holds_for(everything as Everything)
        .fails_for("sigma-as-variance", SIGMA_AS_VARIANCE, |case| {
            everything(&case.sigma_as_variance())
        })
        .fails_for(
            "no-prior-precision",
            "The prior is missing in the posterior's precision: Λ = I + WᵀW/σ².",
            |case| {
                with(case, |all| {
                    let d = case.mean.len();
                    let rest = case.model.posterior_precision() - Array2::<f64>::eye(d);
                    // Two latent coordinates are enough: the adjugate over the determinant.
                    if d == 2 {
                        let det = rest[[0, 0]] * rest[[1, 1]] - rest[[0, 1]] * rest[[1, 0]];
                        let inverse = [rest[[1, 1]], -rest[[0, 1]], -rest[[1, 0]], rest[[0, 0]]];
                        all[3 + d..3 + d + 4].copy_from_slice(&inverse.map(|e| e / det));
                    }
                    Ok(())
                })
            },
        )
        .fails_for("no-spread", NO_SPREAD, |case| {
            with(case, |all| {
                all[1] = case.without_spread().reconstruction()? - case.kl_to_prior()?;
                Ok(())
            })
        })
        .fails_for("mean-for-sum", MEAN_FOR_SUM, |case| {
            with(case, |all| {
                all[1] = case.reconstruction()? - case.kl_to_prior()? / case.mean.len() as f64;
                Ok(())
            })
        })
        .fails_for(
            "swapped",
            "The arguments of the KL to the posterior are swapped: the expectation is under q.",
            |case| {
                with(case, |all| {
                    all[2] = case.kl_from_posterior()?;
                    Ok(())
                })
            },
        )
        .fails_for(
            "gradient-by-sigma",
            "This is the derivative by σ: by log σ² it is σ/2 times that.",
            |case| {
                with(case, |all| {
                    let start = all.len() - case.log_var.len();
                    for (slope, v) in all[start..].iter_mut().zip(&case.log_var) {
                        *slope *= 2.0 * (-0.5 * v).exp();
                    }
                    Ok(())
                })
            },
        )
        .fails_for(
            "gradient-of-the-loss",
            "This is the gradient of −ELBO, which descent wants; the bound itself is climbed.",
            |case| {
                with(case, |all| {
                    let start = all.len() - 2 * case.log_var.len();
                    all[start..].iter_mut().for_each(|slope| *slope = -*slope);
                    Ok(())
                })
            },
        )
}

/// (model, x, q) ↦ [log p(x), ELBO]
type Pair = fn(&Model, f64, &Gaussian) -> Result<[f64; 2]>;

fn pair(model: &Model, x: f64, q: &Gaussian) -> Result<[f64; 2]> {
    Ok([model.log_evidence(x)?, model.elbo(x, q)?])
}

pub(super) fn tanh_decoder() -> Claim<Pair> {
    claim("elbo/reference-tanh")
        .says("log p(x) and the ELBO of eight tanh decoders are those of a quadrature with 40 digits")
        .settles("elbo-identity", Verdict::Holds)
        .for_every(domain([whole("row", 0..=7)]))
        .exact(
            Tolerance::relative(1e-10).because("the integrals are asked for eleven digits"),
            |both: &Subject<Pair>, [number], cases| {
                let tanh = row(&TANH, number)?;
                let decoder = Decoder::Tanh { scale: tanh.a, slope: tanh.c, shift: tanh.d };
                let model = Model { decoder, sigma: tanh.sigma };
                let q = Gaussian::from_log_var(tanh.q_mean, tanh.q_log_var)?;
                let expected = [tanh.log_evidence, tanh.elbo];
                let measured = both.output(|both| both(&model, tanh.x, &q))?;
                cases.all_equal("number", &measured, &expected);
                Ok(())
            },
        )
        .holds_for(pair as Pair)
        .fails_for("sigma-as-variance", SIGMA_AS_VARIANCE, |model, x, q| {
            pair(&Model { sigma: model.sigma.sqrt(), ..*model }, x, q)
        })
        .fails_for(
            "exp-log-var-as-sigma",
            "exp(log σ²) of q is its variance; it was used as the standard deviation.",
            |model, x, q| pair(model, x, &Gaussian::new(q.mean(), q.sigma() * q.sigma())?),
        )
        .fails_for("no-spread", NO_SPREAD, |model, x, q| {
            let reconstruction = model.log_likelihood(x, q.mean());
            Ok([model.log_evidence(x)?, reconstruction - q.kl(&Gaussian::standard())])
        })
        .fails_for(
            "log-height",
            "The evidence was read off as the joint density's highest value: it is the integral over z.",
            |model, x, q| {
                let grid = (-100..=100).map(|i| model.log_joint(x, 0.06 * f64::from(i)));
                Ok([grid.fold(f64::NEG_INFINITY, f64::max), model.elbo(x, q)?])
            },
        )
        .fails_for(
            "decoded-prior-mean",
            "The decoder was evaluated at the prior's mean: log p(x) integrates over all z.",
            |model, x, q| Ok([model.log_likelihood(x, 0.0), model.elbo(x, q)?]),
        )
}
