//! One Gaussian for two modes.

use claims::{CheckError, Claim, Domain, Subject, Tolerance, claim, domain, real, scale, signed};
use prob::{Gaussian, Mixture, Quadrature, kl};

use ch06_gaussian_kl::fits::{
    forward_fit, forward_kl, log_density, reverse_fit, reverse_kl, score,
};

/// target ↦ mean and log σ of the fit
type Fit = fn(&Mixture<Gaussian>) -> Result<[f64; 2], CheckError>;

/// A left mode N(m, σ²) with weight w, and a right one at distance h with standard deviation τ.
fn target(
    [weight, left, distance, sigma_left, sigma_right]: [f64; 5],
) -> Result<Mixture<Gaussian>, CheckError> {
    let components =
        vec![Gaussian::new(left, sigma_left)?, Gaussian::new(left + distance, sigma_right)?];
    Ok(Mixture::new(&[weight, 1.0 - weight], components)?)
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
        .says(
            "The Gaussian q̂ with a mixture's mean and variance has the least KL(target ‖ q): any other q has \
             KL(q̂ ‖ q) more",
        )
        .after("Bishop 2006, Pattern Recognition and Machine Learning, section 10.7")
        .for_every(
            domain([
                real("weight of the left mode", 0.05..=0.95),
                real("its mean", -3.0..=3.0),
                scale("distance of the modes", 0.1..=8.0),
                scale("σ of the left mode", 0.2..=2.0),
                scale("σ of the right mode", 0.2..=2.0),
                signed("q's mean less the target's, in its standard deviations", 1e-2..=3.0),
                signed("log ratio of their standard deviations", 1e-2..=1.5),
            ])
            .with([
                [0.65, -2.0, 4.2, 0.7, 0.9, 0.5, -0.3],
                [0.4, 0.5, 3.0, 0.5, 1.1, 0.0, 0.0],
            ])
            .cases(60),
        )
        .exact(
            Tolerance::relative(1e-9).or_absolute(1e-9).because(
                "the witnesses are adaptive quadratures, asked for eleven digits",
            ),
            |fit: &Subject<Fit>, [weight, left, distance, sigma1, sigma2, shift, widened], cases| {
                let target = target([weight, left, distance, sigma1, sigma2])?;
                let right = left + distance;
                let first = (left - 12.0 * sigma1).min(right - 12.0 * sigma2);
                let last = (left + 12.0 * sigma1).max(right + 12.0 * sigma2);
                let moment = |f: &dyn Fn(f64) -> f64| {
                    let integrand = |x: f64| f(x) * log_density(&target, x).exp();
                    let quadrature = Quadrature { relative_tolerance: 1e-12, ..Quadrature::default() };
                    quadrature.integrate_between(integrand, &[first, left, right, last])
                };
                let mean = moment(&|x| x)?.value;
                let variance = moment(&|x| (x - mean) * (x - mean))?.value;
                let [of_mean, log_sigma] = fit.output(|fit| fit(&target))?;
                cases.equal("mean", of_mean, mean);
                cases.equal("log σ", log_sigma, 0.5 * variance.ln());

                let log_var = variance.ln() + 2.0 * widened;
                let q = Gaussian::from_log_var(mean + shift * variance.sqrt(), log_var)?;
                let best = Gaussian::new(of_mean, log_sigma.exp())?;
                let more = forward_kl(&target, &q)? - forward_kl(&target, &best)?;
                let expected = kl::gaussian(of_mean, 2.0 * log_sigma, q.mean(), log_var);
                cases.equal("KL(target ‖ q) more", more, expected);
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

/// Targets with two modes, or one and a shoulder.
fn two_modes() -> Domain<4> {
    domain([
        real("weight of the left mode", 0.1..=0.9),
        scale("distance of the modes", 0.5..=8.0),
        scale("σ of the left mode", 0.4..=1.5),
        scale("σ of the right mode", 0.4..=1.5),
    ])
    .with([[0.65, 4.2, 0.7, 0.9], [0.4, 3.0, 0.5, 1.1]])
    .cases(110)
}

pub(super) fn reverse() -> Claim<Fit> {
    claim("gaussian-kl/reverse-fit")
        .says(
            "Descent of KL(q ‖ target) from the larger of two modes ends at a Gaussian q at which \
             E_q ∂ₓlog target = 0 and E_q (x − μ)∂ₓlog target = −1, and from which the divergence rises \
             whether μ or log σ is moved by 0.02, up or down",
        )
        .after("Bishop 2006, Pattern Recognition and Machine Learning, section 10.1.2")
        .for_every(two_modes())
        .exact(Tolerance::absolute(1e-9), |fit: &Subject<Fit>, [weight, distance, sigma1, sigma2], cases| {
            let target = target([weight, -2.0, distance, sigma1, sigma2])?;
            let [mean, log_sigma] = fit.output(|fit| fit(&target))?;
            let q = Gaussian::new(mean, log_sigma.exp())?;
            let expectation = |f: &dyn Fn(f64) -> f64| {
                Quadrature::default().expectation(&q, |x| f(x) * score(&target, x))
            };
            let by_mean = q.sigma() * expectation(&|_| 1.0)?.value;
            let by_log_sigma = expectation(&|x| x - mean)?.value;
            cases.equal("σ E ∂ₓlog target", by_mean, 0.0);
            cases.equal("E (x − μ)∂ₓlog target", by_log_sigma, -1.0);

            let here = reverse_kl(&q, &target)?;
            let mut higher = 0.0;
            for (shift, widened) in [(0.02, 0.0), (-0.02, 0.0), (0.0, 0.02), (0.0, -0.02)] {
                let moved = Gaussian::new(mean + shift, (log_sigma + widened).exp())?;
                higher += f64::from(reverse_kl(&moved, &target)? > here);
            }
            cases.equal("neighbours with a larger divergence", higher, 4.0);
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

/// (target, start) ↦ the Gaussian at which descent of KL(q ‖ target) ends, and the divergence there
type Descent = fn(&Mixture<Gaussian>, &Gaussian) -> Result<[f64; 3], CheckError>;

fn descend(target: &Mixture<Gaussian>, start: &Gaussian) -> Result<[f64; 3], CheckError> {
    let path = reverse_fit(target, start, 0.2)?;
    let end = path.last().ok_or("a path has a start")?;
    let [mean, log_sigma] = as_numbers(end);
    Ok([mean, log_sigma, reverse_kl(end, target)?])
}

pub(super) fn choices() -> Claim<Descent> {
    claim("gaussian-kl/reverse-choices")
        .says(
            "Of two equal modes of width 1 at ±m, descent of KL(q ‖ target) from either mode and from a wide \
             q in the middle ends at one q that covers both if m = 2; at three different ones if m = 3, of \
             which those in the modes leave less than log 2 and the one in the middle leaves more",
        )
        .after("Bishop 2006, Pattern Recognition and Machine Learning, section 10.1.2")
        .there_is()
        .exact(
            Tolerance::absolute(5e-5).because("the divergences are stated to four digits"),
            |descent: &Subject<Descent>, cases| {
                let ends = |m: f64| -> Result<[[f64; 3]; 3], CheckError> {
                    let target = target([0.5, -m, 2.0 * m, 1.0, 1.0])?;
                    let starts = [(-m, 1.0), (0.0, m), (m, 1.0)];
                    let [left, middle, right] = starts.map(|(mean, sigma)| {
                        let start = Gaussian::new(mean, sigma)?;
                        descent.output(|descend| descend(&target, &start))
                    });
                    Ok([left?, middle?, right?])
                };
                for [mean, _, kl] in ends(2.0)? {
                    cases.equal("m = 2: mean", mean, 0.0);
                    cases.equal("m = 2: KL", kl, 0.2265);
                }
                let [left, middle, right] = ends(3.0)?;
                for ([mean, _, kl], (where_to, left_over)) in [left, middle, right]
                    .into_iter()
                    .zip([(-2.9843, 0.6888), (0.0, 0.8406), (2.9843, 0.6888)])
                {
                    cases.equal("m = 3: mean", mean, where_to);
                    cases.equal("m = 3: KL", kl, left_over);
                }
                Ok(())
            },
        )
        .holds_for(descend as Descent)
        .fails_for(
            "forward",
            "The arguments are swapped: this q minimises KL(target ‖ q), which has one minimum, whatever the \
             start.",
            |target, _| {
                let q = forward_fit(target)?;
                let [mean, log_sigma] = as_numbers(&q);
                Ok([mean, log_sigma, reverse_kl(&q, target)?])
            },
        )
        .fails_for(
            "start-kept",
            "The start was taken for the end: the other mode pulls on q, too.",
            |target, start| {
                let [mean, log_sigma] = as_numbers(start);
                Ok([mean, log_sigma, reverse_kl(start, target)?])
            },
        )
}
