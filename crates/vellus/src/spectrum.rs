//! Which widths the lines of a photo have, whatever its scale.
//!
//! Light + flags → width of the usual line, px. All lines are followed by their edges, from one pixel to a sixth of
//! the picture wide; the median of their widths, weighted by how much of each is dark, is the usual one. Nothing in it
//! knows a µm, so that it can be held against the scale that is given, and stands in for one where none is.

use std::ops::Range;

use crate::contrast::{Losses, contrast_of};
use crate::estimate::round;
use crate::linear::LinearPhoto;
use crate::plane::{Plane, part_of};
use crate::propose::propose;
use crate::ribbon::Ribbon;
use crate::ridge::ridge_points;
use crate::select::select;
use crate::shafts::{Deadline, MIN_SIGMA_PX, TRACK_SIGMA_PX, WIDTH_PER_SIGMA};
use crate::tiles::Tiles;
use crate::track::{Track, Tracker};

/// What the usual line of a scalp is wide, µm. Over 16 clinic photos and 27 photos of other devices and drawn ones, whose scale
/// is known, the middle of this figure was 71 µm, nine of ten lay from 46 to 116 µm (touching shafts count as one line).
pub const USUAL_DIAMETER_UM: f64 = 70.0;
/// What the usual single shaft is wide, µm, as [`Lines::single_px`] tells it: on 8 clinic photos 79 µm in the middle, on 15 drawn
/// scalps 60.
pub const SINGLE_DIAMETER_UM: f64 = 70.0;
/// Share of what is dark that lies in lines narrower than the usual single shaft. Shafts that touch are one line, so that half of
/// the lines of a clipped photo may be too wide, and none is too narrow. Over 23 photos whose scale is known this width scattered
/// by 16 %, that of the usual line by 21 % (clinic photos: 12 and 19 %).
const SINGLE_SHARE: f32 = 0.25;
/// Line widths by which a scale is believed, µm: half and twice of what nine of ten photos show.
pub const BELIEVED_UM: [f64; 2] = [20.0, 250.0];
/// Pixel size by which hair is looked for where there is neither a scale nor a line, µm: the middle of the devices' range.
pub(crate) const GUESSED_UM_PER_PX: f64 = 5.0;

/// Widest line that is looked for, as a share of the shorter side of the picture.
const WIDEST_SHARE: f32 = 1.0 / 6.0;
/// A line is at least this long, in widths.
const MIN_WIDTHS: f32 = 2.0;
/// … and shows both edges over at least this share of its course.
const MIN_BOTH: f32 = 0.5;
/// Opacity of a line, at least: that of blond hair on pale skin; what is paler may be texture.
const LEAST_LEVEL: f32 = 0.3;
/// Tiles across the shorter side of the picture by which the skin's brightness is told: with three tiles for each, eight
/// hold lines of a sixth of the side apart from the skin.
const TILES: usize = 8;
/// Smallest of them, px.
const MIN_TILE_PX: usize = 24;
/// Fewest lines that tell a usual width.
const FEWEST: usize = 3;
/// Fewest that tell it in windows, of which a long hair may cross five: with fewer, all of the picture is looked at, which
/// costs little where there is little to follow.
const FEWEST_IN_WINDOWS: usize = 30;

/// Pixel size by which hair is looked for, µm: the scale that is given, if the lines of the photo allow it, or that which they
/// suggest themselves.
pub fn search_um_per_px(given: Option<f64>, lines: Option<Lines>) -> f64 {
    let Some(lines) = lines else { return given.unwrap_or(GUESSED_UM_PER_PX) };
    let [low, high] = BELIEVED_UM;
    given
        .filter(|um| (low..=high).contains(&(um * lines.usual_px)))
        .unwrap_or(SINGLE_DIAMETER_UM / lines.single_px)
}

/// Widths of the lines of a photo, px.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lines {
    /// The usual line: half of what is dark lies in narrower ones. Touching shafts are one line.
    pub usual_px: f64,
    /// The usual single shaft: a quarter of what is dark lies in narrower lines.
    pub single_px: f64,
}

