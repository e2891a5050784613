//! Toy sets whose law is known in closed form, so that a model of them can be judged exactly.
//!
//! Points are rows of an `Array2<f64>`; every set is drawn from the generator that the caller hands in.

use ndarray::{Array1, Array2};
use rand::Rng;
use rand_distr::StandardNormal;
use std::f64::consts::TAU;

/// The two-dimensional grid of half-integers on which the course's first VAE is trained, `n` × 2.
///
/// Each coordinate is, independently, `round(U + N) / 2` with `U` uniform on [0, 10] and `N` standard
/// normal: a soft-edged square of side 5 on the grid of step ½. With Φ and φ the normal distribution
/// function and density and `G(t) = tΦ(t) + φ(t)`, the grid value `k/2` has probability
/// `F(k + ½) − F(k − ½)`, where `F(t) = (G(t) − G(t − 10))/10` is the distribution function of `U + N`. The
/// mean is 2.5 by symmetry.
///
/// ```
/// use rand::SeedableRng;
/// let points = data::toy::grid(100, &mut rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1));
/// assert_eq!(points.dim(), (100, 2));
/// assert!(points.iter().all(|x| (2.0 * x).fract() == 0.0));
/// ```
pub fn grid(n: usize, rng: &mut (impl Rng + ?Sized)) -> Array2<f64> {
    Array2::from_shape_simple_fn((n, 2), || {
        let uniform = rng.random_range(0.0..10.0);
        (uniform + normal(rng)).round() / 2.0
    })
}

/// Gaussians evenly spaced on a circle, all equally likely, the first at angle 0, anticlockwise.
///
/// The default is the ring of eight, radius 2 and σ = 0.1, on which generative adversarial networks
/// show which modes they drop (the design of Metz, Poole, Pfau & Sohl-Dickstein, *Unrolled generative
/// adversarial networks*, ICLR 2017). The law is the mixture `Σₖ N(cₖ, σ²I)/K`; its mean is 0 and its
/// covariance, for three or more components, `(radius²/2 + σ²) I`.
///
/// ```
/// use data::toy::Ring;
/// use rand::SeedableRng;
///
/// let ring = Ring::default();
/// let (points, component) = ring.sample(5, &mut rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1));
/// let miss = &points.row(0) - &ring.centres().row(component[0]);
/// assert!(miss.dot(&miss).sqrt() < 6.0 * ring.sigma);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ring {
    /// Number of Gaussians.
    pub components: usize,
    /// Distance of the centres from the origin.
    pub radius: f64,
    /// Standard deviation of each Gaussian, in each direction.
    pub sigma: f64,
}

impl Default for Ring {
    fn default() -> Self {
        Self { components: 8, radius: 2.0, sigma: 0.1 }
    }
}

impl Ring {
    /// The centres, components × 2.
    pub fn centres(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.components, 2), |(k, axis)| {
            let angle = TAU * k as f64 / self.components as f64;
            self.radius * if axis == 0 { angle.cos() } else { angle.sin() }
        })
    }

    /// `n` points (n × 2) and the component that each came from.
    ///
    /// # Panics
    /// If there are no components.
    pub fn sample(&self, n: usize, rng: &mut (impl Rng + ?Sized)) -> (Array2<f64>, Vec<usize>) {
        assert!(self.components > 0, "a ring needs at least one component");
        let centres = self.centres();
        let mut points = Array2::zeros((n, 2));
        let component = points
            .rows_mut()
            .into_iter()
            .map(|mut point| {
                let k = rng.random_range(0..self.components);
                for (x, centre) in point.iter_mut().zip(centres.row(k)) {
                    *x = centre + self.sigma * normal(rng);
                }
                k
            })
            .collect();
        (points, component)
    }
}

/// How one subject's mark depends on ability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subject {
    /// The subject's name.
    pub name: &'static str,
    /// Mark of a student of average ability, before noise.
    pub mean: f64,
    /// Marks gained for each standard deviation of ability.
    pub loading: f64,
    /// Standard deviation of the noise in the mark.
    pub sigma: f64,
}

