//! Loops over slices, compiled for the widest vector instructions of the processor at hand.
//!
//! The closures are `Copy` and moved in, so that what they capture sits in registers and not behind
//! a reference that every iteration would have to read again.

use crate::Scalar;

/// xᵢ ← f(xᵢ)
#[inline(always)]
pub(crate) fn map<S: Scalar>(x: &mut [S], f: impl Fn(S) -> S + Copy) {
    S::vectorize(
        #[inline(always)]
        move || x.iter_mut().for_each(|x| *x = f(*x)),
    );
}

/// aᵢ ← f(aᵢ, bᵢ)
#[inline(always)]
pub(crate) fn combine<S: Scalar>(a: &mut [S], b: &[S], f: impl Fn(S, S) -> S + Copy) {
    assert_eq!(a.len(), b.len(), "slices of one length");
    S::vectorize(
        #[inline(always)]
        move || a.iter_mut().zip(b).for_each(|(a, &b)| *a = f(*a, b)),
    );
}

/// Σᵢ f(aᵢ, bᵢ), in sixteen interleaved partial sums that fit vector registers.
///
/// The order of summation depends on the length alone.
#[inline(always)]
pub(crate) fn sum<S: Scalar>(a: &[S], b: &[S], f: impl Fn(S, S) -> S + Copy) -> S {
    const LANES: usize = 16;
    assert_eq!(a.len(), b.len(), "slices of one length");
    S::vectorize(
        #[inline(always)]
        move || {
            let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
            let mut partial = [S::zero(); LANES];
            for (a, b) in a.iter().zip(b) {
                for lane in 0..LANES {
                    partial[lane] += f(a[lane], b[lane]);
                }
            }
            let rest: S = a_rest.iter().zip(b_rest).map(|(&a, &b)| f(a, b)).sum();
            partial.into_iter().sum::<S>() + rest
        },
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn sum_takes_every_element_once() {
        for n in [0_u32, 1, 15, 16, 17, 100] {
            let values: Vec<f64> = (0..n).map(f64::from).collect();
            let sum = super::sum(&values, &values, |a, b| a + b);
            assert_eq!(sum, f64::from(n * n.saturating_sub(1)));
        }
    }
}
