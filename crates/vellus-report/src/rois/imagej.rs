//! One ROI of ImageJ: a segmented line with coordinates in parts of a pixel.
//!
//! The format is that of `ij.io.RoiEncoder`: big-endian; a header of 64 bytes, corners as whole px from the upper left corner of
//! the bounds, the same as single floats from the photo's origin, a second header of 64 bytes, then name and properties in
//! UTF-16. Positions below are offsets in bytes.

use std::io;

use vellus::Hair;

use crate::overlay::colour;

/// Version of the format that has properties (ImageJ 1.52t).
const VERSION: i16 = 228;
/// Type of ROI: a segmented line.
const POLYLINE: u8 = 5;
/// Option: single floats follow the whole coordinates.
const SUB_PIXEL: i16 = 128;
const HEADER_BYTES: usize = 64;
const HEADER_2_BYTES: usize = 64;

/// The file of a hair.
///
/// # Errors
/// A position that the format cannot hold.
pub fn line(hair: &Hair, name: &str, properties: &str) -> io::Result<Vec<u8>> {
    let course = &hair.centreline_px;
    let (xs, ys) = (course.iter().map(|p| p[0]), course.iter().map(|p| p[1]));
    let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min).floor();
    let most = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max).ceil();
    let left = whole(least(&mut xs.clone()))?;
    let top = whole(least(&mut ys.clone()))?;
    let right = whole(most(&mut xs.clone()))?;
    let bottom = whole(most(&mut ys.clone()))?;
    let count = u16::try_from(course.len()).map_err(|_| too_large("more than 65,535 points"))?;

    let mut file = Vec::new();
    file.extend(b"Iout");
    file.extend(VERSION.to_be_bytes());
    file.extend([POLYLINE, 0]);
    for edge in [top, left, bottom, right] {
        file.extend(edge.to_be_bytes());
    }
    file.extend(count.to_be_bytes());
    // 18: ends of a straight line.
    file.resize(34, 0);
    let width_px = hair.width_px.unwrap_or(1.0);
    file.extend((width_px.round().clamp(1.0, 1000.0) as i16).to_be_bytes());
    // 36: size of a shape.
    file.resize(40, 0);
    let [red, green, blue] = colour(hair);
    file.extend([255, red, green, blue]);
    // 44: fill colour; 48: subtype.
    file.resize(50, 0);
    file.extend(SUB_PIXEL.to_be_bytes());
    file.resize(60, 0);
    let header_2 = HEADER_BYTES + course.len() * (2 * 2 + 2 * 4);
    file.extend(offset(header_2)?);

    for x in xs.clone() {
        file.extend(((x - f64::from(left)).round() as i16).to_be_bytes());
    }
    for y in ys.clone() {
        file.extend(((y - f64::from(top)).round() as i16).to_be_bytes());
    }
    for value in xs.chain(ys) {
        file.extend((value as f32).to_be_bytes());
    }

    let (name, properties) = (utf16(name), utf16(properties));
    let name_at = header_2 + HEADER_2_BYTES;
    file.resize(header_2 + 16, 0);
    file.extend(offset(name_at)?);
    file.extend(offset(name.len() / 2)?);
    // 24: colours of labels.
    file.resize(header_2 + 36, 0);
    file.extend((width_px as f32).to_be_bytes());
    file.extend(offset(name_at + name.len())?);
    file.extend(offset(properties.len() / 2)?);
    file.resize(name_at, 0);
    file.extend(name);
    file.extend(properties);
    Ok(file)
}

/// A position in whole px.
fn whole(value: f64) -> io::Result<i16> {
    let fits = (f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(&value);
    if fits { Ok(value as i16) } else { Err(too_large("positions beyond 32,767 px")) }
}

fn offset(value: usize) -> io::Result<[u8; 4]> {
    u32::try_from(value).map(u32::to_be_bytes).map_err(|_| too_large("so many points"))
}

fn too_large(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("ImageJ's ROI files hold no {what}; write GeoJSON instead"),
    )
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}
