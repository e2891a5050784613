//! The chapter's claims.

use claims::AnyClaim;

mod against_mixture;
mod aggregate;
mod apps;
mod balanced;
mod collapse;
mod d1;
mod diversity;
mod elbo;
mod generation;
mod gradient;
mod importance;
mod linear;
mod noisy_code;
mod objective;
mod small_runs;
mod toy;
mod witness;

/// The claims of chapter 7, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(elbo::two_forms()),
        Box::new(elbo::bound()),
        Box::new(gradient::gradient()),
        Box::new(importance::importance_weights()),
        Box::new(importance::unbiased_weights()),
        Box::new(objective::gradients()),
        Box::new(objective::path()),
        Box::new(objective::iwae_path()),
        Box::new(objective::grey_values()),
        Box::new(linear::elbo()),
        Box::new(linear::gradient()),
        Box::new(linear::best_encoder()),
        Box::new(linear::gap()),
        Box::new(linear::reference_values()),
        Box::new(linear::optimum()),
        Box::new(linear::ceiling()),
        Box::new(linear::learned_noise()),
        Box::new(linear::fixed_noise()),
        Box::new(aggregate::decomposition()),
        Box::new(aggregate::ends()),
        Box::new(toy::law()),
        Box::new(toy::set()),
        Box::new(toy::samples()),
        Box::new(d1::divergence_of_d1()),
        Box::new(d1::loss_of_d1()),
        Box::new(d1::undefined()),
        Box::new(d1::undefined_in_draws()),
        Box::new(d1::shapes()),
        Box::new(d1::without_draw()),
        Box::new(balanced::bound_rises()),
        Box::new(collapse::scale_is_free()),
        Box::new(collapse::noise_vanishes()),
        Box::new(diversity::total_variance()),
        Box::new(diversity::diversity()),
        Box::new(noisy_code::outgrown()),
        Box::new(noisy_code::gradient()),
        Box::new(noisy_code::harder()),
        Box::new(noisy_code::smoother()),
        Box::new(generation::point_or_distribution()),
        Box::new(generation::draws()),
        Box::new(generation::holes()),
        Box::new(generation::walks()),
        Box::new(against_mixture::learned_noise()),
        Box::new(against_mixture::density()),
        Box::new(against_mixture::draws()),
        Box::new(apps::ridge()),
        Box::new(apps::probe()),
        Box::new(apps::independent_pixels()),
        Box::new(apps::code_length()),
    ]
}

const NEGATIVE: &str =
    "The KL has the wrong sign: it is never negative, and the ELBO subtracts it.";
const MEAN_FOR_SUM: &str = "You averaged the KL over the coordinates of z: it is their sum, or its weight in the loss is wrong.";
