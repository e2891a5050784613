//! Axes: from values to fractions of an axis, and the few round values that label it.

/// One labelled position on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: String,
}

/// A checked range, `low < high`, both positive if logarithmic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) log: bool,
    /// Every value on it is a whole number (epochs, counts of samples).
    pub(crate) whole: bool,
}

impl Axis {
    /// Where `value` lies: 0 at the low end, 1 at the high end. What a logarithmic axis cannot show
    /// lies far below it.
    pub(crate) fn fraction(&self, value: f64) -> f64 {
        const FAR: f64 = 1e5;
        let fraction = if self.log {
            if value <= 0.0 {
                return -FAR;
            }
            (value.ln() - self.low.ln()) / (self.high.ln() - self.low.ln())
        } else {
            (value - self.low) / (self.high - self.low)
        };
        fraction.clamp(-FAR, FAR)
    }

    /// The linear axis around the same middle that is `length` long.
    pub(crate) fn stretched(self, length: f64) -> Self {
        let middle = self.low + (self.high - self.low) / 2.0;
        Self { low: middle - length / 2.0, high: middle + length / 2.0, ..self }
    }

    /// The value at a fraction of the axis.
    pub(crate) fn value(&self, fraction: f64) -> f64 {
        if self.log {
            (self.low.ln() + fraction * (self.high.ln() - self.low.ln())).exp()
        } else {
            self.low + fraction * (self.high - self.low)
        }
    }

    /// About `target` ticks, at least two where the range allows it.
    pub(crate) fn ticks(&self, target: usize) -> Vec<Tick> {
        let target = target.max(2);
        if self.log {
            let ticks = self.log_ticks(target);
            if ticks.len() >= 2 {
                return ticks;
            }
        }
        self.linear_ticks(target)
    }

    fn linear_ticks(&self, target: usize) -> Vec<Tick> {
        let mut step = round_step((self.high - self.low) / target as f64);
        if self.whole {
            step = step.max(1.0);
        }
        let slack = 1e-9;
        let first = (self.low / step - slack).ceil();
        let last = (self.high / step + slack).floor();
        let count = (last - first).clamp(0.0, 100.0) as usize + 1;
        let values: Vec<f64> = (0..count).map(|i| (first + i as f64) * step).collect();
        let labels = labels(&values, step);
        values.into_iter().zip(labels).map(|(value, label)| Tick { value, label }).collect()
    }

    fn log_ticks(&self, target: usize) -> Vec<Tick> {
        let slack = 1e-9;
        let first = (self.low.log10() - slack).ceil() as i32;
        let last = (self.high.log10() + slack).floor() as i32;
        let stride = ((last - first + 1).max(1) as usize).div_ceil(target + 2) as i32;
        let mut ticks: Vec<(i32, i32)> =
            (first..=last).filter(|k| k % stride == 0).map(|k| (1, k)).collect();
        if ticks.len() < 3 {
            let inside = |&(m, k): &(i32, i32)| {
                let value = f64::from(m) * 10f64.powi(k);
                value >= self.low * (1.0 - slack) && value <= self.high * (1.0 + slack)
            };
            ticks =
                (first - 1..=last).flat_map(|k| [(1, k), (2, k), (5, k)]).filter(inside).collect();
        }
        let plain = ticks.iter().all(|&(_, k)| (-3..=3).contains(&k));
        ticks
            .into_iter()
            .map(|(m, k)| {
                let value = f64::from(m) * 10f64.powi(k);
                let label = match (plain, m) {
                    (true, _) => number(value, (-k).max(0) as usize),
                    (false, 1) => format!("10{}", superscript(k)),
                    (false, _) => format!("{m}×10{}", superscript(k)),
                };
                Tick { value, label }
            })
            .collect()
    }
}

/// The nearest to `raw` of 1, 2, 5 times a power of ten, measured by ratio.
fn round_step(raw: f64) -> f64 {
    let power = raw.log10().floor();
    let magnitude = 10f64.powf(power);
    let mantissa = raw / magnitude;
    let round = match mantissa {
        m if m < 2f64.sqrt() => 1.0,
        m if m < 10f64.sqrt() => 2.0,
        m if m < 50f64.sqrt() => 5.0,
        _ => 10.0,
    };
    // Dividing by an exact power keeps 0.1 at 0.1 rather than 0.10000000000000002.
    if power < 0.0 { round / 10f64.powf(-power) } else { round * magnitude }
}

