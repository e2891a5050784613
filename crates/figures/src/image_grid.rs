//! Many small images side by side.

use ndarray::{Array2, ArrayView2};
use plotters_backend::text_anchor::HPos;

use crate::geometry::Rect;
use crate::images::{self, ImageShape};
use crate::output::impl_picture;
use crate::page::{LABEL, LEADING, MARGIN, TITLE, fit, title_block};
use crate::raster::PIXELS;
use crate::scene::Scene;
use crate::text::{self, width, wrap};
use crate::{Color, FigureError, Theme, check};

/// Which end of [0, 1] is bright in grey images. Colour images are always shown as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// 1 is ink on the theme's paper: pen strokes look like pen strokes, and a projector does not
    /// have to show a large black area. The right one for digits.
    #[default]
    Paper,
    /// 0 is black and 1 is white, as in a photograph.
    Photograph,
}

/// Images in rows and columns, each pixel a block of whole pixels, thin frames between them.
///
/// ```
/// use figures::{ImageGrid, ImageShape};
/// use ndarray::Array2;
///
/// let images = Array2::from_shape_fn((6, 4), |(i, p)| if i % 4 == p { 1.0 } else { 0.0 });
/// let png = ImageGrid::new(images.view(), ImageShape::grey(2, 2))
///     .title("Data and what came back")
///     .columns(3)
///     .row_labels(["data", "reconstruction"])
///     .render_png()?;
/// assert!(png.starts_with(b"\x89PNG"));
/// # Ok::<(), figures::FigureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageGrid {
    images: Array2<f32>,
    shape: ImageShape,
    columns: Option<usize>,
    scale: Option<usize>,
    title: String,
    row_labels: Vec<String>,
    column_labels: Vec<String>,
    ink: Ink,
    theme: Theme,
}

/// Between images, and around them, in page units: a frame of one unit.
const GAP: f64 = 1.0;
/// Between a label and the images.
const LABEL_GAP: f64 = 12.0;

impl ImageGrid {
    /// A grid of `images`, one a row (n × `shape.values()`), values in [0, 1].
    pub fn new(images: ArrayView2<'_, f32>, shape: ImageShape) -> Self {
        Self {
            images: images.to_owned(),
            shape,
            columns: None,
            scale: None,
            title: String::new(),
            row_labels: Vec::new(),
            column_labels: Vec::new(),
            ink: Ink::Paper,
            theme: Theme::light(),
        }
    }

