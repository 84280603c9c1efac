//! What a JPEG 2000 codestream makes its decoder take memory for, from its headers alone (ITU-T T.800, annexes A and B).
//!
//! A decoder keeps a record of every code-block of a tile, with as many parts as there are layers, and of every precinct. The
//! headers may cut a picture into code-blocks of 4 × 4 or precincts of 1 × 1 samples: then these records, which a file of 200
//! bytes can ask for, take a kilobyte per pixel.

use super::dicom::Inside;
use super::error::{BYTES_PER_PIXEL, Fault};

/// What records may take in any case, bytes.
const SMALL: u64 = 64 << 20;
/// The records of the decoder with the spare room of growing lists, bytes: a code-block with its nodes in two tag trees; a
/// layer of it; a precinct of one band.
const CODE_BLOCK: u64 = 2 * (80 + 2 * 90);
const LAYER: u64 = 2 * 24;
const PRECINCT: u64 = 2 * (160 + 32);
/// Largest coordinate; beyond it sums of coordinates no longer fit 32 bits.
const MOST_COORDINATE: u32 = 1 << 28;

const COD: u8 = 0x52;
const COC: u8 = 0x53;
const START_OF_TILE: u8 = 0x90;
const START_OF_DATA: u8 = 0x93;

fn long(frame: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(frame.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn short(frame: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(frame.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// The size that a codestream states (A.5.1), unless it has more tiles than can be numbered or too large coordinates.
pub(super) fn stated_size(frame: &[u8]) -> Option<Inside> {
    let side = |at: usize| {
        let (end, start, tile, first) =
            (long(frame, at)?, long(frame, at + 8)?, long(frame, at + 16)?, long(frame, at + 24)?);
        let tiles = end.checked_sub(first)?.div_ceil(tile.max(1));
        (end <= MOST_COORDINATE && tile > 0).then_some((end.checked_sub(start)?, u64::from(tiles)))
    };
    let ((width_px, across), (height_px, down)) = (side(8)?, side(12)?);
    let samples = usize::from(short(frame, 40)?);
    let bits = u32::from(frame.get(42)? & 0x7f) + 1;
    (across * down <= 65_535).then_some(Inside { width_px, height_px, samples, bits })
}

/// Refuses a codestream whose records take more memory than its pixels, by all its headers.
pub(super) fn check_memory(frame: &[u8]) -> Result<(), Fault> {
    let broken = || Fault::damaged("the headers of its JPEG 2000 are cut short");
    let size = stated_size(frame).ok_or_else(broken)?;
    // A tile is no larger than the picture.
    let tile = [(size.width_px, 24), (size.height_px, 28)]
        .map(|(side, at)| u64::from(long(frame, at).unwrap_or(side).min(side)));
    let pixels = u64::from(size.width_px) * u64::from(size.height_px);
    let mut most = 0;
    // Behind SOC: markers with segments up to the first tile-part; then those of each tile-part, up to its data.
    let (mut at, mut next, mut layers) = (2, None, 1);
    loop {
        let Some(&[0xff, marker]) = frame.get(at..).and_then(|rest| rest.first_chunk::<2>()) else {
            return Err(broken());
        };
        let segment = at + 2;
        at = match marker {
            0xd9 => break,
            // Without a segment.
            0x30..=0x3f => segment,
            START_OF_DATA => match next {
                Some(next) if next >= at => next,
                _ => break,
            },
            _ => segment + usize::from(short(frame, segment).ok_or_else(broken)?).max(2),
        };
        // The decoder goes by what a segment holds, not by the length that it states.
        if length_of(frame, marker, segment, size.samples).is_some_and(|length| segment + length != at) {
            return Err(broken());
        }
        match marker {
            START_OF_TILE => {
                let length = long(frame, segment + 4).ok_or_else(broken)? as usize;
                next = (length > 0).then(|| segment - 2 + length);
            }
            COD => {
                layers = u64::from(short(frame, segment + 4).ok_or_else(broken)?);
                most = most.max(records(frame, tile, segment + 2, segment + 7, layers).ok_or_else(broken)?);
            }
            COC => {
                let component = if size.samples < 257 { 1 } else { 2 };
                let style = segment + 2 + component;
                most = most.max(records(frame, tile, style, style + 1, layers).ok_or_else(broken)?);
            }
            _ => {}
        }
    }
    if most.saturating_mul(size.samples as u64) > pixels * BYTES_PER_PIXEL + SMALL {
        return Err(Fault::unsupported(
            "its JPEG 2000 is cut into so small code-blocks or precincts that they take more memory than its pixels",
        ));
    }
    Ok(())
}

/// What the records of one component of a tile take, bytes. `style` is where the flags stand that say whether precincts are
/// given, `at` where the parameters begin (A.6.1).
fn records(frame: &[u8], [width, height]: [u64; 2], style: usize, at: usize, layers: u64) -> Option<u64> {
    let &[levels, block_width, block_height, ..] = frame.get(at..)?.first_chunk::<5>()?;
    if levels > 32 {
        return None;
    }
    let own_precincts = frame.get(style)? & 1 == 1;
    let mut sum = 0_u64;
    for resolution in 0..=levels {
        let precinct = if own_precincts { *frame.get(at + 5 + usize::from(resolution))? } else { 0xff };
        let smaller = u32::from(resolution > 0);
        let side = |side: u64, block: u8, precinct: u8| {
            let side = side.div_ceil(1 << (levels - resolution)) + 1;
            let band = if resolution > 0 { side / 2 + 1 } else { side };
            let block = (u32::from(block & 15) + 2).min(u32::from(precinct).saturating_sub(smaller));
            // One more at each end, where the grid is not in step with the tile.
            ((side >> precinct) + 2, (band >> block) + 2)
        };
        let (precincts_across, blocks_across) = side(width, block_width, precinct & 15);
        let (precincts_down, blocks_down) = side(height, block_height, precinct >> 4);
        let bands = if resolution > 0 { 3 } else { 1 };
        let of_blocks = blocks_across.saturating_mul(blocks_down).saturating_mul(CODE_BLOCK + LAYER * layers);
        let of_precincts = precincts_across.saturating_mul(precincts_down).saturating_mul(PRECINCT);
        sum = sum.saturating_add(of_blocks.saturating_add(of_precincts).saturating_mul(bands));
    }
    Some(sum)
}

/// How long a segment must be by what it holds; `None` where its length decides.
fn length_of(frame: &[u8], marker: u8, segment: usize, samples: usize) -> Option<usize> {
    let component = if samples < 257 { 1 } else { 2 };
    let style = |flags: usize, levels: usize| {
        let own_precincts = frame.get(segment + flags)? & 1 == 1;
        Some(if own_precincts { usize::from(*frame.get(segment + levels)?) + 1 } else { 0 })
    };
    // One step size that the others are derived from, or one of two bytes for each band.
    let steps = |at: usize| match frame.get(segment + at)? & 31 {
        1 => Some(at + 3),
        2 => Some(at + 1 + (usize::from(short(frame, segment)?).saturating_sub(at + 1)) / 2 * 2),
        _ => None,
    };
    match marker {
        0x51 => Some(38 + 3 * samples),
        COD => Some(12 + style(2, 7)?),
        COC => Some(8 + component + style(2 + component, 3 + component)?),
        0x5c => steps(2),
        0x5d => steps(2 + component),
        START_OF_TILE => Some(10),
        _ => None,
    }
}
