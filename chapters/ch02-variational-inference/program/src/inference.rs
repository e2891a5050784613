//! Pictures of inference: the posterior, what integrals cost, the ascent, and one Gaussian for two modes.

use std::f64::consts::TAU;

use anyhow::{Context, Result};
use ch02_variational_inference::integration::{
    divided_ability, grid_log_evidence, independent_copies, points_needed, relative_variance,
};
use ch02_variational_inference::{
    LinearGaussian, Nerves, ascend, best_diagonal, diagonal_gap, elbo, elbo_gradient,
    kl_to_posterior,
};
use data::toy::ExamMarks;
use figures::{Chart, Figure, HeatMap};
use ndarray::{Array1, Array2, array, s};
use prob::random::stream;
use prob::{DiagonalGaussian, Gaussian};
use run::tour::curve;
use run::{Folder, Plate};
use serde::Serialize;

use super::purpose;

/// One student.
#[derive(Serialize)]
pub(super) struct Student {
    pub(super) ability: f64,
    pub(super) marks: Vec<f64>,
    pub(super) log_evidence: f64,
    pub(super) posterior_mean: f64,
    pub(super) posterior_sigma: f64,
}

/// The first `subjects` marks of the exam, and the model of them.
fn part(
    model: &LinearGaussian,
    x: &Array1<f64>,
    subjects: usize,
) -> prob::Result<(LinearGaussian, Array1<f64>)> {
    let first = s![..subjects];
    let fewer = LinearGaussian::new(
        model.loading().slice(s![..subjects, ..]).to_owned(),
        model.offset().slice(first).to_owned(),
        model.sigma().slice(first).to_owned(),
    )?;
    Ok((fewer, x.slice(first).to_owned()))
}

/// Prior and posterior after one, three and five marks.
pub(super) fn student(folder: &Folder, seed: u64) -> Result<Student> {
    let exam = ExamMarks::default();
    let model = LinearGaussian::exam(&exam)?;
    let (z, x) = model.sample(&mut stream(seed, [purpose::STUDENT]));
    let prior = Gaussian::standard();
    let mut chart = Chart::new("Each mark narrows what is known of the ability")
        .x("ability z")
        .y("density")
        .area("prior p(z)", curve(-3.5, 3.5, 600, |z| prior.log_density(z).exp()));
    for (subjects, name) in
        [(1, "after mechanics"), (3, "after three marks"), (5, "after all five marks")]
    {
        let (fewer, marks) = part(&model, &x, subjects)?;
        let posterior = fewer.posterior(marks.view())?.marginal(0)?;
        chart = chart.line(name, curve(-3.5, 3.5, 600, |z| posterior.log_density(z).exp()));
    }
    let figure = chart
        .vline(format!("the student's z = {:.2}", z[0]).replace('-', "−"), z[0])
        .x_range(-3.5, 3.5)
        .size(900.0, 520.0);
    folder.draw(
        "posterior.png",
        &figure,
        Plate::lines(
            "vi-posterior",
            "Densities of a student's ability. The prior is a wide hill around 0; after one mark \
             the hill is narrower and has moved, after three it is a tall narrow peak elsewhere, \
             and after all five a little taller still. A dotted line marks the student's true \
             ability, on the flank of the peak.",
        ),
    )?;
    let posterior = model.posterior(x.view())?.marginal(0)?;
    Ok(Student {
        ability: z[0],
        log_evidence: model.log_evidence(x.view())?,
        posterior_mean: posterior.mean(),
        posterior_sigma: posterior.sigma(),
        marks: x.to_vec(),
    })
}

/// What it takes to integrate d abilities out.
#[derive(Serialize)]
pub(super) struct Cost {
    pub(super) dimension: usize,
    /// Counted, for a relative error of 1e-3; `None` where it was not run.
    pub(super) grid_evaluations: Option<u64>,
    /// Of a draw from the prior, for d students.
    pub(super) relative_variance_students: f64,
    /// The same for one student whose ability has d parts.
    pub(super) relative_variance_parts: f64,
}