/// Photos are averaged down to this side first, px, …
const LEAST_SIDE_PX: usize = 500;
/// … and looked at more finely if the usual line is narrower than this there, px: its two edges then run into each other.
const CLEAR_PX: f64 = 4.0;
/// A picture finer than the coarsest is looked at in windows, this many along each side, …
const WINDOWS: usize = 3;
/// … of this side each, px: a sixth of it is five times as wide as a line that the coarser picture does not show clearly.
const WINDOW_PX: usize = 250;

/// Widths of the lines of a photo; `None` where there are too few lines, or the deadline has passed.
///
/// They are told from the coarsest picture that shows it clearly, and of a large one from evenly spread windows, so that the time
/// does not grow with the size of the photo.
pub fn lines_of(light: &LinearPhoto, valid: &[bool], deadline: Deadline) -> Option<Lines> {
    let mut coarse: Vec<(LinearPhoto, Vec<bool>)> = Vec::new();
    loop {
        let (light, valid) = coarse.last().map_or((light, valid), |(light, valid)| (light, valid));
        let plane = &light.primaries[0];
        if plane.width.min(plane.height) < 2 * LEAST_SIDE_PX {
            break;
        }
        let valid = halved(valid, plane.width);
        coarse.push((LinearPhoto { primaries: light.primaries.each_ref().map(Plane::halved) }, valid));
    }
    let coarsest = coarse.len();
    for (k, (light, valid)) in coarse.iter().enumerate().rev() {
        if deadline.passed() {
            return None;
        }
        let lines = lines_at_size(light, valid, k + 1 == coarsest, deadline);
        if let Some(lines) = lines.filter(|lines| lines.usual_px >= CLEAR_PX) {
            let times = (2 << k) as f64;
            return Some(Lines { usual_px: lines.usual_px * times, single_px: lines.single_px * times });
        }
    }
    lines_at_size(light, valid, coarse.is_empty(), deadline)
}

/// Flags of 2 × 2 pixels each: all of them are.
pub(crate) fn halved(flags: &[bool], width: usize) -> Vec<bool> {
    let rows: Vec<&[bool]> = flags.chunks_exact(width).collect();
    rows.chunks(2)
        .flat_map(|pair| {
            let (top, bottom) = (pair[0], pair[pair.len() - 1]);
            let sides = top.chunks(2).zip(bottom.chunks(2));
            sides.map(|(top, bottom)| top.iter().chain(bottom).all(|&flag| flag))
        })
        .collect()
}

/// [`lines_of`] a picture: all of it if `whole`, or if its windows show too few.
fn lines_at_size(light: &LinearPhoto, valid: &[bool], whole: bool, deadline: Deadline) -> Option<Lines> {
    let size = light.size();
    let mut lines: Vec<Line> = Vec::new();
    if !whole {
        for window in windows(size) {
            if deadline.passed() {
                return None;
            }
            lines.extend(lines_in(&light.part(&window), &part_of(valid, size[0], &window), deadline));
        }
    }
    if deadline.passed() {
        return None;
    }
    if lines.len() < FEWEST_IN_WINDOWS {
        lines = lines_in(light, valid, deadline);
    }
    if lines.len() < FEWEST {
        return None;
    }
    lines.sort_by(|a, b| a.width_px.total_cmp(&b.width_px));
    let whole = lines.iter().map(|line| line.dark_px).sum::<f32>();
    let width_at = |share: f32| -> Option<f32> {
        let mut sum = 0.0;
        let reaches = |line: &&Line| {
            sum += line.dark_px;
            sum >= share * whole
        };
        lines.iter().find(reaches).map(|line| line.width_px)
    };
    // As they are recorded: what is asked of the record later is the same.
    let width_px = |share: f32| width_at(share).map(|px| round(f64::from(px)));
    Some(Lines { usual_px: width_px(0.5)?, single_px: width_px(SINGLE_SHARE)? })
}

/// One line.
struct Line {
    width_px: f32,
    /// Its length times its opacity.
    dark_px: f32,
}

