//! Folders that a user names, sound and otherwise.

use data::{DataError, Dataset, Source};
use std::fs;
use std::io::Write;
use std::path::Path;

/// An idx file of images, all pixels `value` but for the very first.
fn images(count: u32, height: u32, width: u32, value: u8) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 3];
    [count, height, width].iter().for_each(|dim| bytes.extend(dim.to_be_bytes()));
    bytes.resize(16 + (count * height * width) as usize, value);
    if let Some(first) = bytes.get_mut(16) {
        *first = 255 - value;
    }
    bytes
}

fn labels(labels: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 1];
    bytes.extend((labels.len() as u32).to_be_bytes());
    bytes.extend(labels);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn write(folder: &Path, files: &[(&str, Vec<u8>)]) {
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Loads the folder as a user would: by its path, as text. The data root does not exist.
fn load(folder: &Path) -> Result<Dataset, DataError> {
    folder.to_str().unwrap().parse::<Source>()?.load(Path::new("/no/such/root"))
}

#[test]
fn plain_gzipped_and_dotted_names_are_read_and_labels_are_optional() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            ("train-images.idx3-ubyte", images(3, 2, 5, 200)),
            ("train-labels-idx1-ubyte.gz", gzip(&labels(&[0, 46, 1]))),
            ("t10k-images.idx3-ubyte.gz", gzip(&images(2, 2, 5, 0))),
        ],
    );
    let set = load(dir.path()).unwrap();
    assert_eq!(set.name, dir.path().to_str().unwrap());
    assert_eq!((set.train.images.len(), set.train.images.shape()), (3, (1, 2, 5)));
    assert_eq!(set.train.images.image(2), [200; 10]);
    assert_eq!(set.train.labels, Some(vec![0, 46, 1]));
    assert_eq!((set.test.images.len(), set.test.labels), (2, None));
}

#[test]
fn images_larger_than_usual_load() {
    let dir = tempfile::tempdir().unwrap();
    let big = images(2, 300, 200, 9);
    write(dir.path(), &[("train-images-idx3-ubyte", big.clone()), ("t10k-images-idx3-ubyte", big)]);
    assert_eq!(load(dir.path()).unwrap().train.images.pixels_per_image(), 60_000);
}

#[test]
fn a_name_that_is_nothing_lists_what_there_is() {
    let error = "fashion".parse::<Source>().unwrap_err();
    assert!(matches!(error, DataError::UnknownSource { .. }));
    let text = error.to_string();
    for part in ["\"fashion\"", "mnist, optdigits", "existing folder"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    for source in ["mnist", "optdigits"] {
        assert_eq!(source.parse::<Source>().unwrap().to_string(), source);
    }
}

#[test]
fn a_folder_that_went_away_and_a_file_in_its_place_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("set");
    let load = || Source::Folder(path.clone()).load(Path::new("root")).unwrap_err();
    assert!(matches!(load(), DataError::MissingFolder { found: "nothing", .. }));
    fs::write(&path, "").unwrap();
    assert!(matches!(load(), DataError::MissingFolder { found: "a file", .. }));
}

#[test]
fn images_without_a_difference_are_refused_but_one_alone_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut equal = images(3, 2, 2, 7);
    equal[16] = 7;
    let one = ("t10k-images-idx3-ubyte", images(1, 2, 2, 7));
    write(dir.path(), &[("train-images-idx3-ubyte", images(3, 2, 2, 7)), one.clone()]);
    assert_eq!(load(dir.path()).unwrap().test.images.len(), 1);
    write(dir.path(), &[("train-images-idx3-ubyte", equal.clone())]);
    let text = load(dir.path()).unwrap_err().to_string();
    assert!(
        text.contains("the training images of") && text.contains("3 that are all equal"),
        "{text}"
    );
    write(dir.path(), &[("train-images-idx3-ubyte", one.1), ("t10k-images-idx3-ubyte", equal)]);
    assert!(load(dir.path()).unwrap_err().to_string().contains("the test images of"));
}

#[test]
fn a_missing_file_is_named_in_all_its_spellings() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("train-images-idx3-ubyte", images(1, 2, 2, 1))]);
    let text = load(dir.path()).unwrap_err().to_string();
    for part in
        ["t10k-images-idx3-ubyte,", "t10k-images.idx3-ubyte.gz", dir.path().to_str().unwrap()]
    {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

#[test]
fn splits_that_do_not_fit_each_other_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let test = ("t10k-images-idx3-ubyte", images(2, 2, 2, 1));
    write(dir.path(), &[("train-images-idx3-ubyte", images(3, 2, 3, 1)), test]);
    let text = load(dir.path()).unwrap_err().to_string();
    assert!(text.contains("(1, 2, 3) and (1, 2, 2)"), "{text}");

    write(dir.path(), &[("train-labels-idx1-ubyte", labels(&[1, 2]))]);
    let text = load(dir.path()).unwrap_err().to_string();
    assert!(text.contains("/train: ") && text.contains("3 images and 2 labels"), "{text}");
}

#[test]
fn damage_is_reported_with_the_path_of_the_damaged_file() {
    let sound = images(3, 2, 2, 1);
    let packed = gzip(&sound);
    let broken: [(&str, Vec<u8>, &str); 7] = [
        ("train-images-idx3-ubyte.gz", packed[..packed.len() / 2].to_vec(), "cut short"),
        ("train-images-idx3-ubyte.gz", sound.clone(), "sound gzip"),
        ("train-images-idx3-ubyte", packed.clone(), "ending .gz"),
        ("train-images-idx3-ubyte", labels(&[1]), "labels file given as images"),
        ("train-images-idx3-ubyte", sound[..20].to_vec(), "expected 28 bytes"),
        ("train-images-idx3-ubyte", images(0, 2, 2, 0), "0 images"),
        (
            "train-images-idx3-ubyte",
            vec![0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 28, 0, 0, 0, 28],
            "announces",
        ),
    ];
    for (name, bytes, expected) in broken {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[("t10k-images-idx3-ubyte", sound.clone()), (name, bytes)]);
        let text = load(dir.path()).unwrap_err().to_string();
        let path = dir.path().join(name);
        assert!(text.starts_with(path.to_str().unwrap()), "{text}");
        assert!(text.contains(expected), "\"{expected}\" is not in: {text}");
    }
}
