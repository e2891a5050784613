//! The chapter's claims: statements, checks, and the mistakes that the checks reject.
//!
//! Each falsifier's sentence says what was done and what to do instead. Most of them were made in public
//! code.

mod additive;
mod estimators;
mod fits;
mod notation;
mod stable;
mod standard;
mod univariate;

use claims::AnyClaim;

/// Everything that the chapter claims, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(univariate::closed_form()),
        Box::new(univariate::monte_carlo()),
        Box::new(univariate::nonnegative()),
        Box::new(standard::standard()),
        Box::new(standard::standard_minimum()),
        Box::new(notation::notation()),
        Box::new(notation::notation_gap_bound()),
        Box::new(standard::standard_gradient()),
        Box::new(univariate::gradient()),
        Box::new(additive::diagonal()),
        Box::new(additive::affine()),
        Box::new(additive::full_covariance()),
        Box::new(additive::total_correlation()),
        Box::new(univariate::reference_values()),
        Box::new(stable::near_equal()),
        Box::new(stable::single_precision()),
        Box::new(stable::adam()),
        Box::new(estimators::sampler()),
        Box::new(estimators::never_negative()),
        Box::new(estimators::moments()),
        Box::new(estimators::means()),
        Box::new(estimators::variances()),
        Box::new(fits::forward()),
        Box::new(fits::reverse()),
        Box::new(fits::choices()),
    ]
}
