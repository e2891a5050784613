//! Draws: a sampler, and three estimators of the divergence.

use claims::{
    Check, CheckError, Claim, Expected, Subject, Tolerance, claim, domain, one_of, scale, signed,
};
use prob::inference::gaussian_shift_distance;
use prob::inference::variance::CentralMoments;
use prob::{Gaussian, Quadrature, gaussian};
use rand::Rng as _;
use rand_distr::StandardNormal;

use ch06_gaussian_kl::estimators::{CROSSING, LogRatio, k1, k2, k3};

const SCHULMAN: &str = "Schulman 2020, Approximating KL Divergence";

/// (ε, μ, log σ²) ↦ a draw from N(μ, σ²)
type Sampler = fn(f64, f64, f64) -> f64;

/// The effect is 2 % of a standard deviation: a shift of that size moves the distribution function by
/// 0.008, and the band of Dvoretzky, Kiefer and Wolfowitz is planned to half of that.
pub(super) fn sampler() -> Claim<Sampler> {
    claim("gaussian-kl/sampler")
        .says(
            "μ + σε with ε from N(0, 1) has the distribution N(μ, σ²), at μ = 0.7 and two variances; a \
             mean that is off by 2 % of a standard deviation would be noticed",
        )
        .after("Massart 1990, The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality")
        .for_every(domain([one_of("μ", &[0.7]), one_of("log σ²", &[-4.0, 2.0])]))
        .statistical(1, |sampler: &Subject<Sampler>, [mean, log_var], draws| {
            let target = Gaussian::from_log_var(mean, log_var)?;
            draws.distributed(
                "distribution function of μ + σε",
                gaussian_shift_distance(0.02),
                |x| target.cdf(x),
                |rng| {
                    let noise: f64 = rng.sample(StandardNormal);
                    sampler.output(|sampler| sampler(noise, mean, log_var))
                },
            )
        })
        .holds_for(gaussian::reparameterize as Sampler)
        .fails_for(
            "shifted",
            "The draws lie 2 % of a standard deviation too high: look for a noise that is not centred.",
            |noise, mean, log_var| gaussian::reparameterize(noise + 0.02, mean, log_var),
        )
        .fails_for(
            "exp-log-var-as-sigma",
            "exp(log σ²) is the variance: the noise is multiplied by exp(½ log σ²).",
            |noise, mean, log_var| mean + log_var.exp() * noise,
        )
        .fails_for(
            "log-var-as-sigma",
            "The log-variance itself was used as the standard deviation: exponentiate half of it.",
            |noise, mean, log_var| mean + log_var * noise,
        )
        .fails_for(
            "softplus",
            "softplus was applied to what is a log-variance: σ is exp(½ log σ²).",
            |noise, mean, log_var| mean + prob::log_space::softplus(log_var).sqrt() * noise,
        )
}

/// log r ↦ an estimate
type Estimator = fn(f64) -> f64;

const PLUS_LOG: &str = "The logarithm has the wrong sign: k₃ = r − 1 − log r, and its mean is −E log r, \
    because E r = 1.";

/// eᵘ − 1 − u − u²/2 − u³/6 is u⁴/24 times an exponential.
pub(super) fn never_negative() -> Claim<Estimator> {
    claim("gaussian-kl/k3-never-negative")
        .says("k₃ = r − 1 − log r is at least ½(log r)² + ⅙(log r)³ and never negative, in every draw")
        .after(SCHULMAN)
        .for_every(
            domain([signed("log r", 1e-9..=700.0).special(&[-0.5, 0.5])])
                .with([[-30.0], [-3.0], [1e-6], [0.2], [4.0]]),
        )
        .bound(Tolerance::relative(1e-14), |estimator: &Subject<Estimator>, [log_r], margins| {
            let measured = estimator.output(|estimate| estimate(log_r));
            let cubic = log_r * log_r * (0.5 + log_r / 6.0);
            margins.at_least("", measured, cubic.max(0.0));
            Ok(())
        })
        .holds_for(k3 as Estimator)
        .fails_for(
            "k1",
            "−log r alone is negative wherever q is larger than p: add r − 1, whose mean is 0.",
            k1,
        )
        .fails_for("plus-log", PLUS_LOG, |log_r| log_r.exp_m1() + log_r)
        .fails_for(
            "exp-m1-only",
            "exp_m1(u) − u loses its digits for small u, and may turn negative: use the series of \
             eᵘ − 1 − u.",
            |log_r| log_r.exp_m1() - log_r,
        )
}

/// Means and variances of k₁, k₂, k₃, in that order
type MomentsOf = fn(&LogRatio) -> [f64; 6];

fn all_moments(log_ratio: &LogRatio) -> [f64; 6] {
    let [k1, k2, k3] = [log_ratio.k1(), log_ratio.k2(), log_ratio.k3()];
    [k1.mean, k1.variance, k2.mean, k2.variance, k3.mean, k3.variance]
}

