//! Fine shafts: what is left once the dark shafts are explained.
//!
//! Opacity (W × H) + settled [`Shaft`]s → [`Ribbon`]s of pale, fine shafts, on the [`Rest`] of the opacity.
//!
//! A fine hair beside or across a dark one is drowned by it: whoever follows it walks into the dark shaft and stays there.
//! So the dark shafts are taken out first, with the reach of their blurred edges; their pixels count as unseen and are
//! filled from around. On what is left fine shafts are found like any others. Where one was cut in two by a dark shaft,
//! the pieces are joined if they continue each other.

use rayon::prelude::*;

use crate::evidence::evidence;
use crate::join::join;
use crate::plane::Plane;
use crate::propose::propose;
use crate::ribbon::Ribbon;
use crate::ridge::ridge_points;
use crate::select::select;
use crate::shafts::{MIN_SIGMA_PX, Setting, Shaft, TRACK_SIGMA_PX, WIDTH_PER_SIGMA, follow, promising};
use crate::track::Tracker;

/// What settled shafts leave over.
#[derive(Debug, Clone)]
pub struct Rest {
    /// Opacity, filled from around where a settled shaft lies.
    pub opacity: Plane,
    /// Scalp that no settled shaft covers.
    pub open: Vec<bool>,
}

/// Reach of a shaft's blurred edge, px: two sigmas of a lens blur of 1.2 px.
const EDGE_PX: f32 = 2.4;
/// Reach of the filling, px: a flank of a few pixels on both sides of a shaft, less than the distance to the next one.
const FILL_SIGMA_PX: f32 = 3.0;
/// Widest shaft that is looked for, µm: thicker hair is dark enough to be found at first.
const MAX_FINE_UM: f32 = 60.0;

/// The opacity without the settled shafts.
pub fn rest(opacity: Plane, valid: &[bool], settled: &[Shaft]) -> Rest {
    let (width, height) = (opacity.width, opacity.height);
    let mut open = valid.to_vec();
    for shaft in settled {
        let mut wide = shaft.ribbon.clone();
        wide.width_px.iter_mut().for_each(|w| *w += 2.0 * EDGE_PX);
        wide.lengthen(EDGE_PX);
        wide.lay(width, height);
        wide.cover.iter().for_each(|cover| open[cover.pixel as usize] = false);
    }
    let mut rest = opacity;
    for (value, &open) in rest.data.iter_mut().zip(&open) {
        if !open {
            *value = 0.0;
        }
    }
    // The filling is smooth: half the resolution is enough.
    let around = rest.halved().gaussian(0.5 * FILL_SIGMA_PX);
    let known = Plane::halved_of(&open, width).gaussian(0.5 * FILL_SIGMA_PX);
    for (i, value) in rest.data.iter_mut().enumerate().filter(|&(i, _)| !open[i]) {
        let (x, y) = (0.5 * (i % width) as f32 - 0.25, 0.5 * (i / width) as f32 - 0.25);
        *value = around.sample(x, y) / known.sample(x, y).max(1e-3);
    }
    Rest { opacity: rest, open }
}

/// Fine shafts on what is left; `coloured` is the opacity at a point of what is coloured, too.
pub fn fine(rest: &Rest, coloured: impl Fn(f32, f32) -> f32 + Sync, setting: &Setting) -> Vec<Ribbon> {
    let um = setting.um_per_px;
    let max_width_px = (MAX_FINE_UM / um).max(2.0 * WIDTH_PER_SIGMA * MIN_SIGMA_PX);
    let ridges = ridge_points(&rest.opacity, MIN_SIGMA_PX, max_width_px / WIDTH_PER_SIGMA);
    let smooth = rest.opacity.gaussian(TRACK_SIGMA_PX);
    let tracker = Tracker { opacity: &smooth, valid: &rest.open, max_width_px };
    let tracks = propose(&tracker, &ridges, setting.min_level, setting.deadline);
    let (width, height) = (rest.opacity.width, rest.opacity.height);
    drop((ridges, smooth));
    let mut ribbons: Vec<Ribbon> = tracks
        .into_par_iter()
        .filter(|track| follow(track, um))
        .map(|track| Ribbon::of_track(&track))
        .filter(|ribbon| !rest.is_rim(ribbon))
        .filter(|ribbon| promising(&evidence(ribbon, &rest.opacity, &coloured), setting))
        .collect();
    let chosen = select(&mut ribbons, &rest.opacity);
    // Once they are joined they are laid anew.
    ribbons.iter_mut().for_each(|ribbon| ribbon.cover = Vec::new());
    let mut fine: Vec<Ribbon> = chosen.iter().map(|c| ribbons[c.index].clone()).collect();
    drop(ribbons);
    join(&mut fine, &rest.open, width);
    fine.iter_mut().for_each(|ribbon| ribbon.lay(width, height));
    fine
}

/// Distance from a settled shaft at which a fine one may be what the settled one's outline left over, px.
const RIM_PX: f32 = 2.0;
/// Largest share of a fine shaft that runs along settled ones.
const MAX_RIM: f32 = 0.5;

impl Rest {
    /// Whether most of a ribbon runs along settled shafts, so that it may be a seam of theirs.
    pub fn is_rim(&self, ribbon: &Ribbon) -> bool {
        let n = ribbon.axis.len();
        let width = self.opacity.width;
        let beside = (0..n)
            .filter(|&k| {
                let [x, y] = ribbon.axis[k];
                let (a, b) = (ribbon.axis[k.saturating_sub(1)], ribbon.axis[(k + 1).min(n - 1)]);
                let length = libm::hypotf(b[0] - a[0], b[1] - a[1]).max(1e-6);
                let reach = 0.5 * ribbon.width_px[k] + RIM_PX;
                let aside = [-(b[1] - a[1]) / length * reach, (b[0] - a[0]) / length * reach];
                [-1.0, 1.0].iter().any(|side| {
                    let (x, y) = ((x + side * aside[0]).round(), (y + side * aside[1]).round());
                    let at = y.max(0.0) as usize * width + (x.max(0.0) as usize).min(width - 1);
                    self.open.get(at).is_some_and(|open| !open)
                })
            })
            .count();
        beside as f32 > MAX_RIM * n as f32
    }
}
