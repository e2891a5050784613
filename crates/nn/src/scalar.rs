//! The numbers that networks are made of.

use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{AddAssign, Neg};

#[cfg(any(test, feature = "autodiff"))]
use autodiff::F1;
use ndarray::LinalgScalar;

/// A real number that a network can compute with: `f32` to train, `f64` to check, and the dual
/// number `autodiff::F1`, with the feature `autodiff`, as an independent witness for the derivatives.
///
/// It names only the functions that the networks of the course use, so that `f32` can bring its
/// own versions, free of branches, which the compiler turns into vector instructions.
pub trait Scalar:
    LinalgScalar + Neg<Output = Self> + AddAssign + Sum + PartialOrd + Debug + Display + Send + Sync
{
    /// The number nearest to `value`.
    fn from_f64(value: f64) -> Self;
    /// The value as `f64`; a dual number gives up its derivative.
    fn to_f64(self) -> f64;
    /// eˣ
    fn exp(self) -> Self;
    /// ln x
    fn ln(self) -> Self;
    /// √x
    fn sqrt(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// ln(1 + x) for 0 ≤ x ≤ 1, accurate near 0.
    fn ln_1p(self) -> Self;

    /// |x|; at 0 a dual number's derivative is taken from the right.
    #[inline(always)]
    fn abs(self) -> Self {
        if self < Self::zero() { -self } else { self }
    }

    /// max(x, 0), and NaN for NaN.
    #[inline(always)]
    fn positive_part(self) -> Self {
        if self < Self::zero() { Self::zero() } else { self }
    }

    /// The logistic function 1/(1 + e⁻ˣ), without overflow on either side.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let u = (-self.abs()).exp();
        let numerator = if self < Self::zero() { u } else { Self::one() };
        numerator / (Self::one() + u)
    }

    /// softplus(x) = ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), without overflow.
    #[inline(always)]
    fn softplus(self) -> Self {
        self.positive_part() + (-self.abs()).exp().ln_1p()
    }

    /// Runs `loop_over_slices` compiled for the widest vector instructions of this processor.
    ///
    /// The closure has to be `#[inline(always)]`, or it is compiled once for all processors. Plain
    /// IEEE operations in a fixed order: the result has the same bits on each of them.
    #[inline(always)]
    fn vectorize<R>(loop_over_slices: impl FnOnce() -> R) -> R {
        loop_over_slices()
    }
}

impl Scalar for f64 {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
    fn exp(self) -> Self {
        self.exp()
    }
    fn ln(self) -> Self {
        self.ln()
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    fn tanh(self) -> Self {
        self.tanh()
    }
    fn ln_1p(self) -> Self {
        self.ln_1p()
    }
    #[inline(always)]
    fn vectorize<R>(loop_over_slices: impl FnOnce() -> R) -> R {
        pulp::Arch::new().dispatch(loop_over_slices)
    }
}

#[cfg(any(test, feature = "autodiff"))]
impl Scalar for F1 {
    fn from_f64(value: f64) -> Self {
        F1::cst(value)
    }
    fn to_f64(self) -> f64 {
        self.x
    }
    fn exp(self) -> Self {
        autodiff::Float::exp(self)
    }
    fn ln(self) -> Self {
        autodiff::Float::ln(self)
    }
    fn sqrt(self) -> Self {
        autodiff::Float::sqrt(self)
    }
    fn tanh(self) -> Self {
        autodiff::Float::tanh(self)
    }
    fn ln_1p(self) -> Self {
        autodiff::Float::ln_1p(self)
    }
}

impl Scalar for f32 {
    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value as f32
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    /// At most 2 units in the last place off. The argument is split as x = n·ln 2 + r with
    /// |r| ≤ ½ ln 2; the polynomial for eʳ is the one of the Cephes library (`expf`, Moshier 1989).
    #[inline(always)]
    fn exp(self) -> Self {
        /// Adding and subtracting 1.5·2²³ rounds to the nearest integer.
        const ROUND: f32 = 12_582_912.0;
        const LN_2_HIGH: f32 = 0.693_359_4;
        const LN_2_LOW: f32 = -2.121_944_4e-4;
        // Beyond these bounds the result is 0 or ∞ anyway. Written so that NaN stays NaN.
        let x = if self < -104.0 { -104.0 } else { self };
        let x = if x > 89.0 { 89.0 } else { x };
        let shifted = x * std::f32::consts::LOG2_E + ROUND;
        let n = shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
        let n_float = shifted - ROUND;
        let r = x - n_float * LN_2_HIGH - n_float * LN_2_LOW;
        let mut p = 1.987_569_1e-4;
        for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
            p = p * r + coefficient;
        }
        let e_r = p * r * r + r + 1.0;
        // 2ⁿ in two factors: n reaches −150 … 128, one factor's exponent only −126 … 127.
        // Wrapping, although nothing wraps: an overflow check is a branch, and a loop with a branch
        // in it is not turned into vector instructions.
        let half = n >> 1;
        let power_of_2 = |k: i32| f32::from_bits((k.wrapping_add(127) as u32) << 23);
        e_r * power_of_2(half) * power_of_2(n.wrapping_sub(half))
    }
    fn ln(self) -> Self {
        self.ln()
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }

