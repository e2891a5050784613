//! A chart set out: which labels go where, and how much room they take.

use plotters_backend::text_anchor::HPos;

use super::{Chart, Mark, Reference, extent};
use crate::geometry::{Rect, spread};
use crate::heat_map::ColorBar;
use crate::histogram::Bins;
use crate::legend::{Entry, Legend, Swatch};
use crate::page::{Colors, Insets, LABEL, LEADING, Panel, TICK, snap, title_block};
use crate::scene::Scene;
use crate::text::{width, wrap};
use crate::ticks::{Axis, Tick};
use crate::view::View;
use crate::{Color, FigureError, Theme};

/// Rows of text above and below the plot.
const LINE: f64 = LABEL * LEADING;
/// Between the plot and the row of labels above it.
pub(super) const ABOVE: f64 = 10.0;
/// Between a tick label and the plot.
const TICK_GAP: f64 = 9.0;
/// Between the plot and a label in its right margin.
const MARGIN_GAP: f64 = 11.0;
/// Smallest distance between labels in the right margin.
const LABEL_GAP: f64 = LABEL * 1.2;

pub(crate) struct ChartPanel<'a> {
    pub(super) chart: &'a Chart,
    pub(super) theme: &'a Theme,
    pub(super) bins: Bins,
    /// The colour of each of the chart's marks.
    pub(super) colors: Vec<Color>,
    axes: (Axis, Axis),
    title: Vec<String>,
    title_size: f64,
    legend: Legend,
    margin_labels: Vec<MarginLabel>,
    color_bar: Option<ColorBar>,
    insets: Insets,
}

/// A label in the right margin, at the height of what it names.
struct MarginLabel {
    text: String,
    color: Color,
    y: f64,
}

impl<'a> ChartPanel<'a> {
    pub(crate) fn new(
        chart: &'a Chart,
        theme: &'a Theme,
        names: &mut Colors<'_>,
        cell: (f64, f64),
        title_size: f64,
    ) -> Result<Self, FigureError> {
        let bins = shared_bins(chart);
        let axes = extent::axes(chart, &bins)?;
        let colors: Vec<Color> = chart.marks.iter().map(|m| names.of(m.name())).collect();
        let mut panel = Self {
            chart,
            theme,
            bins,
            colors,
            axes,
            title: wrap(&chart.title, title_size, cell.0),
            title_size,
            legend: Legend::new(Vec::new(), cell.0),
            margin_labels: Vec::new(),
            color_bar: chart.heat_map.as_ref().map(|map| ColorBar::new(map, cell.1)),
            insets: Insets::default(),
        };
        panel.name_the_marks(cell);
        panel.insets = panel.measure(cell);
        // The first measure knew only roughly how many ticks there would be.
        panel.insets = panel.measure(cell);
        Ok(panel)
    }

    /// Names curves at their ends if all of them can be, otherwise in a legend.
    fn name_the_marks(&mut self, cell: (f64, f64)) {
        let lines = self.chart.references.iter().filter_map(|r| match r {
            Reference::Horizontal { label, y } if !label.is_empty() => {
                Some(MarginLabel { text: label.clone(), color: self.theme.muted, y: *y })
            }
            _ => None,
        });
        self.margin_labels = lines.collect();
        let entries = self.entries();
        match self.ends(&entries, cell) {
            Some(ends) => self.margin_labels.extend(ends),
            None => self.legend = Legend::new(entries, cell.0),
        }
    }

