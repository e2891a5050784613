//! Lines that are not data: what the data are to be compared with.

use plotters_backend::text_anchor::HPos;

use super::Reference;
use super::panel::{ABOVE, ChartPanel};
use crate::geometry::{Point, Rect, clip_line, dash};
use crate::page::{RULE, TICK, snap};
use crate::scene::Scene;
use crate::text::width;
use crate::view::View;

/// Fine enough that a circle of 1000 page units shows no corners.
const CORNERS: usize = 180;

impl ChartPanel<'_> {
    pub(super) fn draw_references(&self, scene: &mut Scene, view: &View) {
        let color = self.theme.muted;
        let plot = &view.plot;
        for reference in &self.chart.references {
            match reference {
                Reference::Horizontal { y, .. } => {
                    let y = snap(view.at_y(*y));
                    rule(scene, &[(plot.x, y), (plot.right(), y)], plot, color);
                }
                Reference::Vertical { x, .. } => {
                    // Up to its label in the row above.
                    let reach = Rect { y: plot.y - ABOVE, height: plot.height + ABOVE, ..*plot };
                    let x = snap(view.at_x(*x));
                    rule(scene, &[(x, reach.bottom()), (x, reach.y)], &reach, color);
                }
                Reference::Ellipse { center, radii, .. } => {
                    let outline: Vec<Point> = (0..=CORNERS)
                        .map(|i| {
                            let angle = std::f64::consts::TAU * i as f64 / CORNERS as f64;
                            view.place((
                                center.0 + radii.0 * angle.cos(),
                                center.1 + radii.1 * angle.sin(),
                            ))
                        })
                        .collect();
                    for piece in clip_line(&outline, plot) {
                        scene.line(piece, color, RULE);
                    }
                }
            }
        }
        for reference in &self.chart.references {
            if let Reference::Ellipse { label, center, radii } = reference {
                let top = view.place((center.0, center.1 + radii.1));
                if plot.contains(top) {
                    self.label_ellipse(scene, top, label);
                }
            }
        }
    }

    /// The label interrupts the outline at its top.
    fn label_ellipse(&self, scene: &mut Scene, top: Point, label: &str) {
        let (wide, high) = (width(label, TICK) + 8.0, TICK * 1.1);
        let rect = Rect { x: top.0 - wide / 2.0, y: top.1 - high / 2.0, width: wide, height: high };
        if !label.is_empty() {
            scene.polygon(rect.corners(), self.theme.paper, 0.95);
            scene.text_on_line(top, label, TICK, self.theme.muted, HPos::Center);
        }
    }
}

fn rule(scene: &mut Scene, ends: &[Point], plot: &Rect, color: crate::Color) {
    for piece in clip_line(ends, plot) {
        for piece in dash(&piece, 2.0, 6.0) {
            scene.line(piece, color, RULE);
        }
    }
}
