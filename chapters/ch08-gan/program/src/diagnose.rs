//! What goes wrong in a game between two networks, in words.

use ch08_gan::{GeneratorLoss, Trainer};
use nn::Mlp;

use super::look::{Look, Quality, ends};
use super::plan::Plan;

/// A generator without a penalty whose examples are so much alike has collapsed: two of them are on average
/// less than this share of the distance of two real ones apart.
const COLLAPSED_SPREAD: f64 = 0.6;

/// A class with a smaller share of the images, where all real ones have like shares, has been dropped.
const DROPPED_CLASS: f64 = 0.01;

/// The points of the ring have arrived at modes, be it at few of them, if this share lies within 3σ of one.
const ARRIVED: f64 = 0.5;

/// A discriminator is sure if D on real examples is so much above D on generated ones.
const SURE: f64 = 0.9;

/// What this look shows to go wrong: at most one sentence each of two kinds.
pub(super) fn diagnose(look: &Look, plan: &Plan) -> Vec<(Kind, String)> {
    let mut found = Vec::new();
    if look.d_real - look.d_generated > SURE {
        found.push((Kind::DiscriminatorWins, discriminator_wins(look, plan)));
    }
    // Early on a generator has not found everything yet.
    if 2 * look.step >= plan.steps as u64
        && let Some(symptom) = collapse(look)
    {
        found.push((
            Kind::Collapse,
            format!(
                "{}: {symptom}. Its loss asks only that D likes each example, not \
                 that the examples differ. {}",
                Kind::Collapse.opening(),
                if plan.discriminator_learning_rate < plan.learning_rate {
                    "The discriminator is slower than the generator, which runs to wherever D is highest \
                     before D can follow: leave out --lr-d"
                } else {
                    "Try another --seed, a smaller --lr, a larger --batch or a larger --penalty"
                }
            ),
        ));
    }
    found
}

/// The kinds of trouble; each is told once in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    DiscriminatorWins,
    Collapse,
}

impl Kind {
    /// How its sentence begins.
    pub(super) fn opening(self) -> &'static str {
        match self {
            Self::DiscriminatorWins => "The discriminator wins",
            Self::Collapse => "The generator collapses",
        }
    }
}

fn discriminator_wins(look: &Look, plan: &Plan) -> String {
    let (real, generated) = (look.d_real, look.d_generated);
    let consequence = match plan.loss {
        GeneratorLoss::Saturating => format!(
            "The saturating loss passes back D(G(z)) = {generated:.4} of its gradient: the generator \
             stands still. Try --loss nonsaturating"
        ),
        GeneratorLoss::NonSaturating => format!(
            "The non-saturating loss still passes back 1 − D(G(z)) = {:.2} of its gradient, but through \
             a discriminator so steep that it says little of where to go. Try a larger --penalty (it is {:?})",
            1.0 - generated,
            plan.penalty
        ),
    };
    let more = if plan.k > 1 { format!(", or --k 1 (it is {})", plan.k) } else { String::new() };
    format!(
        "{}: D is {real:.3} on real examples and {generated:.3} on generated ones. \
         {consequence}, a smaller --lr-d{more}",
        Kind::DiscriminatorWins.opening()
    )
}

/// How one sees a collapse, if one does.
fn collapse(look: &Look) -> Option<String> {
    match &look.quality {
        // Points that are not at the modes yet only need more steps.
        Quality::Ring { modes_covered, shares, good_share }
            if *modes_covered < shares.len() && *good_share > ARRIVED =>
        {
            return Some(format!("{modes_covered} of {} modes are covered", shares.len()));
        }
        Quality::Scored { class_shares, .. } if ends(class_shares).0 < DROPPED_CLASS => {
            let dropped: Vec<String> = class_shares
                .iter()
                .enumerate()
                .filter(|&(_, &share)| share < DROPPED_CLASS)
                .map(|(class, _)| class.to_string())
                .collect();
            return Some(format!(
                "less than 1 % of its images are taken for a {}",
                dropped.join(", a ")
            ));
        }
        _ => {}
    }
    (look.spread < COLLAPSED_SPREAD).then(|| {
        format!(
            "two of its examples are {:.0} % as far apart as two real ones, on average",
            100.0 * look.spread
        )
    })
}

/// Which of the two players has left the numbers, in words.
pub(super) fn who_left_the_numbers(trainer: &Trainer) -> &'static str {
    let finite = |network: &Mlp<f32>| {
        let numbers = |layer: &nn::Linear<f32>| {
            layer.weight.iter().chain(&layer.bias).all(|value| value.is_finite())
        };
        network.layers.iter().all(numbers)
    };
    match (finite(&trainer.generator.network), finite(&trainer.discriminator.network)) {
        (false, false) => "both players' parameters are no longer numbers",
        (false, true) => "the generator's parameters are no longer numbers",
        (true, false) => "the discriminator's parameters are no longer numbers",
        (true, true) => {
            "the players' parameters are numbers, but so large that their outputs are not"
        }
    }
}
