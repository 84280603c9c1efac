//! What can go wrong between a file and its pixels.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::DecodeLimits;
use super::format::EXPORT_RAW;

/// What decoding and measuring take per pixel, bytes: 0.7 GB were measured for 12 megapixels.
pub(super) const BYTES_PER_PIXEL: u64 = 60;

/// How a photo is called in a message: by its path, or "the photo" where it came without a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PhotoName(Option<PathBuf>);

impl PhotoName {
    /// A photo that is a file.
    pub fn file(path: &Path) -> Self {
        Self(Some(path.to_path_buf()))
    }

    /// The path, where there is one.
    pub fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

impl fmt::Display for PhotoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(path) => write!(f, "{}", path.display()),
            None => f.write_str("the photo"),
        }
    }
}

/// A photo that cannot be read. Each message is one sentence: which photo, what is wrong with it, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PhotoError {
    /// There is no such file.
    #[error("{photo} does not exist; check the path")]
    Missing {
        /// The photo.
        photo: PhotoName,
    },
    /// A folder, a file without permission, a failing disk.
    #[error("{photo} cannot be read ({detail}); check that it is a file and that you may read it")]
    Unreadable {
        /// The photo.
        photo: PhotoName,
        /// The operating system's words.
        detail: String,
    },
    /// No bytes.
    #[error("{photo} is empty (0 bytes); copy it again from the device")]
    Empty {
        /// The photo.
        photo: PhotoName,
    },
    /// More bytes than [`super::DecodeLimits::max_file_bytes`].
    #[error(
        "{photo} is larger than {max_file_bytes} bytes, the most that is read; raise `decode.max_file_bytes` in the \
         protocol, or export it as JPEG or PNG"
    )]
    FileTooLarge {
        /// The photo.
        photo: PhotoName,
        /// The limit, bytes.
        max_file_bytes: u64,
    },
    /// The first bytes belong to no format that is known here.
    #[error(
        "{photo} is not a photo that can be read: JPEG, PNG, TIFF, BMP, GIF, WebP and DICOM are; export it as JPEG or PNG"
    )]
    UnknownFormat {
        /// The photo.
        photo: PhotoName,
    },
    /// A format that is recognised, but not read.
    #[error("{photo} has the format {format}, which is not read; {advice}")]
    OtherFormat {
        /// The photo.
        photo: PhotoName,
        /// Name of the format.
        format: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A format that is read, but of a kind that is not.
    #[error("{photo} is a {format} of a kind that is not read ({detail}); export it as an RGB TIFF or PNG")]
    Unsupported {
        /// The photo.
        photo: PhotoName,
        /// Name of the format.
        format: &'static str,
        /// What is not supported.
        detail: String,
    },
    /// Cut short, or its content contradicts itself.
    #[error("{photo} is a damaged {format} ({detail}); copy it again from the device")]
    Damaged {
        /// The photo.
        photo: PhotoName,
        /// Name of the format.
        format: &'static str,
        /// Where it breaks, in the decoder's words.
        detail: String,
    },
    /// More pixels than [`super::DecodeLimits::max_pixels`]; the pixels were not decoded.
    #[error(
        "{photo} has {width_px} x {height_px} = {} pixels, but at most {max_pixels} are decoded; raise \
         `decode.max_pixels` in the protocol, or crop the photo",
        u64::from(*width_px) * u64::from(*height_px)
    )]
    TooManyPixels {
        /// The photo.
        photo: PhotoName,
        /// Width, px.
        width_px: u32,
        /// Height, px.
        height_px: u32,
        /// The limit, px.
        max_pixels: u64,
    },
    /// Measuring would take more memory than [`super::DecodeLimits::max_memory_bytes`]; the pixels were not decoded.
    #[error(
        "{photo} has {width_px} x {height_px} pixels, which take about {} MB to measure, but at most {} MB may be taken; raise \
         `decode.max_memory_bytes` in the protocol, or crop the photo",
        u64::from(*width_px) * u64::from(*height_px) * BYTES_PER_PIXEL / 1_000_000,
        max_memory_bytes / 1_000_000
    )]
    TooMuchMemory {
        /// The photo.
        photo: PhotoName,
        /// Width, px.
        width_px: u32,
        /// Height, px.
        height_px: u32,
        /// The limit, bytes.
        max_memory_bytes: u64,
    },
    /// No pixels.
    #[error("{photo} has {width_px} x {height_px} pixels, but each side must be at least 1; export it again")]
    ZeroSize {
        /// The photo.
        photo: PhotoName,
        /// Width, px.
        width_px: u32,
        /// Height, px.
        height_px: u32,
    },
    /// An array that is no image.
    #[error(
        "an array of shape {shape:?} is not a photo: it must be (height, width) or (height, width, channels) with 1 \
         to 4 channels (grey, grey and alpha, RGB, RGBA) and sides of 1 to 4294967295 pixels; move the axes first"
    )]
    ArrayShape {
        /// The shape given.
        shape: Vec<usize>,
    },
}

/// What a decoder reports; the photo's name and format are added in one place, [`Fault::of`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Unsupported(String),
    CameraRaw,
    Damaged(String),
    TooManyPixels { width_px: u32, height_px: u32, max_pixels: u64 },
    TooMuchMemory { width_px: u32, height_px: u32, max_memory_bytes: u64 },
    ZeroSize { width_px: u32, height_px: u32 },
}

impl Fault {
    pub(super) fn damaged(detail: impl fmt::Display) -> Self {
        Self::Damaged(one_line(&detail.to_string()))
    }

    pub(super) fn unsupported(detail: impl fmt::Display) -> Self {
        Self::Unsupported(one_line(&detail.to_string()))
    }

    /// Refuses a size before anything is allocated for it.
    pub(super) fn check_size(width_px: u32, height_px: u32, limits: &DecodeLimits) -> Result<(), Self> {
        let &DecodeLimits { max_pixels, max_memory_bytes, .. } = limits;
        let pixels = u64::from(width_px) * u64::from(height_px);
        if width_px == 0 || height_px == 0 {
            Err(Self::ZeroSize { width_px, height_px })
        } else if pixels > max_pixels {
            Err(Self::TooManyPixels { width_px, height_px, max_pixels })
        } else if pixels.saturating_mul(BYTES_PER_PIXEL) > max_memory_bytes {
            Err(Self::TooMuchMemory { width_px, height_px, max_memory_bytes })
        } else {
            Ok(())
        }
    }

    pub(super) fn of(self, photo: PhotoName, format: &'static str) -> PhotoError {
        match self {
            Self::Unsupported(detail) => PhotoError::Unsupported { photo, format, detail },
            Self::CameraRaw => PhotoError::OtherFormat {
                photo,
                format: "camera RAW (NEF, ARW, DNG and others)",
                advice: EXPORT_RAW,
            },
            Self::Damaged(detail) => PhotoError::Damaged { photo, format, detail },
            Self::TooManyPixels { width_px, height_px, max_pixels } => {
                PhotoError::TooManyPixels { photo, width_px, height_px, max_pixels }
            }
            Self::TooMuchMemory { width_px, height_px, max_memory_bytes } => {
                PhotoError::TooMuchMemory { photo, width_px, height_px, max_memory_bytes }
            }
            Self::ZeroSize { width_px, height_px } => PhotoError::ZeroSize { photo, width_px, height_px },
        }
    }
}

/// Decoders end their messages in newlines and full stops, and quote bytes of the file (a decoder may quote a
/// metadata string; none is passed on beyond this length).
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    line.trim_end_matches('.').chars().take(200).collect()
}
