//! Whether a mask's table of colours turns black and white about, as ImageJ's inverting one does.
//!
//! ImageJ's masks hold 255 inside and 0 outside, and show 255 as black. It writes that table as the palette of a PNG or BMP of 8
//! bits, and as `WhiteIsZero` in a TIFF.

use super::PhotoFormat;

/// Whether the file's 256 colours fall from white to black.
pub(crate) fn inverts(bytes: &[u8], format: PhotoFormat) -> bool {
    match format {
        PhotoFormat::Png => png_palette(bytes).is_some_and(|table| falls(table, 3)),
        PhotoFormat::Bmp => bmp_palette(bytes).is_some_and(|table| falls(table, 4)),
        // Other programs write bilevel pictures so, and mean what is shown.
        PhotoFormat::Tiff => {
            super::tiff::is_white_zero(bytes) && bytes.windows(7).any(|window| window == b"ImageJ=")
        }
        _ => false,
    }
}

fn falls(table: &[u8], bytes_per_colour: usize) -> bool {
    table.len() == 256 * bytes_per_colour
        && (0..=255_u8).zip(table.chunks(bytes_per_colour)).all(|(i, colour)| colour[..3] == [255 - i; 3])
}

fn png_palette(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(8..)?;
    loop {
        let (&[a, b, c, d, ref name @ ..], tail) = rest.split_first_chunk::<8>()?;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        match name {
            b"PLTE" => return tail.get(..length),
            b"IDAT" => return None,
            _ => rest = tail.get(length.checked_add(4)?..)?,
        }
    }
}

/// Behind the header, blue first, four bytes each; for 8 bits with all 256 colours.
fn bmp_palette(bytes: &[u8]) -> Option<&[u8]> {
    let header = u32::from_le_bytes(bytes.get(14..18)?.try_into().ok()?) as usize;
    let from = header.checked_add(14)?;
    (bytes.get(28..30)? == [8, 0]).then(|| bytes.get(from..from.checked_add(1024)?)).flatten()
}