/// All lines of a picture.
fn lines_in(light: &LinearPhoto, valid: &[bool], deadline: Deadline) -> Vec<Line> {
    let size = light.size();
    let side = size[0].min(size[1]);
    let tiles = Tiles::whole(size, (side / TILES).max(MIN_TILE_PX));
    let contrast = contrast_of(Losses::of(light, valid, tiles), valid, valid);
    let opacity = &contrast.neutral;
    let max_width_px = WIDEST_SHARE * side as f32;
    let ridges = ridge_points(opacity, MIN_SIGMA_PX, (max_width_px / WIDTH_PER_SIGMA).max(MIN_SIGMA_PX));
    let smooth = opacity.gaussian(TRACK_SIGMA_PX);
    let tracks = propose(
        &Tracker { opacity: &smooth, valid, max_width_px },
        &ridges,
        contrast.faintest_level(),
        deadline,
    );
    let is_line =
        |track: &&Track| track.length_px() > MIN_WIDTHS * track.width_px && track.both_edges() > MIN_BOTH;
    let mut ribbons: Vec<Ribbon> = tracks.iter().filter(is_line).map(Ribbon::of_track).collect();
    let chosen = select(&mut ribbons, opacity);
    let ribbons = chosen.iter().map(|chosen| &ribbons[chosen.index]);
    ribbons
        .filter(|ribbon| ribbon.level >= LEAST_LEVEL)
        .map(|ribbon| Line { width_px: ribbon.mean_width_px(), dark_px: ribbon.length_px() * ribbon.level })
        .collect()
}

