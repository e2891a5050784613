//! Images from a folder of PNG files.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ch09_conv_vae::MOST_SIDE;
use data::Images;
use ndarray::Array2;
use png::{ColorType, Decoder, Transformations};

/// Whether a folder is laid out for this module.
pub(super) fn is_one(folder: &Path) -> bool {
    folder.join("train").is_dir()
}

/// The images in `train/` and `test/`, directly or in folders below (one for each class, as is common; the classes are
/// not used), in the order of their paths.
pub(super) fn load(folder: &Path) -> Result<(Images, Images)> {
    let train = images(&folder.join("train"))?;
    let test = images(&folder.join("test"))?;
    if train.shape() != test.shape() {
        bail!(
            "the images in {0}/train and {0}/test differ in size or colour: {1:?} and {2:?} (channels, height, width)",
            folder.display(),
            train.shape(),
            test.shape()
        );
    }
    Ok((train, test))
}

fn images(folder: &Path) -> Result<Images> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    paths.sort();
    let Some(first) = paths.first() else {
        bail!("no PNG image in {}: put some there, as *.png", folder.display());
    };
    let (_, shape) = read(first)?;
    let mut pixels = Vec::new();
    for path in &paths {
        let (image, found) = read(path)?;
        if found != shape {
            bail!(
                "{} is {found:?} (channels, height, width), but {} is {shape:?}: all images have to be alike",
                path.display(),
                first.display()
            );
        }
        pixels.extend(image);
    }
    let count = shape.0 * shape.1 * shape.2;
    let pixels = Array2::from_shape_vec((paths.len(), count), pixels)?;
    Ok(Images::new(pixels, shape, u8::MAX)?)
}

/// Every .png file in a folder and in the folders below.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let cannot =
        || format!("cannot read the folder {}: it should hold PNG images", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
            paths.push(path);
        }
    }
    Ok(())
}

/// An image channel by channel, without what it says of transparency, with its channels, height and width.
fn read(path: &Path) -> Result<(Vec<u8>, (usize, usize, usize))> {
    let broken = || format!("{} is no PNG image that can be read", path.display());
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut decoder = Decoder::new(BufReader::new(file));
    // Palettes and few bits become 8 bits a channel, and so do 16.
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().with_context(broken)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    if width > MOST_SIDE || height > MOST_SIDE {
        bail!(
            "{} has {width}×{height} pixels, more than {MOST_SIDE}×{MOST_SIDE}: make the images smaller",
            path.display()
        );
    }
    let (colour, _) = reader.output_color_type();
    let (samples, channels) = match colour {
        ColorType::Grayscale => (1, 1),
        ColorType::GrayscaleAlpha => (2, 1),
        ColorType::Rgb => (3, 3),
        ColorType::Rgba => (4, 3),
        ColorType::Indexed => bail!("{}: its palette could not be read", path.display()),
    };
    let mut interleaved = vec![0; height * width * samples];
    reader.next_frame(&mut interleaved).with_context(broken)?;
    let pixels = interleaved.chunks_exact(samples);
    let planes = (0..channels).flat_map(|channel| pixels.clone().map(move |pixel| pixel[channel]));
    Ok((planes.collect(), (channels, height, width)))
}
