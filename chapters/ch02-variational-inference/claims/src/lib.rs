//! The chapter's claims: statements, checks, and the mistakes that the checks reject.
//!
//! Each falsifier's sentence says what was done and what to do instead.

mod bayes;
mod digits;
mod divergence;
mod integration;
mod mixture;
mod nerves;
mod optimise;
mod reference;
mod truth;

use claims::AnyClaim;

/// Everything that the chapter claims, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(bayes::evidence()),
        Box::new(bayes::posterior()),
        Box::new(truth::model_evidence()),
        Box::new(truth::misspecified()),
        Box::new(integration::grid_accuracy()),
        Box::new(integration::grid_cost()),
        Box::new(integration::prior_variance()),
        Box::new(integration::prior_growth()),
        Box::new(integration::prior_sampling()),
        Box::new(bayes::any_dimension()),
        Box::new(optimise::ascent()),
        Box::new(optimise::rises()),
        Box::new(reference::reference_values()),
        Box::new(optimise::mean_field()),
        Box::new(optimise::mean_field_gap()),
        Box::new(divergence::nonnegative()),
        Box::new(divergence::asymmetric()),
        Box::new(nerves::bound()),
        Box::new(nerves::mass_covering()),
        Box::new(nerves::choosing()),
        Box::new(nerves::three_maxima()),
        Box::new(mixture::rises()),
        Box::new(mixture::recovers()),
        Box::new(mixture::draws_follow_the_density()),
        Box::new(mixture::generates()),
        Box::new(digits::high_dimension()),
    ]
}