/// Labels with as many digits as the step needs, all in one notation.
fn labels(values: &[f64], step: f64) -> Vec<String> {
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if largest > 0.0 && !(1e-4..1e7).contains(&largest) {
        let exponent = largest.log10().floor() as i32;
        let scale = 10f64.powi(exponent);
        let digits = digits_of(step / scale);
        return values
            .iter()
            .map(|v| match *v {
                0.0 => "0".to_owned(),
                v => format!("{}×10{}", number(v / scale, digits), superscript(exponent)),
            })
            .collect();
    }
    let digits = digits_of(step);
    values.iter().map(|v| number(*v, digits)).collect()
}

/// Decimal places that tell multiples of `step` apart.
fn digits_of(step: f64) -> usize {
    (-(step.log10() + 1e-9).floor()).clamp(0.0, 12.0) as usize
}

/// `value` with `digits` decimal places, a real minus sign, and thin spaces between thousands from
/// 10 000 on.
pub(crate) fn number(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::new();
    if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && whole.len() >= 5 && (whole.len() - i) % 3 == 0 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// `value` with the fewest decimal places that show it to three significant digits.
pub(crate) fn short_number(value: f64) -> String {
    if value != 0.0 && !(1e-4..1e7).contains(&value.abs()) {
        let exponent = value.abs().log10().floor() as i32;
        let mantissa = short_number(value / 10f64.powi(exponent));
        return format!("{mantissa}×10{}", superscript(exponent));
    }
    let digits = if value == 0.0 { 0 } else { (2 - value.abs().log10().floor() as i32).max(0) };
    let text = number(value, digits as usize);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn superscript(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    exponent
        .to_string()
        .chars()
        .map(|c| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels_of(low: f64, high: f64, log: bool, whole: bool, target: usize) -> Vec<String> {
        Axis { low, high, log, whole }.ticks(target).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn linear_ticks_are_round_and_carry_a_real_minus() {
        assert_eq!(labels_of(-1.0, 1.0, false, false, 4), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(
            labels_of(0.0, 1.0, false, false, 5),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels_of(-204.0, -86.0, false, false, 5),
            ["−200", "−180", "−160", "−140", "−120", "−100"]
        );
    }

    #[test]
    fn large_and_small_ranges_stay_readable() {
        assert_eq!(labels_of(0.0, 60_000.0, false, false, 3)[1], "20\u{202f}000");
        assert_eq!(labels_of(0.0, 3e8, false, false, 3), ["0", "1×10⁸", "2×10⁸", "3×10⁸"]);
        assert_eq!(labels_of(0.0, 3e-6, false, false, 3)[2], "2×10⁻⁶");
    }

    #[test]
    fn an_axis_of_whole_numbers_has_no_half_epochs() {
        assert_eq!(labels_of(1.0, 3.0, false, true, 8), ["1", "2", "3"]);
    }

    #[test]
    fn log_ticks_are_powers_of_ten_or_their_1_2_5() {
        assert_eq!(
            labels_of(1e-5, 1.0, true, false, 8),
            ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"]
        );
        assert_eq!(labels_of(0.3, 12.0, true, false, 6), ["0.5", "1", "2", "5", "10"]);
        assert_eq!(labels_of(0.01, 10.0, true, false, 6), ["0.01", "0.1", "1", "10"]);
    }

    #[test]
    fn ticks_stay_few_whatever_the_range() {
        for (low, high) in
            [(1e-300, 1e300), (1e16, 1e16 + 8.0), (-1e-300, 1e-300), (3.0, 3.0 + 1e-9)]
        {
            for log in [false, true] {
                if !log || low > 0.0 {
                    let count = labels_of(low, high, log, false, 6).len();
                    assert!((1..=12).contains(&count), "{count} ticks from {low} to {high}");
                }
            }
        }
    }

    #[test]
    fn fractions_run_from_the_low_end_to_the_high_end() {
        let axis = Axis { low: 1.0, high: 100.0, log: true, whole: false };
        assert_eq!([1.0, 10.0, 100.0].map(|v| axis.fraction(v)), [0.0, 0.5, 1.0]);
        assert!(axis.fraction(0.0) < -1e4);
    }

    #[test]
    fn short_numbers_keep_three_digits() {
        assert_eq!(
            [0.5, 86.76, 1234.6, -0.0625, 2.0, 3e9].map(short_number),
            ["0.5", "86.8", "1235", "−0.0625", "2", "3×10⁹"]
        );
    }
}
