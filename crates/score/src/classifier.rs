//! A small classifier of digits, whose last hidden layer serves as features.

use data::{Split, batches, shuffled};
use ndarray::{Array1, Array2, Axis, concatenate};
use ndarray_stats::QuantileExt;
use nn::{Activation, Adam, Linear, Mlp, Parameters, SHARD, likelihood, shards_of, update_layers};
use prob::categorical::entropy;
use prob::random::stream;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

/// Widths of the hidden layers; the last one is the number of features.
const HIDDEN: [usize; 2] = [400, 64];
/// Passes over the training set, and steps at least: of a small set one pass is a few steps only.
const EPOCHS: usize = 14;
const LEAST_STEPS: usize = 500;
/// Images in a step.
const BATCH: usize = 128;
/// The learning rate of the first epoch; it falls to a twentieth of it in a straight line.
const RATE: f64 = 1.5e-3;

/// Random streams.
const WEIGHTS: u64 = 1;
const ORDER: u64 = 2;

/// A multilayer perceptron with ReLU, trained on labelled images by softmax cross-entropy.
#[derive(Clone, Debug)]
pub struct Classifier {
    net: Mlp<f32>,
}

/// What a classifier makes of some images.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// The last hidden layer, images × features.
    pub features: Array2<f32>,
    /// p(class|image), images × classes.
    pub probabilities: Array2<f32>,
}

impl Predictions {
    /// The most probable class of each image.
    #[must_use]
    pub fn classes(&self) -> Vec<usize> {
        self.probabilities.rows().into_iter().map(|row| row.argmax().unwrap_or(0)).collect()
    }
}

impl Classifier {
    /// Learns the labels of a training set, in seconds for MNIST. The same seed gives the same bits on
    /// any number of threads. `None` if the set has no labels.
    #[must_use]
    pub fn train(train: &Split, seed: u64) -> Option<Self> {
        let labels = train.labels.as_ref()?;
        let classes = 1 + usize::from(*labels.iter().max()?);
        let widths = [train.images.pixels_per_image(), HIDDEN[0], HIDDEN[1], classes];
        let mut rng = stream(seed, [WEIGHTS]);
        let mut net = Mlp::new(&widths, Activation::Relu, Activation::Identity, &mut rng);
        let (mut first, mut second) = (net.zeros_like(), net.zeros_like());
        let mut step = 0;
        let epochs = EPOCHS.max(LEAST_STEPS.div_ceil(train.images.len().div_ceil(BATCH)));
        for epoch in 0..epochs {
            let progress = epoch as f64 / (epochs - 1) as f64;
            let adam = Adam::new(RATE * (1.0 - 0.95 * progress));
            let order = shuffled(train.images.len(), &mut stream(seed, [ORDER, epoch as u64]));
            for batch in batches(&order, BATCH) {
                let scale = 1.0 / batch.len() as f32;
                let passes: Vec<_> = shards_of(batch)
                    .par_iter()
                    .map(|shard| {
                        let trace = net.forward(train.images.intensities(shard));
                        let wanted: Vec<usize> = shard.iter().map(|&i| labels[i].into()).collect();
                        let logits = &trace.output;
                        let delta =
                            likelihood::categorical_from_logits_backward(&wanted, logits, -scale);
                        let deltas = net.backward(&trace, delta);
                        (trace, deltas)
                    })
                    .collect();
                step += 1;
                let nets = [&mut net, &mut first, &mut second];
                let tapes = passes.iter().map(|(trace, deltas)| Mlp::tapes(trace, deltas));
                update_layers(nets.map(Mlp::layers_mut), tapes, adam.at_step(step));
            }
        }
        Some(Self { net })
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.net.layers.last().map_or(0, Linear::outputs)
    }

    /// Number of pixels of an image.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.net.layers.first().map_or(0, Linear::inputs)
    }

    /// Features and class probabilities of images (n × pixels, values in [0, 1]), in parallel.
    ///
    /// # Panics
    /// If the images do not have [`Classifier::pixels`] pixels.
    #[must_use]
    pub fn predict(&self, images: &Array2<f32>) -> Predictions {
        let shards: Vec<_> = images.axis_chunks_iter(Axis(0), SHARD).collect();
        let parts: Vec<_> = shards
            .par_iter()
            .map(|shard| {
                let mut trace = self.net.forward(shard.to_owned());
                let features = trace.inputs.pop().expect("a network has layers");
                (features, softmax(trace.output))
            })
            .collect();
        let features: Vec<_> = parts.iter().map(|(features, _)| features.view()).collect();
        let probabilities: Vec<_> = parts.iter().map(|(_, p)| p.view()).collect();
        let empty = |columns| Array2::zeros((0, columns));
        Predictions {
            features: concatenate(Axis(0), &features).unwrap_or_else(|_| empty(HIDDEN[1])),
            probabilities: concatenate(Axis(0), &probabilities)
                .unwrap_or_else(|_| empty(self.classes())),
        }
    }

    /// The share of a labelled split that is classified rightly; `None` without labels.
    #[must_use]
    pub fn accuracy(&self, split: &Split) -> Option<f64> {
        let labels = split.labels.as_ref()?;
        let indices: Vec<usize> = (0..split.images.len()).collect();
        let classes = self.predict(&split.images.intensities(&indices)).classes();
        let right =
            classes.iter().zip(labels).filter(|(class, label)| **class == usize::from(**label));
        Some(right.count() as f64 / labels.len() as f64)
    }
}

/// eˡ / Σ eˡ in each row, the largest logit taken out first.
fn softmax(mut logits: Array2<f32>) -> Array2<f32> {
    for mut row in logits.rows_mut() {
        let largest = row.fold(f32::NEG_INFINITY, |a, &b| a.max(b));
        row.mapv_inplace(|l| (l - largest).exp());
        let sum = row.sum();
        row /= sum;
    }
    logits
}

/// −Σ p log p of each row, in nats.
pub(crate) fn entropies(probabilities: &Array2<f32>) -> Array1<f64> {
    probabilities.map_axis(Axis(1), |row| entropy(row.iter().map(|&p| f64::from(p))))
}
