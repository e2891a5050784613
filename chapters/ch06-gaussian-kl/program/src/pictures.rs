//! The pictures of a run, with the numbers that are on them.

use anyhow::{Result, anyhow};
use ch06_gaussian_kl::estimators::{CROSSING, LogRatio, Moments, k1, k2, k3};
use ch06_gaussian_kl::fits::{forward_fit, forward_kl, log_density, reverse_fit, reverse_kl};
use ch06_gaussian_kl::{gaussian_kl, gaussian_kl_from_log_var, stable_kl};
use figures::{Chart, Figure, HeatMap};
use prob::gaussian::standard_log_density;
use prob::random::stream;
use prob::{Estimate, Gaussian, Mixture};
use rand::Rng;
use rand_distr::StandardNormal;
use run::tour::curve;
use run::{Folder, Plate};
use serde::Serialize;

use super::purpose;

/// What a run leaves, in the order of the text.
pub(super) const FILES: [(&str, &str); 7] = [
    ("integrand.png", "two densities, and what the divergence adds up"),
    ("surface.png", "both divergences from and to N(0, 1), over μ and σ"),
    ("near_equal.png", "digits lost by the formula as derived, and kept by the stable one"),
    ("estimators.png", "three estimators: single draws and their mean"),
    ("estimator_errors.png", "the error of one draw against the distance, exactly"),
    ("fits.png", "one Gaussian for two modes, by each divergence"),
    ("landscape.png", "where descent on either divergence leads"),
];

/// The divergences of one pair.
#[derive(Serialize)]
pub(super) struct Integrand {
    pub(super) kl: f64,
    pub(super) reverse_kl: f64,
}

/// Two densities, and p log(p/q) below them: its area is the divergence.
pub(super) fn integrand(folder: &Folder) -> Result<Integrand> {
    let (p, q) = (Gaussian::new(-0.6, 0.7)?, Gaussian::new(0.9, 1.2)?);
    let (low, high) = (-4.0, 5.0);
    let numbers = Integrand { kl: p.kl(&q), reverse_kl: q.kl(&p) };
    let density = |of: &Gaussian| curve(low, high, 600, |x| of.log_density(x).exp());
    let integrand = |x| p.log_density(x).exp() * (p.log_density(x) - q.log_density(x));
    let densities = Chart::new("Two densities …")
        .x("x")
        .y("density")
        .area("p = N(−0.6, 0.7²)", density(&p))
        .area("q = N(0.9, 1.2²)", density(&q));
    // Where log r is 0 the two densities are equal: two places, as always when the variances differ.
    let LogRatio { a, b, c } = LogRatio::between(&p, &q);
    let crossing =
        |sign: f64| p.mean() + p.sigma() * (-b + sign * (b * b - 4.0 * a * c).sqrt()) / (2.0 * a);
    let (left, right) = (crossing(-1.0), crossing(1.0));
    let summed = Chart::new(format!("… and what KL(p ‖ q) = {:.3} nats adds up", numbers.kl))
        .x("x")
        .y("p(x) log p(x)/q(x)")
        .area("where p is larger", curve(left, right, 600, integrand))
        .area("where q is larger", curve(low, left, 600, integrand))
        .area("where q is larger", curve(right, high, 600, integrand));
    let figure = Figure::new("The divergence is an area: most of it where p has its mass")
        .columns(1)
        .panel_size(860.0, 330.0)
        .panel(densities)
        .panel(summed);
    folder.draw(
        "integrand.png",
        &figure,
        Plate::lines(
            "kl-explorer",
            "Above, two Gaussian densities: p, narrow, on the left, and q, wider, on the right. \
             Below, p(x) log p(x)/q(x): a tall positive area where p has its mass and a small \
             negative one where q is larger; the divergence is their sum.",
        ),
    )?;
    Ok(numbers)
}

