//! Models and checkpoints in files, as [`nn::store`] writes and reads them.
//!
//! A *model* is both networks, `generator.fc1.weight` and so on; its generator is the running average. A *checkpoint*
//! holds what the program has seen so far, too.

use std::path::Path;

use ndarray::ArrayD;
use nn::Mlp;
use nn::store::{self, State, named};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use nn::store::StoreError;

use crate::{Architecture, Discriminator, Generator, Schedule, Trainer};

/// What is said in a file about the networks in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The networks' shape.
    pub architecture: Architecture,
    /// The name or folder of the data that they learned from.
    pub data: String,
    /// Channels, height and width of an image; `None` for points.
    pub image_shape: Option<(usize, usize, usize)>,
}

impl store::Description for Description {
    const PROGRAM: &'static str = "ch08-gan";

    fn weights(&self) -> Result<Vec<(String, Vec<usize>)>, String> {
        let Architecture { data, latent, hidden, .. } = &self.architecture;
        if [data, latent].into_iter().chain(hidden).any(|&width| width == 0) {
            return Err("a layer of width 0".into());
        }
        if let Some((channels, height, width)) = self.image_shape
            && channels.checked_mul(height).and_then(|n| n.checked_mul(width)) != Some(*data)
        {
            return Err("its images are not of the size of its generator's output".into());
        }
        let widths =
            [self.architecture.generator_widths(), self.architecture.discriminator_widths()];
        let weights = NAMES.into_iter().zip(&widths).flat_map(|(network, widths)| {
            let weight = move |(pair, i): (&[usize], usize)| {
                (format!("{network}fc{i}.weight"), vec![pair[1], pair[0]])
            };
            widths.windows(2).zip(1..).map(weight)
        });
        Ok(weights.collect())
    }
}

/// Writes a model, atomically.
///
/// # Errors
/// If the file cannot be written.
pub fn save_model(
    path: &Path,
    generator: &Generator<f32>,
    discriminator: &Discriminator<f32>,
    description: &Description,
) -> Result<(), StoreError> {
    let networks = [&generator.network, &discriminator.network];
    store::save_model(path, named(NAMES.into_iter().zip(networks)), description)
}

/// Reads a model.
///
/// # Errors
/// If the file cannot be read, is no model of this program, or is damaged.
pub fn load_model(
    path: &Path,
) -> Result<(Generator<f32>, Discriminator<f32>, Description), StoreError> {
    let (file, description): (_, Description) = store::open_model(path)?;
    let mut generator = Generator::zeros(&description.architecture);
    let mut discriminator = Discriminator::zeros(&description.architecture);
    for (name, network) in
        NAMES.into_iter().zip([&mut generator.network, &mut discriminator.network])
    {
        file.read_model(name, network)?;
    }
    Ok((generator, discriminator, description))
}

/// Writes a checkpoint, atomically. `run` is what the program itself wants to remember, and `seen` are arrays that
/// it wants to remember, in order.
///
/// # Errors
/// If the file cannot be written.
pub fn save_checkpoint<T: Serialize>(
    path: &Path,
    trainer: &Trainer,
    description: &Description,
    run: &T,
    seen: &[ArrayD<f32>],
) -> Result<(), StoreError> {
    let seen = seen.iter().enumerate().map(|(i, array)| (format!("{SEEN}{i:06}"), array.view()));
    let tensors = named(NAMES.into_iter().zip(networks(trainer))).chain(seen);
    store::save_checkpoint(path, tensors, &State { description, steps: trainer.steps, run })
}

/// A checkpoint, read.
#[derive(Debug)]
pub struct Resumed<T> {
    /// The players.
    pub trainer: Trainer,
    /// The networks' description.
    pub description: Description,
    /// What the program remembered.
    pub run: T,
    /// The arrays that it remembered.
    pub seen: Vec<ArrayD<f32>>,
}

/// Reads a checkpoint to go on from, with the schedule that `schedule` finds in what the program remembered.
///
/// # Errors
/// If the file cannot be read, is no checkpoint of this program, or is damaged.
pub fn load_checkpoint<T: DeserializeOwned>(
    path: &Path,
    schedule: impl FnOnce(&T) -> Schedule,
) -> Result<Resumed<T>, StoreError> {
    let (file, state) = store::open_checkpoint(path)?;
    let State { description, steps, run }: State<Description, T> = state;
    let architecture = &description.architecture;
    let Schedule { settings, penalty, .. } = schedule(&run);
    let generator = Generator::zeros(architecture);
    let mut trainer = Trainer::new(generator, Discriminator::zeros(architecture), settings);
    (trainer.penalty, trainer.steps) = (penalty, steps);
    for (name, network) in NAMES.into_iter().zip(networks_mut(&mut trainer)) {
        file.read_model(name, network)?;
    }
    let seen = file.arrays(SEEN)?.into_iter().map(|(_, array)| array).collect();
    Ok(Resumed { trainer, description, run, seen })
}

/// The networks: the players, of which a model consists; in a checkpoint Adam's moments of both, and the average.
const NAMES: [&str; 7] = [
    "generator.",
    "discriminator.",
    "adam.first.generator.",
    "adam.second.generator.",
    "adam.first.discriminator.",
    "adam.second.discriminator.",
    "average.generator.",
];

/// What the program has seen is numbered.
const SEEN: &str = "seen.";

fn networks(trainer: &Trainer) -> [&Mlp<f32>; 7] {
    [
        &trainer.generator.network,
        &trainer.discriminator.network,
        &trainer.generator_first.network,
        &trainer.generator_second.network,
        &trainer.discriminator_first.network,
        &trainer.discriminator_second.network,
        &trainer.average.network,
    ]
}

fn networks_mut(trainer: &mut Trainer) -> [&mut Mlp<f32>; 7] {
    [
        &mut trainer.generator.network,
        &mut trainer.discriminator.network,
        &mut trainer.generator_first.network,
        &mut trainer.generator_second.network,
        &mut trainer.discriminator_first.network,
        &mut trainer.discriminator_second.network,
        &mut trainer.average.network,
    ]
}
