//! Which widths the lines of a photo have, whatever its scale.
//!
//! Opacity + flags → width of the usual line, px. All lines are followed by their edges, from one pixel to a twelfth of
//! the photo wide; the median of their widths, weighted by how much of each is dark, is the usual one. Nothing in it
//! knows a µm, so that it can be held against the scale that is given, and stands in for one where none is.

use crate::plane::Plane;
use crate::propose::propose;
use crate::ridge::ridge_points;
use crate::select::select;
use crate::ribbon::Ribbon;
use crate::shafts::{MIN_SIGMA_PX, TRACK_SIGMA_PX, WIDTH_PER_SIGMA};
use crate::track::{Track, Tracker};

/// Diameter of the usual shaft of a scalp that is not known, µm: the middle of what has been measured, 50 to 90 µm in
/// healthy adults (Vogt et al. 2008, doi:10.1007/978-3-540-46911-7_2; the clinic photos' mean is 75).
pub const USUAL_DIAMETER_UM: f64 = 70.0;
/// Widest line that is looked for, as a share of the shorter side of the photo.
const WIDEST_SHARE: f32 = 1.0 / 12.0;
/// A line is at least this long, in widths.
const MIN_WIDTHS: f32 = 2.0;
/// … and shows both edges over at least this share of its course.
const MIN_BOTH: f32 = 0.5;
/// Fewest lines that tell a usual width.
const FEWEST: usize = 3;

/// Width of the usual line of an opacity plane, px; `None` where there are too few lines.
pub fn usual_width_px(opacity: &Plane, valid: &[bool], min_level: f32) -> Option<f32> {
    let max_width_px = WIDEST_SHARE * opacity.width.min(opacity.height) as f32;
    let ridges = ridge_points(opacity, MIN_SIGMA_PX, (max_width_px / WIDTH_PER_SIGMA).max(MIN_SIGMA_PX));
    let smooth = opacity.gaussian(TRACK_SIGMA_PX);
    let tracks = propose(&Tracker { opacity: &smooth, valid, max_width_px }, &ridges, min_level);
    let is_line = |track: &&Track| {
        track.length_px() > MIN_WIDTHS * track.width_px && track.both_edges() > MIN_BOTH
    };
    let ribbons: Vec<Ribbon> = tracks
        .iter()
        .filter(is_line)
        .map(|track| {
            let mut ribbon = Ribbon::of_track(track);
            ribbon.lay(opacity.width, opacity.height);
            ribbon
        })
        .collect();
    let mut lines: Vec<(f32, f32)> = select(&ribbons, opacity)
        .iter()
        .map(|chosen| &ribbons[chosen.index])
        .map(|ribbon| (ribbon.mean_width_px(), ribbon.length_px() * ribbon.level))
        .collect();
    if lines.len() < FEWEST {
        return None;
    }
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * lines.iter().map(|line| line.1).sum::<f32>();
    let mut sum = 0.0;
    lines.iter().find(|line| {
        sum += line.1;
        sum >= half
    })
    .map(|line| line.0)
}
