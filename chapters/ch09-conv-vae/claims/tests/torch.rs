//! What the chapter claims of libtorch; only with `--features tch`.

use claims::examine::{complaints, over_seeds};
use claims_ch09::torch::claims;

#[test]
fn every_claim_holds_and_every_mistake_is_rejected_and_diagnosed_by_its_own_name() {
    assert_eq!(over_seeds(&claims(), |_| 5, complaints), [""; 0]);
}
