//! What a mixture needs to know of its components.

use crate::Result;
use rand::Rng;

/// A probability density that can be evaluated and drawn from.
pub trait Density {
    /// Where the density lives: `f64` for the line, `Array1<f64>` for a space.
    type Point;

    /// The log-density at `x`, in nats.
    ///
    /// # Errors
    /// [`Error::Dimension`](crate::Error::Dimension) if `x` is a point of another space.
    fn log_density(&self, x: &Self::Point) -> Result<f64>;

    /// One draw.
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Self::Point;

    /// Refuses to be mixed with a density of another dimension.
    ///
    /// # Errors
    /// [`Error::Dimension`](crate::Error::Dimension) if the dimensions differ.
    fn check_same_space(&self, other: &Self) -> Result<()>;
}
