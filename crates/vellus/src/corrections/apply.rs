//! Applies corrections to a measurement.
//!
//! First the corrections are followed in their order, by ids alone, to the hairs that are there at the end. Hairs that were
//! added over one that counts are left out, as it would count twice; an automatic one that does not count makes room for one
//! that is drawn over it. Then those that a reader drew are measured, all together, as two that touch say of each other where
//! they are. Then everything that is made of hairs is made again.

use std::collections::BTreeMap;

use super::area::{holds, mask};
use super::drawn::{Frame, added, distance, turned};
use super::fit::{Drawn, HAND_PX, Measured, measure_drawn};
use super::same::Line;
use super::{Correction, CorrectionsFile, HairCourse};
use crate::finding::{Finding, FindingCode, verdict};
use crate::hair::{Hair, NotCounted, PointPx};
use crate::measure::{region, too_little_scalp};
use crate::measurement::{AppliedCorrections, Measurement, Summary};
use crate::plane::Plane;
use crate::profile::Blur;
use crate::summarise::{Field, summarise};
use crate::unit::follicular_units;

/// What of the photo the width of a hair is read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PhotoEvidence<'a> {
    /// The plane that widths are read from.
    pub opacity: &'a Plane,
    /// What of the photo was analysed, px: `[x0, y0, x1, y1]`, the last excluded. Beyond it the plane says nothing.
    pub analysed_px: [usize; 4],
    /// Blur of the photo.
    pub blur: Blur,
    /// Opacity of the photo's usual shaft.
    pub usual_level: f32,
    /// Opacity below which nothing can be told from skin.
    pub faintest_level: f32,
}

impl PhotoEvidence<'_> {
    /// Whether a point lies beyond what was analysed.
    fn is_beyond(&self, [x, y]: PointPx) -> bool {
        let [x0, y0, x1, y1] = self.analysed_px.map(|side| side as f64);
        x < x0 || y < y0 || x >= x1 || y >= y1
    }
}

/// How far root and tip may lie from those recorded, µm and px: the larger counts.
const SAME_END_UM: f64 = 30.0;
const SAME_END_PX: f64 = 6.0;
/// Times that what was drawn is measured: once, and again without what proved to be drawn over another hair.
const MOST_PASSES: usize = 2;
/// Courses this close to each other are of one hair, px: two shafts that touch are their widths apart.
const SLIP_PX: f64 = 3.0;

/// A hair on the way through the corrections.
#[derive(Debug, Clone)]
struct Entry {
    source: Source,
    /// Number of the correction that added it; `None` of other hairs.
    added: Option<usize>,
    /// Root and tip are exchanged.
    turned: bool,
    gone: bool,
}

#[derive(Debug, Clone)]
enum Source {
    /// Place in the automatic hairs.
    Automatic(usize),
    Drawn(Vec<PointPx>),
}

/// Corrections on their way.
struct Hand<'a> {
    automatic: &'a [Hair],
    reach_px: f64,
    entries: Vec<Entry>,
    /// Entry of each id that the file made.
    made: BTreeMap<u32, usize>,
    record: AppliedCorrections,
    refused: Vec<String>,
    /// Automatic hairs that a reader took for none.
    removed: Vec<usize>,
    /// Hairs that were added over one that counts, and that one.
    twice: Vec<[u32; 2]>,
}

