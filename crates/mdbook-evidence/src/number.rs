//! Numbers as a reader wants to see them.

/// How a number is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Whole numbers as they are, others with four digits, very small and very large ones with a power of ten.
    Auto,
    /// So many digits after the point.
    Decimals(usize),
    /// So many significant digits.
    Digits(usize),
    /// Per cent, with so many digits after the point.
    Percent(usize),
    /// A power of ten, its factor with so many digits after the point.
    Power(usize),
}

impl Format {
    /// Reads `.2`, `3g`, `.1%` or `e2`; nothing is [`Format::Auto`].
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let count = |digits: &str| digits.parse().ok().filter(|&count: &usize| count <= 15);
        let format = match text {
            "" => Some(Self::Auto),
            _ if text.ends_with('%') => {
                let digits = text.trim_end_matches('%').strip_prefix('.');
                digits.and_then(count).map(Self::Percent)
            }
            _ if text.ends_with('g') => {
                let digits = count(text.trim_end_matches('g')).filter(|&count| count > 0);
                digits.map(Self::Digits)
            }
            _ if text.starts_with('e') => count(&text[1..]).map(Self::Power),
            _ => text.strip_prefix('.').and_then(count).map(Self::Decimals),
        };
        format.ok_or_else(|| {
            format!("`{text}` is no format: write `.2` (decimals), `3g` (digits), `.1%` or `e2`")
        })
    }

    /// The number in plain characters.
    pub(crate) fn text(self, value: f64) -> String {
        let Shown { negative, factor, exponent, percent } = self.shown(value);
        let sign = if negative { "−" } else { "" };
        let factor = factor.replace(' ', "\u{202f}");
        let body = match exponent {
            None => factor,
            Some(exponent) if factor == "1" => format!("10{}", superscript(exponent)),
            Some(exponent) => format!("{factor}·10{}", superscript(exponent)),
        };
        format!("{sign}{body}{}", if percent { "\u{202f}%" } else { "" })
    }

    /// The number as TeX.
    pub(crate) fn tex(self, value: f64) -> String {
        let Shown { negative, factor, exponent, percent } = self.shown(value);
        let sign = if negative { "-" } else { "" };
        let factor = factor.replace(' ', "\\,");
        let body = match exponent {
            None => factor,
            Some(exponent) if factor == "1" => format!("10^{{{exponent}}}"),
            Some(exponent) => format!("{factor} \\cdot 10^{{{exponent}}}"),
        };
        format!("{sign}{body}{}", if percent { "\\,\\%" } else { "" })
    }

    fn shown(self, value: f64) -> Shown {
        let size = value.abs();
        let mut percent = false;
        let (factor, exponent) = match self {
            Self::Auto if size.fract() == 0.0 && size < 1e15 => (format!("{size:.0}"), None),
            Self::Auto if (1e-3..1e6).contains(&size) => (trimmed(&digits(size, 4)), None),
            Self::Auto => {
                let (factor, exponent) = power(size, 1);
                (trimmed(&factor), Some(exponent))
            }
            Self::Decimals(count) => (format!("{size:.count$}"), None),
            Self::Digits(count) if size == 0.0 || (1e-4..1e15).contains(&size) => {
                (digits(size, count), None)
            }
            Self::Digits(count) => {
                let (factor, exponent) = power(size, count - 1);
                (factor, Some(exponent))
            }
            Self::Percent(count) => {
                percent = true;
                (format!("{:.count$}", 100.0 * size), None)
            }
            Self::Power(count) => {
                let (factor, exponent) = power(size, count);
                (factor, Some(exponent))
            }
        };
        let is_zero = factor.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        Shown { negative: value < 0.0 && !is_zero, factor: grouped(&factor), exponent, percent }
    }
}

/// A number in its parts; groups of three digits are set apart by spaces.
struct Shown {
    negative: bool,
    factor: String,
    exponent: Option<i32>,
    percent: bool,
}

/// The value to so many significant digits, without a power of ten.
fn digits(size: f64, count: usize) -> String {
    if size == 0.0 {
        return "0".into();
    }
    let (factor, exponent) = power(size, count - 1);
    let after_point = count as i32 - 1 - exponent;
    match usize::try_from(after_point) {
        Ok(after_point) => format!("{size:.after_point$}"),
        Err(_) => {
            let rounded: f64 = format!("{factor}e{exponent}").parse().unwrap_or(size);
            format!("{rounded:.0}")
        }
    }
}

