//! The pixel store: three interleaved samples per pixel, as deep as the source.

use std::fmt;

/// Red, green and blue interleaved, row by row from the top, encoded (not linear) values over the full range of the
/// type. `len = 3 * width_px * height_px`.
///
/// Eight-bit photos stay at eight bits: a 24-megapixel photo takes 72 MB, as `[f32; 3]` it would take 288 MB.
#[derive(Clone, PartialEq, Eq)]
pub enum Pixels {
    /// Sources of up to 8 bits: 0 to 255.
    Rgb8(Vec<u8>),
    /// Deeper sources: 0 to 65535.
    Rgb16(Vec<u16>),
}

impl Default for Pixels {
    fn default() -> Self {
        Self::Rgb8(Vec::new())
    }
}

impl Pixels {
    /// Number of pixels.
    pub fn len(&self) -> usize {
        match self {
            Self::Rgb8(samples) => samples.len() / 3,
            Self::Rgb16(samples) => samples.len() / 3,
        }
    }

    /// Whether there is no pixel; never so in a [`super::Photo`].
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bits per sample of the store: 8 or 16.
    pub fn bits(&self) -> u8 {
        match self {
            Self::Rgb8(_) => 8,
            Self::Rgb16(_) => 16,
        }
    }

    /// Red, green and blue of one pixel, encoded values scaled to 0..=1. `index = y * width_px + x`.
    ///
    /// # Panics
    /// When `index` is not below [`Self::len`].
    pub fn rgb_unit(&self, index: usize) -> [f32; 3] {
        let at = 3 * index;
        match self {
            Self::Rgb8(samples) => [samples[at], samples[at + 1], samples[at + 2]].map(Sample::unit),
            Self::Rgb16(samples) => [samples[at], samples[at + 1], samples[at + 2]].map(Sample::unit),
        }
    }

    /// The same in 8 bits.
    pub(crate) fn bytes(&self, index: usize) -> [u8; 3] {
        match self {
            Self::Rgb8(samples) => [0, 1, 2].map(|k| samples[3 * index + k]),
            Self::Rgb16(_) => self.rgb_unit(index).map(|value| (value * 255.0 + 0.5) as u8),
        }
    }

    /// Writes consecutive pixels from `first` on into `out`, as [`Self::rgb_unit`] would give them one by one.
    ///
    /// # Panics
    /// When fewer than `out.len()` pixels follow.
    pub fn copy_rgb_unit(&self, first: usize, out: &mut [[f32; 3]]) {
        fn copy<S: Sample>(samples: &[S], out: &mut [[f32; 3]]) {
            for (pixel, rgb) in out.iter_mut().zip(samples.as_chunks::<3>().0) {
                *pixel = rgb.map(Sample::unit);
            }
        }
        let range = 3 * first..3 * (first + out.len());
        match self {
            Self::Rgb8(samples) => copy(&samples[range], out),
            Self::Rgb16(samples) => copy(&samples[range], out),
        }
    }

    /// Hash of size and samples; samples as little-endian bytes, so that it is the same on every machine.
    pub(super) fn content_hash(&self, width_px: u32, height_px: u32) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"vellus.pixels/1");
        hasher.update(&width_px.to_le_bytes());
        hasher.update(&height_px.to_le_bytes());
        hasher.update(&[self.bits()]);
        match self {
            Self::Rgb8(samples) => {
                hasher.update(samples);
            }
            Self::Rgb16(samples) => {
                let mut bytes = Vec::with_capacity(1 << 16);
                for chunk in samples.chunks(1 << 15) {
                    bytes.clear();
                    bytes.extend(chunk.iter().flat_map(|sample| sample.to_le_bytes()));
                    hasher.update(&bytes);
                }
            }
        }
        hash_text(&hasher)
    }
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pixels {{ {} x Rgb{} }}", self.len(), self.bits())
    }
}

/// Hash of an encoded file.
pub(super) fn hash_of_bytes(bytes: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(bytes);
    hash_text(&hasher)
}

fn hash_text(hasher: &blake3::Hasher) -> String {
    format!("blake3:{}", hasher.finalize().to_hex())
}

