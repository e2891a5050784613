//! Integrals by quadrature: the independent witness for a closed form.
//!
//! [`Quadrature`] is globally adaptive: it keeps a heap of intervals, and always halves the one with the
//! largest error estimate, until the estimates add up to less than the tolerance (the strategy of QUADPACK;
//! Piessens, de Doncker-Kapenga, Überhuber and Kahaner 1983). It answers with a value *and* an error
//! estimate, or with an error; it never answers with a number that it does not believe in.
//! [`GaussHermite`] is the fixed rule for expectations of smooth functions under a Gaussian, in one or a
//! few dimensions.
//!
//! What no rule can see is what happens between its nodes: an integrand that is 0 at every node is 0, and a
//! jump within the last 0.2 % of an interval never shows. The error estimate is for integrands that are
//! smooth in pieces which the nodes do hit. If you know where a peak or a jump sits, put break points around it ([`Quadrature::integrate_between`]), or integrate
//! against the Gaussian that makes it ([`Quadrature::expectation`]).

mod hermite;
mod kronrod;

pub use hermite::GaussHermite;

use crate::gaussian::standard_log_density;
use crate::{Error, Gaussian, Result, compensated_sum};
use kronrod::Piece;
use std::collections::BinaryHeap;

/// The value of an integral and how far to trust it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Integral {
    /// The value.
    pub value: f64,
    /// An estimate of the absolute error, usually a pessimistic one.
    pub error: f64,
    /// How often the integrand was evaluated.
    pub evaluations: u64,
}

/// Globally adaptive quadrature with the 10-point Gauss and 21-point Kronrod pair.
///
/// Converged means: error estimate ≤ max(`absolute_tolerance`, `relative_tolerance`·|value|). The
/// relative tolerance cannot go far below 1e-13: a sum of rounded numbers has no better digits.
///
/// ```
/// use prob::Quadrature;
/// let gauss = Quadrature::default().integrate(|x| (-x * x).exp(), f64::NEG_INFINITY, f64::INFINITY)?;
/// assert!((gauss.value - std::f64::consts::PI.sqrt()).abs() < 1e-10);
/// // Singular, but integrable: ∫₀¹ dx/√x = 2.
/// let root = Quadrature::default().integrate(|x| x.sqrt().recip(), 0.0, 1.0)?;
/// assert!((root.value - 2.0).abs() <= root.error);
/// // Not integrable: an error, not a number.
/// assert!(Quadrature::default().integrate(f64::recip, 0.0, 1.0).is_err());
/// # Ok::<(), prob::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quadrature {
    /// An error estimate of this size is good enough.
    pub absolute_tolerance: f64,
    /// An error estimate of this size times |value| is good enough.
    pub relative_tolerance: f64,
    /// The most evaluations of the integrand to spend (in two dimensions: of each inner integral and, as
    /// inner integrals, of the outer one).
    pub max_evaluations: u64,
}

impl Default for Quadrature {
    /// Relative tolerance 1e-11, absolute tolerance 1e-13, at most 100 000 evaluations.
    fn default() -> Self {
        Self { absolute_tolerance: 1e-13, relative_tolerance: 1e-11, max_evaluations: 100_000 }
    }
}

impl Quadrature {
    /// ∫ₐᵇ f(x) dx, where a or b or both may be infinite.
    ///
    /// An infinite interval is mapped to a finite one: x = t/(1 − t²) for the whole line,
    /// x = a ± t/(1 − t) for half of it. Both put half of their nodes within about one unit of the
    /// origin or end: shift and scale the integrand so that its mass is there, or give break points.
    /// a > b gives the negative of the integral from b to a.
    ///
    /// # Errors
    /// [`Error::NotConverged`] if the tolerance was not met, [`Error::NotFinite`] if the integrand is NaN
    /// or infinite at a node (end points are never nodes), [`Error::Parameter`] if an end is NaN.
    pub fn integrate(&self, f: impl FnMut(f64) -> f64, a: f64, b: f64) -> Result<Integral> {
        self.integrate_between(f, &[a, b])
    }

