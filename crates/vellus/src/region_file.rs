//! Regions from a file: a mask image, as ImageJ saves one, or GeoJSON, as QuPath exports it.
//!
//! - **Mask image** (PNG, TIFF, BMP): what is not black is inside; the outline runs along the edges of pixels, so that exactly
//!   these pixels are inside. It must be of the photo's size ([`RegionFile::size_px`]). A mask with ImageJ's inverting table of
//!   colours, which shows what is inside as black, is taken by its values: 255 is inside, as ImageJ means it.
//! - **GeoJSON** (RFC 7946, in pixels): every polygon or multipolygon is a region, with its holes; named by the property `name`,
//!   else by the name of its `classification`. Polygons of a multipolygon that overlap are joined, to whole pixels. Coordinates are those of QuPath: (0, 0) is the outer corner of the first pixel,
//!   half a pixel before vellus' origin, which is its centre.

use std::path::Path;

use serde_json::Value;
use thiserror::Error;

use crate::hair::PointPx;
use crate::photo::{DecodeLimits, Photo, PhotoError, PhotoFormat, inverts};
use crate::region::{RegionPart, RegionShape};

/// Most corners of all regions of a file.
const MOST_CORNERS: usize = 1_000_000;

/// What a file of regions holds.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionFile {
    /// Regions with their names, in the file's order.
    pub parts: Vec<RegionPart>,
    /// Size of the photo that they are of, px; `None` where the file does not tell.
    pub size_px: Option<[u32; 2]>,
}

/// A file of regions that cannot be used.
#[derive(Debug, Error)]
pub enum RegionFileError {
    /// Neither a picture that can be read nor text.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// A picture that is black throughout.
    #[error(
        "{path} is black throughout: a mask has the region in white; export it from the region, not from the photo"
    )]
    Black {
        /// The file.
        path: String,
    },
    /// A picture of a kind that cannot hold a mask: its compression puts grey around the region.
    #[error("{path} is a {format}, which blurs the edge of a mask; export the mask as PNG, TIFF or BMP")]
    NoMask {
        /// The file.
        path: String,
        /// Name of its format.
        format: &'static str,
    },
    /// Not GeoJSON, or not of polygons.
    #[error("{path} holds no regions ({detail}); export polygons as GeoJSON, or give a mask image")]
    GeoJson {
        /// The file.
        path: String,
        /// What is wrong with it.
        detail: String,
    },
}

/// Reads a file of regions.
///
/// # Errors
/// [`RegionFileError`] when it cannot be read, or has no region in it.
pub fn read(path: &Path, limits: &DecodeLimits) -> Result<RegionFile, RegionFileError> {
    let shown = || path.display().to_string();
    let is_text = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("geojson") || ending.eq_ignore_ascii_case("json"));
    let stem =
        path.file_stem().map_or_else(|| "region".to_owned(), |stem| stem.to_string_lossy().into_owned());
    if is_text {
        let bad = |detail: &str| RegionFileError::GeoJson { path: shown(), detail: detail.to_owned() };
        let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        if length > 64 << 20 {
            return Err(bad("it is larger than 64 MB"));
        }
        let text = std::fs::read_to_string(path).map_err(|error| bad(&error.to_string()))?;
        let parts = parse_geojson(&text, &stem).map_err(|detail| bad(&detail))?;
        return Ok(RegionFile { parts, size_px: None });
    }
    let mask = Photo::open(path, limits)?;
    let format = mask.source.format;
    if !matches!(format, PhotoFormat::Png | PhotoFormat::Tiff | PhotoFormat::Bmp) {
        return Err(RegionFileError::NoMask { path: shown(), format: format.name() });
    }
    let turned = std::fs::read(path).is_ok_and(|bytes| inverts(&bytes, format));
    let black = if turned { 1.0 } else { 0.0 };
    let (width, height) = (mask.width_px as usize, mask.height_px as usize);
    let inside: Vec<bool> =
        (0..width * height).map(|i| mask.pixels.rgb_unit(i).iter().any(|&v| v != black)).collect();
    let rings_px = outline(&inside, width);
    if rings_px.is_empty() {
        return Err(RegionFileError::Black { path: shown() });
    }
    let shape = RegionShape::Outline { rings_px };
    Ok(RegionFile {
        parts: vec![RegionPart { name: printable(&stem), shape }],
        size_px: Some([mask.width_px, mask.height_px]),
    })
}