/// KL(N(μ, σ²) ‖ N(0, 1)) and KL(N(0, 1) ‖ N(μ, σ²)) side by side.
pub(super) fn surface(folder: &Folder) -> Result<()> {
    let panel = |title: &str, kl: fn(f64, f64) -> f64| {
        let map = HeatMap::from_fn((-3.0, 3.0), (0.2, 3.0), kl)
            .label("nats")
            .color_range(0.0, 6.0)
            .contours([0.1, 0.5, 1.0, 2.0, 4.0]);
        Chart::new(title).x("μ").y("σ").heat_map(map).points("", [(0.0, 1.0)]).point_radius(4.0)
    };
    let figure = Figure::new("Two directions, two surfaces; both are 0 at μ = 0, σ = 1 only")
        .panel_size(460.0, 400.0)
        .panel(panel("KL(N(μ, σ²) ‖ N(0, 1))", |mean, sigma| {
            gaussian_kl(mean, sigma, 0.0, 1.0)
        }))
        .panel(panel("KL(N(0, 1) ‖ N(μ, σ²))", |mean, sigma| {
            gaussian_kl(0.0, 1.0, mean, sigma)
        }));
    folder.draw(
        "surface.png",
        &figure,
        Plate::lines(
            "gaussian-kl-surface",
            "Two coloured maps over μ and σ with contour lines around the point (0, 1), where \
             both divergences are 0. From N(μ, σ²) to N(0, 1) the ground rises slowly towards σ = \
             0; the other way round it rises steeply there.",
        ),
    )?;
    Ok(())
}

/// A fit, and how far it is from the target by both measures.
#[derive(Serialize)]
pub(super) struct Fit {
    pub(super) name: &'static str,
    pub(super) mean: f64,
    pub(super) sigma: f64,
    pub(super) forward_kl: f64,
    pub(super) reverse_kl: f64,
}

fn target() -> Result<Mixture<Gaussian>> {
    let components = vec![Gaussian::new(-2.5, 0.6)?, Gaussian::new(2.5, 0.8)?];
    Ok(Mixture::new(&[0.45, 0.55], components)?)
}

/// The end of the descent from a start.
fn descend(target: &Mixture<Gaussian>, start: [f64; 2]) -> Result<(Gaussian, Vec<Gaussian>)> {
    let path = reverse_fit(target, &Gaussian::new(start[0], start[1])?, 0.04)?;
    let end = *path.last().ok_or_else(|| anyhow!("a path has a start"))?;
    Ok((end, path))
}

const FORWARD: &str = "argmin KL(target ‖ q)";
const REVERSE: &str = "argmin KL(q ‖ target)";
const OTHER: &str = "the other minimum of it";

/// The target and its fits as densities.
pub(super) fn fits(folder: &Folder) -> Result<Vec<Fit>> {
    let target = target()?;
    let covering = forward_fit(&target)?;
    let (seeking, _) = descend(&target, [1.0, 1.0])?;
    let (other, _) = descend(&target, [-1.0, 1.0])?;
    let density = |of: &Gaussian| curve(-6.0, 6.0, 600, |x| of.log_density(x).exp());
    let figure = Chart::new("One Gaussian for two modes: cover both, or choose one")
        .x("x")
        .y("density")
        .area("target", curve(-6.0, 6.0, 600, |x| log_density(&target, x).exp()))
        .line(FORWARD, density(&covering))
        .line(REVERSE, density(&seeking))
        .dashed(OTHER, density(&other))
        .size(900.0, 520.0);
    folder.draw(
        "fits.png",
        &figure,
        Plate::lines(
            "gaussian-kl-fits",
            "A target density with two hills, and Gaussians fitted to it. The one that minimises \
             KL(target ‖ q) is broad and covers both; the ones that minimise KL(q ‖ target) are \
             narrow, one on each hill.",
        ),
    )?;
    let fit = |name, q: &Gaussian| -> Result<Fit> {
        Ok(Fit {
            name,
            mean: q.mean(),
            sigma: q.sigma(),
            forward_kl: forward_kl(&target, q)?,
            reverse_kl: reverse_kl(q, &target)?,
        })
    };
    Ok(vec![fit(FORWARD, &covering)?, fit(REVERSE, &seeking)?, fit(OTHER, &other)?])
}

