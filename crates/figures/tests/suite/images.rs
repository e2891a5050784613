//! Image grids and sprite sheets, pixel by pixel.

use crate::common::{Pixels, texts};
use figures::{ImageGrid, ImageShape, Ink, SpriteSheet, Theme};
use ndarray::{Array2, array};

/// Page margin and frame, 20 and 1 page units, in PNG pixels.
const MARGIN: usize = 40;
const FRAME: usize = 2;

fn three_images() -> Array2<f32> {
    array![[0.0, 0.25, 0.5, 1.0], [1.0, 0.0, 0.0, 0.0], [0.2, 0.4, 0.6, 0.8]]
}

/// Checks every pixel of `images` (2 × 2 each) in a grid of two columns at scale 4.
fn assert_grid(pixels: &Pixels, expected: impl Fn(usize, usize) -> [u8; 3], count: usize) {
    for image in 0..count {
        let left = MARGIN + FRAME + image % 2 * (8 + FRAME);
        let top = MARGIN + FRAME + image / 2 * (8 + FRAME);
        for y in 0..8 {
            for x in 0..8 {
                let value = y / 4 * 2 + x / 4;
                let found = pixels.at(left + x, top + y);
                assert_eq!(found, expected(image, value), "image {image}, pixel ({x}, {y})");
            }
        }
    }
}

#[test]
fn a_grey_grid_shows_each_value_as_a_block_of_ink() {
    let images = three_images();
    let file =
        ImageGrid::new(images.view(), ImageShape::grey(2, 2)).columns(2).scale(4).render_png();
    let pixels = Pixels::decode(&file.unwrap());
    let side = 2 * MARGIN + 3 * FRAME + 2 * 8;
    assert_eq!((pixels.width, pixels.height), (side, side));
    let ink = |i: usize, p: usize| [(255.0 * (1.0 - images[[i, p]])).round() as u8; 3];
    assert_grid(&pixels, ink, 3);
    // The frame around the first image, and the paper where a fourth would be.
    assert_eq!(pixels.at(MARGIN, MARGIN), [0xE3; 3]);
    assert_eq!(pixels.at(MARGIN + FRAME + 14, MARGIN + FRAME + 16), [255; 3]);
}

#[test]
fn a_photograph_shows_one_as_white_in_both_themes() {
    let images = three_images();
    let grid = ImageGrid::new(images.view(), ImageShape::grey(2, 2)).columns(2).scale(4);
    let light = |i: usize, p: usize| [(255.0 * images[[i, p]]).round() as u8; 3];
    for theme in [Theme::light(), Theme::dark()] {
        let file = grid.clone().ink(Ink::Photograph).theme(theme).render_png().unwrap();
        assert_grid(&Pixels::decode(&file), light, 3);
    }
    let dark_paper = grid.theme(Theme::dark()).render_png().unwrap();
    assert_grid(&Pixels::decode(&dark_paper), light, 3);
}

#[test]
fn colour_images_are_read_channel_after_channel() {
    let images = Array2::from_shape_fn((1, 12), |(_, v)| v as f32 / 11.0);
    let file =
        ImageGrid::new(images.view(), ImageShape::rgb(2, 2)).columns(1).scale(4).render_png();
    let byte = |v: usize| (255.0 * v as f64 / 11.0).round() as u8;
    assert_grid(&Pixels::decode(&file.unwrap()), |_, p| [byte(p), byte(4 + p), byte(8 + p)], 1);
}

#[test]
fn row_labels_stand_at_the_middle_of_their_rows() {
    let images = Array2::<f32>::zeros((4, 784));
    let svg = ImageGrid::new(images.view(), ImageShape::grey(28, 28))
        .columns(2)
        .scale(4)
        .row_labels(["data", "reconstruction"])
        .column_labels(["first", "second"])
        .render_svg()
        .unwrap();
    let found: Vec<(String, f64)> = texts(&svg).into_iter().map(|t| (t.says, t.y)).collect();
    let says: Vec<&str> = found.iter().map(|t| t.0.as_str()).collect();
    assert_eq!(says, ["data", "reconstruction", "first", "second"]);
    // Rows are 28 × 4 / 2 page units high and a frame of 1 apart.
    assert!((found[1].1 - found[0].1 - 57.0).abs() < 0.11, "{found:?}");
    assert!(found[2].1 < found[0].1);
}

#[test]
fn a_sprite_sheet_has_the_images_edge_to_edge() {
    let images = three_images();
    let sheet = SpriteSheet::new(images.view(), ImageShape::grey(2, 2)).columns(2);
    let pixels = Pixels::decode(&sheet.render_png().unwrap());
    assert_eq!((pixels.width, pixels.height), (4, 4));
    for i in 0..3 {
        for p in 0..4 {
            let found = pixels.at(i % 2 * 2 + p % 2, i / 2 * 2 + p / 2);
            assert_eq!(found, [(255.0 * images[[i, p]]).round() as u8; 3], "image {i}, pixel {p}");
        }
    }
    assert_eq!(pixels.at(3, 3), [0; 3], "the cell left over");
}

#[test]
fn a_colour_sprite_sheet_interleaves_the_channels() {
    let images = Array2::from_shape_fn((2, 6), |(i, v)| (6 * i + v) as f32 / 11.0);
    let sheet = SpriteSheet::new(images.view(), ImageShape::rgb(1, 2)).columns(1);
    let pixels = Pixels::decode(&sheet.render_png().unwrap());
    let byte = |i: usize, v: usize| (255.0 * (6 * i + v) as f64 / 11.0).round() as u8;
    for i in 0..2 {
        for x in 0..2 {
            assert_eq!(pixels.at(x, i), [byte(i, x), byte(i, 2 + x), byte(i, 4 + x)]);
        }
    }
}
