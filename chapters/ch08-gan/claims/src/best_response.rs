//! A generator against the best discriminator there is.

use claims::{Claim, Subject, Tolerance, Verdict, claim};
use prob::{Gaussian, Quadrature};

use super::SWAPPED_LABELS;
use ch08_gan::GeneratorLoss;
use ch08_gan::dynamics::{descend, generator_gradient, train_against_optimum};
use ch08_gan::game::{jensen_shannon, optimal_logit};

const LOSSES: [GeneratorLoss; 2] = [GeneratorLoss::Saturating, GeneratorLoss::NonSaturating];

/// (p, q, loss) ↦ the derivatives with respect to μ and log σ of q
type Slopes = fn(&Gaussian, &Gaussian, GeneratorLoss) -> prob::Result<[f64; 2]>;

/// μ and σ of data and generator.
const PAIRS: [[f64; 4]; 3] = [[0.0, 1.0, 0.8, 0.7], [0.3, 1.4, -1.0, 0.9], [1.0, 0.6, 2.5, 0.5]];

pub(super) fn envelope() -> Claim<Slopes> {
    claim("gan/envelope")
        .says(
            "Against the best discriminator, held fixed, the saturating loss has the gradient of 2 JSD(p, q) and the \
             non-saturating one that of KL(q ‖ p) − 2 JSD(p, q)",
        )
        .settles("gan-g-loss", Verdict::HoldsIf)
        .after("Arjovsky & Bottou 2017, Theorem 2.5")
        .exact(
            Tolerance::relative(1e-6).or_absolute(1e-9).because(
                "the witness is a difference of integrals over 0.002, with an error of the fourth order in it",
            ),
            |slopes: &Subject<Slopes>, cases| {
                for [mean, sigma, q_mean, q_sigma] in PAIRS {
                    let (p, q) = (Gaussian::new(mean, sigma)?, Gaussian::new(q_mean, q_sigma)?);
                    for loss in LOSSES {
                        let measured = slopes.output(|slopes| slopes(&p, &q, loss))?;
                        let expected = by_differences(&q, |q| {
                            let twice_jsd = 2.0 * jensen_shannon(&p, q)?;
                            Ok(match loss {
                                GeneratorLoss::Saturating => twice_jsd,
                                GeneratorLoss::NonSaturating => q.kl(&p) - twice_jsd,
                            })
                        })?;
                        let label = format!("{loss:?}, N({mean}, {sigma}²), N({q_mean}, {q_sigma}²)");
                        cases.all_equal(&label, &measured, &expected);
                    }
                }
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

/// The derivatives with respect to μ and log σ by central differences of two widths, combined so that their
/// errors of the second order cancel (Richardson).
fn by_differences(
    q: &Gaussian,
    f: impl Fn(&Gaussian) -> prob::Result<f64>,
) -> prob::Result<[f64; 2]> {
    const STEP: f64 = 1e-3;
    let moved = |variable: usize, by: f64| match variable {
        0 => f(&Gaussian::new(q.mean() + by, q.sigma())?),
        _ => f(&Gaussian::new(q.mean(), q.sigma() * by.exp())?),
    };
    let derivative = |variable| {
        let difference = |h: f64| Ok((moved(variable, h)? - moved(variable, -h)?) / (2.0 * h));
        Ok((4.0 * difference(STEP)? - difference(2.0 * STEP)?) / 3.0)
    };
    Ok([derivative(0)?, derivative(1)?])
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
            "A generator μ + σz that descends against the best discriminator, computed anew at each step and held fixed in \
             its gradient, finds mean and standard deviation of the data, with either loss",
        )
        .settles("gan-equilibrium", Verdict::HoldsIf)
        .exact(Tolerance::absolute(1e-12), |recovered: &Subject<Recovered>, cases| {
            for [mean, sigma, q_mean, q_sigma] in PAIRS {
                let (p, start) = (Gaussian::new(mean, sigma)?, Gaussian::new(q_mean, q_sigma)?);
                for loss in LOSSES {
                    let measured = recovered.output(|recovered| recovered(&p, &start, loss))?;
                    let label = format!("{loss:?}, from N({q_mean}, {q_sigma}²), [μ, σ]");
                    cases.all_equal(&label, &measured, &[mean, sigma]);
                }
            }
            Ok(())
        })
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