/// Exam marks that one hidden ability explains: the linear-Gaussian model with one latent.
///
/// A student has an ability `z ~ N(0, 1)` that nobody sees, and in subject `j` the mark
/// `xⱼ = meanⱼ + loadingⱼ·z + εⱼ`, `εⱼ ~ N(0, sigmaⱼ²)`, all independent. Everything a chapter on inference asks
/// for is then Gaussian: the marks have covariance `Λ Λᵀ + diag(sigma²)` and the posterior of `z` has
/// precision `1 + Σⱼ loadingⱼ²/sigmaⱼ²`. This is factor analysis with one factor (Spearman 1904; Bishop,
/// *Pattern Recognition and Machine Learning*, section 12.2.4). Marks are real numbers and are not clipped
/// to a scale, which would break the law.
///
/// The default's five subjects are those of the 88 students in Mardia, Kent & Bibby, *Multivariate
/// Analysis* (1979); its numbers are invented, around 70 marks.
///
/// ```
/// use data::toy::ExamMarks;
/// use rand::SeedableRng;
///
/// let exam = ExamMarks::default();
/// let (ability, marks) = exam.sample(88, &mut rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1));
/// assert_eq!((ability.len(), marks.dim()), (88, (88, 5)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ExamMarks {
    /// The subjects, one column of marks each.
    pub subjects: Vec<Subject>,
}

impl Default for ExamMarks {
    fn default() -> Self {
        let subject = |(name, mean, loading, sigma)| Subject { name, mean, loading, sigma };
        let table = [
            ("mechanics", 65.0, 9.0, 8.0),
            ("vectors", 70.0, 8.0, 6.0),
            ("algebra", 72.0, 10.0, 4.0),
            ("analysis", 68.0, 9.0, 6.0),
            ("statistics", 75.0, 6.0, 7.0),
        ];
        Self { subjects: table.map(subject).into() }
    }
}

impl ExamMarks {
    /// The mean of the marks, one a subject.
    pub fn mean(&self) -> Array1<f64> {
        self.subjects.iter().map(|subject| subject.mean).collect()
    }

    /// The covariance of the marks, subjects × subjects: `Λ Λᵀ + diag(sigma²)`.
    pub fn covariance(&self) -> Array2<f64> {
        let s = &self.subjects;
        Array2::from_shape_fn((s.len(), s.len()), |(i, j)| {
            let noise = if i == j { s[i].sigma.powi(2) } else { 0.0 };
            s[i].loading * s[j].loading + noise
        })
    }

    /// `n` students: their abilities (n) and their marks (n × subjects).
    pub fn sample(&self, n: usize, rng: &mut (impl Rng + ?Sized)) -> (Array1<f64>, Array2<f64>) {
        let mut marks = Array2::zeros((n, self.subjects.len()));
        let ability = marks
            .rows_mut()
            .into_iter()
            .map(|mut marks| {
                let z = normal(rng);
                for (mark, subject) in marks.iter_mut().zip(&self.subjects) {
                    *mark = subject.mean + subject.loading * z + subject.sigma * normal(rng);
                }
                z
            })
            .collect();
        (ability, marks)
    }
}

fn normal(rng: &mut (impl Rng + ?Sized)) -> f64 {
    rng.sample(StandardNormal)
}

#[cfg(test)]
mod tests {
    //! Each statistic below is compared with its exact value at six standard errors, which a right
    //! sampler with a fresh seed exceeds with probability 2e-9 (all are means of at least 100 000 draws,
    //! far in the normal regime). The seeds are fixed, so the tests either pass for ever or not.

