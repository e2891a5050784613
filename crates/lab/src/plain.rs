//! Numbers, lists and arrays on their way through a pipe.

use claims::Tolerance;
use ndarray::{Array, ArrayD, ArrayViewD, Axis, Dimension, IxDyn};
use serde_json::Value;

use crate::Failure;
use crate::typed::Form;

/// What can be an argument or an answer: numbers, and tuples, lists and arrays of them. Every number arrives with the bits
/// that it left with; NaN and the infinities, which JSON does not have, travel as words (one NaN for all).
pub trait Plain: Sized {
    /// As JSON.
    fn encode(&self) -> Value;

    /// From JSON.
    ///
    /// # Errors
    /// If it is something else: the message says what was expected and what came.
    fn decode(value: &Value) -> Result<Self, Failure>;

    /// What it is, in the words that Rust has for it: JSON tells a tuple from an array no more.
    fn form() -> Form;
}

fn other(expected: &str, value: &Value) -> Failure {
    Failure::unusable(format!("expected {expected}, and got {}", shortened(&value.to_string(), 60)))
}

/// The first `most` characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Whether two answers are the same but for rounding: each of their numbers is within `factor` tolerances around the larger
/// of the two.
pub(crate) fn alike(a: &Value, b: &Value, factor: f64, tolerance: Tolerance) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            let mut pairs = a.iter().zip(b);
            a.len() == b.len() && pairs.all(|(a, b)| alike(a, b, factor, tolerance))
        }
        (Value::Number(x), Value::Number(y)) => match (x.as_f64(), y.as_f64()) {
            (Some(x), Some(y)) => (x - y).abs() <= factor * tolerance.around(x.abs().max(y.abs())),
            _ => x == y,
        },
        _ => a == b,
    }
}

impl Plain for f64 {
    fn encode(&self) -> Value {
        if self.is_finite() {
            Value::from(*self)
        } else if self.is_nan() {
            Value::from("NaN")
        } else {
            Value::from(if *self > 0.0 { "inf" } else { "-inf" })
        }
    }

    fn decode(value: &Value) -> Result<Self, Failure> {
        match value {
            Value::Number(number) => number.as_f64(),
            Value::String(word) => match word.as_str() {
                "NaN" => Some(Self::NAN),
                "inf" => Some(Self::INFINITY),
                "-inf" => Some(Self::NEG_INFINITY),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| other("a number", value))
    }

    fn form() -> Form {
        Form::Number
    }
}

impl Plain for u64 {
    fn encode(&self) -> Value {
        Value::from(*self)
    }

    fn decode(value: &Value) -> Result<Self, Failure> {
        value.as_u64().ok_or_else(|| other("a whole number", value))
    }

    fn form() -> Form {
        Form::Number
    }
}

impl Plain for usize {
    fn encode(&self) -> Value {
        Value::from(*self)
    }

    fn decode(value: &Value) -> Result<Self, Failure> {
        let number = u64::decode(value)?;
        Self::try_from(number).map_err(|_| other("a whole number that fits into memory", value))
    }

    fn form() -> Form {
        Form::Number
    }
}

impl Plain for bool {
    fn encode(&self) -> Value {
        Value::from(*self)
    }

    fn decode(value: &Value) -> Result<Self, Failure> {
        value.as_bool().ok_or_else(|| other("true or false", value))
    }

    fn form() -> Form {
        Form::Number
    }
}

impl<T: Plain> Plain for Option<T> {
    fn encode(&self) -> Value {
        self.as_ref().map_or(Value::Null, Plain::encode)
    }

    fn decode(value: &Value) -> Result<Self, Failure> {
        if value.is_null() { Ok(None) } else { T::decode(value).map(Some) }
    }

    fn form() -> Form {
        Form::Maybe(Box::new(T::form()))
    }
}

fn list(value: &Value) -> Result<&[Value], Failure> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| other("a list", value))
}

impl<T: Plain> Plain for Vec<T> {
    fn encode(&self) -> Value {
        self.iter().map(Plain::encode).collect()
    }

    fn decode(value: &Value) -> Result<Self, Failure> {
        list(value)?.iter().map(T::decode).collect()
    }

    fn form() -> Form {
        Form::List(Box::new(T::form()))
    }
}

impl<T: Plain, const N: usize> Plain for [T; N] {
    fn encode(&self) -> Value {
        self.iter().map(Plain::encode).collect()
    }

    fn decode(value: &Value) -> Result<Self, Failure> {
        let items = Vec::<T>::decode(value)?;
        items.try_into().map_err(|_| other(&format!("a list of {N}"), value))
    }

    fn form() -> Form {
        Form::Fixed(N, Box::new(T::form()))
    }
}

macro_rules! tuple {
    ($count:literal: $($name:ident $index:tt),+) => {
        impl<$($name: Plain),+> Plain for ($($name,)+) {
            fn encode(&self) -> Value {
                Value::from(vec![$(self.$index.encode()),+])
            }

            fn decode(value: &Value) -> Result<Self, Failure> {
                let items = list(value)?;
                if items.len() != $count {
                    return Err(other(concat!("a list of ", $count), value));
                }
                Ok(($($name::decode(&items[$index])?,)+))
            }

            fn form() -> Form {
                Form::Tuple(vec![$($name::form()),+])
            }
        }
    };
}

tuple!(2: A 0, B 1);
tuple!(3: A 0, B 1, C 2);
tuple!(4: A 0, B 1, C 2, D 3);
tuple!(5: A 0, B 1, C 2, D 3, E 4);
tuple!(6: A 0, B 1, C 2, D 3, E 4, F 5);

/// An array is a list of its parts along the first axis.
impl<D: Dimension> Plain for Array<f64, D> {
    fn encode(&self) -> Value {
        nested(self.view().into_dyn())
    }

