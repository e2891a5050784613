//! The bound of a data set, taken apart.

use claims::{Claim, Rng, Subject, Tolerance, claim, domain, real, scale, seed, whole};
use prob::{Gaussian, Result};
use rand::Rng as _;

use ch03_elbo::surgery::{self, aggregate, log_density, mean_over};
use ch03_elbo::{Decoder, Model};

const HOFFMAN: &str = "Hoffman & Johnson 2016, ELBO surgery";

/// Reconstruction, mutual information, KL of the aggregate posterior
type Surgery = fn(&Model, &[f64], &[Gaussian]) -> Result<[f64; 3]>;

fn terms(model: &Model, data: &[f64], posteriors: &[Gaussian]) -> Result<[f64; 3]> {
    let found = surgery::surgery(model, data, posteriors)?;
    Ok([found.reconstruction, found.mutual_information, found.aggregate_kl])
}

/// The terms, the second or third of them another one.
fn with(
    model: &Model,
    data: &[f64],
    posteriors: &[Gaussian],
    which: usize,
    term: impl FnOnce(f64) -> Result<f64>,
) -> Result<[f64; 3]> {
    let mut all = terms(model, data, posteriors)?;
    all[which] = term(all[which])?;
    Ok(all)
}

/// Some points, and for each a q that is about `width` wide.
fn data_set(rng: &mut Rng, count: usize, width: f64) -> Result<(Model, Vec<f64>, Vec<Gaussian>)> {
    let decoder = Decoder::Tanh { scale: 1.5, slope: 1.2, shift: 0.2 };
    let data: Vec<f64> = (0..count).map(|_| rng.random_range(-1.5..1.5)).collect();
    let mut of = |x: f64| {
        let mean = 0.8 * x + rng.random_range(-0.3..0.3);
        Gaussian::new(mean, width * rng.random_range(0.5..1.5))
    };
    let posteriors: Result<Vec<Gaussian>> = data.iter().map(|&x| of(x)).collect();
    Ok((Model { decoder, sigma: 0.5 }, data, posteriors?))
}

/// The mean of KL(q(z|xₙ) ‖ p(z)), in closed form.
fn mean_kl_to_prior(posteriors: &[Gaussian]) -> f64 {
    let sum: f64 = posteriors.iter().map(|q| q.kl(&Gaussian::standard())).sum();
    sum / posteriors.len() as f64
}

/// log N minus the mean entropy of p(n|z) over z from q̄: the information from the other side.
fn information_by_index(posteriors: &[Gaussian]) -> Result<f64> {
    let all = aggregate(posteriors)?;
    mean_over(posteriors, |_, z| {
        let entropy = all.log_responsibilities(&z).map_or(f64::NAN, |log_shares| {
            -log_shares.iter().map(|l| if l.is_finite() { l.exp() * l } else { 0.0 }).sum::<f64>()
        });
        (posteriors.len() as f64).ln() - entropy
    })
}