impl Hand<'_> {
    fn follow(&mut self, number: usize, correction: &Correction) {
        let [before, after] = correction.hairs();
        let mut found = Vec::new();
        for hair in before {
            match self.find(hair).filter(|entry| !found.contains(entry)) {
                Some(entry) => found.push(entry),
                None => {
                    self.record.not_applied += 1;
                    self.refused.push(format!("{number} ({}, hair {})", correction.kind(), hair.id));
                    return;
                }
            }
        }
        let record = &mut self.record;
        let counter = match correction {
            Correction::Remove(_) => &mut record.removed,
            Correction::Add(_) => &mut record.added,
            Correction::Split(_) => &mut record.split,
            Correction::Merge(_) => &mut record.merged,
            Correction::Turn(_) => &mut record.turned,
            Correction::NotScalp(_) => &mut record.not_scalp_regions,
        };
        *counter += 1;
        match correction {
            Correction::NotScalp(area) => {
                record.not_scalp_px.push(area.polygon_px.clone());
            }
            Correction::Turn(_) => found.iter().for_each(|&k| self.entries[k].turned ^= true),
            _ => {
                found.iter().for_each(|&k| self.entries[k].gone = true);
                record.hairs_taken += found.len() as u32;
                record.hairs_made += after.len() as u32;
                let added = matches!(correction, Correction::Add(_)).then_some(number);
                if matches!(correction, Correction::Remove(_)) {
                    self.removed.extend(found.iter().filter(|&&k| k < self.automatic.len()));
                }
                for hair in after {
                    self.made.insert(hair.id, self.entries.len());
                    let source = Source::Drawn(hair.course_px.clone());
                    self.entries.push(Entry { source, added, turned: false, gone: false });
                }
            }
        }
    }

    /// The entry of a hair that a correction names: by its id; an automatic one whose ends are elsewhere by its ends.
    fn find(&self, hair: &HairCourse) -> Option<usize> {
        if let Some(&made) = self.made.get(&hair.id) {
            return (!self.entries[made].gone).then_some(made);
        }
        let ends = [hair.course_px[0], hair.course_px[hair.course_px.len() - 1]];
        let off = |k: &usize| self.off(*k, ends);
        let here = |k: &usize| !self.entries[*k].gone && off(k) <= self.reach_px;
        let automatic = 0..self.automatic.len();
        let named = automatic.clone().find(|&k| self.automatic[k].id == hair.id).filter(here);
        named.or_else(|| automatic.filter(here).min_by(|a, b| off(a).total_cmp(&off(b))))
    }

    /// How far the ends of an automatic hair lie from some, px; of one that was turned, in either order.
    fn off(&self, k: usize, [root, tip]: [PointPx; 2]) -> f64 {
        let hair = &self.automatic[k];
        let off = |a: PointPx, b: PointPx| distance(hair.root_px, a).max(distance(hair.tip_px, b));
        if self.entries[k].turned { off(root, tip).min(off(tip, root)) } else { off(root, tip) }
    }
}

impl Entry {
    /// The course of a drawn one, from its root.
    fn drawn(&self) -> Drawn {
        let mut course = match &self.source {
            Source::Automatic(_) => Vec::new(),
            Source::Drawn(course) => course.iter().map(|p| p.map(|v| v as f32)).collect(),
        };
        if self.turned {
            course.reverse();
        }
        Drawn { course }
    }
}

