//! A scene as pixels: drawn by plotters' bitmap backend at three times the resolution, then
//! averaged, which smooths every edge in the same way.

use plotters::backend::BitMapBackend;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, DrawingBackend, DrawingErrorKind,
};

use crate::geometry::Rect;
use crate::scene::{Bitmap, Image, Scene};
use crate::{Color, FigureError};

/// PNG pixels to the page unit.
pub(crate) const PIXELS: usize = 2;
/// Drawn pixels to the PNG pixel, in each direction.
const OVERSAMPLING: usize = 3;
const SCALE: usize = PIXELS * OVERSAMPLING;
/// 16 million pixels need 430 MB while they are drawn.
pub(crate) const MOST_PIXELS: u64 = 16_000_000;

impl Scene {
    /// The scene's pixels, [`PIXELS`] to the page unit.
    pub(crate) fn rasterise(&self) -> Result<Bitmap, FigureError> {
        let pixels = |length: f64| (length * PIXELS as f64).round();
        let (wide, high) = (pixels(self.width), pixels(self.height));
        if wide * high > MOST_PIXELS as f64 {
            return Err(FigureError::TooLarge {
                width: wide as u64,
                height: high as u64,
                limit: MOST_PIXELS,
            });
        }
        let (width, height) = (wide as usize, high as usize);
        let mut fine = Bitmap::plain(width * OVERSAMPLING, height * OVERSAMPLING, self.paper);
        for (place, color) in &self.grounds {
            let bitmap = Bitmap::plain(1, 1, *color);
            fine.blit(&Image { place: *place, bitmap });
        }
        for image in &self.images {
            fine.blit(image);
        }
        let size = (fine.width as u32, fine.height as u32);
        let mut canvas = Canvas { bitmap: BitMapBackend::with_buffer(&mut fine.rgb, size) };
        self.paint(&mut canvas, SCALE as f64)?;
        drop(canvas);
        Ok(fine.averaged())
    }
}

impl Bitmap {
    pub(crate) fn plain(width: usize, height: usize, color: Color) -> Self {
        let rgb = [color.r, color.g, color.b].repeat(width * height);
        Self { width, height, rgb }
    }

    /// Copies an image to its place, each pixel of `self` taking the image's pixel it lies in.
    fn blit(&mut self, image: &Image) {
        let Rect { x, y, width, height } = image.place;
        let span = |start: f64, length: f64, limit: usize| {
            let scale = SCALE as f64;
            let first = (start * scale).round().max(0.0) as usize;
            let last = ((start + length) * scale).round().max(0.0) as usize;
            (first.min(limit), last.min(limit))
        };
        let (left, right) = span(x, width, self.width);
        let (top, bottom) = span(y, height, self.height);
        let source = &image.bitmap;
        for row in top..bottom {
            let from_row = (row - top) * source.height / (bottom - top);
            for column in left..right {
                let from_column = (column - left) * source.width / (right - left);
                let from = 3 * (from_row * source.width + from_column);
                let to = 3 * (row * self.width + column);
                self.rgb[to..to + 3].copy_from_slice(&source.rgb[from..from + 3]);
            }
        }
    }

    /// The means of blocks of [`OVERSAMPLING`]² pixels.
    fn averaged(&self) -> Self {
        let (width, height) = (self.width / OVERSAMPLING, self.height / OVERSAMPLING);
        let count = (OVERSAMPLING * OVERSAMPLING) as u32;
        let mut rgb = Vec::with_capacity(3 * width * height);
        let mut sums = vec![0u32; 3 * width];
        for block in self.rgb.chunks_exact(3 * self.width * OVERSAMPLING).take(height) {
            sums.fill(0);
            for row in block.chunks_exact(3 * self.width) {
                for (sum, pixels) in
                    sums.chunks_exact_mut(3).zip(row.chunks_exact(3 * OVERSAMPLING))
                {
                    for pixel in pixels.chunks_exact(3) {
                        for channel in 0..3 {
                            sum[channel] += u32::from(pixel[channel]);
                        }
                    }
                }
            }
            rgb.extend(sums.iter().map(|sum| ((sum + count / 2) / count) as u8));
        }
        Self { width, height, rgb }
    }

