//! The chapter's claims: statements, checks, and the mistakes that the checks reject.
//!
//! Each falsifier's sentence says what was done and what to do instead.

mod deep;
mod dimension;
mod frechet;
mod generation;
mod linear;
mod maps;
mod memory;
mod scene;
mod subspace;
mod tied;
mod witness;

use claims::AnyClaim;

/// Everything that the chapter claims, in the order of the text.
#[must_use]
pub fn claims() -> Vec<Box<dyn AnyClaim>> {
    vec![
        Box::new(maps::objective()),
        Box::new(maps::gradient()),
        Box::new(maps::differences()),
        Box::new(linear::reference_values()),
        Box::new(linear::moments_suffice()),
        Box::new(linear::floor()),
        Box::new(linear::optimum()),
        Box::new(linear::training()),
        Box::new(subspace::excess_and_angle()),
        Box::new(subspace::least_cost()),
        Box::new(subspace::principal_subspace()),
        Box::new(deep::below_the_floor()),
        Box::new(tied::counts()),
        Box::new(tied::gradient()),
        Box::new(tied::mean_image()),
        Box::new(tied::epochs()),
        Box::new(tied::held_out()),
        Box::new(tied::train_test_gap()),
        Box::new(memory::any_points()),
        Box::new(memory::memorised()),
        Box::new(memory::antipodal_codes()),
        Box::new(dimension::control()),
        Box::new(dimension::digits()),
        Box::new(frechet::matrix_root()),
        Box::new(frechet::distance()),
        Box::new(frechet::reference_values()),
        Box::new(generation::classifier()),
        Box::new(generation::floor()),
        Box::new(generation::missing_classes()),
        Box::new(generation::repetition()),
        Box::new(generation::blur()),
        Box::new(generation::ghosts()),
        Box::new(generation::noise()),
        Box::new(generation::copies()),
    ]
}
