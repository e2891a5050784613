//! Many coordinates: sums, affine maps, covariances, correlation.

use claims::{
    CheckError, Claim, Rng, Subject, Tolerance, Verdict, claim, domain, real, scale, seed, whole,
};
use std::cmp::Ordering;
use std::sync::LazyLock;

use ndarray::{Array1, Array2, ArrayView1};
use ndarray_rand::RandomExt;
use prob::{DiagonalGaussian, FullGaussian, GaussHermite, Result};
use rand::Rng as _;
use rand_distr::StandardNormal;
use reference::FullKl as Case;

use ch06_gaussian_kl::{
    Whitened, diagonal_kl, full_covariance_kl, gaussian_kl, gaussian_kl_from_log_var,
};

/// (μ₁, log σ₁², μ₂, log σ₂²) ↦ the divergence, all of one length
type DiagonalKl = fn(&[f64], &[f64], &[f64], &[f64]) -> Result<f64>;

fn coordinates(
    mean1: &[f64],
    log_var1: &[f64],
    mean2: &[f64],
    log_var2: &[f64],
    term: impl Fn([f64; 4]) -> f64,
) -> f64 {
    (0..mean1.len()).map(|j| term([mean1[j], log_var1[j], mean2[j], log_var2[j]])).sum()
}

/// ½((μ₁ − μ₂)/σ₂)²
fn distance([mean1, _, mean2, log_var2]: [f64; 4]) -> f64 {
    0.5 * (mean1 - mean2) * (mean1 - mean2) * (-log_var2).exp()
}

/// ½(σ₁²/σ₂² − log σ₁²/σ₂² − 1)
fn spread([_, log_var1, _, log_var2]: [f64; 4]) -> f64 {
    gaussian_kl_from_log_var(0.0, log_var1, 0.0, log_var2)
}

/// Has all digits of means of quadratic functions.
static RULE: LazyLock<GaussHermite> =
    LazyLock::new(|| GaussHermite::new(3).expect("three nodes are a rule"));

fn normals(rng: &mut Rng, count: usize) -> Array1<f64> {
    Array1::random_using(count, StandardNormal, rng)
}

pub(super) fn diagonal() -> Claim<DiagonalKl> {
    claim("gaussian-kl/diagonal")
        .says("The divergence between Gaussians with independent coordinates is the sum over coordinates")
        .settles("kl-additive", Verdict::Holds)
        .for_every(domain([
            whole("D", 1..=5),
            scale("size of the means and log-variances", 1e-2..=3.0),
            seed("the two distributions"),
        ]))
        .exact(
            Tolerance::relative(1e-12).or_absolute(1e-13),
            |kl: &Subject<DiagonalKl>, [dimension, size, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let [mean1, log_var1, mean2, log_var2] =
                    [(); 4].map(|()| size * normals(&mut rng, dimension as usize));
                let [m1, v1, m2, v2] =
                    [&mean1, &log_var1, &mean2, &log_var2].map(|list| list.to_vec());
                let p = DiagonalGaussian::new(mean1, log_var1)?;
                let q = DiagonalGaussian::new(mean2, log_var2)?;
                // All coordinates at once, so that nothing is assumed to add up; exact for quadratics.
                let expected = RULE.expectation_diagonal(&p, |x| {
                    let log_ratio = || -> Result<f64> { Ok(p.log_density(x)? - q.log_density(x)?) };
                    log_ratio().unwrap_or(f64::NAN)
                });
                cases.equal("", kl.output(|kl| kl(&m1, &v1, &m2, &v2))?, expected);
                Ok(())
            },
        )
        .holds_for(diagonal_kl as DiagonalKl)
        .fails_for(
            "mean-for-sum",
            "The divergence was averaged over the coordinates; independent coordinates *add*, and an \
             average makes the term D times too weak against the reconstruction.",
            |m1, v1, m2, v2| Ok(diagonal_kl(m1, v1, m2, v2)? / m1.len() as f64),
        )
        .fails_for(
            "mean-in-one-term",
            "One of the two terms was averaged over the coordinates and the other one summed: sum both.",
            |m1, v1, m2, v2| {
                let of_spread = coordinates(m1, v1, m2, v2, spread);
                Ok(of_spread / m1.len() as f64 + coordinates(m1, v1, m2, v2, distance))
            },
        )
        .fails_for(
            "one-for-all",
            "The −1 belongs to every coordinate: ½(Σ(…) − D), not ½(Σ(…) − 1).",
            |m1, v1, m2, v2| Ok(diagonal_kl(m1, v1, m2, v2)? + 0.5 * (m1.len() as f64 - 1.0)),
        )
        .fails_for(
            "swapped",
            "The two distributions are swapped: the first is the one that the expectation is taken under.",
            |m1, v1, m2, v2| diagonal_kl(m2, v2, m1, v1),
        )
        .fails_for(
            "exp-log-var-as-sigma",
            "exp(log σ²) is the variance; it was squared as if it were a standard deviation.",
            |m1, v1, m2, v2| {
                let twice = |v: &[f64]| v.iter().map(|v| 2.0 * v).collect::<Vec<_>>();
                diagonal_kl(m1, &twice(v1), m2, &twice(v2))
            },
        )
}

