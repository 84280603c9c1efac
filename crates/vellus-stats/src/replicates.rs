//! Photos of one subject, site and visit, told apart by their label in the column `replicate`.
//!
//! A photo that is byte by byte another one of its group is no replicate and is left out. Labels are ordered by the numbers
//! in them, so that 2 comes before 10, and 01 is 1. Groups without any label are numbered in the order of the manifest;
//! in groups in which some photos have none, or two have the same, nothing tells which photo is which.

use std::collections::{BTreeMap, BTreeSet};

use crate::table::{Photo, Trial};
use crate::units;

/// All groups, and how many photos were left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Replicates {
    /// The groups.
    pub groups: Vec<Group>,
    /// Photos that are a copy of another one of their group.
    pub copies: usize,
}

/// Photos of one subject, site and visit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// One per photo, in their order; `None` where they do not tell the photos apart.
    pub labels: Option<Vec<Label>>,
    /// Per photo the [quantities](crate::table::PHOTO_QUANTITIES), in the order of the labels.
    pub photos: Vec<Vec<Option<f64>>>,
}

/// One quantity of a group: two photos or more that have it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values {
    /// As in [`Group`].
    pub labels: Option<Vec<Label>>,
    /// The quantity.
    pub values: Vec<f64>,
}

/// A label, in parts that are compared in turn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// How many digits, and these, without zeros before them.
    Number(usize, String),
    Text(String),
}

impl Label {
    /// Of a cell. Upper and lower case are one.
    pub fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text.trim();
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest.find(|letter: char| letter.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            parts.push(if digits {
                let number = part.trim_start_matches('0');
                Part::Number(number.len(), number.to_owned())
            } else {
                Part::Text(part.to_lowercase())
            });
            rest = after;
        }
        Self(parts)
    }
}

impl Replicates {
    /// Of a trial. Photos without subject or visit are in no group.
    pub fn of(trial: &Trial) -> Self {
        let mut groups: BTreeMap<_, Vec<&Photo>> = BTreeMap::new();
        let mut copies = 0;
        for photo in &trial.photos {
            let (Some(unit), Some(visit)) = (units::of_photo(photo), &photo.visit) else { continue };
            let group = groups.entry((unit, visit)).or_default();
            let hash = &photo.content_hash;
            match group.iter_mut().find(|other| hash.is_some() && other.content_hash == *hash) {
                None => group.push(photo),
                Some(other) => {
                    copies += 1;
                    // Of equal photos the first label stays, whatever the order of the rows.
                    let label = |photo: &Photo| photo.replicate.as_deref().map(Label::new);
                    if label(photo).is_some_and(|own| label(other).is_none_or(|other| own < other)) {
                        *other = photo;
                    }
                }
            }
        }
        Self { groups: groups.into_values().map(|photos| Group::of(&photos)).collect(), copies }
    }

    /// The groups that have a quantity twice or more.
    pub fn values(&self, quantity: usize) -> Vec<Values> {
        let of = |group: &Group| {
            let has = |photo: &Vec<Option<f64>>| photo[quantity].is_some();
            let labels = group.labels.as_ref().map(|labels| {
                let kept = labels.iter().zip(&group.photos).filter(|(_, photo)| has(photo));
                kept.map(|(label, _)| label.clone()).collect()
            });
            Values { labels, values: group.photos.iter().filter_map(|photo| photo[quantity]).collect() }
        };
        self.groups.iter().map(of).filter(|group| group.values.len() > 1).collect()
    }
}

impl Group {
    fn of(photos: &[&Photo]) -> Self {
        let values = |photo: &&Photo| photo.values.clone();
        let given: Vec<&str> = photos.iter().filter_map(|photo| photo.replicate.as_deref()).collect();
        let labels: Vec<Label> = match given.len() {
            0 => (1..=photos.len()).map(|place| Label::new(&place.to_string())).collect(),
            _ => given.iter().map(|label| Label::new(label)).collect(),
        };
        if labels.len() < photos.len() || labels.iter().collect::<BTreeSet<_>>().len() < labels.len() {
            return Self { labels: None, photos: photos.iter().map(values).collect() };
        }
        let mut both: Vec<(Label, Vec<Option<f64>>)> =
            labels.into_iter().zip(photos.iter().map(values)).collect();
        both.sort_by(|one, other| one.0.cmp(&other.0));
        let (labels, photos) = both.into_iter().unzip();
        Self { labels: Some(labels), photos }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Photos of one visit: label, hash, value.
    fn group(photos: &[(&str, &str, f64)]) -> Replicates {
        let photo = |&(label, hash, value): &(&str, &str, f64)| Photo {
            subject: Some("S1".to_owned()),
            visit: Some("0".to_owned()),
            replicate: (!label.is_empty()).then(|| label.to_owned()),
            content_hash: Some(hash.to_owned()),
            values: vec![Some(value)],
            ..Photo::default()
        };
        Replicates::of(&Trial { photos: photos.iter().map(photo).collect(), ..Trial::default() })
    }

    #[test]
    fn photos_are_in_the_order_of_their_labels() {
        let values = group(&[("r10", "a", 3.0), ("R2", "b", 2.0), ("r01", "c", 1.0)]).values(0);
        assert_eq!(values[0].values, [1.0, 2.0, 3.0]);
        assert_eq!(values[0].labels, Some(vec![Label::new("r1"), Label::new("r2"), Label::new("r10")]));
        let values = group(&[("", "a", 3.0), ("", "b", 2.0)]).values(0);
        assert_eq!(values[0].values, [3.0, 2.0], "the order of the manifest");
        for labels in [["1", "01"], ["1", ""]] {
            let values = group(&[(labels[0], "a", 3.0), (labels[1], "b", 2.0)]).values(0);
            assert_eq!(values[0].labels, None, "{labels:?}");
        }
    }

    #[test]
    fn a_copy_is_no_replicate() {
        let told = group(&[("1", "a", 3.0), ("2", "a", 3.0), ("3", "b", 2.0)]);
        assert_eq!((told.copies, told.values(0)[0].values.clone()), (1, vec![3.0, 2.0]));
        let told = group(&[("1", "a", 3.0), ("2", "a", 3.0)]);
        assert_eq!((told.copies, told.values(0)), (1, vec![]));
    }
}
