//! Which device computes.

use std::fmt;
use std::str::FromStr;

use tch::{Cuda, Device};

/// What `--device` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The first GPU if there is one, and else the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// A GPU by its number, from 0.
    Cuda(usize),
}

/// Why a device cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Not the name of a device.
    #[error(
        "'{0}' is no device: expected auto, cpu, or cuda:N with the number of a GPU, as in cuda:0"
    )]
    Unknown(String),
    /// libtorch has no CUDA part.
    #[error(
        "{asked} was asked for, but this libtorch computes on the processor only ({reason}): point LIBTORCH or \
         LD_LIBRARY_PATH to one with CUDA (the chapter's README says how), or use --device cpu"
    )]
    NoCuda {
        /// The device.
        asked: Choice,
        /// The loader's words.
        reason: String,
    },
    /// Fewer GPUs than that.
    #[error(
        "{asked} was asked for, but libtorch sees {}: {}, or use --device cpu",
        match .found { 0 => "no GPU".to_owned(), 1 => "one GPU".to_owned(), n => format!("{n} GPUs") },
        match .found {
            0 => "look whether `nvidia-smi` finds one and CUDA_VISIBLE_DEVICES does not hide it".to_owned(),
            n => format!("choose at most cuda:{}", n - 1),
        }
    )]
    NoSuchGpu {
        /// The device.
        asked: Choice,
        /// How many there are.
        found: usize,
    },
}

impl Choice {
    /// The device, ready to be used.
    ///
    /// # Errors
    /// If a GPU was asked for that is not there. `auto` always finds a device.
    pub fn device(self) -> Result<Device, DeviceError> {
        let number = match self {
            Self::Cpu => return Ok(Device::Cpu),
            Self::Auto => 0,
            Self::Cuda(number) => number,
        };
        let found = load_cuda().map(|()| usize::try_from(Cuda::device_count()).unwrap_or(0));
        match (self, found) {
            (_, Ok(found)) if number < found => Ok(Device::Cuda(number)),
            (Self::Auto, _) => Ok(Device::Cpu),
            (asked, Ok(found)) => Err(DeviceError::NoSuchGpu { asked, found }),
            (asked, Err(reason)) => Err(DeviceError::NoCuda { asked, reason }),
        }
    }
}

impl FromStr for Choice {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        match (text, text.strip_prefix("cuda:").map(str::parse)) {
            ("auto", _) => Ok(Self::Auto),
            ("cpu", _) => Ok(Self::Cpu),
            ("cuda", _) => Ok(Self::Cuda(0)),
            (_, Some(Ok(number))) => Ok(Self::Cuda(number)),
            _ => Err(DeviceError::Unknown(text.to_owned())),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

/// Loads libtorch's CUDA part, which registers itself, before any tensor is made.
///
/// The program is not linked with it, and so it starts on machines that have no such library. Loading it a
/// second time does nothing.
fn load_cuda() -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: what can be unsound here are the library's initialisers. They belong to the same libtorch as the
    // libraries that this program is linked with, are made to run at any time, and register kernels. No symbol is
    // looked up in it.
    #[allow(unsafe_code)]
    let library = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) };
    // It stays for as long as the process runs: the kernels that it registered are code in it.
    std::mem::forget(library.map_err(|error| error.to_string())?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_as_it_is_written() {
        for choice in [Choice::Auto, Choice::Cpu, Choice::Cuda(0), Choice::Cuda(3)] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        for wrong in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
            assert_eq!(wrong.parse::<Choice>(), Err(DeviceError::Unknown(wrong.to_owned())));
        }
    }

    #[test]
    fn errors_say_what_to_do() {
        let asked = Choice::Cuda(2);
        let error = |found| DeviceError::NoSuchGpu { asked, found }.to_string();
        assert!(error(0).contains("sees no GPU: look whether `nvidia-smi`"), "{}", error(0));
        assert!(error(2).contains("sees 2 GPUs: choose at most cuda:1"), "{}", error(2));
    }

    /// No machine of ours has a thousand GPUs.
    #[test]
    fn a_gpu_that_is_not_there_is_an_error_and_auto_finds_a_device() {
        assert!(Choice::Cuda(1000).device().is_err());
        assert_eq!(Choice::Cpu.device(), Ok(Device::Cpu));
        assert!(Choice::Auto.device().is_ok());
    }
}
