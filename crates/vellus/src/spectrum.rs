//! Which widths the lines of a photo have, whatever its scale.
//!
//! Light + flags → width of the usual line, px. All lines are followed by their edges, from one pixel to a sixth of
//! the photo wide; the median of their widths, weighted by how much of each is dark, is the usual one. Nothing in it
//! knows a µm, so that it can be held against the scale that is given, and stands in for one where none is.

use crate::contrast::{LinearPhoto, contrast_of_tiles};
use crate::measure::{FAINTEST_LEVEL, FAINTEST_SD};
use crate::propose::propose;
use crate::ribbon::Ribbon;
use crate::ridge::ridge_points;
use crate::select::select;
use crate::shafts::{MIN_SIGMA_PX, TRACK_SIGMA_PX, WIDTH_PER_SIGMA};
use crate::track::{Track, Tracker};

/// What the usual line of a scalp is wide, µm. Over 16 clinic photos and 27 photos of other devices and drawn ones, whose scale
/// is known, the middle of this figure was 71 µm, nine of ten lay from 46 to 116 µm (touching shafts count as one line).
pub const USUAL_DIAMETER_UM: f64 = 70.0;
/// Line widths by which a scale is believed, µm: half and twice of what nine of ten photos show.
pub const BELIEVED_UM: [f64; 2] = [20.0, 250.0];
/// Pixel size by which hair is looked for where there is neither a scale nor a line, µm: the middle of the devices' range.
const GUESSED_UM_PER_PX: f64 = 5.0;

/// Widest line that is looked for, as a share of the shorter side of the photo.
const WIDEST_SHARE: f32 = 1.0 / 6.0;
/// A line is at least this long, in widths.
const MIN_WIDTHS: f32 = 2.0;
/// … and shows both edges over at least this share of its course.
const MIN_BOTH: f32 = 0.5;
/// Opacity of a line, at least: that of blond hair on pale skin; what is paler may be texture.
const LEAST_LEVEL: f32 = 0.3;
/// Tiles across the shorter side of the photo by which the skin's brightness is told: with three tiles for each, eight
/// hold lines of a sixth of the side apart from the skin.
const TILES: usize = 8;
/// Smallest of them, px.
const MIN_TILE_PX: usize = 24;
/// Fewest lines that tell a usual width.
const FEWEST: usize = 3;

/// Pixel size by which hair is looked for, µm: the scale that is given, if the lines of the photo allow it, or that which they
/// suggest themselves.
pub fn search_um_per_px(given: Option<f64>, line_px: Option<f64>) -> f64 {
    let Some(line_px) = line_px else { return given.unwrap_or(GUESSED_UM_PER_PX) };
    let [low, high] = BELIEVED_UM;
    given.filter(|um| (low..=high).contains(&(um * line_px))).unwrap_or(USUAL_DIAMETER_UM / line_px)
}

/// Width of the usual line of a photo, px; `None` where there are too few lines.
pub fn usual_width_px(light: &LinearPhoto, valid: &[bool]) -> Option<f32> {
    let side = light.primaries[0].width.min(light.primaries[0].height);
    let contrast = contrast_of_tiles(light, valid, (side / TILES).max(MIN_TILE_PX));
    let min_level = (FAINTEST_SD * contrast.noise_sd).max(FAINTEST_LEVEL);
    let opacity = &contrast.neutral;
    let max_width_px = WIDEST_SHARE * side as f32;
    let ridges = ridge_points(opacity, MIN_SIGMA_PX, (max_width_px / WIDTH_PER_SIGMA).max(MIN_SIGMA_PX));
    let smooth = opacity.gaussian(TRACK_SIGMA_PX);
    let tracks = propose(&Tracker { opacity: &smooth, valid, max_width_px }, &ridges, min_level);
    let is_line =
        |track: &&Track| track.length_px() > MIN_WIDTHS * track.width_px && track.both_edges() > MIN_BOTH;
    let ribbons: Vec<Ribbon> = tracks
        .iter()
        .filter(is_line)
        .map(|track| {
            let mut ribbon = Ribbon::of_track(track);
            ribbon.lay(opacity.width, opacity.height);
            ribbon
        })
        .collect();
    let mut lines: Vec<(f32, f32, f32)> = select(&ribbons, opacity)
        .iter()
        .map(|chosen| &ribbons[chosen.index])
        .map(|ribbon| (ribbon.mean_width_px(), ribbon.length_px() * ribbon.level, ribbon.level))
        .collect();
    lines.retain(|line| line.2 >= LEAST_LEVEL);
    if lines.len() < FEWEST {
        return None;
    }
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * lines.iter().map(|line| line.1).sum::<f32>();
    let mut sum = 0.0;
    lines
        .iter()
        .find(|line| {
            sum += line.1;
            sum >= half
        })
        .map(|line| line.0)
}