type FullKl = fn(&FullGaussian, &FullGaussian) -> Result<f64>;

/// The divergence with one of its terms changed.
fn with(p: &FullGaussian, q: &FullGaussian, change: impl Fn(&Whitened) -> f64) -> Result<f64> {
    Ok(full_covariance_kl(p, q)? + change(&Whitened::new(p, q)?))
}

/// Σ(μ₁ − μ₂)ⱼ², without regard to q's covariance.
fn euclidean(p: &FullGaussian, q: &FullGaussian) -> f64 {
    (&p.mean() - &q.mean()).mapv(|d| d * d).sum()
}

const EUCLIDEAN: &str = "The squared distance of the means was not divided by q's covariance: solve with \
    its Cholesky factor first, (μ₁ − μ₂)ᵀ Σ₂⁻¹ (μ₁ − μ₂) = ‖L₂⁻¹(μ₁ − μ₂)‖².";

/// The Gaussian that takes the Cholesky factor for the covariance, on the diagonal: σ for σ².
fn sigma_for_covariance(p: &FullGaussian) -> Result<FullGaussian> {
    let covariance = p.covariance();
    let scale = covariance.diag().mapv(|v| v.powf(-0.25));
    let rescaled =
        Array2::from_shape_fn(covariance.dim(), |(i, j)| covariance[[i, j]] * scale[i] * scale[j]);
    FullGaussian::new(p.mean().to_owned(), rescaled.view())
}

/// One pair with full covariances, and its divergence by another program.
struct Pair {
    p: FullGaussian,
    q: FullGaussian,
    kl: f64,
}

/// The rows of the reference values.
static PAIRS: LazyLock<std::result::Result<Vec<Pair>, CheckError>> = LazyLock::new(|| {
    let pair = |Case { m1, s1, m2, s2, kl }| -> std::result::Result<_, CheckError> {
        let (p, q) = (FullGaussian::new(m1, s1.view())?, FullGaussian::new(m2, s2.view())?);
        Ok(Pair { p, q, kl })
    };
    reference::gaussian_kl()?.full_covariance.into_iter().map(pair).collect()
});

fn pair(row: f64) -> std::result::Result<&'static Pair, CheckError> {
    Ok(&PAIRS.as_ref().map_err(ToString::to_string)?[row as usize])
}

/// Lower triangular, with a diagonal between ½ and 2 and normal numbers times `mixing` below.
fn triangle(rng: &mut Rng, dimension: usize, mixing: f64) -> Array2<f64> {
    Array2::from_shape_fn((dimension, dimension), |(i, j)| match i.cmp(&j) {
        Ordering::Less => 0.0,
        Ordering::Equal => rng.random_range(0.5..2.0),
        Ordering::Greater => mixing * rng.sample::<f64, _>(StandardNormal),
    })
}

/// N(μ, LLᵀ) with such an L.
fn correlated(rng: &mut Rng, dimension: usize, mixing: f64) -> Result<FullGaussian> {
    let l = triangle(rng, dimension, mixing);
    FullGaussian::new(normals(rng, dimension), l.dot(&l.t()).view())
}

