//! One row: its file read, hashed and measured.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use vellus::compare::Shot;
use vellus::photo::PhotoName;
use vellus::regions::{self, Asked};
use vellus::{Calibration, CorrectionsFile, DecodeLimits, Photo, PhotoError, Protocol};

use crate::manifest::{Manifest, Row};
use crate::record::{Failure, Reason};

/// The bytes of a photo's file.
///
/// # Errors
/// The [`Failure`] of the row; `photo` is what messages call it.
pub fn bytes(file: &Path, photo: &str, limits: &DecodeLimits) -> Result<Vec<u8>, Failure> {
    let name = PhotoName::file(Path::new(photo));
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => PhotoError::Missing { photo: name.clone() },
        _ => PhotoError::Unreadable { photo: name.clone(), detail: error.to_string() },
    };
    let read = || {
        let metadata = file.metadata().map_err(unreadable)?;
        let detail = match (metadata.is_dir(), metadata.is_file()) {
            (true, _) => Some("it is a folder"),
            // A device or a pipe may have no end.
            (_, false) => Some("it is a device or a pipe and no file"),
            _ => None,
        };
        if let Some(detail) = detail {
            return Err(PhotoError::Unreadable { photo: name.clone(), detail: detail.to_owned() });
        }
        let max_file_bytes = limits.max_file_bytes;
        let mut bytes = Vec::new();
        if metadata.len() <= max_file_bytes {
            let mut opened = std::fs::File::open(file).map_err(unreadable)?;
            // It may grow while it is read.
            opened
                .by_ref()
                .take(max_file_bytes.saturating_add(1))
                .read_to_end(&mut bytes)
                .map_err(unreadable)?;
        }
        if metadata.len().max(bytes.len() as u64) > max_file_bytes {
            return Err(PhotoError::FileTooLarge { photo: name.clone(), max_file_bytes });
        }
        Ok(bytes)
    };
    read().map_err(|error| failure(&error, photo))
}

/// Name of a file's content, as every measurement states it.
pub fn content_hash(bytes: &[u8]) -> String {
    format!("blake3:{}", blake3::hash(bytes).to_hex())
}

/// The regions of a row; `None` where it has none of its own.
///
/// # Errors
/// The [`Failure`] of the row.
pub fn asked(manifest: &Manifest, row: &Row, limits: &DecodeLimits) -> Result<Option<Asked>, Failure> {
    regions::read_in(&manifest.folder, &row.regions(), limits).map_err(|error| Failure {
        reason: Reason::Region,
        message: format!(
            "{} was not measured: its region in the manifest cannot be used: {error}; if the column means something else, give it \
             another name",
            row.photo
        ),
    })
}

/// Decodes a photo.
///
/// # Errors
/// The [`Failure`] of the row.
pub fn decoded(bytes: &[u8], photo: &str, limits: &DecodeLimits) -> Result<Photo, Failure> {
    Photo::from_bytes(bytes, limits).map_err(|error| failure(&error, photo))
}

/// Measures a photo, and keeps what a comparison needs.
///
/// # Errors
/// The [`Failure`] of the row.
pub fn shot(
    bytes: &[u8],
    photo: &str,
    scale: Option<Calibration>,
    protocol: &Protocol,
    asked: Option<&Asked>,
    corrections: Option<&CorrectionsFile>,
) -> Result<Shot, Failure> {
    let take = || {
        let pixels = decoded(bytes, photo, &protocol.decode)?;
        if let Some(mask) = asked.and_then(|asked| asked.mask.as_ref()) {
            let fits = mask.check(photo, &pixels);
            fits.map_err(|error| Failure { reason: Reason::Region, message: error.to_string() })?;
        }
        let own = asked.map(|asked| Protocol { region: asked.shape.clone(), ..protocol.clone() });
        let protocol = own.as_ref().unwrap_or(protocol);
        let taken = Shot::take_corrected(&pixels, scale, protocol, corrections);
        taken.map(|(shot, _)| shot).map_err(|error| Failure {
            reason: Reason::Corrections,
            message: format!("{photo} was not measured: {error}"),
        })
    };
    // A photo that makes the program panic fails alone.
    let mut shot = catch_unwind(AssertUnwindSafe(take)).map_err(|_| {
        let message =
            format!("{photo} was not measured: this is an error of vellus; please report it with the photo");
        Failure { reason: Reason::Crashed, message }
    })??;
    shot.measurement.image.path = Some(photo.to_owned());
    Ok(shot)
}

/// The sentence names the photo as the manifest does, so that it is the same wherever the manifest lies.
fn failure(error: &PhotoError, photo: &str) -> Failure {
    let reason = match error {
        PhotoError::Missing { .. } => Reason::Missing,
        PhotoError::Unreadable { .. } => Reason::Unreadable,
        PhotoError::Empty { .. } => Reason::Empty,
        PhotoError::Damaged { .. } | PhotoError::ZeroSize { .. } => Reason::Damaged,
        PhotoError::FileTooLarge { .. } | PhotoError::TooManyPixels { .. } => Reason::TooLarge,
        _ => Reason::Format,
    };
    let message = error.to_string();
    let message = message.strip_prefix("the photo ").map(|rest| format!("{photo} {rest}")).unwrap_or(message);
    Failure { reason, message }
}