/// Evaluations of a grid and draws from the prior, against the dimension.
pub(super) fn cost(folder: &Folder) -> Result<Vec<Cost>> {
    let one = LinearGaussian::new(array![[1.0], [0.8]], array![0.0, 0.0], array![1.0, 1.0])?;
    let x = array![0.6, -0.3];
    let mut costs = Vec::new();
    let mut points = 0;
    for dimension in 1..=12 {
        let (students, marks) = independent_copies(&one, x.view(), dimension)?;
        let parts = divided_ability(&one, dimension)?;
        let grid_evaluations = if dimension <= 5 {
            points = points_needed(&students, marks.view(), 1e-3)?;
            Some(grid_log_evidence(&students, marks.view(), points)?.evaluations)
        } else {
            None
        };
        costs.push(Cost {
            dimension,
            grid_evaluations,
            relative_variance_students: relative_variance(&students, marks.view())?,
            relative_variance_parts: relative_variance(&parts, x.view())?,
        });
    }
    let dimension = |cost: &Cost| cost.dimension as f64;
    let counted: Vec<(f64, f64)> =
        costs.iter().filter_map(|c| Some((dimension(c), c.grid_evaluations? as f64))).collect();
    let draws = |of: fn(&Cost) -> f64| -> Vec<(f64, f64)> {
        costs.iter().map(|c| (dimension(c), of(c) / 1e-6)).collect()
    };
    let grid = Chart::new("A grid takes nᵈ evaluations")
        .x("latent dimension d")
        .y("evaluations of p(x, z)")
        .log_y()
        .dashed(format!("{points}ᵈ"), curve(1.0, 12.0, 600, |d| (points as f64).powf(d)))
        .points("counted", counted)
        .point_radius(5.0);
    let prior = Chart::new("The prior's draws: what counts is information")
        .x("latent dimension d")
        .y("draws for a relative error of 1e-3")
        .log_y()
        .line("d students: each z adds information", draws(|c| c.relative_variance_students))
        .line("one ability in d parts: x says no more", draws(|c| c.relative_variance_parts));
    let figure = Figure::new("What it costs to integrate z out, for a relative error of 1e-3")
        .panel_size(460.0, 390.0)
        .panel(grid)
        .panel(prior);
    folder.draw(
        "cost.png",
        &figure,
        Plate::lines(
            "vi-cost",
            "Two charts over the latent dimension d with logarithmic vertical axes. Left, \
             evaluations of a grid: counted points lie on a straight rising line. Right, draws \
             from the prior: for d students the line rises steadily, for one ability divided into \
             d parts it stays flat.",
        ),
    )?;
    Ok(costs)
}

/// An ascent and its end.
#[derive(Serialize)]
pub(super) struct Ascent {
    pub(super) steps: usize,
    pub(super) end_mean: f64,
    pub(super) end_variance: f64,
    pub(super) kl_to_posterior: f64,
}

/// The way up the ELBO, over the divergence that it lowers.
pub(super) fn ascent(folder: &Folder, student: &Student) -> Result<Ascent> {
    let model = LinearGaussian::exam(&ExamMarks::default())?;
    let x = Array1::from(student.marks.clone());
    // On the other side of the average than the answer, so that there is a way to see.
    let side = if student.posterior_mean > 0.0 { -1.2 } else { 1.2 };
    let start = DiagonalGaussian::new(array![side], array![0.0])?;
    let path = ascend(&start, 0.02, |q| elbo_gradient(&model, x.view(), q))?;
    let end = path.last().context("a path has a start")?;
    let posterior = model.posterior(x.view())?.marginal(0)?;
    let map = HeatMap::from_fn((-2.0, 2.0), (0.1, 1.2), |mean, sigma| {
        Gaussian::new(mean, sigma).map_or(f64::NAN, |q| q.kl(&posterior))
    })
    .label("KL(q ‖ p(z | x)) in nats")
    .color_range(0.0, 20.0)
    .contours([1.0, 2.0, 5.0, 10.0, 20.0]);
    let way: Vec<(f64, f64)> =
        path.iter().map(|q| (q.mean()[0], (0.5 * q.log_var()[0]).exp())).collect();
    let descent = Chart::new("Over the divergence")
        .x("mean of q")
        .y("standard deviation of q")
        .heat_map(map)
        .points("exact posterior", [(posterior.mean(), posterior.sigma())])
        .line("ascent on the ELBO", way)
        .point_radius(5.0);
    let shown = path.len().min(300);
    let bound: prob::Result<Vec<(f64, f64)>> = path[..shown]
        .iter()
        .enumerate()
        .map(|(step, q)| Ok((step as f64, elbo(&model, x.view(), q)?)))
        .collect();
    let bound = bound?;
    let lowest = bound[0].1;
    let rise = Chart::new("Over the steps")
        .x("step")
        .y("nats")
        .line("ELBO", bound)
        .hline("log p(x)", student.log_evidence)
        .y_range(lowest, student.log_evidence + 0.08 * (student.log_evidence - lowest));
    let figure = Figure::new("Ascent on the ELBO ends at the posterior, without knowing it")
        .panel_size(460.0, 390.0)
        .panel(descent)
        .panel(rise);
    folder.draw(
        "ascent.png",
        &figure,
        Plate::lines(
            "vi-ascent",
            "Left, the plane of q's mean and standard deviation coloured by KL to the posterior, \
             with contours; the path of the ascent moves across to the posterior's mean and then \
             down to its width. Right, the ELBO rises step by step and levels off at the dotted \
             line log p(x).",
        ),
    )?;
    Ok(Ascent {
        steps: path.len() - 1,
        end_mean: end.mean()[0],
        end_variance: end.log_var()[0].exp(),
        kl_to_posterior: kl_to_posterior(&model, x.view(), end)?,
    })
}

/// A diagonal q under a correlated posterior.
#[derive(Serialize)]
pub(super) struct MeanField {
    pub(super) correlation: f64,
    pub(super) posterior_sigma: [f64; 2],
    pub(super) diagonal_sigma: [f64; 2],
    pub(super) kl: f64,
}

