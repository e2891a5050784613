//! Where a model puts the test set: its codes, what each of their coordinates carries, and the
//! aggregate posterior q(z) = E[q(z|x)] beside the prior.

use anyhow::Result;
use ch07_vae::{Posterior, Vae, purpose, reparameterize};
use figures::{Chart, Figure, points_from};
use ndarray::{Array2, Axis, concatenate};
use nn::shards_of;
use prob::Estimate;
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::corpus::Corpus;
use super::pictures::frame;

/// The most test examples that pictures of codes are made from.
const MOST: usize = 10_000;
/// A coordinate is active if its mean μ(x) varies more than this over the data (Burda, Grosse &
/// Salakhutdinov 2016).
const ACTIVE: f64 = 0.01;
/// Of a variance below this the logarithmic axis shows only that it is no larger.
const LEAST_SHOWN: f64 = 1e-6;

/// q(z|x) of the test examples, the first 10 000 of them.
pub(super) struct Codes {
    pub(super) posterior: Posterior<f32>,
    /// One for each coordinate of z.
    pub(super) coordinates: Vec<Coordinate>,
}

/// What one coordinate of z carries, over the test examples.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Coordinate {
    /// KL(q(zⱼ|x) ‖ N(0, 1)), the mean.
    kl_nats: f64,
    /// Var(μⱼ): how far apart the images are put.
    variance_of_mean: f64,
    /// The mean of σⱼ²: how uncertain the place of an image is.
    mean_of_variance: f64,
}

impl Coordinate {
    pub(super) fn is_active(&self) -> bool {
        self.variance_of_mean > ACTIVE
    }
}

impl Codes {
    /// Encodes the test set, a shard at a time.
    pub(super) fn new(model: &Vae<f32>, corpus: &Corpus, seed: u64) -> Result<Self> {
        let indices: Vec<usize> = (0..corpus.test.len().min(MOST)).collect();
        let parts: Vec<_> = shards_of(&indices)
            .par_iter()
            .map(|shard| model.encode(corpus.test.batch(shard, 0, seed, [purpose::TEST, 0]).x))
            .collect();
        let joined = |part: fn(&Posterior<f32>) -> &Array2<f32>| {
            let views: Vec<_> = parts.iter().map(|posterior| part(posterior).view()).collect();
            concatenate(Axis(0), &views)
        };
        let posterior = Posterior { mean: joined(|p| &p.mean)?, log_var: joined(|p| &p.log_var)? };
        let columns = posterior.mean.columns().into_iter().zip(posterior.log_var.columns());
        let coordinates = columns.map(|(mean, log_var)| {
            let pairs = mean.iter().zip(log_var).map(|(&m, &v)| (f64::from(m), f64::from(v)));
            let kl: Estimate =
                pairs.clone().map(|(m, v)| 0.5 * (m * m + v.exp() - v - 1.0)).collect();
            let means: Estimate = pairs.clone().map(|(m, _)| m).collect();
            let variances: Estimate = pairs.map(|(_, v)| v.exp()).collect();
            Coordinate {
                kl_nats: kl.mean(),
                // Of a single image there is none.
                variance_of_mean: means.variance().unwrap_or(0.0),
                mean_of_variance: variances.mean(),
            }
        });
        Ok(Self { coordinates: coordinates.collect(), posterior })
    }

    /// How many coordinates are active.
    pub(super) fn active(&self) -> usize {
        self.coordinates.iter().filter(|coordinate| coordinate.is_active()).count()
    }