/// p and q with s = σ₁/σ₂ and d = (μ₁ − μ₂)/σ₂.
fn pair(s: f64, d: f64) -> Result<(Gaussian, Gaussian), CheckError> {
    let sigma2 = 1.7;
    Ok((Gaussian::new(0.3 + d * sigma2, s * sigma2)?, Gaussian::new(0.3, sigma2)?))
}

/// E(k − mean)^power over the noise, by quadrature.
fn central(
    estimator: Estimator,
    log_ratio: &LogRatio,
    mean: f64,
    power: i32,
) -> Result<f64, CheckError> {
    let deviation = |noise| (estimator(log_ratio.at(noise)) - mean).powi(power);
    // Tighter than the default: of a polynomial times the density an early estimate may agree by luck.
    let quadrature = Quadrature { relative_tolerance: 1e-13, ..Quadrature::default() };
    Ok(quadrature.expectation(&Gaussian::standard(), deviation)?.value)
}

pub(super) fn moments() -> Claim<MomentsOf> {
    claim("gaussian-kl/estimator-moments")
        .says(
            "With s = σ₁/σ₂ and d = (μ₁ − μ₂)/σ₂: k₁ has mean KL and variance ½(1 − s²)² + d²s²; k₂ has \
             mean ½(KL² + Var k₁); k₃ has mean KL and variance χ²(q ‖ p) + Var k₁ − \
             2(KL(p ‖ q) + KL(q ‖ p)) where 2s² > 1, an infinite one elsewhere. At s = 1 it is less than \
             k₁'s exactly up to d² = 1.2564…",
        )
        .after(SCHULMAN)
        .for_every(
            domain([
                scale("s", 0.4..=3.0).special(&[0.7]),
                signed("d", 1e-2..=2.0).special(&[1.12, 1.13]),
            ])
            .with([[1.0, 1.0], [1.0, -0.4], [1.5, 0.8], [0.9, 0.5], [2.0, 0.0], [1.0, CROSSING.sqrt()]])
            .such_that("2s² ≤ 1 or 2s² ≥ 1.2 + ½d²", |[s, d]| {
                2.0 * s * s <= 1.0 || 2.0 * s * s >= 1.2 + 0.5 * d * d
            }),
        )
        .exact(
            Tolerance::relative(1e-9).or_absolute(1e-11).because(
                "the witness is an adaptive quadrature of functions that grow like eˣ, and is asked for \
                 eleven digits",
            ),
            |moments: &Subject<MomentsOf>, [s, d], cases| {
                let (p, q) = pair(s, d)?;
                let log_ratio = LogRatio::between(&p, &q);
                let measured = moments.output(|moments| moments(&log_ratio));
                let finite = 2.0 * s * s > 1.0;
                let mut expected = Vec::new();
                for estimator in [k1, k2, k3] {
                    let mean = central(estimator, &log_ratio, 0.0, 1)?;
                    expected.push(mean);
                    if finite || expected.len() < 5 {
                        expected.push(central(estimator, &log_ratio, mean, 2)?);
                    }
                }
                cases.all_equal("moments", &measured[..expected.len()], &expected);
                if !finite {
                    // Its reciprocal, since a check compares finite numbers only.
                    let reciprocal = moments.output(|moments| 1.0 / moments(&log_ratio)[5]);
                    cases.equal("1/Var k₃", reciprocal, 0.0);
                }
                if s == 1.0 && d != 0.0 {
                    let less = f64::from(measured[5] < measured[1] * (1.0 - 1e-9));
                    let near = d * d < CROSSING * (1.0 - 1e-9);
                    cases.equal("whether k₃ varies less", less, f64::from(near));
                }
                Ok(())
            },
        )
        .holds_for(all_moments as MomentsOf)
        .fails_for(
            "k2-unbiased",
            "k₂ was taken for unbiased: its mean is ½E(log r)² = ½(KL² + Var log r), which is near KL only \
             where p is near q.",
            |log_ratio| {
                let mut moments = all_moments(log_ratio);
                moments[2] = log_ratio.kl();
                moments
            },
        )
        .fails_for(
            "k3-uncorrelated",
            "The variances of r and log r were added as if the two were independent: subtract \
             2 Cov(r, log r) = 2(KL(p ‖ q) + KL(q ‖ p)).",
            |log_ratio| {
                let mut moments = all_moments(log_ratio);
                moments[5] += 2.0 * (log_ratio.kl() + log_ratio.reverse_kl());
                moments
            },
        )
        .fails_for(
            "chi-square-upside-down",
            "χ² was taken of p/q: the ratio is r = q/p, and draws come from p, so it is E_p r² − 1.",
            |log_ratio| {
                let LogRatio { a, b, c } = *log_ratio;
                let mut moments = all_moments(log_ratio);
                let upside_down = LogRatio { a: -a, b: -b, c: -c };
                moments[5] += upside_down.chi_square() - log_ratio.chi_square();
                moments
            },
        )
        .fails_for(
            "linear-only",
            "The quadratic part of log r varies, too: Var(aε² + bε) = 2a² + b², not b².",
            |log_ratio| {
                let mut moments = all_moments(log_ratio);
                moments[1] = log_ratio.b * log_ratio.b;
                moments
            },
        )
}

