//! How much error the whole suite may make, and each claim's share of it.

use prob::inference::Rates;

/// The probability that a run of the whole suite rejects anything true is at most this.
pub const FAMILY_FALSE_ALARMS: f64 = 1e-6;

/// The probability that a run of the whole suite passes any falsifier is at most this.
pub const FAMILY_MISSES: f64 = 1e-6;

/// Room for this many statistical claims (kinds `Statistical` and `Ratio`).
///
/// A fixed number, so that a new claim changes no other claim's draws. By the union bound the shares
/// add up to no more than the family's rate, however the claims depend on each other.
pub const CLAIM_SLOTS: u64 = 400;

/// Room for this many falsifiers of statistical claims.
pub const FALSIFIER_SLOTS: u64 = 2000;

/// The error rates of one statistical claim: a 400th of the family's false alarms; for each of its
/// falsifiers, a 2000th of the family's misses.
///
/// A claim with several tests shares its false alarms among them. Its misses are not shared: a falsifier
/// is caught if the one test that it was made for catches it.
#[must_use]
pub fn rates_of_a_claim(tests: u64) -> Rates {
    let alpha = FAMILY_FALSE_ALARMS / (CLAIM_SLOTS * tests.max(1)) as f64;
    Rates::new(alpha, FAMILY_MISSES / FALSIFIER_SLOTS as f64).expect("shares between 0 and 1")
}
