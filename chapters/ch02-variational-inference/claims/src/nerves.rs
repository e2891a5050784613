//! One Gaussian for a posterior with two modes.

use claims::{CheckError, Claim, Subject, Tolerance, Verdict, claim};
use prob::{Gaussian, Quadrature};

use ch02_variational_inference::Nerves;

/// Situations with a low mark: two modes, near enough and far apart.
const LOW_MARKS: [(Nerves, f64); 3] = [
    (Nerves { best: 80.0, loss: 9.0, sigma: 7.0 }, 60.0),
    (Nerves { best: 80.0, loss: 9.0, sigma: 7.0 }, 50.0),
    (Nerves { best: 90.0, loss: 6.0, sigma: 4.0 }, 78.0),
];

/// (nerves, x, m, log v) ↦ the ELBO
type Bound = fn(&Nerves, f64, f64, f64) -> f64;

pub(super) fn bound() -> Claim<Bound> {
    claim("variational-inference/nerves-elbo")
        .says(
            "The log-joint of a mark that depends on z² is a polynomial of degree 4, so the ELBO of a \
             Gaussian has a closed form by E z² = m² + v and E z⁴ = m⁴ + 6m²v + 3v²",
        )
        .settles("vi-optimise", Verdict::HoldsIf)
        .exact(
            Tolerance::relative(1e-10).because("the witness is a quadrature of eleven digits"),
            |of: &Subject<Bound>, cases| {
                for (nerves, x) in LOW_MARKS {
                    for (mean, log_var) in [(0.0, 0.0), (1.2, -1.5), (-0.7, 0.4)] {
                        let q = Gaussian::from_log_var(mean, log_var)?;
                        let integrand = |z| nerves.log_joint(x, z) - q.log_density(z);
                        let expected = Quadrature::default().expectation(&q, integrand)?.value;
                        let measured = of.output(|elbo| elbo(&nerves, x, mean, log_var));
                        cases.equal(format!("x = {x}, m = {mean}, log v = {log_var}"), measured, expected);
                    }
                }
                Ok(())
            },
        )
        .holds_for(Nerves::elbo as Bound)
        .fails_for(
            "variance-forgotten",
            "z² was replaced by m²: the mean of a square is m² + v, and v also enters E z⁴.",
            |nerves, x, mean, log_var| {
                nerves.log_joint(x, mean)
                    - prob::gaussian::log_density(mean, 0.0, 0.0)
                    - prob::kl::gaussian_standard(mean, log_var)
            },
        )
        .fails_for(
            "square-of-the-mean-square",
            "E z⁴ was taken as (E z²)²: what is missing is the variance of z², 4m²v + 2v².",
            |nerves, x, mean, log_var| {
                let v = log_var.exp();
                let missing = 4.0 * mean * mean * v + 2.0 * v * v;
                nerves.elbo(x, mean, log_var)
                    + 0.5 * (nerves.loss / nerves.sigma).powi(2) * missing
            },
        )
        .fails_for(
            "no-entropy",
            "The entropy of q is missing: the bound is E_q log p(x, z) − E_q log q(z).",
            |nerves, x, mean, log_var| {
                nerves.elbo(x, mean, log_var) - prob::gaussian::entropy(log_var)
            },
        )
}

/// (nerves, x) ↦ mean and variance of a fit
type Fit = fn(&Nerves, f64) -> Result<[f64; 2], CheckError>;

fn closed_form(nerves: &Nerves, x: f64) -> Result<[f64; 2], CheckError> {
    Ok(nerves.choosing_fit_closed_form(x))
}

const MODE_SEEKING: &str = "This fit has one of the two modes: it minimises KL(q ‖ posterior), which forbids \
    mass where the posterior has none.";

fn covering(nerves: &Nerves, x: f64) -> Result<[f64; 2], CheckError> {
    let q = nerves.covering_fit(x)?;
    Ok([q.mean(), q.sigma().powi(2)])
}

