//! The idx format of MNIST, plain or gzipped, from files that may be anything.
//!
//! An idx file is a magic number (0, 0, element type, number of dimensions), one big-endian `u32` a
//! dimension, then the elements. MNIST uses unsigned bytes in three dimensions (images) or one (labels);
//! see <http://yann.lecun.com/exdb/mnist/>.

use crate::{DataError, Images};
use flate2::bufread::MultiGzDecoder;
use ndarray::Array2;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// 2 GiB: forty times MNIST, and more than the largest of its relatives.
pub(crate) const LIMIT: u64 = 1 << 31;

/// Memory reserved on a header's word alone, before any byte of data has been seen.
const FIRST_STEP: usize = 1 << 20;

/// Reads an idx file of images (`…-images-idx3-ubyte`), gzipped if its name ends in `.gz`.
///
/// The pixels' maximum is taken as 255.
///
/// ```
/// let path = data::default_root().join("mnist/t10k-images-idx3-ubyte.gz");
/// let images = data::read_images(&path)?;
/// assert_eq!((images.len(), images.shape()), (10_000, (1, 28, 28)));
/// # Ok::<(), data::DataError>(())
/// ```
///
/// # Errors
/// A file that cannot be read, is not sound gzip, is not an images file, or whose length is not what
/// its header announces.
pub fn read_images(path: &Path) -> Result<Images, DataError> {
    read_file(path, Kind::Images)?.into_images(path, u8::MAX)
}

/// Reads an idx file of labels (`…-labels-idx1-ubyte`), gzipped if its name ends in `.gz`.
///
/// A label is a class number; any byte is allowed (EMNIST has more than ten classes).
///
/// # Errors
/// As for [`read_images`].
pub fn read_labels(path: &Path) -> Result<Vec<u8>, DataError> {
    Ok(read_file(path, Kind::Labels)?.bytes)
}

/// What a file is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Images,
    Labels,
}

impl Kind {
    const fn magic(self) -> u32 {
        match self {
            Kind::Images => 0x0000_0803,
            Kind::Labels => 0x0000_0801,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Kind::Images => "idx images (unsigned bytes, 3 dimensions)",
            Kind::Labels => "idx labels (unsigned bytes, 1 dimension)",
        }
    }

    /// What the wrong magic number `found` suggests.
    fn advice(self, found: u32) -> &'static str {
        match (self, found) {
            (Kind::Images, 0x0801) => "this is a labels file given as images: swap the two",
            (Kind::Labels, 0x0803) => "this is an images file given as labels: swap the two",
            (_, found) if found >> 16 == 0x1f8b => {
                "this is a gzip file: give its name the ending .gz, or decompress it"
            }
            (_, found) if found >> 16 == 0 => {
                "this is an idx file of another element type or number of dimensions"
            }
            _ => "this is not an idx file: check what was downloaded",
        }
    }
}

