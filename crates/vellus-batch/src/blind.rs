//! Blinded copies of photos, and the way back.
//!
//! Each photo is decoded and written as PNG under a random code, pixel by pixel the same, so that it measures the same and
//! nothing of the file is left but the pixels: no EXIF, no thumbnail, no name, no time. What is burned into the pixels, such
//! as a caption, stays. The copies are written in the order of their codes, so that not even their order tells anything.
//!
//! The key is a manifest whose photos are the codes. It is sealed: the folder of the copies holds its hash, which tells
//! nothing of it (each row has a secret number) and shows at the end whether it was changed.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vellus::photo::Pixels;
use vellus::{DecodeLimits, Photo, RegionShape};
use vellus_report::atomic;

use crate::error::{BatchError, ManifestError};
use crate::manifest::{Manifest, Row};
use crate::take;

/// Name and version of `blind.json`.
pub const BLIND_SCHEMA: &str = "vellus.blind/1";
const SEAL: &str = "blind.json";
/// Columns that the key adds to the manifest: where a copy is from, and the secret number of the row.
const ORIGINAL: &str = "original_photo";
const SECRET: &str = "secret";
/// Letters of a code: no O and 0, no I and 1. As many as divide 256, so that all are equally likely.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Letters that a code has.
const CODE_LETTERS: usize = 8;

/// `blind.json`, beside the copies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seal {
    /// [`BLIND_SCHEMA`].
    pub schema: String,
    /// Copies.
    pub photos: usize,
    /// `blake3:` and the hash of the key file.
    pub key_hash: String,
}

/// Why photos cannot be blinded or unblinded.
#[derive(Debug, Error)]
pub enum BlindError {
    /// The system gives no random numbers.
    #[error("the system gives no random numbers ({0}), without which codes could be guessed")]
    Random(String),
    /// A file that cannot be read or written.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// A further column that the key has itself.
    #[error(
        "the manifest has a column '{column}', which the key adds itself; rename it, such as '{column}_given'"
    )]
    ReservedColumn {
        /// As the manifest writes it.
        column: String,
    },
    /// A region in a file, whose name would tell whose photo it is.
    #[error(
        "{photo} has the region '{region}', a file, which the copies do not carry; write it as a shape (rect:, circle:, polygon:), or \
         blind without regions"
    )]
    RegionFile {
        /// As the manifest writes it.
        photo: String,
        /// As the manifest writes it.
        region: String,
    },
    /// A key that is no manifest.
    #[error(transparent)]
    Key(#[from] ManifestError),
    /// The key lacks its columns.
    #[error("{path} is no key: it has no column '{column}'; give the file that `vellus blind --key` wrote")]
    NoKey {
        /// The file.
        path: String,
        /// The column.
        column: &'static str,
    },
    /// The key is not the one that the copies were made with.
    #[error(
        "{path} is not the key that was sealed when the photos were blinded: it was changed, or belongs to other photos; \
         give the original"
    )]
    SealBroken {
        /// The file.
        path: String,
    },
}

/// Whether the regions of a row can be carried along: shapes without names of their own.
fn has_shapes_only(row: &Row) -> bool {
    row.regions().iter().all(|one| one.parse::<RegionShape>().is_ok())
}

/// Copies the photos of a manifest into `output` under random codes, with a manifest of the copies, and writes the key.
/// Gives a sentence for every photo that could not be copied; the key has it all the same. A key that is there is not
/// overwritten. On Unix only its owner may read it.
///
/// # Errors
/// [`BlindError`] when the manifest has a column of the key, there are no random numbers, or a file cannot be written.
pub fn blind(manifest: &Manifest, output: &Path, key: &Path) -> Result<Vec<String>, BlindError> {
    check(manifest)?;
    if let Some(row) = manifest.rows.iter().find(|row| !has_shapes_only(row)) {
        return Err(BlindError::RegionFile {
            photo: row.photo.clone(),
            region: row.region.clone().unwrap_or_default(),
        });
    }
    let codes = codes(manifest.rows.len())?;
    let mut order: Vec<usize> = (0..codes.len()).collect();
    order.sort_by_key(|&i| &codes[i]);
    std::fs::create_dir_all(output).map_err(BatchError::written(output))?;

    let text = key_text(manifest, &codes)?;
    atomic::write_new_private(key, &text).map_err(BatchError::written(key))?;
    let mut copies = csv::Writer::from_writer(Vec::new());
    let mut failures = Vec::new();
    let mut copied = 0;
    // Writing to memory does not fail.
    let _ = copies.write_record(["photo", "um_per_px", "region"]);
    for part in order.chunks(rayon::current_num_threads()) {
        let done: Vec<Result<Result<(), String>, BatchError>> = part
            .par_iter()
            .map(|&i| copy(manifest, &manifest.rows[i], &output.join(name(&codes[i]))))
            .collect();
        for (&i, done) in part.iter().zip(done) {
            match done? {
                Ok(()) => {
                    copied += 1;
                    let scale = manifest.rows[i].scale.map(|scale| scale.text());
                    let region = manifest.rows[i].region.clone().unwrap_or_default();
                    let _ = copies.write_record([name(&codes[i]), scale.unwrap_or_default(), region]);
                }
                Err(failure) => failures.push(failure),
            }
        }
    }
    let put = |name: &str, bytes: &[u8]| {
        let path = output.join(name);
        atomic::write(&path, bytes).map_err(BatchError::written(&path))
    };
    put("manifest.csv", &copies.into_inner().unwrap_or_default())?;
    let seal = Seal { schema: BLIND_SCHEMA.to_owned(), photos: copied, key_hash: take::content_hash(&text) };
    put(SEAL, format!("{}\n", serde_json::to_string(&seal).unwrap_or_default()).as_bytes())?;
    failures.sort();
    Ok(failures)
}