    /// ∫ f(x) dx from the first to the last of the `points`, with the ones between as break points: put
    /// them at kinks, jumps and singularities and around narrow peaks.
    ///
    /// # Errors
    /// As [`integrate`](Self::integrate); besides, [`Error::Parameter`] if the points are not in order,
    /// and [`Error::TooFew`] for fewer than two.
    pub fn integrate_between(
        &self,
        mut f: impl FnMut(f64) -> f64,
        points: &[f64],
    ) -> Result<Integral> {
        self.converged(self.best(|x| Ok((f(x), 0.0)), points)?)
    }

    /// E f(X) = ∫ f(x) p(x) dx for a Gaussian X, in units of its own mean and standard deviation, so that
    /// no peak is ever missed because it is narrow or far away.
    ///
    /// # Errors
    /// As [`integrate`](Self::integrate).
    ///
    /// ```
    /// use prob::{Gaussian, Quadrature};
    /// let q = Gaussian::new(1e6, 1e-3)?;
    /// let variance = Quadrature::default().expectation(&q, |x| (x - 1e6).powi(2))?;
    /// // The integrand's own rounding at 1e6 is 1e-10, a relative 1e-7 of σ.
    /// assert!((variance.value / 1e-6 - 1.0).abs() < 1e-6);
    /// # Ok::<(), prob::Error>(())
    /// ```
    pub fn expectation(
        &self,
        gaussian: &Gaussian,
        mut f: impl FnMut(f64) -> f64,
    ) -> Result<Integral> {
        let integrand = |z: f64| {
            // Below the smallest float the density is 0, and f need not be finite that far out.
            let density = standard_log_density(z).exp();
            if density == 0.0 { 0.0 } else { density * f(gaussian.mean() + gaussian.sigma() * z) }
        };
        // Pieces of one standard deviation: an integrand that is smooth on that scale is then right from the start, and
        // nothing hangs on an error estimate that happens to be small where the rule is far off.
        let mut points = vec![f64::NEG_INFINITY];
        points.extend((-6..=6).map(|k| f64::from(2 * k)));
        points.push(f64::INFINITY);
        self.integrate_between(integrand, &points)
    }

    /// ∫∫ f(x, y) dy dx over the rectangle `x` × `y`, whose ends may be infinite: an adaptive integral of
    /// adaptive integrals. The inner error estimates are integrated along with the values, so that the
    /// error reported is that of both levels. `evaluations` counts those of f.
    ///
    /// # Errors
    /// As [`integrate`](Self::integrate).
    ///
    /// ```
    /// use prob::Quadrature;
    /// let quarter = Quadrature::default().integrate_2d(|x, y| x * y * y, [0.0, 1.0], [0.0, 3.0])?;
    /// assert!((quarter.value - 4.5).abs() < 1e-12);
    /// # Ok::<(), prob::Error>(())
    /// ```
    pub fn integrate_2d(
        &self,
        mut f: impl FnMut(f64, f64) -> f64,
        x: [f64; 2],
        y: [f64; 2],
    ) -> Result<Integral> {
        // A tenth of the tolerance for the inner level leaves room for the outer one.
        let inner = Self {
            absolute_tolerance: 0.1 * self.absolute_tolerance,
            relative_tolerance: 0.1 * self.relative_tolerance,
            ..*self
        };
        let mut evaluations = 0;
        let slice = |x: f64| {
            let slice = inner.best(|y| Ok((f(x, y), 0.0)), &y)?;
            evaluations += slice.evaluations;
            Ok((slice.value, slice.error))
        };
        let outer = self.best(slice, &x)?;
        self.converged(Integral { evaluations, ..outer })
    }

    fn converged(&self, integral: Integral) -> Result<Integral> {
        let Integral { value, error, evaluations } = integral;
        let tolerance = self.tolerance(value);
        if error <= tolerance {
            return Ok(integral);
        }
        Err(Error::NotConverged { value, error, tolerance, evaluations })
    }

    fn tolerance(&self, value: f64) -> f64 {
        self.absolute_tolerance.max(self.relative_tolerance * value.abs())
    }

