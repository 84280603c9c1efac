//! Lines of print on any ground: what nobody may read in a copy.
//!
//! Pixels → boxes around lines of print, with room for letters that were not seen. What is brighter or darker than what is around
//! it, or of another colour, falls into the connected areas of which letters are looked for.
//!
//! # Limits
//!
//! Words with fewer than four letters of one height, joined letters, letters one under another, faint print, handwriting, tilted
//! print and letters below 8 px are not found.

use super::{BoxPx, joined, lines_of, with_room};
use crate::photo::Pixels;
use crate::scale::{Area, Tone, areas};

/// Half the sides of the squares that are taken for what is around a pixel, px: larger than the letters of small and large print.
const AROUND_PX: [usize; 2] = [16, 48];
/// By how much print differs from it in brightness, and in colour (of Cb and Cr), of 255.
const LEVELS: [u8; 3] = [25, 50, 80];
const COLOUR_LEVELS: [u8; 3] = [25, 40, 60];
/// Most pixels at which letters are looked for at full size only: larger photos have larger letters, too.
const FULL_SIZE_PX: usize = 4_000_000;

/// Brightness and colour of a picture, of 255.
struct Picture {
    width: usize,
    height: usize,
    /// Y, Cb and Cr of JPEG.
    planes: [Vec<u8>; 3],
}

/// Boxes around lines of print, each with some space for what was not seen of the line.
pub(crate) fn readable(pixels: &Pixels, [width, height]: [usize; 2]) -> Vec<BoxPx> {
    let mut planes = [const { Vec::new() }; 3];
    for index in 0..width * height {
        let [r, g, b] = pixels.bytes(index).map(f32::from);
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        let of = [luma, 128.0 + 0.564 * (b - luma), 128.0 + 0.713 * (r - luma)];
        planes.iter_mut().zip(of).for_each(|(plane, value)| plane.push((value + 0.5) as u8));
    }
    let mut picture = Picture { width, height, planes };
    let (mut found, mut size) = (Vec::new(), 1);
    loop {
        let turned = picture.turned();
        let lying = lines(&picture);
        let standing = lines(&turned).into_iter().map(|[x0, y0, x1, y1]| [y0, x0, y1, x1]);
        found.extend(lying.into_iter().chain(standing).map(|[x0, y0, x1, y1]| {
            [x0 * size, y0 * size, (x1 * size).min(width - 1), (y1 * size).min(height - 1)]
        }));
        if picture.width * picture.height <= FULL_SIZE_PX {
            return joined(found);
        }
        picture = picture.halved();
        size *= 2;
    }
}

impl Picture {
    fn turned(&self) -> Self {
        let turned = |data: &Vec<u8>| {
            Tone { width: self.width, height: self.height, data: data.clone() }.turned().data
        };
        Self { width: self.height, height: self.width, planes: self.planes.each_ref().map(turned) }
    }

    fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let halved = |plane: &Vec<u8>| {
            let at = |x: usize, y: usize| u16::from(plane[y * self.width + x]);
            let mean = |x: usize, y: usize| {
                (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)).div_ceil(4) as u8
            };
            (0..height)
                .flat_map(|y| (0..width).map(move |x| (x, y)))
                .map(|(x, y)| mean(2 * x, 2 * y))
                .collect()
        };
        Self { width, height, planes: self.planes.each_ref().map(halved) }
    }

    /// By how much each pixel of a plane differs from the mean of those around it.
    fn apart(&self, plane: &[u8], around: usize) -> Vec<i16> {
        let (width, height) = (self.width, self.height);
        let window = |at: usize, side: usize| (at.saturating_sub(around), (at + around + 1).min(side));
        // Sums of columns, which go down with the row; from them sums along it.
        let mut columns = vec![0_u32; width];
        let mut sums = vec![0_u64; width + 1];
        let (mut first, mut last) = (0, 0);
        let mut apart = Vec::with_capacity(plane.len());
        for y in 0..height {
            let (from, to) = window(y, height);
            for row in last..to {
                columns.iter_mut().zip(&plane[row * width..]).for_each(|(sum, &v)| *sum += u32::from(v));
            }
            for row in first..from {
                columns.iter_mut().zip(&plane[row * width..]).for_each(|(sum, &v)| *sum -= u32::from(v));
            }
            (first, last) = (from, to);
            for x in 0..width {
                sums[x + 1] = sums[x] + u64::from(columns[x]);
            }
            apart.extend(plane[y * width..][..width].iter().enumerate().map(|(x, &value)| {
                let (left, right) = window(x, width);
                let mean = (sums[right] - sums[left]) / ((right - left) * (to - from)) as u64;
                i16::from(value) - mean as i16
            }));
        }
        apart
    }
}

/// Lines along the rows.
fn lines(picture: &Picture) -> Vec<BoxPx> {
    let (width, height) = (picture.width, picture.height);
    let whole = [0, 0, width, height];
    let tone = |data: Vec<u8>| Tone { width, height, data };
    let roomy = |areas: &[Area]| {
        joined(lines_of(areas, height).into_iter().map(|line| with_room(line, [width, height])).collect())
    };
    let mut found = Vec::new();
    for around in AROUND_PX {
        let [light, blue, red] = picture.planes.each_ref().map(|plane| picture.apart(plane, around));
        let brighter = tone(light.iter().map(|&by| (128 + by / 2) as u8).collect());
        let colour = |(&blue, &red): (&i16, &i16)| f32::from(blue).hypot(f32::from(red)) as u8;
        let coloured = tone(blue.iter().zip(&red).map(colour).collect());
        for level in LEVELS {
            found.extend(roomy(&areas(&brighter, whole, 128 - level / 2, true)));
            found.extend(roomy(&areas(&brighter, whole, 128 + level / 2, false)));
        }
        for level in COLOUR_LEVELS {
            found.extend(roomy(&areas(&coloured, whole, level, false)));
        }
    }
    joined(found)
}
