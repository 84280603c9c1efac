//! What software and hands print on photos: captions in any script, circles, rulers, frames, bars, watermarks.
//!
//! Everything is built from strokes with soft edges, drawn on the 8-bit photo; `cover` keeps how much of each
//! pixel they hide. Letters are invented: strokes between the points of a small lattice, as in most scripts.

use core::f64::consts::FRAC_PI_2;

use image::RgbImage;

use crate::random::Stream;

/// A colour and how much of it covers what is below.
#[derive(Debug, Clone, Copy)]
struct Ink {
    rgb: [u8; 3],
    opacity: f64,
}

/// A photo that is printed on.
struct Sheet<'a> {
    photo: &'a mut RgbImage,
    cover: &'a mut [f32],
}

/// Prints about `mean` marks; `cover` has the size of the photo.
pub fn print(photo: &mut RgbImage, cover: &mut [f32], mean: f64, seed: u64) {
    let mut rng = Stream::new(seed, "prints");
    let mut sheet = Sheet { photo, cover };
    for _ in 0..rng.poisson(mean) {
        match rng.weighted(&[4.0, 2.0, 1.5, 1.0, 1.0, 0.6, 0.6]) {
            0 => sheet.caption(&mut rng),
            1 => sheet.circle(&mut rng),
            2 => sheet.ruler(&mut rng),
            3 => sheet.frame(&mut rng),
            4 => sheet.bar(&mut rng),
            5 => sheet.margin(&mut rng),
            _ => sheet.watermark(&mut rng),
        }
    }
}

/// Inks that programs use: white, black, greys and pure colours.
fn ink(rng: &mut Stream) -> Ink {
    let pure = [
        [255, 255, 255],
        [10, 10, 10],
        [230, 20, 20],
        [20, 20, 230],
        [20, 200, 40],
        [250, 230, 30],
        [40, 220, 230],
        [128, 128, 128],
    ];
    let rgb = pure[rng.weighted(&[3.0, 3.0, 2.5, 1.5, 1.0, 1.0, 0.7, 0.7])];
    Ink { rgb, opacity: rng.uniform(0.7, 1.0) }
}

