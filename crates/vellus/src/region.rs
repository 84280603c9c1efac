//! The part of the photo that is analysed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::hair::PointPx;

/// A region as it is asked for, px. What is not scalp is taken out of it later.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RegionShape {
    /// All of the photo.
    #[default]
    Whole,
    /// An upright rectangle.
    Rectangle {
        /// Left edge, px.
        x_px: f64,
        /// Top edge, px.
        y_px: f64,
        /// Width, px; > 0.
        width_px: f64,
        /// Height, px; > 0.
        height_px: f64,
    },
    /// A disc.
    Circle {
        /// Centre, px.
        centre_px: PointPx,
        /// Radius, px; > 0.
        radius_px: f64,
    },
    /// A simple polygon, at least three corners.
    Polygon {
        /// Corners in order, px.
        corners_px: Vec<PointPx>,
    },
    /// Rings of at least three corners, as a mask image or an annotation with holes has them: inside is what an odd number
    /// of them goes round.
    Outline {
        /// The corners of each ring in order, px.
        rings_px: Vec<Vec<PointPx>>,
    },
    /// Several regions, which are summed up together and each by itself.
    Parts {
        /// The regions; names differ.
        parts: Vec<RegionPart>,
    },
}

/// One of several regions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionPart {
    /// What it is called in the results.
    pub name: String,
    /// Its shape; not several regions again.
    pub shape: RegionShape,
}

/// What parts the names of regions in the tables, and is in none.
pub const NAMES_APART: char = ';';
/// Most regions of one photo.
pub const MOST_PARTS: usize = 1000;

/// A region that cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum RegionError {
    /// The text is none of the forms understood.
    #[error(
        "the region '{0}' is not understood: write 'whole', 'rect:X,Y,WIDTH,HEIGHT', 'circle:X,Y,RADIUS' or \
         'polygon:X,Y,X,Y,X,Y', all in pixels"
    )]
    Syntax(String),
    /// A size is not positive or a number is not finite.
    #[error("the region '{0}' has no area: sizes must be positive numbers of pixels")]
    Empty(String),
}

impl std::str::FromStr for RegionShape {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("whole") {
            return Ok(Self::Whole);
        }
        let syntax = || RegionError::Syntax(text.to_owned());
        let (kind, numbers) = text.split_once(':').ok_or_else(syntax)?;
        let numbers: Vec<f64> = numbers
            .split(',')
            .map(|part| part.trim().parse::<f64>().map_err(|_| syntax()))
            .collect::<Result<_, _>>()?;
        let shape = match (kind, numbers.as_slice()) {
            ("rect", &[x_px, y_px, width_px, height_px]) => {
                Self::Rectangle { x_px, y_px, width_px, height_px }
            }
            ("circle", &[x, y, radius_px]) => Self::Circle { centre_px: [x, y], radius_px },
            ("polygon", corners) if corners.len() >= 6 && corners.len().is_multiple_of(2) => {
                Self::Polygon { corners_px: corners.chunks(2).map(|c| [c[0], c[1]]).collect() }
            }
            _ => return Err(syntax()),
        };
        if shape.is_valid() { Ok(shape) } else { Err(RegionError::Empty(text.to_owned())) }
    }
}