/// Whether the key can be made of a manifest: a key with two columns of one name could never be read.
///
/// # Errors
/// [`BlindError::ReservedColumn`].
pub fn check(manifest: &Manifest) -> Result<(), BlindError> {
    let own = |name: &&String| [ORIGINAL, SECRET].contains(&name.to_lowercase().as_str());
    match manifest.further.iter().find(own) {
        Some(column) => Err(BlindError::ReservedColumn { column: column.clone() }),
        None => Ok(()),
    }
}

/// The manifest of the copies with what the key says of each, in the order of the original manifest.
///
/// # Errors
/// [`BlindError`] when a file cannot be read or the key is not the one that was sealed.
pub fn unblind(copies: &Path, key: &Path) -> Result<Manifest, BlindError> {
    let seal = copies.join(SEAL);
    let not_blind = || BatchError::NotBlinded { path: copies.display().to_string() };
    let text = std::fs::read_to_string(&seal).map_err(|_| not_blind())?;
    let seal: Seal = serde_json::from_str(&text).map_err(|_| not_blind())?;
    let bytes = std::fs::read(key).map_err(BatchError::read(key))?;
    let path = key.display().to_string();
    if take::content_hash(&bytes) != seal.key_hash {
        return Err(BlindError::SealBroken { path });
    }
    let mut manifest = Manifest::read(key)?;
    let Some(secret) = manifest.further.iter().position(|name| name == SECRET) else {
        return Err(BlindError::NoKey { path, column: SECRET });
    };
    manifest.further.remove(secret);
    for row in &mut manifest.rows {
        row.further.remove(secret);
    }
    copies.clone_into(&mut manifest.folder);
    Ok(manifest)
}

fn name(code: &str) -> String {
    format!("{code}.png")
}

fn random<const N: usize>() -> Result<[u8; N], BlindError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| BlindError::Random(error.to_string()))?;
    Ok(bytes)
}

/// Codes that all differ.
fn codes(count: usize) -> Result<Vec<String>, BlindError> {
    let mut seen = BTreeSet::new();
    let mut codes = Vec::with_capacity(count);
    while codes.len() < count {
        let letters = random::<CODE_LETTERS>()?.map(|byte| LETTERS[usize::from(byte) % LETTERS.len()]);
        let code = String::from_utf8_lossy(&letters).into_owned();
        if seen.insert(code.clone()) {
            codes.push(code);
        }
    }
    Ok(codes)
}

/// The manifest with codes for photos.
fn key_text(manifest: &Manifest, codes: &[String]) -> Result<Vec<u8>, BlindError> {
    let mut key = manifest.clone();
    key.further.extend([ORIGINAL, SECRET].map(str::to_owned));
    for (row, code) in key.rows.iter_mut().zip(codes) {
        let secret: String = random::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let original = std::mem::replace(&mut row.photo, name(code));
        row.further.extend([Some(original), Some(secret)]);
    }
    Ok(key.csv())
}

/// Writes a photo's pixels; the inner error is the photo's, the outer one the disk's.
fn copy(manifest: &Manifest, row: &Row, target: &Path) -> Result<Result<(), String>, BatchError> {
    let limits = DecodeLimits::default();
    let bytes = match take::bytes(&manifest.file(row), &row.photo, &limits) {
        Ok(bytes) => bytes,
        Err(failure) => return Ok(Err(failure.message)),
    };
    let encoded = match take::decoded(&bytes, &row.photo, &limits) {
        Ok(photo) => png(&photo).map_err(|error| format!("{} cannot be copied ({error})", row.photo)),
        Err(failure) => Err(failure.message),
    };
    match encoded {
        Ok(png) => atomic::write(target, &png).map(Ok).map_err(BatchError::written(target)),
        Err(failure) => Ok(Err(failure)),
    }
}

fn png(photo: &Photo) -> image::ImageResult<Vec<u8>> {
    let mut png = Cursor::new(Vec::new());
    let encoder = PngEncoder::new(&mut png);
    let (width, height) = (photo.width_px, photo.height_px);
    match &photo.pixels {
        Pixels::Rgb8(samples) => encoder.write_image(samples, width, height, ExtendedColorType::Rgb8)?,
        Pixels::Rgb16(samples) => {
            let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_ne_bytes()).collect();
            encoder.write_image(&bytes, width, height, ExtendedColorType::Rgb16)?;
        }
    }
    Ok(png.into_inner())
}

#[cfg(test)]
#[path = "blind_tests.rs"]
mod tests;