    /// The chart's names, each once, with all that is drawn under it.
    fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for (mark, color) in self.chart.marks.iter().zip(&self.colors) {
            let swatches: &[Swatch] = match mark {
                Mark::Line { dashed: false, .. } => &[Swatch::Line],
                Mark::Line { dashed: true, .. } => &[Swatch::Dashed],
                Mark::Area { .. } => &[Swatch::Fill, Swatch::Line],
                Mark::Band { .. } | Mark::Histogram { .. } => &[Swatch::Fill],
                Mark::Points { .. } => &[Swatch::Dot],
                Mark::Classes { .. } => continue,
            };
            let name = mark.name();
            if name.is_empty() {
                continue;
            }
            match entries.iter_mut().find(|entry| entry.name == name) {
                Some(entry) => entry.swatches.extend(swatches),
                None => entries.push(Entry {
                    name: name.to_owned(),
                    color: *color,
                    swatches: swatches.to_vec(),
                }),
            }
        }
        // Fills first, so that the lines lie on top of them.
        for entry in &mut entries {
            entry.swatches.sort_by_key(|s| *s != Swatch::Fill);
            entry.swatches.dedup();
        }
        entries
    }

    /// Labels at the right ends of the curves, if every name has a curve that ends in the last
    /// tenth of the axis and no label has to move further than its own height.
    fn ends(&self, entries: &[Entry], cell: (f64, f64)) -> Option<Vec<MarginLabel>> {
        let (x, y) = &self.axes;
        let mut labels = Vec::new();
        for entry in entries {
            if width(&entry.name, LABEL) > 0.3 * cell.0 {
                return None;
            }
            let end =
                self.chart.marks.iter().filter(|m| m.name() == entry.name).find_map(
                    |m| match m {
                        Mark::Line { points, .. } => {
                            points.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0))
                        }
                        _ => None,
                    },
                )?;
            let inside = (0.9..=1.0 + 1e-9).contains(&x.fraction(end.0))
                && (0.0..=1.0).contains(&y.fraction(end.1));
            let only_lines = self.chart.marks.iter().all(|m| {
                m.name() != entry.name || matches!(m, Mark::Line { .. } | Mark::Band { .. })
            });
            if !inside || !only_lines {
                return None;
            }
            let color = self.theme.text_in(entry.color);
            labels.push(MarginLabel { text: entry.name.clone(), color, y: end.1 });
        }
        let height = 0.7 * cell.1;
        let wanted: Vec<f64> = self
            .margin_labels
            .iter()
            .chain(&labels)
            .map(|label| (1.0 - y.fraction(label.y)) * height)
            .collect();
        let placed = spread(&wanted, LABEL_GAP, 0.0, height);
        let furthest = wanted.iter().zip(&placed).map(|(w, p)| (w - p).abs()).fold(0.0, f64::max);
        (furthest <= LABEL_GAP).then_some(labels)
    }

    fn measure(&self, cell: (f64, f64)) -> Insets {
        let frame = Rect { x: 0.0, y: 0.0, width: cell.0, height: cell.1 };
        let plot = match self.insets == Insets::default() {
            true => Insets { left: 60.0, top: 60.0, right: 20.0, bottom: 60.0 }.plot(&frame),
            false => self.insets.plot(&frame),
        };
        let view = self.view(plot);
        let (x_ticks, y_ticks) = ticks(&view);
        let widest =
            |ticks: &[Tick]| ticks.iter().map(|t| width(&t.label, TICK)).fold(0.0, f64::max);
        let overhang = x_ticks.last().map_or(0.0, |tick| {
            view.at_x(tick.value) + width(&tick.label, TICK) / 2.0 - plot.right()
        });
        let margin_label = self.margin_label_width();
        let bar = self.color_bar.as_ref().map_or(0.0, ColorBar::width);
        let title = self.title_height();
        let legend = match self.legend.height() {
            0.0 => 0.0,
            height => height + 8.0,
        };
        let rows = self.rows_above(&self.vertical_labels(&frame, &view));
        let x_label = if self.chart.x.label.is_empty() { 0.0 } else { LINE + 2.0 };
        Insets {
            left: widest(&y_ticks) + TICK_GAP,
            top: title + legend + rows as f64 * LINE + ABOVE,
            right: (margin_label + bar).max(overhang).max(4.0),
            bottom: TICK * LEADING + TICK_GAP + x_label,
        }
    }

    fn margin_label_width(&self) -> f64 {
        let widths = self.margin_labels.iter().map(|l| MARGIN_GAP + width(&l.text, LABEL));
        widths.fold(0.0, f64::max)
    }

    fn title_height(&self) -> f64 {
        match self.title.len() {
            0 => 0.0,
            lines => lines as f64 * self.title_size * LEADING + 6.0,
        }
    }

    /// The y label and the colour bar's label share a row above the plot.
    fn has_row_above(&self) -> bool {
        !self.chart.y.label.is_empty()
            || self.color_bar.as_ref().is_some_and(|bar| !bar.label.is_empty())
    }

    /// The axes on a plot of the given size. For equal scales one axis is made longer, or, as there
    /// is nothing beyond a heat map, the plot smaller.
    fn view(&self, mut plot: Rect) -> View {
        let (mut x, mut y) = self.axes;
        if self.chart.equal_axes {
            let (wide, high) = (x.high - x.low, y.high - y.low);
            let unit = (wide / plot.width).max(high / plot.height);
            if self.chart.heat_map.is_some() {
                plot.width = snap(wide / unit);
                plot.height = snap(high / unit);
            } else {
                x = x.stretched(unit * plot.width);
                y = y.stretched(unit * plot.height);
            }
        }
        View { plot, x, y }
    }

    fn rows_above(&self, labels: &[VerticalLabel]) -> usize {
        let rows = labels.iter().map(|label| label.row + 1).max().unwrap_or(0);
        rows.max(usize::from(self.has_row_above()))
    }

    /// Labels of vertical lines in the lowest row above the plot where they touch neither each other
    /// nor the labels of the y axis and the colour bar.
    fn vertical_labels(&self, frame: &Rect, view: &View) -> Vec<VerticalLabel> {
        let mut taken: Vec<(usize, f64, f64)> = Vec::new();
        if self.has_row_above() {
            taken.push((0, frame.x, frame.x + width(&self.chart.y.label, LABEL)));
            if let Some(bar) = &self.color_bar {
                taken.push((0, frame.right() - width(&bar.label, LABEL), frame.right()));
            }
        }
        let mut labels = Vec::new();
        for reference in &self.chart.references {
            let Reference::Vertical { label, x } = reference else { continue };
            if label.is_empty() || !(0.0..=1.0).contains(&view.x.fraction(*x)) {
                continue;
            }
            let half = width(label, LABEL) / 2.0;
            let (low, high) = (frame.x + half, frame.right() - half);
            let center = view.at_x(*x).clamp(low.min(high), high.max(low));
            let (left, right) = (center - half - 12.0, center + half + 12.0);
            let is_free = |row: &usize| {
                taken.iter().all(|&(other, from, to)| other != *row || right < from || to < left)
            };
            let row = (0..).find(is_free).unwrap_or(0);
            taken.push((row, center - half, center + half));
            labels.push(VerticalLabel { text: label.clone(), center, row });
        }
        labels
    }

    fn draw_axes(&self, scene: &mut Scene, frame: &Rect, view: &View) {
        let Theme { muted, grid, .. } = *self.theme;
        let plot = &view.plot;
        let (x_ticks, y_ticks) = ticks(view);
        let with_grid = self.chart.heat_map.is_none();
        for tick in &y_ticks {
            let y = snap(view.at_y(tick.value));
            if with_grid {
                scene.line(vec![(plot.x, y), (plot.right(), y)], grid, 1.0);
            }
            let at = (plot.x - TICK_GAP, y);
            scene.text_on_line(at, &tick.label, TICK, muted, HPos::Right);
        }
        let under = plot.bottom() + TICK_GAP + 0.5 * TICK;
        for tick in &x_ticks {
            let x = snap(view.at_x(tick.value));
            let (top, bottom) = match with_grid {
                true => (plot.y, plot.bottom()),
                false => (plot.bottom(), plot.bottom() + 5.0),
            };
            scene.line(vec![(x, top), (x, bottom)], grid, 1.0);
            scene.text_on_line((x, under), &tick.label, TICK, muted, HPos::Center);
        }
        let below = under + TICK * 0.5 + 2.0 + LINE / 2.0;
        let center = plot.x + plot.width / 2.0;
        let half = width(&self.chart.x.label, LABEL) / 2.0;
        let center = center.clamp(frame.x + half, (frame.right() - half).max(frame.x + half));
        scene.text_on_line((center, below), &self.chart.x.label, LABEL, muted, HPos::Center);
    }

    /// The axis at the bottom, over the marks that stand on it.
    fn draw_base(&self, scene: &mut Scene, view: &View) {
        let plot = &view.plot;
        let ends = vec![(plot.x, plot.bottom()), (plot.right(), plot.bottom())];
        scene.line(ends, self.theme.muted, 1.5);
    }

    fn draw_head(&self, scene: &mut Scene, frame: &Rect, view: &View) {
        let corner = (frame.x, frame.y);
        title_block(scene, &self.title, self.title_size, corner, self.theme);
        let legend_top = frame.y + self.title_height();
        self.legend.draw(scene, (frame.x, legend_top), self.theme);

        let plot = &view.plot;
        let row = |row: usize| plot.y - ABOVE - (row as f64 + 0.5) * LINE;
        let muted = self.theme.muted;
        for label in self.vertical_labels(frame, view) {
            let at = (label.center, row(label.row));
            scene.text_on_line(at, &label.text, LABEL, muted, HPos::Center);
        }
        scene.text_on_line((frame.x, row(0)), &self.chart.y.label, LABEL, muted, HPos::Left);
        if let Some(bar) = &self.color_bar {
            scene.text_on_line((frame.right(), row(0)), &bar.label, LABEL, muted, HPos::Right);
        }
    }

    fn draw_margin_labels(&self, scene: &mut Scene, view: &View) {
        let visible: Vec<&MarginLabel> = self
            .margin_labels
            .iter()
            .filter(|label| (0.0..=1.0).contains(&view.y.fraction(label.y)))
            .collect();
        let wanted: Vec<f64> = visible.iter().map(|label| view.at_y(label.y)).collect();
        let placed = spread(&wanted, LABEL_GAP, view.plot.y, view.plot.bottom());
        for (label, y) in visible.into_iter().zip(placed) {
            let at = (view.plot.right() + MARGIN_GAP, y);
            scene.text_on_line(at, &label.text, LABEL, label.color, HPos::Left);
        }
    }
}