/// A sample as it is stored.
pub(super) trait Sample: Copy {
    /// Scaled to 0..=1.
    fn unit(self) -> f32;
    /// `self * by / full scale`, rounded to the nearest.
    fn scaled(self, by: Self) -> Self;
    /// Full scale less `self`.
    fn inverted(self) -> Self;
}

impl Sample for u8 {
    fn unit(self) -> f32 {
        f32::from(self) / 255.0
    }
    fn scaled(self, by: Self) -> Self {
        ((u32::from(self) * u32::from(by) + 127) / 255) as u8
    }
    fn inverted(self) -> Self {
        !self
    }
}

impl Sample for u16 {
    fn unit(self) -> f32 {
        f32::from(self) / 65535.0
    }
    fn scaled(self, by: Self) -> Self {
        ((u64::from(self) * u64::from(by) + 32767) / 65535) as u16
    }
    fn inverted(self) -> Self {
        !self
    }
}

/// How the samples of one pixel become red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
    /// One value, repeated.
    Grey,
    /// One value and alpha, composited onto black.
    GreyAlpha,
    /// As it is.
    Rgb,
    /// Red, green, blue and alpha, composited onto black.
    Rgba,
    /// The first value of `n`, repeated; the others mean nothing to us.
    GreyOf(usize),
    /// The first three of `n`; the others mean nothing to us, or alpha is multiplied in already.
    RgbOf(usize),
    /// Ink, 0 is paper: `(1 - ink) * (1 - black)`. The first four of `n`.
    CmykOf(usize),
}

impl Channels {
    fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
            Self::GreyOf(n) | Self::RgbOf(n) | Self::CmykOf(n) => n,
        }
    }

    /// Three samples per pixel. RGB passes through without a copy.
    pub(super) fn to_rgb<S: Sample>(self, samples: Vec<S>) -> Vec<S> {
        if self.count() == 3 && matches!(self, Self::Rgb | Self::RgbOf(_)) {
            return samples;
        }
        let mut rgb = Vec::with_capacity(samples.len() / self.count() * 3);
        for pixel in samples.chunks_exact(self.count()) {
            rgb.extend_from_slice(&match self {
                Self::Grey | Self::GreyOf(_) => [pixel[0]; 3],
                Self::GreyAlpha => [pixel[0].scaled(pixel[1]); 3],
                Self::Rgb | Self::RgbOf(_) => [pixel[0], pixel[1], pixel[2]],
                Self::Rgba => [pixel[0], pixel[1], pixel[2]].map(|value| value.scaled(pixel[3])),
                Self::CmykOf(_) => {
                    let light = pixel[3].inverted();
                    [pixel[0], pixel[1], pixel[2]].map(|ink| ink.inverted().scaled(light))
                }
            });
        }
        rgb
    }
}

/// Unit floats to 16 bits; `None` when a value lies outside 0..=1, because then nobody says what white is.
pub(super) fn sixteen_bits(values: &[f32]) -> Option<Vec<u16>> {
    let in_range = |value: &f32| (0.0..=1.0).contains(value);
    values.iter().all(in_range).then(|| values.iter().map(|value| (value * 65535.0 + 0.5) as u16).collect())
}

/// One plane after the other to one pixel after the other.
pub(super) fn interleaved<S: Sample>(samples: Vec<S>, planes: usize) -> Vec<S> {
    if planes < 2 {
        return samples;
    }
    let pixels = samples.len() / planes;
    (0..pixels)
        .flat_map(|pixel| (0..planes).map(move |plane| (plane, pixel)))
        .map(|(plane, pixel)| samples[plane * pixels + pixel])
        .collect()
}

/// Full-range BT.601, as JFIF and DICOM define it.
pub(super) fn ycbcr_to_rgb(mut samples: Vec<u8>) -> Vec<u8> {
    for pixel in samples.as_chunks_mut::<3>().0 {
        let [y, cb, cr] = [pixel[0], pixel[1], pixel[2]].map(f32::from);
        let (cb, cr) = (cb - 128.0, cr - 128.0);
        let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
        // `as` saturates.
        *pixel = rgb.map(|value| (value + 0.5) as u8);
    }
    samples
}
