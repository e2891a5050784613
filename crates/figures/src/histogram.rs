//! Counting values into equal bins.

/// Equal bins that all histograms of a chart share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bins {
    low: f64,
    high: f64,
    count: usize,
}

impl Bins {
    /// `count` bins from the smallest to the largest of `values`; around a single value, bins of
    /// total width 1.
    pub(crate) fn over(values: impl Iterator<Item = f64>, count: usize) -> Self {
        let (low, high) = values
            .filter(|v| v.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = match () {
            () if low > high => (0.0, 1.0),
            () if low == high => (low - 0.5, high + 0.5),
            () => (low, high),
        };
        Self { low, high, count: count.max(1) }
    }

    /// The bars `(left, right, height)` of one set of values.
    pub(crate) fn bars(&self, values: &[f64], density: bool) -> Vec<(f64, f64, f64)> {
        let bin_width = (self.high - self.low) / self.count as f64;
        let mut counts = vec![0usize; self.count];
        for value in values {
            let bin = ((value - self.low) / bin_width).floor().max(0.0) as usize;
            counts[bin.min(self.count - 1)] += 1;
        }
        let unit = if density { 1.0 / (values.len() as f64 * bin_width) } else { 1.0 };
        let edge = |i: usize| self.low + (self.high - self.low) * i as f64 / self.count as f64;
        let bar = |(i, count): (usize, &usize)| (edge(i), edge(i + 1), *count as f64 * unit);
        counts.iter().enumerate().map(bar).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_once_the_largest_in_the_last_bin() {
        let values = [0.0, 0.1, 0.5, 0.9, 1.0, 2.0];
        let bars = Bins::over(values.into_iter(), 2).bars(&values, false);
        assert_eq!(bars, [(0.0, 1.0, 4.0), (1.0, 2.0, 2.0)]);
    }

    #[test]
    fn a_density_has_area_one() {
        let values = [0.3, -1.0, 2.5, 2.5, 0.9];
        let bars = Bins::over(values.into_iter(), 7).bars(&values, true);
        let area: f64 = bars.iter().map(|(l, r, h)| (r - l) * h).sum();
        assert!((area - 1.0).abs() < 1e-12, "{area}");
    }

    #[test]
    fn a_single_value_sits_in_the_middle_of_its_bins() {
        let bars = Bins::over([3.0].into_iter(), 1).bars(&[3.0], false);
        assert_eq!(bars, [(2.5, 3.5, 1.0)]);
    }
}