/// Hairs that are drawn over others.
impl Hand<'_> {
    /// Number of an entry's hair. Ids are given in the order in which hairs were made, gone ones too, as the reader's page
    /// gives them.
    fn id(&self, entry: usize) -> u32 {
        let known = self.automatic.len();
        let last = self.automatic.iter().map(|hair| hair.id).max().unwrap_or(0);
        self.automatic.get(entry).map_or(last + 1 + entry.saturating_sub(known) as u32, |hair| hair.id)
    }

    fn line(&self, entry: usize) -> Line {
        match &self.entries[entry].source {
            Source::Automatic(k) => Line::new(&self.automatic[*k].centreline_px),
            Source::Drawn(course) => Line::new(course),
        }
    }

    /// Places of the hairs that a reader drew and that stand.
    fn drawn(&self) -> Vec<usize> {
        (self.automatic.len()..self.entries.len()).filter(|&k| !self.entries[k].gone).collect()
    }

    /// Hairs that were drawn again: each is added where a reader removed one, and what stood beside that one,
    /// or was drawn again there, is another hair.
    fn drawn_again(&self) -> Vec<usize> {
        let mut places: Vec<(Line, f64)> = (self.removed.iter())
            .map(|&k| (self.line(k), within_px(&self.automatic[k]) + f64::from(HAND_PX)))
            .collect();
        let mut again = Vec::new();
        for k in self.drawn().into_iter().filter(|&k| self.entries[k].added.is_some()) {
            let line = self.line(k);
            if let Some(place) = places.iter().position(|(removed, reach)| line.is(removed, *reach)) {
                places.swap_remove(place);
                again.push(k);
            }
        }
        again
    }

    /// Takes back hairs that were added over one that counts, or over one that was drawn before.
    fn leave_out_doubles(&mut self, found: &[Hair]) {
        let again = self.drawn_again();
        let mut there: Vec<(usize, Line, f64)> = (0..found.len())
            .filter(|&k| found[k].counted && !self.entries[k].gone)
            .map(|k| (k, self.line(k), within_px(&found[k])))
            .collect();
        // Split and merged ones stand whatever was added.
        let (added, others): (Vec<usize>, Vec<usize>) =
            self.drawn().into_iter().partition(|&k| self.entries[k].added.is_some());
        there.extend(others.into_iter().map(|k| (k, self.line(k), SLIP_PX)));
        for k in added {
            let line = self.line(k);
            let stands =
                |other: usize| again.contains(&k) && (other < self.automatic.len() || again.contains(&other));
            match there.iter().find(|(other, at, reach)| !stands(*other) && line.is(at, *reach)) {
                Some(&(other, ..)) => self.take_back(k, other),
                None => there.push((k, line, SLIP_PX)),
            }
        }
    }

    /// Takes back hairs that were added within a hand's reach of one that counts, where the photo shows no second shaft.
    /// Gives whether there are any.
    fn leave_out_unseen(&mut self, found: &[Hair], drawn: &[(usize, Measured)]) -> bool {
        let mut there: Vec<(usize, Line, [f64; 2])> = (0..found.len())
            .filter(|&k| found[k].counted && !self.entries[k].gone)
            .map(|k| {
                (k, self.line(k), [within_px(&found[k]), within_px(&found[k]) + f64::from(HAND_PX) - 1.0])
            })
            .collect();
        let (before, again) = (self.twice.len(), self.drawn_again());
        for (k, measured) in drawn {
            let axis: Vec<PointPx> = measured.axis.iter().map(|p| p.map(f64::from)).collect();
            let line = Line::new(&axis);
            let reach = |[within, beyond]: [f64; 2]| if measured.width.is_none() { beyond } else { within };
            let stands =
                |other: usize| again.contains(k) && (other < self.automatic.len() || again.contains(&other));
            let over = there.iter().find(|(other, at, of)| !stands(*other) && line.is(at, reach(*of)));
            match over.filter(|_| self.entries[*k].added.is_some()) {
                Some(&(other, ..)) => self.take_back(*k, other),
                // Two that a reader drew apart are two, wherever the fit takes them; in the shaft of one, there is one.
                None => {
                    let half = measured.width.map_or(0.0, |width| 0.5 * f64::from(width.mean_px));
                    there.push((*k, line, [0.0, half.max(SLIP_PX)]));
                }
            }
        }
        self.twice.len() > before
    }

    fn take_back(&mut self, entry: usize, over: usize) {
        self.entries[entry].gone = true;
        self.twice.push([self.id(entry), self.id(over)]);
        self.record.added -= 1;
        self.record.hairs_made -= 1;
        self.record.not_applied += 1;
    }

    /// Takes automatic hairs that do not count out of the way of those that are drawn over them.
    fn make_room(&mut self, found: &[Hair]) {
        let drawn: Vec<Line> = self.drawn().into_iter().map(|k| self.line(k)).collect();
        for (k, hair) in found.iter().enumerate() {
            if hair.counted || self.entries[k].gone {
                continue;
            }
            let (line, reach) = (self.line(k), within_px(hair).max(f64::from(HAND_PX)));
            if drawn.iter().any(|other| line.is(other, reach)) {
                self.entries[k].gone = true;
                self.record.replaced += 1;
                self.record.hairs_taken += 1;
            }
        }
    }
}

/// Distance from the middle of a hair within which a course is the same hair, px: its shaft.
fn within_px(hair: &Hair) -> f64 {
    (0.5 * hair.width_px.unwrap_or(0.0) + 1.0).max(SLIP_PX)
}

