//! What a picture is before it is drawn: shapes in page units, y downwards.
//!
//! One page unit is one pixel of an SVG at its natural size and two of a PNG.

use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingBackend};

use crate::geometry::{Point, Rect};
use crate::text::{HALF_CAPITAL, TextStyle};
use crate::{Color, FigureError};

pub(crate) enum Shape {
    Line { points: Vec<Point>, color: Color, width: f64 },
    Polygon { points: Vec<Point>, color: Color, alpha: f64 },
    Disc { center: Point, radius: f64, color: Color, alpha: f64 },
    Text { baseline: Point, text: String, size: f64, color: Color, anchor: HPos },
}

/// Pixels that fill a rectangle of the page, each as a block of its own.
pub(crate) struct Image {
    pub(crate) place: Rect,
    pub(crate) bitmap: Bitmap,
}

/// Rows of RGB pixels, top row first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bitmap {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgb: Vec<u8>,
}

/// A page: its ground, then its images, then its shapes in order.
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) paper: Color,
    /// What a screen reader says of it.
    pub(crate) description: String,
    pub(crate) grounds: Vec<(Rect, Color)>,
    pub(crate) images: Vec<Image>,
    pub(crate) shapes: Vec<Shape>,
}

impl Scene {
    pub(crate) fn new(width: f64, height: f64, paper: Color, description: &str) -> Self {
        Self {
            width: width.ceil(),
            height: height.ceil(),
            paper,
            description: description.to_owned(),
            grounds: Vec::new(),
            images: Vec::new(),
            shapes: Vec::new(),
        }
    }

    /// A rectangle behind everything else, images included.
    pub(crate) fn ground(&mut self, place: Rect, color: Color) {
        self.grounds.push((place, color));
    }

    pub(crate) fn image(&mut self, place: Rect, bitmap: Bitmap) {
        self.images.push(Image { place, bitmap });
    }

    pub(crate) fn line(&mut self, points: Vec<Point>, color: Color, width: f64) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, color, width });
        }
    }

    pub(crate) fn polygon(&mut self, points: Vec<Point>, color: Color, alpha: f64) {
        if points.len() > 2 {
            self.shapes.push(Shape::Polygon { points, color, alpha });
        }
    }

    pub(crate) fn disc(&mut self, center: Point, radius: f64, color: Color, alpha: f64) {
        self.shapes.push(Shape::Disc { center, radius, color, alpha });
    }

    pub(crate) fn text(
        &mut self,
        baseline: Point,
        text: &str,
        size: f64,
        color: Color,
        anchor: HPos,
    ) {
        if !text.is_empty() {
            let text = text.to_owned();
            self.shapes.push(Shape::Text { baseline, text, size, color, anchor });
        }
    }

    /// A text whose capitals are centred on the height of `at`.
    pub(crate) fn text_on_line(
        &mut self,
        at: Point,
        text: &str,
        size: f64,
        color: Color,
        anchor: HPos,
    ) {
        self.text((at.0, at.1 + HALF_CAPITAL * size), text, size, color, anchor);
    }

    /// Hands the shapes to one of plotters' backends, `scale` backend pixels to the page unit.
    pub(crate) fn paint<B: DrawingBackend>(
        &self,
        backend: &mut B,
        scale: f64,
    ) -> Result<(), FigureError> {
        self.shapes
            .iter()
            .try_for_each(|shape| shape.paint(backend, scale))
            .and_then(|()| backend.present().map_err(|e| e.to_string()))
            .map_err(FigureError::Backend)
    }
}

impl Shape {
    fn paint<B: DrawingBackend>(&self, backend: &mut B, scale: f64) -> Result<(), String> {
        let place = |p: &Point| -> BackendCoord {
            ((p.0 * scale).round() as i32, (p.1 * scale).round() as i32)
        };
        let length = |l: f64| (l * scale).round().max(1.0) as u32;
        match self {
            Shape::Line { points, color, width } => {
                let pen = Pen { color: *color, alpha: 1.0, width: length(*width) };
                backend.draw_path(points.iter().map(place), &pen)
            }
            Shape::Polygon { points, color, alpha } => {
                let pen = Pen { color: *color, alpha: *alpha, width: 1 };
                backend.fill_polygon(points.iter().map(place), &pen)
            }
            Shape::Disc { center, radius, color, alpha } => {
                let pen = Pen { color: *color, alpha: *alpha, width: 1 };
                backend.draw_circle(place(center), length(*radius), &pen, true)
            }
            Shape::Text { baseline, text, size, color, anchor } => {
                let style = TextStyle {
                    em: size * scale,
                    color: Pen { color: *color, alpha: 1.0, width: 1 }.color(),
                    anchor: *anchor,
                };
                let (x, y) = place(baseline);
                backend.draw_text(text, &style, (x, y - style.ascent().round() as i32))
            }
        }
        .map_err(|e| e.to_string())
    }
}

struct Pen {
    color: Color,
    alpha: f64,
    width: u32,
}

impl BackendStyle for Pen {
    fn color(&self) -> BackendColor {
        BackendColor { alpha: self.alpha, rgb: (self.color.r, self.color.g, self.color.b) }
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}
