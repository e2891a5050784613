//! Several charts on one page.

use crate::chart::ChartPanel;
use crate::output::impl_picture;
use crate::page::{Colors, Panel, SUBTITLE, TITLE, compose};
use crate::scene::Scene;
use crate::{Bars, Chart, FigureError, Theme, check, text};

/// Charts and bars side by side or stacked, their plots aligned, their names in the same colours.
///
/// ```
/// use figures::{Chart, Figure};
///
/// let elbo = [(1.0, -160.0), (2.0, -121.0), (3.0, -112.0)];
/// let kl = [(1.0, 12.0), (2.0, 19.0), (3.0, 22.0)];
/// let svg = Figure::new("The bound and one of its terms")
///     .columns(2)
///     .panel(Chart::new("").x("epoch").y("nats per image").line("ELBO", elbo))
///     .panel(Chart::new("").x("epoch").y("nats per image").line("KL", kl))
///     .render_svg()?;
/// assert!(svg.contains("one of its terms"));
/// # Ok::<(), figures::FigureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Figure {
    title: String,
    columns: Option<usize>,
    panels: Vec<Content>,
    panel_size: (f64, f64),
    theme: Theme,
}

#[derive(Clone, Debug)]
enum Content {
    Chart(Box<Chart>),
    Bars(Bars),
}

/// What can stand in a [`Figure`]: a [`Chart`] or [`Bars`], by `into()`.
#[derive(Clone, Debug)]
pub struct FigurePanel(Content);

impl From<Chart> for FigurePanel {
    fn from(chart: Chart) -> Self {
        Self(Content::Chart(Box::new(chart)))
    }
}

impl From<Bars> for FigurePanel {
    fn from(bars: Bars) -> Self {
        Self(Content::Bars(bars))
    }
}

impl Figure {
    /// An empty figure; pass `""` for no common title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            columns: None,
            panels: Vec::new(),
            panel_size: (560.0, 420.0),
            theme: Theme::light(),
        }
    }

    /// How many panels stand side by side; all of them if never called. 1 stacks them.
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Adds a chart or bars; row by row from the top left.
    pub fn panel(mut self, panel: impl Into<FigurePanel>) -> Self {
        self.panels.push(panel.into().0);
        self
    }

    /// The width and height of a panel in page units, 560 × 420 if never called.
    pub fn panel_size(mut self, width: f64, height: f64) -> Self {
        self.panel_size = (width, height);
        self
    }

    /// The colours, for all panels; [`Theme::light`] if never called.
    pub fn theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    pub(crate) fn scene(&self) -> Result<Scene, FigureError> {
        text::check("the figure's title", &self.title)?;
        check::size("the figure's panel size", self.panel_size)?;
        if self.panels.is_empty() {
            let what = format!("figure {:?}", self.title);
            return Err(FigureError::NoData { what, element: "panel" });
        }
        let columns = self.columns.unwrap_or(self.panels.len());
        check::positive("the figure's number of columns", columns)?;
        let mut names = Colors::new(&self.theme);
        let title_size = if self.title.is_empty() { TITLE } else { SUBTITLE };
        let panels: Vec<Box<dyn Panel + '_>> = self
            .panels
            .iter()
            .map(|content| -> Result<Box<dyn Panel + '_>, FigureError> {
                Ok(match content {
                    Content::Chart(chart) => Box::new(ChartPanel::new(
                        chart,
                        &self.theme,
                        &mut names,
                        self.panel_size,
                        title_size,
                    )?),
                    Content::Bars(bars) => {
                        Box::new(bars.panel(&self.theme, self.panel_size, title_size)?)
                    }
                })
            })
            .collect::<Result<_, _>>()?;
        compose(&self.title, &panels, columns, self.panel_size, &self.theme)
    }
}

impl_picture!(Figure);
