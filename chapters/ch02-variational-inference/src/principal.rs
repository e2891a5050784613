//! Principal components in units of their standard deviation: the same data in few dimensions or in all.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use prob::eigen;
use prob::multivariate::moments;

/// A map to coordinates that are uncorrelated and have variance 1 on the data that it was made from, those
/// of largest variance first. In them N(0, I) is the best single Gaussian, whatever their number, so that
/// log-densities per dimension can be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitening {
    mean: Array1<f64>,
    /// D×D; column i is the i-th direction over the standard deviation along it.
    directions: Array2<f64>,
}

impl Whitening {
    /// Made from the rows of `data`, N×D, whose covariance has to be positive definite.
    ///
    /// # Errors
    /// [`prob::Error::NotPositiveDefinite`] if the data lie in a plane, [`prob::Error::TooFew`] if there are
    /// none.
    pub fn of(data: ArrayView2<'_, f64>) -> prob::Result<Self> {
        let (mean, covariance) = moments(data)?;
        let eigen = eigen::symmetric(covariance.view())?;
        for (row, &pivot) in eigen.values.iter().enumerate() {
            if pivot <= 0.0 {
                return Err(prob::Error::NotPositiveDefinite { row, pivot });
            }
        }
        Ok(Self { mean, directions: &eigen.vectors / &eigen.values.mapv(f64::sqrt) })
    }

    /// The first `dimensions` coordinates of every row of `data`: N×dimensions.
    #[must_use]
    pub fn coordinates(&self, data: ArrayView2<'_, f64>, dimensions: usize) -> Array2<f64> {
        let kept = dimensions.min(self.directions.ncols());
        (&data - &self.mean).dot(&self.directions.slice(s![.., ..kept]))
    }

    /// The way back: rows of data from `coordinates`, N×dimensions, with 0 for the ones that are left out.
    #[must_use]
    pub fn data(&self, coordinates: ArrayView2<'_, f64>) -> Array2<f64> {
        let kept = self.directions.slice(s![.., ..coordinates.ncols()]);
        // A column is vᵢ/√λᵢ with ‖vᵢ‖ = 1, and what is wanted is √λᵢ vᵢ.
        let squares = (&kept * &kept).sum_axis(Axis(0));
        coordinates.dot(&(&kept / &squares).t()) + &self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn all_coordinates_lead_back_and_few_to_the_nearest_point_of_the_plane() -> prob::Result<()> {
        let data = array![[3.0, 1.0], [-3.0, -1.0], [1.0, -3.0], [-1.0, 3.0], [6.0, 2.0]];
        let whitening = Whitening::of(data.view())?;
        let back = whitening.data(whitening.coordinates(data.view(), 2).view());
        assert!((&back - &data).iter().all(|x| x.abs() < 1e-13), "{back}");
        // What is left out is at right angles to what is kept.
        let near = whitening.data(whitening.coordinates(data.view(), 1).view());
        let mean = data.mean_axis(Axis(0)).expect("rows");
        let product = (&data - &near).dot(&(&near - &mean).t());
        assert!(product.diag().iter().all(|x| x.abs() < 1e-13), "{product}");
        Ok(())
    }
}
