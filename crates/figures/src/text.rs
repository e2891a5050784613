//! The embedded font: how wide a text is, and which pixels it covers.

use std::convert::Infallible;
use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, GlyphId, PxScale, ScaleFont, point};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendTextStyle, FontFamily};

use crate::FigureError;

/// What an SVG asks for. Verdana has nearly the widths of DejaVu Sans, so the layout holds where
/// DejaVu is not installed.
const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// Half the height of a capital, in ems: what has to be added to a middle line to find the baseline.
pub(crate) const HALF_CAPITAL: f64 = 0.365;

static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("../fonts/DejaVuSans.ttf"))
        .expect("the embedded font is a valid one")
});

/// The width of `text` set at `size` (the em), in the unit of `size`.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let units_per_em = f64::from(FONT.units_per_em().unwrap_or(1000.0));
    let mut units = 0.0;
    let mut previous: Option<GlyphId> = None;
    for glyph in text.chars().map(|c| FONT.glyph_id(c)) {
        units += f64::from(FONT.h_advance_unscaled(glyph));
        if let Some(previous) = previous {
            units += f64::from(FONT.kern_unscaled(previous, glyph));
        }
        previous = Some(glyph);
    }
    units / units_per_em * size
}

/// Breaks `text` at spaces into lines no wider than `limit`; a single word may still be wider.
pub(crate) fn wrap(text: &str, size: f64, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.into_iter().map(|line| shorten(&line, size, limit)).collect()
}

/// `text`, or as much of its beginning as fits into `limit` with an ellipsis behind it; nothing if
/// not even that fits.
pub(crate) fn shorten(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let candidate = format!("{}…", kept.iter().collect::<String>().trim_end());
        if width(&candidate, size) <= limit {
            return candidate;
        }
    }
    String::new()
}

/// Refuses texts that an SVG cannot hold or that would not stay on one line.
pub(crate) fn check(what: &'static str, text: &str) -> Result<(), FigureError> {
    if text.chars().any(char::is_control) {
        return Err(FigureError::BadText { what, text: text.to_owned() });
    }
    Ok(())
}

/// How plotters' backends are told to set a text: glyphs from the embedded font, with their side
/// bearings, which plotters' own font module leaves out.
pub(crate) struct TextStyle {
    /// The em in backend pixels.
    pub(crate) em: f64,
    pub(crate) color: BackendColor,
    pub(crate) anchor: HPos,
}

impl TextStyle {
    /// How far below `VPos::Top` the baseline lies; plotters' SVG backend says `dy="0.76em"`.
    pub(crate) fn ascent(&self) -> f64 {
        0.76 * self.em
    }
}

impl BackendTextStyle for TextStyle {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        self.color
    }

    /// plotters' SVG backend divides by 1.24 to get the em.
    fn size(&self) -> f64 {
        self.em * 1.24
    }

    fn anchor(&self) -> Pos {
        Pos::new(self.anchor, VPos::Top)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(FAMILY)
    }

    fn layout_box(&self, text: &str) -> Result<((i32, i32), (i32, i32)), Infallible> {
        Ok(((0, 0), (width(text, self.em).round() as i32, self.em.round() as i32)))
    }

    fn draw<E, DrawFunc: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        text: &str,
        pos: BackendCoord,
        mut draw: DrawFunc,
    ) -> Result<Result<(), E>, Infallible> {
        let em_height = FONT.height_unscaled() / FONT.units_per_em().unwrap_or(1000.0);
        let scale = PxScale::from(self.em as f32 * em_height);
        let font = FONT.as_scaled(scale);
        let mut caret = point(pos.0 as f32, pos.1 as f32 + self.ascent() as f32);
        let mut previous: Option<GlyphId> = None;
        for id in text.chars().map(|c| FONT.glyph_id(c)) {
            if let Some(previous) = previous {
                caret.x += font.kern(previous, id);
            }
            previous = Some(id);
            let glyph = Glyph { id, scale, position: caret };
            caret.x += font.h_advance(id);
            let Some(outline) = FONT.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            let mut result = Ok(());
            outline.draw(|x, y, coverage| {
                if result.is_ok() {
                    let at = (corner.x as i32 + x as i32, corner.y as i32 + y as i32);
                    let coverage = f64::from(coverage.clamp(0.0, 1.0));
                    result = draw(at.0, at.1, self.color.mix(coverage));
                }
            });
            if result.is_err() {
                return Ok(result);
            }
        }
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font_file() {
        // Advance widths of DejaVu Sans 2.37 in 1/2048 em: digits 1303, i 569.
        assert!((width("0", 2048.0) - 1303.0).abs() < 1e-6);
        assert!((width("i0", 2048.0) - 1872.0).abs() < 1e-6);
    }

    #[test]
    fn the_font_has_the_signs_of_the_course() {
        for c in "−×→±σμεφθ∞ℒ∥≤≥⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂\u{202f}…".chars()
        {
            assert_ne!(FONT.glyph_id(c).0, 0, "no glyph for {c:?}");
        }
    }

    #[test]
    fn long_texts_wrap_and_long_words_are_shortened() {
        let limit = width("evidence lower", 20.0) + 1.0;
        assert_eq!(wrap("evidence lower bound", 20.0, limit), ["evidence lower", "bound"]);
        let short = shorten("reconstruction", 20.0, width("recon…", 20.0) + 0.1);
        assert_eq!(short, "recon…");
    }

    #[test]
    fn a_glyph_keeps_its_left_side_bearing() {
        // The letter l is a bar 0.09 em from its origin, 0.09 em wide, and as tall as 0.76 em.
        let style = TextStyle {
            em: 100.0,
            color: BackendColor { alpha: 1.0, rgb: (0, 0, 0) },
            anchor: HPos::Left,
        };
        let mut covered = Vec::new();
        let drawn: Result<(), ()> = style
            .draw("l", (0, 0), |x, y, color| {
                if color.alpha > 0.5 {
                    covered.push((x, y));
                }
                Ok(())
            })
            .unwrap_or_else(|never| match never {});
        assert_eq!(drawn, Ok(()));
        let xs = covered.iter().map(|p| p.0);
        assert_eq!((xs.clone().min(), xs.max()), (Some(9), Some(17)));
        let ys = covered.iter().map(|p| p.1);
        assert_eq!((ys.clone().min(), ys.max()), (Some(0), Some(75)));
    }
}
