//! What can go wrong inside libtorch.

use tch::{Device, TchError};

/// Why a computation on a device failed.
#[derive(Debug, thiserror::Error)]
pub enum TorchError {
    /// The device's memory is full.
    #[error("the memory of {device} does not hold {what} {size}: try {flag} {smaller}")]
    OutOfMemory {
        /// "cuda:0"
        device: String,
        /// What was to be held, such as "a batch of".
        what: &'static str,
        /// How many of them.
        size: usize,
        /// The flag that sets how many.
        flag: &'static str,
        /// A number to try.
        smaller: usize,
    },
    /// Not even one image fits.
    #[error(
        "the memory of {device} does not hold the model with one image: choose a smaller model, or --device cpu"
    )]
    TooSmall {
        /// "cuda:0"
        device: String,
    },
    /// Anything else, in libtorch's words.
    #[error("libtorch: {0}")]
    Torch(TchError),
}

impl From<TchError> for TorchError {
    fn from(error: TchError) -> Self {
        Self::Torch(error)
    }
}

impl TorchError {
    /// The same error; if it is that memory is full, then with what was tried and what to try instead: half.
    pub(super) fn with_size(
        self,
        device: Device,
        what: &'static str,
        size: usize,
        flag: &'static str,
    ) -> Self {
        match self {
            Self::Torch(TchError::Torch(words)) if is_out_of_memory(&words) => {
                let device = name(device);
                match size / 2 {
                    0 => Self::TooSmall { device },
                    smaller => Self::OutOfMemory { device, what, size, flag, smaller },
                }
            }
            other => other,
        }
    }
}

/// Whether that is how CUDA's, cuDNN's, cuBLAS's or the processor's allocator says that memory is full.
fn is_out_of_memory(words: &str) -> bool {
    ["out of memory", "ALLOC_FAILED", "can't allocate memory", "not enough memory"]
        .iter()
        .any(|phrase| words.contains(phrase))
}

/// A device as it is written on the command line.
fn name(device: Device) -> String {
    match device {
        Device::Cuda(number) => format!("cuda:{number}"),
        _ => "this computer".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use tch::{Kind, Tensor};

    use super::*;

    /// The processor's allocator is asked for 2⁶⁰ bytes, and says so in libtorch's words.
    #[test]
    fn full_memory_is_reported_with_a_size_to_try() {
        let failed = || {
            TorchError::from(Tensor::f_zeros([1 << 60], (Kind::Uint8, Device::Cpu)).unwrap_err())
        };
        let error = failed().with_size(Device::Cuda(1), "a batch of", 4096, "--batch");
        assert_eq!(
            error.to_string(),
            "the memory of cuda:1 does not hold a batch of 4096: try --batch 2048"
        );
        let error = failed().with_size(Device::Cpu, "a batch of", 1, "--batch");
        assert!(error.to_string().contains("smaller model"), "{error}");
    }

    /// CUDA's words, which no test can provoke without a GPU; from PyTorch's issue tracker.
    #[test]
    fn cudas_words_for_full_memory_are_known() {
        for words in [
            "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.25 GiB",
            "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
            "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        ] {
            assert!(is_out_of_memory(words), "{words}");
        }
        assert!(!is_out_of_memory("Given groups=1, weight of size [32, 1, 4, 4]"));
    }
}
