//! Folders of PNG and JPEG pictures, sound and otherwise.

use data::{DataError, Dataset, MOST_SIDE, Source};
use jpeg_encoder::{ColorType as Jpeg, SamplingFactor};
use png::{BitDepth, ColorType as Png};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A PNG file; `data` is what it stores, row after row, each filled up to a whole byte.
fn png(size: (u32, u32), color: Png, depth: BitDepth, data: &[u8]) -> Vec<u8> {
    png_with(size, color, depth, data, |_| {})
}

fn png_with(
    (width, height): (u32, u32),
    color: Png,
    depth: BitDepth,
    data: &[u8],
    set: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    set(&mut encoder);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    bytes
}

/// A grey PNG file of 8 bits.
fn grey(size: (u32, u32), data: &[u8]) -> Vec<u8> {
    png(size, Png::Grayscale, BitDepth::Eight, data)
}

/// A JPEG file of the best quality: what is equal within each square of 8×8 pixels comes out as it went in, because the
/// one coefficient of such a square, 8 · (value − 128), is a whole number.
fn jpeg((width, height): (u16, u16), color: Jpeg, data: &[u8], progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 100);
    encoder.set_sampling_factor(SamplingFactor::R_4_4_4);
    encoder.set_progressive(progressive);
    encoder.encode(data, width, height, color).unwrap();
    bytes
}

/// A folder with these files.
fn folder<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    add(&dir, files);
    dir
}

fn add<'a>(dir: &TempDir, files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) {
    for (name, bytes) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Loads the folder as a user would: by its path, as text. The data root does not exist.
fn load(dir: &TempDir) -> Result<Dataset, DataError> {
    dir.path().to_str().unwrap().parse::<Source>()?.load(Path::new("/no/such/root"))
}

/// The remarks, with `DIR` for the folder.
fn remarks(dir: &TempDir, set: &Dataset) -> Vec<String> {
    let place = dir.path().to_str().unwrap();
    set.remarks.iter().map(|remark| remark.replace(place, "DIR")).collect()
}

