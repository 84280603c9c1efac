//! The format of marks: one file `NAME.marks.json` per photo.
//!
//! ```json
//! {"photo": "NAME.jpg", "width_px": 1280, "height_px": 1024, "um_per_px": 5.54,
//!  "unmarked_lines_px": {"x": [640], "y": [512]},
//!  "hairs": [{"class": "single", "root_px": [122.0, 65.5], "tip_px": [178.0, 104.5]}]}
//! ```
//!
//! | key | what it is |
//! |---|---|
//! | `photo` | path of the photo, from the folder of the marks |
//! | `width_px`, `height_px` | size of the upright photo; a photo of another size is refused |
//! | `um_per_px` | length of a pixel on the scalp, µm |
//! | `unmarked_lines_px` | upright (`x`) and level (`y`) lines along which hairs were not marked, such as the seams of a photo that was put together; may be left out |
//! | `hairs` | every hair that a reader sees, be it partly: where it emerges (`root_px`) and its visible end (`tip_px`), and `class` |
//! | `class` | `single` (alone in its unit), `grouped` (with others), `thin` (fine hair), `abnormal` (broken hair or debris: neither hit nor miss) |
//!
//! x right, y down, the centre of the top-left pixel is (0, 0). One end of a mark lies in the photo, the other at most a
//! tenth of its longer side outside. Further keys are ignored. How to mark: at twice the size, all
//! hairs of the photo, those that touch the frame left out; a second reader on some of the photos tells how well readers
//! agree, which no program can exceed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vellus::{Calibration, CalibrationSource};

use crate::line::{Point, distance};

/// How far an end may lie outside of the photo, as a share of its longer side: a reader may follow a hair beyond the frame.
const MARGIN: f64 = 0.1;
/// Shortest mark, px: a shorter one has no direction.
const SHORTEST_PX: f64 = 1.0;

/// What a reader said of a hair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkClass {
    /// Alone in its follicular unit.
    Single,
    /// With others.
    Grouped,
    /// Fine hair.
    Thin,
    /// Broken hair or debris: neither hit nor miss.
    Abnormal,
}

/// A hair as a reader marked it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// What it is.
    pub class: MarkClass,
    /// Where it emerges, px.
    pub root_px: Point,
    /// Its visible end, px.
    pub tip_px: Point,
}

impl Mark {
    /// Whether root and tip are apart.
    pub fn is_line(&self) -> bool {
        distance(self.root_px, self.tip_px) >= SHORTEST_PX
    }
}

/// Lines along which hairs were not marked, px.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UnmarkedLines {
    /// Upright ones.
    pub x: Vec<f64>,
    /// Level ones.
    pub y: Vec<f64>,
}

/// The marks of a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Marks {
    /// Path of the photo from the folder of the marks.
    pub photo: String,
    /// Width of the upright photo, px.
    pub width_px: u32,
    /// Height of the upright photo, px.
    pub height_px: u32,
    /// Scale, µm per px.
    pub um_per_px: f64,
    /// Lines along which hairs were not marked.
    #[serde(default)]
    pub unmarked_lines_px: UnmarkedLines,
    /// The hairs.
    pub hairs: Vec<Mark>,
}

/// Marks that cannot be used.
#[derive(Debug, Error)]
pub enum MarksError {
    /// No folder, no permission.
    #[error("{path} cannot be read ({detail}); check the path")]
    Unreadable {
        /// The file or folder.
        path: String,
        /// The operating system's words.
        detail: String,
    },
    /// No marks at all.
    #[error("{path} has no file that ends in .marks.json; `vellus validate --help` tells the format")]
    NoMarks {
        /// The folder.
        path: String,
    },
    /// Not the format.
    #[error("{path} is not understood ({detail}); `vellus validate --help` tells the format")]
    Syntax {
        /// The file.
        path: String,
        /// Where it breaks.
        detail: String,
    },
    /// A number that cannot be.
    #[error("{path}: {detail}")]
    Value {
        /// The file.
        path: String,
        /// Which, and what is allowed.
        detail: String,
    },
}

