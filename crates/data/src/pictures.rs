//! Folders of PNG and JPEG pictures, as people have them.
//!
//! The rules are told in the documentation of [`Source::Folder`](crate::Source::Folder).

use crate::idx::LIMIT;
use crate::listing::{Listing, counted, enumerated, names};
use crate::picture::Picture;
use crate::{DataError, Dataset, Images, Split};
use ndarray::Array2;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What the folders of the two parts may be called, in any case; the first name that is there counts.
const TRAINING: [&str; 2] = ["train", "training"];
const TEST: [&str; 5] = ["test", "testing", "val", "valid", "validation"];

/// Where the two parts of a set are.
pub(crate) struct Layout {
    train: PathBuf,
    test: PathBuf,
    /// What else is in the folder, and is not read.
    beside: Vec<String>,
}

impl Layout {
    /// The layout of a folder, if it has both parts.
    ///
    /// # Errors
    /// [`DataError::NothingToRead`], with what is there instead.
    pub(crate) fn of(folder: &Path) -> Result<Self, DataError> {
        let [folders, others] = names(folder)?;
        let find = |candidates: &[&str]| {
            candidates.iter().find_map(|name| {
                folders.iter().find(|folder| folder.eq_ignore_ascii_case(name)).cloned()
            })
        };
        let with_slash = |name: &String| format!("{name}/");
        let Some((train, test)) = find(&TRAINING).zip(find(&TEST)) else {
            let all: Vec<_> = folders.iter().map(with_slash).chain(others).collect();
            let found = enumerated(&all);
            return Err(DataError::NothingToRead { folder: folder.into(), found });
        };
        let not_read = folders.iter().filter(|&name| ![&train, &test].contains(&name));
        let beside = not_read.map(with_slash).chain(others).collect();
        Ok(Self { train: folder.join(&train), test: folder.join(&test), beside })
    }

    /// Reads both parts.
    pub(crate) fn read(self, name: &str) -> Result<Dataset, DataError> {
        let mut reader = Reader::default();
        let train = reader.part("training", self.train)?;
        let test = reader.part("test", self.test)?;
        let mut remarks = vec![train.summary.clone(), test.summary.clone()];
        if !self.beside.is_empty() {
            remarks.push(format!("Not read in {name}: {}", enumerated(&self.beside)));
        }
        let pictures: Vec<&Picture> = train.pictures.iter().chain(&test.pictures).collect();
        let channels = Channels::of(&pictures);
        let ground = Ground::of(&pictures);
        let (labels, about_labels) = labels([&train.files, &test.files]);
        remarks.extend([channels.remark, ground.remark, about_labels].into_iter().flatten());

        let images = |part: &Part| part.images(channels.count, ground.white);
        let place = |part: &Part| part.folder.display().to_string();
        let [train_labels, test_labels] = labels.map_or([None, None], |labels| labels.map(Some));
        let mut set = Dataset::new(
            name,
            Split::new(images(&train)?, train_labels, &place(&train))?,
            Split::new(images(&test)?, test_labels, &place(&test))?,
        )?;
        set.remarks = remarks;
        Ok(set)
    }
}

/// The pictures of one part, in the order of their names.
struct Part {
    folder: PathBuf,
    files: BTreeSet<PathBuf>,
    pictures: Vec<Picture>,
    summary: String,
}

impl Part {
    fn images(&self, channels: usize, white: bool) -> Result<Images, DataError> {
        let (width, height) = self.pictures.first().map_or((0, 0), |picture| picture.size);
        let columns = channels * height * width;
        let mut pixels = Vec::with_capacity(self.pictures.len() * columns);
        self.pictures.iter().for_each(|picture| picture.lay(white, channels, &mut pixels));
        let pixels = Array2::from_shape_vec((self.pictures.len(), columns), pixels)
            .map_err(|error| DataError::InvalidImages { problem: error.to_string() })?;
        Images::new(pixels, (channels, height, width), u8::MAX)
    }
}

/// Reads pictures one after the other, all of one size.
#[derive(Default)]
struct Reader {
    /// The first picture, which the others have to be like.
    first: Option<(PathBuf, (usize, usize))>,
    /// Bytes of all pictures so far, in three channels.
    bytes: u64,
}

impl Reader {
    fn part(&mut self, kind: &str, folder: PathBuf) -> Result<Part, DataError> {
        let listing = Listing::of(&folder)?;
        if listing.files.is_empty() {
            return Err(DataError::NoPictures { passed: listing.reasons(), folder });
        }
        let summary = listing.summary(kind, &folder);
        let read = |path| self.picture(folder.join(path), &folder);
        let pictures = listing.files.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Part { files: listing.files, pictures, summary, folder })
    }

    fn picture(&mut self, path: PathBuf, folder: &Path) -> Result<Picture, DataError> {
        let picture = Picture::read(&path)?;
        let (width, height) = picture.size;
        self.bytes += 3 * (width * height) as u64;
        if self.bytes > LIMIT {
            return Err(DataError::TooManyPictures { folder: folder.into(), limit: LIMIT });
        }
        let (first, size) = self.first.get_or_insert_with(|| (path.clone(), picture.size));
        if *size != picture.size {
            return Err(DataError::MixedSizes {
                first: first.clone(),
                first_size: *size,
                other: path,
                other_size: picture.size,
            });
        }
        Ok(picture)
    }
}

