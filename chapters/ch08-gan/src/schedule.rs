//! How a whole training goes: so many steps, at rates that fall.

use prob::random::stream;

use crate::{
    Architecture, Discriminator, Examples, Figures, Generator, Settings, Trainer, purpose,
};

/// A training from its first step to its last.
///
/// Both learning rates fall in a straight line, from what the settings say to zero. The best responses that
/// the text speaks of do not exist while the other player moves: with slower and slower steps each player
/// gets nearer to its best response to the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Steps of the generator in all.
    pub steps: u64,
    /// The settings at the first step.
    pub settings: Settings,
    /// γ of the discriminator's [penalty](crate::Discriminator::penalty); 0 for none.
    pub penalty: f64,
}

impl Schedule {
    /// Two players with fresh weights.
    #[must_use]
    pub fn players(&self, architecture: &Architecture, seed: u64) -> Trainer {
        let rng = |network| stream(seed, [purpose::WEIGHTS, network]);
        let generator = Generator::new(architecture, &mut rng(0));
        let discriminator = Discriminator::new(architecture, &mut rng(1));
        let mut trainer = Trainer::new(generator, discriminator, self.settings);
        trainer.penalty = self.penalty;
        trainer
    }

    /// The share of the rates that is left at a step, counted from 0.
    #[must_use]
    pub fn left(&self, step: u64) -> f64 {
        self.steps.saturating_sub(step) as f64 / self.steps.max(1) as f64
    }

    // ANCHOR: schedule
    /// The trainer's next step, at the rates of that step.
    pub fn step(&self, trainer: &mut Trainer, examples: &Examples, seed: u64) -> Figures {
        let left = self.left(trainer.steps);
        let Settings { generator_adam, discriminator_adam, .. } = self.settings;
        trainer.settings.generator_adam.learning_rate = left * generator_adam.learning_rate;
        trainer.settings.discriminator_adam.learning_rate = left * discriminator_adam.learning_rate;
        trainer.step(examples, seed)
    }
    // ANCHOR_END: schedule
}
