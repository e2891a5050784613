//! What another program computed for ten linear-Gaussian models.

use std::sync::OnceLock;

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim, domain, whole};
use ndarray::Array1;
use prob::{DiagonalGaussian, FullGaussian};

use ch02_variational_inference::{LinearGaussian, elbo, elbo_gradient, kl_to_posterior};

/// (model, x, q) ↦ log p(x); the posterior's mean and covariance; ELBO; KL(q ‖ posterior); the gradient
type Everything = fn(&LinearGaussian, &Array1<f64>, &DiagonalGaussian) -> prob::Result<Vec<f64>>;

fn everything(
    model: &LinearGaussian,
    x: &Array1<f64>,
    q: &DiagonalGaussian,
) -> prob::Result<Vec<f64>> {
    let x = x.view();
    let posterior = model.posterior(x)?;
    let gradient = elbo_gradient(model, x, q)?;
    let mut values = vec![model.log_evidence(x)?];
    values.extend(posterior.mean());
    values.extend(posterior.covariance().iter());
    values.extend([elbo(model, x, q)?, kl_to_posterior(model, x, q)?]);
    values.extend(gradient.mean.iter().chain(&gradient.log_var));
    Ok(values)
}

/// The other program's models, read once.
fn ten() -> Result<&'static [reference::LinearGaussian], CheckError> {
    static TEN: OnceLock<Result<Vec<reference::LinearGaussian>, String>> = OnceLock::new();
    let ten = TEN.get_or_init(|| reference::linear_gaussian().map_err(|error| error.to_string()));
    ten.as_deref().map_err(|error| error.clone().into())
}

/// Where the ELBO stands in the list, for a posterior of dimension d.
fn elbo_index(d: usize) -> usize {
    1 + d + d * d
}

pub(super) fn reference_values() -> Claim<Everything> {
    claim("variational-inference/reference-values")
        .says(
            "Evidence, posterior, ELBO, its gradient and KL(q ‖ posterior) are those of another program to \
             twelve digits, for ten linear-Gaussian models",
        )
        .settles("vi-optimise", Verdict::HoldsIf)
        .for_every(domain([whole("model", 0..=9)]))
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-13),
            |all: &Subject<Everything>, [number], cases| {
                let case = ten()?.get(number as usize).ok_or("there are ten models")?;
                let (model, q) = built(case)?;
                let mut expected = vec![case.log_evidence];
                expected.extend(&case.posterior_mean);
                expected.extend(&case.posterior_cov);
                expected.extend([case.elbo, case.kl_to_posterior]);
                expected.extend(case.grad_q_mean.iter().chain(&case.grad_q_log_var));
                let measured = all.output(|all| all(&model, &case.x, &q))?;
                cases.all_equal("", &measured, &expected);
                Ok(())
            },
        )
        .holds_for(everything as Everything)
        .fails_for(
            "log-sigma-for-log-var",
            "A log-variance was read as log σ: log σ² = 2 log σ, so the variance is exp(log σ²).",
            |model, x, q| {
                let doubled = DiagonalGaussian::new(q.mean().to_owned(), 2.0 * &q.log_var())?;
                everything(model, x, &doubled)
            },
        )
        .fails_for(
            "swapped",
            "KL(posterior ‖ q) was computed; the bound misses the evidence by KL(q ‖ posterior), the \
             expectation being under q.",
            |model, x, q| {
                let mut values = everything(model, x, q)?;
                let swapped = model.posterior(x.view())?.kl(&FullGaussian::try_from(q)?)?;
                values[elbo_index(q.dimension()) + 1] = swapped;
                Ok(values)
            },
        )
        .fails_for(
            "mean-over-marks",
            "The log-likelihood was averaged over the marks, but the divergence summed over the abilities: \
             sum both.",
            |model, x, q| {
                let mut values = everything(model, x, q)?;
                let at = elbo_index(q.dimension());
                let kl = q.kl(&DiagonalGaussian::standard(q.dimension())?)?;
                values[at] = (values[at] + kl) / x.len() as f64 - kl;
                Ok(values)
            },
        )
        .fails_for(
            "sign-of-the-entropy",
            "The divergence was added to the expected log-likelihood: a q far from the prior then looks good; \
             subtract it.",
            |model, x, q| {
                let mut values = everything(model, x, q)?;
                let kl = q.kl(&DiagonalGaussian::standard(q.dimension())?)?;
                values[elbo_index(q.dimension())] += 2.0 * kl;
                Ok(values)
            },
        )
}

fn built(
    case: &reference::LinearGaussian,
) -> Result<(LinearGaussian, DiagonalGaussian), CheckError> {
    let sigma = Array1::from_elem(case.b.len(), case.sigma2.sqrt());
    let model = LinearGaussian::new(case.weight.clone(), case.b.clone(), sigma)?;
    Ok((model, DiagonalGaussian::new(case.q_mean.clone(), case.q_log_var.clone())?))
}