/// Both divergences over the parameters of q, with the ways down.
pub(super) fn landscape(folder: &Folder) -> Result<()> {
    let target = target()?;
    // The trapezoidal rule in units of σ, for 57 600 integrals: Gauss and Hermite's nodes are too far
    // apart for the kink between the modes, and the contours would show it.
    let step = 0.075;
    let nodes: Vec<(f64, f64)> = (-80..=80)
        .map(|k| f64::from(k) * step)
        .map(|z| (z, step * standard_log_density(z).exp()))
        .collect();
    // −E log q under the target, component by component; less the target's entropy it is the divergence.
    let cross_entropy = |q: &Gaussian| -> f64 {
        let parts = target.weights().iter().zip(target.components());
        parts.map(|(w, c)| w * (c.entropy() + c.kl(q))).sum()
    };
    let covering = forward_fit(&target)?;
    let entropy = cross_entropy(&covering) - forward_kl(&target, &covering)?;
    let forward = |mean: f64, sigma: f64| {
        Gaussian::new(mean, sigma).map_or(f64::NAN, |q| cross_entropy(&q) - entropy)
    };
    let reverse = |mean: f64, sigma: f64| {
        let log_target =
            nodes.iter().map(|(z, weight)| weight * log_density(&target, mean + sigma * z));
        -prob::gaussian::entropy(2.0 * sigma.ln()) - log_target.sum::<f64>()
    };
    let panel = |title: &str, least: f64, kl: &dyn Fn(f64, f64) -> f64| {
        let map = HeatMap::from_fn((-4.5, 4.5), (0.3, 3.6), kl)
            .label("nats")
            .color_range(0.0, 4.0)
            .contours([least, 1.4, 2.0, 3.0, 4.0]);
        Chart::new(title).x("μ of q").y("σ of q").heat_map(map)
    };
    let mut of_reverse = panel("KL(q ‖ target): two valleys", 0.9, &reverse);
    for start in [[-1.5, 3.0], [1.5, 3.0], [-4.0, 1.5], [4.0, 2.0], [0.5, 0.6], [-0.7, 0.6]] {
        let (end, path) = descend(&target, start)?;
        let points: Vec<(f64, f64)> = path.iter().map(|q| (q.mean(), q.sigma())).collect();
        of_reverse =
            of_reverse.line("descent", points).points("where it ends", [(end.mean(), end.sigma())]);
    }
    let of_forward = panel("KL(target ‖ q): one valley", 0.7, &forward)
        .points("where it ends", [(covering.mean(), covering.sigma())]);
    let figure =
        Figure::new("Forward: one minimum, and it covers. Reverse: here one for each mode")
            .panel_size(460.0, 400.0)
            .panel(of_forward.point_radius(4.0))
            .panel(of_reverse.point_radius(4.0));
    folder.draw(
        "landscape.png",
        &figure,
        Plate::lines(
            "gaussian-kl-landscape",
            "Two coloured maps over the mean and standard deviation of q. KL(target ‖ q) has one \
             valley, with its minimum between the modes at a large σ. KL(q ‖ target) has two, one \
             for each mode; paths of descent from six starts end in one or the other.",
        ),
    )?;
    Ok(())
}

/// The estimators' figures for one pair.
#[derive(Serialize)]
pub(super) struct Estimators {
    pub(super) kl: f64,
    pub(super) estimators: Vec<EstimatorFigures>,
}

/// One estimator, measured and exact.
#[derive(Serialize)]
pub(super) struct EstimatorFigures {
    pub(super) name: &'static str,
    pub(super) mean: f64,
    pub(super) standard_error: f64,
    pub(super) exact_mean: f64,
    pub(super) sd: f64,
    pub(super) exact_sd: f64,
}