    /// 2σ(2|x|) − 1 with the sign of x; its Taylor polynomial where that difference would cancel.
    #[inline(always)]
    fn tanh(self) -> Self {
        let magnitude = Scalar::abs(self);
        let u = Scalar::exp(-2.0 * magnitude);
        let far = (1.0 - u) / (1.0 + u);
        let s = self * self;
        let mut p = 21_844.0 / 6_081_075.0;
        for c in [-1_382.0 / 155_925.0, 62.0 / 2_835.0, -17.0 / 315.0, 2.0 / 15.0, -1.0 / 3.0] {
            p = p * s + c;
        }
        let near = magnitude + magnitude * s * p;
        let result = if magnitude < 0.3 { near } else { far };
        if self < 0.0 { -result } else { result }
    }

    /// ln(1 + x) = 2 artanh(s) = 2(s + s³/3 + s⁵/5 + …) with s = x/(2 + x) ≤ 1/3.
    #[inline(always)]
    fn ln_1p(self) -> Self {
        let s = self / (2.0 + self);
        let s2 = s * s;
        let mut p = 1.0 / 15.0;
        for coefficient in [1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 0.2, 1.0 / 3.0] {
            p = p * s2 + coefficient;
        }
        2.0 * (s + s * s2 * p)
    }

    #[inline(always)]
    fn vectorize<R>(loop_over_slices: impl FnOnce() -> R) -> R {
        pulp::Arch::new().dispatch(loop_over_slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest relative error of `approximate` against `exact` over an even grid.
    fn worst(from: f32, to: f32, approximate: fn(f32) -> f32, exact: fn(f64) -> f64) -> f64 {
        (0..=200_000)
            .map(|i| from + (to - from) * i as f32 / 200_000.0)
            .map(|x| {
                let truth = exact(f64::from(x));
                (f64::from(approximate(x)) - truth).abs() / truth.abs().max(1e-37)
            })
            .fold(0.0, f64::max)
    }

    /// One unit in the last place of f32 is at most 2⁻²³ = 1.2e-7 relative.
    #[test]
    fn f32_functions_are_within_two_units_in_the_last_place() {
        let ulp = f64::from(f32::EPSILON);
        assert!(worst(-87.0, 88.7, Scalar::exp, libm::exp) < 2.0 * ulp);
        assert!(worst(0.0, 1.0, Scalar::ln_1p, libm::log1p) < 2.0 * ulp);
        assert!(worst(-10.0, 10.0, Scalar::tanh, libm::tanh) < 2.0 * ulp);
        assert!(worst(-80.0, 80.0, Scalar::sigmoid, |x| 1.0 / (1.0 + libm::exp(-x))) < 4.0 * ulp);
        assert!(worst(-80.0, 80.0, Scalar::softplus, |x| libm::log1p(libm::exp(x))) < 4.0 * ulp);
    }

    #[test]
    fn f32_functions_keep_the_limits_and_nan() {
        assert_eq!(Scalar::exp(-1000.0f32), 0.0);
        assert_eq!(Scalar::exp(1000.0f32), f32::INFINITY);
        assert_eq!(Scalar::exp(0.0f32), 1.0);
        assert_eq!(Scalar::sigmoid(-1000.0f32), 0.0);
        assert_eq!(Scalar::sigmoid(1000.0f32), 1.0);
        assert_eq!(Scalar::softplus(1000.0f32), 1000.0);
        assert_eq!(Scalar::tanh(-50.0f32), -1.0);
        for function in
            [Scalar::exp, Scalar::sigmoid, Scalar::softplus, Scalar::tanh, Scalar::positive_part]
        {
            let function: fn(f32) -> f32 = function;
            assert!(function(f32::NAN).is_nan(), "NaN must stay visible");
        }
    }
}
