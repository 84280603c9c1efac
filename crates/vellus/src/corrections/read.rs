//! Reads a corrections file and refuses what cannot be meant.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::{
    CORRECTIONS_SCHEMA, CorrectedImage, Correction, Corrections, HairCourse, MOST_BYTES, MOST_CORRECTIONS,
    MOST_POINTS,
};
use crate::hair::PointPx;
use crate::photo::Photo;

/// Longest code of a reader, letters.
const MOST_READER: usize = 32;
/// Most hairs that a photo can have, and most that a file can make: ids stay small numbers.
const MOST_HAIRS: u32 = 1_000_000;
/// Most hairs that one is split into, or that are merged.
const MOST_AT_ONCE: usize = 50;
/// Shortest course, px, and square root of the smallest area: less is a slip of the hand.
const SHORTEST_PX: f64 = 1.0;

/// Corrections that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CorrectionsError {
    /// No file, no permission.
    #[error("{file} cannot be read ({detail}); check the path")]
    Unreadable {
        /// The file.
        file: String,
        /// The operating system's words.
        detail: String,
    },
    /// More than [`MOST_BYTES`].
    #[error("{file} is larger than {} MiB; corrections of a photo are smaller, check the path", MOST_BYTES >> 20)]
    TooLarge {
        /// The file.
        file: String,
    },
    /// Not the format.
    #[error("{file} is not understood ({detail}); `vellus schema corrections` tells the format")]
    Syntax {
        /// The file.
        file: String,
        /// Where it breaks.
        detail: String,
    },
    /// Another format, or a later version of it.
    #[error(
        "{file} has the schema '{schema}', but this version reads '{CORRECTIONS_SCHEMA}'; give a file that vellus' page saved, or a newer vellus"
    )]
    Schema {
        /// The file.
        file: String,
        /// What it says.
        schema: String,
    },
    /// A value that cannot be.
    #[error("{file}: {detail}")]
    Value {
        /// The file.
        file: String,
        /// Which, and what is allowed.
        detail: String,
    },
    /// The corrections of another photo.
    #[error(
        "{file} corrects {corrected}, which is another photo than {photo}; give each photo its own corrections"
    )]
    OtherPhoto {
        /// The file.
        file: String,
        /// The photo that it is of, with its hash.
        corrected: String,
        /// The photo that was given, with its hash.
        photo: String,
    },
}

/// Corrections with the file that they are from.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectionsFile {
    /// Its path as given, for messages.
    pub name: String,
    /// `blake3:` and the hash of its bytes.
    pub hash: String,
    /// What it holds.
    pub corrections: Corrections,
}

impl CorrectionsFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`CorrectionsError`]
    pub fn read(path: &Path) -> Result<Self, CorrectionsError> {
        let name = path.display().to_string();
        let unreadable = |detail: String| CorrectionsError::Unreadable { file: name.clone(), detail };
        // A device or a pipe may have no end.
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(unreadable("it is no file".to_owned()));
        }
        let file = std::fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
        Self::parse(&bytes, &name)
    }

    /// Reads the bytes of a file; `name` is what messages call it.
    ///
    /// # Errors
    /// [`CorrectionsError`]
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, CorrectionsError> {
        let file = || name.to_owned();
        if bytes.len() as u64 > MOST_BYTES {
            return Err(CorrectionsError::TooLarge { file: file() });
        }
        let syntax = |detail: String| CorrectionsError::Syntax { file: file(), detail };
        let value: Value = serde_json::from_slice(bytes).map_err(|error| syntax(error.to_string()))?;
        match value.get("schema") {
            Some(Value::String(schema)) if schema == CORRECTIONS_SCHEMA => {}
            Some(Value::String(schema)) => {
                let schema = schema.chars().take(64).collect();
                return Err(CorrectionsError::Schema { file: file(), schema });
            }
            _ => return Err(syntax("it has no 'schema'".to_owned())),
        }
        let raw: Raw = serde_json::from_value(value).map_err(|error| syntax(error.to_string()))?;
        let mut corrections = Vec::new();
        let wrong = |detail: String| CorrectionsError::Value { file: file(), detail };
        if raw.corrections.len() > MOST_CORRECTIONS {
            return Err(wrong(format!(
                "it holds {} corrections; at most {MOST_CORRECTIONS} are read",
                raw.corrections.len()
            )));
        }
        for (number, value) in (1..).zip(raw.corrections) {
            let read = serde_json::from_value(value);
            corrections.push(read.map_err(|error| syntax(format!("correction {number}: {error}")))?);
        }
        let corrections = Corrections {
            schema: raw.schema,
            image: raw.image,
            software: raw.software,
            reader: raw.reader,
            automatic_hairs: raw.automatic_hairs,
            corrections,
        };
        check(&corrections).map_err(wrong)?;
        let hash = format!("blake3:{}", blake3::hash(bytes).to_hex());
        Ok(Self { name: file(), hash, corrections })
    }

    /// Whether the corrections are of that photo.
    ///
    /// # Errors
    /// [`CorrectionsError::OtherPhoto`] when they are not.
    pub fn check_photo(&self, photo: &Photo) -> Result<(), CorrectionsError> {
        self.check_image(&photo.content_hash, [photo.width_px, photo.height_px], "the one given")
    }

    /// Whether the corrections are of the photo with that hash and size; `name` is what messages call it.
    ///
    /// # Errors
    /// [`CorrectionsError::OtherPhoto`] when they are not, [`CorrectionsError::Value`] when only the size is another one.
    pub fn check_image(
        &self,
        content_hash: &str,
        size_px: [u32; 2],
        name: &str,
    ) -> Result<(), CorrectionsError> {
        let image = &self.corrections.image;
        let told = |name: &str, hash: &str| format!("{name} ({})", hash.chars().take(19).collect::<String>());
        if image.content_hash != content_hash {
            let own = image.path.as_deref().unwrap_or("a photo");
            return Err(CorrectionsError::OtherPhoto {
                file: self.name.clone(),
                corrected: told(own, &image.content_hash),
                photo: told(name, content_hash),
            });
        }
        if [image.width_px, image.height_px] != size_px {
            return Err(CorrectionsError::Value {
                file: self.name.clone(),
                detail: format!(
                    "the photo is of {} × {} px, but {name} has {} × {} px; write the corrections anew",
                    image.width_px, image.height_px, size_px[0], size_px[1]
                ),
            });
        }
        Ok(())
    }
}