    /// The coordinates' numbers, the one with the largest KL first.
    fn by_kl(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.coordinates.len()).collect();
        let kl = |&j: &usize| self.coordinates[j].kl_nats;
        order.sort_by(|a, b| kl(b).total_cmp(&kl(a)));
        order
    }

    /// The KL of each coordinate and the variance of its mean, in the order of the KL.
    pub(super) fn active_units(&self) -> Figure {
        let sorted: Vec<Coordinate> =
            self.by_kl().into_iter().map(|j| self.coordinates[j]).collect();
        let places = |active: bool, value: fn(&Coordinate) -> f64| -> Vec<(f64, f64)> {
            let ranked = sorted.iter().enumerate().filter(|(_, c)| c.is_active() == active);
            ranked.map(|(rank, c)| ((rank + 1) as f64, value(c))).collect()
        };
        let range = (0.4, sorted.len() as f64 + 0.6);
        let chart = |title: &str, unit: &str| {
            Chart::new(title)
                .x("coordinates of z, largest KL first")
                .y(unit)
                .x_range(range.0, range.1)
        };
        let mut kl = chart("What a coordinate costs: its KL", "nats for each example");
        let mut variance =
            chart("Whether it is used: the variance of μ(x)", "Var(μ) over the test set");
        for (name, active) in [("active", true), ("inactive", false)] {
            let bars = places(active, |c| c.kl_nats);
            kl = bars.into_iter().fold(kl, |kl, bar| kl.area(name, vertical(bar)));
            let dots = places(active, |c| c.variance_of_mean.max(LEAST_SHOWN));
            if !dots.is_empty() {
                variance = variance.points(name, dots);
            }
        }
        let title =
            format!("{} of {} coordinates of the code are active", self.active(), sorted.len());
        Figure::new(title)
            .panel_size(580.0, 420.0)
            .panel(kl)
            .panel(variance.log_y().hline("0.01", ACTIVE).point_radius(5.0))
    }

    /// Codes drawn from q(z|x), one for each test example, beside the prior.
    pub(super) fn aggregate_posterior(&self, labels: Option<&[u8]>, seed: u64) -> Result<Figure> {
        let mut rng = stream(seed, [purpose::SAMPLE, 2]);
        let mut normal = || {
            let shape = self.posterior.mean.dim();
            Array2::from_shape_simple_fn(shape, || rng.sample(StandardNormal))
        };
        let (z, prior) = (reparameterize(&self.posterior, &normal()), normal());
        let figure = Figure::new("Codes of the test set, drawn from q(z|x), and the prior N(0, I)");
        Ok(match self.coordinates.len() {
            1 => figure.panel(against_the_density(&z)),
            2 => {
                let ranges = [0, 1].map(|axis| frame([&z, &prior], axis));
                let chart = |title: &str| {
                    let [x, y] = ranges;
                    let chart = Chart::new(title).x("z₁").y("z₂").equal_axes().sigma_circles();
                    chart.x_range(x.0, x.1).y_range(y.0, y.1).point_radius(2.2)
                };
                let codes = points_from(z.view())?;
                let left = chart("aggregate posterior: a code for each test example");
                let left = match labels {
                    Some(labels) => left.classes(codes, &labels[..z.nrows()]),
                    None => left.points("", codes),
                };
                let right = chart("prior: as many draws").points("", points_from(prior.view())?);
                figure.panel_size(560.0, 580.0).panel(left).panel(right)
            }
            _ => figure.panel_size(600.0, 440.0).panel(self.quantiles(&z)).panel(self.variances()),
        })
    }

    /// The quantiles of each coordinate of the codes `z`; under the prior they lie at ±1 and ±1.96.
    fn quantiles(&self, z: &Array2<f32>) -> Chart {
        let rows: Vec<[f64; 5]> = self
            .by_kl()
            .into_iter()
            .map(|j| {
                let mut values = z.column(j).to_vec();
                values.sort_by(f32::total_cmp);
                // Φ(±1.96), Φ(±1) and the median.
                [0.025, 0.158_655, 0.5, 0.841_345, 0.975]
                    .map(|p| f64::from(values[((values.len() - 1) as f64 * p).round() as usize]))
            })
            .collect();
        let band = |low: usize, high: usize| -> Vec<(f64, f64, f64)> {
            let ranked = rows.iter().enumerate();
            ranked.map(|(rank, q)| ((rank + 1) as f64, q[low], q[high])).collect()
        };
        let median: Vec<_> =
            rows.iter().enumerate().map(|(rank, q)| ((rank + 1) as f64, q[2])).collect();
        Chart::new("quantiles of each coordinate")
            .x("coordinates of z, largest KL first")
            .y("code")
            .band("95 %", band(0, 4))
            .band("68 %", band(1, 3))
            .line("median", median)
            .hline("1.96σ", 1.96)
            .hline("σ", 1.0)
            .hline("−σ", -1.0)
            .hline("−1.96σ", -1.96)
    }

    /// Var(z) = Var(μ) + E[σ²] for each coordinate; under the prior it is 1.
    fn variances(&self) -> Chart {
        let sorted: Vec<Coordinate> =
            self.by_kl().into_iter().map(|j| self.coordinates[j]).collect();
        let curve = |value: fn(&Coordinate) -> f64| -> Vec<(f64, f64)> {
            sorted.iter().enumerate().map(|(rank, c)| ((rank + 1) as f64, value(c))).collect()
        };
        Chart::new("variance of each coordinate: between images and within one")
            .x("coordinates of z, largest KL first")
            .y("variance")
            .line("sum", curve(|c| c.variance_of_mean + c.mean_of_variance))
            .line("Var(μ)", curve(|c| c.variance_of_mean))
            .line("mean of σ²", curve(|c| c.mean_of_variance))
            .hline("prior", 1.0)
    }
}

/// A single coordinate against the density of N(0, 1).
fn against_the_density(z: &Array2<f32>) -> Chart {
    let density = |i: i32| {
        let x = f64::from(i) / 25.0;
        (x, (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt())
    };
    let values: Vec<f64> = z.iter().map(|&z| f64::from(z)).collect();
    Chart::new("")
        .x("z")
        .y("density")
        .histogram("aggregate posterior", values, 60)
        .line("prior", (-100..=100).map(density).collect::<Vec<_>>())
}

/// The outline of an upright bar, for [`Chart::area`].
fn vertical((x, height): (f64, f64)) -> [(f64, f64); 4] {
    const HALF: f64 = 0.36;
    [(x - HALF, 0.0), (x - HALF, height), (x + HALF, height), (x + HALF, 0.0)]
}
