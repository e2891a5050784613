//! One picture from a PNG or JPEG file, which may be anything.

use crate::DataError;
use png::{Decoder, DecodingError, Limits, Transformations};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::{colorspace::ColorSpace, options::DecoderOptions};

/// The most pixels that a picture in a folder may be wide, or high.
///
/// A file's header is believed up to here: memory for more is never set aside. A dense layer of 400 units on
/// 256×256 pixels has 26 million weights, and the course has no model for more.
pub const MOST_SIDE: usize = 256;

/// What is wrong with most damaged files.
const CUT_SHORT: &str = "the file was cut short";

/// Memory that the PNG decoder may take besides the pixels.
const LIMITS: Limits = Limits { bytes: 1 << 24 };

/// A picture of 8 bits a channel, with what has to be known before transparency can go.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Pixels in width and height.
    pub(crate) size: (usize, usize),
    /// 1, or 3 if the channels differ somewhere.
    pub(crate) channels: usize,
    /// The file has three channels, but they are equal in every pixel.
    pub(crate) grey_in_colour: bool,
    /// Channel after channel, each value times its opacity: the picture on black.
    planes: Vec<u8>,
    /// What each pixel lacks of full opacity, if any does: added to the planes, the picture on white.
    veil: Option<Vec<u8>>,
}

impl Picture {
    /// Reads a file by its content; whether the name says .png or .jpg makes no difference.
    pub(crate) fn read(path: &Path) -> Result<Self, DataError> {
        let io = |reason| DataError::Io { path: path.into(), reason };
        let mut file = BufReader::new(File::open(path).map_err(io)?);
        let mut start = Vec::new();
        file.by_ref().take(12).read_to_end(&mut start).map_err(io)?;
        file.rewind().map_err(io)?;
        match start[..] {
            [0x89, b'P', b'N', b'G', ..] => read_png(path, file),
            [0xff, 0xd8, 0xff, ..] => read_jpeg(path, file),
            _ => Err(DataError::NotAPicture { path: path.into(), found: looks_like(&start) }),
        }
    }

    /// From pixel after pixel of one to four samples; an even number of them ends in alpha.
    fn new(size: (usize, usize), samples: usize, interleaved: &[u8]) -> Self {
        let pixels = interleaved.chunks_exact(samples);
        let has_alpha = samples.is_multiple_of(2);
        let alpha = |pixel: &[u8]| if has_alpha { pixel[samples - 1] } else { u8::MAX };
        let mut channels = if samples < 3 { 1 } else { 3 };
        let mut planes: Vec<u8> = (0..channels)
            .flat_map(|channel| {
                pixels.clone().map(move |pixel| times(pixel[channel], alpha(pixel)))
            })
            .collect();
        let area = size.0 * size.1;
        let grey_in_colour = channels == 3 && planes[..2 * area] == planes[area..];
        if grey_in_colour {
            channels = 1;
            planes.truncate(area);
        }
        let veil: Vec<u8> = pixels.map(|pixel| u8::MAX - alpha(pixel)).collect();
        let veil = veil.iter().any(|&lack| lack > 0).then_some(veil);
        Self { size, channels, grey_in_colour, planes, veil }
    }

    /// Whether some pixel lets the ground show through.
    pub(crate) fn is_transparent(&self) -> bool {
        self.veil.is_some()
    }

    /// The sum of the visible values, and of the opacities that they were weighted with, both over three channels.
    pub(crate) fn visible(&self) -> (u64, u64) {
        let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        let full = (self.size.0 * self.size.1) as u64 * u64::from(u8::MAX);
        let lack = self.veil.as_deref().map_or(0, sum);
        (sum(&self.planes) * 3 / self.channels as u64, 3 * (full - lack))
    }