/// The file before its corrections are read one by one, so that messages can number them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    schema: String,
    image: CorrectedImage,
    software: String,
    reader: String,
    automatic_hairs: u32,
    corrections: Vec<Value>,
}

fn check(corrections: &Corrections) -> Result<(), String> {
    let image = &corrections.image;
    let reader = &corrections.reader;
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if reader.is_empty() || reader.len() > MOST_READER || !reader.chars().all(letter) {
        return Err(format!(
            "the reader's code '{}' cannot be used: give 1 to {MOST_READER} letters, digits, - _ or ., and no name",
            reader.chars().take(64).collect::<String>()
        ));
    }
    if image.width_px == 0 || image.height_px == 0 {
        return Err("its photo has no pixels; width_px and height_px must be at least 1".to_owned());
    }
    if !image.content_hash.starts_with("blake3:") {
        return Err(
            "the photo's content_hash does not begin with 'blake3:'; copy it from the measurement".to_owned()
        );
    }
    if corrections.automatic_hairs > MOST_HAIRS {
        return Err(format!(
            "automatic_hairs is {}; at most {MOST_HAIRS} can be",
            corrections.automatic_hairs
        ));
    }
    let mut hairs = Hairs {
        automatic: corrections.automatic_hairs,
        made: BTreeSet::new(),
        gone: BTreeSet::new(),
        size: [image.width_px, image.height_px].map(f64::from),
    };
    for (number, correction) in (1..).zip(&corrections.corrections) {
        hairs
            .check(correction)
            .map_err(|detail| format!("correction {number} ({}): {detail}", correction.kind()))?;
    }
    Ok(())
}

/// The hairs that there are after some corrections.
struct Hairs {
    automatic: u32,
    made: BTreeSet<u32>,
    gone: BTreeSet<u32>,
    size: PointPx,
}

