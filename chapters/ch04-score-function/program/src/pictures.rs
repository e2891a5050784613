//! The pictures of f(z) = Σz², with the numbers that are on them.

use anyhow::Result;
use ch04_score_function::origin::where_q_is_below;
use ch04_score_function::{
    Parameter, SumOfSquares, baseline_gradient, in_sample_factor, in_sample_gradient,
    leave_one_out_gradient, pathwise_gradient, samples_for, score,
};
use figures::{Chart, Figure};
use prob::gaussian::standard_log_density;
use prob::random::stream;
use prob::{Estimate, Gaussian};
use run::tour::curve;
use run::{Folder, Plate};
use serde::Serialize;

use super::purpose;

/// What a run leaves, in the order of the text.
pub(super) const FILES: [(&str, &str); 6] = [
    ("histograms.png", "estimates of one gradient from one draw each"),
    ("growth.png", "variance, and draws for an error of 1 %, against the dimension"),
    ("origin.png", "where the variance comes from, and where it does not"),
    ("baseline.png", "variance against the baseline, a parabola"),
    ("in_sample.png", "the bias of a baseline that contains its own draw"),
    ("bits.png", "eight bits learned by the score function, where no path exists"),
];

const NONE: &str = "no baseline";
const OPTIMAL: &str = "optimal baseline";
const PATHWISE: &str = "pathwise";
const METHODS: [&str; 3] = [NONE, OPTIMAL, PATHWISE];

/// The case of all pictures, in `dimension` dimensions.
fn case(dimension: usize) -> Result<SumOfSquares> {
    Ok(SumOfSquares { q: Gaussian::new(1.0, 0.5)?, dimension })
}

fn exact_variance(case: &SumOfSquares, parameter: Parameter, method: &str) -> f64 {
    match method {
        NONE => case.variance(parameter, 0.0),
        OPTIMAL => case.least_variance(parameter),
        _ => case.pathwise_variance(parameter),
    }
}

/// One draw of every method, in the order of [`METHODS`].
fn estimates(case: &SumOfSquares, parameter: Parameter, z: &[f64]) -> [f64; 3] {
    let f: f64 = z.iter().map(|z| z * z).sum();
    let with = |baseline| baseline_gradient(parameter, &case.q, z[0], f, baseline);
    [
        with(0.0),
        with(case.optimal_baseline(parameter)),
        pathwise_gradient(parameter, &case.q, z[0], 2.0 * z[0]),
    ]
}

/// An estimator, measured and exact.
#[derive(Serialize)]
pub(super) struct Measured {
    pub(super) estimator: &'static str,
    pub(super) mean: f64,
    pub(super) standard_error: f64,
    pub(super) exact_mean: f64,
    pub(super) sd: f64,
    pub(super) exact_sd: f64,
}

/// Histograms of single draws, in ten dimensions.
pub(super) fn histograms(folder: &Folder, draws: usize, seed: u64) -> Result<Vec<Measured>> {
    let case = case(10)?;
    let exact = case.gradient(Parameter::Mean);
    let mut rng = stream(seed, [purpose::HISTOGRAMS]);
    let drawn: Vec<[f64; 3]> = (0..draws)
        .map(|_| {
            let z: Vec<f64> = (0..case.dimension).map(|_| case.q.sample(&mut rng)).collect();
            estimates(&case, Parameter::Mean, &z)
        })
        .collect();
    let mut figure = Figure::new(
        "One derivative, ten coordinates, three estimators: all of them right on average",
    );
    let mut table = Vec::new();
    for (i, method) in METHODS.into_iter().enumerate() {
        let values: Vec<f64> = drawn.iter().map(|estimates| estimates[i]).collect();
        let estimate: Estimate = values.iter().copied().collect();
        let exact_sd = exact_variance(&case, Parameter::Mean, method).sqrt();
        // What lies outside, a few percent of the widest, would flatten everything else.
        let (low, high) = (-58.0, 62.0);
        let shown: Vec<f64> = values.into_iter().filter(|v| (low..high).contains(v)).collect();
        figure = figure.panel(
            Chart::new(format!("Standard deviation {exact_sd:.1}"))
                .x("one estimate of ∂E f/∂μ₁")
                .y("density")
                .histogram(method, shown, 120)
                .vline(format!("exact: {exact}"), exact)
                .x_range(low, high),
        );
        table.push(Measured {
            estimator: method,
            mean: estimate.mean(),
            standard_error: estimate.standard_error()?,
            exact_mean: exact,
            sd: estimate.variance()?.sqrt(),
            exact_sd,
        });
    }
    let figure = figure.columns(3).panel_size(300.0, 340.0);
    folder.draw(
        "histograms.png",
        &figure,
        Plate::lines(
            "gradient-histograms",
            "Histograms of single estimates of one derivative on a common axis, each with a \
             dotted line at the exact value. Without a baseline they spread over the whole axis; \
             with the optimal baseline most lie within a fifth of it, with a long tail to the \
             right; the pathwise ones form a narrow spike at the line.",
        ),
    )?;
    Ok(table)
}

