//! Numbers from the command line, with messages that say what is expected.

use std::str::FromStr;

/// A number that is finite and greater than zero, such as a learning rate.
///
/// # Errors
/// What was expected and what came.
pub fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value),
        _ => Err(format!("expected a finite number greater than 0, got `{text}`")),
    }
}

/// A number that is finite and not negative, such as the weight β of the KL term.
///
/// # Errors
/// What was expected and what came.
pub fn non_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err(format!("expected a finite number, 0 or greater, got `{text}`")),
    }
}

/// A whole number of at least 1, such as a number of epochs.
///
/// # Errors
/// What was expected and what came.
pub fn count(text: &str) -> Result<usize, String> {
    match usize::from_str(text) {
        Ok(value) if value > 0 => Ok(value),
        _ => Err(format!("expected a whole number of at least 1, got `{text}`")),
    }
}

/// A whole number from 1 to `MOST`, for what takes memory or threads for each one.
///
/// # Errors
/// What was expected and what came.
pub fn count_to<const MOST: usize>(text: &str) -> Result<usize, String> {
    match usize::from_str(text) {
        Ok(value) if (1..=MOST).contains(&value) => Ok(value),
        _ => Err(format!("expected a whole number from 1 to {MOST}, got `{text}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sensible_numbers_pass() {
        assert_eq!(positive("1e-3"), Ok(1e-3));
        assert_eq!(non_negative("0"), Ok(0.0));
        assert_eq!(count("20"), Ok(20));
        for text in ["0", "-1", "NaN", "inf", "1e400", "", "ten"] {
            let error = positive(text).unwrap_err();
            assert!(error.contains(&format!("got `{text}`")), "{error}");
        }
        for text in ["-0.5", "NaN", "inf"] {
            assert!(non_negative(text).is_err(), "{text}");
        }
        for text in ["0", "-1", "1.5", "99999999999999999999999"] {
            assert!(count(text).is_err(), "{text}");
        }
        assert_eq!((count_to::<8>("1"), count_to::<8>("8")), (Ok(1), Ok(8)));
        for text in ["0", "9", "-1", "many"] {
            let error = count_to::<8>(text).unwrap_err();
            assert_eq!(error, format!("expected a whole number from 1 to 8, got `{text}`"));
        }
    }
}
