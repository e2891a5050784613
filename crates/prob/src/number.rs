//! Numbers on their way into a formula and onto a page.

use num_traits::Float;

/// A constant in any float; dual numbers, too.
pub fn number<T: Float>(value: f64) -> T {
    T::from(value).unwrap_or_else(T::nan)
}

/// A result for a file that is to be the same everywhere: more digits than a page shows, fewer than processors differ in; and
/// no −0.
///
/// ```
/// assert_eq!(prob::millionths(2.0 / 3.0), 0.666_667);
/// assert!(prob::millionths(-1e-9).is_sign_positive());
/// ```
#[must_use]
pub fn millionths(value: f64) -> f64 {
    (value * 1e6).round() / 1e6 + 0.0
}