#[track_caller]
fn refused(dir: &TempDir, parts: &[&str]) {
    let text = load(dir).expect_err("nothing to read").to_string();
    let text = text.replace(dir.path().to_str().unwrap(), "DIR");
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

/// Two images of a pixel each, so that a test part is there that has a difference in it.
fn two_tests(of: impl Fn(u8) -> Vec<u8>) -> [(&'static str, Vec<u8>); 2] {
    [("test/0.png", of(10)), ("test/1.png", of(20))]
}

fn dot(value: u8) -> Vec<u8> {
    grey((1, 1), &[value])
}

/// The one pixel of each training image.
fn dots(set: &Dataset) -> Vec<u8> {
    set.train.images.pixels().column(0).to_vec()
}

#[test]
fn files_are_read_by_content_in_the_order_of_their_names() {
    let flat = |value: u8| [value; 64];
    let (png, jpeg) = (
        |value| grey((8, 8), &flat(value)),
        |value| jpeg((8, 8), Jpeg::Luma, &flat(value), value > 100),
    );
    // Written in another order than read; a name's ending may be wrong, and in capitals.
    let dir = folder([
        ("train/z.JPG", jpeg(200)),
        ("train/b/1.png", jpeg(3)),
        ("train/9.jpeg", png(2)),
        ("train/10.png", png(1)),
        ("train/b/0.jpg", jpeg(120)),
        ("test/x.Jpeg", jpeg(0)),
        ("test/a.PNG", png(255)),
    ]);
    let set = load(&dir).unwrap();
    assert_eq!((set.train.images.shape(), set.train.images.max()), ((1, 8, 8), 255));
    for (index, value) in [1, 2, 120, 3, 200].into_iter().enumerate() {
        assert_eq!(set.train.images.image(index), flat(value));
    }
    assert_eq!([set.test.images.image(0), set.test.images.image(1)], [flat(255), flat(0)]);
    assert_eq!(
        remarks(&dir, &set),
        [
            "5 training images from 5 files in DIR/train",
            "2 test images from 2 files in DIR/test",
            "No labels: 5 of 7 pictures lie in no class's folder",
        ]
    );
}

/// Rows of 3, so that bits are left over at each row's end.
#[test]
fn palettes_few_bits_and_many_become_eight() {
    let palette = vec![9, 9, 9, 200, 200, 200, 30, 30, 30];
    let indexed = png_with((3, 1), Png::Indexed, BitDepth::Two, &[0b01_10_00_00], |encoder| {
        encoder.set_palette(palette);
    });
    let sixteen = [0x12, 0xff, 0xfe, 0x00, 0x00, 0x80];
    let dir = folder([
        ("train/1.png", png((3, 1), Png::Grayscale, BitDepth::One, &[0b1010_0000])),
        ("train/2.png", png((3, 1), Png::Grayscale, BitDepth::Two, &[0b01_10_11_00])),
        ("train/3.png", png((3, 1), Png::Grayscale, BitDepth::Four, &[0x1f, 0x80])),
        ("train/4.png", png((3, 1), Png::Grayscale, BitDepth::Sixteen, &sixteen)),
        ("train/5.png", indexed),
        ("test/1.png", grey((3, 1), &[1, 2, 3])),
    ]);
    let set = load(&dir).unwrap();
    // n bits count to 2ⁿ − 1, which is full intensity.
    let expected = [[255, 0, 255], [85, 170, 255], [17, 255, 136], [0x12, 0xfe, 0], [200, 30, 9]];
    for (index, row) in expected.iter().enumerate() {
        assert_eq!(set.train.images.image(index), row, "{index}");
    }
    let remark =
        "1 of 6 pictures is saved with three equal channels: all are grey, and read as one channel";
    assert_eq!(remarks(&dir, &set)[2], remark);
}

#[test]
fn black_strokes_are_laid_on_white_and_white_ones_on_black() {
    // Alpha of 0, a fifth and 1. What is invisible does not count, whatever its colour.
    let strokes = |ink: u8, hidden: u8| {
        png((3, 1), Png::GrayscaleAlpha, BitDepth::Eight, &[hidden, 0, ink, 51, ink, 255])
    };
    let coloured = |rgb: [u8; 3]| {
        let [r, g, b] = rgb;
        png((3, 1), Png::Rgba, BitDepth::Eight, &[r, g, b, 255, r, g, b, 0, r, g, b, 51])
    };
    let opaque = grey((3, 1), &[255, 255, 250]);
    let dir = folder([
        ("train/0.png", strokes(0, 255)),
        ("train/1.png", opaque.clone()),
        ("test/0.png", strokes(100, 0)),
    ]);
    let set = load(&dir).unwrap();
    assert_eq!(set.train.images.image(0), [255, 204, 0]);
    assert_eq!(set.train.images.image(1), [255, 255, 250]);
    // 100/5 + 255·4/5
    assert_eq!(set.test.images.image(0), [255, 224, 100]);
    // (0 · 1.2 + 100 · 1.2)/2.4 of 255
    let remark = "2 of 3 pictures are transparent in places, and laid on white: what shows is dark (on average 0.20 of white)";
    assert_eq!(remarks(&dir, &set)[2], remark);

    let dir = folder([
        ("train/0.png", strokes(255, 0)),
        ("train/1.png", strokes(200, 0)),
        ("test/0.png", coloured([255, 255, 255])),
    ]);
    let set = load(&dir).unwrap();
    assert_eq!(
        [set.train.images.image(0), set.train.images.image(1)],
        [[0, 51, 255], [0, 40, 200]]
    );
    assert_eq!(set.test.images.image(0), [255, 0, 51]);
    assert_eq!(
        set.train.images.shape().0,
        1,
        "white is no colour, and neither is what is invisible"
    );
    assert!(set.remarks[2].contains("1 of 3 pictures is saved with three equal channels"));
    assert!(
        set.remarks[3].contains("3 of 3 pictures are transparent in places, and laid on black")
    );

    // One ground for all: the lighter strokes prevail. Colours keep their channels.
    let dir = folder([
        ("train/0.png", coloured([255, 200, 0])),
        ("train/1.png", strokes(255, 0)),
        ("test/0.png", strokes(0, 9)),
    ]);
    let set = load(&dir).unwrap();
    assert_eq!(set.train.images.image(0), [255, 0, 51, 200, 0, 40, 0, 0, 0]);
    assert_eq!(set.train.images.image(1), [0, 51, 255].repeat(3));
    assert_eq!(set.test.images.image(0), [0; 9]);
}

/// Transparency that a PNG file notes beside the pixels: one grey value, or some colours of the palette.
#[test]
fn transparent_values_and_palettes_are_laid_on_a_ground_too() {
    let value = png_with((3, 1), Png::Grayscale, BitDepth::Eight, &[7, 8, 9], |encoder| {
        encoder.set_trns(&[0, 8][..]);
    });
    let indexed = png_with((3, 1), Png::Indexed, BitDepth::Eight, &[0, 1, 2], |encoder| {
        encoder.set_palette(&[10, 10, 10, 0, 0, 0, 20, 20, 20][..]);
        encoder.set_trns(&[255, 127][..]);
    });
    let dir = folder([
        ("train/0.png", value),
        ("train/1.png", indexed),
        ("test/0.png", grey((3, 1), &[1, 2, 3])),
    ]);
    let set = load(&dir).unwrap();
    assert_eq!(
        [set.train.images.image(0), set.train.images.image(1)],
        [[7, 255, 9], [10, 128, 20]]
    );
}

#[test]
fn pictures_without_any_visible_pixel_are_refused_as_equal() {
    let empty = |hidden| png((1, 1), Png::GrayscaleAlpha, BitDepth::Eight, &[hidden, 0]);
    let dir =
        folder([("train/0.png", empty(3)), ("train/1.png", empty(200)), ("test/0.png", dot(1))]);
    refused(
        &dir,
        &["the training images of DIR", "found 2 that are all equal", "how they were saved"],
    );
}

#[test]
fn one_coloured_pixel_makes_three_channels() {
    let rgb = |data: &[u8]| png((2, 1), Png::Rgb, BitDepth::Eight, data);
    let dir = folder([
        ("train/0.png", rgb(&[4, 4, 4, 5, 5, 5])),
        ("train/1.png", grey((2, 1), &[6, 7])),
        ("test/0.png", rgb(&[1, 1, 1, 1, 2, 1])),
    ]);
    let set = load(&dir).unwrap();
    assert_eq!(set.train.images.shape(), (3, 1, 2));
    assert_eq!(
        [set.train.images.image(0), set.train.images.image(1)],
        [[4, 5, 4, 5, 4, 5], [6, 7, 6, 7, 6, 7]]
    );
    assert_eq!(set.test.images.image(0), [1, 1, 1, 2, 1, 1]);
    let remark = "2 of 3 pictures are grey, others coloured: all are read as three channels";
    assert_eq!(remarks(&dir, &set)[2], remark);

    add(&dir, [("test/0.png", rgb(&[1, 1, 1, 2, 2, 2]))]);
    let set = load(&dir).unwrap();
    assert_eq!((set.train.images.shape(), set.test.images.image(0)), ((1, 1, 2), &[1, 2][..]));
    let remark = "2 of 3 pictures are saved with three equal channels: all are grey, and read as one channel";
    assert_eq!(remarks(&dir, &set)[2], remark);
}

/// Squares of one colour, as luma and chroma in whole numbers: each is off by up to ½, which makes up to ½ + 1.772/2 of
/// a channel, and two more roundings on top: at most 2.
#[test]
fn coloured_jpeg_keeps_its_colours_and_grey_in_three_channels_is_grey() {
    let squares = |colours: [[u8; 3]; 2]| -> Vec<u8> {
        (0..8).flat_map(|_| colours.iter().flat_map(|colour| colour.repeat(8))).collect()
    };
    let colours = [[200, 40, 90], [0, 255, 10]];
    for progressive in [false, true] {
        let colour = jpeg((16, 8), Jpeg::Rgb, &squares(colours), progressive);
        let grey = jpeg((16, 8), Jpeg::Rgb, &squares([[77; 3], [0; 3]]), progressive);
        let dir = folder([
            ("train/0.jpg", colour),
            ("train/1.jpg", grey.clone()),
            ("test/0.jpg", grey.clone()),
        ]);
        let set = load(&dir).unwrap();
        assert_eq!(set.train.images.shape(), (3, 8, 16));
        for (place, &pixel) in set.train.images.image(0).iter().enumerate() {
            let (channel, square) = (place / 128, place % 16 / 8);
            assert!(pixel.abs_diff(colours[square][channel]) <= 2, "{place}: {pixel}");
        }
        fs::remove_file(dir.path().join("train/0.jpg")).unwrap();
        let set = load(&dir).unwrap();
        assert_eq!(set.train.images.shape(), (1, 8, 16));
        assert_eq!(set.train.images.image(0)[..16], [[77; 8], [0; 8]].concat());
    }
}

/// Four inks: none is white, black is black, cyan takes the red away. Each may be off by 2, as above.
#[test]
fn jpeg_of_four_inks_becomes_three_colours() {
    for (color, progressive) in [(Jpeg::Cmyk, false), (Jpeg::CmykAsYcck, true)] {
        let inks = |inks: [u8; 4]| jpeg((8, 8), color, &inks.repeat(64), progressive);
        let dir = folder([
            ("train/0.jpg", inks([0, 0, 0, 0])),
            ("train/1.jpg", inks([0, 0, 0, 255])),
            ("train/2.jpg", inks([255, 0, 0, 0])),
            ("test/0.png", grey((8, 8), &[1; 64])),
        ]);
        let set = load(&dir).unwrap();
        for (index, expected) in [[255, 255, 255], [0, 0, 0], [0, 255, 255]].iter().enumerate() {
            for (place, &pixel) in set.train.images.image(index).iter().enumerate() {
                assert!(pixel.abs_diff(expected[place / 64]) <= 2, "{index}, {place}: {pixel}");
            }
        }
    }
}

#[test]
fn what_is_no_picture_is_passed_over_counted_and_told() {
    let dir = folder([
        ("train/0.png", dot(1)),
        ("train/a/0.jpg", jpeg((1, 1), Jpeg::Luma, &[90], false)),
        ("train/._0.png", b"\0\x05\x16\x07Mac OS X".to_vec()),
        ("train/a/.DS_Store", vec![0; 8]),
        ("train/.thumbnails/0.png", dot(5)),
        ("train/labels.txt", b"0 1".to_vec()),
        ("train/a/list.TXT", Vec::new()),
        ("train/a/0.gif", b"GIF89a".to_vec()),
        ("train/png", dot(3)),
        ("test/0.png", dot(7)),
        ("README.md", Vec::new()),
        ("raw/0.png", dot(9)),
        (".DS_Store", Vec::new()),
    ]);
    let set = load(&dir).unwrap();
    assert_eq!(dots(&set), [1, 90]);
    assert_eq!(
        remarks(&dir, &set),
        [
            "2 training images from 9 files in DIR/train; 7 passed over: 3 hidden, 2 .txt, 1 .gif, 1 without an ending",
            "1 test image from 1 file in DIR/test",
            "Not read in DIR: raw/, README.md",
            "No labels: 2 of 3 pictures lie in no class's folder",
        ]
    );
}

#[test]
fn of_many_endings_the_most_frequent_are_told() {
    let dir = folder(two_tests(dot));
    for (ending, count) in
        [("a", 1), ("b", 4), ("c", 2), ("d", 3), ("e", 2), ("f", 2), ("g", 1), ("h", 1)]
    {
        (0..count).for_each(|i| {
            add(&dir, [(format!("train/{i}.{ending}").as_str(), Vec::new())]);
        });
    }
    refused(
        &dir,
        &[
            "DIR/train: expected PNG or JPEG pictures",
            "4 .b, 3 .d, 2 .c, 2 .e, 2 .f, 1 .a, 2 of other kinds",
        ],
    );
}

/// A link may lead anywhere, in a circle too. The two parts themselves may be links.
#[cfg(unix)]
#[test]
fn links_and_names_that_are_no_text_are_passed_over() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let dir = folder(two_tests(dot));
    let elsewhere = folder([("0.png", dot(4)), ("b.png", dot(5))]);
    let train = elsewhere.path();
    symlink(train, dir.path().join("train")).unwrap();
    symlink(train.join("0.png"), train.join("1.png")).unwrap();
    symlink(train, train.join("circle")).unwrap();
    symlink("nothing", train.join("broken.png")).unwrap();
    fs::write(train.join(OsStr::from_bytes(b"\xff.png")), dot(6)).unwrap();
    let set = load(&dir).unwrap();
    assert_eq!(dots(&set), [4, 5]);
    let told =
        "2 training images from 6 files in DIR/train; 4 passed over: 3 linked, 1 named in no UTF-8";
    assert_eq!(remarks(&dir, &set)[0], told);
}

#[test]
fn other_names_for_the_parts_are_known() {
    for (train, test) in
        [("training", "testing"), ("Train", "VAL"), ("train", "valid"), ("training", "Validation")]
    {
        let files = [format!("{train}/0.png"), format!("{train}/1.png"), format!("{test}/0.png")];
        let dir =
            folder(files.iter().zip([1, 2, 3]).map(|(name, value)| (name.as_str(), dot(value))));
        let set = load(&dir).unwrap();
        assert_eq!((dots(&set), set.test.images.image(0)), (vec![1, 2], &[3][..]));
    }
    let dir = folder(two_tests(dot));
    let more = [("train/0.png", 1), ("train/1.png", 2), ("training/0.png", 3), ("val/0.png", 4)];
    add(&dir, more.map(|(name, value)| (name, dot(value))));
    let set = load(&dir).unwrap();
    assert_eq!((dots(&set), set.test.images.image(0)), (vec![1, 2], &[10][..]));
    assert_eq!(remarks(&dir, &set)[2], "Not read in DIR: training/, val/");
}

#[test]
fn folders_below_are_classes() {
    let labels = |names: &[&str]| {
        let train = names.iter().map(|name| format!("train/{name}"));
        let dir = folder([]);
        for (file, value) in train.zip(1..) {
            add(
                &dir,
                [(file.as_str(), dot(value)), (&file.replace("train", "test"), dot(value + 100))],
            );
        }
        let set = load(&dir).unwrap();
        assert_eq!(set.train.labels, set.test.labels);
        (set.train.labels.clone(), remarks(&dir, &set).pop().unwrap())
    };
    // Read in the order of bytes, 10 before 2; the names are the numbers. Folders further down belong to the class.
    let (numbers, told) = labels(&["2/a.png", "10/x/a.png", "10/b.png", "7/a.png"]);
    assert_eq!(numbers, Some(vec![10, 10, 2, 7]));
    assert_eq!(told, "3 classes, named by folders: 10, 2, 7");
    let (places, _) = labels(&["dog/a.png", "cat/a.png", "cat/b.png", "7/a.png"]);
    assert_eq!(places, Some(vec![0, 1, 1, 2]));
    // Two spellings of one number are two classes, and 256 is no byte.
    assert_eq!(labels(&["01/a.png", "1/a.png", "2/a.png"]).0, Some(vec![0, 1, 2]));
    assert_eq!(labels(&["3/a.png", "256/a.png"]).0, Some(vec![0, 1]));
    let (none, told) = labels(&["images/a.png", "images/b.png"]);
    assert_eq!((none, &told[..]), (None, "No labels: there is one class's folder only, images"));
    let (none, told) = labels(&["a/a.png", "b/a.png", "a.png"]);
    assert_eq!((none, &told[..]), (None, "No labels: 2 of 6 pictures lie in no class's folder"));
    let many: Vec<String> = (0..257).map(|i| format!("{i}/a.png")).collect();
    let (none, told) = labels(&many.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        (none, &told[..]),
        (None, "No labels: 257 folders of classes, and a label is a byte")
    );
}

/// A class that only the test part has gets its number from the names of both.
#[test]
fn classes_are_those_of_both_parts() {
    let dir = folder([
        ("train/b/0.png", dot(1)),
        ("train/d/0.png", dot(2)),
        ("test/a/0.png", dot(3)),
        ("test/d/0.png", dot(4)),
    ]);
    let set = load(&dir).unwrap();
    assert_eq!((set.train.labels, set.test.labels), (Some(vec![1, 2]), Some(vec![0, 2])));
}

#[test]
fn a_file_that_is_no_picture_is_named_with_what_it_looks_like() {
    for (start, says) in [
        (&b""[..], "an empty file"),
        (b"GIF89a", "a GIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP picture"),
        (b"BM\x36\0", "a BMP picture"),
        (b"II*\0", "a TIFF picture"),
        (b"\0\0\0\x18ftypheic", "a HEIC, AVIF or video file"),
        (b"<!DOCTYPE html>", "SVG, HTML or XML text"),
        (b"\xff\xd8", "something else"),
        (b"Not found", "something else"),
    ] {
        let dir = folder(two_tests(dot));
        add(&dir, [("train/0.png", dot(1)), ("train/1.jpg", start.to_vec())]);
        refused(&dir, &["DIR/train/1.jpg: expected a PNG or JPEG picture", says, "convert it"]);
    }
}

/// What is cut short is refused wherever the cut is: in the last bytes of a PNG file, 12, there are no pixels any more. Bytes
/// that were changed are refused or read, but end no program.
#[test]
fn damaged_files_are_refused_by_name() {
    let noise: Vec<u8> = (0..16 * 16_u32).map(|i| (i * i * 37 % 251) as u8).collect();
    let sound = [
        grey((16, 16), &noise),
        jpeg((16, 16), Jpeg::Luma, &noise, false),
        jpeg((16, 16), Jpeg::Luma, &noise, true),
    ];
    let dir = folder(two_tests(|value| grey((16, 16), &[value; 256])));
    let path = dir.path().join("train/0.png");
    let try_it = |bytes: &[u8]| {
        add(&dir, [("train/0.png", bytes.to_vec())]);
        load(&dir).map(|set| set.train.images.len()).map_err(|error| error.to_string())
    };
    for bytes in &sound {
        assert_eq!(try_it(bytes), Ok(1));
        let end = bytes.len() - if bytes[0] == 0xff { 0 } else { 12 };
        for len in (0..end).step_by(5).chain(end - 8..end) {
            let text = try_it(&bytes[..len]).expect_err("half a picture");
            assert!(text.starts_with(path.to_str().unwrap()), "{len}: {text}");
            let says =
                if len < 8 { "found" } else { "picture, found damage (the file was cut short)" };
            assert!(text.contains(says), "{len}: {text}");
        }
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= if place % 2 == 0 { 0x01 } else { 0xff };
            match try_it(&changed) {
                Ok(count) => assert_eq!(count, 1),
                Err(text) => assert!(text.contains(path.to_str().unwrap()), "{place}: {text}"),
            }
        }
    }
}