/// Factor and exponent, the former with so many digits after the point.
fn power(size: f64, after_point: usize) -> (String, i32) {
    let text = format!("{size:.after_point$e}");
    let (factor, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (factor.to_owned(), exponent.parse().unwrap_or_default())
}

/// Without zeros at the end.
fn trimmed(number: &str) -> String {
    if !number.contains('.') {
        return number.to_owned();
    }
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// With a space before each group of three digits, from five digits on.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    if whole.len() < 5 {
        return number.to_owned();
    }
    let mut text = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text + rest
}

fn superscript(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |c: char| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]);
    exponent.to_string().chars().map(digit).collect()
}

/// A number of which only the size matters: two digits.
pub(crate) fn rough(value: f64) -> String {
    let is_plain = (1e-3..1e6).contains(&value.abs()) && value.fract() != 0.0;
    if is_plain { trimmed(&Format::Digits(2).text(value)) } else { Format::Auto.text(value) }
}

/// Two numbers with as many digits, at least four, as it takes to tell them apart.
pub(crate) fn apart(a: f64, b: f64) -> (String, String) {
    if a == b {
        return (Format::Auto.text(a), Format::Auto.text(b));
    }
    let whole = |x: f64| x.fract() == 0.0 && x.abs() < 1e15;
    if whole(a) && whole(b) {
        return (Format::Auto.text(a), Format::Auto.text(b));
    }
    for count in 4..=16 {
        let show = |x: f64| {
            if x == 0.0 || (1e-3..1e6).contains(&x.abs()) {
                let text = Format::Digits(count).text(x);
                if whole(x) { Format::Auto.text(x) } else { trimmed(&text) }
            } else {
                Format::Power(count - 2).text(x)
            }
        };
        let (shown_a, shown_b) = (show(a), show(b));
        if shown_a != shown_b {
            return (shown_a, shown_b);
        }
    }
    (a.to_string(), b.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(format: &str, value: f64) -> String {
        Format::parse(format).expect("a format").text(value)
    }

    #[test]
    fn each_format_shows_what_it_promises() {
        for (format, value, expected) in [
            ("", 0.0, "0"),
            ("", 420.0, "420"),
            ("", 346_984.0, "346\u{202f}984"),
            ("", -1.293_94, "−1.294"),
            ("", 0.5, "0.5"),
            ("", 3.14e-16, "3.1·10⁻¹⁶"),
            ("", 1e-12, "10⁻¹²"),
            (".2", 2.0, "2.00"),
            (".2", -0.001, "0.00"),
            (".0", 12_345.6, "12\u{202f}346"),
            ("3g", 0.012_345, "0.0123"),
            ("3g", 12_345.0, "12\u{202f}300"),
            ("3g", 9.999, "10.0"),
            ("2g", 1.5e-7, "1.5·10⁻⁷"),
            (".1%", 0.123_45, "12.3\u{202f}%"),
            ("e2", 1.234e-4, "1.23·10⁻⁴"),
            ("e0", 1e6, "10⁶"),
        ] {
            assert_eq!(text(format, value), expected, "{format:?} of {value}");
        }
    }

    #[test]
    fn inside_a_formula_it_is_tex() {
        assert_eq!(Format::Auto.tex(-3.14e-16), "-3.1 \\cdot 10^{-16}");
        assert_eq!(Format::Decimals(0).tex(12_345.0), "12\\,345");
        assert_eq!(Format::Percent(1).tex(0.5), "50.0\\,\\%");
    }

    #[test]
    fn what_is_no_format_is_refused() {
        for wrong in ["2", ".x", "0g", "g", "%", "e", ".99", "2f"] {
            assert!(Format::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_a_tolerance_two_digits_are_enough() {
        let sizes = [0.005_413, 12.345, 420.0, 1.64e-11, 1e-12, 0.0];
        assert_eq!(sizes.map(rough), ["0.0054", "12", "420", "1.6·10⁻¹¹", "10⁻¹²", "0"]);
    }

    #[test]
    fn two_numbers_can_be_told_apart() {
        let owned = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
        assert_eq!(apart(107.550_238, 20.900_805), owned(("107.6", "20.9")));
        assert_eq!(apart(1.000_001, 1.0), owned(("1.000001", "1")));
        assert_eq!(apart(0.5, 0.5), owned(("0.5", "0.5")));
        assert_eq!(apart(0.0, 0.001), owned(("0", "0.001")));
    }
}
