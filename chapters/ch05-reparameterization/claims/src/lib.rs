//! The chapter's claims: statements, checks, and the mistakes that the checks reject.
//!
//! Each falsifier's sentence says what was done and what to do instead.

mod bound;
mod landing;
mod last_step;
mod limits;
mod paths;
mod reference;
mod relaxed;
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
        Box::new(bound::score_function()),
        Box::new(bound::closed_kl()),
        Box::new(reference::reference_values()),
        Box::new(last_step::path_by_dual_numbers()),
        Box::new(last_step::dropped_term()),
        Box::new(landing::path_mean()),
        Box::new(landing::zero_variance()),
        Box::new(landing::leave_one_out()),
        Box::new(landing::variances()),
        Box::new(landing::measured_total()),
        Box::new(landing::measured_path()),
        Box::new(sine::moments()),
        Box::new(sine::crossover()),
        Box::new(sine::measured()),
        Box::new(limits::coin()),
        Box::new(limits::threshold()),
        Box::new(relaxed::relaxed_gradient()),
        Box::new(relaxed::low_temperature()),
    ]
}