impl RegionShape {
    /// Whether all numbers are finite and all sizes positive.
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Whole => true,
            Self::Rectangle { x_px, y_px, width_px, height_px } => {
                [x_px, y_px, width_px, height_px].iter().all(|v| v.is_finite())
                    && *width_px > 0.0
                    && *height_px > 0.0
            }
            Self::Circle { centre_px, radius_px } => {
                centre_px.iter().all(|v| v.is_finite()) && radius_px.is_finite() && *radius_px > 0.0
            }
            Self::Polygon { corners_px } => {
                corners_px.len() >= 3 && corners_px.iter().flatten().all(|v| v.is_finite())
            }
            Self::Outline { rings_px } => {
                !rings_px.is_empty()
                    && rings_px.iter().all(|ring| ring.len() >= 3)
                    && rings_px.iter().flatten().flatten().all(|v| v.is_finite())
            }
            Self::Parts { parts } => {
                let names: std::collections::BTreeSet<&str> =
                    parts.iter().map(|part| part.name.as_str()).collect();
                (1..=MOST_PARTS).contains(&parts.len())
                    && names.len() == parts.len()
                    && !names.contains("")
                    && !names.iter().any(|name| name.contains(NAMES_APART))
                    && parts
                        .iter()
                        .all(|part| !matches!(part.shape, Self::Parts { .. }) && part.shape.is_valid())
            }
        }
    }

    /// The regions that are summed up each by itself; none unless there are several.
    pub fn parts(&self) -> &[RegionPart] {
        match self {
            Self::Parts { parts } => parts,
            _ => &[],
        }
    }

    /// Left, top, right and bottom, px; `None` of the whole photo.
    pub fn bounds_px(&self) -> Option<[f64; 4]> {
        let around = |corners: &mut dyn Iterator<Item = &PointPx>| {
            corners.map(|&[x, y]| [x, y, x, y]).reduce(joined_bounds)
        };
        match self {
            Self::Whole => None,
            Self::Rectangle { x_px, y_px, width_px, height_px } => {
                Some([*x_px, *y_px, x_px + width_px, y_px + height_px])
            }
            Self::Circle { centre_px: [x, y], radius_px: r } => Some([x - r, y - r, x + r, y + r]),
            Self::Polygon { corners_px } => around(&mut corners_px.iter()),
            Self::Outline { rings_px } => around(&mut rings_px.iter().flatten()),
            Self::Parts { parts } => {
                let bounds: Option<Vec<_>> = parts.iter().map(|part| part.shape.bounds_px()).collect();
                bounds?.into_iter().reduce(joined_bounds)
            }
        }
    }

    /// Which pixels of row `y` are inside, as [`Self::contains`] tells one by one, in less time for many corners.
    pub fn row(&self, y: usize, width: usize) -> Vec<bool> {
        match self {
            Self::Outline { rings_px } => {
                let mut crossings: Vec<f64> =
                    rings_px.iter().flat_map(|ring| crossings(ring, y as f64)).collect();
                crossings.sort_by(f64::total_cmp);
                // Inside where an odd number of edges lies to the right.
                let mut row = vec![false; width];
                let mut passed = 0;
                for (x, inside) in row.iter_mut().enumerate() {
                    while passed < crossings.len() && crossings[passed] <= x as f64 {
                        passed += 1;
                    }
                    *inside = (crossings.len() - passed) % 2 == 1;
                }
                row
            }
            Self::Parts { parts } => {
                let mut row = vec![false; width];
                for part in parts {
                    row.iter_mut().zip(part.shape.row(y, width)).for_each(|(any, inside)| *any |= inside);
                }
                row
            }
            _ => (0..width).map(|x| self.contains(x as f64, y as f64)).collect(),
        }
    }

    /// Whether the centre of a pixel lies inside.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        match self {
            Self::Whole => true,
            Self::Rectangle { x_px, y_px, width_px, height_px } => {
                x >= *x_px && x < x_px + width_px && y >= *y_px && y < y_px + height_px
            }
            Self::Circle { centre_px: [cx, cy], radius_px } => {
                (x - cx) * (x - cx) + (y - cy) * (y - cy) <= radius_px * radius_px
            }
            Self::Polygon { corners_px } => even_odd(corners_px, x, y),
            Self::Outline { rings_px } => {
                rings_px.iter().filter(|ring| even_odd(ring, x, y)).count() % 2 == 1
            }
            Self::Parts { parts } => parts.iter().any(|part| part.shape.contains(x, y)),
        }
    }
}

fn joined_bounds(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// Even-odd rule: an odd number of edges to the right of the point.
fn even_odd(corners: &[PointPx], x: f64, y: f64) -> bool {
    crossings(corners, y).filter(|&at| x < at).count() % 2 == 1
}

/// Where the edges of a ring cross a row.
fn crossings(corners: &[PointPx], y: f64) -> impl Iterator<Item = f64> {
    let previous = corners.iter().cycle().skip(corners.len().saturating_sub(1));
    let across = move |&([_, y1], [_, y0]): &(&PointPx, &PointPx)| (*y0 > y) != (*y1 > y);
    corners
        .iter()
        .zip(previous)
        .filter(across)
        .map(move |(&[x1, y1], &[x0, y0])| x0 + (y - y0) * (x1 - x0) / (y1 - y0))
}

/// The region that was analysed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Region {
    /// What was asked for.
    pub shape: RegionShape,
    /// Pixels of it that are scalp.
    pub area_px: u64,
    /// `area_px` on the scalp, mm². `null` without a scale.
    pub area_mm2: Option<f64>,
    /// Share of the shape that was taken out as not scalp, 0 to 1.
    pub masked_fraction: f64,
}