    /// The bitmap as a PNG file, 8 bits a channel.
    pub(crate) fn to_png(&self) -> Result<Vec<u8>, FigureError> {
        encode(self.width, self.height, png::ColorType::Rgb, &self.rgb)
    }
}

/// Encodes 8-bit pixels.
pub(crate) fn encode(
    width: usize,
    height: usize,
    color: png::ColorType,
    pixels: &[u8],
) -> Result<Vec<u8>, FigureError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels))
        .map_err(|e| FigureError::Backend(e.to_string()))?;
    Ok(file)
}

/// plotters' bitmap backend with its own rasteriser of thick lines and polygons replaced: that one
/// drops the last row of some polygons and draws spikes at sharp turns.
struct Canvas<'a> {
    bitmap: BitMapBackend<'a>,
}

type Drawn<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> Canvas<'a> {
    /// Fills a polygon by the even-odd rule, row by row through the pixels' centres.
    fn fill(&mut self, corners: &[(f64, f64)], color: BackendColor) -> Drawn<'a> {
        let (top, bottom) = corners
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(t, b), p| (t.min(p.1), b.max(p.1)));
        let rows = self.get_size().1 as i32;
        let mut crossings = Vec::new();
        for row in ((top - 0.5).ceil() as i32).max(0)..((bottom - 0.5).ceil() as i32).min(rows) {
            let y = f64::from(row) + 0.5;
            crossings.clear();
            for (i, b) in corners.iter().enumerate() {
                let a = corners[(i + corners.len() - 1) % corners.len()];
                if (a.1 <= y) != (b.1 <= y) {
                    crossings.push(a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0));
                }
            }
            crossings.sort_by(f64::total_cmp);
            for span in crossings.chunks_exact(2) {
                let (left, right) = ((span[0] - 0.5).ceil() as i32, (span[1] - 0.5).ceil() as i32);
                if left < right {
                    self.bitmap.draw_rect((left, row), (right, row + 1), &color, true)?;
                }
            }
        }
        Ok(())
    }
}

impl<'a> DrawingBackend for Canvas<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.bitmap.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn<'a> {
        self.bitmap.ensure_prepared()
    }

    fn present(&mut self) -> Drawn<'a> {
        self.bitmap.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn<'a> {
        self.bitmap.draw_pixel(point, color)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn<'a> {
        let corners: Vec<_> = corners.into_iter().map(exact).collect();
        self.fill(&corners, style.color())
    }

    /// A thick line is a rectangle for each segment and a disc at each point.
    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn<'a> {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        let half = f64::from(style.stroke_width()) / 2.0;
        for pair in points.windows(2) {
            let (a, b) = (exact(pair[0]), exact(pair[1]));
            let length = (b.0 - a.0).hypot(b.1 - a.1);
            if length > 0.0 {
                let across = (-(b.1 - a.1) / length * half, (b.0 - a.0) / length * half);
                let corners = [
                    (a.0 + across.0, a.1 + across.1),
                    (b.0 + across.0, b.1 + across.1),
                    (b.0 - across.0, b.1 - across.1),
                    (a.0 - across.0, a.1 - across.1),
                ];
                self.fill(&corners, style.color())?;
            }
        }
        points.into_iter().try_for_each(|point| self.disc(exact(point), half, style.color()))
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Drawn<'a> {
        self.disc(exact(center), f64::from(radius), style.color())
    }
}

impl<'a> Canvas<'a> {
    fn disc(&mut self, center: (f64, f64), radius: f64, color: BackendColor) -> Drawn<'a> {
        for row in (center.1 - radius).floor() as i32..=(center.1 + radius).ceil() as i32 {
            let dy = f64::from(row) + 0.5 - center.1;
            let half = radius * radius - dy * dy;
            if half > 0.0 {
                let half = half.sqrt();
                let left = (center.0 - half - 0.5).ceil() as i32;
                let right = (center.0 + half - 0.5).ceil() as i32;
                if left < right {
                    self.bitmap.draw_rect((left, row), (right, row + 1), &color, true)?;
                }
            }
        }
        Ok(())
    }
}