/// Corrects a measurement. `scalp` loses the areas that are none. Gives the centrelines, px, of the hairs that a reader took
/// for none.
pub(crate) fn correct(
    measurement: &mut Measurement,
    file: &CorrectionsFile,
    evidence: &PhotoEvidence,
    scalp: &mut [bool],
) -> Vec<Vec<PointPx>> {
    let um_per_px = measurement.calibration.map(|c| c.um_per_px);
    let scale = measurement.judged_um_per_px();
    let automatic = std::mem::take(&mut measurement.hairs);
    let mut hand = follow(&automatic, &measurement.summary, file, scale);
    let frame = Frame { width: evidence.opacity.width, height: evidence.opacity.height };
    let turned = |k: usize, turn: bool| {
        if turn { turned(&automatic[k], scalp, frame, measurement) } else { automatic[k].clone() }
    };
    let mut found: Vec<Hair> = (0..automatic.len()).map(|k| turned(k, hand.entries[k].turned)).collect();
    hand.leave_out_doubles(&found);
    hand.make_room(&found);
    let widest_px = (measurement.protocol.max_diameter_um / scale) as f32;
    let mut drawn = Vec::new();
    for _ in 0..MOST_PASSES {
        let standing = found.iter().zip(&hand.entries).filter(|(_, entry)| !entry.gone);
        let others: Vec<Hair> = standing.map(|(hair, _)| hair.clone()).collect();
        let entries: Vec<usize> =
            (automatic.len()..hand.entries.len()).filter(|&k| !hand.entries[k].gone).collect();
        let courses: Vec<Drawn> = entries.iter().map(|&k| hand.entries[k].drawn()).collect();
        drawn = entries
            .into_iter()
            .zip(measure_drawn(&courses, &others, evidence, scalp, widest_px))
            .collect::<Vec<_>>();
        // What is left is measured without them.
        if !hand.leave_out_unseen(&found, &drawn) {
            break;
        }
    }
    drawn.retain(|(entry, _)| !hand.entries[*entry].gone);
    let mut entries = hand.entries.iter();
    found.retain(|_| entries.next().is_some_and(|entry| !entry.gone));
    let mut hairs = found;
    let (mut without_width, mut beyond) = (Vec::new(), Vec::new());
    for (entry, measured) in &drawn {
        let id = hand.id(*entry);
        let mut hair = added(id, measured, scalp, frame, measurement);
        if evidence.is_beyond(hair.root_px) {
            // Nothing there says what is scalp or a shaft.
            hair.not_counted = Some(NotCounted::RootOutsideRegion);
            hair.counted = false;
            beyond.push(id.to_string());
        } else if measured.width.is_none() {
            without_width.push(id.to_string());
        }
        hairs.push(hair);
    }

    mask(scalp, frame.width, &hand.record.not_scalp_px);
    measurement.region = region(&measurement.region.shape, scalp, frame.width, um_per_px);
    for hair in &mut hairs {
        if hand.record.not_scalp_px.iter().any(|corners| holds(corners, hair.root_px)) {
            hair.not_counted = Some(NotCounted::RootOutsideRegion);
            hair.counted = false;
        }
        hair.follicular_unit = None;
    }
    let units = follicular_units(&mut hairs, measurement.protocol.unit_distance_um / scale);
    let field = Field {
        area_mm2: measurement.region.area_mm2,
        area_px: measurement.region.area_px as f64,
        calibration: measurement.calibration,
        resolvable_diameter_um: measurement.summary.resolvable_diameter_um,
        count_error: measurement.count_error(&hairs, &measurement.region.shape),
    };
    measurement.summary = summarise(&hairs, &units, &field, &measurement.protocol);
    measurement.hairs = hairs;
    measurement.follicular_units = units;

    let findings = &mut measurement.quality.findings;
    findings.extend(told(file, &hand));
    if !without_width.is_empty() {
        let (noun, ids) = (if without_width.len() == 1 { "hair" } else { "hairs" }, without_width.join(", "));
        findings.push(Finding::new(
            FindingCode::WidthNotRead,
            format!(
                "No shaft's width can be read where a reader drew {noun} {ids}; sums of widths, such as the cumulative thickness, \
                 the share of the area, and the counts by diameter, are without {}.",
                if without_width.len() == 1 { "it" } else { "them" }
            ),
        ));
    }
    if !beyond.is_empty() {
        let (noun, is) = if beyond.len() == 1 { ("Hair", "is") } else { ("Hairs", "are") };
        findings.push(Finding::new(
            FindingCode::WidthNotRead,
            format!(
                "{noun} {}, which a reader drew, {is} rooted beyond the part of the photo that is analysed for the region: not counted, \
                 and no width is read.",
                beyond.join(", ")
            ),
        ));
    }
    if measurement.region.area_px == 0 {
        let message = "A reader marked all of the region as not scalp.";
        findings.push(Finding::new(FindingCode::RegionEmpty, message));
        measurement.summary = Summary::default();
    } else if let Some(message) =
        too_little_scalp(&measurement.region).filter(|_| !hand.record.not_scalp_px.is_empty())
    {
        findings.push(Finding::new(FindingCode::NoScalp, message));
        measurement.summary = Summary::default();
    }
    measurement.quality.verdict = verdict(&measurement.quality.findings);
    let removed = hand.removed.iter().map(|&k| &automatic[k]);
    // Where a reader drew a hair again, there is one.
    let lines: Vec<Line> = drawn.iter().map(|(entry, _)| hand.line(*entry)).collect();
    let again = |hair: &&Hair| {
        let line = Line::new(&hair.centreline_px);
        let reach = 0.5 * hair.width_px.unwrap_or(0.0) + f64::from(HAND_PX);
        lines.iter().any(|drawn| drawn.is(&line, reach))
    };
    let removed = removed.filter(|hair| !again(hair)).map(|hair| hair.centreline_px.clone()).collect();
    measurement.corrections = Some(hand.record);
    removed
}