/// Columns and rows of the windows of a picture of some width and height, px.
fn windows(size: [usize; 2]) -> Vec<[Range<usize>; 2]> {
    // As much room between them as at the border, and the same from either side.
    let along = |side: usize| -> [Range<usize>; WINDOWS] {
        let window = WINDOW_PX.min(side / WINDOWS);
        let room = (side - WINDOWS * window) / (WINDOWS + 1);
        [room, (side - window) / 2, side - window - room].map(|from| from..from + window)
    };
    let columns = along(size[0]);
    along(size[1])
        .into_iter()
        .flat_map(|rows| columns.iter().map(move |columns| [columns.clone(), rows.clone()]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a width every 90 px over skin with grain.
    fn photo(line_px: u32, width: usize, height: usize) -> (LinearPhoto, Vec<bool>) {
        let mut state = 3_u32;
        let data: Vec<f32> = (0..width * height)
            .map(|i| {
                let (x, y) = (i % width, i / width);
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let grain = 0.02 * (state as f32 / u32::MAX as f32 - 0.5);
                let dark = (x + y / 4) % 90 < line_px as usize && y % 300 < 240;
                if dark { 0.05 + grain } else { 0.4 + grain }
            })
            .collect();
        let plane = Plane { width, height, data }.gaussian(0.9);
        (LinearPhoto { primaries: [plane.clone(), plane.clone(), plane] }, vec![true; width * height])
    }

    #[test]
    fn the_usual_line_is_told_at_any_size_of_the_photo() {
        // Across a line of slope 1 to 4 it is narrower by 3 %.
        for (line, width, height) in [(12, 900, 700), (12, 1280, 1024), (4, 1280, 1024), (24, 2600, 2050)] {
            let (light, valid) = photo(line, width, height);
            let told = lines_of(&light, &valid, Deadline::default()).expect("a width").usual_px;
            assert!(
                (told / (0.97 * f64::from(line)) - 1.0).abs() < 0.12,
                "{told} px for {line} px, {width} × {height}"
            );
        }
        let (light, valid) = photo(0, 1280, 1024);
        assert_eq!(lines_of(&light, &valid, Deadline::default()), None);
    }

    #[test]
    fn a_single_shaft_is_told_among_shafts_that_touch() {
        // Of three lines two are as wide as two shafts.
        let (single, _) = photo(8, 1280, 900);
        let (double, valid) = photo(16, 1280, 900);
        let mixed = |k: usize| {
            let (one, two) = (&single.primaries[k], &double.primaries[k]);
            let light = |(i, (a, b)): (usize, (&f32, &f32))| {
                let (x, y) = (i % one.width, i / one.width);
                if ((x + y / 4 + 40) / 90).is_multiple_of(3) { *a } else { *b }
            };
            let data = one.data.iter().zip(&two.data).enumerate().map(light).collect();
            Plane { width: one.width, height: one.height, data }
        };
        let light = LinearPhoto { primaries: [0, 1, 2].map(mixed) };
        let lines = lines_of(&light, &valid, Deadline::default()).expect("lines");
        assert!((lines.single_px / 7.8 - 1.0).abs() < 0.15, "{lines:?}");
        assert!((lines.usual_px / 15.5 - 1.0).abs() < 0.15, "{lines:?}");
        // Without a scale hair is looked for by the single shaft; a scale that the lines allow counts.
        let found = search_um_per_px(None, Some(lines));
        assert!((found - SINGLE_DIAMETER_UM / lines.single_px).abs() < 1e-9);
        assert_eq!(search_um_per_px(Some(5.0), Some(lines)), 5.0);
    }

    #[test]
    fn lines_beside_the_windows_are_seen_where_the_windows_show_none() {
        let size = [2400, 1800];
        let (mut light, valid) = photo(4, size[0], size[1]);
        let between = windows(size)[0][0].end..windows(size)[1][0].start;
        assert!(between.len() > 200, "{between:?}");
        for primary in &mut light.primaries {
            for (i, value) in primary.data.iter_mut().enumerate() {
                if !between.contains(&(i % size[0])) {
                    *value = 0.4;
                }
            }
        }
        let told = lines_of(&light, &valid, Deadline::default()).expect("a width").usual_px;
        assert!((told / 3.9 - 1.0).abs() < 0.15, "{told}");
    }

    #[test]
    fn windows_tell_of_all_of_a_large_picture() {
        // In the windows the lines are 9 px wide, between them 5: nothing but how much is looked at sets the two apart.
        let size = [2400, 1800];
        let (wide, valid) = photo(9, size[0], size[1]);
        let (mut light, _) = photo(5, size[0], size[1]);
        let windows = windows(size);
        for (primary, wide) in light.primaries.iter_mut().zip(&wide.primaries) {
            for (i, value) in primary.data.iter_mut().enumerate() {
                let (x, y) = (i % size[0], i / size[0]);
                if windows.iter().any(|[columns, rows]| columns.contains(&x) && rows.contains(&y)) {
                    *value = wide.data[i];
                }
            }
        }
        let told =
            |whole| lines_at_size(&light, &valid, whole, Deadline::default()).expect("a width").usual_px;
        assert!((told(false) / 8.7 - 1.0).abs() < 0.15, "{}", told(false));
        assert!((told(true) / 4.9 - 1.0).abs() < 0.2, "{}", told(true));
    }

    #[test]
    fn one_long_line_tells_no_usual_width() {
        let (width, height) = (1280, 1024);
        let noise = photo(0, width, height).0.primaries[0].clone();
        let data = noise.data.iter().enumerate().map(|(i, value)| {
            let across = (i % width) as f32 - 150.0 - 0.8 * (i / width) as f32;
            if across.abs() < 3.0 { 0.05 } else { *value }
        });
        let plane = Plane { width, height, data: data.collect() }.gaussian(0.9);
        let light = LinearPhoto { primaries: [plane.clone(), plane.clone(), plane] };
        // It crosses three windows, which would be as many lines.
        let valid = vec![true; width * height];
        let crosses = |window: &&[Range<usize>; 2]| {
            let part = part_of(&valid, width, window);
            !lines_in(&light.part(window), &part, Deadline::default()).is_empty()
        };
        assert!(windows([width, height]).iter().filter(crosses).count() >= FEWEST);
        assert_eq!(lines_of(&light, &valid, Deadline::default()), None);
    }

    #[test]
    fn windows_are_spread_evenly() {
        let all = windows([2400, 1802]);
        assert_eq!(all.len(), 9);
        for [columns, rows] in &all {
            assert_eq!((columns.len(), rows.len()), (WINDOW_PX, WINDOW_PX));
            let turned = [2400 - columns.end..2400 - columns.start, 1802 - rows.end..1802 - rows.start];
            assert!(all.contains(&turned), "{columns:?} {rows:?} turned by 180°");
        }
        // A small picture is all windows.
        let of_small: usize = windows([60, 48]).iter().map(|[x, y]| x.len() * y.len()).sum();
        assert_eq!(of_small, 60 * 48);
    }

    #[test]
    fn no_time_no_width() {
        let (light, valid) = photo(12, 1280, 1024);
        assert_eq!(lines_of(&light, &valid, Deadline::after(0.0)), None);
    }

    #[test]
    fn flags_are_halved_as_planes_are() {
        let mut flags = vec![true; 15];
        flags[7] = false;
        assert_eq!(halved(&flags, 5), [true, false, true, true, true, true]);
    }
}
