//! Drawing a chart's data.

use plotters_backend::text_anchor::HPos;

use super::Mark;
use super::panel::ChartPanel;
use crate::Color;
use crate::geometry::{Point, Rect, clip_line, clip_polygon, dash, thin};
use crate::page::{CURVE, DASH, TICK};
use crate::scene::Scene;
use crate::text::width;
use crate::view::View;

/// Closer points than this make no difference to the eye.
const FINEST: f64 = 0.25;

impl ChartPanel<'_> {
    fn marks(&self) -> impl Iterator<Item = (&Mark, Color)> {
        self.chart.marks.iter().zip(self.colors.iter().copied())
    }

    pub(super) fn draw_fills(&self, scene: &mut Scene, view: &View) {
        for (mark, color) in self.marks() {
            match mark {
                Mark::Band { rows, .. } => {
                    let upper = rows.iter().map(|r| view.place((r.0, r.2)));
                    let lower = rows.iter().rev().map(|r| view.place((r.0, r.1)));
                    let outline: Vec<Point> = upper.chain(lower).collect();
                    scene.polygon(clip_polygon(&outline, &view.plot), color, 0.22);
                }
                Mark::Area { points, .. } => {
                    let base = [points.last(), points.first()].into_iter().flatten();
                    let outline: Vec<Point> = points
                        .iter()
                        .copied()
                        .chain(base.map(|p| (p.0, 0.0)))
                        .map(|p| view.place(p))
                        .collect();
                    scene.polygon(clip_polygon(&outline, &view.plot), color, 0.25);
                }
                Mark::Histogram { values, density, .. } => {
                    let bars = self.bins.bars(values, *density);
                    draw_histogram(scene, view, &bars, color);
                }
                _ => {}
            }
        }
    }

    pub(super) fn draw_lines(&self, scene: &mut Scene, view: &View) {
        for (mark, color) in self.marks() {
            let (points, dashed) = match mark {
                Mark::Line { points, dashed, .. } => (points, *dashed),
                Mark::Area { points, .. } => (points, false),
                _ => continue,
            };
            let placed: Vec<Point> = points.iter().map(|p| view.place(*p)).collect();
            if let [only] = placed[..] {
                scene.disc(only, 1.5 * CURVE, color, 1.0);
            }
            for piece in clip_line(&thin(&placed, FINEST), &view.plot) {
                if dashed {
                    for piece in dash(&piece, DASH.0, DASH.1) {
                        scene.line(piece, color, CURVE);
                    }
                } else {
                    scene.line(piece, color, CURVE);
                }
            }
        }
    }

    pub(super) fn draw_points(&self, scene: &mut Scene, view: &View) {
        let count: usize = self
            .chart
            .marks
            .iter()
            .map(|mark| match mark {
                Mark::Points { points, .. } | Mark::Classes { points, .. } => points.len(),
                _ => 0,
            })
            .sum();
        let (radius, alpha) = match count {
            0..=60 => (5.5, 0.95),
            61..=500 => (4.0, 0.8),
            501..=3000 => (3.0, 0.65),
            _ => (2.2, 0.55),
        };
        let radius = self.chart.point_radius.unwrap_or(radius);
        let alpha = self.chart.point_alpha.unwrap_or(alpha);
        let mut dot = |point: &Point, color| {
            let center = view.place(*point);
            if view.plot.contains(center) {
                scene.disc(center, radius, color, alpha);
            }
        };
        for (mark, color) in self.marks() {
            match mark {
                Mark::Points { points, .. } => points.iter().for_each(|p| dot(p, color)),
                Mark::Classes { points, labels } => {
                    for (point, label) in points.iter().zip(labels) {
                        dot(point, self.theme.series[usize::from(*label) % 10]);
                    }
                }
                _ => {}
            }
        }
    }

    /// Each class's number or name on a chip of its colour at the mean of its visible points; chips
    /// that would cover each other move apart.
    pub(super) fn draw_class_names(&self, scene: &mut Scene, view: &View) {
        for mark in &self.chart.marks {
            let Mark::Classes { points, labels } = mark else { continue };
            let mut chips = Vec::new();
            for class in 0..10u8 {
                let members: Vec<Point> = points
                    .iter()
                    .zip(labels)
                    .filter(|(_, label)| **label == class)
                    .map(|(point, _)| view.place(*point))
                    .filter(|place| view.plot.contains(*place))
                    .collect();
                if members.is_empty() {
                    continue;
                }
                let count = members.len() as f64;
                let sum = members.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
                let name = self.chart.class_names.get(usize::from(class));
                let text = name.cloned().unwrap_or_else(|| class.to_string());
                let (wide, high) = ((width(&text, TICK) + 12.0).max(24.0), 24.0);
                let center = (sum.0 / count, sum.1 / count);
                chips.push(Chip {
                    text,
                    center,
                    wide,
                    high,
                    color: self.theme.series[usize::from(class)],
                });
            }
            part(&mut chips, &view.plot);
            for chip in &chips {
                chip.draw(scene, self.theme);
            }
        }
    }
}