/// Headers that announce gigabytes: a PNG file of 60 000 × 60 000 pixels that ends there, and a JPEG file of 65 535 × 9.
#[test]
fn sizes_are_limited_before_anything_is_decoded() {
    let dir = folder(two_tests(dot));
    let side = MOST_SIDE as u32;
    add(&dir, [("train/0.png", grey((side, 1), &vec![7; MOST_SIDE]))]);
    refused(&dir, &["pictures of one size"]);

    add(&dir, [("train/0.png", grey((1, side + 1), &vec![7; MOST_SIDE + 1]))]);
    let limit = "at most 256 pixels in width and height, found one 1 wide and 257 high";
    refused(&dir, &["DIR/train/0.png: expected a picture of", limit, "make the images smaller"]);

    let mut bomb = Vec::new();
    let mut encoder = png::Encoder::new(&mut bomb, 60_000, 60_000);
    encoder.set_color(Png::Rgba);
    encoder.set_depth(BitDepth::Sixteen);
    drop(encoder.write_header().unwrap());
    add(&dir, [("train/0.png", bomb)]);
    refused(&dir, &["found one 60000 wide and 60000 high"]);

    let mut bomb = jpeg((9, 9), Jpeg::Rgb, &[5; 243], false);
    let frame = bomb.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame's header");
    bomb[frame + 7..frame + 9].copy_from_slice(&[0xff, 0xff]);
    add(&dir, [("train/0.png", bomb)]);
    refused(&dir, &["found one 65535 wide and 9 high"]);
}

