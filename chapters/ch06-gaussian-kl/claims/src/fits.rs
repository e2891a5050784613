//! One Gaussian for two modes.

use claims::{CheckError, Claim, Subject, Tolerance, claim};
use prob::{Gaussian, Mixture, Quadrature};

use ch06_gaussian_kl::fits::{forward_fit, log_density, reverse_fit, score};

/// target ↦ mean and log σ of the fit
type Fit = fn(&Mixture<Gaussian>) -> Result<[f64; 2], CheckError>;

fn targets() -> Result<[Mixture<Gaussian>; 2], CheckError> {
    let two = |w: f64, left: (f64, f64), right: (f64, f64)| -> Result<_, CheckError> {
        let components = vec![Gaussian::new(left.0, left.1)?, Gaussian::new(right.0, right.1)?];
        Ok(Mixture::new(&[w, 1.0 - w], components)?)
    };
    Ok([two(0.65, (-2.0, 0.7), (2.2, 0.9))?, two(0.4, (0.5, 0.5), (3.5, 1.1))?])
}

fn as_numbers(q: &Gaussian) -> [f64; 2] {
    [q.mean(), q.sigma().ln()]
}

fn covering(target: &Mixture<Gaussian>) -> Result<[f64; 2], CheckError> {
    Ok(as_numbers(&forward_fit(target)?))
}

/// The component with the largest weight.
fn largest(target: &Mixture<Gaussian>) -> Result<Gaussian, CheckError> {
    let parts = target.components().iter().zip(target.weights());
    let largest = parts.max_by(|(_, a), (_, b)| a.total_cmp(b)).ok_or("a mixture of nothing")?;
    Ok(*largest.0)
}

fn seeking(target: &Mixture<Gaussian>) -> Result<[f64; 2], CheckError> {
    let path = reverse_fit(target, &largest(target)?, 0.5)?;
    Ok(as_numbers(path.last().ok_or("a path has a start")?))
}

const COPIED: &str = "The parameters of the larger component were copied: the other component pulls on q, \
    too, so descend from there until the gradient of KL(q ‖ target) is 0.";

pub(super) fn forward() -> Claim<Fit> {
    claim("gaussian-kl/forward-fit")
        .says("The Gaussian q with the least KL(target ‖ q) has the target's mean and variance")
        .after("Bishop 2006, Pattern Recognition and Machine Learning, section 10.7")
        .exact(
            Tolerance::relative(1e-10).because(
                "the witness is an adaptive quadrature of the target's moments, asked for eleven digits",
            ),
            |fit: &Subject<Fit>, cases| {
                for (number, target) in targets()?.iter().enumerate() {
                    let moment = |f: &dyn Fn(f64) -> f64| {
                        let integrand = |x: f64| f(x) * log_density(target, x).exp();
                        let quadrature = Quadrature { relative_tolerance: 1e-12, ..Quadrature::default() };
                        quadrature.integrate_between(integrand, &[-30.0, -2.0, 0.5, 3.0, 30.0])
                    };
                    let mean = moment(&|x| x)?.value;
                    let variance = moment(&|x| (x - mean) * (x - mean))?.value;
                    let measured = fit.output(|fit| fit(target))?;
                    let expected = [mean, 0.5 * variance.ln()];
                    let label = format!("mean and log σ for target {number}");
                    cases.all_equal(&label, &measured, &expected);
                }
                Ok(())
            },
        )
        .holds_for(covering as Fit)
        .fails_for(
            "reverse",
            "The arguments are swapped: this q minimises KL(q ‖ target), which settles on one mode; the \
             expectation has to be taken under the target.",
            seeking,
        )
        .fails_for(
            "within-only",
            "Only the variances of the components were averaged: add the variance of their means.",
            |target| {
                let parts = target.components().iter().zip(target.weights());
                let within: f64 = parts.map(|(c, w)| w * c.sigma() * c.sigma()).sum();
                Ok([target.mean(), 0.5 * within.ln()])
            },
        )
        .fails_for(
            "unweighted",
            "The components were given equal weights: weight each by its share of the target.",
            |target| {
                let equal = vec![0.5; target.components().len()];
                covering(&Mixture::new(&equal, target.components().to_vec())?)
            },
        )
}

pub(super) fn reverse() -> Claim<Fit> {
    claim("gaussian-kl/reverse-fit")
        .says(
            "At a Gaussian q with the least KL(q ‖ target) nearby, E_q ∂ₓlog target = 0 and \
             E_q (x − μ)∂ₓlog target = −1",
        )
        .after("Bishop 2006, Pattern Recognition and Machine Learning, section 10.1.2")
        .exact(Tolerance::absolute(1e-9), |fit: &Subject<Fit>, cases| {
            for (number, target) in targets()?.iter().enumerate() {
                let [mean, log_sigma] = fit.output(|fit| fit(target))?;
                let q = Gaussian::new(mean, log_sigma.exp())?;
                let expectation = |f: &dyn Fn(f64) -> f64| {
                    Quadrature::default().expectation(&q, |x| f(x) * score(target, x))
                };
                let by_mean = q.sigma() * expectation(&|_| 1.0)?.value;
                let by_log_sigma = expectation(&|x| x - mean)?.value;
                cases.equal(format!("σ E ∂ₓlog target, target {number}"), by_mean, 0.0);
                let label = format!("E (x − μ)∂ₓlog target, target {number}");
                cases.equal(label, by_log_sigma, -1.0);
            }
            Ok(())
        })
        .holds_for(seeking as Fit)
        .fails_for(
            "forward",
            "The arguments are swapped: this q minimises KL(target ‖ q) and covers both modes; the \
             expectation has to be taken under q.",
            covering,
        )
        .fails_for("copied", COPIED, |target| Ok(as_numbers(&largest(target)?)))
        .fails_for(
            "entropy-forgotten",
            "E_q log target was maximised without the entropy of q: nothing keeps σ from shrinking to 0.",
            |target| Ok([largest(target)?.mean(), -7.0]),
        )
}