impl Hairs {
    fn check(&mut self, correction: &Correction) -> Result<(), String> {
        if !is_time(correction.time()) {
            let time: String = correction.time().chars().take(40).collect();
            return Err(format!("the time '{time}' is none; write UTC as 2026-11-27T15:00:00Z"));
        }
        if let Correction::NotScalp(area) = correction {
            return self.polygon(&area.polygon_px);
        }
        let [before, after] = correction.hairs();
        let ([least, most], [fewest, largest]) = match correction {
            Correction::Remove(_) => ([1, 1], [0, 0]),
            Correction::Add(_) => ([0, 0], [1, 1]),
            Correction::Split(_) => ([1, 1], [2, MOST_AT_ONCE]),
            Correction::Merge(_) => ([2, MOST_AT_ONCE], [1, 1]),
            Correction::Turn(_) | Correction::NotScalp(_) => ([1, 1], [1, 1]),
        };
        for (what, hairs, range) in [("before", before, [least, most]), ("after", after, [fewest, largest])] {
            if hairs.len() < range[0] || hairs.len() > range[1] {
                let wanted = if range[0] == range[1] {
                    range[0].to_string()
                } else {
                    format!("{} to {}", range[0], range[1])
                };
                return Err(format!("it has {} hairs {what}; {wanted} must be there", hairs.len()));
            }
        }
        for hair in before.iter().chain(after) {
            self.course(hair)?;
        }
        let mut named = BTreeSet::new();
        for hair in before {
            if hair.id == 0 || hair.id > self.automatic && !self.made.contains(&hair.id) {
                return Err(format!(
                    "there is no hair {}: the automatic ones are 1 to {}, and no correction before made it",
                    hair.id, self.automatic
                ));
            }
            if !named.insert(hair.id) || self.gone.contains(&hair.id) {
                return Err(format!(
                    "hair {} is named again after it was taken; name each hair once",
                    hair.id
                ));
            }
        }
        if let (Correction::Turn(_), [before], [after]) = (correction, before, after) {
            if before.id != after.id {
                return Err(format!("hair {} becomes hair {}; turning keeps the id", before.id, after.id));
            }
            return Ok(());
        }
        self.gone.extend(named);
        for hair in after {
            let most = MOST_HAIRS + self.automatic;
            if hair.id <= self.automatic || hair.id > most || !self.made.insert(hair.id) {
                return Err(format!(
                    "a new hair cannot have the id {}: it must be new, {} or more",
                    hair.id,
                    u64::from(self.automatic) + 1
                ));
            }
        }
        Ok(())
    }

    fn course(&self, hair: &HairCourse) -> Result<(), String> {
        let id = hair.id;
        self.points(&hair.course_px).map_err(|detail| format!("hair {id}: {detail}"))?;
        let apart = hair.course_px.windows(2).map(|p| distance(p[0], p[1])).sum::<f64>();
        let ends = distance(hair.course_px[0], hair.course_px[hair.course_px.len() - 1]);
        if apart < SHORTEST_PX || ends < SHORTEST_PX {
            return Err(format!("hair {id}: its root and tip are the same point; they must be 1 px apart"));
        }
        let most = self.size[0] + self.size[1];
        if apart > most {
            return Err(format!(
                "hair {id}: its course is {apart:.0} px long; at most {most} px can be in the photo"
            ));
        }
        Ok(())
    }

    fn polygon(&self, corners: &[PointPx]) -> Result<(), String> {
        if corners.len() < 3 {
            return Err(format!("the polygon has {} corners; it needs 3", corners.len()));
        }
        self.points(corners)?;
        // Triangles by their size, so that sides which cross take nothing away.
        let first = corners[0];
        let twice = |p: PointPx, q: PointPx| {
            f64::abs((p[0] - first[0]) * (q[1] - first[1]) - (q[0] - first[0]) * (p[1] - first[1]))
        };
        let area: f64 = corners.windows(2).map(|pair| 0.5 * twice(pair[0], pair[1])).sum();
        if area < SHORTEST_PX * SHORTEST_PX {
            return Err("the polygon has no area; it needs 1 px²".to_owned());
        }
        Ok(())
    }

    /// 2 to [`MOST_POINTS`] points inside the photo.
    fn points(&self, points: &[PointPx]) -> Result<(), String> {
        if points.len() < 2 || points.len() > MOST_POINTS {
            return Err(format!("it has {} points; 2 to {MOST_POINTS} can be", points.len()));
        }
        let [width, height] = self.size;
        let inside = |p: &PointPx| (0..2).all(|i| p[i] >= -0.5 && p[i] <= self.size[i] - 0.5);
        match points.iter().find(|p| !inside(p)) {
            None => Ok(()),
            Some([x, y]) => {
                Err(format!("the point ({x}, {y}) is outside of the photo of {width} × {height} px"))
            }
        }
    }
}

fn distance(a: PointPx, b: PointPx) -> f64 {
    libm::hypot(a[0] - b[0], a[1] - b[1])
}

/// `2026-11-27T15:00:00Z`: a day and a time that there are.
fn is_time(text: &str) -> bool {
    let pattern = b"dddd-dd-ddTdd:dd:ddZ";
    let bytes = text.as_bytes();
    let fits =
        |(&byte, &place): (&u8, &u8)| if place == b'd' { byte.is_ascii_digit() } else { byte == place };
    if bytes.len() != pattern.len() || !bytes.iter().zip(pattern).all(fits) {
        return false;
    }
    let number =
        |at: usize, n: usize| bytes[at..at + n].iter().fold(0_u32, |sum, b| 10 * sum + u32::from(b - b'0'));
    let (year, month, day) = (number(0, 4), number(5, 2), number(8, 2));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => 0,
    };
    // A leap second is written as 60.
    (1..=days).contains(&day) && number(11, 2) < 24 && number(14, 2) < 60 && number(17, 2) <= 60
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
