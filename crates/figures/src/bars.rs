//! Comparing a few named numbers.

use plotters_backend::text_anchor::HPos;

use crate::geometry::Rect;
use crate::output::impl_picture;
use crate::page::{
    Insets, LABEL, LEADING, MARGIN, Panel, RULE, TICK, TITLE, inside_margins, single, snap,
    title_block,
};
use crate::scene::Scene;
use crate::text::{self, width, wrap};
use crate::ticks::{Axis, number};
use crate::{FigureError, Theme, check};

/// Horizontal bars, one a method, with error intervals and the numbers written out.
///
/// Bars start at zero, because their length is what the eye compares. Where the interesting
/// differences are small, [`dots`](Self::dots) shows positions instead and zooms in.
///
/// ```
/// let svg = figures::Bars::new("Test error of three bounds")
///     .x("nats per image")
///     .bar_with_interval("ELBO", 86.76, 86.5, 87.0)
///     .bar_with_interval("IWAE, k = 5", 85.54, 85.3, 85.8)
///     .bar("IWAE, k = 50", 84.78)
///     .dots()
///     .render_svg()?;
/// assert!(svg.contains("84.78"));
/// # Ok::<(), figures::FigureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bars {
    title: String,
    x: String,
    bars: Vec<Bar>,
    digits: usize,
    dots: bool,
    size: Option<(f64, f64)>,
    theme: Theme,
}

#[derive(Clone, Debug)]
struct Bar {
    name: String,
    value: f64,
    interval: Option<(f64, f64)>,
}

/// The names' largest share of the width; longer ones are broken into lines.
const NAME_SHARE: f64 = 0.36;

impl Bars {
    /// No bars yet. The title stands at the top left; pass `""` for none.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            x: String::new(),
            bars: Vec::new(),
            digits: 2,
            dots: false,
            size: None,
            theme: Theme::light(),
        }
    }

    /// What the bars' length shows, with its unit.
    pub fn x(mut self, label: impl Into<String>) -> Self {
        self.x = label.into();
        self
    }

    /// Adds a bar below the others.
    pub fn bar(mut self, name: impl Into<String>, value: f64) -> Self {
        self.bars.push(Bar { name: name.into(), value, interval: None });
        self
    }

    /// Adds a bar with an interval from `low` to `high` (ends, not half-widths).
    pub fn bar_with_interval(
        mut self,
        name: impl Into<String>,
        value: f64,
        low: f64,
        high: f64,
    ) -> Self {
        self.bars.push(Bar { name: name.into(), value, interval: Some((low, high)) });
        self
    }

    /// How many decimal places the numbers have; 2 if never called, at most 12.
    pub fn digits(mut self, digits: usize) -> Self {
        self.digits = digits.min(12);
        self
    }

    /// Dots in place of bars, on an axis that need not reach zero.
    pub fn dots(mut self) -> Self {
        self.dots = true;
        self
    }

    /// The page's width and height in page units; by default 800 wide and as high as the number of
    /// bars asks for. In a figure the figure decides.
    pub fn size(mut self, width: f64, height: f64) -> Self {
        self.size = Some((width, height));
        self
    }

    /// The colours; [`Theme::light`] if never called. In a figure the figure decides.
    pub fn theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    pub(crate) fn scene(&self) -> Result<Scene, FigureError> {
        const WIDTH: f64 = 800.0;
        const ROW: f64 = 52.0;
        let inside = WIDTH - 2.0 * MARGIN;
        let title = wrap(&self.title, TITLE, inside).len() as f64;
        let lines = |bar: &Bar| wrap(&bar.name, LABEL, NAME_SHARE * inside).len();
        let most_lines = self.bars.iter().map(lines).max().unwrap_or(1).max(1) as f64;
        let row = ROW + (most_lines - 1.0) * LABEL;
        let height = 130.0 + title * TITLE * LEADING + row * self.bars.len() as f64;
        let size = self.size.unwrap_or((WIDTH, height.max(200.0)));
        check::size("the size of the bars' page", size)?;
        let cell = inside_margins(size);
        single(self.panel(&self.theme, cell, TITLE)?, cell, &self.title, &self.theme)
    }

    /// The checked bars set out in a cell.
    pub(crate) fn panel<'a>(
        &'a self,
        theme: &'a Theme,
        cell: (f64, f64),
        title_size: f64,
    ) -> Result<BarsPanel<'a>, FigureError> {
        self.check()?;
        let values = || self.bars.iter().flat_map(Bar::values);
        let (mut low, mut high) =
            values().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if !self.dots {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if low == high {
            (low, high) = (low - 0.5, high + 0.5);
        }
        let pad = (high - low) * 0.06;
        // Nothing is drawn beyond zero, so a bar needs no room there.
        let left = if self.dots || low < 0.0 { pad } else { 0.0 };
        let right = if self.dots || high > 0.0 { pad } else { 0.0 };
        let axis = Axis { low: low - left, high: high + right, log: false, whole: false };
        check::range(&format!("bars {:?}, their range", self.title), (axis.low, axis.high))?;

        let name_limit = NAME_SHARE * cell.0;
        let names: Vec<Vec<String>> =
            self.bars.iter().map(|bar| wrap(&bar.name, LABEL, name_limit)).collect();
        let numbers: Vec<String> =
            self.bars.iter().map(|bar| number(bar.value, self.digits)).collect();
        let widest_name = names.iter().flatten().map(|n| width(n, LABEL)).fold(0.0, f64::max);
        let widest_number = numbers.iter().map(|n| width(n, LABEL)).fold(0.0, f64::max);
        let title = wrap(&self.title, title_size, cell.0);
        let title_height = match title.len() {
            0 => 4.0,
            lines => lines as f64 * title_size * LEADING + 10.0,
        };
        let x_label = if self.x.is_empty() { 0.0 } else { LABEL * LEADING + 2.0 };
        let insets = Insets {
            left: widest_name + 14.0,
            top: title_height,
            right: widest_number + 14.0,
            bottom: TICK * LEADING + 9.0 + x_label,
        };
        Ok(BarsPanel { bars: self, theme, axis, names, numbers, title, title_size, insets })
    }

    fn check(&self) -> Result<(), FigureError> {
        text::check("the title", &self.title)?;
        text::check("the axis label", &self.x)?;
        if self.bars.is_empty() {
            let what = format!("bars {:?}", self.title);
            return Err(FigureError::NoData { what, element: "bar" });
        }
        for bar in &self.bars {
            text::check("the bar's name", &bar.name)?;
            check::finite(&format!("bar {:?} (value, interval)", bar.name), bar.values())?;
            if let Some((low, high)) = bar.interval
                && !(low <= bar.value && bar.value <= high)
            {
                let what = format!("the interval of bar {:?}, value {}", bar.name, bar.value);
                let hint = "give the interval's two ends, with the value between them";
                return Err(FigureError::BadRange { what, low, high, hint });
            }
        }
        Ok(())
    }
}