pub(super) fn full_covariance() -> Claim<FullKl> {
    claim("gaussian-kl/full-covariance")
        .says(
            "With Σᵢ = LᵢLᵢᵀ and M = L₂⁻¹L₁, KL(N(μ₁, Σ₁) ‖ N(μ₂, Σ₂)) = \
             ½(‖M‖² + ‖L₂⁻¹(μ₁ − μ₂)‖² − D − 2 Σ log mⱼⱼ)",
        )
        .settles("kl-additive", Verdict::Holds)
        .for_every(domain([
            whole("D", 1..=4),
            real("size of the entries of Lᵢ below the diagonal", 0.0..=2.0),
            seed("the two distributions"),
        ]))
        .exact(
            Tolerance::relative(1e-11).or_absolute(1e-12),
            |kl: &Subject<FullKl>, [dimension, mixing, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let p = correlated(&mut rng, dimension as usize, mixing)?;
                let q = correlated(&mut rng, dimension as usize, mixing)?;
                // (6.1) at x = μ₁ + L₁ε, quadratic in the noise: three nodes a coordinate have all its digits.
                let noise = DiagonalGaussian::standard(dimension as usize)?;
                let log_ratio = |noise: ArrayView1<'_, f64>| -> Result<f64> {
                    let x = &p.mean() + &p.factor().dot(&noise);
                    Ok(p.log_density(x.view())? - q.log_density(x.view())?)
                };
                let expected = RULE
                    .expectation_diagonal(&noise, |noise| log_ratio(noise).unwrap_or(f64::NAN));
                cases.equal("", kl.output(|kl| kl(&p, &q))?, expected);
                Ok(())
            },
        )
        .holds_for(full_covariance_kl as FullKl)
        .fails_for(
            "log-det-of-factor",
            "Σ log mⱼⱼ is log det M, and det Σ₂⁻¹Σ₁ is its square: the sum has to be doubled.",
            |p, q| with(p, q, |w| 0.25 * w.log_det()),
        )
        .fails_for(
            "log-det-upside-down",
            "The determinants are upside down: it is + log det Σ₂ − log det Σ₁.",
            |p, q| with(p, q, Whitened::log_det),
        )
        .fails_for(
            "dimension-forgotten",
            "The −D is missing: tr Σ₂⁻¹Σ₁ is D where the two covariances agree.",
            |p, q| Ok(full_covariance_kl(p, q)? + 0.5 * p.dimension() as f64),
        )
        .fails_for(
            "correlations-ignored",
            "Only the diagonals of the covariances were used: coordinates that are correlated do not add.",
            |p, q| {
                (0..p.dimension())
                    .map(|j| Ok(p.marginal(j)?.kl(&q.marginal(j)?)))
                    .sum()
            },
        )
        .fails_for("euclidean-distance", EUCLIDEAN, |p, q| {
            with(p, q, |w| 0.5 * (euclidean(p, q) - w.distance()))
        })
        .fails_for(
            "swapped",
            "The two distributions are swapped: the trace is tr Σ₂⁻¹Σ₁, with the inverse of q's covariance.",
            |p, q| full_covariance_kl(q, p),
        )
        .fails_for(
            "sigma-for-covariance",
            "Standard deviations stand on the diagonal where the covariance needs variances: square them.",
            |p, q| full_covariance_kl(&sigma_for_covariance(p)?, &sigma_for_covariance(q)?),
        )
}

pub(super) fn affine() -> Claim<FullKl> {
    claim("gaussian-kl/affine")
        .says(
            "An invertible affine map x ↦ Ax + b of both distributions leaves their divergence as it is: \
             that of each of the 15 pairs in up to eight dimensions whose divergence another program \
             computed",
        )
        .after("Kullback 1959, Information Theory and Statistics, chapter 2")
        .for_every(domain([
            whole("row of the reference values", 0..=14),
            scale("unit of x", 1e-3..=1e3),
            seed("A and b"),
        ]))
        .exact(
            Tolerance::relative(1e-10).because(
                "the worse A is conditioned, the more digits the mapped covariances lose",
            ),
            |kl: &Subject<FullKl>, [row, unit, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let pair = pair(row)?;
                let dimension = pair.p.dimension();
                // Two triangles, invertible both, and half of the coordinates turned round.
                let turn = Array2::from_diag(&Array1::from_shape_fn(dimension, |_| {
                    if rng.random_bool(0.5) { unit } else { -unit }
                }));
                let lower = triangle(&mut rng, dimension, 0.5);
                let upper = triangle(&mut rng, dimension, 0.5).reversed_axes();
                let a = turn.dot(&lower).dot(&upper);
                let b = unit * normals(&mut rng, dimension);
                let map = |of: &FullGaussian| -> std::result::Result<_, CheckError> {
                    Ok(of.affine(a.view(), b.view())?)
                };
                let (p, q) = (map(&pair.p)?, map(&pair.q)?);
                cases.equal("", kl.output(|kl| kl(&p, &q))?, pair.kl);
                Ok(())
            },
        )
        .holds_for(full_covariance_kl as FullKl)
        .fails_for(
            "cross-entropy",
            "This is the cross-entropy −E_p log q, which changes with the unit of x; subtract the entropy of p.",
            |p, q| Ok(full_covariance_kl(p, q)? + p.entropy()),
        )
        .fails_for("euclidean-distance", EUCLIDEAN, |p, q| {
            with(p, q, |w| 0.5 * (euclidean(p, q) - w.distance()))
        })
        .fails_for(
            "sigma-for-covariance",
            "Standard deviations stand on the diagonal where the covariance needs variances; their ratio \
             has a unit, and the result depends on it: square them.",
            |p, q| full_covariance_kl(&sigma_for_covariance(p)?, &sigma_for_covariance(q)?),
        )
}