    /// The best that the budget of evaluations buys. The integrand returns its value and its own error.
    fn best(
        &self,
        mut f: impl FnMut(f64) -> Result<(f64, f64)>,
        points: &[f64],
    ) -> Result<Integral> {
        let (sign, points) = in_order(points)?;
        let domain = Domain::between(points[0], points[points.len() - 1]);
        let mut mapped = |t: f64| {
            let (x, slope) = domain.at(t);
            let (value, error) = f(x)?;
            // Where f vanishes the slope, which may have overflowed, does not matter.
            let times = |v: f64| if v == 0.0 { 0.0 } else { v * slope };
            if !times(value).is_finite() {
                return Err(Error::NotFinite { at: x, value });
            }
            Ok((times(value), times(error)))
        };
        let mut heap = BinaryHeap::new();
        for pair in points.windows(2) {
            let (a, b) = (domain.inverse(pair[0]), domain.inverse(pair[1]));
            // Two halves to begin with: a symmetric integrand's peak is then not only at the centre node.
            let middle = a + 0.5 * (b - a);
            heap.push(Piece::new(a, middle, &mut mapped)?);
            heap.push(Piece::new(middle, b, &mut mapped)?);
        }
        let mut evaluations = heap.len() as u64 * kronrod::NODES;
        let mut exhausted = Vec::new();
        loop {
            let pieces = || heap.iter().chain(&exhausted);
            let value = compensated_sum(pieces().map(|p| p.value));
            let error = compensated_sum(pieces().map(Piece::error));
            let enough = error <= self.tolerance(value)
                || evaluations + 2 * kronrod::NODES > self.max_evaluations;
            let worst = if enough { None } else { heap.pop() };
            let Some(worst) = worst else {
                return Ok(Integral { value: sign * value, error, evaluations });
            };
            match worst.halves(&mut mapped)? {
                Some(halves) => {
                    heap.extend(halves);
                    evaluations += 2 * kronrod::NODES;
                }
                // No floating-point number between its ends, or nothing to gain: it stays as it is.
                None => exhausted.push(worst),
            }
        }
    }
}

/// The points from the lowest to the highest, and the sign of the direction.
fn in_order(points: &[f64]) -> Result<(f64, Vec<f64>)> {
    if points.len() < 2 {
        return Err(Error::TooFew { name: "points", what: "an integral", least: 2 });
    }
    if let Some(&value) = points.iter().find(|p| p.is_nan()) {
        return Err(Error::Parameter { name: "point", value, expected: "a number or an infinity" });
    }
    let mut ordered = points.to_vec();
    let descending = points[0] > points[points.len() - 1];
    if descending {
        ordered.reverse();
    }
    for pair in ordered.windows(2) {
        if pair[0] > pair[1] || (pair[0] == pair[1] && pair[0].is_infinite()) {
            let expected = "points in ascending (or descending) order";
            return Err(Error::Parameter { name: "point", value: pair[1], expected });
        }
    }
    Ok((if descending { -1.0 } else { 1.0 }, ordered))
}

/// How the integration variable t becomes x.
#[derive(Clone, Copy)]
enum Domain {
    /// x = t.
    Finite,
    /// x = a + t/(1 − t), t from 0 to 1.
    Above(f64),
    /// x = b + t/(1 + t), t from −1 to 0.
    Below(f64),
    /// x = t/(1 − t²), t from −1 to 1.
    Line,
}

impl Domain {
    fn between(a: f64, b: f64) -> Self {
        match (a.is_infinite(), b.is_infinite()) {
            (false, false) => Self::Finite,
            (false, true) => Self::Above(a),
            (true, false) => Self::Below(b),
            (true, true) => Self::Line,
        }
    }

    /// x and dx/dt.
    fn at(self, t: f64) -> (f64, f64) {
        match self {
            Self::Finite => (t, 1.0),
            Self::Above(a) => (a + t / (1.0 - t), (1.0 - t).powi(-2)),
            Self::Below(b) => (b + t / (1.0 + t), (1.0 + t).powi(-2)),
            Self::Line => {
                let gap = (1.0 - t) * (1.0 + t);
                (t / gap, (1.0 + t * t) / (gap * gap))
            }
        }
    }

    fn inverse(self, x: f64) -> f64 {
        match self {
            Self::Finite => x,
            Self::Above(_) if x == f64::INFINITY => 1.0,
            Self::Above(a) => (x - a) / (1.0 + (x - a)),
            Self::Below(_) if x == f64::NEG_INFINITY => -1.0,
            Self::Below(b) => (x - b) / (1.0 - (x - b)),
            Self::Line if x.is_infinite() => x.signum(),
            Self::Line => 2.0 * x / (1.0 + (1.0 + 4.0 * x * x).sqrt()),
        }
    }
}
