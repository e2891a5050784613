//! The losses from logits.

use autodiff::F1;
use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, signed};
use nn::Scalar;
use prob::log_space::softplus;

use ch08_gan::GeneratorLoss;
use ch08_gan::loss::{generated_loss, real_loss};

/// ℓ ↦ [−log D, −log(1 − D)]
type Losses = fn(f32) -> [f32; 2];

const LOGITS: [f64; 12] = [-1e4, -300.0, -90.0, -20.0, -2.5, 0.0, 0.1, 8.0, 20.0, 70.0, 300.0, 1e4];

pub(super) fn stable() -> Claim<Losses> {
    claim("gan/stable")
        .says(
            "From logits, −log D and −log(1 − D) keep six digits in single precision for every |ℓ| up to ten thousand, as far \
             as a loss is in its range, which ends at 10⁻³⁸",
        )
        .settles("gan-g-loss", Verdict::HoldsIf)
        .for_every(domain([signed("ℓ", 1e-6..=1e4)]).with(LOGITS.map(|logit| [logit])))
        // Below 10⁻³⁸ single precision has no six digits, but numbers in steps of 1.4·10⁻⁴⁵.
        .exact(
            Tolerance::relative(1e-6).or_absolute(3e-45),
            |losses: &Subject<Losses>, [logit], cases| {
                let logit = logit as f32;
                let measured = losses.output(|losses| losses(logit)).map(f64::from);
                let exact = [softplus(-f64::from(logit)), softplus(f64::from(logit))];
                cases.equal("−log D", measured[0], exact[0]);
                cases.equal("−log(1 − D)", measured[1], exact[1]);
                Ok(())
            },
        )
        .holds_for((|logit| [real_loss(logit), generated_loss(logit)]) as Losses)
        .fails_for(
            "log-of-probability",
            "The logarithm was taken of a rounded probability: from about ℓ = 17 on 1 − D is 0 in single precision; compute \
             softplus of the logit.",
            |logit| from_probability(logit, |d| d),
        )
        .fails_for(
            "epsilon",
            "1e-8 was added inside the logarithm: the loss then ends at 18.4 and its gradient at 0, just where the \
             generator needs one; compute softplus of the logit.",
            |logit| from_probability(logit, |d| d + 1e-8),
        )
        .fails_for(
            "clamped",
            "The logarithms were clamped at −100: finite, but flat from there on; compute softplus of the logit.",
            |logit| [real_loss(logit), generated_loss(logit)].map(|loss| loss.min(100.0)),
        )
        .fails_for(
            "naive-softplus",
            "log(1 + eˡ) was computed as written: e⁹⁰ leaves single precision, and small values are lost beside the 1; \
             write max(ℓ, 0) + log1p(e^−|ℓ|).",
            |logit| [(1.0 + (-logit).exp()).ln(), (1.0 + logit.exp()).ln()],
        )
}

fn from_probability(logit: f32, protect: fn(f32) -> f32) -> [f32; 2] {
    let d = Scalar::sigmoid(logit);
    [-protect(d).ln(), -protect(1.0 - d).ln()]
}

/// ℓ ↦ the derivatives of the saturating and of the non-saturating loss
type Slopes = fn(f64) -> [f64; 2];

pub(super) fn slopes() -> Claim<Slopes> {
    claim("gan/slopes")
        .says(
            "With respect to the logit the saturating loss has the slope −D and the non-saturating one −(1 − D); their \
             ratio is D/(1 − D) = e^ℓ, which vanishes where the discriminator is sure that the example is generated",
        )
        .settles("gan-g-loss", Verdict::HoldsIf)
        .for_every(
            domain([signed("ℓ", 1e-6..=700.0)])
                .with([-30.0, -9.0, -2.0, -0.3, 0.4, 3.0, 12.0, 30.0].map(|logit| [logit])),
        )
        .exact(Tolerance::relative(1e-12), |slopes: &Subject<Slopes>, [logit], cases| {
            let [saturating, non_saturating] = slopes.output(|slopes| slopes(logit));
            let by_dual_numbers = |loss: GeneratorLoss| loss.value(F1::var(logit)).dx;
            cases.equal("saturating", saturating, by_dual_numbers(GeneratorLoss::Saturating));
            let expected = by_dual_numbers(GeneratorLoss::NonSaturating);
            cases.equal("non-saturating", non_saturating, expected);
            cases.equal("ratio", saturating / non_saturating, logit.exp());
            Ok(())
        })
        .holds_for(by_hand as Slopes)
        .fails_for(
            "blames-the-discriminator",
            "The slopes are exchanged: the game's loss is not flat where the generator is perfect (D → 1), where it \
             would be the discriminator that learns nothing; it is flat where the generator is found out (D → 0), and the \
             fault is the shape of the generator's own loss.",
            |logit| {
                let [saturating, non_saturating] = by_hand(logit);
                [non_saturating, saturating]
            },
        )
        .fails_for(
            "uphill",
            "The sign is turned: a larger logit makes both losses smaller, so both slopes are negative.",
            |logit| by_hand(logit).map(|slope| -slope),
        )
        .fails_for(
            "by-probability",
            "These are derivatives with respect to D: multiply by dD/dℓ = D(1 − D).",
            |logit| {
                let d = Scalar::sigmoid(logit);
                by_hand(logit).map(|slope| slope / (d * Scalar::sigmoid(-logit)))
            },
        )
        .fails_for(
            "same-loss-twice",
            "Both are the saturating loss's: −log D(G(z)) is another function of the logit, not log(1 − D(G(z))) with \
             another name.",
            |logit| [by_hand(logit)[0]; 2],
        )
}

fn by_hand(logit: f64) -> [f64; 2] {
    [GeneratorLoss::Saturating, GeneratorLoss::NonSaturating].map(|loss| loss.backward(logit))
}
