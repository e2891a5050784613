//! One Gaussian for a posterior with two modes.

use std::f64::consts::PI;
use std::sync::OnceLock;

use claims::{
    CheckError, Claim, Domain, Subject, Tolerance, Variable, Verdict, claim, domain, real, scale,
};
use prob::GaussHermite;
use prob::Gaussian;

use ch02_variational_inference::Nerves;

/// The mark of a student who is at their best; only the marks lost matter.
const BEST: f64 = 80.0;

fn nerves(loss: f64, sigma: f64) -> Nerves {
    Nerves { best: BEST, loss, sigma }
}

/// Marks lost at z = ±1, their noise, and the marks that a student has lost.
fn situations() -> [Variable; 3] {
    [scale("a", 2.0..=15.0), scale("σ", 2.0..=15.0), real("marks lost", 0.0..=50.0)]
}

/// How far apart the modes are, in the units that matter: c a/σ. The ELBO of q in units of √(σ/a) depends on nothing else.
fn apart(loss: f64, sigma: f64, lost: f64) -> f64 {
    nerves(loss, sigma).mode(BEST - lost).powi(2) * loss / sigma
}

/// The page's three.
const PAGE: [[f64; 3]; 3] = [[9.0, 7.0, 20.0], [9.0, 7.0, 30.0], [6.0, 4.0, 12.0]];

/// (nerves, x, m, log v) ↦ the ELBO
type Bound = fn(&Nerves, f64, f64, f64) -> f64;