fn draw_histogram(scene: &mut Scene, view: &View, bars: &[(f64, f64, f64)], color: Color) {
    let mut outline = Vec::with_capacity(2 * bars.len() + 2);
    for &(left, right, height) in bars {
        outline.push(view.place((left, height)));
        outline.push(view.place((right, height)));
    }
    if let (Some(first), Some(last)) = (bars.first(), bars.last()) {
        outline.insert(0, view.place((first.0, 0.0)));
        outline.push(view.place((last.1, 0.0)));
    }
    scene.polygon(clip_polygon(&outline, &view.plot), color, 0.35);
    for piece in clip_line(&outline, &view.plot) {
        scene.line(piece, color, 1.5);
    }
}

struct Chip {
    text: String,
    center: Point,
    wide: f64,
    high: f64,
    color: Color,
}

impl Chip {
    fn rect(&self, border: f64) -> Rect {
        Rect {
            x: self.center.0 - self.wide / 2.0 - border,
            y: self.center.1 - self.high / 2.0 - border,
            width: self.wide + 2.0 * border,
            height: self.high + 2.0 * border,
        }
    }

    fn draw(&self, scene: &mut Scene, theme: &crate::Theme) {
        pill(scene, &self.rect(2.0), theme.paper);
        pill(scene, &self.rect(0.0), self.color);
        let ink = theme.readable_on(self.color);
        scene.text_on_line(self.center, &self.text, TICK, ink, HPos::Center);
    }
}

/// A rectangle with round ends.
fn pill(scene: &mut Scene, rect: &Rect, color: Color) {
    let radius = rect.height / 2.0;
    let middle = rect.y + radius;
    let (left, right) = (rect.x + radius, rect.right() - radius);
    if right - left < 0.5 {
        scene.disc((rect.x + rect.width / 2.0, middle), radius, color, 1.0);
    } else {
        scene.line(vec![(left, middle), (right, middle)], color, rect.height);
    }
}

/// Pushes overlapping chips apart along the shorter way, a little at a time, and back into the plot.
fn part(chips: &mut [Chip], plot: &Rect) {
    for _ in 0..200 {
        let mut moved = false;
        for i in 0..chips.len() {
            for j in 0..i {
                let (a, b) = (&chips[j], &chips[i]);
                let (dx, dy) = (b.center.0 - a.center.0, b.center.1 - a.center.1);
                let over_x = (a.wide + b.wide) / 2.0 + 5.0 - dx.abs();
                let over_y = (a.high + b.high) / 2.0 + 5.0 - dy.abs();
                if over_x <= 0.0 || over_y <= 0.0 {
                    continue;
                }
                moved = true;
                let shift = if over_x < over_y {
                    (over_x / 2.0 * if dx < 0.0 { -1.0 } else { 1.0 }, 0.0)
                } else {
                    (0.0, over_y / 2.0 * if dy < 0.0 { -1.0 } else { 1.0 })
                };
                for (chip, sign) in [(j, -1.0), (i, 1.0)] {
                    let (wide, high) = (chips[chip].wide / 2.0, chips[chip].high / 2.0);
                    let center = &mut chips[chip].center;
                    center.0 =
                        within(center.0 + sign * shift.0, plot.x + wide, plot.right() - wide);
                    center.1 =
                        within(center.1 + sign * shift.1, plot.y + high, plot.bottom() - high);
                }
            }
        }
        if !moved {
            break;
        }
    }
}

/// `v` brought into the range, or its middle if the range is upside down.
fn within(v: f64, low: f64, high: f64) -> f64 {
    if low <= high { v.clamp(low, high) } else { (low + high) / 2.0 }
}