impl Bar {
    fn values(&self) -> impl Iterator<Item = f64> {
        let ends = self.interval.into_iter().flat_map(|(low, high)| [low, high]);
        std::iter::once(self.value).chain(ends)
    }
}

impl_picture!(Bars);

pub(crate) struct BarsPanel<'a> {
    bars: &'a Bars,
    theme: &'a Theme,
    axis: Axis,
    /// Each bar's name in lines.
    names: Vec<Vec<String>>,
    numbers: Vec<String>,
    title: Vec<String>,
    title_size: f64,
    insets: Insets,
}

impl Panel for BarsPanel<'_> {
    fn insets(&self) -> Insets {
        self.insets
    }

    fn draw(&self, scene: &mut Scene, frame: Rect, insets: Insets) {
        let plot = insets.plot(&frame);
        title_block(scene, &self.title, self.title_size, (frame.x, frame.y), self.theme);
        self.draw_axis(scene, &plot);
        let step = plot.height / self.names.len() as f64;
        for i in 0..self.names.len() {
            let middle = plot.y + (i as f64 + 0.5) * step;
            self.draw_bar(scene, &plot, i, middle, (0.55 * step).min(32.0));
        }
        if !self.bars.dots {
            let zero = snap(self.at(&plot, 0.0));
            let ends = vec![(zero, plot.y), (zero, plot.bottom())];
            scene.line(ends, self.theme.muted, 1.5);
        }
    }
}

impl BarsPanel<'_> {
    fn at(&self, plot: &Rect, value: f64) -> f64 {
        plot.x + self.axis.fraction(value) * plot.width
    }

    fn draw_axis(&self, scene: &mut Scene, plot: &Rect) {
        let theme = self.theme;
        let under = plot.bottom() + 9.0 + 0.5 * TICK;
        for tick in self.axis.ticks((plot.width / 90.0).round() as usize) {
            let x = snap(self.at(plot, tick.value));
            scene.line(vec![(x, plot.y), (x, plot.bottom())], theme.grid, 1.0);
            scene.text_on_line((x, under), &tick.label, TICK, theme.muted, HPos::Center);
        }
        let below = under + 0.5 * TICK + 2.0 + 0.5 * LABEL * LEADING;
        let center = plot.x + plot.width / 2.0;
        scene.text_on_line((center, below), &self.bars.x, LABEL, theme.muted, HPos::Center);
    }

    fn draw_bar(&self, scene: &mut Scene, plot: &Rect, i: usize, middle: f64, thick: f64) {
        let theme = self.theme;
        let bar = &self.bars.bars[i];
        let color = theme.series[0];
        let end = self.at(plot, bar.value);
        let name = &self.names[i];
        for (line, text) in name.iter().enumerate() {
            let below = (line as f64 - (name.len() - 1) as f64 / 2.0) * LABEL * 1.2;
            let at = (plot.x - 14.0, middle + below);
            scene.text_on_line(at, text, LABEL, theme.ink, HPos::Right);
        }
        if self.bars.dots {
            let guide = vec![(plot.x, snap(middle)), (plot.right(), snap(middle))];
            scene.line(guide, theme.grid, 1.0);
        } else {
            let zero = self.at(plot, 0.0);
            let (left, right) = (zero.min(end), zero.max(end));
            let rect =
                Rect { x: left, y: middle - thick / 2.0, width: right - left, height: thick };
            scene.polygon(rect.corners(), color.mix(theme.paper, 0.25), 1.0);
        }
        if let Some((low, high)) = bar.interval {
            let (low, high) = (self.at(plot, low), self.at(plot, high));
            let ink = if self.bars.dots { color } else { theme.ink };
            scene.line(vec![(low, middle), (high, middle)], ink, RULE + 0.5);
            for x in [low, high] {
                scene.line(vec![(x, middle - 6.0), (x, middle + 6.0)], ink, RULE + 0.5);
            }
        }
        if self.bars.dots {
            scene.disc((end, middle), 7.0, color, 1.0);
        }
        // In a column of their own, numbers can be compared and cover nothing.
        let at = (plot.right() + 14.0 + self.number_width(), middle);
        scene.text_on_line(at, &self.numbers[i], LABEL, theme.ink, HPos::Right);
    }

    fn number_width(&self) -> f64 {
        self.numbers.iter().map(|n| width(n, LABEL)).fold(0.0, f64::max)
    }
}