pub(super) fn bound() -> Claim<Bound> {
    claim("variational-inference/nerves-elbo")
        .says(
            "The log-joint of a mark that depends on z² is a polynomial of degree 4, so the ELBO of a \
             Gaussian has a closed form by E z² = m² + v and E z⁴ = m⁴ + 6m²v + 3v²",
        )
        .settles("vi-optimise", Verdict::HoldsIf)
        .for_every({
            let [loss, sigma, lost] = situations();
            domain([loss, sigma, lost, real("m", -3.0..=3.0), real("log v", -8.0..=2.0)])
                .with([[9.0, 7.0, 20.0, 1.2, -1.5]])
        })
        .exact(
            Tolerance::relative(1e-12),
            |of: &Subject<Bound>, [loss, sigma, lost, mean, log_var], cases| {
                // Exact for polynomials of degree 15, and asked for one of degree 4.
                static RULE: OnceLock<prob::Result<GaussHermite>> = OnceLock::new();
                let rule = RULE.get_or_init(|| GaussHermite::new(8)).clone()?;
                let (nerves, x) = (nerves(loss, sigma), BEST - lost);
                let q = Gaussian::from_log_var(mean, log_var)?;
                let expected = rule.expectation(&q, |z| nerves.log_joint(x, z) - q.log_density(z));
                let measured = of.output(|elbo| elbo(&nerves, x, mean, log_var));
                cases.equal("", measured, expected);
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

/// Situations in which the modes hold a Gaussian each. At c a/σ = √3 a mode gets a maximum of its own, at 2.018 it becomes
/// higher than the middle's.
fn two_modes(cases: usize) -> Domain<3> {
    domain(situations())
        .with(PAGE)
        .such_that("c ≥ 2.02 σ/a", |[loss, sigma, lost]| apart(loss, sigma, lost) >= 2.02)
        .cases(cases)
}

/// The highest point of the ELBO: of a grid of log-variances in the middle and of one with means above 0 the highest each, and
/// from there by ascent.
fn best_of_all(nerves: &Nerves, x: f64) -> Result<[f64; 2], CheckError> {
    let reach = nerves.mode(x) + 1.0;
    let value = |at: &[f64; 2]| nerves.elbo(x, at[0], at[1]);
    let higher = |a: &[f64; 2], b: &[f64; 2]| value(a).total_cmp(&value(b));
    let of_means = |means: std::ops::RangeInclusive<i32>| -> Result<[f64; 2], CheckError> {
        let point = |(i, j)| [reach * f64::from(i) / 40.0, -8.0 + 0.25 * f64::from(j)];
        let points = means.flat_map(|i| (0..=40).map(move |j| (i, j))).map(point);
        let start = points.max_by(higher).ok_or("a grid has points")?;
        let path = nerves.choosing_fit(x, start)?;
        Ok(path[path.len() - 1])
    };
    let ends = [of_means(0..=0)?, of_means(1..=40)?];
    let [mean, log_var] = ends.into_iter().max_by(higher).ok_or("there are two ends")?;
    Ok([mean, log_var.exp()])
}

/// Where the highest maximum goes from the middle to the modes, in units of σ/a: found by comparing their values.
const SEEKS: f64 = 2.018;

fn nearest(nerves: &Nerves, x: f64) -> Result<[f64; 2], CheckError> {
    let modes = apart(nerves.loss, nerves.sigma, BEST - x) > SEEKS;
    if modes { closed_form(nerves, x) } else { Ok(nerves.middle_fit(x)) }
}

pub(super) fn choosing() -> Claim<Fit> {
    claim("variational-inference/mode-seeking")
        .says(
            "The Gaussian nearest by KL(q ‖ p(z | x)) sits in one of the two modes where they are far enough apart, \
             c > 2.018 σ/a with c the mode's square: v = (c − √(c² − 3σ²/a²))/6 and m² = c − 3v, narrower than \
             the posterior and nearer to 0 than its mode; elsewhere it lies in the middle",
        )
        .settles("kl-nonneg", Verdict::Holds)
        .for_every(
            // After 16 lost marks each mode has a maximum already, but the middle's is higher.
            domain(situations())
                .with(PAGE.into_iter().chain([[9.0, 7.0, 16.0]]))
                .such_that(
                    "c a/σ is not within 0.01 of 2.018, where two maxima are equally high",
                    |[loss, sigma, lost]| (apart(loss, sigma, lost) - SEEKS).abs() > 0.01,
                )
                .cases(160),
        )
        .exact(
            Tolerance::absolute(1e-8).because("the ascent stops where its steps are below 1e-13"),
            |of: &Subject<Fit>, [loss, sigma, lost], cases| {
                let (nerves, x) = (nerves(loss, sigma), BEST - lost);
                let [mean, variance] = best_of_all(&nerves, x)?;
                let claimed = of.output(|fit| fit(&nerves, x))?;
                cases.all_equal("m, v", &claimed, &[mean, variance]);
                if apart(loss, sigma, lost) > SEEKS {
                    let posterior = nerves.covering_fit(x)?.sigma().powi(2);
                    let [mean, variance] = [claimed[0].min(nerves.mode(x)), claimed[1].min(posterior)];
                    cases.equal("m, or the mode if less", mean, claimed[0]);
                    cases.equal("v, or the posterior's if less", variance, claimed[1]);
                }
                Ok(())
            },
        )
        .holds_for(nearest as Fit)
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
        .fails_for(
            "whenever-there-is-one",
            "A mode's maximum was taken wherever there is one, from c = √3 σ/a on: it is a lower one at first.",
            |nerves, x| {
                let at_a_mode = nerves.choosing_fit_closed_form(x);
                Ok(if at_a_mode[0].is_finite() { at_a_mode } else { nerves.middle_fit(x) })
            },
        )
        .fails_for(
            "middle",
            "This is the maximum between the modes, where an ascent may end; where these are far apart, their own \
             are higher.",
            |nerves, x| Ok(nerves.middle_fit(x)),
        )
}

/// (nerves, x) ↦ mean and variance at each maximum of the ELBO with a mean that is not negative
type Maxima = fn(&Nerves, f64) -> Result<Vec<[f64; 2]>, CheckError>;

fn maxima(nerves: &Nerves, x: f64) -> Result<Vec<[f64; 2]>, CheckError> {
    let at_a_mode = Some(nerves.choosing_fit_closed_form(x)).filter(|fit| fit[0].is_finite());
    Ok([nerves.middle_fit(x)].into_iter().chain(at_a_mode).collect())
}

/// The saddle between the middle and a mode: the larger root of the quadratic.
fn saddle(nerves: &Nerves, x: f64) -> [f64; 2] {
    let c = nerves.mode(x).powi(2);
    let v = (c + (c * c - 3.0 * (nerves.sigma / nerves.loss).powi(2)).sqrt()) / 6.0;
    [(c - 3.0 * v).max(0.0).sqrt(), v]
}

/// How much higher the ELBO is a little way from (m, v), in the direction in which it is highest.
fn rise_around(nerves: &Nerves, x: f64, [mean, variance]: [f64; 2]) -> f64 {
    const STEP: f64 = 1e-3; // in units of the width of q: what is gained is of the order of its square
    let here = nerves.elbo(x, mean, variance.ln());
    let around = (0..16).map(|k| {
        let (sine, cosine) = (PI * f64::from(k) / 8.0).sin_cos();
        let at = [mean + STEP * variance.sqrt() * cosine, variance.ln() + STEP * sine];
        nerves.elbo(x, at[0], at[1]) - here
    });
    around.fold(0.0, f64::max)
}

pub(super) fn three_maxima() -> Claim<Maxima> {
    claim("variational-inference/three-maxima")
        .says(
            "Ascent on the ELBO may end between the modes: N(0, v) with 6(a/σ)²v² + (1 − 2ℓa/σ²)v = 1 is a maximum \
             whatever the mark; where c > √3 σ/a there is one at each mode as well, and from wherever it starts an ascent ends \
             at one of these",
        )
        .settles("kl-nonneg", Verdict::Holds)
        .for_every({
            let [loss, sigma, lost] = situations();
            // From N(½, 1) at a mark of 60 the ascent ends in the middle, from N(1, e⁻²) at a mode.
            domain([loss, sigma, lost, real("m", -2.0..=2.0), real("log v", -4.0..=1.0)])
                .with([[9.0, 7.0, 20.0, 0.5, 0.0], [9.0, 7.0, 20.0, 1.0, -2.0]])
                .such_that(
                    "c a/σ is at most 8, and not within 0.03 of √3, where a maximum and a saddle meet",
                    |[loss, sigma, lost, ..]| {
                        let apart = apart(loss, sigma, lost);
                        apart <= 8.0 && (apart - 3f64.sqrt()).abs() > 0.03
                    },
                )
                .cases(160)
        })
        .exact(
            Tolerance::absolute(1e-7).because("the ascent stops where its steps are below 1e-13"),
            |of: &Subject<Maxima>, [loss, sigma, lost, mean, log_var], cases| {
                let (nerves, x) = (nerves(loss, sigma), BEST - lost);
                let maxima = of.output(|maxima| maxima(&nerves, x))?;
                let modes = usize::from(apart(loss, sigma, lost) > 3f64.sqrt());
                cases.equal("maxima with m ≥ 0", maxima.len() as f64, 1.0 + modes as f64);
                let path = nerves.choosing_fit(x, [mean, log_var])?;
                let [end_mean, end_log_var] = path[path.len() - 1];
                let end = [end_mean.abs(), end_log_var.exp()];
                let off = |at: &[f64; 2]| (at[0] - end[0]).abs().max((at[1] - end[1]).abs());
                let nearest = maxima.iter().map(off).fold(f64::INFINITY, f64::min);
                cases.equal("from the end of an ascent to the nearest maximum", nearest, 0.0);
                let rise = maxima.iter().map(|&at| rise_around(&nerves, x, at)).fold(0.0, f64::max);
                cases.equal("rise of the ELBO around them", rise, 0.0);
                Ok(())
            },
        )
        .holds_for(maxima as Maxima)
        .fails_for(
            "modes-only",
            "The middle was left out, m = 0, where the first derivative vanishes too: there the ELBO has a \
             maximum, and an ascent that starts from a wide q may end there.",
            |nerves, x| {
                let both = maxima(nerves, x)?;
                Ok(both.into_iter().filter(|at| at[0] > 0.0).collect())
            },
        )
        .fails_for(
            "middle-only",
            "The modes were left out: where c > √3 σ/a each of them has a maximum of its own.",
            |nerves, x| Ok(vec![nerves.middle_fit(x)]),
        )
        .fails_for(
            "saddle-for-a-maximum",
            "The larger root of the quadratic was taken for the maximum: it is the saddle that one passes on the \
             way from the middle to a mode.",
            |nerves, x| {
                let saddle = Some(saddle(nerves, x)).filter(|at| at[1].is_finite());
                Ok([nerves.middle_fit(x)].into_iter().chain(saddle).collect())
            },
        )
        .fails_for(
            "posterior's-variance",
            "The middle was given the posterior's variance: that is the best q of the other direction.",
            |nerves, x| {
                let mut all = maxima(nerves, x)?;
                all[0][1] = nerves.covering_fit(x)?.sigma().powi(2);
                Ok(all)
            },
        )
}

pub(super) fn mass_covering() -> Claim<Fit> {
    claim("variational-inference/mass-covering")
        .says(
            "The Gaussian nearest by KL(p(z | x) ‖ q) has the posterior's mean and variance: it is centred between \
             the modes and covers both",
        )
        .settles("kl-nonneg", Verdict::Holds)
        .for_every(two_modes(100))
        .exact(
            Tolerance::absolute(1e-9).because("the fit's own quadrature is asked for eleven digits"),
            |of: &Subject<Fit>, [loss, sigma, lost], cases| {
                let (nerves, x) = (nerves(loss, sigma), BEST - lost);
                // The trapezoidal rule, which is exact to all digits for so smooth a density.
                let mut moments = [0.0; 3];
                let scale = nerves.log_joint(x, nerves.mode(x));
                for z in (-900..=900).map(|i| f64::from(i) / 100.0) {
                    let mass = (nerves.log_joint(x, z) - scale).exp();
                    (0..3).for_each(|k| moments[k] += z.powi(k as i32) * mass);
                }
                let mean = moments[1] / moments[0];
                let expected = [mean, moments[2] / moments[0] - mean * mean];
                let measured = of.output(|fit| fit(&nerves, x))?;
                cases.all_equal("mean, variance", &measured, &expected);
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
