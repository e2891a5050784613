//! A scene as an SVG document: plotters' SVG backend draws the shapes, text stays text, and images
//! are embedded as PNG.

use std::fmt::Write;

use base64ct::{Base64, Encoding};
use plotters::backend::SVGBackend;

use crate::geometry::Rect;
use crate::scene::Scene;
use crate::{Color, FigureError};

/// plotters' backends take whole numbers: a tenth of a page unit is fine enough for any curve.
const SCALE: f64 = 10.0;

impl Scene {
    /// The scene as a document that stands alone.
    pub(crate) fn to_svg(&self) -> Result<String, FigureError> {
        let size = (self.width * SCALE, self.height * SCALE);
        let mut shapes = String::new();
        let mut backend = SVGBackend::with_string(&mut shapes, (size.0 as u32, size.1 as u32));
        self.paint(&mut backend, SCALE)?;
        drop(backend);
        // The first line is plotters' own <svg …> tag; the last one closes it.
        let body = shapes.split_once('\n').map_or("", |(_, body)| body);

        let page = Rect { x: 0.0, y: 0.0, width: self.width, height: self.height };
        let mut document = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" \
             viewBox=\"0 0 {} {}\" role=\"img\" stroke-linejoin=\"round\" \
             stroke-linecap=\"round\">\n<title>{}</title>\n",
            self.width,
            self.height,
            size.0,
            size.1,
            escape(&self.description)
        );
        document.push_str(&rect_tag(&page, self.paper));
        for (place, color) in &self.grounds {
            document.push_str(&rect_tag(place, *color));
        }
        for image in &self.images {
            let data = Base64::encode_string(&image.bitmap.to_png()?);
            let _ = writeln!(
                document,
                "<image {} preserveAspectRatio=\"none\" style=\"image-rendering:optimizeSpeed;image-rendering:pixelated\" \
                 href=\"data:image/png;base64,{data}\"/>",
                placement(&image.place)
            );
        }
        document.push_str(body);
        Ok(document)
    }
}

fn placement(place: &Rect) -> String {
    let [x, y, width, height] = [place.x, place.y, place.width, place.height].map(|v| v * SCALE);
    format!("x=\"{x:.0}\" y=\"{y:.0}\" width=\"{width:.0}\" height=\"{height:.0}\"")
}

fn rect_tag(place: &Rect, Color { r, g, b }: Color) -> String {
    format!("<rect {} fill=\"#{r:02X}{g:02X}{b:02X}\"/>\n", placement(place))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
