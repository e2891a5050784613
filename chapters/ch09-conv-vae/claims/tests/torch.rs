//! What the chapter claims of libtorch; only with `--features tch`.

use claims::examine::{complaints, misdiagnoses, over_seeds};
use claims_ch09::torch::claims;

#[test]
fn every_claim_holds_and_every_mistake_is_rejected() {
    assert_eq!(over_seeds(&claims(), |_| 5, complaints), [""; 0]);
}

#[test]
fn every_mistake_is_diagnosed_by_its_own_name() {
    assert_eq!(over_seeds(&claims(), |_| 5, misdiagnoses), [""; 0]);
}
