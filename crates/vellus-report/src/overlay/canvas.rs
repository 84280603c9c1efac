//! Lines, discs and letters on a photo, through tiny-skia and the shipped font.

use image::{Rgb, RgbImage};
use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::FontRef;
use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

/// Letters of DejaVu Sans Bold; `fonts/README.md` says which.
const FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold-subset.ttf");

/// Red, green, blue.
pub type Colour = [u8; 3];

/// An upright box, px.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Frame {
    /// Whether two boxes share a place.
    pub fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    pub fn contains(&self, [x, y]: [f32; 2]) -> bool {
        x >= self.x && x < self.x + self.width && y >= self.y && y < self.y + self.height
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// px.
    pub width: f32,
    /// 0 to 1.
    pub opacity: f32,
    /// Length of a dash, px; 0 for none.
    pub dash: f32,
    /// Back to the first point.
    pub closed: bool,
}

/// A photo that is drawn on.
pub struct Canvas {
    pixels: Pixmap,
}

impl Canvas {
    /// `None` for a photo without pixels.
    pub fn new(photo: &RgbImage) -> Option<Self> {
        let mut pixels = Pixmap::new(photo.width(), photo.height())?;
        for (to, from) in pixels.data_mut().chunks_exact_mut(4).zip(photo.pixels()) {
            to[..3].copy_from_slice(&from.0);
            to[3] = u8::MAX;
        }
        Some(Self { pixels })
    }

    /// The photo with what was drawn.
    pub fn into_photo(self) -> RgbImage {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        let data = self.pixels.data();
        RgbImage::from_fn(width, height, |x, y| {
            let i = 4 * (y as usize * width as usize + x as usize);
            Rgb([data[i], data[i + 1], data[i + 2]])
        })
    }

    pub fn width(&self) -> f32 {
        self.pixels.width() as f32
    }

    pub fn height(&self) -> f32 {
        self.pixels.height() as f32
    }

    /// Takes colour and contrast from the pixels that `outside` names.
    pub fn dim(&mut self, outside: impl Fn(f64, f64) -> bool) {
        let width = self.pixels.width() as usize;
        for (i, pixel) in self.pixels.data_mut().chunks_exact_mut(4).enumerate() {
            if outside((i % width) as f64, (i / width) as f64) {
                let grey = (u16::from(pixel[0]) + u16::from(pixel[1]) + u16::from(pixel[2])) / 3;
                pixel[..3].fill((grey / 2 + 25) as u8);
            }
        }
    }

    /// A line through points.
    pub fn stroke(&mut self, points: &[[f32; 2]], colour: Colour, line: Line) {
        let Some(path) = polyline(points, line.closed) else { return };
        let dash = if line.dash > 0.0 { StrokeDash::new(vec![line.dash, line.dash], 0.0) } else { None };
        let stroke = Stroke {
            width: line.width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            dash,
            ..Stroke::default()
        };
        self.pixels.stroke_path(&path, &paint(colour, line.opacity), &stroke, pixel_centres(), None);
    }

    /// The area within a closed line.
    pub fn fill_polygon(&mut self, corners: &[[f32; 2]], colour: Colour, opacity: f32) {
        if let Some(path) = polyline(corners, true) {
            self.fill(&path, colour, opacity);
        }
    }

    pub fn disc(&mut self, [x, y]: [f32; 2], radius: f32, colour: Colour, opacity: f32) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            self.fill(&path, colour, opacity);
        }
    }

    pub fn rectangle(&mut self, frame: Frame, colour: Colour, opacity: f32) {
        if let Some(rect) = Rect::from_xywh(frame.x, frame.y, frame.width, frame.height) {
            self.fill(&PathBuilder::from_rect(rect), colour, opacity);
        }
    }

    /// Text from the left end of its base line, in a dark rim of `rim` px.
    pub fn text(&mut self, text: &str, [x, y]: [f32; 2], size: f32, colour: Colour, rim: f32) {
        let Some(path) = text_path(text, x, y, size) else { return };
        if rim > 0.0 {
            let stroke = Stroke { width: 2.0 * rim, line_join: LineJoin::Round, ..Stroke::default() };
            self.pixels.stroke_path(&path, &paint(super::RIM, 0.85), &stroke, pixel_centres(), None);
        }
        self.fill(&path, colour, 1.0);
    }

    fn fill(&mut self, path: &Path, colour: Colour, opacity: f32) {
        self.pixels.fill_path(path, &paint(colour, opacity), FillRule::Winding, pixel_centres(), None);
    }
}

fn polyline(points: &[[f32; 2]], closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (i, &[x, y]) in points.iter().enumerate() {
        if i == 0 { builder.move_to(x, y) } else { builder.line_to(x, y) }
    }
    if closed {
        builder.close();
    }
    builder.finish()
}

/// tiny-skia's origin is the corner of the top-left pixel, the record's is its centre.
fn pixel_centres() -> Transform {
    Transform::from_translate(0.5, 0.5)
}

fn paint([r, g, b]: Colour, opacity: f32) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, (255.0 * opacity).round() as u8);
    paint
}

/// Height of the capitals over the letter size.
pub const CAPITALS: f32 = 0.73;

/// Length of a line of text, px.
pub fn text_width(text: &str, size: f32) -> f32 {
    let Ok(font) = FontRef::new(FONT) else { return 0.0 };
    let metrics = font.glyph_metrics(Size::new(size), LocationRef::default());
    let charmap = font.charmap();
    text.chars().filter_map(|c| metrics.advance_width(charmap.map(c)?)).sum()
}

fn text_path(text: &str, x: f32, y: f32, size: f32) -> Option<Path> {
    let font = FontRef::new(FONT).ok()?;
    let (charmap, outlines) = (font.charmap(), font.outline_glyphs());
    let metrics = font.glyph_metrics(Size::new(size), LocationRef::default());
    let mut pen = GlyphPen { path: PathBuilder::new(), x, y };
    for id in text.chars().filter_map(|c| charmap.map(c)) {
        if let Some(glyph) = outlines.get(id) {
            // A glyph that cannot be drawn leaves its place empty.
            let _ = glyph.draw(DrawSettings::unhinted(Size::new(size), LocationRef::default()), &mut pen);
        }
        pen.x += metrics.advance_width(id).unwrap_or(0.0);
    }
    pen.path.finish()
}

/// Places an outline (y up, origin on the base line) in the photo (y down).
struct GlyphPen {
    path: PathBuilder,
    x: f32,
    y: f32,
}

impl OutlinePen for GlyphPen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, self.y - y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, self.y - y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + cx, self.y - cy, self.x + x, self.y - y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.path.cubic_to(self.x + ax, self.y - ay, self.x + bx, self.y - by, self.x + x, self.y - y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
