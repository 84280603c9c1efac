//! Tells the format of a file by its first bytes, never by its name: a PNG called `.jpg` is a PNG.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the pixels were decoded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PhotoFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// TIFF or BigTIFF.
    Tiff,
    /// BMP.
    Bmp,
    /// GIF.
    Gif,
    /// WebP.
    #[serde(rename = "webp")]
    WebP,
    /// DICOM.
    Dicom,
    /// An image or array in memory.
    Pixels,
}

impl PhotoFormat {
    /// The name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
            Self::Dicom => "DICOM",
            Self::Pixels => "pixels",
        }
    }
}

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    Read(PhotoFormat),
    Other { format: &'static str, advice: &'static str },
    Unknown,
}

const EXPORT: &str = "export it as JPEG or PNG";
const EXPORT_HEIC: &str =
    "export it as JPEG or PNG; an iPhone takes JPEGs by Settings, Camera, Formats, Most Compatible";
/// What to do with a camera RAW.
pub(super) const EXPORT_RAW: &str = "develop it and export it as 16-bit TIFF or PNG";
const EXPORT_FRAME: &str = "export the frame as PNG or TIFF";

/// Signatures of formats that people have, in the order they are tried: offset, bytes, name, advice. From the formats'
/// own specifications and libmagic's tables.
const OTHERS: &[(usize, &[u8], &str, &str)] = &[
    (4, b"ftypheic", "HEIC", EXPORT_HEIC),
    (4, b"ftypheix", "HEIC", EXPORT_HEIC),
    (4, b"ftyphevc", "HEIC", EXPORT_HEIC),
    (4, b"ftyphevx", "HEIC", EXPORT_HEIC),
    (4, b"ftypheim", "HEIC", EXPORT_HEIC),
    (4, b"ftypheis", "HEIC", EXPORT_HEIC),
    (4, b"ftypmif1", "HEIF", EXPORT_HEIC),
    (4, b"ftypmsf1", "HEIF", EXPORT_HEIC),
    (4, b"ftypavif", "AVIF", EXPORT),
    (4, b"ftypavis", "AVIF", EXPORT),
    (4, b"ftypcrx ", "camera RAW (CR3)", EXPORT_RAW),
    (4, b"ftyp", "video", EXPORT_FRAME),
    (8, b"CR\x02\0", "camera RAW (CR2)", EXPORT_RAW),
    (0, b"FUJIFILMCCD-RAW", "camera RAW (RAF)", EXPORT_RAW),
    (0, b"IIRO", "camera RAW (ORF)", EXPORT_RAW),
    (0, b"IIRS", "camera RAW (ORF)", EXPORT_RAW),
    (0, b"MMOR", "camera RAW (ORF)", EXPORT_RAW),
    (0, b"IIU\0", "camera RAW (RW2)", EXPORT_RAW),
    (0, b"FOVb", "camera RAW (X3F)", EXPORT_RAW),
    (0, b"\0MRM", "camera RAW (MRW)", EXPORT_RAW),
    (8, b"AVI ", "video", EXPORT_FRAME),
    (0, b"%PDF", "PDF", "extract the photo from it as JPEG or PNG"),
    (0, b"8BPS", "Photoshop", EXPORT),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL", EXPORT),
    (0, b"\xff\x0a", "JPEG XL", EXPORT),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000", EXPORT),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000", EXPORT),
    (0, b"II\xbc\x01", "JPEG XR", EXPORT),
    (0, b"PK\x03\x04", "ZIP", "unpack the photos first"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR", EXPORT),
];

/// Looks at the first 132 bytes at most.
pub(super) fn signature(bytes: &[u8]) -> Signature {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    for &(offset, magic, format, advice) in OTHERS {
        // "CR" and "AVI " alone could be pixels or offsets of something else.
        let container = match format {
            "camera RAW (CR2)" => at(0, b"II*\0") || at(0, b"MM\0*"),
            "video" if offset == 8 => at(0, b"RIFF"),
            _ => true,
        };
        if container && at(offset, magic) {
            return Signature::Other { format, advice };
        }
    }
    if at(0, b"\xff\xd8\xff") {
        Signature::Read(PhotoFormat::Jpeg)
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        Signature::Read(PhotoFormat::Png)
    } else if at(0, b"II*\0") || at(0, b"MM\0*") || at(0, b"II+\0") || at(0, b"MM\0+") {
        Signature::Read(PhotoFormat::Tiff)
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        Signature::Read(PhotoFormat::WebP)
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        Signature::Read(PhotoFormat::Gif)
    } else if at(128, b"DICM") {
        Signature::Read(PhotoFormat::Dicom)
    } else if at(0, b"BM") {
        // Two letters are little: last.
        Signature::Read(PhotoFormat::Bmp)
    } else {
        Signature::Unknown
    }
}
