//! What of a photo is compared with another one: hairs in µm, and the pattern of their orifices.
//!
//! [`Measurement`] → [`Constellation`]. Follicular orifices are unique per site and stay for years, through the hair
//! cycle, clipping and combing (40,000 images at 70x, doi:10.1159/000524345 and follicular maps, see the crate's
//! documentation); skin texture and the course of the shafts do not.

use crate::hair::{Hair, NotCounted};
use crate::measurement::Measurement;

use super::map::{PointUm, distance};

/// Pixel size for photos without a scale, µm: the middle of the devices' range. Ratios and matches do not depend on it.
pub const GUESSED_UM_PER_PX: f64 = 5.0;
/// Roots closer than this to the frame may belong to a shaft that enters through it, µm.
pub const FRAME_UM: f64 = 20.0;
/// Roots within this distance are one orifice, µm: the orifices of a unit lie within 0.1 to 0.2 mm.
const ORIFICE_UM: f64 = 150.0;

/// One hair, in µm.
#[derive(Debug, Clone, PartialEq)]
pub struct Strand {
    /// Place in [`Measurement::hairs`].
    pub index: usize,
    /// Where it emerges.
    pub root: PointUm,
    /// Its course from the root.
    pub axis: Vec<PointUm>,
    /// Direction from root to tip, a unit vector.
    pub direction: PointUm,
    /// Visible length.
    pub length: f64,
    /// Width; a usual one where it was not measured.
    pub width: f64,
    /// Probability that it is a hair.
    pub confidence: f64,
    /// Probability that `root` is not its tip.
    pub root_confidence: f64,
    /// Whether it counts in its photo.
    pub counted: bool,
    /// Whether its tip is in the photo, too, so that its length is whole.
    pub whole: bool,
}

/// What a photo shows, in µm.
#[derive(Debug, Clone, PartialEq)]
pub struct Constellation {
    /// µm per px.
    pub um_per_px: f64,
    /// Size of the photo, µm.
    pub size: PointUm,
    /// Hairs that are rooted in the photo.
    pub strands: Vec<Strand>,
    /// Mean root of the hairs that emerge together.
    pub orifices: Vec<PointUm>,
    /// Mean end of the shafts that end together, roots and tips alike: long hair leaves the photo with its tip, so that
    /// most ends are roots, whichever end was taken for it.
    pub ends: Vec<PointUm>,
}

/// Width of a hair that was not measured, µm: half of a usual terminal one.
const UNKNOWN_WIDTH_UM: f64 = 35.0;

impl Constellation {
    /// What a measurement shows.
    pub fn of(measurement: &Measurement) -> Self {
        let um_per_px = measurement.calibration.map_or(GUESSED_UM_PER_PX, |c| c.um_per_px);
        let pixels = [measurement.image.width_px, measurement.image.height_px];
        let size = pixels.map(|n| f64::from(n) * um_per_px);
        let in_frame = |p: PointUm| (0..2).all(|i| p[i] > FRAME_UM && p[i] < size[i] - um_per_px - FRAME_UM);
        let strands: Vec<Strand> = measurement
            .hairs
            .iter()
            .enumerate()
            .filter(|(_, hair)| hair.not_counted != Some(NotCounted::PassesThrough))
            .map(|(index, hair)| strand(index, hair, um_per_px, &in_frame))
            .filter(|strand| in_frame(strand.root))
            .collect();
        let roots: Vec<PointUm> = strands.iter().map(|s| s.root).collect();
        let ends: Vec<PointUm> = measurement
            .hairs
            .iter()
            .flat_map(|hair| [hair.root_px, hair.tip_px])
            .map(|p| p.map(|v| v * um_per_px))
            .filter(|p| in_frame(*p))
            .collect();
        Self { um_per_px, size, orifices: together(&roots), ends: together(&ends), strands }
    }

    /// The same photo with all ends in place of the orifices.
    pub fn by_ends(&self) -> Self {
        Self { orifices: self.ends.clone(), ..self.clone() }
    }

    /// Middle of the photo, µm.
    pub fn centre(&self) -> PointUm {
        self.size.map(|side| 0.5 * side)
    }

    /// Whether a point lies in the photo, `margin` µm from its frame.
    pub fn holds(&self, p: PointUm, margin: f64) -> bool {
        (0..2).all(|i| p[i] >= margin && p[i] <= self.size[i] - self.um_per_px - margin)
    }
}

fn strand(index: usize, hair: &Hair, um_per_px: f64, in_frame: &impl Fn(PointUm) -> bool) -> Strand {
    let axis: Vec<PointUm> = hair.centreline_px.iter().map(|p| p.map(|v| v * um_per_px)).collect();
    let (root, tip) = (axis[0], axis[axis.len() - 1]);
    let reach = distance(root, tip).max(1e-9);
    Strand {
        index,
        root,
        direction: [(tip[0] - root[0]) / reach, (tip[1] - root[1]) / reach],
        length: hair.length_px * um_per_px,
        width: hair.width_px.map_or(UNKNOWN_WIDTH_UM, |w| w * um_per_px),
        confidence: hair.confidence,
        root_confidence: hair.root_confidence,
        counted: hair.counted,
        whole: in_frame(tip),
        axis,
    }
}

/// What a µm is in the record: 1, or px per µm where there is no scale.
pub fn told_per_um(measurement: &Measurement, photo: &Constellation) -> f64 {
    if measurement.calibration.is_some() { 1.0 } else { 1.0 / photo.um_per_px }
}

/// Means of the points that lie together, by single linkage.
fn together(points: &[PointUm]) -> Vec<PointUm> {
    let mut group: Vec<usize> = (0..points.len()).collect();
    for i in 0..points.len() {
        for j in 0..i {
            if distance(points[i], points[j]) < ORIFICE_UM && group[i] != group[j] {
                let (from, to) = (group[i].max(group[j]), group[i].min(group[j]));
                group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
            }
        }
    }
    let mut centres = Vec::new();
    for first in 0..points.len() {
        let members: Vec<PointUm> =
            group.iter().zip(points).filter(|(g, _)| **g == first).map(|(_, p)| *p).collect();
        if !members.is_empty() {
            let n = members.len() as f64;
            centres.push([0, 1].map(|i| members.iter().map(|p| p[i]).sum::<f64>() / n));
        }
    }
    centres
}
