//! What takes minutes, and so is run by its name: `cargo test -p teaching --test long`.

#[path = "suite/class.rs"]
mod class;
#[path = "suite/common.rs"]
mod common;

use class::{Expected, Made, grade, submissions};

/// No mistake of any lab may be taken for another in grading.
#[test]
fn a_class_of_all_labs_gets_the_verdicts_it_was_made_for() {
    let labs = lab_checks::labs();
    let made: Vec<Made> = labs.iter().flat_map(submissions).collect();
    let mistakes: usize =
        labs.iter().flat_map(|lab| &lab.exercises).map(|e| e.mistakes().len()).sum();
    let told = made
        .iter()
        .filter(|made| matches!(made.expected, Expected::OneWrong("wrong in a known way", _)))
        .count();
    println!("{told} of {mistakes} known mistakes can be made with std and ndarray alone");
    assert!(made.len() >= 200, "{}", made.len());
    grade(&made);
}
