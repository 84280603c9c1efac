//! By which scales a trial's photos were measured: an error of a scale is in every µm, and two scales differ by a change that is none.

use serde::Serialize;

use crate::table::{Photo, Trial};

/// Photos of one visit whose scale comes from one source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scale {
    /// The visit; `null` without.
    pub visit: Option<String>,
    /// Where the scale is from: `flag`, `site_file`, `scale_bar`, …; `null` for photos without a scale.
    pub source: Option<String>,
    /// `stated`, `assumed` or `read`: what its error is from; `null` without a scale.
    pub error_basis: Option<String>,
    /// How many photos that are.
    pub photos: usize,
    /// Least length of a pixel among them, µm.
    pub um_per_px_low: Option<f64>,
    /// Greatest length of a pixel among them, µm.
    pub um_per_px_high: Option<f64>,
    /// Greatest standard error among them, as a share of the scale.
    pub relative_error: Option<f64>,
}

/// By visit, then by source. Photos that could not be read have no scale, and are in none.
pub fn scales(trial: &Trial) -> Vec<Scale> {
    type Key<'a> = (Option<usize>, Option<&'a str>, Option<&'a str>, Option<&'a str>);
    fn key(photo: &Photo) -> Key<'_> {
        let basis = photo.scale_error_basis.as_deref();
        (photo.visit_number, photo.visit.as_deref(), photo.scale_source.as_deref(), basis)
    }
    let read: Vec<&Photo> = trial.photos.iter().filter(|photo| photo.status != "failed").collect();
    let mut keys: Vec<Key<'_>> = read.iter().map(|photo| key(photo)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .map(|own| {
            let photos: Vec<&Photo> = read.iter().copied().filter(|photo| key(photo) == own).collect();
            let of = |value: fn(&Photo) -> Option<f64>, best: fn(f64, f64) -> f64| {
                photos.iter().filter_map(|photo| value(photo)).reduce(best)
            };
            let (_, visit, source, basis) = own;
            Scale {
                visit: visit.map(str::to_owned),
                source: source.map(str::to_owned),
                error_basis: basis.map(str::to_owned),
                photos: photos.len(),
                um_per_px_low: of(|photo| photo.um_per_px, f64::min),
                um_per_px_high: of(|photo| photo.um_per_px, f64::max),
                relative_error: of(|photo| photo.scale_relative_error, f64::max),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_visit_and_a_source() {
        let photo = |visit: usize, source: &str, um: f64, error: f64| Photo {
            visit: Some(["baseline", "week 12"][visit].to_owned()),
            visit_number: Some(visit),
            status: "measured".to_owned(),
            um_per_px: Some(um),
            scale_source: Some(source.to_owned()),
            scale_relative_error: Some(error),
            scale_error_basis: Some("assumed".to_owned()),
            ..Photo::default()
        };
        let bare = Photo { status: "measured".to_owned(), ..Photo::default() };
        let failed = Photo { status: "failed".to_owned(), ..photo(0, "flag", 9.0, 0.5) };
        let photos = vec![
            photo(1, "flag", 5.0, 0.01),
            photo(0, "flag", 5.0, 0.01),
            failed,
            photo(0, "flag", 5.5, 0.02),
            photo(1, "dicom", 6.0, 0.02),
            bare,
        ];
        let told = scales(&Trial { photos, ..Trial::default() });
        let row = |scale: &Scale| {
            (
                scale.visit.clone(),
                scale.source.clone(),
                scale.photos,
                scale.um_per_px_low,
                scale.um_per_px_high,
            )
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            told.iter().map(row).collect::<Vec<_>>(),
            [
                (None, None, 1, None, None),
                (text("baseline"), text("flag"), 2, Some(5.0), Some(5.5)),
                (text("week 12"), text("dicom"), 1, Some(6.0), Some(6.0)),
                (text("week 12"), text("flag"), 1, Some(5.0), Some(5.0)),
            ]
        );
        assert_eq!(told[1].relative_error, Some(0.02));
    }
}
