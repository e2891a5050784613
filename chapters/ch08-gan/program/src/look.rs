//! What a look at the players finds.

use anyhow::Result;
use ch08_gan::examples::noise;
use ch08_gan::modes::{self, Modes};
use ch08_gan::{Figures, Generator, purpose};
use ndarray::Array2;
use run::thousands;
use serde::{Deserialize, Serialize};

use super::corpus::{Corpus, Kind, LINE_MEAN, LINE_SIGMA, spread};

/// The players and what the generator's average makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Look {
    /// Steps done.
    pub(super) step: u64,
    /// The rest of the line: means over the steps since the look before.
    pub(super) d_real: f64,
    pub(super) d_generated: f64,
    pub(super) discriminator_loss: f64,
    pub(super) generator_loss: f64,
    /// The mean distance between two generated examples, relative to that between two real ones.
    pub(super) spread: f64,
    pub(super) quality: Quality,
}

/// How good the generated examples are, in the terms of their kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Quality {
    /// Points on the line.
    Line { mean: f64, sigma: f64 },
    /// Points in the plane.
    Ring { modes_covered: usize, good_share: f64, shares: Vec<f64> },
    /// Images with a judge.
    Scored {
        frechet: f64,
        floor: f64,
        class_shares: Vec<f64>,
        class_entropy: f64,
        prediction_entropy: f64,
        nearest_distance: f64,
    },
    /// Images without one.
    Unscored,
}

impl Look {
    /// Looks at the generator after `step` steps, of which the latest had these `figures` on average.
    pub(super) fn take(
        generator: &Generator<f32>,
        corpus: &Corpus,
        step: u64,
        figures: Figures,
        seed: u64,
    ) -> Result<Self> {
        let count = match &corpus.kind {
            Kind::Line | Kind::Ring(_) => modes::SAMPLES,
            Kind::Images { judge, .. } => {
                judge.as_ref().map_or(1000, |scorer| scorer.judge.samples())
            }
        };
        let x = draw(generator, count, seed, 0);
        let quality = match &corpus.kind {
            Kind::Line => {
                let estimate: prob::Estimate = x.iter().map(|&x| f64::from(x)).collect();
                let sigma = estimate.variance().unwrap_or(f64::NAN).sqrt();
                Quality::Line { mean: estimate.mean(), sigma }
            }
            Kind::Ring(ring) => {
                let modes = Modes::of(x.view(), ring);
                let (modes_covered, good_share) = (modes.covered(), modes.good());
                Quality::Ring { modes_covered, good_share, shares: modes.shares }
            }
            Kind::Images { judge: Some(scorer), .. } => {
                let score = scorer.judge.score(&x)?;
                Quality::Scored {
                    frechet: score.frechet,
                    floor: scorer.floor.frechet,
                    class_shares: score.class_shares,
                    class_entropy: score.class_entropy,
                    prediction_entropy: score.prediction_entropy,
                    nearest_distance: score.nearest_distance,
                }
            }
            Kind::Images { judge: None, .. } => Quality::Unscored,
        };
        let Figures { d_real, d_generated, discriminator_loss, generator_loss } = figures;
        let spread = spread(&x) / corpus.spread;
        Ok(Self { step, d_real, d_generated, discriminator_loss, generator_loss, spread, quality })
    }

    /// The line of this look.
    pub(super) fn line(&self, of: usize) -> String {
        let of = thousands(of as u64);
        let step = thousands(self.step);
        format!(
            "step {step:>width$}/{of}  D {:.2} on real, {:.2} on generated  losses D {:.3}, G {:6.3}   {}",
            self.d_real,
            self.d_generated,
            self.discriminator_loss,
            self.generator_loss,
            self.quality_in_words(),
            width = of.chars().count(),
        )
    }

    /// How good the examples are, in a few words.
    pub(super) fn quality_in_words(&self) -> String {
        match &self.quality {
            Quality::Line { mean, sigma } => {
                format!("mean {mean:.2} of {LINE_MEAN}, σ {sigma:.2} of {LINE_SIGMA}")
            }
            Quality::Ring { modes_covered, good_share, shares } => format!(
                "{modes_covered} of {} modes, {:.1} % within 3σ",
                shares.len(),
                100.0 * good_share
            ),
            Quality::Scored { frechet, floor, class_shares, .. } => {
                let (least, most) = ends(class_shares);
                format!(
                    "Fréchet {frechet:6.1} (real {floor:.1}), classes {:.0} to {:.0} %",
                    100.0 * least,
                    100.0 * most
                )
            }
            Quality::Unscored => format!("spread {:.2} of the data's", self.spread),
        }
    }
}

/// Examples of a generator: draw number `picture` of `count`.
pub(super) fn draw(
    generator: &Generator<f32>,
    count: usize,
    seed: u64,
    picture: u64,
) -> Array2<f32> {
    let latent = generator.network.layers[0].inputs();
    generator.generate(noise(latent, 0..count, seed, [purpose::SAMPLE, picture, 0]))
}

/// The smallest and the largest of some shares.
pub(super) fn ends(shares: &[f64]) -> (f64, f64) {
    shares
        .iter()
        .fold((f64::INFINITY, 0.0), |(low, high), &share| (share.min(low), share.max(high)))
}
