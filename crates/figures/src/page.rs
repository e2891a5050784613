//! The measures that all pictures share, and how panels are set out on a page.

use plotters_backend::text_anchor::HPos;

use crate::geometry::Rect;
use crate::scene::Scene;
use crate::text::{shorten, width, wrap};
use crate::{Color, FigureError, Theme};

/// Sizes are ems in page units, chosen to be read from the back of a lecture hall when the picture
/// fills the screen.
pub(crate) const TITLE: f64 = 22.0;
/// The title of a panel whose figure has one, too.
pub(crate) const SUBTITLE: f64 = 19.0;
pub(crate) const LABEL: f64 = 17.0;
pub(crate) const TICK: f64 = 16.0;
/// Height of a line of text, in ems.
pub(crate) const LEADING: f64 = 1.35;
pub(crate) const MARGIN: f64 = 20.0;
/// Width of a curve.
pub(crate) const CURVE: f64 = 3.0;
/// Width of a reference line.
pub(crate) const RULE: f64 = 1.75;
/// Dashes and the gaps between them, with room for the round ends.
pub(crate) const DASH: (f64, f64) = (8.0, 8.0);

/// The room that labels need around a plot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Insets {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Insets {
    pub(crate) fn plot(&self, frame: &Rect) -> Rect {
        Rect {
            x: snap(frame.x + self.left),
            y: snap(frame.y + self.top),
            width: snap((frame.width - self.left - self.right).max(40.0)),
            height: snap((frame.height - self.top - self.bottom).max(40.0)),
        }
    }
}

/// Something with a plot area that can stand beside others, plots aligned.
pub(crate) trait Panel {
    fn insets(&self) -> Insets;
    fn draw(&self, scene: &mut Scene, frame: Rect, insets: Insets);
}

/// Which colour each name has: the theme's next one at its first appearance, the same ever after.
pub(crate) struct Colors<'a> {
    theme: &'a Theme,
    names: Vec<String>,
}

impl<'a> Colors<'a> {
    pub(crate) fn new(theme: &'a Theme) -> Self {
        Self { theme, names: Vec::new() }
    }

    pub(crate) fn of(&mut self, name: &str) -> Color {
        let known = self.names.iter().position(|n| n == name);
        let index = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        self.theme.series[index % self.theme.series.len()]
    }
}

/// Sets panels out in rows of `columns` cells of the given size under a common title.
pub(crate) fn compose(
    title: &str,
    panels: &[Box<dyn Panel + '_>],
    columns: usize,
    cell: (f64, f64),
    theme: &Theme,
) -> Result<Scene, FigureError> {
    const GAP: f64 = 28.0;
    let columns = columns.clamp(1, panels.len().max(1));
    let rows = panels.len().div_ceil(columns);
    let width = 2.0 * MARGIN + columns as f64 * (cell.0 + GAP) - GAP;
    let title_lines = wrap(title, TITLE, width - 2.0 * MARGIN);
    let title_height = match title_lines.len() {
        0 => 0.0,
        lines => lines as f64 * TITLE * LEADING + 12.0,
    };
    let height = 2.0 * MARGIN + title_height + rows as f64 * (cell.1 + GAP) - GAP;
    let mut scene = Scene::new(width, height, theme.paper, title);
    title_block(&mut scene, &title_lines, TITLE, (MARGIN, MARGIN), theme);

    let largest = |side: fn(&Insets) -> f64, group: &dyn Fn(usize) -> bool| {
        let members = panels.iter().enumerate().filter(|(i, _)| group(*i));
        members.map(|(_, panel)| side(&panel.insets())).fold(0.0, f64::max)
    };
    for (i, panel) in panels.iter().enumerate() {
        let (row, column) = (i / columns, i % columns);
        let insets = Insets {
            left: largest(|s| s.left, &|j| j % columns == column),
            right: largest(|s| s.right, &|j| j % columns == column),
            top: largest(|s| s.top, &|j| j / columns == row),
            bottom: largest(|s| s.bottom, &|j| j / columns == row),
        };
        let frame = Rect {
            x: MARGIN + column as f64 * (cell.0 + GAP),
            y: MARGIN + title_height + row as f64 * (cell.1 + GAP),
            width: cell.0,
            height: cell.1,
        };
        panel.draw(&mut scene, frame, insets);
    }
    Ok(scene)
}

/// The smallest page around a single panel.
pub(crate) fn single(
    panel: impl Panel,
    cell: (f64, f64),
    title: &str,
    theme: &Theme,
) -> Result<Scene, FigureError> {
    let mut scene = compose("", &[Box::new(panel)], 1, cell, theme)?;
    scene.description = title.to_owned();
    Ok(scene)
}

/// The room inside the margins of a page.
pub(crate) fn inside_margins((width, height): (f64, f64)) -> (f64, f64) {
    (width - 2.0 * MARGIN, height - 2.0 * MARGIN)
}

/// Lines of title from the left, the first one's top at `corner`.
pub(crate) fn title_block(
    scene: &mut Scene,
    lines: &[String],
    size: f64,
    corner: (f64, f64),
    theme: &Theme,
) {
    for (i, line) in lines.iter().enumerate() {
        let middle = corner.1 + (i as f64 + 0.5) * size * LEADING;
        scene.text_on_line((corner.0, middle), line, size, theme.ink, HPos::Left);
    }
}

/// A text and the size at which it fits into `limit`: smaller if need be, shortened as a last
/// resort.
pub(crate) fn fit(text: &str, size: f64, limit: f64) -> (String, f64) {
    let size = (size * limit / width(text, size).max(1e-9)).clamp(0.7 * size, size);
    (shorten(text, size, limit * 1.0001), size)
}

/// The nearest place where a thin line falls on whole pixels.
pub(crate) fn snap(v: f64) -> f64 {
    (v * 2.0).round() / 2.0
}