/// How many channels the images get.
struct Channels {
    count: usize,
    remark: Option<String>,
}

impl Channels {
    /// One if all pictures are grey, also where files say so with three equal channels; else three.
    fn of(pictures: &[&Picture]) -> Self {
        let grey = pictures.iter().filter(|picture| picture.channels == 1).count();
        let in_colour = pictures.iter().filter(|picture| picture.grey_in_colour).count();
        let all_are_grey = grey == pictures.len();
        let remark = if all_are_grey && in_colour > 0 {
            let some = share(in_colour, pictures.len());
            Some(format!(
                "{some} saved with three equal channels: all are grey, and read as one channel"
            ))
        } else if !all_are_grey && grey > 0 {
            let some = share(grey, pictures.len());
            Some(format!("{some} grey, others coloured: all are read as three channels"))
        } else {
            None
        };
        Self { count: if all_are_grey { 1 } else { 3 }, remark }
    }
}

/// What transparent pictures are laid on.
struct Ground {
    white: bool,
    remark: Option<String>,
}

impl Ground {
    /// White, unless what is visible of the transparent pictures is lighter than middle grey: one ground for all, from
    /// which most of them stands out.
    fn of(pictures: &[&Picture]) -> Self {
        let transparent = || pictures.iter().filter(|picture| picture.is_transparent());
        let (value, opacity) = transparent()
            .map(|picture| picture.visible())
            .fold((0, 0), |sum, (value, opacity)| (sum.0 + value, sum.1 + opacity));
        let white = 2 * value <= opacity;
        let count = transparent().count();
        let remark = (count > 0).then(|| {
            let some = share(count, pictures.len());
            let (ground, shade) = if white { ("white", "dark") } else { ("black", "light") };
            let mean = value as f64 / opacity.max(1) as f64;
            format!(
                "{some} transparent in places, and laid on {ground}: what shows is {shade} \
                 (on average {mean:.2} of white)"
            )
        });
        Self { white, remark }
    }
}

/// `2 of 3 pictures are`
fn share(count: usize, all: usize) -> String {
    let is = if count == 1 { "is" } else { "are" };
    format!("{count} of {} {is}", counted(all, "picture"))
}

/// Class numbers of both parts by the first folders on the pictures' ways, and what is to be said of them.
fn labels(parts: [&BTreeSet<PathBuf>; 2]) -> (Option<[Vec<u8>; 2]>, Option<String>) {
    let of_parts = parts.map(|files| files.iter().map(|path| class(path)).collect::<Vec<_>>());
    let all = || of_parts.iter().flatten();
    let names: BTreeSet<&str> = all().flatten().copied().collect();
    let outside = all().filter(|class| class.is_none()).count();
    let no_labels = |why: String| (None, Some(format!("No labels: {why}")));
    if names.is_empty() {
        return (None, None);
    }
    if outside > 0 {
        let all = counted(all().count(), "picture");
        return no_labels(format!("{outside} of {all} lie in no class's folder"));
    }
    let list = enumerated(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
    if names.len() == 1 {
        return no_labels(format!("there is one class's folder only, {list}"));
    }
    let Some(numbers) = numbers(&names) else {
        return no_labels(format!("{} folders of classes, and a label is a byte", names.len()));
    };
    let labels =
        of_parts.map(|part| part.into_iter().flatten().map(|name| numbers[name]).collect());
    (Some(labels), Some(format!("{} classes, named by folders: {list}", names.len())))
}

/// The first of the folders that a picture is in.
fn class(path: &Path) -> Option<&str> {
    let mut parts = path.components();
    let first = parts.next()?;
    parts.next().and(first.as_os_str().to_str())
}

/// What number each class has: its name, if all names are different numbers up to 255, else its place among the names.
fn numbers<'a>(names: &BTreeSet<&'a str>) -> Option<BTreeMap<&'a str, u8>> {
    let spelled: Option<BTreeSet<u8>> = names.iter().map(|name| name.parse().ok()).collect();
    if spelled.is_some_and(|numbers| numbers.len() == names.len()) {
        return names.iter().map(|&name| Some((name, name.parse().ok()?))).collect();
    }
    let place = |(place, &name)| Some((name, u8::try_from(place).ok()?));
    names.iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 2×3 pixels takes 18 bytes of the limit.
    #[test]
    fn pictures_are_read_up_to_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("0.png");
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = png::Encoder::new(file, 2, 3).write_header().unwrap();
        writer.write_image_data(&[1, 2, 3, 4, 5, 6]).unwrap();
        drop(writer);
        let read = |left: u64| {
            let mut reader = Reader { first: None, bytes: LIMIT - left };
            reader.picture(path.clone(), dir.path()).map(|picture| picture.size)
        };
        assert_eq!(read(18).unwrap(), (2, 3));
        let text = read(17).unwrap_err().to_string();
        assert!(text.contains("expected at most 2147483648 bytes of pictures"), "{text}");
    }
}