/// Rings along the edges of the pixels that are inside, with the inside on the right; by the even-odd rule they hold exactly
/// the centres of these pixels.
pub fn outline(inside: &[bool], width: usize) -> Vec<Vec<PointPx>> {
    let height = inside.len().checked_div(width).unwrap_or(0);
    let at = |x: i64, y: i64| {
        (0..width as i64).contains(&x)
            && (0..height as i64).contains(&y)
            && inside[y as usize * width + x as usize]
    };
    // Corners are numbered by the pixel to their lower right. Per corner: whether an edge leaves it to the right, down, left,
    // up.
    let across = width + 1;
    let mut leaves = vec![[false; 4]; across * (height + 1)];
    for y in 0..height as i64 {
        for x in 0..width as i64 {
            if !at(x, y) {
                continue;
            }
            let corner = |dx: usize, dy: usize| (y as usize + dy) * across + x as usize + dx;
            leaves[corner(0, 0)][0] |= !at(x, y - 1);
            leaves[corner(1, 0)][1] |= !at(x + 1, y);
            leaves[corner(1, 1)][2] |= !at(x, y + 1);
            leaves[corner(0, 1)][3] |= !at(x - 1, y);
        }
    }
    let mut rings = Vec::new();
    for first in 0..leaves.len() {
        while let Some(start) = (0..4).find(|&direction| leaves[first][direction]) {
            let (mut corner, mut direction) = (first, start);
            let mut ring = Vec::new();
            let mut turned = true;
            loop {
                leaves[corner][direction] = false;
                if turned {
                    ring.push([(corner % across) as f64 - 0.5, (corner / across) as f64 - 0.5]);
                }
                corner = match direction {
                    0 => corner + 1,
                    1 => corner + across,
                    2 => corner - 1,
                    _ => corner - across,
                };
                // To the right first, so that pixels that meet at a corner are rings of their own.
                let next = [1, 0, 3]
                    .into_iter()
                    .map(|turn| (direction + turn) % 4)
                    .find(|&next| leaves[corner][next]);
                let Some(next) = next else { break };
                turned = next != direction;
                direction = next;
            }
            rings.push(ring);
        }
    }
    rings
}