#[test]
fn sizes_that_differ_are_told_with_two_files() {
    let dir = folder([
        ("train/0.png", grey((2, 3), &[1; 6])),
        ("train/1.png", grey((2, 3), &[2; 6])),
        ("test/0.png", grey((3, 2), &[1; 6])),
    ]);
    refused(
        &dir,
        &["DIR/train/0.png is 2 pixels wide and 3 high, and DIR/test/0.png is 3 wide and 2 high"],
    );
    add(&dir, [("train/a/1.png", dot(1))]);
    refused(
        &dir,
        &[
            "DIR/train/0.png is 2 pixels wide and 3 high, and DIR/train/a/1.png is 1 wide and 1 high",
        ],
    );
}

#[test]
fn a_folder_with_nothing_to_read_tells_what_is_there_and_what_would_be_read() {
    let both = ["train-images-idx3-ubyte.gz", "a folder train (or training) and a folder test"];
    let expects =
        |dir: &TempDir, found: &str| refused(dir, &[both[0], both[1], "DIR: no images", found]);
    let dir = folder([(".hidden", Vec::new())]);
    expects(&dir, "found nothing;");
    (0..9).for_each(|i| add(&dir, [(format!("{i}.png").as_str(), dot(i))]));
    expects(&dir, "found 0.png, 1.png, 2.png, 3.png, 4.png, 5.png and 3 more;");
    add(&dir, [("raw/0.png", dot(1)), ("train/0.png", dot(1))]);
    expects(&dir, "found raw/, train/, 0.png, 1.png, 2.png, 3.png and 5 more;");
    fs::create_dir(dir.path().join("testing")).unwrap();
    refused(
        &dir,
        &["DIR/testing: expected PNG or JPEG pictures", "no files at all", "put some there"],
    );
}

/// A file in MNIST's format decides, even if there are pictures too.
#[test]
fn files_in_mnists_format_come_first() {
    let idx =
        |values: [u8; 2]| [&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1][..], &values].concat();
    let dir = folder([
        ("train-images-idx3-ubyte", idx([5, 6])),
        ("train/0.png", dot(1)),
        ("test/0.png", dot(1)),
    ]);
    refused(&dir, &["t10k-images-idx3-ubyte"]);
    add(&dir, [("t10k-images-idx3-ubyte", idx([7, 8]))]);
    assert_eq!(dots(&load(&dir).unwrap()), [5, 6]);
}