impl Sheet<'_> {
    fn size(&self) -> [f64; 2] {
        [f64::from(self.photo.width()), f64::from(self.photo.height())]
    }

    fn put(&mut self, x: usize, y: usize, ink: Ink, share: f64) {
        let a = ink.opacity * share;
        let pixel = self.photo.get_pixel_mut(x as u32, y as u32);
        for (v, colour) in pixel.0.iter_mut().zip(ink.rgb) {
            *v = (f64::from(*v) + a * (f64::from(colour) - f64::from(*v)) + 0.5) as u8;
        }
        let cover = &mut self.cover[y * self.photo.width() as usize + x];
        *cover = cover.max(a as f32);
    }

    /// Calls `put` for the pixels of a box with the share that `inside` (px into the shape) gives.
    fn shape(&mut self, low: [f64; 2], high: [f64; 2], ink: Ink, inside: impl Fn([f64; 2]) -> f64) {
        let size = self.size();
        let range = |k: usize| {
            let from = (low[k] - 1.0).max(0.0) as usize;
            from..((high[k] + 2.0).clamp(0.0, size[k]) as usize).max(from)
        };
        for y in range(1) {
            for x in range(0) {
                let share = (inside([x as f64, y as f64]) + 0.5).clamp(0.0, 1.0);
                if share > 0.0 {
                    self.put(x, y, ink, share);
                }
            }
        }
    }

    fn stroke(&mut self, a: [f64; 2], b: [f64; 2], thick: f64, ink: Ink) {
        let half = 0.5 * thick;
        let v = [b[0] - a[0], b[1] - a[1]];
        let vv = (v[0] * v[0] + v[1] * v[1]).max(1e-9);
        let (low, high) =
            ([a[0].min(b[0]) - half, a[1].min(b[1]) - half], [a[0].max(b[0]) + half, a[1].max(b[1]) + half]);
        self.shape(low, high, ink, |p| {
            let t = (((p[0] - a[0]) * v[0] + (p[1] - a[1]) * v[1]) / vv).clamp(0.0, 1.0);
            half - libm::hypot(p[0] - a[0] - t * v[0], p[1] - a[1] - t * v[1])
        });
    }

    fn rectangle(&mut self, low: [f64; 2], high: [f64; 2], ink: Ink) {
        self.shape(low, high, ink, |p| {
            (p[0] - low[0]).min(high[0] - p[0]).min(p[1] - low[1]).min(high[1] - p[1])
        });
    }

    /// A line of letters of height `size` from `at` on; the width it took.
    fn text(&mut self, at: [f64; 2], size: f64, count: usize, ink: Ink, rng: &mut Stream) -> f64 {
        let thick = size * rng.uniform(0.09, 0.2);
        let wide = size * rng.uniform(0.45, 1.0);
        let strokes = 2 + rng.below(4);
        let mut x = at[0];
        for _ in 0..count {
            if !rng.chance(0.12) {
                for _ in 0..=strokes {
                    let point = |rng: &mut Stream| {
                        [x + wide * 0.4 * rng.below(3) as f64, at[1] + size * 0.33 * rng.below(4) as f64]
                    };
                    let (a, b) = (point(rng), point(rng));
                    self.stroke(a, b, thick.max(0.9), ink);
                }
            }
            x += 1.15 * wide;
        }
        x - at[0]
    }

    /// Lines of text, some in a box.
    fn block(&mut self, at: [f64; 2], rng: &mut Stream) {
        let size = rng.uniform(7.0, 26.0) * self.size()[0] / 1000.0 + 3.0;
        let (rows, count) = (1 + rng.below(3), 3 + rng.below(14));
        let ink = ink(rng);
        if rng.chance(0.6) {
            let light = f64::from(ink.rgb[1]) < 128.0;
            let level = if light { rng.uniform(170.0, 255.0) } else { rng.uniform(0.0, 110.0) } as u8;
            let paper = Ink { rgb: [level; 3], opacity: rng.uniform(0.35, 1.0) };
            let high = [at[0] + count as f64 * size * 0.85 + size, at[1] + rows as f64 * 1.5 * size];
            self.rectangle([at[0] - 0.5 * size, at[1] - 0.4 * size], high, paper);
        }
        for row in 0..rows {
            let short = count - rng.below(count.min(4));
            self.text([at[0], at[1] + row as f64 * 1.45 * size], size, short, ink, rng);
        }
    }

    fn caption(&mut self, rng: &mut Stream) {
        let [w, h] = self.size();
        if rng.chance(0.3) {
            return self.strip(rng);
        }
        // Mostly at an edge.
        let at = match rng.below(4) {
            0 => [rng.uniform(0.0, 0.7) * w, 3.0],
            1 => [rng.uniform(0.0, 0.7) * w, h * rng.uniform(0.85, 0.97)],
            2 => [4.0, rng.uniform(0.0, 0.9) * h],
            _ => [rng.uniform(0.0, 0.8) * w, rng.uniform(0.0, 0.9) * h],
        };
        self.block(at, rng);
    }

    /// A bar along the upper or lower edge with a few words in it, as capture programs print.
    fn strip(&mut self, rng: &mut Stream) {
        let [w, h] = self.size();
        let size = rng.uniform(7.0, 16.0) * w / 1000.0 + 3.0;
        let (top, wide) = (rng.chance(0.6), w * rng.uniform(0.2, 1.1));
        let y = if top { 0.0 } else { h - 1.5 * size };
        let level = rng.uniform(0.0, 230.0);
        let paper = Ink { rgb: [level as u8; 3], opacity: rng.uniform(0.6, 1.0) };
        self.rectangle([-2.0, y - if top { 2.0 } else { 0.0 }], [wide, y + 1.5 * size + 1.0], paper);
        let ink = Ink { rgb: if level < 120.0 { [235; 3] } else { [20; 3] }, opacity: 1.0 };
        let mut x = size;
        while x < wide - 4.0 * size {
            x += self.text([x, y + 0.25 * size], size, 2 + rng.below(9), ink, rng)
                + size * rng.uniform(0.5, 5.0);
        }
    }

    /// A thin circle with its radius and a note, as measuring programs draw.
    fn circle(&mut self, rng: &mut Stream) {
        let [w, h] = self.size();
        let centre = [rng.uniform(0.3, 0.7) * w, rng.uniform(0.3, 0.7) * h];
        let radius = rng.uniform(0.12, 0.55) * w.min(h);
        let (thick, ink) = (rng.uniform(0.8, 2.6), ink(rng));
        let low = centre.map(|c| c - radius - thick);
        self.shape(low, centre.map(|c| c + radius + thick), ink, |p| {
            0.5 * thick - (libm::hypot(p[0] - centre[0], p[1] - centre[1]) - radius).abs()
        });
        if rng.chance(0.5) {
            let angle = rng.angle();
            let rim = [centre[0] + radius * libm::cos(angle), centre[1] + radius * libm::sin(angle)];
            self.stroke(centre, rim, thick, ink);
            self.block(rim, rng);
        }
    }

    /// A ruler: ticks along a line, printed or on a tape that lies on the skin.
    fn ruler(&mut self, rng: &mut Stream) {
        let [w, h] = self.size();
        let angle = if rng.chance(0.5) { f64::from(rng.chance(0.5)) * FRAC_PI_2 } else { rng.angle() };
        let along = [libm::cos(angle), libm::sin(angle)];
        let across = [-along[1], along[0]];
        let start = [rng.uniform(0.0, 0.6) * w, rng.uniform(0.05, 0.95) * h];
        let (step, tall) = (rng.uniform(6.0, 40.0), rng.uniform(8.0, 40.0));
        let (thick, ink, major) = (rng.uniform(0.8, 2.5), ink(rng), [1, 2, 5, 10][rng.below(4)]);
        let count = 5 + rng.below(40);
        let point = |s: f64, t: f64| {
            [start[0] + s * along[0] + t * across[0], start[1] + s * along[1] + t * across[1]]
        };
        if rng.chance(0.6) {
            self.stroke(start, point(step * (count - 1) as f64, 0.0), thick, ink);
        }
        for k in 0..count {
            let s = k as f64 * step;
            let tall = if k % major == 0 { tall } else { 0.6 * tall };
            self.stroke(point(s, 0.0), point(s, tall), thick, ink);
            if major > 2 && k % major == 0 && rng.chance(0.7) {
                let at = point(s - 4.0, 1.3 * tall);
                self.text(at, 0.5 * tall + 4.0, 1 + rng.below(2), ink, rng);
            }
        }
    }

    /// Straight lines: a frame, a cross-hair or an L.
    fn frame(&mut self, rng: &mut Stream) {
        let [w, h] = self.size();
        let (x0, y0) = (rng.uniform(0.0, 0.4) * w, rng.uniform(0.0, 0.4) * h);
        let (x1, y1) = (x0 + rng.uniform(0.1, 0.6) * w, y0 + rng.uniform(0.1, 0.6) * h);
        let (thick, ink) = (rng.uniform(0.8, 3.0), ink(rng));
        let corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]];
        let sides = if rng.chance(0.6) { 4 } else { 1 + rng.below(3) };
        for pair in corners.windows(2).take(sides) {
            self.stroke(pair[0], pair[1], thick, ink);
        }
    }

    /// A filled bar or square.
    fn bar(&mut self, rng: &mut Stream) {
        let [w, h] = self.size();
        let at = [rng.uniform(0.0, 0.9) * w, rng.uniform(0.0, 0.95) * h];
        let (wide, tall) = if rng.chance(0.6) {
            (rng.uniform(0.05, 0.35) * w, rng.uniform(2.0, 14.0))
        } else {
            (rng.uniform(8.0, 90.0), rng.uniform(8.0, 90.0))
        };
        let size = if rng.chance(0.7) { [wide, tall] } else { [tall, wide] };
        let mut ink = ink(rng);
        ink.opacity = 1.0;
        self.rectangle(at, [at[0] + size[0], at[1] + size[1]], ink);
    }

    /// Padding along one or two sides, as on the screen of a telephone.
    fn margin(&mut self, rng: &mut Stream) {
        let [w, h] = self.size();
        let level = [0, 255, 128, rng.below(256) as u8][rng.below(4)];
        let ink = Ink { rgb: [level; 3], opacity: 1.0 };
        let deep = rng.uniform(0.01, 0.14);
        if rng.chance(0.5) {
            self.rectangle([-2.0, -2.0], [deep * w, h + 2.0], ink);
            self.rectangle([w - deep * w, -2.0], [w + 2.0, h + 2.0], ink);
        } else {
            let top = rng.chance(0.5);
            let rows = if top { [-2.0, deep * h] } else { [h - deep * h, h + 2.0] };
            self.rectangle([-2.0, rows[0]], [w + 2.0, rows[1]], ink);
        }
    }

    /// Large, faint letters.
    fn watermark(&mut self, rng: &mut Stream) {
        let [w, h] = self.size();
        let ink = Ink { opacity: rng.uniform(0.12, 0.45), ..ink(rng) };
        let at = [rng.uniform(0.05, 0.5) * w, rng.uniform(0.1, 0.8) * h];
        self.text(at, rng.uniform(0.05, 0.16) * h, 3 + rng.below(7), ink, rng);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_covered() {
        for seed in 0..30 {
            let mut photo = RgbImage::from_pixel(300, 200, image::Rgb([150, 140, 130]));
            let mut cover = vec![0.0; 300 * 200];
            print(&mut photo, &mut cover, 3.0, seed);
            for (pixel, cover) in photo.pixels().zip(&cover) {
                assert!(*cover > 0.0 || pixel.0 == [150, 140, 130]);
            }
        }
    }
}
