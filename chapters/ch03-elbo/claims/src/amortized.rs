//! The ELBO may be maximised over θ and φ; minimising the KL to the posterior over θ finds nothing.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Variable, Verdict, claim, domain, real, scale};
use prob::Result;
use prob::gaussian::LOG_TWO_PI;

use ch03_elbo::amortized::{
    Parameters, maximum, mean_elbo, mean_elbo_slope, mean_kl_to_posterior, mean_log_evidence,
    with_posterior,
};

/// (σ, mean of x²) that are tried first: mean x² is above σ², and never 1.
const DATA: [[f64; 2]; 4] = [[0.5, 2.0], [1.2, 5.0], [0.7, 0.6], [0.3, 3.1]];

fn sigmas() -> Variable {
    scale("σ", 0.1..=3.0)
}

fn mean_squares() -> Variable {
    scale("mean x²", 0.05..=30.0)
}

/// w, a, log-variance
type Found = [f64; 3];

fn list(Parameters { w, a, log_var }: Parameters<f64>) -> Found {
    [w, a, log_var]
}

/// The derivatives of an objective by w, a and the log-variance.
fn slopes(at: Found, objective: impl Fn(Parameters<F1>) -> F1) -> Found {
    [0, 1, 2].map(|which| {
        let seed = |i: usize| if i == which { F1::var(at[i]) } else { F1::cst(at[i]) };
        objective(Parameters { w: seed(0), a: seed(1), log_var: seed(2) }).dx
    })
}

/// (sigma, mean of x²) ↦ the best θ and φ
type Fit = fn(f64, f64) -> Result<Found>;

pub(super) fn argmax_theta() -> Claim<Fit> {
    claim("elbo/argmax-theta")
        .says(
            "z ~ N(0, 1), x | z ~ N(wz, σ²), mean x² > σ²: the ELBO's maximum over θ and φ is the \
             maximum-likelihood w² = mean x² − σ² with the exact posterior, where its mean is \
             −½(log 2π mean x² + 1); w = 0 with q = prior has KL 0 as well, and an ELBO that is lower by \
             ½(u − 1 − log u), u = mean x²/σ²",
        )
        .settles("elbo-argmax-theta", Verdict::Refuted)
        .for_every(
            domain([sigmas(), mean_squares()])
                .with(DATA)
                .such_that("mean x² > σ²", |[sigma, mean_square]| mean_square > sigma * sigma),
        )
        .exact(Tolerance::absolute(1e-10), |fit: &Subject<Fit>, [sigma, mean_square], cases| {
            let found = fit.output(|fit| fit(sigma, mean_square))?;
            let of_elbo = slopes(found, |at| mean_elbo(at, sigma, mean_square));
            cases.all_equal("slope of the ELBO", &of_elbo, &[0.0; 3]);
            // By Gibbs' inequality no N(0, S) has a higher mean log-density than N(0, mean x²).
            let highest = -0.5 * (LOG_TWO_PI + mean_square.ln() + 1.0);
            let [w, a, log_var] = found;
            let reached = mean_elbo(Parameters { w, a, log_var }, sigma, mean_square);
            cases.equal("mean ELBO", reached, highest);
            let nothing = Parameters { w: 0.0, a: 0.0, log_var: 0.0 };
            cases.equal("KL at w = 0", mean_kl_to_posterior(nothing, sigma, mean_square), 0.0);
            let log_ratio = (mean_square / (sigma * sigma)).ln();
            let lower = 0.5 * prob::kl::exp_minus_one_minus(log_ratio);
            let at_nothing = mean_elbo(nothing, sigma, mean_square);
            cases.equal("mean ELBO less that at w = 0", reached - at_nothing, lower);
            Ok(())
        })
        .holds_for((|sigma, mean_square| Ok(list(maximum(sigma, mean_square)?))) as Fit)
        .fails_for(
            "d3-minimise-kl",
            "KL(q ‖ p_θ(z|x)) was minimised over θ as well: w = 0 with q = prior makes it 0 and explains no \
             data; over θ maximise the ELBO, because log p_θ(x) moves with θ.",
            |_, _| Ok([0.0, 0.0, 0.0]),
        )
        .fails_for(
            "any-theta",
            "θ was left as it was because KL(q ‖ p_θ(z|x)) is 0 there: with the exact q it is 0 for *every* θ.",
            |sigma, _| Ok(list(with_posterior(1.5, sigma))),
        )
        .fails_for(
            "no-noise",
            "w² was set to the mean of x²: the decoder's σ² explains its share already, w² = mean x² − σ².",
            |sigma, mean_square| Ok(list(with_posterior(mean_square.sqrt(), sigma))),
        )
        .fails_for(
            "no-root",
            "mean x² − σ² is w², not w: take the root.",
            |sigma, mean_square| Ok(list(with_posterior(mean_square - sigma * sigma, sigma))),
        )
        .fails_for(
            "inverse-of-the-decoder",
            "The encoder inverts the decoder, a = 1/w: the posterior's mean is shrunk towards the prior's, \
             a = w/(w² + σ²).",
            |sigma, mean_square| {
                let [w, _, log_var] = list(maximum(sigma, mean_square)?);
                Ok([w, 1.0 / w, log_var])
            },
        )
}

/// (w, sigma) ↦ the slope and log-variance of the encoder with KL 0
type Encoder = fn(f64, f64) -> [f64; 2];

