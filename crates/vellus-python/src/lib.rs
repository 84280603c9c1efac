//! The extension module `vellus._vellus`: what the Python package calls. Photos and wishes in, records as JSON text out; what
//! a user sees of it (dataclasses, columns, docstrings) is made in `python/vellus`.
//!
//! | module | in → out |
//! |---|---|
//! | `source` | a path, encoded bytes or an array → [`vellus::Photo`] |
//! | `wishes` | keyword arguments → [`vellus::setting::Wishes`] |
//! | `work` | photos, wishes → the JSON of a measurement, a comparison or a series |
//! | `shown` | a record's JSON → table, CSV, overlay, page, ROIs |
//! | `trial` | a manifest → an output folder with tables |
//! | `drawn` | a scene's name → a drawn photo with its truth |
//! | `threads` | where the work runs, without the interpreter's lock |
//! | `errors` | what went wrong → the package's exceptions |

mod drawn;
mod errors;
mod shown;
mod source;
mod threads;
mod trial;
mod wishes;
mod work;

#[pyo3::pymodule]
mod _vellus {
    #[pymodule_export]
    const VERSION: &str = vellus::VERSION;
    #[pymodule_export]
    use super::drawn::{pair_kinds, phantom, phantom_pair, scenes};
    #[pymodule_export]
    use super::shown::{
        changes_csv, comparison_overlay, comparison_page, hairs_csv, jpeg, measurement_overlay,
        measurement_page, pixels, protocol, read, rois, schema, table, tracks_csv,
    };
    #[pymodule_export]
    use super::trial::{batch, merge};
    #[pymodule_export]
    use super::work::{compare, measure, series};
}
