//! Pictures with an x and a y axis.

mod extent;
mod marks;
mod panel;
mod reference;

use crate::heat_map::HeatMap;
use crate::output::impl_picture;
use crate::page::{Colors, TITLE, inside_margins, single};
use crate::scene::Scene;
use crate::{FigureError, Theme};

pub(crate) use panel::ChartPanel;

/// Curves, bands, points, densities, histograms and heat maps over a pair of axes.
///
/// A chart is built by naming what is on it; ranges, ticks, colours and the place of the legend
/// follow from the data. **The same name has the same colour**, so a curve and its band, or a
/// histogram and its density, belong together by being called the same; in a
/// [`Figure`](crate::Figure) that holds across its charts. An empty name has a colour but no
/// legend.
///
/// Curves that end apart from each other are named at their ends. Otherwise a legend stands above
/// the plot, where it covers no data.
///
/// Points are given as anything that lends a slice of `(x, y)`: a `Vec`, an array, a slice. See
/// [`points_from`](crate::points_from) for the rows of an array.
///
/// ```
/// use figures::Chart;
///
/// let train = [(1.0, -160.0), (2.0, -121.0), (3.0, -112.0)];
/// let test = [(1.0, -140.0), (2.0, -118.0), (3.0, -111.0)];
/// let spread = [(1.0, -142.0, -138.0), (2.0, -119.0, -117.0), (3.0, -112.0, -110.0)];
/// let svg = Chart::new("The evidence lower bound rises")
///     .x("epoch")
///     .y("nats per image")
///     .line("train", train)
///     .line("test", test)
///     .band("test", spread)
///     .hline("exact log-evidence", -105.0)
///     .render_svg()?;
/// assert!(svg.contains("exact log-evidence"));
/// # Ok::<(), figures::FigureError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chart {
    pub(crate) title: String,
    pub(crate) x: AxisSetting,
    pub(crate) y: AxisSetting,
    pub(crate) marks: Vec<Mark>,
    pub(crate) heat_map: Option<HeatMap>,
    pub(crate) references: Vec<Reference>,
    pub(crate) class_names: Vec<String>,
    pub(crate) equal_axes: bool,
    pub(crate) point_alpha: Option<f64>,
    pub(crate) point_radius: Option<f64>,
    pub(crate) size: Option<(f64, f64)>,
    pub(crate) theme: Theme,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct AxisSetting {
    pub(crate) label: String,
    pub(crate) range: Option<(f64, f64)>,
    pub(crate) log: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Mark {
    Line { name: String, points: Vec<(f64, f64)>, dashed: bool },
    Band { name: String, rows: Vec<(f64, f64, f64)> },
    Area { name: String, points: Vec<(f64, f64)> },
    Histogram { name: String, values: Vec<f64>, bins: usize, density: bool },
    Points { name: String, points: Vec<(f64, f64)> },
    Classes { points: Vec<(f64, f64)>, labels: Vec<u8> },
}

#[derive(Clone, Debug)]
pub(crate) enum Reference {
    Horizontal { label: String, y: f64 },
    Vertical { label: String, x: f64 },
    Ellipse { label: String, center: (f64, f64), radii: (f64, f64) },
}

impl Chart {
    /// An empty chart. The title stands at the top left; pass `""` for none.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            x: AxisSetting::default(),
            y: AxisSetting::default(),
            marks: Vec::new(),
            heat_map: None,
            references: Vec::new(),
            class_names: Vec::new(),
            equal_axes: false,
            point_alpha: None,
            point_radius: None,
            size: None,
            theme: Theme::light(),
        }
    }

    /// What the x axis shows, with its unit: `"epoch"`.
    pub fn x(mut self, label: impl Into<String>) -> Self {
        self.x.label = label.into();
        self
    }

    /// What the y axis shows, with its unit: `"nats per image"`. It is set above the axis, upright.
    pub fn y(mut self, label: impl Into<String>) -> Self {
        self.y.label = label.into();
        self
    }

    /// Fixes the range of the x axis; what lies outside is cut off.
    pub fn x_range(mut self, low: f64, high: f64) -> Self {
        self.x.range = Some((low, high));
        self
    }

    /// Fixes the range of the y axis; what lies outside is cut off.
    pub fn y_range(mut self, low: f64, high: f64) -> Self {
        self.y.range = Some((low, high));
        self
    }

    /// Makes the x axis logarithmic; its data must be positive.
    pub fn log_x(mut self) -> Self {
        self.x.log = true;
        self
    }

    /// Makes the y axis logarithmic; its data must be positive.
    pub fn log_y(mut self) -> Self {
        self.y.log = true;
        self
    }

    /// Gives a unit the same length on both axes, so that circles are round.
    pub fn equal_axes(mut self) -> Self {
        self.equal_axes = true;
        self
    }

    /// A curve through points in the order given.
    pub fn line(self, name: impl Into<String>, points: impl AsRef<[(f64, f64)]>) -> Self {
        self.curve(name.into(), points.as_ref(), false)
    }

    /// A dashed curve.
    pub fn dashed(self, name: impl Into<String>, points: impl AsRef<[(f64, f64)]>) -> Self {
        self.curve(name.into(), points.as_ref(), true)
    }

    fn curve(mut self, name: String, points: &[(f64, f64)], dashed: bool) -> Self {
        self.marks.push(Mark::Line { name, points: points.to_vec(), dashed });
        self
    }

    /// The area between two curves, rows of `(x, low, high)`: an interval around the curve of the
    /// same name.
    pub fn band(mut self, name: impl Into<String>, rows: impl AsRef<[(f64, f64, f64)]>) -> Self {
        let rows = rows.as_ref().to_vec();
        self.marks.push(Mark::Band { name: name.into(), rows });
        self
    }

    /// A curve filled down to zero: a density.
    pub fn area(mut self, name: impl Into<String>, points: impl AsRef<[(f64, f64)]>) -> Self {
        let points = points.as_ref().to_vec();
        self.marks.push(Mark::Area { name: name.into(), points });
        self
    }

    /// A histogram with total area 1, to be compared with densities.
    ///
    /// All histograms of a chart share one set of bin edges, `bins` equal ones over the range of
    /// all their values (the largest `bins` asked for).
    pub fn histogram(
        mut self,
        name: impl Into<String>,
        values: impl AsRef<[f64]>,
        bins: usize,
    ) -> Self {
        let values = values.as_ref().to_vec();
        self.marks.push(Mark::Histogram { name: name.into(), values, bins, density: true });
        self
    }

    /// A histogram whose bars are as tall as the number of values in them; otherwise as
    /// [`histogram`](Self::histogram).
    pub fn counts(
        mut self,
        name: impl Into<String>,
        values: impl AsRef<[f64]>,
        bins: usize,
    ) -> Self {
        let values = values.as_ref().to_vec();
        self.marks.push(Mark::Histogram { name: name.into(), values, bins, density: false });
        self
    }

    /// A cloud of points in one colour.
    pub fn points(mut self, name: impl Into<String>, points: impl AsRef<[(f64, f64)]>) -> Self {
        let points = points.as_ref().to_vec();
        self.marks.push(Mark::Points { name: name.into(), points });
        self
    }

    /// A cloud of points coloured by class, 0 to 9, with each class's number (or name) at its mean.
    ///
    /// ```
    /// let codes = [(-1.0, 0.5), (-1.2, 0.4), (0.9, -0.3)];
    /// let png = figures::Chart::new("Where the encoder puts the digits")
    ///     .x("z₁")
    ///     .y("z₂")
    ///     .classes(codes, [3, 3, 8])
    ///     .sigma_circles()
    ///     .equal_axes()
    ///     .render_png()?;
    /// assert!(png.starts_with(b"\x89PNG"));
    /// # Ok::<(), figures::FigureError>(())
    /// ```
    pub fn classes(mut self, points: impl AsRef<[(f64, f64)]>, labels: impl AsRef<[u8]>) -> Self {
        let (points, labels) = (points.as_ref().to_vec(), labels.as_ref().to_vec());
        self.marks.push(Mark::Classes { points, labels });
        self
    }

    /// What the classes are called, class 0 first, for data whose classes are not digits.
    pub fn class_names<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.class_names = names.into_iter().map(Into::into).collect();
        self
    }

    /// How much a point hides, in (0, 1]; by default less the more points there are.
    pub fn point_alpha(mut self, alpha: f64) -> Self {
        self.point_alpha = Some(alpha);
        self
    }

    /// The radius of a point in page units; by default smaller the more points there are.
    pub fn point_radius(mut self, radius: f64) -> Self {
        self.point_radius = Some(radius);
        self
    }

    /// A horizontal reference line at `y`, named in the right margin. The axis reaches it.
    pub fn hline(mut self, label: impl Into<String>, y: f64) -> Self {
        self.references.push(Reference::Horizontal { label: label.into(), y });
        self
    }

    /// A vertical reference line at `x`, named above the plot. The axis reaches it.
    pub fn vline(mut self, label: impl Into<String>, x: f64) -> Self {
        self.references.push(Reference::Vertical { label: label.into(), x });
        self
    }

    /// The outline of an upright ellipse, in data units, named at its top.
    pub fn ellipse(
        mut self,
        label: impl Into<String>,
        center: (f64, f64),
        radii: (f64, f64),
    ) -> Self {
        self.references.push(Reference::Ellipse { label: label.into(), center, radii });
        self
    }

    /// The prior N(0, I): circles around the origin at 1, 2 and 3 standard deviations.
    pub fn sigma_circles(self) -> Self {
        self.ellipse("1σ", (0.0, 0.0), (1.0, 1.0)).ellipse("2σ", (0.0, 0.0), (2.0, 2.0)).ellipse(
            "3σ",
            (0.0, 0.0),
            (3.0, 3.0),
        )
    }

    /// A function of x and y as colour, beneath everything else, with a colour bar. One to a chart:
    /// a second one replaces the first.
    pub fn heat_map(mut self, map: HeatMap) -> Self {
        self.heat_map = Some(map);
        self
    }

    /// The page's width and height in page units (SVG pixels; a PNG has two to the unit). The
    /// default is 800 × 500, or 680 × 720 with equal axes. In a figure the figure decides.
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
        let default = if self.equal_axes { (680.0, 720.0) } else { (800.0, 500.0) };
        let (width, height) = self.size.unwrap_or(default);
        crate::check::size("the chart's size", (width, height))?;
        let cell = inside_margins((width, height));
        let panel = ChartPanel::new(self, &self.theme, &mut Colors::new(&self.theme), cell, TITLE)?;
        single(panel, cell, &self.title, &self.theme)
    }
}

impl_picture!(Chart);
