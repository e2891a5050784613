//! The bound's two terms, and the line that one of the source documents ends on.

use claims::{Claim, Subject, Tolerance, Verdict, claim, domain, real, scale};
use prob::Gaussian;
use prob::gaussian::LOG_TWO_PI;

use super::case::{Case, D3, LINES, Line, any_case, any_decoder, decoder_case};
use super::identity::{
    Elbo, KL_ADDED, LinearElbo, MEAN_FOR_SUM, NO_SPREAD, PRINTED, SIGMA_AS_VARIANCE, kl_added,
};
use ch03_elbo::{Model, printed_closing_line};

pub(super) fn split() -> Claim<LinearElbo> {
    claim("elbo/split")
        .says("E_q[log p(x|z)] − KL(q ‖ p(z)) = E_q[log p(x, z) − log q(z)]")
        .settles("elbo-split", Verdict::Holds)
        .for_every(any_case())
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-12),
            |elbo: &Subject<LinearElbo>, at, cases| {
                let case = Case::at(at, cases)?;
                let measured = elbo.output(|elbo| elbo(&case))?;
                cases.equal("", measured, case.elbo_by_definition()?);
                Ok(())
            },
        )
        .holds_for(Case::elbo as LinearElbo)
        .fails_for("d3-closing-line", PRINTED, |case| {
            Ok(case.reconstruction()? - case.kl_to_posterior()?)
        })
        .fails_for("kl-added", KL_ADDED, |case| Ok(case.reconstruction()? + case.kl_to_prior()?))
        .fails_for(
            "swapped",
            "The arguments of the KL to the prior are swapped: both terms are expectations under q.",
            |case| {
                let zeros = vec![0.0; case.mean.len()];
                let swapped = prob::kl::diagonal_gaussian(&zeros, &zeros, &case.mean, &case.log_var)?;
                Ok(case.reconstruction()? - swapped)
            },
        )
        .fails_for("mean-for-sum", MEAN_FOR_SUM, |case| {
            Ok(case.reconstruction()? - case.kl_to_prior()? / case.mean.len() as f64)
        })
        .fails_for(
            "mean-over-pixels",
            "The reconstruction was averaged over the D observed coordinates and the KL was not: that is \
             the bound of another model, in which the KL weighs D times as much.",
            |case| Ok(case.reconstruction()? / case.x.len() as f64 - case.kl_to_prior()?),
        )
        .fails_for("no-spread", NO_SPREAD, |case| {
            Ok(case.without_spread().reconstruction()? - case.kl_to_prior()?)
        })
        .fails_for(
            "squared-error",
            "The squared error stands for the log-likelihood as if 2σ² were 1 and the constant 0: divide by \
             2σ² and subtract (D/2) log 2πσ².",
            |case| Ok(-case.squared_error()? - case.kl_to_prior()?),
        )
}

pub(super) fn last_line() -> Claim<Elbo> {
    claim("elbo/split-d3")
        .says(
            "The closing line needs the prior: with KL(q ‖ p(z)) it is the ELBO, and with a linear decoder \
             log p(x) at q = p(z|x), which for z ~ N(0, 1), x | z ~ N(z, 1), x = 1 is −1.51551; as printed, with KL(q ‖ p(z|x)), it would be \
             −1.29394, above log p(x)",
        )
        .settles("elbo-split-d3", Verdict::Refuted)
        .for_every(any_decoder())
        .exact(
            Tolerance::relative(1e-10)
                .or_absolute(1e-10)
                .because("the integrals are asked for eleven digits"),
            |last: &Subject<Elbo>, at, cases| {
                let (model, x, q) = decoder_case(at)?;
                let measured = last.output(|last| last(&model, x, &q))?;
                cases.equal("ELBO", measured, model.elbo(x, &q)?);
                let [_, weight, _, _, sigma, ..] = at;
                let line = Line { weight, sigma, x };
                let posterior = line.posterior()?;
                let measured = last.output(|last| last(&line.model(), x, &posterior))?;
                cases.equal("linear, q = posterior", measured, line.log_evidence());
                Ok(())
            },
        )
        .holds_for(Model::elbo_split as Elbo)
        .fails_for("d3-closing-line", PRINTED, printed_closing_line)
        .fails_for("kl-added", KL_ADDED, kl_added)
        .fails_for(
            "both",
            "Both divergences were subtracted: the one from the posterior is what the bound *misses*, no \
             part of it.",
            |model, x, q| Ok(model.elbo_split(x, q)? - model.kl_to_posterior(x, q)?),
        )
}