type TotalCorrelation = fn(&FullGaussian) -> Result<f64>;

/// The correlation matrix.
fn correlation(p: &FullGaussian) -> Array2<f64> {
    let covariance = p.covariance();
    let sigma = covariance.diag().mapv(f64::sqrt);
    Array2::from_shape_fn(covariance.dim(), |(i, j)| covariance[[i, j]] / (sigma[i] * sigma[j]))
}

pub(super) fn total_correlation() -> Claim<TotalCorrelation> {
    claim("gaussian-kl/total-correlation")
        .says(
            "A Gaussian p is farther from any q with independent coordinates than its marginals together \
             are from q's, by its total correlation −½ log det R; for two coordinates −½ log(1 − ρ²)",
        )
        .settles("kl-additive", Verdict::Holds)
        .for_every(domain([
            whole("D", 2..=6),
            real("size of the entries of p's L below the diagonal", 0.0..=2.0),
            seed("p and q"),
        ]))
        .exact(
            Tolerance::relative(1e-10).or_absolute(1e-11).because(
                "the witness subtracts the marginals' divergences from p's, both much larger",
            ),
            |total: &Subject<TotalCorrelation>, [dimension, mixing, seed], cases| {
                let mut rng = cases.rng(seed as u64);
                let dimension = dimension as usize;
                let p = correlated(&mut rng, dimension, mixing)?;
                let q = DiagonalGaussian::new(
                    normals(&mut rng, dimension),
                    normals(&mut rng, dimension),
                )?;
                let q = FullGaussian::try_from(&q)?;
                let marginals: Result<f64> = (0..dimension)
                    .map(|j| {
                        let (of_p, of_q) = (p.marginal(j)?, q.marginal(j)?);
                        Ok(gaussian_kl(of_p.mean(), of_p.sigma(), of_q.mean(), of_q.sigma()))
                    })
                    .sum();
                let measured = total.output(|total| total(&p))?;
                cases.equal("", measured, full_covariance_kl(&p, &q)? - marginals?);
                if dimension == 2 {
                    let rho = correlation(&p)[[0, 1]];
                    let label = "−½ log(1 − ρ²)";
                    cases.equal(label, total.output(|total| total(&p))?, -0.5 * (-rho * rho).ln_1p());
                }
                Ok(())
            },
        )
        .holds_for((|p| Ok(p.total_correlation())) as TotalCorrelation)
        .fails_for(
            "log-det-of-covariance",
            "The determinant is that of the correlation matrix R, not of the covariance: divide by the \
             variances first.",
            |p| Ok(-p.factor().diag().mapv(f64::ln).sum()),
        )
        .fails_for(
            "no-half",
            "The ½ is missing: −½ log det R, as in every logarithm of a Gaussian's determinant.",
            |p| Ok(2.0 * p.total_correlation()),
        )
        .fails_for(
            "sign",
            "The sign is turned: det R ≤ 1, its logarithm is negative, and a correlated q is *farther* away.",
            |p| Ok(-p.total_correlation()),
        )
        .fails_for(
            "pairs",
            "−½ log(1 − ρ²) was summed over the pairs, which is right for two coordinates only: beyond, \
             take the determinant of the whole R.",
            |p| {
                let r = correlation(p);
                let pairs = (0..p.dimension()).flat_map(|i| (0..i).map(move |j| (i, j)));
                Ok(pairs.map(|(i, j)| -0.5 * (-r[[i, j]] * r[[i, j]]).ln_1p()).sum())
            },
        )
}