/// The label of a vertical reference line, in one of the rows above the plot.
struct VerticalLabel {
    text: String,
    center: f64,
    row: usize,
}

impl Panel for ChartPanel<'_> {
    fn insets(&self) -> Insets {
        self.insets
    }

    fn draw(&self, scene: &mut Scene, frame: Rect, insets: Insets) {
        let view = self.view(insets.plot(&frame));
        self.draw_axes(scene, &frame, &view);
        if let (Some(map), Some(bar)) = (&self.chart.heat_map, &self.color_bar) {
            map.draw(scene, &view, self.theme);
            bar.draw(scene, view.plot.right() + self.margin_label_width(), &view.plot, self.theme);
        }
        self.draw_fills(scene, &view);
        self.draw_points(scene, &view);
        self.draw_references(scene, &view);
        self.draw_base(scene, &view);
        self.draw_lines(scene, &view);
        self.draw_class_names(scene, &view);
        self.draw_margin_labels(scene, &view);
        self.draw_head(scene, &frame, &view);
    }
}

fn shared_bins(chart: &Chart) -> Bins {
    let histograms = || {
        chart.marks.iter().filter_map(|mark| match mark {
            Mark::Histogram { values, bins, .. } => Some((values, *bins)),
            _ => None,
        })
    };
    let count = histograms().map(|(_, bins)| bins).max().unwrap_or(1).min(10_000);
    Bins::over(histograms().flat_map(|(values, _)| values.iter().copied()), count)
}

/// As many ticks as fit without their labels touching.
fn ticks(view: &View) -> (Vec<Tick>, Vec<Tick>) {
    let y_ticks = view.y.ticks((view.plot.height / 62.0).round() as usize);
    let fits = |ticks: &Vec<Tick>| {
        ticks.windows(2).all(|pair| {
            let apart = view.at_x(pair[1].value) - view.at_x(pair[0].value);
            let needed = (width(&pair[0].label, TICK) + width(&pair[1].label, TICK)) / 2.0;
            apart > needed + 14.0
        })
    };
    let most = ((view.plot.width / 90.0).round() as usize).max(2);
    let x_ticks = (2..=most).rev().map(|target| view.x.ticks(target)).find(fits);
    (x_ticks.unwrap_or_else(|| view.x.ticks(2).into_iter().take(1).collect()), y_ticks)
}