/// The draws that an error of 1 % takes in one dimension D.
#[derive(Serialize)]
pub(super) struct Samples {
    pub(super) dimension: usize,
    pub(super) parameter: &'static str,
    pub(super) no_baseline: f64,
    pub(super) optimal_baseline: f64,
    pub(super) pathwise: f64,
}

fn samples(dimension: usize, parameter: Parameter) -> Result<Samples> {
    let case = case(dimension)?;
    let gradient = case.gradient(parameter);
    let [no_baseline, optimal_baseline, pathwise] = METHODS
        .map(|method| samples_for(0.01, exact_variance(&case, parameter, method), gradient).ceil());
    let parameter = parameter.symbol();
    Ok(Samples { dimension, parameter, no_baseline, optimal_baseline, pathwise })
}

const DIMENSIONS: [usize; 7] = [1, 3, 10, 30, 100, 300, 1000];

/// Variance and number of draws against the dimension.
pub(super) fn growth(folder: &Folder, draws: usize, seed: u64) -> Result<Vec<Samples>> {
    let parameter = Parameter::Mean;
    let mut measured = [const { Vec::new() }; 3];
    for dimension in DIMENSIONS.into_iter().filter(|&dimension| dimension <= 300) {
        let case = case(dimension)?;
        let mut rng = stream(seed, [purpose::VARIANCES, dimension as u64]);
        let mut tallies = [Estimate::new(), Estimate::new(), Estimate::new()];
        for _ in 0..draws {
            let z: Vec<f64> = (0..dimension).map(|_| case.q.sample(&mut rng)).collect();
            let drawn = estimates(&case, parameter, &z);
            tallies.iter_mut().zip(drawn).for_each(|(tally, estimate)| tally.push(estimate));
        }
        for (points, tally) in measured.iter_mut().zip(&tallies) {
            points.push((dimension as f64, tally.variance()?));
        }
    }
    let mut variances = Chart::new("Variance of the μ-derivative: lines exact, points measured")
        .x("coordinates D")
        .y("variance of one estimate")
        .log_x()
        .log_y();
    let mut draws_needed = Chart::new("Draws for a standard error of 1 %, log σ²-derivative")
        .x("coordinates D")
        .y("draws")
        .log_x()
        .log_y();
    for (method, points) in METHODS.into_iter().zip(measured) {
        let line = |y: &dyn Fn(SumOfSquares) -> f64| -> Result<Vec<(f64, f64)>> {
            DIMENSIONS.into_iter().map(|d| Ok((d as f64, y(case(d)?)))).collect()
        };
        let exact = line(&|case| exact_variance(&case, parameter, method))?;
        let needed = line(&|case| {
            let variance = exact_variance(&case, Parameter::LogVar, method);
            samples_for(0.01, variance, case.gradient(Parameter::LogVar))
        })?;
        variances = variances.line(method, exact).points(method, points);
        draws_needed = draws_needed.line(method, needed);
    }
    let figure = Figure::new(
        "f = Σz², all of it times one score: further coordinates add noise, but not to the path",
    )
    .panel_size(460.0, 420.0)
    .panel(variances)
    .panel(draws_needed);
    folder.draw(
        "growth.png",
        &figure,
        Plate::lines(
            "score-function-growth",
            "Two charts on doubly logarithmic axes over the number of coordinates. Left, \
             variance: without baseline it rises with slope two, with the optimal baseline with \
             slope one, pathwise it is flat; measured points lie on the lines. Right, the draws \
             for an error of one per cent rise and stay flat in the same order.",
        ),
    )?;
    let rows = Parameter::BOTH.into_iter().flat_map(|p| DIMENSIONS.map(|d| samples(d, p)));
    rows.collect()
}

