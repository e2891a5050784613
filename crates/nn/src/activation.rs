//! Nonlinearities, applied to each element.

use std::fmt;
use std::str::FromStr;

use ndarray::Array2;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Scalar, elementwise};

/// An elementwise nonlinearity f, with its derivative written in terms of its *output* y = f(x),
/// so that a network needs to keep only outputs for its backward pass.
///
/// ```
/// use ndarray::array;
/// let mut y = array![[-2.0, 3.0]];
/// nn::Activation::Relu.forward(&mut y);
/// assert_eq!(y, array![[0.0, 3.0]]);
/// let mut delta = array![[1.0, 1.0]];
/// nn::Activation::Relu.backward(&y, &mut delta);
/// assert_eq!(delta, array![[0.0, 1.0]]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// f(x) = x
    Identity,
    /// f(x) = tanh x
    Tanh,
    /// f(x) = max(x, 0)
    Relu,
    /// f(x) = x for x > 0, 0.2 x otherwise (the slope that GAN papers use).
    LeakyRelu,
    /// f(x) = 1/(1 + e⁻ˣ)
    Sigmoid,
    /// f(x) = ln(1 + eˣ)
    Softplus,
}

/// The slope of [`Activation::LeakyRelu`] for negative arguments.
const LEAKY_SLOPE: f64 = 0.2;

impl Activation {
    /// Every activation, in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::Identity, Self::Tanh, Self::Relu, Self::LeakyRelu, Self::Sigmoid, Self::Softplus];

    /// Replaces each element x by y = f(x).
    pub fn forward<S: Scalar>(self, x: &mut Array2<S>) {
        match self {
            Self::Identity => {}
            Self::Tanh => map(x, S::tanh),
            Self::Relu => map(x, S::positive_part),
            Self::LeakyRelu => {
                let slope = S::from_f64(LEAKY_SLOPE);
                map(x, move |x| if x > S::zero() { x } else { slope * x });
            }
            Self::Sigmoid => map(x, S::sigmoid),
            Self::Softplus => map(x, S::softplus),
        }
    }

    /// Replaces δ = ∂L/∂y by ∂L/∂x = δ·f′(x), given y = f(x).
    pub fn backward<S: Scalar>(self, y: &Array2<S>, delta: &mut Array2<S>) {
        let (zero, one) = (S::zero(), S::one());
        match self {
            Self::Identity => {}
            Self::Tanh => scale(delta, y, move |y| one - y * y),
            Self::Relu => scale(delta, y, move |y| if y > zero { one } else { zero }),
            Self::LeakyRelu => {
                let slope = S::from_f64(LEAKY_SLOPE);
                scale(delta, y, move |y| if y > zero { one } else { slope });
            }
            Self::Sigmoid => scale(delta, y, move |y| y * (one - y)),
            // f′ = σ(x) = 1 − e⁻ʸ, because eʸ = 1 + eˣ
            Self::Softplus => scale(delta, y, move |y| one - (-y).exp()),
        }
    }
}

#[inline(always)]
fn map<S: Scalar>(x: &mut Array2<S>, f: impl Fn(S) -> S + Copy) {
    elementwise::map(x.as_slice_mut().expect("a layer's output is contiguous"), f);
}

#[inline(always)]
fn scale<S: Scalar>(delta: &mut Array2<S>, y: &Array2<S>, derivative: impl Fn(S) -> S + Copy) {
    assert_eq!(delta.dim(), y.dim(), "δ has the shape of the layer's output");
    let delta = delta.as_slice_mut().expect("a delta is contiguous");
    let y = y.as_slice().expect("a layer's output is contiguous");
    elementwise::combine(delta, y, move |delta, y| delta * derivative(y));
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky-relu",
            Self::Sigmoid => "sigmoid",
            Self::Softplus => "softplus",
        })
    }
}

/// The name of no activation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown activation `{0}`: use one of identity, tanh, relu, leaky-relu, sigmoid or softplus"
)]
pub struct UnknownActivation(pub String);

impl FromStr for Activation {
    type Err = UnknownActivation;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|activation| activation.to_string() == name)
            .ok_or_else(|| UnknownActivation(name.to_owned()))
    }
}

/// In files, by its name.
impl Serialize for Activation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Activation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use autodiff::F1;
    use ndarray::array;

    use super::*;

    /// Dual numbers differentiate the forward pass; nothing of `backward` is used for them.
    #[test]
    fn backward_agrees_with_dual_numbers() {
        let points = [-3.0, -0.7, -0.01, 0.02, 0.4, 2.5];
        for activation in Activation::ALL {
            for x in points {
                let mut dual = array![[F1::var(x)]];
                activation.forward(&mut dual);
                let mut y = array![[x]];
                activation.forward(&mut y);
                let mut delta = array![[1.0]];
                activation.backward(&y, &mut delta);
                assert_eq!(dual[[0, 0]].x, y[[0, 0]]);
                // 1e-14: a few roundings of numbers of order one
                assert_relative_eq!(dual[[0, 0]].dx, delta[[0, 0]], max_relative = 1e-13);
            }
        }
    }

    #[test]
    fn names_parse_back_and_unknown_names_are_explained() {
        for activation in Activation::ALL {
            assert_eq!(activation.to_string().parse(), Ok(activation));
        }
        let error = "swish".parse::<Activation>().unwrap_err().to_string();
        assert!(error.contains("`swish`") && error.contains("tanh, relu"), "{error}");
    }
}
