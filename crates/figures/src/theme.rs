//! Colours. Nothing else in the crate names one.

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    /// Red, 0 to 255.
    pub r: u8,
    /// Green, 0 to 255.
    pub g: u8,
    /// Blue, 0 to 255.
    pub b: u8,
}

impl Color {
    /// The colour written `0xRRGGBB`.
    ///
    /// ```
    /// assert_eq!(figures::Color::hex(0x0072B2).g, 0x72);
    /// ```
    pub const fn hex(rgb: u32) -> Self {
        Self { r: (rgb >> 16) as u8, g: (rgb >> 8) as u8, b: rgb as u8 }
    }

    /// The colour a fraction `t` in [0, 1] of the way to `other`.
    pub fn mix(self, other: Self, t: f64) -> Self {
        let channel = |a: u8, b: u8| {
            let (a, b) = (f64::from(a), f64::from(b));
            (a + (b - a) * t.clamp(0.0, 1.0)).round() as u8
        };
        Self {
            r: channel(self.r, other.r),
            g: channel(self.g, other.g),
            b: channel(self.b, other.b),
        }
    }

    /// Relative luminance as the Web Content Accessibility Guidelines define it, in [0, 1].
    pub fn luminance(self) -> f64 {
        let [r, g, b] = self.linear();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// The channels as fractions of linear light.
    pub(crate) fn linear(self) -> [f64; 3] {
        [self.r, self.g, self.b].map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        })
    }
}

/// The colours of a picture.
///
/// Names get the colours of [`Theme::series`] in the order in which they first appear; class `k`
/// of a latent map gets colour `k`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The ground.
    pub paper: Color,
    /// Titles, and images where their value is 1.
    pub ink: Color,
    /// Axis labels, tick labels and reference lines.
    pub muted: Color,
    /// Grid lines and the frames of images.
    pub grid: Color,
    /// Ten colours that stay apart for readers with red- or green-blindness.
    pub series: [Color; 10],
    /// The heat map's colours from low to high, evenly spaced.
    pub ramp: [Color; 9],
}

impl Theme {
    /// Dark on white: for paper, for the book by day, and for a lecture hall that is not dark.
    pub const fn light() -> Self {
        Self {
            paper: Color::hex(0xFFFFFF),
            ink: Color::hex(0x1A1A1A),
            muted: Color::hex(0x595959),
            grid: Color::hex(0xE3E3E3),
            // Okabe and Ito's (2008) without yellow, which vanishes on white, and with black made
            // softer; then three that a search over sRGB found to keep their distance.
            series: [
                Color::hex(0x0072B2), // blue
                Color::hex(0xD55E00), // vermilion
                Color::hex(0x009E73), // bluish green
                Color::hex(0xCC79A7), // reddish purple
                Color::hex(0xE69F00), // orange
                Color::hex(0x56B4E9), // sky blue
                Color::hex(0x222222), // near-black
                Color::hex(0x7A2208), // brown
                Color::hex(0x5A4FE0), // violet
                Color::hex(0x30206E), // indigo
            ],
            ramp: RAMP,
        }
    }

    /// Light on near-black: for the book by night, and for a dark room.
    pub const fn dark() -> Self {
        let mut ramp = RAMP;
        let mut i = 0;
        while i < ramp.len() {
            ramp[i] = RAMP[RAMP.len() - 1 - i];
            i += 1;
        }
        Self {
            paper: Color::hex(0x14161A),
            ink: Color::hex(0xF2F2F2),
            muted: Color::hex(0xB4B8BF),
            grid: Color::hex(0x33373E),
            series: [
                Color::hex(0x56B4E9), // sky blue
                Color::hex(0xE8660A), // vermilion
                Color::hex(0x00A87A), // bluish green
                Color::hex(0xD484B2), // reddish purple
                Color::hex(0xF0A91A), // orange
                Color::hex(0xF0E442), // yellow
                Color::hex(0xF5F0FF), // near-white
                Color::hex(0x9A3A30), // brick
                Color::hex(0x6A5CFF), // violet
                Color::hex(0x0072B2), // blue
            ],
            ramp,
        }
    }

