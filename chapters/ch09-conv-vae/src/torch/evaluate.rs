//! Importance-weighted evaluation on a device.

use ch07_vae::{Evaluation, Samples, Tally};
use data::Images;
use ndarray::Array2;
use prob::random::stream;
use rand::Rng;
use rand_distr::StandardNormal;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use tch::{Device, Kind, TchError, Tensor, no_grad};

use super::network::{
    kl_to_standard_normal, log_likelihood, reparameterize, size, sum_over_columns,
};
use super::prefetch::prefetch;
use super::train::upload;
use super::{Network, TorchError};
use crate::{Batch, purpose};

/// [`average_terms`](crate::average_terms) on a device: reconstruction and KL on average over all images, with one
/// sample of the code for each, `block` images at a time. `round` names the noise.
///
/// # Errors
/// [`TorchError::OutOfMemory`] if the device's memory is full.
pub fn average_terms(
    network: &Network,
    images: &Images,
    seed: u64,
    round: u64,
    block: usize,
) -> Result<(f64, f64), TorchError> {
    let (device, latent, n) = (network.device(), network.latent(), images.len());
    let indices: Vec<usize> = (0..n).collect();
    let visit = [purpose::TEST, round];
    let draw = |indices: &[usize]| Batch::draw(images, indices, latent, seed, visit);
    let (mut reconstruction, mut kl) = (0.0, 0.0);
    prefetch(indices.chunks(block), draw, |batch| {
        let terms = no_grad(|| {
            let (x, noise) = (upload(&batch.x, device)?, upload(&batch.noise, device)?);
            let terms = network.exact_pass()?.terms(&x, &noise)?;
            Ok((download(&terms.reconstruction)?, download(&terms.kl)?))
        });
        let (some_reconstruction, some_kl) =
            terms.map_err(|error: TchError| out_of(error, device, block))?;
        reconstruction += some_reconstruction.iter().sum::<f64>();
        kl += some_kl.iter().sum::<f64>();
        Ok::<_, TorchError>(())
    })?;
    Ok((reconstruction / n as f64, kl / n as f64))
}

/// Some images with the noise of all their samples.
struct Group {
    /// Images × pixels.
    x: Array2<f32>,
    /// (Images · samples) × latent, image after image.
    noise: Array2<f32>,
}

/// [`evaluate`](crate::evaluate()) on a device, `block` codes at a time.
///
/// The codes are the plain-Rust evaluation's, so that the figures differ by roundings only; the block makes no
/// difference.
///
/// # Errors
/// [`TorchError::OutOfMemory`] with a block to try if the device's memory is full.
///
/// # Panics
/// If there is no image, no sample or no block, or the images are not of the model's size.
pub fn evaluate(
    network: &Network,
    images: &Images,
    indices: &[usize],
    samples: usize,
    seed: u64,
    block: usize,
    mut progress: impl FnMut(usize),
) -> Result<Evaluation, TorchError> {
    assert!(!indices.is_empty() && samples > 0 && block > 0, "something to evaluate");
    let latent = network.latent();
    let make = |indices: &[usize]| Group {
        x: images.intensities(indices),
        noise: draw_noise(indices, samples, latent, seed),
    };
    let mut tally = Tally::default();
    prefetch(indices.chunks((block / samples).max(1)), make, |group| {
        let weighed = no_grad(|| weigh(network, &group, samples, block))
            .map_err(|error| out_of(error, network.device(), block))?;
        weighed.iter().for_each(|(samples, kl)| tally.push(samples, *kl));
        progress(weighed.len());
        Ok::<_, TorchError>(())
    })?;
    Ok(tally.finish(samples))
}

/// ε ~ N(0, I) for all samples of some images, each from the image's own stream.
fn draw_noise(indices: &[usize], samples: usize, latent: usize, seed: u64) -> Array2<f32> {
    let mut noise = vec![0.0; indices.len() * samples * latent];
    noise.par_chunks_exact_mut(samples * latent).zip(indices.par_iter()).for_each(
        |(noise, &index)| {
            let mut rng = stream(seed, [purpose::EVALUATE, index as u64]);
            noise.fill_with(|| rng.sample(StandardNormal));
        },
    );
    Array2::from_shape_vec((indices.len() * samples, latent), noise).expect("as many numbers")
}

// ANCHOR: torch_weigh
/// Every image's samples and KL: log wₖ = log p(x|zₖ) + log p(zₖ) − log q(zₖ|x).
fn weigh(
    network: &Network,
    group: &Group,
    samples: usize,
    block: usize,
) -> Result<Vec<(Samples, f64)>, TchError> {
    let (pass, device) = (network.exact_pass()?, network.device());
    let (x, noise) = (upload(&group.x, device)?, upload(&group.noise, device)?);
    let (mean, log_var) = pass.encode(&x)?;
    let kl = kl_to_standard_normal(&mean, &log_var)?;

    // A row for each sample from here on.
    let spread = |rows: &Tensor| rows.f_repeat_interleave_self_int(size(samples), 0, None);
    let (x, mean, log_var) = (spread(&x)?, spread(&mean)?, spread(&log_var)?);
    let z = reparameterize(&mean, &log_var, &noise)?;
    // The constants ½ log 2π of the two densities cancel.
    let squares = noise.f_square()?.f_sub(&z.f_square()?)?.f_add(&log_var)?;
    let log_ratio = sum_over_columns(&squares)?.f_mul_scalar(0.5)?;
    let blocks = z.f_split(size(block), 0)?.into_iter().zip(x.f_split(size(block), 0)?);
    let log_p: Vec<Tensor> =
        blocks.map(|(z, x)| log_likelihood(&x, &pass.decode(&z)?)).collect::<Result<_, _>>()?;
    let log_p = Tensor::f_cat(&log_p, 0)?;

    let (log_p, log_ratio, kl) = (download(&log_p)?, download(&log_ratio)?, download(&kl)?);
    let weight: Vec<f64> =
        log_p.iter().zip(&log_ratio).map(|(log_p, log_ratio)| log_p + log_ratio).collect();
    let images = log_p.chunks_exact(samples).zip(weight.chunks_exact(samples)).zip(kl);
    Ok(images
        .map(|((log_p, weight), kl)| {
            (Samples { log_likelihood: log_p.to_vec(), log_weight: weight.to_vec() }, kl)
        })
        .collect())
}
// ANCHOR_END: torch_weigh

fn out_of(error: TchError, device: Device, block: usize) -> TorchError {
    TorchError::from(error).with_size(device, "a block of", block, "--block")
}

/// A row of numbers, from a device.
fn download(row: &Tensor) -> Result<Vec<f64>, TchError> {
    let mut numbers = vec![0.0; row.numel()];
    let count = numbers.len();
    row.f_to_kind(Kind::Double)?.f_to_device(Device::Cpu)?.f_copy_data(&mut numbers, count)?;
    Ok(numbers)
}