    fn decode(value: &Value) -> Result<Self, Failure> {
        let axes = D::NDIM.unwrap_or_else(|| depth(value));
        let expected = || format!("an array with {axes} axes, all rows of one length,");
        let mut shape = vec![0; axes];
        let mut part = value;
        for length in &mut shape {
            let items = list(part)?;
            *length = items.len();
            match items.first() {
                Some(first) => part = first,
                None => break,
            }
        }
        let mut numbers = Vec::with_capacity(shape.iter().product());
        collect(value, &shape, &mut numbers)?
            .then_some(())
            .ok_or_else(|| other(&expected(), value))?;
        let array = ArrayD::from_shape_vec(IxDyn(&shape), numbers);
        array.and_then(ArrayD::into_dimensionality).map_err(|_| other(&expected(), value))
    }

    fn form() -> Form {
        Form::Array
    }
}

/// Says so if an answer's array has another shape than it should: before a check reads it entry by entry.
///
/// # Errors
/// With both shapes.
pub fn shaped<D: Dimension>(array: &Array<f64, D>, shape: &[usize]) -> Result<(), Failure> {
    if array.shape() == shape {
        return Ok(());
    }
    let (got, expected) = (array.shape(), shape);
    Err(Failure::unusable(format!(
        "your answer has the shape {got:?}, it should have {expected:?}"
    )))
}

fn nested(array: ArrayViewD<'_, f64>) -> Value {
    match array.first() {
        Some(number) if array.ndim() == 0 => number.encode(),
        _ => array.axis_iter(Axis(0)).map(nested).collect(),
    }
}

fn depth(value: &Value) -> usize {
    value.as_array().map_or(0, |items| 1 + items.first().map_or(0, depth))
}

/// Appends all numbers, and says whether they had the shape.
fn collect(value: &Value, shape: &[usize], numbers: &mut Vec<f64>) -> Result<bool, Failure> {
    let Some((&length, rest)) = shape.split_first() else {
        numbers.push(f64::decode(value)?);
        return Ok(true);
    };
    let items = list(value)?;
    let mut fits = items.len() == length;
    for item in items {
        fits = fits && collect(item, rest, numbers)?;
    }
    Ok(fits)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, Array3, array};

    use super::*;

    /// Through the very text that the pipe carries.
    fn there_and_back<T: Plain>(value: &T) -> T {
        let text = value.encode().to_string();
        T::decode(&serde_json::from_str(&text).expect("JSON")).expect("the same type")
    }

    #[test]
    fn every_number_keeps_its_bits() {
        let mut bits = 1_u64;
        for _ in 0..10_000 {
            // A generator of Lehmer's kind: any bit patterns will do, among them subnormal numbers.
            bits = bits.wrapping_mul(0xda94_2042_e4dd_58b5).wrapping_add(1);
            let number = f64::from_bits(bits);
            let back = there_and_back(&number);
            assert!(back.to_bits() == bits || (number.is_nan() && back.is_nan()), "{number:e}");
        }
        for number in
            [0.0, -0.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::INFINITY, -f64::INFINITY]
        {
            assert_eq!(there_and_back(&number).to_bits(), number.to_bits());
        }
    }

    #[test]
    fn arrays_tuples_and_lists_arrive_as_they_left() {
        let matrix = array![[1.0, 2.0, 3.0], [4.0, 5.0, f64::INFINITY]];
        let input = (matrix, Array1::from(vec![0.5]), vec![7_usize, 8], true, Some(u64::MAX));
        assert_eq!(there_and_back(&input), input);
        let turned = array![[1.0, 2.0], [3.0, 4.0]].reversed_axes();
        assert_eq!(there_and_back(&turned), turned);
        let cube = Array3::from_shape_fn((2, 1, 3), |(i, _, k)| (3 * i + k) as f64);
        assert_eq!(there_and_back(&cube), cube);
        assert_eq!(there_and_back(&Array2::<f64>::zeros((0, 0))).shape(), [0, 0]);
        assert_eq!(there_and_back(&Array2::<f64>::zeros((2, 0))).shape(), [2, 0]);
    }

    #[test]
    fn answers_are_alike_up_to_rounding_in_every_number() {
        let same = |a: Value, b: Value| alike(&a, &b, 10.0, Tolerance::relative(1e-12));
        let json = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert!(same(json("[[1.0, 2.0], 3.0]"), json("[[1.0, 2.000000000001], 3.0]")));
        assert!(!same(json("[[1.0, 2.0], 3.0]"), json("[[1.0, 2.0000000001], 3.0]")));
        assert!(!same(json("[1.0, 2.0]"), json("[1.0]")));
        assert!(same(json("\"NaN\""), json("\"NaN\"")));
        assert!(!same(json("\"inf\""), json("1e300")));
        assert!(same(json("0.0"), json("-0.0")));
    }

    #[test]
    fn another_type_is_told_apart() {
        let message = |error: Failure| error.to_string();
        let ragged = serde_json::json!([[1.0, 2.0], [3.0]]);
        let error = message(Array2::<f64>::decode(&ragged).expect_err("ragged"));
        assert!(error.contains("2 axes") && error.contains("[3.0]"), "{error}");
        let error = message(<(f64, f64)>::decode(&serde_json::json!([1.0])).expect_err("one"));
        assert!(error.contains("a list of 2"), "{error}");
        let error = message(f64::decode(&serde_json::json!("many")).expect_err("a word"));
        assert!(error.contains("a number"), "{error}");
        assert!(u64::decode(&serde_json::json!(-1)).is_err());
        let error = message(shaped(&array![1.0, 2.0], &[2, 1]).expect_err("a vector"));
        assert_eq!(error, "your answer has the shape [2], it should have [2, 1]");
    }
}