impl Marks {
    /// Reads all marks of a folder, by name.
    ///
    /// # Errors
    /// [`MarksError`] names the first file that cannot be used.
    pub fn read_all(folder: &Path) -> Result<Vec<(PathBuf, Self)>, MarksError> {
        let path = folder.display().to_string();
        let unreadable =
            |error: std::io::Error| MarksError::Unreadable { path: path.clone(), detail: error.to_string() };
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in folder.read_dir().map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file
                .file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.ends_with(".marks.json"))
            {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(MarksError::NoMarks { path });
        }
        files
            .into_iter()
            .map(|file| Self::read(&file).map(|marks| (folder.join(&marks.photo), marks)))
            .collect()
    }

    fn read(file: &Path) -> Result<Self, MarksError> {
        let path = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| MarksError::Unreadable { path: path.clone(), detail: error.to_string() })?;
        let marks: Self = serde_json::from_str(&text)
            .map_err(|error| MarksError::Syntax { path: path.clone(), detail: error.to_string() })?;
        marks.scale().map_err(|error| MarksError::Value { path: path.clone(), detail: error.to_string() })?;
        let [width, height] = [marks.width_px, marks.height_px].map(f64::from);
        let inside = |[x, y]: Point, margin: f64| {
            let within = |at: f64, size: f64| at >= -0.5 - margin && at <= size - 0.5 + margin;
            within(x, width) && within(y, height)
        };
        let margin = MARGIN * width.max(height);
        let far = |mark: &Mark| {
            let ends = [mark.root_px, mark.tip_px];
            ends.iter().all(|end| !inside(*end, 0.0)) || ends.iter().any(|end| !inside(*end, margin))
        };
        match marks.hairs.iter().position(far) {
            None => Ok(marks),
            Some(i) => Err(MarksError::Value {
                path,
                detail: format!(
                    "hair {} lies outside of the photo of {width} × {height} px; mark it inside",
                    i + 1
                ),
            }),
        }
    }

    /// Numbers, from 1, of the marks that are no lines: they have no direction and are left out.
    pub fn too_short(&self) -> Vec<usize> {
        (1..).zip(&self.hairs).filter(|(_, mark)| !mark.is_line()).map(|(number, _)| number).collect()
    }

    /// The scale.
    ///
    /// # Errors
    /// When it is none.
    pub fn scale(&self) -> Result<Calibration, vellus::CalibrationError> {
        Calibration::new(self.um_per_px, CalibrationSource::Flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.marks.json"), text).expect("written");
        Marks::read_all(folder.path()).expect_err("refused").to_string()
    }

    #[test]
    fn a_mark_without_length_is_told() {
        let mark = |tip_px| Mark { class: MarkClass::Single, root_px: [5.0, 5.0], tip_px };
        let marks = |tips: &[Point]| Marks {
            photo: "a.jpg".to_owned(),
            width_px: 100,
            height_px: 80,
            um_per_px: 5.0,
            unmarked_lines_px: UnmarkedLines::default(),
            hairs: tips.iter().map(|tip| mark(*tip)).collect(),
        };
        assert_eq!(marks(&[[9.0, 5.0], [5.0, 5.5]]).too_short(), [2]);
        assert!(marks(&[[9.0, 5.0], [5.0, 6.0]]).too_short().is_empty());
    }

    #[test]
    fn marks_that_cannot_be_are_refused_with_their_file() {
        let hair = |x: f64| {
            format!(
                r#"{{"photo":"a.jpg","width_px":100,"height_px":80,"um_per_px":5,
                   "hairs":[{{"class":"thin","root_px":[{x},3],"tip_px":[{x},9]}}]}}"#
            )
        };
        assert!(refusal(&hair(100.0)).contains("a.marks.json: hair 1 lies outside"));
        for tip in ["[3,1e300]", "[-1e9,9]", "[3,91]"] {
            let text = hair(3.0).replace("[3,9]", tip);
            assert!(refusal(&text).contains("hair 1 lies outside"), "{tip}");
        }
        assert!(refusal(&hair(3.0).replace("thin", "fine")).contains("not understood"));
        assert!(refusal(&hair(3.0).replace("5,\n", "0,\n")).contains("0.1 and 200"));
        let empty = tempfile::tempdir().expect("a folder");
        assert!(Marks::read_all(empty.path()).expect_err("none").to_string().contains(".marks.json"));
    }
}
