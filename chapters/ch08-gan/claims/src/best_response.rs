//! A generator against the best discriminator there is.

use claims::{Claim, Subject, Tolerance, Variable, Verdict, claim, domain, one_of, real, scale};
use prob::{Gaussian, Quadrature};

use super::SWAPPED_LABELS;
use super::gradient::LOSSES;
use ch08_gan::GeneratorLoss;
use ch08_gan::dynamics::{descend, generator_gradient, train_against_optimum};
use ch08_gan::game::{jensen_shannon, optimal_logit};

/// (p, q, loss) ↦ the derivatives with respect to μ and log σ of q
type Slopes = fn(&Gaussian, &Gaussian, GeneratorLoss) -> prob::Result<[f64; 2]>;

/// μ and σ of the data, the generator's distance from it and its σ in units of that σ, and the loss.
const PAIRS: [[f64; 4]; 3] = [[0.0, 1.0, 0.8, 0.7], [0.3, 1.4, -0.93, 0.64], [1.0, 0.6, 2.5, 0.83]];

/// Data and generators not further away than some σ of the data, and not wider or narrower than by some factor.
fn variables(apart: f64, ratio: f64) -> [Variable; 5] {
    [
        real("μ of the data", -3.0..=3.0),
        scale("its σ", 0.1..=10.0),
        real("distance of the means/σ", -apart..=apart),
        scale("ratio of the σ", ratio.recip()..=ratio),
        one_of("loss (0 saturating, 1 not)", &[0.0, 1.0]),
    ]
}

fn named() -> impl Iterator<Item = [f64; 5]> {
    PAIRS.into_iter().flat_map(|[mean, sigma, apart, ratio]| {
        [0.0, 1.0].map(|loss| [mean, sigma, apart, ratio, loss])
    })
}

fn gaussians(mean: f64, sigma: f64, apart: f64, ratio: f64) -> prob::Result<(Gaussian, Gaussian)> {
    Ok((Gaussian::new(mean, sigma)?, Gaussian::new(mean + apart * sigma, ratio * sigma)?))
}

pub(super) fn envelope() -> Claim<Slopes> {
    claim("gan/envelope")
        .says(
            "Against the best discriminator, held fixed, the saturating loss has the gradient of 2 JSD(p, q) and the \
             non-saturating one that of KL(q ‖ p) − 2 JSD(p, q)",
        )
        .settles("gan-g-loss", Verdict::HoldsIf)
        .after("Arjovsky & Bottou 2017, Theorem 2.5")
        .for_every(domain(variables(8.0, 5.0)).with(named()))
        .exact(
            Tolerance::relative(1e-6).or_absolute(3e-8).because(
                "the witness is a difference of integrals, which are asked for eleven digits, over 0.002",
            ),
            |slopes: &Subject<Slopes>, [mean, sigma, apart, ratio, loss], cases| {
                let (p, q) = gaussians(mean, sigma, apart, ratio)?;
                let loss = LOSSES[loss as usize];
                // With respect to μ in units of the generator's own σ.
                let [by_mean, by_log_sigma] = slopes
                    .output(|slopes| slopes(&p, &q, loss).map(|[mean, log]| [q.sigma() * mean, log]))?;
                let expected = by_differences(&q, |q| {
                    let twice_jsd = 2.0 * jensen_shannon(&p, q)?;
                    Ok(match loss {
                        GeneratorLoss::Saturating => twice_jsd,
                        GeneratorLoss::NonSaturating => q.kl(&p) - twice_jsd,
                    })
                })?;
                cases.equal("σ ∂/∂μ", by_mean, q.sigma() * expected[0]);
                cases.equal("∂/∂log σ", by_log_sigma, expected[1]);
                Ok(())
            },
        )
        .holds_for(generator_gradient as Slopes)
        .fails_for(
            "through-the-discriminator",
            "The dependence of the best discriminator on q was differentiated as well: the generator's step holds the \
             discriminator fixed.",
            |p, q, loss| by_differences(q, |q| expected_loss(p, q, loss)),
        )
        .fails_for(
            "exchanged-losses",
            "The saturating and the non-saturating loss are exchanged: the game's own is log(1 − D(G(z))).",
            |p, q, loss| generator_gradient(p, q, other(loss)),
        )
        .fails_for("swapped-labels", SWAPPED_LABELS, swapped_labels)
        .fails_for(
            "jsd-once",
            "The gradient of JSD was taken: the value of the game contains it twice.",
            |p, q, loss| Ok(generator_gradient(p, q, loss)?.map(|slope| 0.5 * slope)),
        )
}

