//! Cuts the region that is analysed out of the photo, so that a small part of a large photo costs little.
//!
//! Flags (W × H) + [`RegionShape`] → [`Cut`]: what lies around the region, and which pixels are the region's own.
//!
//! Some scalp beside the region is analysed, too, so that a hair that is rooted at its edge is seen whole. What a photo looks
//! like as a whole (texture, what is explained, the light of the skin) is told from the region's own pixels alone: beside
//! a ruler skin is skin, and a ruler is none in the midst of skin.

use std::borrow::Cow;
use std::ops::Range;

use crate::contrast::{Contrast, tiles};
use crate::hair::Hair;
use crate::linear::LinearPhoto;
use crate::plane::{Plane, part_of};
use crate::region::RegionShape;
use crate::shafts::Shaft;
use crate::spectrum::GUESSED_UM_PER_PX;
use crate::tiles::Tiles;

/// Scalp around the region that is analysed with it, µm: clipped hair is up to 1.5 mm long, and the skin's brightness
/// is told from the 0.4 mm around each pixel.
const MARGIN_UM: f64 = 2000.0;
/// A part of the photo that is larger than this is no saving.
const WORTH_SHARE: f64 = 0.8;
/// The part begins at a multiple of this, px, so that coarse planes have the samples that they have of the whole photo.
const STEP_PX: usize = 4;

/// What is analysed of a photo.
pub(crate) struct Cut<'a> {
    /// Which pixels are scalp.
    pub scalp: Cow<'a, [bool]>,
    /// Which of them lie in the region.
    pub own: Cow<'a, [bool]>,
    /// Whether it is all of the photo.
    whole: bool,
    /// Columns and rows of the photo that it has.
    window: [Range<usize>; 2],
    /// Width and height of the photo, px.
    photo: [usize; 2],
}

impl<'a> Cut<'a> {
    /// The part that has to be analysed for a region of a photo of some width and height, px.
    pub fn of(photo: [usize; 2], scalp: &'a [bool], region: &RegionShape, um_per_px: Option<f64>) -> Self {
        let [x, y] = around(region, photo, um_per_px.unwrap_or(GUESSED_UM_PER_PX));
        let whole = (x.len() * y.len()) as f64 > WORTH_SHARE * (photo[0] * photo[1]) as f64;
        let window = if whole { photo.map(|size| 0..size) } else { [x, y] };
        let scalp = if whole { Cow::Borrowed(scalp) } else { Cow::Owned(part_of(scalp, photo[0], &window)) };
        let mut own = scalp.clone();
        if *region != RegionShape::Whole {
            let [columns, rows] = &window;
            for (row, flags) in rows.clone().zip(own.to_mut().chunks_exact_mut(columns.len())) {
                let inside = region.row(row, columns.end);
                flags.iter_mut().zip(&inside[columns.start..]).for_each(|(flag, inside)| *flag &= inside);
            }
        }
        Self { scalp, own, whole, window, photo }
    }

    /// The light of it.
    pub fn light<'l>(&self, photo: &'l LinearPhoto) -> Cow<'l, LinearPhoto> {
        if self.whole { Cow::Borrowed(photo) } else { Cow::Owned(photo.part(&self.window)) }
    }

    /// First and last column and row of the photo that are analysed (the last excluded), px: `[x0, y0, x1, y1]`.
    pub fn part_px(&self) -> [usize; 4] {
        let [x, y] = &self.window;
        [x.start, y.start, x.end, y.end]
    }

    /// The tiles by which the skin's brightness is told: those of the whole photo.
    pub fn tiles(&self, um_per_px: f64) -> Tiles {
        tiles(self.photo, um_per_px).of_part(self.from(), self.window.each_ref().map(Range::len))
    }

    /// Moves shafts to where they lie in the photo; what they cover is told by pixels of the part still.
    pub fn place(&self, shafts: &mut [Shaft]) {
        let [x, y] = self.from().map(|from| from as f32);
        for point in shafts.iter_mut().flat_map(|shaft| &mut shaft.ribbon.axis) {
            *point = [point[0] + x, point[1] + y];
        }
    }

    /// The planes and flags of the whole photo: bare skin, as bright as that beside it, and no scalp where nothing was analysed.
    pub fn put_back(self, contrast: Contrast) -> (Contrast, Vec<bool>) {
        if self.whole {
            return (contrast, self.scalp.into_owned());
        }
        let put = |plane: &Plane| Plane {
            width: self.photo[0],
            height: self.photo[1],
            data: self.enlarged(&plane.data, 0.0),
        };
        let Contrast { opacity, neutral, shine, .. } = &contrast;
        let [opacity, neutral, shine] = [opacity, neutral, shine].map(put);
        let skin = contrast.skin.in_photo();
        (
            Contrast { opacity, neutral, shine, lost_colour: None, skin, ..contrast },
            self.enlarged(&self.scalp, false),
        )
    }

    /// Column and row of the photo that its first pixel is.
    pub fn from(&self) -> [usize; 2] {
        self.window.each_ref().map(|side| side.start)
    }

    fn enlarged<T: Copy>(&self, part: &[T], beside: T) -> Vec<T> {
        let [width, height] = self.photo;
        let mut whole = vec![beside; width * height];
        let [columns, rows] = &self.window;
        for (row, part) in rows.clone().zip(part.chunks_exact(columns.len())) {
            whole[row * width..][columns.clone()].copy_from_slice(part);
        }
        whole
    }
}

/// The hairs of which some lies in a region; those that only lie beside it say nothing of it.
pub(crate) fn hairs_in<'a>(hairs: &'a [Hair], region: &RegionShape) -> Cow<'a, [Hair]> {
    if *region == RegionShape::Whole {
        return Cow::Borrowed(hairs);
    }
    let inside = |hair: &&Hair| hair.centreline_px.iter().any(|&[x, y]| region.contains(x, y));
    Cow::Owned(hairs.iter().filter(inside).cloned().collect())
}

/// Columns and rows around a region.
fn around(region: &RegionShape, photo: [usize; 2], um_per_px: f64) -> [Range<usize>; 2] {
    let Some([x0, y0, x1, y1]) = region.bounds_px() else { return photo.map(|size| 0..size) };
    let margin = MARGIN_UM / um_per_px;
    let span = |low: f64, high: f64, size: usize| {
        let at = |v: f64| v.clamp(0.0, size as f64) as usize;
        let span = at((low - margin).floor()) / STEP_PX * STEP_PX..at((high + margin).ceil() + 1.0);
        // Nothing is left of what lies beside the photo.
        if span.is_empty() { 0..size } else { span }
    };
    [span(x0, x1, photo[0]), span(y0, y1, photo[1])]
}

#[cfg(test)]
#[path = "cut_tests.rs"]
mod tests;
