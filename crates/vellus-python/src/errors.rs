//! What went wrong, as the exceptions of the package.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::PyErr;

/// `vellus._errors`, where they are defined, so that they have documentation and can be pickled.
mod named {
    #![allow(missing_docs)]
    pyo3::import_exception!(vellus._errors, VellusError);
    pyo3::import_exception!(vellus._errors, InputError);
    pyo3::import_exception!(vellus._errors, PhotoError);
    pyo3::import_exception!(vellus._errors, CompareError);
    pyo3::import_exception!(vellus._errors, RecordError);
    pyo3::import_exception!(vellus._errors, BatchError);
}

/// An argument that cannot be used.
pub fn input(error: impl Display) -> PyErr {
    named::InputError::new_err(error.to_string().trim_end().to_owned())
}

/// A photo that cannot be read.
pub fn photo(error: impl Display) -> PyErr {
    named::PhotoError::new_err(error.to_string())
}

/// Photos that cannot be compared.
pub fn compare(error: impl Display) -> PyErr {
    named::CompareError::new_err(error.to_string())
}

/// A record that cannot be read or written.
pub fn record(error: impl Display) -> PyErr {
    named::RecordError::new_err(error.to_string())
}

/// A batch that cannot go on.
pub fn batch(error: impl Display) -> PyErr {
    named::BatchError::new_err(error.to_string())
}

/// A result, or the error of vellus if it panics, which must not take the interpreter with it.
pub fn guarded<T>(name: &str, work: impl FnOnce() -> Result<T, PyErr>) -> Result<T, PyErr> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let message =
            format!("{name} was not measured: this is an error of vellus; please report it with the photo");
        Err(named::VellusError::new_err(message))
    })
}
