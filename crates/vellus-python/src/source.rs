//! A photo as it is given: a path, the bytes of a file, or an array.

use std::path::{Path, PathBuf};

use numpy::{PyArrayDyn, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use vellus::photo::{PhotoName, PixelSample};
use vellus::{DecodeLimits, Photo, PhotoError};

use crate::errors;

/// Where a photo comes from.
pub enum Source {
    /// A file.
    Path(PathBuf),
    /// The bytes of a file.
    Bytes(Vec<u8>),
    /// Pixels, which are copied while the interpreter's lock is held.
    Pixels(Box<Photo>),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Source {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> Result<Self, PyErr> {
        if let Ok(array) = given.cast::<PyArrayDyn<u8>>() {
            return pixels(&array);
        }
        if let Ok(array) = given.cast::<PyArrayDyn<u16>>() {
            return pixels(&array);
        }
        if let Ok(bytes) = given.cast::<PyBytes>() {
            return Ok(Self::Bytes(bytes.as_bytes().to_vec()));
        }
        let path: PathBuf = given.extract()?;
        if path.as_os_str().is_empty() {
            return Err(errors::input("the path of the photo is empty; give the path of a file"));
        }
        Ok(Self::Path(path))
    }
}

fn pixels<S: PixelSample + numpy::Element + Copy>(array: &Bound<'_, PyArrayDyn<S>>) -> Result<Source, PyErr> {
    let samples =
        array.try_readonly().map_err(|error| errors::input(format!("the array cannot be read: {error}")))?;
    let view = samples.as_array();
    let unfit = || errors::input(PhotoError::ArrayShape { shape: array.shape().to_vec() });
    let photo = match view.ndim() {
        2 => Photo::from_grey_array(view.into_dimensionality().map_err(|_| unfit())?),
        3 => Photo::from_array(view.into_dimensionality().map_err(|_| unfit())?),
        _ => return Err(unfit()),
    };
    photo.map(|photo| Source::Pixels(Box::new(photo))).map_err(errors::input)
}

impl Source {
    /// The path, if it is a file.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::Bytes(_) | Self::Pixels(_) => None,
        }
    }

    /// What messages call it.
    pub fn name(&self) -> String {
        self.path().map_or_else(|| "the photo".to_owned(), |path| path.display().to_string())
    }

    /// The photo.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(self, limits: &DecodeLimits) -> Result<Photo, PyErr> {
        match self {
            Self::Path(path) => Photo::open(path, limits).map_err(errors::photo),
            Self::Bytes(bytes) => Photo::from_bytes(&bytes, limits).map_err(errors::photo),
            Self::Pixels(photo) => {
                check_size(&photo, limits).map_err(errors::photo)?;
                Ok(*photo)
            }
        }
    }
}

/// What measuring takes per pixel, bytes, as [`DecodeLimits::max_memory_bytes`] reckons it.
const BYTES_PER_PIXEL: u64 = 60;

/// That an array is no larger than a file may be.
fn check_size(photo: &Photo, limits: &DecodeLimits) -> Result<(), PhotoError> {
    let &Photo { width_px, height_px, .. } = photo;
    let &DecodeLimits { max_pixels, max_memory_bytes, .. } = limits;
    let pixels = u64::from(width_px) * u64::from(height_px);
    let photo = PhotoName::default();
    if pixels > max_pixels {
        Err(PhotoError::TooManyPixels { photo, width_px, height_px, max_pixels })
    } else if pixels.saturating_mul(BYTES_PER_PIXEL) > max_memory_bytes {
        Err(PhotoError::TooMuchMemory { photo, width_px, height_px, max_memory_bytes })
    } else {
        Ok(())
    }
}