/// log r ↦ the estimates k₁, k₂, k₃
type Estimators = fn(f64) -> [f64; 3];

fn all_estimates(log_r: f64) -> [f64; 3] {
    [k1(log_r), k2(log_r), k3(log_r)]
}

/// Noise to log r to an estimate, under test.
fn estimate(
    estimators: &Subject<Estimators>,
    log_ratio: &LogRatio,
    which: usize,
    rng: &mut claims::Rng,
) -> f64 {
    let noise: f64 = rng.sample(StandardNormal);
    estimators.output(|estimators| estimators(log_ratio.at(noise)))[which]
}

/// The effect is 20 % of each estimator's standard deviation. The mistakes below move a mean by a quarter
/// of the divergence and more; a finer test of the exact moments is the claim before this one.
pub(super) fn means() -> Claim<Estimators> {
    claim("gaussian-kl/estimator-means")
        .says(
            "Over draws from p, at four pairs, k₁ and k₃ are KL(p ‖ q) on average and k₂ is \
             ½(KL² + Var log r); a mean that is off by 20 % of an estimate's standard deviation would be \
             noticed",
        )
        .after(SCHULMAN)
        .for_every(domain([one_of("s", &[0.9, 1.25]), one_of("d", &[-0.5, 1.0])]))
        .statistical(3, |estimators: &Subject<Estimators>, [s, d], draws| {
            let (p, q) = pair(s, d)?;
            let log_ratio = LogRatio::between(&p, &q);
            let exact = [log_ratio.k1(), log_ratio.k2(), log_ratio.k3()];
            for (which, moments) in exact.into_iter().enumerate() {
                let sd = moments.variance.sqrt();
                draws.mean(
                    format!("mean of k{}", which + 1),
                    Expected { mean: moments.mean, sd, effect: 0.2 * sd },
                    |rng| estimate(estimators, &log_ratio, which, rng),
                )?;
            }
            Ok(())
        })
        .holds_for(all_estimates as Estimators)
        .fails_for(
            "ratio-upside-down",
            "r is upside down: under draws from p the ratio is q(x)/p(x), whose mean is 1.",
            |log_r| all_estimates(-log_r),
        )
        .fails_for("plus-log", PLUS_LOG, |log_r| {
            [k1(log_r), k2(log_r), log_r.exp_m1() + log_r]
        })
        .fails_for(
            "no-half",
            "The ½ of k₂ is missing: log r is of the order of the distance, the divergence half its square.",
            |log_r| [k1(log_r), log_r * log_r, k3(log_r)],
        )
        .fails_for(
            "clamped",
            "Negative estimates were set to 0 because a divergence is not negative: that makes the mean too \
             large; leave them, or use k₃.",
            |log_r| [k1(log_r).max(0.0), k2(log_r), k3(log_r)],
        )
        .fails_for(
            "ratio-clipped",
            "r was clipped at 1: its mean is then no longer 1, and k₃ no longer unbiased.",
            |log_r| [k1(log_r), k2(log_r), log_r.exp().min(1.0) - 1.0 - log_r],
        )
}

/// The effect is a factor of 1.8 in a variance: the mistakes below change one by 4 and more.
pub(super) fn variances() -> Claim<Estimators> {
    claim("gaussian-kl/estimator-variances")
        .says(
            "Over draws from p, at four pairs, the variances of k₁, k₂ and k₃ are as equations (6.18) to \
             (6.20) say; one that is off by a factor of 1.8 would be noticed",
        )
        .after(SCHULMAN)
        .for_every(domain([one_of("s", &[1.0, 1.1]), one_of("d", &[-0.3, 0.5])]))
        .ratio(3, |estimators: &Subject<Estimators>, [s, d], ratios| {
            let (p, q) = pair(s, d)?;
            let log_ratio = LogRatio::between(&p, &q);
            let exact = [log_ratio.k1(), log_ratio.k2(), log_ratio.k3()];
            for (which, moments) in exact.into_iter().enumerate() {
                let fourth = central([k1, k2, k3][which], &log_ratio, moments.mean, 4)?;
                ratios.variance(
                    format!("variance of k{} against its exact value", which + 1),
                    moments.mean,
                    CentralMoments { variance: moments.variance, fourth },
                    0.8,
                    |rng| estimate(estimators, &log_ratio, which, rng),
                )?;
            }
            Check::Ok(())
        })
        .holds_for(all_estimates as Estimators)
        .fails_for(
            "no-control-variate",
            "k₃ came without r − 1: that term has mean 0 and cancels most of the noise of −log r.",
            |log_r| [k1(log_r), k2(log_r), k1(log_r)],
        )
        .fails_for(
            "control-variate-added",
            "r − 1 was subtracted: it moves with log r, so it has to be added to −log r to cancel noise.",
            |log_r| [k1(log_r), k2(log_r), -log_r - log_r.exp_m1()],
        )
        .fails_for(
            "no-half",
            "The ½ of k₂ is missing: its variance is four times too large.",
            |log_r| [k1(log_r), log_r * log_r, k3(log_r)],
        )
}
