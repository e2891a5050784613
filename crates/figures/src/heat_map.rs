//! A function of two variables as colour.

use ndarray::{Array2, ArrayView2};
use plotters_backend::text_anchor::HPos;

use crate::contour::contours;
use crate::geometry::{Point, Rect, clip_line};
use crate::page::{RULE, TICK};
use crate::scene::{Bitmap, Scene};
use crate::text::width;
use crate::ticks::{Axis, short_number};
use crate::view::View;
use crate::{FigureError, Theme, check, text};

/// Values over a rectangle of the plane, for [`Chart::heat_map`](crate::Chart::heat_map).
///
/// ```
/// use figures::{Chart, HeatMap};
///
/// let kl = |mu: f64, sigma: f64| 0.5 * (mu * mu + sigma * sigma - 1.0) - sigma.ln();
/// let map = HeatMap::from_fn((-3.0, 3.0), (0.1, 3.0), kl)
///     .label("KL in nats")
///     .contours([0.1, 0.5, 1.0, 2.0, 4.0]);
/// let svg = Chart::new("KL(N(μ, σ²) ‖ N(0, 1))").x("μ").y("σ").heat_map(map).render_svg()?;
/// assert!(svg.contains("KL in nats"));
/// # Ok::<(), figures::FigureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HeatMap {
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
    /// Row 0 at the low end of y.
    values: Array2<f64>,
    smooth: bool,
    label: String,
    levels: Vec<f64>,
    log_color: bool,
    color_range: Option<(f64, f64)>,
}

/// How finely [`HeatMap::from_fn`] looks at its function, each way.
const SAMPLES: usize = 240;

impl HeatMap {
    /// Measured values: cell `[[j, i]]` of `values` is the `i`-th from the left and the `j`-th from
    /// the **bottom** of the rectangle `x × y`. Every cell is drawn in one colour.
    pub fn new(x: (f64, f64), y: (f64, f64), values: ArrayView2<'_, f64>) -> Self {
        Self {
            x,
            y,
            values: values.to_owned(),
            smooth: false,
            label: String::new(),
            levels: Vec::new(),
            log_color: false,
            color_range: None,
        }
    }

    /// A function, looked at in the middles of 240 × 240 cells and drawn smoothly.
    pub fn from_fn(x: (f64, f64), y: (f64, f64), f: impl Fn(f64, f64) -> f64) -> Self {
        let middle = |(low, high): (f64, f64), i: usize| {
            low + (high - low) * (i as f64 + 0.5) / SAMPLES as f64
        };
        let values =
            Array2::from_shape_fn((SAMPLES, SAMPLES), |(j, i)| f(middle(x, i), middle(y, j)));
        Self { smooth: true, ..Self::new(x, y, values.view()) }
    }

    /// What the colour shows, with its unit; set above the colour bar.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Lines of equal value at these levels, labelled with them.
    pub fn contours(mut self, levels: impl AsRef<[f64]>) -> Self {
        self.levels = levels.as_ref().to_vec();
        self
    }

    /// Lets the colour follow the logarithm of the value; all values must be positive.
    pub fn log_color(mut self) -> Self {
        self.log_color = true;
        self
    }

    /// Fixes the values at the two ends of the colour bar; beyond them the colour stays the same.
    pub fn color_range(mut self, low: f64, high: f64) -> Self {
        self.color_range = Some((low, high));
        self
    }

