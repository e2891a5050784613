//! What a generator of points makes of the ring of eight Gaussians.

use data::toy::Ring;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// How many points a judgement is made of.
pub const SAMPLES: usize = 10_000;

/// A mode is covered from this share of all points on: a fair generator puts 1/8 of them there.
pub const LEAST_SHARE: f64 = 0.05;

/// A point belongs to a mode within so many standard deviations of its centre. Of the ring's own points
/// 1 − e^(−9/2) = 98.9 % do.
pub const SIGMAS: f64 = 3.0;

/// The share of all points that lie near each centre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Modes {
    /// One number for each mode, anticlockwise from the one at angle 0.
    pub shares: Vec<f64>,
}

impl Modes {
    /// Counts points, n × 2. The circles of [`SIGMAS`] standard deviations do not overlap.
    ///
    /// ```
    /// use ch08_gan::modes::Modes;
    /// use data::toy::Ring;
    /// let points = ndarray::array![[2.0, 0.1], [0.0, 0.0], [0.0, 2.2], [2.1, 0.0]];
    /// let modes = Modes::of(points.view(), &Ring::default());
    /// assert_eq!((modes.covered(), modes.good()), (2, 0.75));
    /// ```
    #[must_use]
    pub fn of(points: ArrayView2<'_, f32>, ring: &Ring) -> Self {
        let centres = ring.centres();
        let reach = (SIGMAS * ring.sigma).powi(2);
        let near = |centre: ndarray::ArrayView1<'_, f64>| {
            let distance = |point: ndarray::ArrayView1<'_, f32>| {
                let miss = |axis: usize| f64::from(point[axis]) - centre[axis];
                miss(0).powi(2) + miss(1).powi(2)
            };
            points.rows().into_iter().filter(|point| distance(*point) <= reach).count()
        };
        let share = |centre| near(centre) as f64 / points.nrows().max(1) as f64;
        Self { shares: centres.rows().into_iter().map(share).collect() }
    }

    /// Modes that got at least [`LEAST_SHARE`] of the points.
    #[must_use]
    pub fn covered(&self) -> usize {
        self.shares.iter().filter(|&&share| share >= LEAST_SHARE).count()
    }

    /// The share of points near any centre.
    #[must_use]
    pub fn good(&self) -> f64 {
        self.shares.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prob::random::stream;

    /// Of 10 000 of the ring's own points 98.89 % are good and an eighth of those near each centre. Six
    /// standard errors of a share near 1/8 are 0.02, of the whole 0.0063.
    #[test]
    fn the_rings_own_points_cover_all_modes() {
        let ring = Ring::default();
        let points = ring.sample(SAMPLES, &mut stream(1, [1])).0.mapv(|x| x as f32);
        let modes = Modes::of(points.view(), &ring);
        let good = 1.0 - (-0.5 * SIGMAS * SIGMAS).exp();
        assert!((modes.good() - good).abs() < 0.0063, "{}", modes.good());
        assert!(modes.shares.iter().all(|share| (share - good / 8.0).abs() < 0.02), "{modes:?}");
        assert_eq!(modes.covered(), 8);
    }

    #[test]
    fn what_is_no_number_is_near_nothing() {
        let points = ndarray::array![[f32::NAN, 0.0], [2.0, f32::INFINITY]];
        assert_eq!(Modes::of(points.view(), &Ring::default()).good(), 0.0);
    }
}