fn exact(point: BackendCoord) -> (f64, f64) {
    (f64::from(point.0), f64::from(point.1))
}

#[cfg(test)]
mod tests {
    use plotters_backend::text_anchor::HPos;

    use super::*;

    const BLACK: Color = Color::hex(0x000000);
    const WHITE: Color = Color::hex(0xFFFFFF);

    fn pixel(bitmap: &Bitmap, x: usize, y: usize) -> u8 {
        bitmap.rgb[3 * (y * bitmap.width + x)]
    }

    #[test]
    fn a_rectangle_covers_its_pixels_and_no_others() {
        let mut scene = Scene::new(10.0, 10.0, WHITE, "");
        let rect = Rect { x: 2.0, y: 3.0, width: 4.0, height: 1.5 };
        scene.polygon(rect.corners(), BLACK, 1.0);
        let bitmap = scene.rasterise().unwrap();
        for y in 0..20 {
            for x in 0..20 {
                let inside = (4..12).contains(&x) && (6..9).contains(&y);
                assert_eq!(pixel(&bitmap, x, y), if inside { 0 } else { 255 }, "({x}, {y})");
            }
        }
    }

    #[test]
    fn an_alpha_of_one_half_gives_grey_without_seams() {
        let mut scene = Scene::new(10.0, 10.0, WHITE, "");
        let star = vec![(1.0, 1.0), (9.0, 1.0), (5.0, 5.0), (9.0, 9.0), (1.0, 9.0)];
        scene.polygon(star, BLACK, 0.5);
        let bitmap = scene.rasterise().unwrap();
        let inside: Vec<u8> = (3..17).map(|y| pixel(&bitmap, 4, y)).collect();
        assert!(inside.iter().all(|&v| v == 127 || v == 128), "{inside:?}");
    }

    #[test]
    fn a_disc_has_the_area_of_a_disc() {
        let mut scene = Scene::new(50.0, 50.0, WHITE, "");
        scene.disc((25.0, 25.0), 20.0, BLACK, 1.0);
        let bitmap = scene.rasterise().unwrap();
        let ink: f64 = bitmap.rgb.iter().step_by(3).map(|&v| 1.0 - f64::from(v) / 255.0).sum();
        let area = std::f64::consts::PI * 40.0 * 40.0;
        // A 120-pixel radius on the fine grid counts lattice points to a few hundredths of a percent.
        assert!((ink / area - 1.0).abs() < 1e-3, "{ink} pixels of ink, area {area}");
    }

    #[test]
    fn a_sharp_turn_throws_no_spike() {
        let mut scene = Scene::new(40.0, 40.0, WHITE, "");
        scene.line(vec![(10.0, 30.0), (20.0, 12.0), (20.5, 30.0)], BLACK, 4.0);
        let bitmap = scene.rasterise().unwrap();
        let top = (0..bitmap.height)
            .find(|&y| (0..bitmap.width).any(|x| pixel(&bitmap, x, y) < 255))
            .unwrap();
        assert_eq!(top, 20, "a round join ends half a width (2 units, 4 pixels) above the turn");
    }

    #[test]
    fn text_ends_where_its_anchor_says() {
        let mut scene = Scene::new(100.0, 40.0, WHITE, "");
        scene.text((90.0, 30.0), "HI", 20.0, BLACK, HPos::Right);
        let bitmap = scene.rasterise().unwrap();
        let inked: Vec<usize> = (0..bitmap.width)
            .filter(|&x| (0..bitmap.height).any(|y| pixel(&bitmap, x, y) < 128))
            .collect();
        let (first, last) = (inked[0], inked[inked.len() - 1]);
        // H and I have side bearings of about 0.1 em, 4 pixels.
        assert!((174..=177).contains(&last), "last inked column {last}");
        let width = crate::text::width("HI", 40.0);
        assert!((first as f64 - (180.0 - width + 4.0)).abs() < 2.0, "first inked column {first}");
    }

    #[test]
    fn a_picture_of_absurd_size_is_refused() {
        let scene = Scene::new(1e6, 1e6, WHITE, "");
        let error = scene.rasterise().unwrap_err().to_string();
        assert!(error.contains("2000000 × 2000000 pixels"), "{error}");
    }
}
