//! The training step, on a device.

use nn::{Adam, Scalar};
use tch::{Device, Kind, TchError, Tensor, no_grad};

use super::network::{from_device, size, to_device};
use super::{Network, Precision, TorchError};
use crate::{Architecture, Batch};

/// A model in training on a device, with all that Adam remembers; the counterpart of [`crate::Trainer`], from which it
/// is made and to which it goes back, to be saved in the same checkpoint.
#[derive(Debug)]
pub struct Trainer {
    /// The model.
    pub network: Network,
    /// Steps taken.
    pub steps: u64,
    architecture: Architecture,
    /// Adam's first moments, a row like the parameters.
    first: Tensor,
    /// Adam's second moments.
    second: Tensor,
    /// Reconstruction and KL, summed since they were last asked for, in f64 on the device.
    sums: Tensor,
}

impl Trainer {
    /// Goes on, on a device, where a plain-Rust trainer stands.
    ///
    /// # Errors
    /// If libtorch cannot hold it there.
    pub fn new(
        architecture: &Architecture,
        trainer: &crate::Trainer,
        device: Device,
        precision: Precision,
    ) -> Result<Self, TorchError> {
        Ok(Self {
            network: Network::from_model(architecture, &trainer.model, device, precision)?,
            steps: trainer.steps,
            architecture: architecture.clone(),
            first: to_device(&trainer.first, device)?,
            second: to_device(&trainer.second, device)?,
            sums: Tensor::f_zeros([2], (Kind::Double, device))?,
        })
    }

    /// The plain-Rust trainer that stands where this one does.
    ///
    /// # Errors
    /// If the device fails.
    pub fn to_plain(&self) -> Result<crate::Trainer, TorchError> {
        Ok(crate::Trainer {
            model: self.network.to_model()?,
            first: from_device(&self.architecture, &self.first)?,
            second: from_device(&self.architecture, &self.second)?,
            steps: self.steps,
        })
    }

    // ANCHOR: torch_step
    /// One step: forward, loss, gradient, Adam. The device may still be at work on it when this returns.
    ///
    /// # Errors
    /// [`TorchError::OutOfMemory`] with a batch to try if the device's memory is full.
    pub fn step(&mut self, batch: &Batch, learning_rate: f64) -> Result<(), TorchError> {
        let images = batch.x.nrows();
        let device = self.network.device();
        self.try_step(batch, learning_rate).map_err(|error| {
            TorchError::from(error).with_size(device, "a batch of", images, "--batch")
        })
    }

    fn try_step(&mut self, batch: &Batch, learning_rate: f64) -> Result<(), TchError> {
        let device = self.network.device();
        let (x, noise) = (upload(&batch.x, device)?, upload(&batch.noise, device)?);
        let terms = self.network.pass()?.terms(&x, &noise)?;
        let loss = terms.kl.f_sub(&terms.reconstruction)?.f_mean(None)?;
        let gradient = Tensor::f_run_backward(&[&loss], &[&self.network.parameters], false, false)?;
        self.steps += 1;
        no_grad(|| {
            let sum = |terms: &Tensor| terms.f_sum(Kind::Double);
            let sums = Tensor::f_stack(&[sum(&terms.reconstruction)?, sum(&terms.kl)?], 0)?;
            let _ = self.sums.f_add_(&sums)?;
            self.descend(&gradient[0], &Adam::new(learning_rate))
        })
    }

    /// Adam's step on all parameters at once.
    fn descend(&mut self, gradient: &Tensor, adam: &Adam) -> Result<(), TchError> {
        let t = self.steps as f64;
        let (correction1, correction2) = (1.0 - adam.beta1.powf(t), 1.0 - adam.beta2.powf(t));
        let (m, v) = (&mut self.first, &mut self.second);
        let _ = m.f_lerp_(gradient, 1.0 - adam.beta1)?;
        let _ = v.f_lerp_(&gradient.f_square()?, 1.0 - adam.beta2)?;
        let root = v.f_sqrt()?.f_div_scalar(correction2.sqrt())?.f_add_scalar(adam.epsilon)?;
        let step = m.f_div(&root)?.f_mul_scalar(-adam.learning_rate / correction1)?;
        let _ = self.network.parameters.f_add_(&step)?;
        Ok(())
    }
    // ANCHOR_END: torch_step

    /// Reconstruction and KL, summed over all images since this was last asked. Waits for the device.
    ///
    /// # Errors
    /// If the device fails.
    pub fn take_sums(&mut self) -> Result<(f64, f64), TorchError> {
        let mut sums = [0.0; 2];
        self.sums.f_to_device(Device::Cpu)?.f_copy_data(&mut sums, 2)?;
        let _ = self.sums.f_zero_()?;
        Ok((sums[0], sums[1]))
    }
}

/// A batch's numbers, on a device.
///
/// # Errors
/// If libtorch fails, for want of memory as a rule.
pub fn upload<S: Scalar + tch::kind::Element>(
    rows: &ndarray::Array2<S>,
    device: Device,
) -> Result<Tensor, TchError> {
    let numbers = rows.as_slice().expect("a batch is contiguous");
    let shape = [size(rows.nrows()), size(rows.ncols())];
    Tensor::f_from_slice(numbers)?.f_view(&shape[..])?.f_to_device(device)
}