fn other(loss: GeneratorLoss) -> GeneratorLoss {
    match loss {
        GeneratorLoss::Saturating => GeneratorLoss::NonSaturating,
        GeneratorLoss::NonSaturating => GeneratorLoss::Saturating,
    }
}

/// E_q of a loss at the best discriminator.
fn expected_loss(p: &Gaussian, q: &Gaussian, loss: GeneratorLoss) -> prob::Result<f64> {
    Ok(Quadrature::default().expectation(q, |x| loss.value(optimal_logit(p, q, x)))?.value)
}

/// The generator's gradient against a discriminator that calls generated what is real.
fn swapped_labels(p: &Gaussian, q: &Gaussian, loss: GeneratorLoss) -> prob::Result<[f64; 2]> {
    against(p, q, q, loss, -1.0)
}

/// The gradient for the generator `q` against `sign` times the best logit for another generator.
fn against(
    p: &Gaussian,
    stale: &Gaussian,
    q: &Gaussian,
    loss: GeneratorLoss,
    sign: f64,
) -> prob::Result<[f64; 2]> {
    let score = |of: &Gaussian, x: f64| (of.mean() - x) / (of.sigma() * of.sigma());
    let slope = |x: f64| {
        let logit = sign * optimal_logit(p, stale, x);
        loss.backward(logit) * sign * (score(p, x) - score(stale, x))
    };
    let quadrature = Quadrature::default();
    let by_mean = quadrature.expectation(q, slope)?.value;
    Ok([by_mean, quadrature.expectation(q, |x| slope(x) * (x - q.mean()))?.value])
}

/// The derivatives with respect to μ and log σ by central differences of two widths, in μ in units of σ, combined so that their
/// errors of the second order cancel (Richardson).
fn by_differences(
    q: &Gaussian,
    f: impl Fn(&Gaussian) -> prob::Result<f64>,
) -> prob::Result<[f64; 2]> {
    const STEP: f64 = 1e-3;
    let moved = |variable: usize, by: f64| match variable {
        0 => f(&Gaussian::new(q.mean() + by * q.sigma(), q.sigma())?),
        _ => f(&Gaussian::new(q.mean(), q.sigma() * by.exp())?),
    };
    let derivative = |variable| {
        let difference = |h: f64| Ok((moved(variable, h)? - moved(variable, -h)?) / (2.0 * h));
        Ok((4.0 * difference(STEP)? - difference(2.0 * STEP)?) / 3.0)
    };
    Ok([derivative(0)? / q.sigma(), derivative(1)?])
}

/// (p, start, loss) ↦ the generator's μ and σ after training
type Recovered = fn(&Gaussian, &Gaussian, GeneratorLoss) -> prob::Result<[f64; 2]>;

const STEPS: usize = 60;

fn trained(
    start: &Gaussian,
    gradient: impl Fn(&Gaussian) -> prob::Result<[f64; 2]>,
) -> prob::Result<[f64; 2]> {
    let end = (0..STEPS).try_fold(*start, |q, _| descend(&q, gradient(&q)?, 1.0))?;
    Ok([end.mean(), end.sigma()])
}

