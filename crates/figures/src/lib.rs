//! One quiet style for every picture of the course.
//!
//! # What it is for
//! A chapter says *what* is on a picture: curves and their names, images and their rows, a cloud of
//! points and its classes. This crate decides *how* it looks: sizes that can be read from the last
//! row of a lecture hall, ten colours that stay apart for colour-blind readers, a light grid, names
//! at the ends of the curves or in a legend that covers nothing.
//!
//! | picture | for |
//! |---|---|
//! | [`Chart`] | curves, bands, points by class, histograms, densities, [`HeatMap`]s |
//! | [`Bars`] | a few methods and their intervals |
//! | [`Figure`] | several of these on one page |
//! | [`ImageGrid`] | images side by side, with labels |
//! | [`SpriteSheet`] | images edge to edge, for programs |
//!
//! Each is a builder that ends in `save(path)` (PNG or SVG, as the path says), `render_png()` or
//! `render_svg()`; what does not mind which kind it has takes a [`Picture`]. Anything wrong with the data is a [`FigureError`] at that point, never a panic and
//! never a picture with a hole in it. The same input gives the same bytes.
//!
//! # What it refuses to know
//! Chapters, claims, data sets, the terminal, the clock. It computes nothing a reader should have to
//! trust beyond counting a histogram and tracing a contour.
//!
//! # The decision that shaped it
//! Pictures are laid out here and only *drawn* by plotters. plotters' chart layer places labels
//! without knowing how wide they are, so they get clipped or lie on the data, and no setting undoes
//! that for all pictures at once. So every picture first becomes a list of shapes in page units,
//! with every text measured in the embedded font, and that one list goes through plotters' interface
//! for backends to one of two: its own for SVG, which writes every tag of a shape or a text, and for
//! PNG a `Canvas` around its bitmap, at three times the resolution, then averaged. The bitmap mixes
//! colours and keeps to its edges; which pixels a line, a polygon or a letter covers is decided here,
//! because plotters drops rows and draws spikes. Layout is therefore written once, both formats
//! agree, and a test can ask where a pixel should be.
//!
//! The font is DejaVu Sans (`fonts/`, with its licence), because it has the Greek letters,
//! superscripts and operators of the course.

mod bars;
mod chart;
mod check;
mod contour;
mod error;
mod figure;
mod geometry;
mod heat_map;
mod histogram;
mod image_grid;
mod images;
#[cfg(test)]
mod layout_tests;
mod legend;
mod output;
mod page;
mod raster;
mod scene;
mod sprite_sheet;
mod svg;
mod text;
mod theme;
mod ticks;
mod view;

pub use bars::Bars;
pub use chart::Chart;
pub use error::FigureError;
pub use figure::{Figure, FigurePanel};
pub use heat_map::HeatMap;
pub use image_grid::{ImageGrid, Ink};
pub use images::ImageShape;
pub use output::{Format, Picture, Rendered};
pub use sprite_sheet::SpriteSheet;
pub use theme::{Color, Theme};

/// The rows of an n × 2 array as points, for [`Chart::points`] and [`Chart::classes`].
///
/// # Errors
/// [`FigureError::Shape`] if the array has not exactly two columns.
///
/// ```
/// let codes = ndarray::array![[0.0f32, 1.0], [2.0, 3.0]];
/// assert_eq!(figures::points_from(codes.view())?, [(0.0, 1.0), (2.0, 3.0)]);
/// # Ok::<(), figures::FigureError>(())
/// ```
pub fn points_from(rows: ndarray::ArrayView2<'_, f32>) -> Result<Vec<(f64, f64)>, FigureError> {
    if rows.ncols() != 2 {
        return Err(FigureError::Shape {
            what: "the array of points".to_owned(),
            expected: "2 columns, x and y".to_owned(),
            found: format!("{} columns", rows.ncols()),
        });
    }
    Ok(rows.outer_iter().map(|row| (f64::from(row[0]), f64::from(row[1]))).collect())
}
