//! Reading pictures back with decoders that are not the crate's own.

#![allow(dead_code)] // each test file uses its share

use std::io::Cursor;

/// A decoded PNG with three channels.
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    rgb: Vec<u8>,
}

impl Pixels {
    pub(crate) fn decode(file: &[u8]) -> Self {
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().expect("a PNG header");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a size that fits")];
        let info = reader.next_frame(&mut bytes).expect("a PNG image");
        assert_eq!(info.bit_depth, png::BitDepth::Eight);
        let rgb = match info.color_type {
            png::ColorType::Rgb => bytes,
            png::ColorType::Grayscale => bytes.into_iter().flat_map(|v| [v; 3]).collect(),
            other => panic!("unexpected colour type {other:?}"),
        };
        Self { width: info.width as usize, height: info.height as usize, rgb }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let i = 3 * (y * self.width + x);
        [self.rgb[i], self.rgb[i + 1], self.rgb[i + 2]]
    }
}

/// The numbers of an SVG attribute such as `points`, in page units.
pub(crate) fn coordinates(text: &str) -> Vec<(f64, f64)> {
    let numbers: Vec<f64> = text
        .split([' ', ','])
        .filter(|s| !s.is_empty())
        .map(|s| s.parse::<f64>().expect("a number") / 10.0)
        .collect();
    numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The points of all elements with this tag and this stroke or fill, in page units.
pub(crate) fn outlines(svg: &str, tag: &str, color: &str) -> Vec<Vec<(f64, f64)>> {
    let document = roxmltree::Document::parse(svg).expect("well-formed XML");
    document
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", tag)))
        .filter(|node| [node.attribute("stroke"), node.attribute("fill")].contains(&Some(color)))
        .map(|node| coordinates(node.attribute("points").expect("points")))
        .collect()
}

/// A text of an SVG: what it says, its anchor point in page units, its colour.
pub(crate) struct Text {
    pub(crate) says: String,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) fill: String,
}

pub(crate) fn texts(svg: &str) -> Vec<Text> {
    let document = roxmltree::Document::parse(svg).expect("well-formed XML");
    document
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")))
        .map(|node| {
            let number = |name| node.attribute(name).expect(name).parse::<f64>().expect(name);
            // plotters' backend asks for a baseline 0.76 em below y.
            let baseline = number("y") + 0.76 * number("font-size");
            Text {
                says: node.text().expect("some text").trim().to_owned(),
                x: number("x") / 10.0,
                y: baseline / 10.0,
                fill: node.attribute("fill").expect("fill").to_owned(),
            }
        })
        .collect()
}

pub(crate) fn find_text(svg: &str, says: &str) -> Text {
    let mut found: Vec<Text> = texts(svg).into_iter().filter(|t| t.says == says).collect();
    assert_eq!(found.len(), 1, "how often {says:?} stands on the picture");
    found.remove(0)
}