/// A file's content, checked for consistency.
#[derive(Debug)]
pub(crate) struct Idx {
    header: Vec<u8>,
    dims: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

impl Idx {
    /// SHA-256 of the uncompressed file, in hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        let hash = Sha256::new().chain_update(&self.header).chain_update(&self.bytes).finalize();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The bytes as images of one channel, without a copy.
    pub(crate) fn into_images(self, path: &Path, max: u8) -> Result<Images, DataError> {
        let invalid = |problem: String| DataError::InvalidImages {
            problem: format!("{}: {problem}", path.display()),
        };
        let [count, height, width] = self.dims[..] else {
            return Err(invalid(format!("expected 3 dimensions, found {:?}", self.dims)));
        };
        let pixels = Array2::from_shape_vec((count, height * width), self.bytes)
            .map_err(|error| invalid(error.to_string()))?;
        Images::new(pixels, (1, height, width), max)
    }
}

/// Reads and checks one file.
pub(crate) fn read_file(path: &Path, kind: Kind) -> Result<Idx, DataError> {
    let file = File::open(path).map_err(|reason| DataError::Io { path: path.into(), reason })?;
    let file = BufReader::with_capacity(1 << 16, file);
    if path.extension().is_some_and(|ending| ending == "gz") {
        read(MultiGzDecoder::new(file), path, kind, true)
    } else {
        read(file, path, kind, false)
    }
}

/// Reads and checks one idx stream; `path` is for the messages.
fn read(mut reader: impl Read, path: &Path, kind: Kind, gzip: bool) -> Result<Idx, DataError> {
    let failed = |reason: io::Error, read: usize| match reason.kind() {
        io::ErrorKind::UnexpectedEof if gzip => {
            DataError::TruncatedGzip { path: path.into(), read }
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput if gzip => {
            DataError::CorruptGzip { path: path.into(), read, reason }
        }
        _ => DataError::Io { path: path.into(), reason },
    };
    let mut take = |bytes: &mut Vec<u8>, limit, before| {
        read_up_to(&mut reader, limit, bytes).map_err(|reason| failed(reason, before + bytes.len()))
    };

    let mut header = Vec::new();
    take(&mut header, 4, 0)?;
    if let Some(found) = header.first_chunk().map(|magic| u32::from_be_bytes(*magic))
        && found != kind.magic()
    {
        return Err(DataError::WrongMagic {
            path: path.into(),
            kind: kind.name(),
            expected: kind.magic(),
            found,
            advice: kind.advice(found),
        });
    }
    let header_len = match kind {
        Kind::Images => 16,
        Kind::Labels => 8,
    };
    take(&mut header, header_len, 0)?;
    if header.len() < header_len {
        return Err(DataError::TooFewBytes {
            path: path.into(),
            what: format!("the header of {}", kind.name()),
            expected: header_len as u64,
            found: header.len() as u64,
        });
    }
    let dims: Vec<u32> = header[4..]
        .chunks_exact(4)
        .map(|dim| dim.iter().fold(0, |value, &byte| value << 8 | u32::from(byte)))
        .collect();

    let what = announced(&dims);
    if dims.contains(&0) {
        return Err(match dims[..] {
            [count, height, width] => {
                DataError::NoImages { path: path.into(), count, height, width }
            }
            _ => DataError::NoLabels { path: path.into() },
        });
    }
    let product = dims.iter().try_fold(1_u64, |product, &dim| product.checked_mul(dim.into()));
    let Some(len) = product.filter(|&product| product <= LIMIT) else {
        return Err(DataError::AbsurdSize { path: path.into(), what, limit: LIMIT });
    };
    let expected = header_len as u64 + len;

    let mut bytes = Vec::new();
    take(&mut bytes, len as usize, header_len)?;
    if (bytes.len() as u64) < len {
        let found = (header_len + bytes.len()) as u64;
        return Err(DataError::TooFewBytes { path: path.into(), what, expected, found });
    }
    // Reading on to the end also makes the decompressor compare its checksum.
    let mut more = Vec::new();
    take(&mut more, 1, header_len + bytes.len())?;
    if !more.is_empty() {
        return Err(DataError::TooManyBytes { path: path.into(), what, expected });
    }
    Ok(Idx { header, dims: dims.into_iter().map(|dim| dim as usize).collect(), bytes })
}

/// The header's content in words.
fn announced(dims: &[u32]) -> String {
    match dims {
        [count, height, width] => format!("{count} images of {height}×{width}"),
        _ => format!("{dims:?} labels"),
    }
}

/// Appends to `bytes` until it holds `limit` bytes or the reader ends.
///
/// Memory follows the data, not the announcement: each step at most doubles what has really been read
/// (after a first step of 1 MiB), and the last step reserves exactly what is left, so a full buffer has
/// no slack.
fn read_up_to(reader: &mut impl Read, limit: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
    while bytes.len() < limit {
        let step = (limit - bytes.len()).min(bytes.len().max(FIRST_STEP));
        bytes.reserve_exact(step);
        if reader.by_ref().take(step as u64).read_to_end(bytes)? < step {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;
    use std::io::Write;

    /// An idx file with this magic number, these dimensions and this content.
    fn file(magic: u32, dims: &[u32], content: &[u8]) -> Vec<u8> {
        let mut bytes = magic.to_be_bytes().to_vec();
        dims.iter().for_each(|dim| bytes.extend(dim.to_be_bytes()));
        bytes.extend(content);
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory")
    }

    fn plain(bytes: &[u8], kind: Kind) -> Result<Idx, DataError> {
        read(bytes, Path::new("FILE"), kind, false)
    }

    fn gzipped(bytes: &[u8], kind: Kind) -> Result<Idx, DataError> {
        read(MultiGzDecoder::new(bytes), Path::new("FILE.gz"), kind, true)
    }

    fn message<T: std::fmt::Debug>(result: Result<T, DataError>) -> String {
        result.expect_err("this input is wrong").to_string()
    }

    #[test]
    fn a_sound_file_reads_plain_and_gzipped() {
        let content: Vec<u8> = (0..12).collect();
        let images = file(0x803, &[2, 2, 3], &content);
        for idx in [plain(&images, Kind::Images), gzipped(&gzip(&images), Kind::Images)] {
            let images = idx.unwrap().into_images(Path::new("FILE"), 255).unwrap();
            assert_eq!(images.shape(), (1, 2, 3));
            assert_eq!(images.image(1), [6, 7, 8, 9, 10, 11]);
        }
        let labels = file(0x801, &[3], &[0, 9, 200]);
        assert_eq!(plain(&labels, Kind::Labels).unwrap().bytes, [0, 9, 200]);
    }

    #[test]
    fn images_and_labels_are_not_mixed_up() {
        let labels = file(0x801, &[3], &[0, 1, 2]);
        let text = message(plain(&labels, Kind::Images));
        assert!(text.contains("labels file given as images"), "{text}");
        let images = file(0x803, &[1, 1, 1], &[0]);
        let text = message(plain(&images, Kind::Labels));
        assert!(text.contains("0x00000801") && text.contains("0x00000803"), "{text}");
        let text = message(plain(&gzip(&images), Kind::Images));
        assert!(text.contains("ending .gz"), "{text}");
        let text = message(plain(b"<!DOCTYPE html>", Kind::Images));
        assert!(text.contains("not an idx file"), "{text}");
    }

    #[test]
    fn the_length_must_be_the_announced_one() {
        let short = file(0x803, &[2, 2, 2], &[1; 7]);
        let text = message(plain(&short, Kind::Images));
        assert!(text.contains("expected 24 bytes (2 images of 2×2), found 23"), "{text}");
        let long = file(0x803, &[2, 2, 2], &[1; 9]);
        assert!(matches!(gzipped(&gzip(&long), Kind::Images), Err(DataError::TooManyBytes { .. })));
        for cut in 0..16 {
            let result = plain(&short[..cut], Kind::Images);
            assert!(
                matches!(result, Err(DataError::TooFewBytes { expected: 16, .. })),
                "{result:?}"
            );
        }
    }

    #[test]
    fn zeros_in_the_header_are_named() {
        let text = message(plain(&file(0x803, &[0, 28, 28], &[]), Kind::Images));
        assert!(text.contains("found 0 images of 28×28"), "{text}");
        assert!(matches!(
            plain(&file(0x803, &[5, 0, u32::MAX], &[]), Kind::Images),
            Err(DataError::NoImages { .. })
        ));
        assert!(matches!(
            plain(&file(0x801, &[0], &[]), Kind::Labels),
            Err(DataError::NoLabels { .. })
        ));
    }

    #[test]
    fn absurd_dimensions_are_refused_before_any_memory_is_asked_for() {
        for dims in [[u32::MAX; 3], [1 << 31, 2, 1], [60_000, 28, 2_800]] {
            let result = plain(&file(0x803, &dims, &[]), Kind::Images);
            assert!(matches!(result, Err(DataError::AbsurdSize { .. })), "{result:?}");
        }
    }

    /// A header may announce 2 GiB; the buffer follows what is really there.
    #[test]
    fn memory_follows_the_data_and_not_the_header() {
        let mut bytes = Vec::new();
        read_up_to(&mut io::repeat(1).take(3_000_000), 1 << 31, &mut bytes).unwrap();
        assert_eq!(bytes.len(), 3_000_000);
        assert!(bytes.capacity() <= 2 * 3_000_000, "{} reserved", bytes.capacity());
        let mut full = Vec::new();
        read_up_to(&mut io::repeat(1), 5_000_000, &mut full).unwrap();
        assert_eq!((full.len(), full.capacity()), (5_000_000, 5_000_000));
    }

    #[test]
    fn gzip_that_is_cut_damaged_or_no_gzip_says_so() {
        let images = file(0x803, &[30, 2, 3], &[7; 180]);
        let packed = gzip(&images);
        for cut in 0..packed.len() {
            let result = gzipped(&packed[..cut], Kind::Images);
            assert!(
                matches!(result, Err(DataError::TruncatedGzip { .. })),
                "cut at {cut}: {result:?}"
            );
        }
        let mut damaged = packed.clone();
        let checksum = damaged.len() - 8;
        damaged[checksum] ^= 1;
        assert!(matches!(gzipped(&damaged, Kind::Images), Err(DataError::CorruptGzip { .. })));
        let text = message(gzipped(&images, Kind::Images));
        assert!(text.contains("sound gzip") && text.contains("drop the ending"), "{text}");
    }

    /// No input panics, and what reads well is consistent: sound files, cut and with bytes changed,
    /// and bytes at random behind a sound magic number.
    #[test]
    fn no_bytes_make_it_panic() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(20);
        let images = file(0x803, &[4, 3, 5], &[77; 60]);
        let labels = file(0x801, &[40], &[3; 40]);
        let bases = [gzip(&images), gzip(&labels), images, labels];
        let mut sound = 0;
        for round in 0..20_000 {
            let mut bytes = bases[round % bases.len()].clone();
            match rng.random_range(0..4) {
                0 => bytes.truncate(rng.random_range(0..=bytes.len())),
                1 => bytes.extend((0..rng.random_range(0..9)).map(|_| rng.random::<u8>())),
                2 => {
                    bytes.truncate(4);
                    bytes.extend((0..rng.random_range(0..99)).map(|_| rng.random::<u8>()));
                }
                _ => {}
            }
            for _ in 0..rng.random_range(0..4) {
                if !bytes.is_empty() {
                    let at = rng.random_range(0..bytes.len());
                    bytes[at] = rng.random();
                }
            }
            for kind in [Kind::Images, Kind::Labels] {
                for result in [plain(&bytes, kind), gzipped(&bytes, kind)] {
                    match result {
                        Ok(idx) => {
                            sound += 1;
                            assert_eq!(idx.dims.iter().product::<usize>(), idx.bytes.len());
                        }
                        Err(error) => assert!(
                            error.to_string().contains("expected")
                                || matches!(error, DataError::Io { .. }),
                            "{error}"
                        ),
                    }
                }
            }
        }
        assert!(sound > 1_000, "only {sound} inputs were sound: the test tests little");
    }
}