    use super::*;
    use approx::assert_abs_diff_eq;
    use ndarray::Axis;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn rng(seed: u64) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(seed)
    }

    /// Mean of `values` and its standard error.
    fn mean_and_error(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, (variance / n).sqrt())
    }

    #[track_caller]
    fn assert_mean(values: &[f64], exact: f64) {
        let (mean, error) = mean_and_error(values);
        assert!((mean - exact).abs() < 6.0 * error, "{mean} ± {error} against {exact}");
    }

    /// Probability of the grid value k/2, from the closed form in `grid`'s documentation.
    fn grid_probability(k: i32) -> f64 {
        let g = |t: f64| {
            let cdf = 0.5 * libm::erfc(-t / 2.0_f64.sqrt());
            t * cdf + (-0.5 * t * t).exp() / TAU.sqrt()
        };
        let f = |t: f64| (g(t) - g(t - 10.0)) / 10.0;
        f(f64::from(k) + 0.5) - f(f64::from(k) - 0.5)
    }

    #[test]
    fn the_grid_has_the_law_that_its_documentation_states() {
        let total: f64 = (-8..=18).map(grid_probability).sum();
        assert_abs_diff_eq!(total, 1.0, epsilon = 1e-14); // what is outside is below 1e-15
        let n = 200_000;
        let points = grid(n, &mut rng(1));
        // Each grid value from -1 to 6, in each coordinate: 30 binomial counts.
        for axis in 0..2 {
            for k in -2..=12 {
                let p = grid_probability(k);
                let hits = points.column(axis).iter().filter(|&&x| x == f64::from(k) / 2.0).count();
                let z = (hits as f64 - n as f64 * p) / (n as f64 * p * (1.0 - p)).sqrt();
                assert!(z.abs() < 6.0, "axis {axis}, value {}/2: {hits} hits, z = {z:.1}", k);
            }
        }
        let product: Vec<f64> =
            points.rows().into_iter().map(|row| (row[0] - 2.5) * (row[1] - 2.5)).collect();
        assert_mean(&product, 0.0);
        // Rounding adds 1/12 to the variance 100/12 + 1 only nearly (Sheppard); the sum is exact.
        let variance: f64 =
            (-8..=18).map(|k| grid_probability(k) * (f64::from(k) / 2.0 - 2.5).powi(2)).sum();
        assert_abs_diff_eq!(variance, (100.0 / 12.0 + 1.0 + 1.0 / 12.0) / 4.0, epsilon = 1e-2);
        let square: Vec<f64> = points.iter().map(|x| (x - 2.5).powi(2)).collect();
        assert_mean(&square, variance);
    }

    #[test]
    fn the_ring_has_its_centres_its_spread_and_equal_weights() {
        let ring = Ring::default();
        let centres = ring.centres();
        let diagonal = 2.0_f64.sqrt();
        assert_abs_diff_eq!(centres[(0, 0)], 2.0, epsilon = 1e-15);
        assert_abs_diff_eq!(centres[(1, 0)], diagonal, epsilon = 1e-15);
        assert_abs_diff_eq!(centres[(1, 1)], diagonal, epsilon = 1e-15);
        assert_abs_diff_eq!(centres[(6, 1)], -2.0, epsilon = 1e-15);

        let n = 100_000;
        let (points, component) = ring.sample(n, &mut rng(2));
        let noise = &points - &centres.select(Axis(0), &component);
        assert_mean(noise.column(0).to_vec().as_slice(), 0.0);
        assert_mean(noise.column(1).to_vec().as_slice(), 0.0);
        assert_mean(&noise.mapv(|x| x * x).into_raw_vec_and_offset().0, 0.01);
        for k in 0..8 {
            let hit: Vec<f64> = component.iter().map(|&c| f64::from(c == k)).collect();
            assert_mean(&hit, 0.125);
        }
        let second: Vec<f64> = points.column(0).iter().map(|x| x * x).collect();
        assert_mean(&second, 2.01); // radius²/2 + σ²
    }

    #[test]
    fn marks_have_the_mean_and_covariance_of_the_linear_gaussian_model() {
        let exam = ExamMarks::default();
        let (ability, marks) = exam.sample(100_000, &mut rng(3));
        let (mean, covariance) = (exam.mean(), exam.covariance());
        assert_eq!((covariance[(0, 0)], covariance[(0, 1)]), (9.0 * 9.0 + 8.0 * 8.0, 72.0));
        let centred = &marks - &mean;
        for i in 0..5 {
            assert_mean(&centred.column(i).to_vec(), 0.0);
            // The loading is the covariance of mark and ability.
            let with_ability = &centred.column(i) * &ability;
            assert_mean(&with_ability.to_vec(), exam.subjects[i].loading);
            for j in 0..=i {
                let product = &centred.column(i) * &centred.column(j);
                assert_mean(&product.to_vec(), covariance[(i, j)]);
            }
        }
        assert_mean(&ability.mapv(|z| z * z).to_vec(), 1.0);
    }

    #[test]
    fn the_same_seed_gives_the_same_points() {
        assert_eq!(grid(50, &mut rng(4)), grid(50, &mut rng(4)));
        assert_ne!(grid(50, &mut rng(4)), grid(50, &mut rng(5)));
        assert_eq!(
            Ring::default().sample(50, &mut rng(4)),
            Ring::default().sample(50, &mut rng(4))
        );
        let exam = ExamMarks::default();
        assert_eq!(exam.sample(50, &mut rng(4)), exam.sample(50, &mut rng(4)));
        // A longer sample begins with the shorter one.
        let (long, short) = (grid(50, &mut rng(4)), grid(20, &mut rng(4)));
        assert!(short.rows().into_iter().eq(long.rows().into_iter().take(20)));
    }
}
