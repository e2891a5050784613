//! The chapter's claims: statements, checks, and the mistakes that the checks reject.
//!
//! Each falsifier's sentence says what was done and what to do instead.

mod amortized;
mod case;
mod gradient;
mod identity;
mod importance;
mod jensen;
mod reference;
mod split;
mod surgery;

use claims::AnyClaim;

/// Everything that the chapter claims, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(identity::identity()),
        Box::new(identity::identity_nonlinear()),
        Box::new(identity::bound()),
        Box::new(identity::tight_at_posterior()),
        Box::new(jensen::log_mean_exp()),
        Box::new(jensen::jensen()),
        Box::new(jensen::jensen_gap()),
        Box::new(split::split()),
        Box::new(split::last_line()),
        Box::new(split::printed_line()),
        Box::new(split::rec_sign()),
        Box::new(reference::linear_gaussian()),
        Box::new(reference::tanh_decoder()),
        Box::new(gradient::gradient()),
        Box::new(gradient::argmax_phi()),
        Box::new(gradient::best_diagonal()),
        Box::new(amortized::argmax_theta()),
        Box::new(amortized::kl_zero_everywhere()),
        Box::new(amortized::theta_gradient()),
        Box::new(importance::subsets()),
        Box::new(importance::unbiased()),
        Box::new(importance::converges()),
        Box::new(importance::second_moment()),
        Box::new(importance::variance()),
        Box::new(surgery::surgery()),
        Box::new(surgery::information_bounds()),
    ]
}