/// The variance as q narrows, and the place where it arises.
pub(super) fn origin(folder: &Folder) -> Result<()> {
    let against_sigma = |variance: &dyn Fn(&SumOfSquares) -> f64| -> Result<Vec<(f64, f64)>> {
        (0..=80)
            .map(|i| {
                let sigma = 10f64.powf(-3.0 + 3.0 * f64::from(i) / 80.0);
                let case = SumOfSquares { q: Gaussian::new(1.0, sigma)?, dimension: 1 };
                Ok((sigma, variance(&case)))
            })
            .collect()
    };
    let narrow = Chart::new("Narrow q: what explodes is an f that is not centred")
        .x("σ, at μ = 1")
        .y("variance of the μ-derivative")
        .log_x()
        .log_y()
        .line("f = z²", against_sigma(&|case| case.variance(Parameter::Mean, 0.0))?)
        .line("f = z² − 1", against_sigma(&|case| case.variance(Parameter::Mean, 1.0))?)
        .line(PATHWISE, against_sigma(&|case| case.pathwise_variance(Parameter::Mean))?);
    let [probability, share] = where_q_is_below(0.01);
    let edge = (2.0 * 100f64.ln()).sqrt();
    let density = |e: f64| standard_log_density(e).exp();
    let title = format!(
        "Outside the lines: {:.1} % of draws, {:.1} % of variance",
        100.0 * probability,
        100.0 * share
    );
    let place = Chart::new(title)
        .x("ε = (z − μ)/σ")
        .y("density")
        .area("draws", curve(-4.5, 4.5, 400, density))
        .area("variance, f constant", curve(-4.5, 4.5, 400, |e| e * e * density(e)))
        .vline("1 % of peak", -edge)
        .vline("1 % of peak", edge);
    let figure = Figure::new(
        "The score has standard deviation 1/σ; the steep ends of log q are hardly ever drawn",
    )
    .panel_size(460.0, 420.0)
    .panel(narrow)
    .panel(place);
    folder.draw(
        "origin.png",
        &figure,
        Plate::lines(
            "score-function-origin",
            "Left, variance against σ on logarithmic axes: for f = z² it explodes as σ shrinks, \
             for f = z² − 1 and for the pathwise estimator it does not. Right, where draws fall, \
             a bell, and where the variance of a constant f arises, two humps beside the centre; \
             both lie within dotted lines.",
        ),
    )?;
    Ok(())
}

/// The variance as a function of the baseline.
pub(super) fn baseline(folder: &Folder, draws: usize, seed: u64) -> Result<()> {
    let case = case(1)?;
    let mut figure = Figure::new("Any baseline keeps the mean; the best one is not E f")
        .panel_size(460.0, 390.0);
    for (number, parameter) in Parameter::BOTH.into_iter().enumerate() {
        let best = case.optimal_baseline(parameter);
        let mut rng = stream(seed, [purpose::VARIANCES, 0, number as u64]);
        let z: Vec<f64> = (0..draws).map(|_| case.q.sample(&mut rng)).collect();
        let measured = (-1..=8).map(|i| {
            let b = 0.5 * f64::from(i);
            let tally: Estimate =
                z.iter().map(|&z| baseline_gradient(parameter, &case.q, z, z * z, b)).collect();
            Ok((b, tally.variance()?))
        });
        figure = figure.panel(
            Chart::new(format!("Derivative with respect to {}, f = z²", parameter.symbol()))
                .x("baseline b")
                .y("variance of one estimate")
                .line("exact", curve(-0.5, 4.0, 400, |b| case.variance(parameter, b)))
                .points("measured", measured.collect::<Result<Vec<_>>>()?)
                .vline("E f", case.mean())
                .vline("b*", best)
                .y_range(
                    0.0,
                    1.1 * case.variance(parameter, -0.5).max(case.variance(parameter, 4.0)),
                ),
        );
    }
    let figure = figure;
    folder.draw(
        "baseline.png",
        &figure,
        Plate::lines(
            "score-function-baseline",
            "Two parabolas of variance over the baseline b, one for each parameter, with measured \
             points on them. In each a dotted line marks E f and another the best baseline b*, at \
             the parabola's lowest point; the two differ, and b* is another for each parameter.",
        ),
    )?;
    Ok(())
}