type Estimator = (&'static str, fn(f64) -> f64, fn(&LogRatio) -> Moments);

const ESTIMATORS: [Estimator; 3] =
    [("k₁", k1, LogRatio::k1), ("k₂", k2, LogRatio::k2), ("k₃", k3, LogRatio::k3)];

/// Histograms of single draws of each estimator.
pub(super) fn estimators(folder: &Folder, draws: usize, seed: u64) -> Result<Estimators> {
    let (p, q) = (Gaussian::new(0.8, 1.1)?, Gaussian::standard());
    let log_ratio = LogRatio::between(&p, &q);
    let kl = p.kl(&q);
    let mut rng = stream(seed, [purpose::ESTIMATORS]);
    let log_r: Vec<f64> =
        (0..draws).map(|_| log_ratio.at(rng.sample::<f64, _>(StandardNormal))).collect();
    let mut figure = Figure::new("Three estimates of one divergence from the same draws");
    let mut figures = Vec::new();
    for (name, estimator, moments) in ESTIMATORS {
        let values: Vec<f64> = log_r.iter().map(|&log_r| estimator(log_r)).collect();
        let estimate: Estimate = values.iter().copied().collect();
        let exact = moments(&log_ratio);
        // The rest of the tails, less than a percent, would flatten everything else.
        let (low, high) = (-1.6, 2.4);
        let shown: Vec<f64> = values.into_iter().filter(|v| (low..high).contains(v)).collect();
        figure = figure.panel(
            Chart::new(format!("{name}: mean {:.3}, sd {:.3}", exact.mean, exact.variance.sqrt()))
                .x("one draw, in nats")
                .y("density")
                .histogram(name, shown, 80)
                .vline(format!("KL = {kl:.3}"), kl)
                .x_range(low, high)
                .y_range(0.0, 3.0),
        );
        figures.push(EstimatorFigures {
            name,
            mean: estimate.mean(),
            standard_error: estimate.standard_error()?,
            exact_mean: exact.mean,
            sd: estimate.variance()?.sqrt(),
            exact_sd: exact.variance.sqrt(),
        });
    }
    let figure = figure.columns(3).panel_size(300.0, 340.0);
    folder.draw(
        "estimators.png",
        &figure,
        Plate::lines(
            "gaussian-kl-estimators",
            "Three histograms of single draws of the estimators k₁, k₂ and k₃ with a dotted line \
             at the exact divergence. k₁ spreads to both sides of zero; k₂ and k₃ are never \
             negative and pile up near it. The titles give the means: those of k₁ and k₃ agree \
             with the exact value, that of k₂ does not.",
        ),
    )?;
    Ok(Estimators { kl, estimators: figures })
}

/// The root mean square error of one draw, relative to the divergence, for equal variances.
pub(super) fn errors(folder: &Folder) -> Result<()> {
    let error = |moments: fn(&LogRatio) -> Moments| -> Result<Vec<(f64, f64)>> {
        (0..=120)
            .map(|i| {
                let d = 10f64.powf(-1.5 + 2.0 * f64::from(i) / 120.0);
                let (p, q) = (Gaussian::new(d, 1.0)?, Gaussian::standard());
                let log_ratio = LogRatio::between(&p, &q);
                let Moments { mean, variance } = moments(&log_ratio);
                let kl = log_ratio.kl();
                let squared = variance + (mean - kl) * (mean - kl);
                Ok((d, squared.sqrt() / kl))
            })
            .collect()
    };
    let title = format!(
        "Up to d = {:.3} k₃ varies less than k₁; k₂ is biased, and looks no worse",
        CROSSING.sqrt()
    );
    let mut chart = Chart::new(title)
        .x("d = |μ₁ − μ₂|/σ, equal variances")
        .y("root mean square error of one draw, over KL")
        .log_x()
        .log_y()
        .y_range(0.6, 100.0);
    for (name, _, moments) in ESTIMATORS {
        chart = chart.line(name, error(moments)?);
    }
    chart.size(860.0, 520.0).save(folder.file("estimator_errors.png"))?;
    Ok(())
}

/// The relative error of both forms at one distance.
#[derive(Serialize)]
pub(super) struct NearEqual {
    difference_of_log_variances: f64,
    relative_error_as_derived: f64,
    relative_error_stable: f64,
}

/// What cancellation leaves of the formula as derived, as two Gaussians approach each other.
pub(super) fn near_equal(folder: &Folder) -> Result<Vec<NearEqual>> {
    // ½ g(u) by its series; the smallest error that is drawn is that of a rounding.
    let exact = |u: f64| {
        let series = (3..=12).rev().fold(1.0, |rest, k| 1.0 + rest * u / f64::from(k));
        0.25 * u * u * series
    };
    let error = |value: f64, u: f64| (value / exact(u) - 1.0).abs().max(0.5 * f64::EPSILON);
    let rows: Vec<NearEqual> = (0..=96)
        .map(|i| {
            let u = 10f64.powf(-1.0 - f64::from(i) / 12.0);
            NearEqual {
                difference_of_log_variances: u,
                relative_error_as_derived: error(gaussian_kl_from_log_var(0.0, u, 0.0, 0.0), u),
                relative_error_stable: error(stable_kl(0.0, u, 0.0, 0.0), u),
            }
        })
        .collect();
    let points = |error: fn(&NearEqual) -> f64| -> Vec<(f64, f64)> {
        rows.iter().map(|row| (row.difference_of_log_variances, error(row))).collect()
    };
    let figure = Chart::new("Nearly equal: the formula as derived runs out of digits")
        .x("difference of the log-variances")
        .y("relative error")
        .log_x()
        .log_y()
        .line("as derived, (6.7)", points(|row| row.relative_error_as_derived))
        .line("stable, (6.14)", points(|row| row.relative_error_stable))
        .size(860.0, 520.0);
    folder.draw(
        "near_equal.png",
        &figure,
        Plate::lines(
            "gaussian-kl-near-equal",
            "Relative error over the difference of the log-variances, both axes logarithmic. The \
             formula as derived loses two decades of accuracy for each decade that the difference \
             shrinks, up to an error of 1; the stable formula stays at the level of rounding.",
        ),
    )?;
    Ok(rows)
}