/// Two abilities that share their marks.
pub(super) fn mean_field(folder: &Folder) -> Result<MeanField> {
    let model = LinearGaussian::new(
        array![[9.0, 7.0], [7.0, 8.0], [8.0, 8.0], [5.0, 8.0]],
        array![65.0, 70.0, 72.0, 68.0],
        array![9.0, 8.0, 9.0, 8.0],
    )?;
    let x = array![68.0, 77.0, 80.0, 72.0];
    let posterior = model.posterior(x.view())?;
    let q = best_diagonal(&model, x.view())?;
    let sigma = [0, 1].map(|i| (0.5 * q.log_var()[i]).exp());
    let centre = (posterior.mean()[0], posterior.mean()[1]);
    let marginal = [posterior.marginal(0)?.sigma(), posterior.marginal(1)?.sigma()];
    // The image of a circle of radius r under mean + L·, for the Cholesky factor L.
    let ellipse = |factor: &Array2<f64>, radius: f64| -> Vec<(f64, f64)> {
        curve(0.0, TAU, 600, |angle| angle)
            .into_iter()
            .map(|(angle, _)| factor.dot(&array![radius * angle.cos(), radius * angle.sin()]))
            .map(|noise| (centre.0 + noise[0], centre.1 + noise[1]))
            .collect()
    };
    let factor = posterior.factor().to_owned();
    let diagonal = Array2::from_diag(&Array1::from(sigma.to_vec()));
    let mut chart = Chart::new("A diagonal q: right in the middle, too sure of itself")
        .x("z₁: numbers")
        .y("z₂: words");
    for radius in [1.0, 2.0] {
        chart = chart
            .line("posterior, one and two σ", ellipse(&factor, radius))
            .line("best diagonal q, the same", ellipse(&diagonal, radius));
    }
    let figure = chart
        .points("the mean of both", [centre])
        .point_radius(5.0)
        .equal_axes()
        .size(760.0, 720.0);
    folder.draw(
        "mean_field.png",
        &figure,
        Plate::lines(
            "vi-mean-field",
            "Contours at one and two standard deviations. The posterior of two abilities is a \
             pair of long tilted ellipses; the best diagonal q is a pair of smaller upright ones \
             with the same centre, nearly circles, which reach as far as the ellipses do across \
             their narrow direction and cut off their length.",
        ),
    )?;
    let covariance = posterior.covariance();
    Ok(MeanField {
        correlation: covariance[[0, 1]] / (marginal[0] * marginal[1]),
        posterior_sigma: marginal,
        diagonal_sigma: sigma,
        kl: diagonal_gap(&model)?,
    })
}

/// One Gaussian for two modes.
#[derive(Serialize)]
pub(super) struct TwoModes {
    pub(super) fits: Vec<Fit>,
}

/// A fit, and how far it is from the posterior by both measures.
#[derive(Serialize)]
pub(super) struct Fit {
    pub(super) name: &'static str,
    pub(super) mean: f64,
    pub(super) sigma: f64,
    pub(super) forward_kl: f64,
    pub(super) reverse_kl: f64,
}

/// Too calm or too tense: the posterior of nerves after a low mark.
pub(super) fn two_modes(folder: &Folder) -> Result<TwoModes> {
    let (nerves, x) = (Nerves::default(), 55.0);
    let log_evidence = nerves.log_evidence(x)?;
    let covering = nerves.covering_fit(x)?;
    let chosen = |side: f64| -> Result<Gaussian> {
        let path = nerves.choosing_fit(x, [side, -2.0])?;
        let [mean, log_var] = *path.last().context("a path has a start")?;
        Ok(Gaussian::from_log_var(mean, log_var)?)
    };
    let (right, left) = (chosen(1.0)?, chosen(-1.0)?);
    let density = |q: &Gaussian| curve(-4.0, 4.0, 600, |z| q.log_density(z).exp());
    let figure = Chart::new(format!("A mark of {x}: too calm, or too tense?"))
        .x("nerves z, from too calm to too tense")
        .y("density")
        .area(
            "posterior p(z | x)",
            curve(-4.0, 4.0, 600, |z| nerves.log_posterior(x, z, log_evidence).exp()),
        )
        .line("argmin KL(p ‖ q): covers both", density(&covering))
        .line("argmin KL(q ‖ p): chooses one", density(&right))
        .dashed("… or the other", density(&left))
        .size(900.0, 520.0);
    folder.draw(
        "two_modes.png",
        &figure,
        Plate::lines(
            "vi-two-modes",
            "A posterior with two separate hills, left and right of 0. One broad Gaussian covers \
             both hills and has its peak between them; a narrow Gaussian fits the right hill \
             only, and a dashed one the left hill only.",
        ),
    )?;
    let fit = |name, q: &Gaussian| -> Result<Fit> {
        Ok(Fit {
            name,
            mean: q.mean(),
            sigma: q.sigma(),
            forward_kl: nerves.forward_kl(x, q)?,
            reverse_kl: nerves.reverse_kl(x, q)?,
        })
    };
    let fits = vec![
        fit("argmin KL(p ‖ q)", &covering)?,
        fit("argmin KL(q ‖ p)", &right)?,
        fit("argmin KL(q ‖ p), the other", &left)?,
    ];
    Ok(TwoModes { fits })
}
