//! One interval of an adaptive integral: the 10-point Gauss and 21-point Kronrod pair.

use crate::Result;
use std::cmp::Ordering;

/// How many evaluations a piece costs.
pub(super) const NODES: u64 = 21;

/// Kronrod's nodes on [0, 1], from the end to the centre; every second one is a node of Gauss. Nodes and
/// weights of `qk21` in QUADPACK (Piessens et al. 1983); a test checks that they integrate what they must.
const NODE: [f64; 11] = [
    0.995_657_163_025_808_1,
    0.973_906_528_517_171_7,
    0.930_157_491_355_708_2,
    0.865_063_366_688_984_5,
    0.780_817_726_586_416_9,
    0.679_409_568_299_024_4,
    0.562_757_134_668_604_7,
    0.433_395_394_129_247_2,
    0.294_392_862_701_460_2,
    0.148_874_338_981_631_22,
    0.0,
];
const KRONROD: [f64; 11] = [
    0.011_694_638_867_371_874,
    0.032_558_162_307_964_725,
    0.054_755_896_574_351_995,
    0.075_039_674_810_919_96,
    0.093_125_454_583_697_6,
    0.109_387_158_802_297_64,
    0.123_491_976_262_065_84,
    0.134_709_217_311_473_34,
    0.142_775_938_577_060_09,
    0.147_739_104_901_338_49,
    0.149_445_554_002_916_9,
];
const GAUSS: [f64; 5] = [
    0.066_671_344_308_688_14,
    0.149_451_349_150_580_6,
    0.219_086_362_515_982_04,
    0.269_266_719_309_996_35,
    0.295_524_224_714_752_87,
];

/// The integral over one interval; ordered by error, so that a heap gives the worst first.
pub(super) struct Piece {
    a: f64,
    b: f64,
    pub(super) value: f64,
    /// What the difference of the two rules says.
    rule_error: f64,
    /// What the evaluations' own errors add up to.
    inherited_error: f64,
    /// 50 roundings of the absolute integral: halving does not get below.
    floor: f64,
}

impl Piece {
    pub(super) fn new(
        a: f64,
        b: f64,
        f: &mut impl FnMut(f64) -> Result<(f64, f64)>,
    ) -> Result<Self> {
        let (centre, half) = (a + 0.5 * (b - a), 0.5 * (b - a));
        let mut values = [[0.0; 2]; 11];
        let mut inherited = 0.0;
        for i in 0..11 {
            let (left, left_error) = f(centre - half * NODE[i])?;
            let (right, right_error) =
                if i == 10 { (0.0, 0.0) } else { f(centre + half * NODE[i])? };
            values[i] = [left, right];
            inherited += KRONROD[i] * (left_error + right_error);
        }
        let sum = |g: &dyn Fn(f64) -> f64| -> f64 {
            (0..11)
                .map(|i| {
                    let other = if i == 10 { 0.0 } else { g(values[i][1]) };
                    KRONROD[i] * (g(values[i][0]) + other)
                })
                .sum()
        };
        let kronrod = sum(&|v| v);
        let gauss: f64 =
            (0..5).map(|i| GAUSS[i] * (values[2 * i + 1][0] + values[2 * i + 1][1])).sum();
        let absolute = half * sum(&f64::abs);
        let variation = half * sum(&|v| (v - 0.5 * kronrod).abs());
        let difference = half * (kronrod - gauss).abs();
        // QUADPACK's rescaling: the difference is the error of the *Gauss* rule; Kronrod's, of far higher
        // order, is about its 1.5th power relative to the integrand's variation.
        let rule_error = if variation > 0.0 {
            variation * (200.0 * difference / variation).powf(1.5).min(1.0)
        } else {
            difference
        };
        Ok(Self {
            a,
            b,
            value: half * kronrod,
            rule_error,
            inherited_error: half * inherited,
            floor: 50.0 * f64::EPSILON * absolute,
        })
    }

    pub(super) fn error(&self) -> f64 {
        self.rule_error.max(self.floor) + self.inherited_error
    }

    /// The two halves, if there is a number between the ends and rounding is not yet all the error.
    pub(super) fn halves(
        &self,
        f: &mut impl FnMut(f64) -> Result<(f64, f64)>,
    ) -> Result<Option<[Self; 2]>> {
        let middle = self.a + 0.5 * (self.b - self.a);
        // The outermost node is 0.4 % of the half width inside: it must not round onto the end.
        let width = self.b - self.a;
        let resolved = width > 4096.0 * f64::EPSILON * self.a.abs().max(self.b.abs());
        if !resolved || self.rule_error <= self.floor {
            return Ok(None);
        }
        Ok(Some([Self::new(self.a, middle, f)?, Self::new(middle, self.b, f)?]))
    }
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Piece {}

impl PartialOrd for Piece {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Piece {
    fn cmp(&self, other: &Self) -> Ordering {
        // Ties by position, so that the order of work is the same in every run.
        self.error().total_cmp(&other.error()).then(other.a.total_cmp(&self.a))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gauss is exact up to degree 19, Kronrod up to degree 31, and no further: a wrong digit anywhere
    /// would show.
    #[test]
    fn rules_are_exact_to_their_degree_and_no_further() {
        for degree in (0..=32i32).step_by(2) {
            let exact = 2.0 / f64::from(degree + 1);
            let kronrod: f64 = (0..11)
                .map(|i| if i == 10 { 1.0 } else { 2.0 } * KRONROD[i] * NODE[i].powi(degree))
                .sum();
            let gauss: f64 = (0..5).map(|i| 2.0 * GAUSS[i] * NODE[2 * i + 1].powi(degree)).sum();
            // Some ten roundings of numbers below 2.
            assert_eq!((kronrod - exact).abs() < 1e-15, degree <= 31, "Kronrod, degree {degree}");
            assert_eq!((gauss - exact).abs() < 1e-15, degree <= 19, "Gauss, degree {degree}");
        }
    }
}
