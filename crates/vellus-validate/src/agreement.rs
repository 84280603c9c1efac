//! How far readers agree with each other and with the machine.
//!
//! Photos, each read by the machine and by some readers who corrected it → [`Agreement`]. Of each two: the counts per photo
//! by ICC(2,1) and by limits of agreement ([`vellus_stats::repeat`]), over the photos that both read; the hairs by F1, matched
//! one to one as [`crate::judge`] matches them. A program can agree with readers no better than readers do with each other.

use serde::Serialize;
use vellus::{Measurement, Verdict};
use vellus_stats::repeat::{BlandAltman, bland_altman, icc};
use vellus_stats::sample::{Interval, wilson};

use crate::judge::{Course, REACH_UM};
use crate::pair::pair;

/// Name and version of the record.
pub const AGREEMENT_SCHEMA: &str = "vellus.agreement/1";
/// What stands for the machine among the readers' codes; no code has a space.
pub const MACHINE: &str = "the machine";
/// Pixel size that hairs are matched with where there is no scale, µm.
const GUESSED_UM_PER_PX: f64 = 5.54;

/// A photo as one reader, or the machine, read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Code of the reader, or [`MACHINE`].
    pub reader: String,
    /// What was measured, with the reader's corrections.
    pub measurement: Measurement,
}

/// A photo and its readings, the machine's first.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadPhoto {
    /// Its name.
    pub photo: String,
    /// Who read it.
    pub readings: Vec<Reading>,
}

/// How far all readers agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// [`AGREEMENT_SCHEMA`].
    pub schema: &'static str,
    /// Photos that somebody read.
    pub photos: usize,
    /// The readers, the machine first.
    pub readers: Vec<Reader>,
    /// Each two of them.
    pub pairs: Vec<PairAgreement>,
    /// Photos that not all readers read; they are in no comparison with those who did not.
    pub not_read_by_all: Vec<NotRead>,
    /// Photos that cannot be measured as somebody left them; they are in no count and no comparison of that reader.
    pub not_measurable: Vec<NotMeasurable>,
}

/// A photo without a measurement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotMeasurable {
    /// The photo.
    pub photo: String,
    /// Whose reading it is.
    pub reader: String,
    /// Why.
    pub reason: String,
}

/// A reader and what they did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reader {
    /// Code, or `the machine`.
    pub reader: String,
    /// Photos that can be measured.
    pub photos: usize,
    /// Counted hairs of them.
    pub counted: usize,
    /// Hairs that were added, removed, split, merged, turned, in corrections.
    pub added: u32,
    /// Removed.
    pub removed: u32,
    /// Split.
    pub split: u32,
    /// Merged.
    pub merged: u32,
    /// Turned.
    pub turned: u32,
    /// Corrections that could not be applied.
    pub not_applied: u32,
}

/// A photo that somebody did not read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotRead {
    /// The photo.
    pub photo: String,
    /// Who read it.
    pub read_by: Vec<String>,
    /// Who did not.
    pub not_read_by: Vec<String>,
}

/// Two readers, over the photos that both read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairAgreement {
    /// One of them.
    pub first: String,
    /// The other one.
    pub second: String,
    /// Photos that both read and that can be measured.
    pub photos: usize,
    /// Hairs that the first one counts.
    pub first_counted: usize,
    /// Hairs that the second one counts.
    pub second_counted: usize,
    /// Hairs that both count.
    pub both: usize,
    /// Share of agreement on hairs: 2 × both / (first + second); `null` without any hair.
    pub f1: Option<f64>,
    /// Share of the hairs of both whose root end is the same.
    pub root_end_same: Option<Interval>,
    /// Agreement of the counts per photo; `null` with fewer than two photos, or counts that are all equal.
    pub count_icc_2_1: Option<Interval>,
    /// The second one's count less the first one's, per photo: bias and 95 % limits of agreement; `null` with fewer than two
    /// photos.
    pub count_agreement: Option<BlandAltman>,
    /// The photos.
    pub by_photo: Vec<PairOnPhoto>,
}

/// Two readers on one photo.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairOnPhoto {
    /// The photo.
    pub photo: String,
    /// Hairs that the first one counts.
    pub first_counted: usize,
    /// Hairs that the second one counts.
    pub second_counted: usize,
    /// Hairs that both count.
    pub both: usize,
    /// Of them, those whose root end is the same.
    pub same_root: usize,
    /// 2 × both / (first + second); `null` without any hair.
    pub f1: Option<f64>,
}