/// Says of a photo that cannot carry a measurement that nothing was corrected.
pub(crate) fn correct_none(measurement: &mut Measurement, file: &CorrectionsFile) {
    let mut hand = follow(&[], &measurement.summary, file, measurement.judged_um_per_px());
    hand.record = AppliedCorrections {
        not_applied: file.corrections.corrections.len() as u32,
        ..empty(&file.hash, &file.corrections.reader, 0, &measurement.summary)
    };
    if hand.record.not_applied > 0 {
        measurement.quality.findings.push(Finding::new(
            FindingCode::CorrectionNotApplied,
            "The photo cannot be measured, so that no correction was applied.",
        ));
    }
    measurement.quality.verdict = verdict(&measurement.quality.findings);
    measurement.corrections = Some(hand.record);
}

fn empty(hash: &str, reader: &str, automatic: usize, summary: &Summary) -> AppliedCorrections {
    AppliedCorrections {
        readers: vec![reader.to_owned()],
        file_hash: hash.to_owned(),
        automatic_hairs: automatic as u32,
        added: 0,
        removed: 0,
        split: 0,
        merged: 0,
        turned: 0,
        replaced: 0,
        hairs_taken: 0,
        hairs_made: 0,
        not_scalp_regions: 0,
        not_scalp_px: Vec::new(),
        not_applied: 0,
        automatic_summary: summary.clone(),
    }
}

fn follow<'a>(automatic: &'a [Hair], summary: &Summary, file: &CorrectionsFile, scale: f64) -> Hand<'a> {
    let entry = |k| Entry { source: Source::Automatic(k), added: None, turned: false, gone: false };
    let mut hand = Hand {
        automatic,
        reach_px: SAME_END_PX.max(SAME_END_UM / scale),
        entries: (0..automatic.len()).map(entry).collect(),
        made: BTreeMap::new(),
        record: empty(&file.hash, &file.corrections.reader, automatic.len(), summary),
        refused: Vec::new(),
        removed: Vec::new(),
        twice: Vec::new(),
    };
    for (number, correction) in (1..).zip(&file.corrections.corrections) {
        hand.follow(number, correction);
    }
    hand
}

fn told(file: &CorrectionsFile, hand: &Hand) -> Vec<Finding> {
    let record = &hand.record;
    let mut findings = Vec::new();
    let software = format!("vellus {}", crate::VERSION);
    if file.corrections.software != software || file.corrections.automatic_hairs != record.automatic_hairs {
        let before: String = file.corrections.software.chars().take(64).collect();
        findings.push(Finding::new(
            FindingCode::CorrectionsStale,
            format!(
                "The corrections are of a measurement by {before} with {} hairs; this one, by {software}, has {}.",
                file.corrections.automatic_hairs, record.automatic_hairs
            ),
        ));
    }
    if !file.corrections.corrections.is_empty() {
        let parts = [
            (record.added, "added"),
            (record.removed, "removed"),
            (record.replaced, "uncounted replaced"),
            (record.split, "split"),
            (record.merged, "merged"),
            (record.turned, "turned"),
            (record.not_scalp_regions, "marked as not scalp"),
        ];
        let parts: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        let parts = if parts.is_empty() { "nothing changed".to_owned() } else { parts.join(", ") };
        findings.push(Finding::new(
            FindingCode::CorrectedByReader,
            format!(
                "Corrected by reader {}: {} hairs were found, of which {} counted; {parts}.",
                record.readers.join(", "),
                record.automatic_hairs,
                record.automatic_summary.hair_count
            ),
        ));
    }
    if !hand.refused.is_empty() {
        findings.push(Finding::new(
            FindingCode::CorrectionNotApplied,
            format!(
                "Not applied, as the hair is not there any more: {} {}.",
                if hand.refused.len() == 1 { "correction" } else { "corrections" },
                hand.refused.join(", ")
            ),
        ));
    }
    if !hand.twice.is_empty() {
        let pairs: Vec<String> =
            hand.twice.iter().map(|[added, there]| format!("hair {added} over hair {there}")).collect();
        findings.push(Finding::new(
            FindingCode::HairDrawnTwice,
            format!("Not added, as the hair that is there counts already: {}.", pairs.join(", ")),
        ));
    }
    findings
}
