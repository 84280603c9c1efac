//! Proposals: one track per ridge that no track with the same course and width has claimed yet.
//!
//! [`RidgePoint`]s, strongest first → [`Track`]s. There are more of them than hairs: the same body may be proposed as
//! one wide shaft and as two narrow ones.

use crate::cross_section::CrossSection;
use crate::plane::Plane;
use crate::ridge::RidgePoint;
use crate::shafts::Deadline;
use crate::track::{Seed, Track, Tracker};

/// Smallest drop at an edge, as a share of the shaft's opacity: first clear edges, then the faint lines between shafts
/// that touch.
const EDGE_DROPS: [f32; 2] = [0.35, 0.12];
/// Faint lines are looked for only where it is at least this dark, opacity: inside bodies.
const BODY_LEVEL: f32 = 0.5;
/// A seed belongs to a track if it lies this close to its axis, in widths, …
const SAME_AXIS: f32 = 0.3;
/// … in the same direction, cosine of 15°, …
const SAME_DIRECTION: f32 = 0.966;
/// … and is as wide, within this factor.
const SAME_WIDTH: f32 = 1.3;
/// A point of a track claims seeds up to this far along it, px: its points are up to 3 px apart.
const SAME_PLACE_PX: f32 = 4.0;
/// Side of a cell of the look-up grid, px.
const CELL_PX: usize = 8;

/// Which tracks run where.
struct Occupancy {
    columns: usize,
    cells: Vec<Vec<(u32, u32)>>,
}

impl Occupancy {
    fn new(plane: &Plane) -> Self {
        let columns = plane.width.div_ceil(CELL_PX);
        Self { columns, cells: vec![Vec::new(); columns * plane.height.div_ceil(CELL_PX)] }
    }

    fn cell(&self, x: f32, y: f32) -> Option<usize> {
        if x < 0.0 || y < 0.0 {
            return None;
        }
        let (column, row) = (x as usize / CELL_PX, y as usize / CELL_PX);
        (column < self.columns && row * self.columns + column < self.cells.len())
            .then_some(row * self.columns + column)
    }

    fn add(&mut self, index: usize, track: &Track) {
        for (k, point) in track.points.iter().enumerate() {
            if let Some(cell) = self.cell(point.x, point.y) {
                self.cells[cell].push((index as u32, k as u32));
            }
        }
    }

    /// Whether a track already goes through a seed, as wide and in the same direction.
    fn claims(&self, seed: &Seed, tracks: &[Track]) -> bool {
        let reach = (SAME_AXIS * seed.width_px).max(1.5);
        let (c, s) = (libm::cosf(seed.angle), libm::sinf(seed.angle));
        let cells = (reach / CELL_PX as f32).ceil() as i32;
        // No point that is farther away than this along a row or a column claims; a little more than rounding could need.
        let far = libm::hypotf(reach, SAME_PLACE_PX) + 0.1;
        for dy in -cells..=cells {
            for dx in -cells..=cells {
                let (x, y) = (seed.x + (dx * CELL_PX as i32) as f32, seed.y + (dy * CELL_PX as i32) as f32);
                let Some(cell) = self.cell(x, y) else { continue };
                let beyond = |at: f32, near: f32| {
                    let low = ((at as usize) / CELL_PX * CELL_PX) as f32;
                    near < low - far || near > low + CELL_PX as f32 + far
                };
                if beyond(x, seed.x) || beyond(y, seed.y) {
                    continue;
                }
                for &(index, k) in &self.cells[cell] {
                    let track = &tracks[index as usize];
                    let k = k as usize;
                    let point = track.points[k];
                    let ratio = point.width_px / seed.width_px;
                    if !(1.0 / SAME_WIDTH..=SAME_WIDTH).contains(&ratio) {
                        continue;
                    }
                    let (ax, ay) = (point.x - seed.x, point.y - seed.y);
                    if (ay * c - ax * s).abs() > reach || (ax * c + ay * s).abs() > SAME_PLACE_PX {
                        continue;
                    }
                    let a = track.points[k.saturating_sub(2)];
                    let b = track.points[(k + 2).min(track.points.len() - 1)];
                    let (tx, ty) = (b.x - a.x, b.y - a.y);
                    let cosine = (tx * c + ty * s).abs() / (tx * tx + ty * ty).sqrt().max(1e-6);
                    if cosine > SAME_DIRECTION {
                        return true;
                    }
                }
            }
        }
        false
    }
}

/// Ridge points between two looks at the clock.
const BETWEEN_LOOKS: usize = 64;

