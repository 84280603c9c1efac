//! Follows a DICOM data set as its reader does, and holds every length of a value against the bytes that are there.
//!
//! The reader makes room for a value before it reads it: four bytes of a small file would take 4 GB. [`super::dicom_walk`] does
//! not see every such length, because the reader takes what is a sequence from its dictionary where a file writes no kinds
//! (implicit little endian), and not from what stands there.

use std::io::Cursor;

use dicom_encoding::transfer_syntax::TransferSyntaxIndex as _;
use dicom_parser::StatefulDecode as _;
use dicom_parser::dataset::LazyDataToken;
use dicom_parser::dataset::lazy_read::LazyDataSetReader;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

/// `None` if a value is longer than what is left of the file, or the data set, which begins at `from`, cannot be followed.
pub(super) fn lengths_fit(bytes: &[u8], from: usize, syntax: &str) -> Option<()> {
    let mut source = Cursor::new(bytes);
    source.set_position(from as u64);
    let mut reader = LazyDataSetReader::new_with_ts(source, TransferSyntaxRegistry.get(syntax)?).ok()?;
    while let Some(token) = reader.advance() {
        let (length, decoder) = match token.ok()? {
            LazyDataToken::LazyValue { header, decoder } => {
                let length = header.len.get()?;
                // The reader takes whole numbers only, and what is over for the next element.
                if !length.is_multiple_of(number_bytes(header.vr.to_string())) {
                    return None;
                }
                (length, decoder)
            }
            LazyDataToken::LazyItemValue { len, decoder } => (len, decoder),
            _ => continue,
        };
        if decoder.position() + u64::from(length) > bytes.len() as u64 {
            return None;
        }
        decoder.skip_bytes(length).ok()?;
    }
    Some(())
}

/// Bytes of one number of that kind (PS3.5, 6.2), 1 for what is no number.
fn number_bytes(kind: &str) -> u32 {
    match kind {
        "OW" | "SS" | "US" => 2,
        "AT" | "FL" | "OF" | "OL" | "SL" | "UL" => 4,
        "FD" | "OD" | "OV" | "SV" | "UV" => 8,
        _ => 1,
    }
}