/// A name in one line, without characters that steer a terminal.
pub fn printable(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Most pixels over which the polygons of a multipolygon are joined.
const MOST_JOINED_PX: f64 = 1e8;

/// The rings of polygons, each of which ends before an entry of `ends`: as they are, unless polygons share a pixel; then those
/// of the pixels that lie in any. By the even-odd rule the shared ones would be outside.
///
/// # Errors
/// How many pixels it would take, where they are too many.
fn joined(rings_px: Vec<Vec<PointPx>>, ends: &[usize]) -> Result<Vec<Vec<PointPx>>, f64> {
    if ends.len() < 2 {
        return Ok(rings_px);
    }
    let mut corners = rings_px.iter().flatten();
    let first = corners.next().copied().unwrap_or_default();
    let (low, high) = corners.fold((first, first), |([x0, y0], [x1, y1]), &[x, y]| {
        ([x0.min(x), y0.min(y)], [x1.max(x), y1.max(y)])
    });
    let [x0, y0] = low.map(f64::floor);
    let (width, height) = (high[0].ceil() - x0 + 1.0, high[1].ceil() - y0 + 1.0);
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let polygons: Vec<RegionShape> = starts
        .zip(ends)
        .map(|(from, &to)| {
            rings_px[from..to]
                .iter()
                .map(|ring| ring.iter().map(|[x, y]| [x - x0, y - y0]).collect())
                .collect()
        })
        .map(|rings_px| RegionShape::Outline { rings_px })
        .collect();
    let mut boxes: Vec<_> = polygons.iter().filter_map(RegionShape::bounds_px).collect();
    boxes.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let touch = |i: usize, a: &[f64; 4]| {
        boxes[i + 1..].iter().take_while(|b| b[0] <= a[2]).any(|b| a[1] <= b[3] && b[1] <= a[3])
    };
    if !boxes.iter().enumerate().any(|(i, a)| touch(i, a)) {
        return Ok(rings_px);
    }
    if width * height > MOST_JOINED_PX {
        return Err(width * height);
    }
    let (width, height) = (width as usize, height as usize);
    let (mut inside, mut shared) = (vec![false; width * height], false);
    for polygon in &polygons {
        let [_, top, _, bottom] = polygon.bounds_px().unwrap_or_default();
        for y in top.max(0.0) as usize..height.min(bottom as usize + 1) {
            let row = &mut inside[y * width..][..width];
            for (any, here) in row.iter_mut().zip(polygon.row(y, width)) {
                shared |= *any && here;
                *any |= here;
            }
        }
    }
    if !shared {
        return Ok(rings_px);
    }
    let shift = |ring: Vec<PointPx>| ring.into_iter().map(|[x, y]| [x + x0, y + y0]).collect();
    Ok(outline(&inside, width).into_iter().map(shift).collect())
}

/// Regions of the text of a GeoJSON file; `stem` names those without a name.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse_geojson(text: &str, stem: &str) -> Result<Vec<RegionPart>, String> {
    // A number that is none, such as NaN, makes the text no JSON.
    let document: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let features: Vec<&Value> = match (&document, document.get("features")) {
        (_, Some(Value::Array(features))) => features.iter().collect(),
        // QuPath exports a bare list, too.
        (Value::Array(features), _) => features.iter().collect(),
        (Value::Object(_), _) => vec![&document],
        _ => return Err("it is no GeoJSON".to_owned()),
    };
    let mut parts: Vec<RegionPart> = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    let mut corners = 0;
    for (number, feature) in (1..).zip(features) {
        let geometry = feature.get("geometry").unwrap_or(feature);
        let coordinates = geometry.get("coordinates");
        let polygons: Vec<&Value> = match (geometry.get("type").and_then(Value::as_str), coordinates) {
            (Some("Polygon"), Some(polygon)) => vec![polygon],
            (Some("MultiPolygon"), Some(Value::Array(polygons))) => polygons.iter().collect(),
            (Some(kind), _) if ["Point", "MultiPoint", "LineString", "MultiLineString"].contains(&kind) => {
                return Err(format!("feature {number} is a {kind} and no area"));
            }
            _ if geometry.is_null() => {
                return Err(format!("feature {number} has no geometry; take it out of the file"));
            }
            _ => return Err(format!("feature {number} is no polygon")),
        };
        let mut rings_px = Vec::new();
        // Where the rings of each polygon end.
        let mut ends = Vec::new();
        for ring in polygons.iter().filter_map(|polygon| polygon.as_array()).flat_map(|rings| {
            ends.push(ends.last().map_or(0, |&end: &usize| end) + rings.len());
            rings
        }) {
            let points = ring.as_array().into_iter().flatten().map(|point| {
                let number =
                    |i: usize| point.get(i).and_then(Value::as_f64).filter(|value| value.abs() < 1e7);
                Some([number(0)? - 0.5, number(1)? - 0.5])
            });
            let mut points = points
                .collect::<Option<Vec<PointPx>>>()
                .ok_or_else(|| format!("feature {number} has a corner that is no pair of pixels"))?;
            // The last corner is the first one again.
            if points.len() > 1 && points.first() == points.last() {
                points.pop();
            }
            if points.len() < 3 {
                return Err(format!("feature {number} has a ring of fewer than three corners"));
            }
            corners += points.len();
            rings_px.push(points);
        }
        if rings_px.is_empty() || corners > MOST_CORNERS {
            return Err(format!("feature {number} has no corners, or there are more than {MOST_CORNERS}"));
        }
        let properties = feature.get("properties");
        let named = properties.and_then(|p| p.get("name")).and_then(Value::as_str);
        let class = properties.and_then(|p| p.get("classification")?.get("name")).and_then(Value::as_str);
        let name = named.or(class).map(printable).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| format!("{} {number}", printable(stem)));
        // Annotations of one class have one name.
        let mut tries = std::iter::once(name.clone()).chain((number..).map(|n: usize| format!("{name} {n}")));
        let name = tries.find(|name| !names.contains(name)).unwrap_or(name);
        names.insert(name.clone());
        let rings_px = joined(rings_px, &ends).map_err(|pixels| {
            format!("the polygons of feature {number} overlap over {pixels} pixels, too many to join")
        })?;
        parts.push(RegionPart { name, shape: RegionShape::Outline { rings_px } });
    }
    if parts.is_empty() { Err("it has no feature".to_owned()) } else { Ok(parts) }
}

#[cfg(test)]
#[path = "region_file_tests.rs"]
mod tests;