fn exact_encoder(w: f64, sigma: f64) -> [f64; 2] {
    let Parameters { a, log_var, .. } = with_posterior(w, sigma);
    [a, log_var]
}

pub(super) fn kl_zero_everywhere() -> Claim<Encoder> {
    claim("elbo/kl-zero-for-every-theta")
        .says(
            "q(z|x) = N(w x/(w² + σ²), σ²/(w² + σ²)) has KL(q ‖ p_θ(z|x)) = 0 for every w, so that the KL \
             says nothing about θ; the ELBO there is log p_θ(x)",
        )
        .settles("elbo-argmax-theta", Verdict::Refuted)
        .for_every(
            domain([real("w", -3.0..=3.0), sigmas(), mean_squares()])
                .with(DATA.map(|[sigma, mean_square]| [-1.1, sigma, mean_square])),
        )
        .exact(
            Tolerance::relative(2e-12).or_absolute(1e-11),
            |encoder: &Subject<Encoder>, [w, sigma, mean_square], cases| {
                let [a, log_var] = encoder.output(|encoder| encoder(w, sigma));
                let at = Parameters { w, a, log_var };
                cases.equal("KL", mean_kl_to_posterior(at, sigma, mean_square), 0.0);
                let [_, by_a, by_log_var] =
                    slopes(list(at), |at| mean_kl_to_posterior(at, sigma, mean_square));
                cases.all_equal("slope of the KL by φ", &[by_a, by_log_var], &[0.0; 2]);
                let elbo = mean_elbo(at, sigma, mean_square);
                cases.equal("ELBO", elbo, mean_log_evidence(w, sigma, mean_square));
                Ok(())
            },
        )
        .holds_for(exact_encoder as Encoder)
        .fails_for(
            "prior",
            "q was left at the prior, which is the posterior at w = 0 only.",
            |_, _| [0.0, 0.0],
        )
        .fails_for(
            "no-prior",
            "The prior's precision is missing: 1/variance = 1 + w²/σ², mean = w x/(w² + σ²).",
            |w, sigma| [w / (sigma * sigma), 2.0 * sigma.ln() - (w * w).max(1e-9).ln()],
        )
        .fails_for(
            "log-sigma",
            "log σ was returned where log σ² is asked for: the half is one too many.",
            |w, sigma| {
                let [a, log_var] = exact_encoder(w, sigma);
                [a, 0.5 * log_var]
            },
        )
}

/// ∂/∂w of the mean ELBO at (w, a, log-variance), sigma, mean x²
type Slope = fn(Found, f64, f64) -> f64;

fn slope_of_kl(at: Found, sigma: f64, mean_square: f64) -> f64 {
    slopes(at, |at| mean_kl_to_posterior(at, sigma, mean_square))[0]
}

fn slope_of_evidence(at: Found, sigma: f64, mean_square: f64) -> f64 {
    slopes(at, |at| mean_log_evidence(at.w, sigma, mean_square))[0]
}

pub(super) fn theta_gradient() -> Claim<Slope> {
    claim("elbo/theta-gradient")
        .says(
            "Over θ the gradients of ELBO and −KL(q ‖ p_θ(z|x)) differ, by that of log p_θ(x): \
             ∂ELBO/∂w = ∂log p/∂w − ∂KL/∂w",
        )
        .settles("elbo-argmax-theta", Verdict::Refuted)
        .for_every(
            domain([
                real("w", -3.0..=3.0),
                real("a", -2.0..=2.0),
                real("v", -4.0..=3.0),
                sigmas(),
                mean_squares(),
            ])
            .with(DATA.map(|[sigma, mean_square]| [0.9, 0.3, -0.4, sigma, mean_square])),
        )
        .exact(
            Tolerance::relative(2e-12)
                .or_absolute(1e-10)
                .because("at σ = 0.1 the slopes are sums of terms of size 10⁴ that cancel"),
            |slope: &Subject<Slope>, [w, a, v, sigma, mean_square], cases| {
                let at = [w, a, v];
                let expected = slope_of_evidence(at, sigma, mean_square)
                    - slope_of_kl(at, sigma, mean_square);
                cases.equal("", slope.output(|slope| slope(at, sigma, mean_square)), expected);
                Ok(())
            },
        )
        .holds_for(
            (|[w, a, log_var], sigma, mean_square| {
                mean_elbo_slope(Parameters { w, a, log_var }, sigma, mean_square)
            }) as Slope,
        )
        .fails_for(
            "d3-minus-kl",
            "log p_θ(x) was treated as a constant: over φ it is one, over θ it is what is to be raised.",
            |at, sigma, mean_square| -slope_of_kl(at, sigma, mean_square),
        )
        .fails_for(
            "evidence-only",
            "This is the gradient of log p_θ(x): the ELBO's agrees with it only where q is the posterior.",
            slope_of_evidence,
        )
        .fails_for(
            "kl-added",
            "The gap was added: the ELBO is log p(x) *minus* the KL.",
            |at, sigma, mean_square| {
                slope_of_evidence(at, sigma, mean_square) + slope_of_kl(at, sigma, mean_square)
            },
        )
        .fails_for(
            "no-spread",
            "The variance of q is missing: E_q(x − wz)² contains w²σ_q², whose derivative is 2wσ_q².",
            |[w, a, _], sigma, mean_square| {
                let log_var = f64::NEG_INFINITY;
                mean_elbo_slope(Parameters { w, a, log_var }, sigma, mean_square)
            },
        )
}