/// The mean of an estimator from L draws, over the gradient.
#[derive(Serialize)]
pub(super) struct Bias {
    pub(super) draws: usize,
    pub(super) in_sample: f64,
    pub(super) in_sample_exact: f64,
    pub(super) leave_one_out: f64,
    pub(super) standard_error: f64,
}

const IN_SAMPLE: &str = "baseline contains its draw";
const LEAVE_ONE_OUT: &str = "baseline leaves it out";

/// Leave-one-out against in-sample, for 2 to 10 draws an estimate.
pub(super) fn in_sample(folder: &Folder, repeats: usize, seed: u64) -> Result<Vec<Bias>> {
    let case = case(1)?;
    let gradient = case.gradient(Parameter::Mean);
    let mut table = Vec::new();
    let mut bands = [const { Vec::new() }; 2];
    for draws in 2..=10usize {
        let mut rng = stream(seed, [purpose::BASELINES, draws as u64]);
        let mut tallies = [Estimate::new(), Estimate::new()];
        for _ in 0..repeats {
            let z: Vec<f64> = (0..draws).map(|_| case.q.sample(&mut rng)).collect();
            let scores: Vec<f64> = z.iter().map(|&z| score(Parameter::Mean, &case.q, z)).collect();
            let f: Vec<f64> = z.iter().map(|z| z * z).collect();
            tallies[0].push(in_sample_gradient(&scores, &f) / gradient);
            tallies[1].push(leave_one_out_gradient(&scores, &f) / gradient);
        }
        for (band, tally) in bands.iter_mut().zip(&tallies) {
            let half = 1.96 * tally.standard_error()?;
            band.push((draws as f64, tally.mean() - half, tally.mean() + half));
        }
        table.push(Bias {
            draws,
            in_sample: tallies[0].mean(),
            in_sample_exact: in_sample_factor(draws),
            leave_one_out: tallies[1].mean(),
            standard_error: tallies[1].standard_error()?,
        });
    }
    let points = |of: fn(&Bias) -> f64| -> Vec<(f64, f64)> {
        table.iter().map(|row| (row.draws as f64, of(row))).collect()
    };
    let [shrunk, right] = bands;
    let figure = Chart::new("A draw in its own baseline costs the share 1/L of the gradient")
        .x("draws L of one estimate")
        .y("mean estimate over exact gradient, with 95 % intervals")
        .points(LEAVE_ONE_OUT, points(|row| row.leave_one_out))
        .band(LEAVE_ONE_OUT, right)
        .points(IN_SAMPLE, points(|row| row.in_sample))
        .band(IN_SAMPLE, shrunk)
        .dashed("(L − 1)/L", points(|row| row.in_sample_exact))
        .hline("exact", 1.0)
        .x_range(1.5, 10.5)
        .y_range(0.4, 1.1)
        .size(860.0, 520.0);
    folder.draw(
        "in_sample.png",
        &figure,
        Plate::lines(
            "score-function-in-sample",
            "Mean estimate over exact gradient, for 2 to 10 draws. A baseline that leaves the \
             draw out gives points on the dotted line at 1; a baseline that contains its own draw \
             gives points on the dashed curve (L − 1)/L, from one half at L = 2 to 0.9 at L = 10.",
        ),
    )?;
    Ok(table)
}