pub(super) fn choosing() -> Claim<Fit> {
    claim("variational-inference/mode-seeking")
        .says(
            "Ascent on the ELBO ends in one of the modes, at v = (c − √(c² − 3σ²/a²))/6 and m² = c − 3v with \
             c the mode's square: narrower than the posterior, and nearer to 0 than its mode",
        )
        .settles("kl-nonneg", Verdict::Holds)
        .exact(
            Tolerance::absolute(1e-8).because("the ascent stops where no derivative is above 1e-11"),
            |of: &Subject<Fit>, cases| {
                for (nerves, x) in LOW_MARKS {
                    for side in [1.0, -1.0] {
                        let path = nerves.choosing_fit(x, [side, -2.0])?;
                        let [mean, log_var] = path[path.len() - 1];
                        let [claimed_mean, claimed_variance] = of.output(|fit| fit(&nerves, x))?;
                        cases.equal(format!("x = {x}, from {side}: |m|"), claimed_mean, side * mean);
                        cases.equal(format!("x = {x}, from {side}: v"), claimed_variance, log_var.exp());
                    }
                }
                Ok(())
            },
        )
        .holds_for(closed_form as Fit)
        .fails_for(
            "covering",
            "This fit covers both modes: it minimises KL(posterior ‖ q), the other direction.",
            covering,
        )
        .fails_for(
            "laplace",
            "This is the mode with the curvature there (Laplace's method): it looks at one point; the ELBO \
             averages over q, and feels the flatter side.",
            |nerves, x| {
                let precision = 4.0 * nerves.loss * (nerves.best - x) / nerves.sigma.powi(2) - 2.0;
                Ok([nerves.mode(x), 1.0 / precision])
            },
        )
        .fails_for(
            "other-root",
            "The other root of the quadratic is a saddle between the mode and the middle, no maximum.",
            |nerves, x| {
                let c = nerves.mode(x).powi(2);
                let root = (c * c - 3.0 * (nerves.sigma / nerves.loss).powi(2)).sqrt();
                let v = (c + root) / 6.0;
                Ok([(c - 3.0 * v).max(0.0).sqrt(), v])
            },
        )
}

pub(super) fn mass_covering() -> Claim<Fit> {
    claim("variational-inference/mass-covering")
        .says(
            "The Gaussian nearest by KL(p(z | x) ‖ q) has the posterior's mean and variance: it lies over both \
             modes, centred where the posterior has hardly any mass",
        )
        .settles("kl-nonneg", Verdict::Holds)
        .exact(
            Tolerance::absolute(1e-9).because("the fit's own quadrature is asked for eleven digits"),
            |of: &Subject<Fit>, cases| {
                for (nerves, x) in LOW_MARKS {
                    // The trapezoidal rule, which is exact to all digits for so smooth a density.
                    let nodes = (-1600..=1600).map(|i| f64::from(i) / 200.0);
                    let weighted = |power: i32| -> f64 {
                        nodes.clone().map(|z| z.powi(power) * nerves.log_joint(x, z).exp()).sum()
                    };
                    let mean = weighted(1) / weighted(0);
                    let expected = [mean, weighted(2) / weighted(0) - mean * mean];
                    let measured = of.output(|fit| fit(&nerves, x))?;
                    cases.all_equal(&format!("x = {x}: mean, variance"), &measured, &expected);
                }
                Ok(())
            },
        )
        .holds_for(covering as Fit)
        .fails_for("choosing", MODE_SEEKING, closed_form)
        .fails_for(
            "sigma-for-variance",
            "This is a standard deviation where the variance was asked for: square it.",
            |nerves, x| Ok([0.0, nerves.covering_fit(x)?.sigma()]),
        )
        .fails_for(
            "modes-as-points",
            "The distance of the modes was taken as the spread: each mode has a width, too.",
            |nerves, x| Ok([0.0, nerves.mode(x).powi(2)]),
        )
}
