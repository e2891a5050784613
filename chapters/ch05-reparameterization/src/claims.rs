//! The chapter's claims: statements, checks, and the mistakes that the checks reject.
//!
//! Each falsifier's sentence says what was done and what to do instead.

mod bound;
mod landing;
mod limits;
mod paths;
mod reference;
mod sine;
mod witness;

use claims::AnyClaim;

/// Everything that the chapter claims, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(paths::density()),
        Box::new(paths::samples()),
        Box::new(paths::slopes()),
        Box::new(bound::detached()),
        Box::new(bound::total_by_dual_numbers()),
        Box::new(bound::unbiased()),
        Box::new(bound::closed_kl()),
        Box::new(reference::reference_values()),
        Box::new(bound::path_by_dual_numbers()),
        Box::new(bound::dropped_term()),
        Box::new(landing::path_mean()),
        Box::new(landing::zero_variance()),
        Box::new(landing::variances()),
        Box::new(landing::measured_total()),
        Box::new(landing::measured_path()),
        Box::new(sine::moments()),
        Box::new(sine::crossover()),
        Box::new(sine::measured()),
        Box::new(limits::coin()),
        Box::new(limits::threshold()),
        Box::new(limits::relaxed_gradient()),
        Box::new(limits::low_temperature()),
    ]
}