pub(super) fn printed_line() -> Claim<Elbo> {
    claim("elbo/split-d3-value")
        .says(
            "With a linear decoder and any Gaussian q, E_q[log p(x|z)] − KL(q ‖ p(z|x)) is \
             log p(x) + KL(q ‖ p(z)) − 2 KL(q ‖ p(z|x)): at q = p(z|x) it \
             exceeds log p(x) by KL(p(z|x) ‖ p(z)), in D3's example −1.29394 against −1.51551",
        )
        .settles("elbo-split-d3", Verdict::Refuted)
        .for_every(
            domain([
                real("w", -3.0..=3.0),
                scale("σ", 0.2..=2.0),
                real("x", -4.0..=4.0),
                real("mean of q", -3.0..=3.0),
                scale("σ of q", 0.1..=3.0),
            ])
            .with(LINES.map(|line| {
                let [mean, deviation] = line.moments();
                [line.weight, line.sigma, line.x, mean, deviation]
            })),
        )
        .exact(
            Tolerance::relative(1e-10)
                .or_absolute(1e-10)
                .because("the integrals are asked for eleven digits"),
            |printed: &Subject<Elbo>, [weight, sigma, x, mean, deviation], cases| {
                let (line, q) = (Line { weight, sigma, x }, Gaussian::new(mean, deviation)?);
                let measured = printed.output(|printed| printed(&line.model(), x, &q))?;
                let to_posterior = q.kl(&line.posterior()?);
                let to_prior = q.kl(&Gaussian::standard());
                let expected = line.log_evidence() + to_prior - 2.0 * to_posterior;
                cases.equal("", measured, expected);
                if line == D3 && [mean, deviation] == D3.moments() {
                    // −½ log 2π − ½(¼ + ½) at the posterior N(½, ½), by hand: −1.29394.
                    cases.equal("D3's example by hand", measured, -0.5 * LOG_TWO_PI - 0.375);
                }
                Ok(())
            },
        )
        .holds_for(printed_closing_line as Elbo)
        .fails_for(
            "taken-for-the-bound",
            "The printed line was taken for the ELBO: it differs from it by KL(q ‖ p(z)) − KL(q ‖ p(z|x)).",
            Model::elbo_split,
        )
        .fails_for(
            "counted-once",
            "KL(q ‖ p(z|x)) enters twice: once because the bound misses it, once because the line subtracts it.",
            |model, x, q| Ok(printed_closing_line(model, x, q)? + model.kl_to_posterior(x, q)?),
        )
        .fails_for(
            "log-evidence",
            "The printed line was taken for log p(x), which it may exceed.",
            |model, x, _| model.log_evidence(x),
        )
}

pub(super) fn rec_sign() -> Claim<LinearElbo> {
    claim("elbo/rec-sign")
        .says(
            "The first term E_q[log p(x|z)] of a Gaussian decoder is *minus* the expected squared \
             reconstruction error over 2σ², minus (D/2) log 2πσ²: large where the error is small",
        )
        .settles("elbo-rec-sign", Verdict::Corrected)
        .for_every(any_case())
        .exact(
            Tolerance::relative(2e-12).or_absolute(2e-12),
            |term: &Subject<LinearElbo>, at, cases| {
                let case = Case::at(at, cases)?;
                let model = &case.model;
                let rule = prob::GaussHermite::new(3)?;
                let error = rule.expectation_diagonal(&case.q()?, |z| {
                    let miss = &case.x - &(model.weight.dot(&z) + &model.bias);
                    miss.dot(&miss)
                });
                let variance = model.sigma * model.sigma;
                let constant = 0.5 * case.x.len() as f64 * (LOG_TWO_PI + variance.ln());
                let measured = term.output(|term| term(&case))?;
                cases.equal("", measured, -error / (2.0 * variance) - constant);
                Ok(())
            },
        )
        .holds_for(Case::reconstruction as LinearElbo)
        .fails_for(
            "called-error",
            "The term was given the sign of an error: it is the expected log-likelihood, which falls as the \
             error grows; a loss to minimise contains its negative.",
            |case| Ok(-case.reconstruction()?),
        )
        .fails_for(
            "no-constant",
            "−(D/2) log 2πσ² is missing: harmless for the gradient by z, but no log-density any more, and \
             wrong as soon as σ is learned.",
            |case| {
                let model = &case.model;
                Ok(-case.squared_error()? / (2.0 * model.sigma * model.sigma))
            },
        )
        .fails_for("no-spread", NO_SPREAD, |case| case.without_spread().reconstruction())
        .fails_for("sigma-as-variance", SIGMA_AS_VARIANCE, |case| {
            case.sigma_as_variance().reconstruction()
        })
        .fails_for(
            "mean-over-pixels",
            "The squared error was averaged over the D coordinates: independent coordinates add.",
            |case| {
                let model = &case.model;
                let error = case.squared_error()? / (2.0 * model.sigma * model.sigma);
                let pixels = case.x.len() as f64;
                Ok(case.reconstruction()? + error - error / pixels)
            },
        )
}