/// Compares each two readers.
pub fn agreement(photos: &[ReadPhoto]) -> Agreement {
    let mut names: Vec<&str> = Vec::new();
    for reading in photos.iter().flat_map(|photo| &photo.readings) {
        if !names.contains(&reading.reader.as_str()) {
            names.push(&reading.reader);
        }
    }
    names.sort_by_key(|name| (*name != MACHINE, *name));
    let mut pairs = Vec::new();
    for (k, first) in names.iter().enumerate() {
        for second in &names[k + 1..] {
            pairs.push(of_pair(first, second, photos));
        }
    }
    let not_read = |photo: &ReadPhoto| {
        let (read_by, not_read_by): (Vec<&str>, Vec<&str>) =
            names.iter().partition(|name| of(photo, name).is_some());
        let own = |names: Vec<&str>| names.into_iter().filter(|n| *n != MACHINE).map(str::to_owned).collect();
        let not_read =
            NotRead { photo: photo.photo.clone(), read_by: own(read_by), not_read_by: own(not_read_by) };
        (!not_read.not_read_by.is_empty()).then_some(not_read)
    };
    Agreement {
        schema: AGREEMENT_SCHEMA,
        photos: photos.len(),
        readers: names.iter().map(|name| reader(name, photos)).collect(),
        pairs,
        not_measurable: not_measurable(photos),
        not_read_by_all: photos.iter().filter_map(not_read).collect(),
    }
}

fn of<'a>(photo: &'a ReadPhoto, reader: &str) -> Option<&'a Measurement> {
    photo.readings.iter().find(|reading| reading.reader == reader).map(|reading| &reading.measurement)
}

/// The same where it carries a count.
fn counts<'a>(photo: &'a ReadPhoto, reader: &str) -> Option<&'a Measurement> {
    of(photo, reader).filter(|measurement| reason_of_failure(measurement).is_none())
}

/// Why a reading is none, if so.
pub fn reason_of_failure(measurement: &Measurement) -> Option<String> {
    let findings = measurement.quality.findings.iter();
    let heaviest = findings.max_by_key(|finding| finding.severity).map(|finding| finding.message.clone());
    (measurement.quality.verdict == Verdict::Fail).then(|| heaviest.unwrap_or_default())
}

fn not_measurable(photos: &[ReadPhoto]) -> Vec<NotMeasurable> {
    let readings = photos.iter().flat_map(|photo| photo.readings.iter().map(move |reading| (photo, reading)));
    let told = |(photo, reading): (&ReadPhoto, &Reading)| {
        let reason = reason_of_failure(&reading.measurement)?;
        Some(NotMeasurable { photo: photo.photo.clone(), reader: reading.reader.clone(), reason })
    };
    readings.filter_map(told).collect()
}

fn reader(name: &str, photos: &[ReadPhoto]) -> Reader {
    let read: Vec<&Measurement> = photos.iter().filter_map(|photo| counts(photo, name)).collect();
    let sum = |value: fn(&vellus::AppliedCorrections) -> u32| {
        read.iter().filter_map(|measurement| measurement.corrections.as_ref()).map(value).sum()
    };
    Reader {
        reader: name.to_owned(),
        photos: read.len(),
        counted: read.iter().map(|measurement| measurement.counted().count()).sum(),
        added: sum(|c| c.added),
        removed: sum(|c| c.removed),
        split: sum(|c| c.split),
        merged: sum(|c| c.merged),
        turned: sum(|c| c.turned),
        not_applied: sum(|c| c.not_applied),
    }
}

fn of_pair(first: &str, second: &str, photos: &[ReadPhoto]) -> PairAgreement {
    let by_photo: Vec<PairOnPhoto> = photos
        .iter()
        .filter_map(|photo| Some(on_photo(&photo.photo, counts(photo, first)?, counts(photo, second)?)))
        .collect();
    let sum = |value: fn(&PairOnPhoto) -> usize| by_photo.iter().map(value).sum::<usize>();
    let counts: Vec<Vec<f64>> =
        by_photo.iter().map(|p| vec![p.first_counted as f64, p.second_counted as f64]).collect();
    let differences: Vec<f64> = counts.iter().map(|pair| pair[1] - pair[0]).collect();
    let finite = |interval: Interval| {
        let end = |value: Option<f64>| value.filter(|value| value.is_finite());
        let known = Interval { low: end(interval.low), high: end(interval.high), ..interval };
        interval.value.is_finite().then_some(known)
    };
    let icc = icc(&counts.iter().collect::<Vec<_>>()).and_then(|[agreement, _]| finite(agreement));
    let (a, b, both) = (sum(|p| p.first_counted), sum(|p| p.second_counted), sum(|p| p.both));
    PairAgreement {
        first: first.to_owned(),
        second: second.to_owned(),
        photos: by_photo.len(),
        first_counted: a,
        second_counted: b,
        both,
        f1: f1(a, b, both),
        root_end_same: wilson(sum(|p| p.same_root), both),
        count_icc_2_1: icc,
        count_agreement: bland_altman(&differences),
        by_photo,
    }
}