    pub(crate) fn check(&self) -> Result<(), FigureError> {
        text::check("the heat map's label", &self.label)?;
        check::range("heat map, x", self.x)?;
        check::range("heat map, y", self.y)?;
        if self.values.is_empty() {
            let what = "the heat map".to_owned();
            return Err(FigureError::NoData { what, element: "value" });
        }
        check::finite("heat map (row by row from the bottom)", self.values.iter().copied())?;
        check::finite("heat map, contour level", self.levels.iter().copied())?;
        if let Some(range) = self.color_range {
            check::range("heat map, colour range", range)?;
        }
        let lowest = self.color_range.map_or(f64::INFINITY, |r| r.0);
        let mut candidates = self.values.iter().copied().chain([lowest]).enumerate();
        if self.log_color
            && let Some((index, value)) = candidates.find(|(_, v)| *v <= 0.0)
        {
            let what = "heat map with logarithmic colour".to_owned();
            let expected = "positive numbers; use a linear colour scale for others";
            return Err(FigureError::OutOfRange { what, index, value, expected });
        }
        let axis = self.color_axis();
        check::range("heat map, range of its values", (axis.low, axis.high))
    }

    /// The colour bar's axis.
    fn color_axis(&self) -> Axis {
        let (mut low, mut high) = self.color_range.unwrap_or_else(|| {
            let ends = (f64::INFINITY, f64::NEG_INFINITY);
            self.values.iter().fold(ends, |(l, h), v| (l.min(*v), h.max(*v)))
        });
        if low == high {
            (low, high) =
                if self.log_color { (low / 2.0, high * 2.0) } else { (low - 0.5, high + 0.5) };
        }
        Axis { low, high, log: self.log_color, whole: false }
    }

    /// The value at fractions of the rectangle, `None` outside.
    fn at(&self, u: f64, v: f64) -> Option<f64> {
        if !(0.0..1.0).contains(&u) || !(0.0..1.0).contains(&v) {
            return None;
        }
        let (rows, columns) = self.values.dim();
        let (x, y) = (u * columns as f64, v * rows as f64);
        if !self.smooth {
            return Some(self.values[[y as usize, x as usize]]);
        }
        let split = |p: f64, count: usize| {
            let p = (p - 0.5).clamp(0.0, (count - 1) as f64);
            let below = (p as usize).min(count.saturating_sub(2));
            (below, (below + 1).min(count - 1), p - below as f64)
        };
        let (left, right, s) = split(x, columns);
        let (low, high, t) = split(y, rows);
        let row = |j: usize| self.values[[j, left]] * (1.0 - s) + self.values[[j, right]] * s;
        Some(row(low) * (1.0 - t) + row(high) * t)
    }

    /// The colours beneath the plot and the contours on it.
    pub(crate) fn draw(&self, scene: &mut Scene, view: &View, theme: &Theme) {
        let colors = self.color_axis();
        let plot = view.plot;
        let (columns, rows) = (plot.width.round() as usize, plot.height.round() as usize);
        let mut bitmap = Bitmap::plain(columns, rows, theme.paper);
        for row in 0..rows {
            let y = view.y.value(1.0 - (row as f64 + 0.5) / rows as f64);
            let v = (y - self.y.0) / (self.y.1 - self.y.0);
            for column in 0..columns {
                let x = view.x.value((column as f64 + 0.5) / columns as f64);
                let u = (x - self.x.0) / (self.x.1 - self.x.0);
                if let Some(value) = self.at(u, v) {
                    let color = theme.ramp_at(colors.fraction(value));
                    let at = 3 * (row * columns + column);
                    bitmap.rgb[at..at + 3].copy_from_slice(&[color.r, color.g, color.b]);
                }
            }
        }
        scene.image(plot, bitmap);
        self.draw_contours(scene, view, theme, &colors);
    }

