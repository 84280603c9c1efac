//! Burned-in captions, scale marks and padding, with a 5 x 7 pixel font drawn for this crate.

use image::{Rgb, RgbImage};

use crate::scene::ScaleMarkKind;
use crate::truth::ScaleMark;

/// Width and height of a glyph, font pixels.
const GLYPH: [u32; 2] = [5, 7];

/// Rows of a glyph from top to bottom, 5 bits each, the highest bit at the left. Letters that are not here
/// are left blank.
fn glyph(letter: char) -> [u8; 7] {
    match letter {
        '0' => [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
        '1' => [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
        '2' => [0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f],
        '3' => [0x0e, 0x11, 0x01, 0x06, 0x01, 0x11, 0x0e],
        '4' => [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
        '5' => [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
        '6' => [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
        '7' => [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
        '8' => [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
        '9' => [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
        '.' => [0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c],
        ':' => [0x00, 0x0c, 0x0c, 0x00, 0x0c, 0x0c, 0x00],
        '-' => [0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00],
        '=' => [0x00, 0x00, 0x1f, 0x00, 0x1f, 0x00, 0x00],
        '/' => [0x01, 0x01, 0x02, 0x04, 0x08, 0x10, 0x10],
        'x' => [0x00, 0x00, 0x11, 0x0a, 0x04, 0x0a, 0x11],
        'm' => [0x00, 0x00, 0x1a, 0x15, 0x15, 0x15, 0x15],
        'µ' => [0x00, 0x00, 0x11, 0x11, 0x13, 0x1d, 0x10],
        'A' => [0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        'B' => [0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e],
        'C' => [0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e],
        'D' => [0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e],
        'E' => [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f],
        'F' => [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10],
        'I' => [0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e],
        'L' => [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f],
        'M' => [0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11],
        'N' => [0x11, 0x19, 0x15, 0x13, 0x11, 0x11, 0x11],
        'O' => [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        'P' => [0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10],
        'R' => [0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11],
        'S' => [0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e],
        'T' => [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04],
        'U' => [0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        'V' => [0x11, 0x11, 0x11, 0x11, 0x0a, 0x0a, 0x04],
        'X' => [0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11],
        _ => [0; 7],
    }
}

/// A rectangle of the picture: left, top (included), right, bottom (excluded), px.
pub type BoxPx = [u32; 4];

/// Writes on a photo and remembers what it covered.
#[derive(Debug)]
pub struct Overlay<'a> {
    photo: &'a mut RgbImage,
    /// Boxes that hide the skin.
    pub covered: Vec<BoxPx>,
    /// Thin lines, which hide no hair.
    pub arms: Vec<BoxPx>,
}

impl<'a> Overlay<'a> {
    /// An overlay on `photo`.
    pub fn new(photo: &'a mut RgbImage) -> Self {
        Self { photo, covered: Vec::new(), arms: Vec::new() }
    }

    /// Fills a rectangle, cut to the picture.
    pub fn fill(&mut self, [x0, y0, x1, y1]: BoxPx, colour: [u8; 3]) {
        let (w, h) = self.photo.dimensions();
        for y in y0..y1.min(h) {
            for x in x0..x1.min(w) {
                self.photo.put_pixel(x, y, Rgb(colour));
            }
        }
    }

    /// Writes a line of text with its top-left corner at `at`; a font pixel is `size` px.
    pub fn text(&mut self, text: &str, at: [u32; 2], size: u32, colour: [u8; 3]) {
        for (k, letter) in text.chars().enumerate() {
            let left = at[0] + k as u32 * (GLYPH[0] + 1) * size;
            for (row, bits) in (0..).zip(glyph(letter)) {
                for column in 0..GLYPH[0] {
                    if bits >> (GLYPH[0] - 1 - column) & 1 == 1 {
                        let (x, y) = (left + column * size, at[1] + row * size);
                        self.fill([x, y, x + size, y + size], colour);
                    }
                }
            }
        }
    }

    /// A caption in a dark strip at the top left.
    pub fn caption(&mut self, text: &str) {
        let size = font_size(self.photo.width());
        let strip = [0, 0, text_width(text, size) + 6 * size, (GLYPH[1] + 4) * size];
        self.fill(strip, [72, 72, 76]);
        self.text(text, [3 * size, 2 * size], size, [235, 235, 235]);
        self.covered.push(strip);
    }

    /// A grey band at the bottom.
    pub fn padding(&mut self, rows: u32) {
        let (w, h) = self.photo.dimensions();
        self.fill([0, h - rows.min(h), w, h], [222, 222, 222]);
    }

    /// A scale mark of 1 mm, in a picture whose skin ends at row `field_height`.
    pub fn scale_mark(&mut self, kind: ScaleMarkKind, um_per_px: f64, field_height: u32) -> ScaleMark {
        let arm = libm::round(1000.0 / um_per_px) as u32;
        let size = font_size(self.photo.width());
        let (width, height) = (self.photo.width(), field_height);
        let label = "1.0 mm";
        let label_width = text_width(label, size);
        let (area, from, to) = match kind {
            ScaleMarkKind::Bar => {
                let (w, h) = (arm + 24 * size, 22 * size);
                let (x, y) = (width.saturating_sub(w + 6 * size), height.saturating_sub(h + 6 * size));
                self.fill([x, y, x + w, y + h], [244, 244, 244]);
                let (bx, by) = (x + 12 * size, y + 4 * size);
                self.fill([bx, by, bx + arm, by + 2 * size], [10, 10, 10]);
                self.text(label, [x + (w - label_width) / 2, y + 10 * size], size, [10, 10, 10]);
                ([x, y, x + w, y + h], [bx, by + size], [bx + arm, by + size])
            }
            ScaleMarkKind::Corner => {
                let (x, y) = (11 * size, height.saturating_sub(26 * size));
                self.fill([x, y.saturating_sub(arm), x + 1, y + 1], [12, 12, 12]);
                self.fill([x, y, x + arm + 1, y + 1], [12, 12, 12]);
                let tag = [x + arm + 4 * size, y.saturating_sub(6 * size)];
                let tag_box = [tag[0], tag[1], tag[0] + label_width + 4 * size, tag[1] + 11 * size];
                self.fill(tag_box, [40, 40, 44]);
                self.text(label, [tag[0] + 2 * size, tag[1] + 2 * size], size, [235, 235, 235]);
                self.covered.push(tag_box);
                self.arms = [[x, y.saturating_sub(arm), x + 1, y + 1], [x, y, x + arm + 1, y + 1]].into();
                ([x, y.saturating_sub(arm), x + arm + 1, y + 1], [x, y], [x + arm, y])
            }
            ScaleMarkKind::Ruler => {
                let (x, y) = (8 * size, height.saturating_sub(22 * size));
                let strip = [x, y, x + arm + 9 * size + label_width, y + 16 * size];
                self.fill(strip, [236, 236, 228]);
                for tick in 0..=10u32 {
                    let tx = x + 3 * size + libm::round(f64::from(tick) * 100.0 / um_per_px) as u32;
                    let long = if tick % 5 == 0 { 10 } else { 5 };
                    self.fill([tx, y, tx + 1, y + long * size], [20, 20, 20]);
                }
                self.text(label, [x + arm + 6 * size, y + 5 * size], size, [20, 20, 20]);
                let (a, b) = (x + 3 * size, y);
                (strip, [a, b], [a + arm, b])
            }
        };
        // The thin L hides no skin, boxes do.
        if kind != ScaleMarkKind::Corner {
            self.covered.push(area);
        }
        ScaleMark { kind, area_px: area, from_px: from, to_px: to, length_um: 1000.0 }
    }
}

fn font_size(photo_width: u32) -> u32 {
    (photo_width / 640).max(1)
}

fn text_width(text: &str, size: u32) -> u32 {
    (text.chars().count() as u32 * (GLYPH[0] + 1)).saturating_sub(1) * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_mark_spans_a_millimetre() {
        for kind in [ScaleMarkKind::Bar, ScaleMarkKind::Corner, ScaleMarkKind::Ruler] {
            let mut photo = RgbImage::new(900, 700);
            let mark = Overlay::new(&mut photo).scale_mark(kind, 5.0, 700);
            assert_eq!(mark.to_px[0] - mark.from_px[0], 200, "{kind:?}");
        }
    }
}