pub(super) fn surgery() -> Claim<Surgery> {
    claim("elbo/surgery")
        .says(
            "The mean ELBO of a data set is the mean reconstruction − I(n; z) − KL(q̄ ‖ p(z)), with \
             q̄ = (1/N) Σ q(z|xₙ): each term by its own integral, none by subtraction",
        )
        .after(HOFFMAN)
        .for_every(
            domain([
                whole("N", 1..=6),
                scale("width of the codes", 0.1..=2.0),
                seed("the points and their codes"),
            ])
            .with([[5.0, 0.6, 0.0], [5.0, 0.6, 1.0]])
            .cases(80),
        )
        .exact(
            Tolerance::relative(1e-9)
                .or_absolute(1e-10)
                .because("every term is a quadrature that is asked for eleven digits"),
            |terms: &Subject<Surgery>, [count, width, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let (model, data, posteriors) = data_set(&mut rng, count as usize, width)?;
                let elbo: Result<f64> =
                    data.iter().zip(&posteriors).map(|(&x, q)| model.elbo(x, q)).sum();
                let [reconstruction, information, aggregate_kl] =
                    terms.output(|terms| terms(&model, &data, &posteriors))?;
                let total = reconstruction - information - aggregate_kl;
                cases.equal("mean ELBO", total, elbo? / count);
                let by_index = information_by_index(&posteriors)?;
                cases.equal("I(n; z) from p(n|z)", information, by_index);
                let kls = mean_kl_to_prior(&posteriors);
                cases.equal("the two KLs together", information + aggregate_kl, kls);
                Ok(())
            },
        )
        .holds_for(terms as Surgery)
        .fails_for(
            "gaussian-aggregate",
            "The aggregate posterior was replaced by the Gaussian of its mean and variance: it is a mixture.",
            |model, data, posteriors| {
                with(model, data, posteriors, 2, |_| {
                    let all = aggregate(posteriors)?;
                    Ok(Gaussian::new(all.mean(), all.variance().sqrt())?.kl(&Gaussian::standard()))
                })
            },
        )
        .fails_for(
            "mean-kl-for-aggregate",
            "The mean of the KLs to the prior was taken for the KL of the mean: they differ by I(n; z), \
             which is then counted twice.",
            |model, data, posteriors| {
                with(model, data, posteriors, 2, |_| Ok(mean_kl_to_prior(posteriors)))
            },
        )
        .fails_for(
            "information-left-out",
            "I(n; z) was left out, as if the codes told nothing about which point they belong to.",
            |model, data, posteriors| with(model, data, posteriors, 1, |_| Ok(0.0)),
        )
        .fails_for(
            "sum-for-mean",
            "The information was summed over the data points: it is a mean over them.",
            |model, data, posteriors| {
                with(model, data, posteriors, 1, |i| Ok(i * posteriors.len() as f64))
            },
        )
        .fails_for("bits", "The information is in bits, the other terms in nats.", |model, data, posteriors| {
            with(model, data, posteriors, 1, |i| Ok(i / std::f64::consts::LN_2))
        })
        .fails_for(
            "swapped",
            "I(n; z) is the mean of KL(q(z|xₙ) ‖ q̄); here the arguments are swapped.",
            |model, data, posteriors| {
                with(model, data, posteriors, 1, |_| {
                    let all = aggregate(posteriors)?;
                    // E_q̄[log q̄ − log qₙ], averaged over n.
                    mean_over(posteriors, |_, z| {
                        let sum: f64 = posteriors.iter().map(|q| q.log_density(z)).sum();
                        log_density(&all, z) - sum / posteriors.len() as f64
                    })
                })
            },
        )
}

/// The q(z|xₙ) ↦ I(n; z)
type Information = fn(&[Gaussian]) -> Result<f64>;

pub(super) fn information_bounds() -> Claim<Information> {
    claim("elbo/surgery-information")
        .says(
            "0 ≤ I(n; z) ≤ log N: 0 where all codes are alike, log N where neighbours are 16 or more of their \
             deviations apart, so that a code of N points can never earn more than log N nats",
        )
        .after(HOFFMAN)
        .for_every(
            domain([
                whole("N", 1..=6),
                real("deviations from one code to the next", 0.0..=40.0).special(&[16.0]),
                real("spread of the codes' log σ", 0.0..=1.0),
                seed("the codes"),
            ])
            .with([[3.0, 0.0, 0.0, 0.0], [3.0, 40.0, 0.0, 0.0], [5.0, 1.0, 0.5, 0.0]])
            .cases(80),
        )
        .bound(
            Tolerance::absolute(1e-9),
            |information: &Subject<Information>, [count, distance, spread, seed], margins| {
                let mut rng = margins.rng(seed as u64);
                let widths: Vec<f64> =
                    (0..count as usize).map(|_| (-spread * rng.random::<f64>()).exp()).collect();
                let codes: Result<Vec<Gaussian>> = widths
                    .iter()
                    .enumerate()
                    .map(|(n, &width)| Gaussian::new(n as f64 * distance, width))
                    .collect();
                let codes = codes?;
                let measured = information.output(|information| information(&codes))?;
                margins.at_least("≥ 0", measured, 0.0);
                margins.at_least("≤ log N", count.ln(), measured);
                if distance == 0.0 && spread == 0.0 {
                    margins.at_least("codes alike: nothing", 0.0, measured);
                }
                if distance >= 16.0 {
                    margins.at_least("codes apart: all of log N", measured, count.ln());
                }
                Ok(())
            },
        )
        .holds_for(surgery::mutual_information as Information)
        .fails_for("bits", "The information is in bits: log₂ for log.", |posteriors| {
            Ok(surgery::mutual_information(posteriors)? / std::f64::consts::LN_2)
        })
        .fails_for(
            "prior-for-aggregate",
            "The codes were compared with the prior instead of with one another's mixture.",
            |posteriors| Ok(mean_kl_to_prior(posteriors)),
        )
        .fails_for(
            "negative",
            "The sign is turned: the mean is of log q(z|xₙ) − log q̄(z).",
            |posteriors| Ok(-surgery::mutual_information(posteriors)?),
        )
        .fails_for(
            "sum-for-mean",
            "The divergences were summed over the data points: average them.",
            |posteriors| Ok(surgery::mutual_information(posteriors)? * posteriors.len() as f64),
        )
}
