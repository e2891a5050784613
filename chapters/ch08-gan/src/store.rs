//! Models and checkpoints in files.
//!
//! A *model* is both networks under PyTorch's names, `generator.fc1.weight` and so on, and a description; its
//! generator is the running average. A *checkpoint* is everything that training needs to go on as if it had
//! never stopped, and what the program has seen so far. There is no state of a random generator among it: every
//! stream is named by seed, step and row, so the number of the step is enough.

use std::path::{Path, PathBuf};

use ndarray::{ArrayD, ArrayViewD};
use nn::Mlp;
use nn::checkpoint::{self, Checkpoint, CheckpointError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::networks::{tensors, tensors_mut};
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

/// What can go wrong between a model and a file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be read or written, or its tensors are not as expected.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A safetensors file without our description.
    #[error(
        "{} is not a {expected} of this program ({reason}); expected the {expected}.safetensors \
         that `cargo run -p ch08-gan` wrote", path.display()
    )]
    Description {
        /// The file.
        path: PathBuf,
        /// "model" or "checkpoint".
        expected: &'static str,
        /// What is wrong with the description.
        reason: String,
    },
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
    let networks = [("generator.", &generator.network), ("discriminator.", &discriminator.network)];
    Ok(checkpoint::save(path, named(networks), &to_json(description))?)
}

/// Reads a model.
///
/// # Errors
/// If the file cannot be read, is no model of this program, or is damaged.
pub fn load_model(
    path: &Path,
) -> Result<(Generator<f32>, Discriminator<f32>, Description), StoreError> {
    let file = Checkpoint::open(path)?;
    let description: Description = describe(&file, "model")?;
    checked(&file, "model", &description)?;
    let mut generator = Generator::zeros(&description.architecture);
    let mut discriminator = Discriminator::zeros(&description.architecture);
    read(&file, "generator.", &mut generator.network)?;
    read(&file, "discriminator.", &mut discriminator.network)?;
    Ok((generator, discriminator, description))
}

/// What a checkpoint says besides the tensors.
#[derive(Serialize, Deserialize)]
struct State<T> {
    description: Description,
    steps: u64,
    run: T,
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
    let state = State { description: description.clone(), steps: trainer.steps, run };
    let pictures = seen.iter().enumerate().map(|(i, array)| (seen_name(i), array.view()));
    let networks = NAMES.into_iter().zip(networks(trainer));
    Ok(checkpoint::save(path, named(networks).chain(pictures), &to_json(&state))?)
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
    let file = Checkpoint::open(path)?;
    let State { description, steps, run }: State<T> = describe(&file, "checkpoint")?;
    checked(&file, "checkpoint", &description)?;
    let architecture = &description.architecture;
    let Schedule { settings, penalty, .. } = schedule(&run);
    let generator = Generator::zeros(architecture);
    let mut trainer = Trainer::new(generator, Discriminator::zeros(architecture), settings);
    (trainer.penalty, trainer.steps) = (penalty, steps);
    for (name, network) in NAMES.into_iter().zip(networks_mut(&mut trainer)) {
        read(&file, name, network)?;
    }
    let mut seen = Vec::new();
    while file.names().any(|name| name == seen_name(seen.len())) {
        let name = seen_name(seen.len());
        let mut array = ArrayD::zeros(file.shape(&name)?);
        file.read(&name, array.view_mut())?;
        seen.push(array);
    }
    Ok(Resumed { trainer, description, run, seen })
}

/// The networks of a checkpoint: the players, Adam's moments of both, and the average.
const NAMES: [&str; 7] = [
    "generator.",
    "discriminator.",
    "adam.first.generator.",
    "adam.second.generator.",
    "adam.first.discriminator.",
    "adam.second.discriminator.",
    "average.generator.",
];

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

fn seen_name(i: usize) -> String {
    format!("seen.{i:06}")
}

/// All tensors of some networks, each network's names with its prefix.
fn named<'a>(
    networks: impl IntoIterator<Item = (&'static str, &'a Mlp<f32>)>,
) -> impl Iterator<Item = (String, ArrayViewD<'a, f32>)> {
    networks.into_iter().flat_map(|(prefix, network)| {
        tensors(network).map(move |(name, tensor)| (format!("{prefix}{name}"), tensor))
    })
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain structures of numbers and strings become JSON")
}

fn describe<T: DeserializeOwned>(
    file: &Checkpoint,
    expected: &'static str,
) -> Result<T, StoreError> {
    let broken =
        |reason| StoreError::Description { path: file.path().to_owned(), expected, reason };
    let text = file.metadata().ok_or_else(|| broken("it carries no description".into()))?;
    serde_json::from_str(text).map_err(|error| broken(error.to_string()))
}

/// Checks that a description makes sense and that every weight it speaks of is in the file with the right
/// shape; before that, no memory is set aside for what a damaged description may claim.
fn checked(
    file: &Checkpoint,
    expected: &'static str,
    Description { architecture, image_shape, .. }: &Description,
) -> Result<(), StoreError> {
    let broken = |reason: &str| {
        let (path, reason) = (file.path().to_owned(), reason.to_owned());
        Err(StoreError::Description { path, expected, reason })
    };
    let Architecture { data, latent, hidden, .. } = architecture;
    if [data, latent].into_iter().chain(hidden).any(|&width| width == 0) {
        return broken("a layer of width 0");
    }
    if let &Some((channels, height, width)) = image_shape
        && channels.checked_mul(height).and_then(|n| n.checked_mul(width)) != Some(*data)
    {
        return broken("its images are not of the size of its generator's output");
    }
    let widths = [
        ("generator", architecture.generator_widths()),
        ("discriminator", architecture.discriminator_widths()),
    ];
    for (network, widths) in widths {
        for (i, pair) in widths.windows(2).enumerate() {
            let name = format!("{network}.fc{}.weight", i + 1);
            let (found, expected) = (file.shape(&name)?, [pair[1], pair[0]]);
            if found != expected {
                return Err(StoreError::Checkpoint(CheckpointError::Shape {
                    path: file.path().to_owned(),
                    name,
                    expected: expected.to_vec(),
                    found: found.to_vec(),
                }));
            }
        }
    }
    Ok(())
}

fn read(file: &Checkpoint, prefix: &str, network: &mut Mlp<f32>) -> Result<(), StoreError> {
    for (name, target) in tensors_mut(network) {
        file.read(&format!("{prefix}{name}"), target)?;
    }
    Ok(())
}