    /// Images in a row; if never called, as many as make the grid about square, at most 20.
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = Some(columns);
        self
    }

    /// PNG pixels along the side of an image pixel (half as many page units). If never called, as
    /// many as fill about 1440 PNG pixels, at most 16.
    pub fn scale(mut self, pixels: usize) -> Self {
        self.scale = Some(pixels);
        self
    }

    /// A title at the top left.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// What each row shows, at its left; as many as there are rows.
    pub fn row_labels<S: Into<String>>(mut self, labels: impl IntoIterator<Item = S>) -> Self {
        self.row_labels = labels.into_iter().map(Into::into).collect();
        self
    }

    /// What each column shows, above it; as many as there are columns.
    pub fn column_labels<S: Into<String>>(mut self, labels: impl IntoIterator<Item = S>) -> Self {
        self.column_labels = labels.into_iter().map(Into::into).collect();
        self
    }

    /// Which end of the range is bright; [`Ink::Paper`] if never called.
    pub fn ink(mut self, ink: Ink) -> Self {
        self.ink = ink;
        self
    }

    /// The colours; [`Theme::light`] if never called.
    pub fn theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    fn layout(&self) -> Result<Layout, FigureError> {
        images::check(self.images.view(), self.shape)?;
        let count = self.images.nrows();
        let square = (count as f64).sqrt().ceil() as usize;
        let columns = self.columns.unwrap_or(square.min(20));
        check::positive("the image grid's number of columns", columns)?;
        let columns = columns.min(count);
        let rows = count.div_ceil(columns);
        let widest = 1440 / (columns * self.shape.width).max(1);
        let highest = 1440 / (rows * self.shape.height).max(1);
        let scale = self.scale.unwrap_or(widest.min(highest.max(2)).clamp(1, 16));
        check::positive("the image grid's scale", scale)?;
        for (labels, expected, what) in [
            (&self.row_labels, rows, "the image grid's row labels"),
            (&self.column_labels, columns, "the image grid's column labels"),
        ] {
            if !labels.is_empty() && labels.len() != expected {
                return Err(FigureError::Shape {
                    what: what.to_owned(),
                    expected: format!("{expected} of them, one for each"),
                    found: format!("{}", labels.len()),
                });
            }
            labels.iter().try_for_each(|label| text::check("the label", label))?;
        }
        text::check("the title", &self.title)?;

        let unit = scale as f64 / PIXELS as f64;
        let cell = (self.shape.width as f64 * unit, self.shape.height as f64 * unit);
        let row_size = LABEL.min(0.9 * cell.1);
        let labels_width =
            self.row_labels.iter().map(|label| width(label, row_size)).fold(0.0, f64::max);
        let left =
            MARGIN + if labels_width > 0.0 { (labels_width + LABEL_GAP).ceil() } else { 0.0 };
        let grid = (columns as f64 * (cell.0 + GAP) + GAP, rows as f64 * (cell.1 + GAP) + GAP);
        let grid_right = left + grid.0 + MARGIN;
        // A title longer than the grid widens the page up to a point, then wraps.
        let title_width = width(&self.title, TITLE) + 2.0 * MARGIN + 1.0;
        let page_width = grid_right.max(title_width.min(560.0));
        let title = wrap(&self.title, TITLE, page_width - 2.0 * MARGIN);
        let mut top = MARGIN;
        if !title.is_empty() {
            top += (title.len() as f64 * TITLE * LEADING).ceil() + 10.0;
        }
        if !self.column_labels.is_empty() {
            top += (LABEL * LEADING).ceil() + 2.0;
        }
        let page = (page_width, top + grid.1 + MARGIN);
        Ok(Layout { columns, cell, corner: (left, top), page, title, row_size })
    }

    pub(crate) fn scene(&self) -> Result<Scene, FigureError> {
        let layout = self.layout()?;
        let mut scene = Scene::new(layout.page.0, layout.page.1, self.theme.paper, &self.title);
        title_block(&mut scene, &layout.title, TITLE, (MARGIN, MARGIN), &self.theme);
        for i in 0..self.images.nrows() {
            let place = layout.place(i);
            let frame = Rect {
                x: place.x - GAP,
                y: place.y - GAP,
                width: place.width + 2.0 * GAP,
                height: place.height + 2.0 * GAP,
            };
            scene.ground(frame, self.theme.grid);
            let bitmap = images::bitmap(self.images.view(), self.shape, i, self.greys());
            scene.image(place, bitmap);
        }
        for (row, label) in self.row_labels.iter().enumerate() {
            let first = layout.place(row * layout.columns);
            let at = (layout.corner.0 - LABEL_GAP, first.y + first.height / 2.0);
            scene.text_on_line(at, label, layout.row_size, self.theme.ink, HPos::Right);
        }
        for (column, label) in self.column_labels.iter().enumerate() {
            let place = layout.place(column);
            let (label, size) = fit(label, LABEL, place.width);
            let at = (place.x + place.width / 2.0, layout.corner.1 - 0.5 * LABEL * LEADING);
            scene.text_on_line(at, &label, size, self.theme.ink, HPos::Center);
        }
        Ok(scene)
    }

    /// The colours of 0 and 1.
    fn greys(&self) -> (Color, Color) {
        const BLACK: Color = Color::hex(0x000000);
        const WHITE: Color = Color::hex(0xFFFFFF);
        match self.ink {
            Ink::Photograph => (BLACK, WHITE),
            // Full contrast, whichever way round the theme is.
            Ink::Paper if self.theme.paper.luminance() > 0.5 => (WHITE, BLACK),
            Ink::Paper => (BLACK, WHITE),
        }
    }
}

impl_picture!(ImageGrid);

/// Where things are on the page, in page units.
struct Layout {
    columns: usize,
    cell: (f64, f64),
    corner: (f64, f64),
    page: (f64, f64),
    title: Vec<String>,
    row_size: f64,
}

impl Layout {
    /// The place of image `i`, frame excluded.
    fn place(&self, i: usize) -> Rect {
        let (row, column) = ((i / self.columns) as f64, (i % self.columns) as f64);
        Rect {
            x: self.corner.0 + GAP + column * (self.cell.0 + GAP),
            y: self.corner.1 + GAP + row * (self.cell.1 + GAP),
            width: self.cell.0,
            height: self.cell.1,
        }
    }
}