/// Tracks from all ridge points, or from those that were reached until the deadline.
pub fn propose(tracker: &Tracker, ridges: &[RidgePoint], min_level: f32, deadline: Deadline) -> Vec<Track> {
    let mut found = Found { tracks: Vec::new(), occupancy: Occupancy::new(tracker.opacity) };
    // Both kinds of edges are read off the same cross-section; the faint ones wait until the clear ones are followed.
    let mut faint: Vec<Seed> = Vec::new();
    let mut section = CrossSection::default();
    for (k, ridge) in ridges.iter().enumerate() {
        if k.is_multiple_of(BETWEEN_LOOKS) && deadline.passed() {
            return found.tracks;
        }
        let clear = if tracker.opacity.sample(ridge.x, ridge.y) < BODY_LEVEL {
            let [clear] = tracker.seeds(&mut section, ridge, [EDGE_DROPS[0]], min_level);
            clear
        } else {
            let [clear, also] = tracker.seeds(&mut section, ridge, EDGE_DROPS, min_level);
            faint.extend(also);
            clear
        };
        if let Some(seed) = clear {
            found.follow(&seed, tracker);
        }
    }
    for (k, seed) in faint.iter().enumerate() {
        if k.is_multiple_of(BETWEEN_LOOKS) && deadline.passed() {
            break;
        }
        found.follow(seed, tracker);
    }
    found.tracks
}

/// The tracks so far.
struct Found {
    tracks: Vec<Track>,
    occupancy: Occupancy,
}

impl Found {
    /// Follows a seed that no track has claimed.
    fn follow(&mut self, seed: &Seed, tracker: &Tracker) {
        if self.occupancy.claims(seed, &self.tracks) {
            return;
        }
        if let Some(track) = tracker.track(seed) {
            self.occupancy.add(self.tracks.len(), &track);
            self.tracks.push(track);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ridge::ridge_points;

    /// Hairs that cross, touch and end, with noise.
    fn scene() -> Plane {
        let hairs = [
            (20.0, 30.0, 0.3, 90.0, 7.0),
            (50.0, 15.0, 1.2, 70.0, 6.0),
            (30.0, 100.0, -0.5, 80.0, 9.0),
            (100.0, 90.0, 0.1, 50.0, 4.0),
            (95.0, 97.0, 0.25, 60.0, 8.0),
        ];
        let mut state = 12345_u32;
        let mut plane = Plane::filled(160, 128, 0.0);
        for (i, value) in plane.data.iter_mut().enumerate() {
            let (x, y) = ((i % 160) as f32, (i / 160) as f32);
            for (ax, ay, angle, length, width) in hairs {
                let (s, c) = f32::sin_cos(angle);
                let (u, v) = ((x - ax) * c + (y - ay) * s, (y - ay) * c - (x - ax) * s);
                let inside = |d: f32| 1.0 / (1.0 + (-1.5 * d).exp());
                *value = value.max(0.9 * inside(0.5 * width - v.abs()) * inside(u) * inside(length - u));
            }
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *value += 0.06 * (state as f32 / u32::MAX as f32 - 0.5);
        }
        plane
    }

    fn tracks(plane: &Plane) -> Vec<Track> {
        let ridges = ridge_points(plane, 1.0, 6.0);
        let valid = vec![true; plane.data.len()];
        propose(
            &Tracker { opacity: plane, valid: &valid, max_width_px: 20.0 },
            &ridges,
            0.1,
            Deadline::default(),
        )
    }

    fn mirrored(plane: &Plane, moved: impl Fn(usize, usize) -> (usize, usize)) -> Plane {
        let mut turned = plane.clone();
        for y in 0..plane.height {
            for x in 0..plane.width {
                let (to_x, to_y) = moved(x, y);
                turned.data[to_y * plane.width + to_x] = plane.at(x, y);
            }
        }
        turned
    }

    #[test]
    fn a_mirrored_plane_gives_the_mirrored_tracks() {
        let plane = scene();
        let (right, low) = ((plane.width - 1) as f32, (plane.height - 1) as f32);
        let upright = tracks(&plane);
        assert!(upright.len() > 5, "{} tracks", upright.len());
        let sideways = tracks(&mirrored(&plane, |x, y| (plane.width - 1 - x, y)));
        let upside = tracks(&mirrored(&plane, |x, y| (x, plane.height - 1 - y)));
        let same = |track: &Track, others: &[Track], moved: &dyn Fn(f32, f32) -> (f32, f32)| {
            let near = |a: &crate::track::TrackPoint, b: &crate::track::TrackPoint| {
                let (x, y) = moved(b.x, b.y);
                libm::hypotf(a.x - x, a.y - y) < 0.1
            };
            let (first, last) = (&track.points[0], &track.points[track.points.len() - 1]);
            others.iter().any(|other| {
                let (p, q) = (&other.points[0], &other.points[other.points.len() - 1]);
                (near(first, p) && near(last, q)) || (near(first, q) && near(last, p))
            })
        };
        for (name, turned, moved) in [
            ("sideways", &sideways, &(|x, y| (right - x, y)) as &dyn Fn(f32, f32) -> (f32, f32)),
            ("upside", &upside, &|x, y| (x, low - y)),
        ] {
            assert_eq!(upright.len(), turned.len(), "{name}");
            for (k, track) in upright.iter().enumerate() {
                assert!(same(track, turned, moved), "{name}: track {k} from {:?}", track.points[0]);
            }
        }
    }
}
