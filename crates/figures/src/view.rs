//! From data to the page.

use crate::geometry::{Point, Rect};
use crate::ticks::Axis;

/// The plot area and the axes that fill it.
pub(crate) struct View {
    pub(crate) plot: Rect,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl View {
    pub(crate) fn place(&self, (x, y): Point) -> Point {
        (self.at_x(x), self.at_y(y))
    }

    pub(crate) fn at_x(&self, x: f64) -> f64 {
        self.plot.x + self.x.fraction(x) * self.plot.width
    }

    pub(crate) fn at_y(&self, y: f64) -> f64 {
        self.plot.bottom() - self.y.fraction(y) * self.plot.height
    }
}
