//! Two searches that the rest of the crate shares.

/// The point of (low, high] up to which `is_below` holds, to the last digits of a float.
///
/// `is_below` has to hold near `low` and stop holding for good somewhere before `high`.
pub(crate) fn bisect(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + 0.5 * (high - low);
        let width = high - low;
        if middle <= low || middle >= high || width <= f64::EPSILON * low.abs().min(high.abs()) {
            return middle;
        }
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// The smallest count from `least` on for which `is_enough` holds, if there is one below 2⁵³; `is_enough`
/// has to stay true once it is.
pub(crate) fn smallest_count(least: u64, is_enough: impl Fn(u64) -> bool) -> Option<u64> {
    let mut high = least.max(1);
    while !is_enough(high) {
        high = high.checked_mul(2).filter(|&n| n < 1 << 53)?;
    }
    let mut low = (high / 2).max(least);
    if is_enough(low) {
        return Some(low);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if is_enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}