    fn draw_contours(&self, scene: &mut Scene, view: &View, theme: &Theme, colors: &Axis) {
        let (rows, columns) = self.values.dim();
        let place = |(i, j): Point| {
            let x = self.x.0 + (self.x.1 - self.x.0) * (i + 0.5) / columns as f64;
            let y = self.y.0 + (self.y.1 - self.y.0) * (j + 0.5) / rows as f64;
            view.place((x, y))
        };
        let mut labels: Vec<Rect> = Vec::new();
        let mut texts = Vec::new();
        for &level in &self.levels {
            let ground = theme.ramp_at(colors.fraction(level));
            let ink = theme.readable_on(ground);
            let mut places = Vec::new();
            for line in contours(self.values.view(), level) {
                let line: Vec<Point> = line.into_iter().map(place).collect();
                for piece in clip_line(&line, &view.plot) {
                    places.extend_from_slice(&piece);
                    scene.line(piece, ink, RULE);
                }
            }
            let text = short_number(level);
            let size = (width(&text, TICK) + 8.0, TICK * 1.15);
            if let Some(rect) = roomiest(&places, size, &view.plot, &labels) {
                labels.push(rect);
                texts.push((rect, text, ground, ink));
            }
        }
        for (rect, text, ground, ink) in texts {
            scene.polygon(rect.corners(), ground, 1.0);
            let middle = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
            scene.text_on_line(middle, &text, TICK, ink, HPos::Center);
        }
    }
}

/// Where on a contour its label is furthest from the other labels and the plot's edge; `None` if it
/// would touch either everywhere.
fn roomiest(places: &[Point], size: (f64, f64), plot: &Rect, labels: &[Rect]) -> Option<Rect> {
    const COMFORT: f64 = 60.0;
    let mut best: Option<(f64, Rect)> = None;
    for &(x, y) in places {
        let rect = Rect { x: x - size.0 / 2.0, y: y - size.1 / 2.0, width: size.0, height: size.1 };
        let edges = [
            rect.x - plot.x,
            plot.right() - rect.right(),
            rect.y - plot.y,
            plot.bottom() - rect.bottom(),
        ];
        let edge = edges.into_iter().fold(COMFORT, f64::min);
        let apart = labels
            .iter()
            .map(|l| (l.x + l.width / 2.0 - x).hypot(l.y + l.height / 2.0 - y))
            .fold(3.0 * COMFORT, f64::min);
        let free = edge > 4.0 && labels.iter().all(|label| !label.overlaps(&rect));
        let score = edge + apart;
        if free && best.is_none_or(|(other, _)| score > other) {
            best = Some((score, rect));
        }
    }
    best.map(|(_, rect)| rect)
}

/// The key to a heat map's colours, at the right of the plot.
pub(crate) struct ColorBar {
    pub(crate) label: String,
    axis: Axis,
    ticks: usize,
    tick_width: f64,
}

const BAR: f64 = 20.0;
const BAR_GAP: f64 = 18.0;
const BAR_TICK_GAP: f64 = 7.0;

impl ColorBar {
    pub(crate) fn new(map: &HeatMap, height: f64) -> Self {
        let axis = map.color_axis();
        let ticks = (height / 80.0).round() as usize;
        let widths = axis.ticks(ticks).into_iter().map(|t| width(&t.label, TICK));
        let tick_width = widths.fold(0.0, f64::max);
        Self { label: map.label.clone(), axis, ticks, tick_width }
    }

    pub(crate) fn width(&self) -> f64 {
        BAR_GAP + BAR + BAR_TICK_GAP + self.tick_width
    }

    /// The bar, as high as the plot, to the right of `left`.
    pub(crate) fn draw(&self, scene: &mut Scene, left: f64, plot: &Rect, theme: &Theme) {
        let x = left + BAR_GAP;
        let place = Rect { x, width: BAR, ..*plot };
        let steps = plot.height.round() as usize;
        let rgb = (0..steps).rev().flat_map(|i| {
            let color = theme.ramp_at((i as f64 + 0.5) / steps as f64);
            [color.r, color.g, color.b]
        });
        scene.image(place, Bitmap { width: 1, height: steps, rgb: rgb.collect() });
        for tick in self.axis.ticks(self.ticks) {
            let fraction = self.axis.fraction(tick.value);
            if (0.0..=1.0).contains(&fraction) {
                let at = (place.right() + BAR_TICK_GAP, plot.bottom() - fraction * plot.height);
                scene.text_on_line(at, &tick.label, TICK, theme.muted, HPos::Left);
            }
        }
    }
}