pub(super) fn recovers() -> Claim<Recovered> {
    claim("gan/recovers")
        .says(
            "In 60 steps a generator μ + σz that descends against the best discriminator, computed anew at each step and held \
             fixed in its gradient, finds mean and standard deviation of the data, with either loss: from every start at most \
             2.5 standard deviations of the data away, and at most three times as wide or as narrow",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .for_every(domain(variables(2.5, 3.0)).with(named()).cases(60))
        .exact(
            Tolerance::absolute(1e-12),
            |recovered: &Subject<Recovered>, [mean, sigma, apart, ratio, loss], cases| {
                let (p, start) = gaussians(mean, sigma, apart, ratio)?;
                let measured = recovered.output(|recovered| {
                    let [end, width] = recovered(&p, &start, LOSSES[loss as usize])?;
                    Ok::<_, prob::Error>([(end - mean) / sigma, width / sigma])
                })?;
                cases.all_equal("[(μ − μ of the data)/σ, σ/σ of the data]", &measured, &[0.0, 1.0]);
                Ok(())
            },
        )
        .holds_for(
            (|p, start, loss| {
                let path = train_against_optimum(p, start, loss, 1.0, STEPS)?;
                let end = path[STEPS];
                Ok([end.mean(), end.sigma()])
            }) as Recovered,
        )
        .fails_for(
            "stale-discriminator",
            "The discriminator was computed once, at the start: the generator then runs to where that one is fooled most, \
             and past the data; let the discriminator follow.",
            |p, start, loss| trained(start, |q| against(p, start, q, loss, 1.0)),
        )
        .fails_for("swapped-labels", SWAPPED_LABELS, |p, start, loss| {
            trained(start, |q| swapped_labels(p, q, loss).map(|slopes| slopes.map(|s| 0.1 * s)))
        })
        .fails_for(
            "mean-only",
            "The gradient reached μ and not σ: x = μ + σz depends on both, with dx/dlog σ = σz.",
            |p, start, loss| {
                trained(start, |q| Ok([generator_gradient(p, q, loss)?[0], 0.0]))
            },
        )
        .fails_for(
            "uphill",
            "The generator went up its loss, away from the data: subtract the gradient.",
            |p, start, loss| {
                trained(start, |q| Ok(generator_gradient(p, q, loss)?.map(|slope| -0.1 * slope)))
            },
        )
}

/// loss ↦ how far the generator is from N(0, 1) after as many steps, in μ
type Left = fn(GeneratorLoss) -> prob::Result<f64>;

fn left(loss: GeneratorLoss, rate: f64) -> prob::Result<f64> {
    let (p, start) = (Gaussian::new(0.0, 1.0)?, Gaussian::new(4.0, 0.2)?);
    let path = train_against_optimum(&p, &start, loss, rate, STEPS)?;
    Ok(path[STEPS].mean().abs())
}

pub(super) fn far_start() -> Claim<Left> {
    claim("gan/far-start")
        .says(
            "From N(4, 0.2²) as generator of data from N(0, 1) the same 60 steps arrive with the non-saturating loss; with the \
             saturating one the mean has then moved by less than 0.05",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .there_is()
        .exact(
            Tolerance::absolute(0.05).because("how little the mean has moved does not matter"),
            |left: &Subject<Left>, cases| {
                let at = |loss| left.output(|left| left(loss));
                cases.equal("non-saturating", at(GeneratorLoss::NonSaturating)?, 0.0);
                cases.equal("saturating", at(GeneratorLoss::Saturating)?, 4.0);
                Ok(())
            },
        )
        .holds_for((|loss| left(loss, 1.0)) as Left)
        .fails_for(
            "exchanged-losses",
            "The saturating and the non-saturating loss are exchanged: it is the game's own, log(1 − D(G(z))), that is flat \
             where the generator is found out.",
            |loss| left(other(loss), 1.0),
        )
        .fails_for(
            "small-steps",
            "A thousandth of the step was taken: then neither loss arrives in 60 steps, and nothing is said about the slopes.",
            |loss| left(loss, 1e-3),
        )
}
