//! The chapter's claims: statements, checks, and the mistakes that the checks reject.
//!
//! Each falsifier's sentence says what was done and what to do instead.

mod algorithm;
mod beside_vae;
mod best_response;
mod bilinear;
mod game;
mod gradient;
mod losses;
mod noise;
mod reference;
mod trained;

use claims::AnyClaim;

/// Everything that the chapter claims, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(game::optimal_discriminator()),
        Box::new(game::printed_objective()),
        Box::new(game::no_maximum()),
        Box::new(game::value_at_optimum()),
        Box::new(game::divergence_bounds()),
        Box::new(game::equilibrium()),
        Box::new(game::logistic()),
        Box::new(trained::discriminator()),
        Box::new(losses::stable()),
        Box::new(losses::slopes()),
        Box::new(gradient::players()),
        Box::new(reference::pytorch()),
        Box::new(algorithm::five_steps()),
        Box::new(noise::fresh_noise()),
        Box::new(trained::ring()),
        Box::new(best_response::envelope()),
        Box::new(best_response::recovers()),
        Box::new(best_response::far_start()),
        Box::new(bilinear::simultaneous()),
        Box::new(bilinear::alternating()),
        Box::new(bilinear::never_arrives()),
        Box::new(bilinear::averages()),
        Box::new(bilinear::large_steps()),
        Box::new(beside_vae::beside_vae()),
    ]
}

const SWAPPED_LABELS: &str = "The labels are swapped: D is the probability that an example is real, so log D goes with \
    the data and log(1 − D) with what was generated.";
const PRINTED: &str = "This is 1 − log D(G(z)), as the objective is printed, with the parenthesis in the wrong place: \
    write log(1 − D(G(z))).";