    /// The heat map's colour at a fraction `t` in [0, 1] of its range.
    pub fn ramp_at(&self, t: f64) -> Color {
        let position = t.clamp(0.0, 1.0) * (self.ramp.len() - 1) as f64;
        let below = (position.floor() as usize).min(self.ramp.len() - 2);
        self.ramp[below].mix(self.ramp[below + 1], position - below as f64)
    }

    /// Ink or paper, whichever reads better on `ground`.
    pub(crate) fn readable_on(&self, ground: Color) -> Color {
        let contrast = |text: Color| {
            let (a, b) = (text.luminance(), ground.luminance());
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        if contrast(self.ink) >= contrast(self.paper) { self.ink } else { self.paper }
    }

    /// A series colour moved towards the ink, so that thin letters in it stay legible.
    pub(crate) fn text_in(&self, color: Color) -> Color {
        color.mix(self.ink, 0.25)
    }
}

impl Default for Theme {
    /// [`Theme::light`].
    fn default() -> Self {
        Self::light()
    }
}

/// ColorBrewer's YlGnBu (Brewer, Harrower and Penn State, Apache 2.0): lightness falls steadily, so
/// it survives grey printing and every kind of colour blindness.
const RAMP: [Color; 9] = [
    Color::hex(0xFFFFD9),
    Color::hex(0xEDF8B1),
    Color::hex(0xC7E9B4),
    Color::hex(0x7FCDBB),
    Color::hex(0x41B6C4),
    Color::hex(0x1D91C0),
    Color::hex(0x225EA8),
    Color::hex(0x253494),
    Color::hex(0x081D58),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Viénot, Brettel and Mollon (1999): linear light as a dichromat sees it.
    const NORMAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    const PROTANOPIA: [[f64; 3]; 3] =
        [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]];
    const DEUTERANOPIA: [[f64; 3]; 3] =
        [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]];

    fn times(matrix: [[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
    }

    /// OKLab (Ottosson 2020), where a distance of 0.02 is about one just noticeable difference.
    fn oklab(linear: [f64; 3]) -> [f64; 3] {
        let lms = times(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ],
            linear,
        );
        times(
            [
                [0.2104542553, 0.7936177850, -0.0040720468],
                [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ],
            lms.map(|v| v.max(0.0).cbrt()),
        )
    }

    fn distance(a: Color, b: Color, eye: [[f64; 3]; 3]) -> f64 {
        let (a, b) = (oklab(times(eye, a.linear())), oklab(times(eye, b.linear())));
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn series_colours_stay_apart_for_colour_blind_readers() {
        // 0.07 is three to four just noticeable differences; Okabe and Ito's own eight colours come
        // as close as 0.079 under these simulations (bluish green and reddish purple).
        for theme in [Theme::light(), Theme::dark()] {
            for eye in [NORMAL, PROTANOPIA, DEUTERANOPIA] {
                for i in 0..10 {
                    for j in 0..i {
                        let d = distance(theme.series[i], theme.series[j], eye);
                        assert!(
                            d > 0.07,
                            "colours {j} and {i} are only {d:.3} apart under {eye:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn series_colours_stand_out_from_their_paper() {
        for theme in [Theme::light(), Theme::dark()] {
            for (k, color) in theme.series.into_iter().enumerate() {
                let d = distance(color, theme.paper, NORMAL);
                assert!(d > 0.2, "colour {k} is only {d:.3} from the paper");
            }
        }
    }

    #[test]
    fn the_ramp_changes_lightness_steadily() {
        for theme in [Theme::light(), Theme::dark()] {
            let lightness = |i| oklab(theme.ramp_at(f64::from(i) / 64.0).linear())[0];
            let sign = (lightness(64) - lightness(0)).signum();
            for i in 0..64 {
                assert!((lightness(i + 1) - lightness(i)) * sign > 0.0, "step {i}");
            }
        }
    }

    #[test]
    fn mixing_by_halves_lands_half_way() {
        let grey = Color::hex(0x000000).mix(Color::hex(0xFFFFFF), 0.5);
        assert_eq!(grey, Color::hex(0x808080));
    }
}
