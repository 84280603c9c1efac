//! Walks the elements of a DICOM data set before anything is read of it.
//!
//! A reader takes as much memory as a length says, and goes as deep as sequences are nested. Here every length is held against
//! the bytes that are there, and every depth against [`MOST_DEEP`]; no value is looked at. Encoding: PS3.5, 7.1 and 7.5.

use std::ops::Range;

/// Deepest nesting that is followed; photos have three levels.
const MOST_DEEP: usize = 16;

const ITEM: u16 = 0xe000;
const END_OF_ITEM: u16 = 0xe00d;
const END_OF_SEQUENCE: u16 = 0xe0dd;
const UNDEFINED: u32 = u32::MAX;
/// Kinds whose length takes two bytes (PS3.5, table 7.1-2).
const SHORT_KINDS: [&[u8]; 21] = [
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL",
    b"SS", b"ST", b"TM", b"UI", b"UL", b"US",
];
/// Kinds that may be of undefined length and are what they say: sequences, and bytes of pixels.
const KINDS_OF_UNDEFINED: [&[u8]; 3] = [b"SQ", b"OB", b"OW"];

/// How elements are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Encoding {
    pub explicit: bool,
    pub big_endian: bool,
}

impl Encoding {
    /// That of a transfer syntax; all compressed ones are explicit and little endian.
    pub(super) fn of(syntax: &str) -> Self {
        Self { explicit: syntax != "1.2.840.10008.1.2", big_endian: syntax == "1.2.840.10008.1.2.2" }
    }
}

/// An open sequence or item: where it ends, unless a delimiter ends it; and whether its items are bytes of pixels.
#[derive(Clone, Copy)]
struct Open {
    end: Option<usize>,
    /// Where its four bytes of length stand, if it states one.
    length_at: Option<usize>,
    pixels: bool,
    /// Whether its elements are written without their kind.
    implicit: bool,
    /// Where it begins, if it is of unknown kind.
    unknown: Option<usize>,
}

/// An element of unknown kind and undefined length: a sequence without kinds in it (PS3.5, 6.2.2), which a reader that goes by
/// kinds does not follow.
#[derive(Debug)]
pub(super) struct Unknown {
    /// Where it lies.
    pub place: Range<usize>,
    /// Where the lengths of the sequences and items around it stand, four bytes each: without it they are less.
    pub lengths: Vec<usize>,
}

/// `None` unless all lengths fit; `visit` is told every element's group and number.
pub(super) fn walk(
    bytes: &[u8],
    encoding: Encoding,
    mut visit: impl FnMut(u16, u16),
) -> Option<Vec<Unknown>> {
    let mut found = Vec::new();
    let short = |at: usize| {
        let two: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if encoding.big_endian { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    };
    let long = |at: usize| {
        let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if encoding.big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    };
    let whole = bytes.len();
    let mut open: Vec<Open> = vec![Open {
        end: Some(whole),
        length_at: None,
        pixels: false,
        implicit: !encoding.explicit,
        unknown: None,
    }];
    let mut at = 0;
    loop {
        while open.last().is_some_and(|last| last.end == Some(at)) {
            open.pop();
        }
        let Some(&here) = open.last() else { return Some(found) };
        let end = open.iter().rev().find_map(|open| open.end)?;
        let (group, number) = (short(at)?, short(at + 2)?);
        if group == 0xfffe {
            let length = long(at + 4)?;
            at += 8;
            let length_at = (length != UNDEFINED).then_some(at - 4);
            let item = |end| Open { end, length_at, pixels: false, implicit: here.implicit, unknown: None };
            match number {
                ITEM if here.pixels => at = at.checked_add(length as usize)?,
                ITEM if length == UNDEFINED => open.push(item(None)),
                ITEM => open.push(item(Some(at.checked_add(length as usize)?))),
                END_OF_ITEM | END_OF_SEQUENCE if here.end.is_none() => {
                    open.pop();
                    let lengths = || open.iter().filter_map(|open| open.length_at).collect();
                    found.extend(here.unknown.map(|from| Unknown { place: from..at, lengths: lengths() }));
                }
                _ => return None,
            }
        } else {
            let kind = bytes.get(at + 4..at + 6)?;
            // What is of no known kind is read as UN (PS3.5, 6.2), whose length takes four bytes, too.
            let is_long = !SHORT_KINDS.contains(&kind);
            let (length, value) = match (here.implicit, is_long) {
                (true, _) => (long(at + 4)?, at + 8),
                (false, true) => (long(at + 8)?, at + 12),
                (false, false) => (u32::from(short(at + 6)?), at + 8),
            };
            let is_pixels = (group, number) == (0x7fe0, 0x10);
            // Without a kind, a sequence is known by its first item, which fits.
            let holds_item = || {
                let item = long(value + 4)?;
                let fits = item == UNDEFINED || item <= length.checked_sub(8)?;
                Some(fits && (short(value)?, short(value + 2)?) == (0xfffe, ITEM))
            };
            let is_sequence =
                if here.implicit { !is_pixels && holds_item() == Some(true) } else { kind == b"SQ" };
            let is_unknown = !here.implicit && length == UNDEFINED && !KINDS_OF_UNDEFINED.contains(&kind);
            visit(group, number);
            let unknown = is_unknown.then_some(at);
            let implicit = here.implicit || is_unknown;
            at = value;
            if length == UNDEFINED {
                open.push(Open { end: None, length_at: None, pixels: is_pixels, implicit, unknown });
            } else if is_sequence && length > 0 {
                let end = Some(at.checked_add(length as usize)?);
                open.push(Open { end, length_at: Some(at - 4), pixels: false, implicit, unknown: None });
            } else {
                at = at.checked_add(length as usize)?;
            }
        }
        let inner = open.last().and_then(|open| open.end).unwrap_or(end);
        if at > end || inner > end || open.len() > MOST_DEEP {
            return None;
        }
    }
}

/// Where the data set begins: behind the preamble, the four letters and the group of length that the first element states.
pub(super) fn start(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(132..144)?;
    let length: [u8; 4] = head[8..12].try_into().ok()?;
    (head[..8] == [2, 0, 0, 0, b'U', b'L', 4, 0])
        .then(|| 144usize.checked_add(u32::from_le_bytes(length) as usize))?
}