    /// Appends the picture, laid on white or on black, with so many channels: one, if that is all it has, or three.
    pub(crate) fn lay(&self, white: bool, channels: usize, pixels: &mut Vec<u8>) {
        let area = self.size.0 * self.size.1;
        for channel in 0..channels {
            let plane = &self.planes[channel.min(self.channels - 1) * area..][..area];
            match &self.veil {
                // A value times its opacity is at most the opacity: the sum is at most 255.
                Some(veil) if white => pixels.extend(plane.iter().zip(veil).map(|(p, v)| p + v)),
                _ => pixels.extend(plane),
            }
        }
    }
}

/// A value times an opacity of so many 255ths, to the nearest integer.
fn times(value: u8, opacity: u8) -> u8 {
    ((u32::from(value) * u32::from(opacity) + 127) / 255) as u8
}

/// Palettes and few bits become 8 bits a channel; of 16 the higher 8 stay.
fn read_png(path: &Path, file: BufReader<File>) -> Result<Picture, DataError> {
    let broken = |reason: DecodingError| match reason {
        DecodingError::IoError(reason) if reason.kind() == io::ErrorKind::UnexpectedEof => {
            damaged(path, "PNG", &CUT_SHORT)
        }
        other => damaged(path, "PNG", &other),
    };
    let mut decoder = Decoder::new_with_limits(file, LIMITS);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let info = decoder.read_header_info().map_err(broken)?;
    let size = not_too_large(path, (info.width as usize, info.height as usize))?;
    let mut reader = decoder.read_info().map_err(broken)?;
    let samples = reader.output_color_type().0.samples();
    let mut interleaved = vec![0; size.0 * size.1 * samples];
    reader.next_frame(&mut interleaved).map_err(broken)?;
    Ok(Picture::new(size, samples, &interleaved))
}

fn read_jpeg(path: &Path, mut file: BufReader<File>) -> Result<Picture, DataError> {
    let whole =
        is_whole(&mut file).map_err(|reason| DataError::Io { path: path.into(), reason })?;
    let broken =
        |reason: &dyn Display| damaged(path, "JPEG", if whole { reason } else { &CUT_SHORT });
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(&mut file, options);
    decoder.decode_headers().map_err(|reason| broken(&reason))?;
    let size = not_too_large(path, decoder.dimensions().unwrap_or_default())?;
    let grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    if !whole {
        return Err(broken(&CUT_SHORT));
    }
    let interleaved = decoder.decode().map_err(|reason| broken(&reason))?;
    if grey {
        let one: Vec<u8> = interleaved.into_iter().step_by(3).collect();
        return Ok(Picture::new(size, 1, &one));
    }
    Ok(Picture::new(size, 3, &interleaved))
}

/// Whether the last scan of a JPEG file (marker FF DA) comes to an end (FF D9). Leaves the file at its beginning.
///
/// The decoder, even a strict one, makes up what is missing of the last row of blocks.
fn is_whole(file: &mut BufReader<File>) -> io::Result<bool> {
    let (mut whole, mut before) = (false, 0);
    for byte in file.by_ref().bytes() {
        let byte = byte?;
        match (before, byte) {
            (0xff, 0xda) => whole = false,
            (0xff, 0xd9) => whole = true,
            _ => {}
        }
        before = byte;
    }
    file.rewind()?;
    Ok(whole)
}

fn not_too_large(path: &Path, size: (usize, usize)) -> Result<(usize, usize), DataError> {
    if size.0.max(size.1) > MOST_SIDE {
        return Err(DataError::LargePicture { path: path.into(), size, limit: MOST_SIDE });
    }
    Ok(size)
}

fn damaged(path: &Path, format: &'static str, reason: &dyn Display) -> DataError {
    let reason = reason.to_string().trim().to_owned();
    DataError::DamagedPicture { path: path.into(), format, reason }
}

/// What a file is that is neither PNG nor JPEG, by its first bytes.
fn looks_like(start: &[u8]) -> &'static str {
    match start {
        [] => "an empty file",
        [b'G', b'I', b'F', b'8', ..] => "a GIF",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => "a WebP picture",
        [b'B', b'M', ..] => "a BMP picture",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "a TIFF picture",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "a HEIC, AVIF or video file",
        [b'<', ..] => "SVG, HTML or XML text",
        _ => "something else",
    }
}