fn on_photo(photo: &str, first: &Measurement, second: &Measurement) -> PairOnPhoto {
    let um_per_px = first.calibration.map_or(GUESSED_UM_PER_PX, |c| c.um_per_px);
    let reach = REACH_UM / um_per_px;
    let [a, b] = [first, second].map(|measurement| {
        measurement.counted().map(|hair| Course::new(hair.centreline_px.clone())).collect::<Vec<_>>()
    });
    let hits = pair(a.len(), b.len(), 0.0, |i, k| a[i].hit(&b[k], reach));
    let same = |&(i, k): &(usize, usize)| {
        let (p, q) = (a[i].direction(), b[k].direction());
        p[0] * q[0] + p[1] * q[1] > 0.0
    };
    PairOnPhoto {
        photo: photo.to_owned(),
        first_counted: a.len(),
        second_counted: b.len(),
        both: hits.len(),
        same_root: hits.iter().filter(|hit| same(hit)).count(),
        f1: f1(a.len(), b.len(), hits.len()),
    }
}

fn f1(first: usize, second: usize, both: usize) -> Option<f64> {
    (first + second > 0).then(|| 2.0 * both as f64 / (first + second) as f64)
}

/// Most photos that are named.
const MOST_NAMED: usize = 20;

/// The agreement in words.
pub fn text(agreement: &Agreement) -> String {
    let mut lines = vec![format!("{} photos, {} readers", agreement.photos, agreement.readers.len() - 1)];
    for reader in agreement.readers.iter().filter(|reader| reader.reader != MACHINE) {
        let Reader { reader, photos, counted, added, removed, split, merged, turned, not_applied } = reader;
        let mut line = format!(
            "  {reader}: {photos} photos, {counted} hairs; {added} added, {removed} removed, {split} split, {merged} merged, \
             {turned} turned"
        );
        if *not_applied > 0 {
            line += &format!(", {not_applied} not applied");
        }
        lines.push(line);
    }
    for pair in &agreement.pairs {
        lines.push(format!("  {} and {}, {} photos", pair.first, pair.second, pair.photos));
        let share = pair.f1.map_or("–".to_owned(), |value| format!("{value:.3}"));
        lines.push(format!(
            "    Hairs: F1 {share}; {} and {} counted, {} by both",
            pair.first_counted, pair.second_counted, pair.both
        ));
        if let Some(same) = &pair.root_end_same {
            lines.push(format!("    Root end the same: {}", interval(same, 100.0, 1, " %")));
        }
        match &pair.count_icc_2_1 {
            Some(icc) => lines.push(format!("    Count, ICC(2,1): {}", interval(icc, 1.0, 3, ""))),
            None => lines.push("    Count, ICC(2,1): needs two photos with different counts".to_owned()),
        }
        if let Some(told) = &pair.count_agreement {
            lines.push(format!(
                "    Count of {} less that of {}, per photo: {:+.1}, 95 % limits of agreement {:+.1} to {:+.1} hairs",
                pair.second, pair.first, told.bias.value, told.lower_limit.value, told.upper_limit.value
            ));
        }
    }
    for photo in agreement.not_read_by_all.iter().take(MOST_NAMED) {
        lines.push(format!(
            "  {} was read by {} and not by {}",
            photo.photo,
            photo.read_by.join(", "),
            photo.not_read_by.join(", ")
        ));
    }
    let more = agreement.not_read_by_all.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        lines.push(format!("  and {more} more photos were not read by all"));
    }
    for NotMeasurable { photo, reader, reason } in agreement.not_measurable.iter().take(MOST_NAMED) {
        lines.push(format!(
            "  {photo} cannot be measured as {reader} left it, and is left out there: {reason}"
        ));
    }
    let more = agreement.not_measurable.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        lines.push(format!("  and {more} more readings that cannot be measured are left out"));
    }
    lines.join("\n") + "\n"
}

fn interval(value: &Interval, factor: f64, decimals: usize, unit: &str) -> String {
    let told = |value: f64| format!("{:.decimals$}", factor * value);
    match (value.low, value.high) {
        (Some(low), Some(high)) => {
            format!("{}{unit} ({} to {}{unit})", told(value.value), told(low), told(high))
        }
        _ => format!("{}{unit}", told(value.value)),
    }
}

#[cfg(test)]
#[path = "agreement_tests.rs"]
mod tests;
