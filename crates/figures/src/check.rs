//! Checks that several kinds of picture share.

use crate::FigureError;

/// Every value must be finite; the first that is not is named.
pub(crate) fn finite(what: &str, values: impl IntoIterator<Item = f64>) -> Result<(), FigureError> {
    match values.into_iter().enumerate().find(|(_, v)| !v.is_finite()) {
        Some((index, value)) => Err(FigureError::NotFinite { what: what.to_owned(), index, value }),
        None => Ok(()),
    }
}

/// A range must be finite and upright.
pub(crate) fn range(what: &str, (low, high): (f64, f64)) -> Result<(), FigureError> {
    // An overflowing difference would make every position on the axis the same.
    if low.is_finite() && high.is_finite() && low < high && (high - low).is_finite() {
        return Ok(());
    }
    let hint = "give two finite numbers, the smaller one first";
    Err(FigureError::BadRange { what: what.to_owned(), low, high, hint })
}

/// A size of a page or panel, in page units.
pub(crate) fn size(what: &str, (width, height): (f64, f64)) -> Result<(), FigureError> {
    for value in [width, height] {
        if !(200.0..=10_000.0).contains(&value) {
            let expected = "200 to 10 000 page units each way";
            return Err(FigureError::BadSetting { what: what.to_owned(), value, expected });
        }
    }
    Ok(())
}

/// A count that must be at least 1.
pub(crate) fn positive(what: &str, value: usize) -> Result<(), FigureError> {
    if value == 0 {
        let expected = "at least 1";
        return Err(FigureError::BadSetting { what: what.to_owned(), value: 0.0, expected });
    }
    Ok(())
}
