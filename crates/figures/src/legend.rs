//! What a name looks like, in a row above the plot.

use plotters_backend::text_anchor::HPos;

use crate::page::{CURVE, DASH, LABEL, LEADING};
use crate::scene::Scene;
use crate::text::{shorten, width};
use crate::{Color, Theme, geometry};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Swatch {
    Line,
    Dashed,
    Fill,
    Dot,
}

/// One name with everything that is drawn under it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) color: Color,
    pub(crate) swatches: Vec<Swatch>,
}

/// Entries broken into rows.
pub(crate) struct Legend {
    rows: Vec<Vec<Entry>>,
}

const SAMPLE: f64 = 30.0;
const BESIDE: f64 = 8.0;
const BETWEEN: f64 = 26.0;
const ROW: f64 = LABEL * LEADING + 2.0;

impl Legend {
    pub(crate) fn new(entries: Vec<Entry>, limit: f64) -> Self {
        let mut rows: Vec<Vec<Entry>> = Vec::new();
        let mut used = 0.0;
        for mut entry in entries {
            entry.name = shorten(&entry.name, LABEL, limit - SAMPLE - BESIDE);
            let needed = entry.width();
            match rows.last_mut() {
                Some(row) if used + BETWEEN + needed <= limit => {
                    used += BETWEEN + needed;
                    row.push(entry);
                }
                _ => {
                    used = needed;
                    rows.push(vec![entry]);
                }
            }
        }
        Self { rows }
    }

    pub(crate) fn height(&self) -> f64 {
        self.rows.len() as f64 * ROW
    }

    pub(crate) fn draw(&self, scene: &mut Scene, corner: (f64, f64), theme: &Theme) {
        for (i, row) in self.rows.iter().enumerate() {
            let middle = corner.1 + (i as f64 + 0.5) * ROW;
            let mut x = corner.0;
            for entry in row {
                entry.sample(scene, x, middle);
                let at = (x + entry.sample_width() + BESIDE, middle);
                scene.text_on_line(at, &entry.name, LABEL, theme.ink, HPos::Left);
                x += entry.width() + BETWEEN;
            }
        }
    }
}

impl Entry {
    fn sample_width(&self) -> f64 {
        if self.swatches.iter().all(|s| *s == Swatch::Dot) { 12.0 } else { SAMPLE }
    }

    fn width(&self) -> f64 {
        self.sample_width() + BESIDE + width(&self.name, LABEL)
    }

    fn sample(&self, scene: &mut Scene, x: f64, middle: f64) {
        let bar = vec![(x + 2.0, middle), (x + SAMPLE - 2.0, middle)];
        for swatch in &self.swatches {
            match swatch {
                Swatch::Fill => {
                    let rect = geometry::Rect { x, y: middle - 7.0, width: SAMPLE, height: 14.0 };
                    scene.polygon(rect.corners(), self.color, 0.35);
                }
                Swatch::Line => scene.line(bar.clone(), self.color, CURVE),
                Swatch::Dashed => {
                    for dash in geometry::dash(&bar, DASH.0, DASH.1) {
                        scene.line(dash, self.color, CURVE);
                    }
                }
                Swatch::Dot => {
                    scene.disc((x + self.sample_width() / 2.0, middle), 5.5, self.color, 1.0);
                }
            }
        }
    }
}
