//! The numbers of a photo, each with its interval or the word that none is stated.

use vellus::{Measurement, NotCounted, RegionSummary, Verdict};

use crate::doubts::word;
use crate::texts::Texts;

/// A row of a table of numbers.
pub struct Row {
    pub quantity: String,
    pub value: String,
    pub unit: String,
    /// `None`: the method states none.
    pub interval: Option<String>,
    pub remark: String,
}

/// Names of the columns of [`regions`].
pub fn region_heads(texts: &Texts) -> [String; 6] {
    let quantity = |key: &str, unit: &str| format!("{}, {unit}", texts.get(key));
    [
        texts.get("regions.region").to_owned(),
        texts.get("regions.area").to_owned(),
        texts.get("quantity.count").to_owned(),
        quantity("quantity.density", texts.get("unit.per_cm2")),
        quantity("quantity.mean_diameter", "µm"),
        texts.get("quantity.units").to_owned(),
    ]
}

/// A row for each of several regions; none for one.
pub fn regions(measurement: &Measurement, texts: &Texts) -> Vec<[String; 6]> {
    if measurement.quality.verdict == Verdict::Fail {
        return Vec::new();
    }
    let with = |value: Option<f64>, decimals: usize, ci95: Option<[f64; 2]>| {
        let Some(value) = value else { return "–".to_owned() };
        let interval = ci95.map(|ci95| format!(" ({})", texts.range(ci95, decimals)));
        format!("{value:.decimals$}{}", interval.unwrap_or_default())
    };
    let row = |part: &RegionSummary| {
        let summary = &part.summary;
        [
            part.name.clone(),
            part.region
                .area_mm2
                .map_or(format!("{} px", part.region.area_px), |area| format!("{area:.2} mm²")),
            with(Some(f64::from(summary.hair_count)), 0, summary.hair_count_ci95),
            with(summary.density_per_cm2, 1, summary.density_ci95_per_cm2),
            with(summary.mean_diameter_um, 1, summary.mean_diameter_ci95_um),
            summary.unit_count.map_or("–".to_owned(), |count| count.to_string()),
        ]
    };
    measurement.regions.iter().map(row).collect()
}

/// One of the few numbers at the top.
pub struct Figure {
    pub label: String,
    pub value: String,
    pub unit: String,
    pub interval: String,
}

/// What a reader sees first.
pub fn figures(measurement: &Measurement, texts: &Texts) -> Vec<Figure> {
    if measurement.quality.verdict == Verdict::Fail {
        return Vec::new();
    }
    let summary = &measurement.summary;
    let figure = |label: &str, value: String, unit: &str, ci95: Option<[f64; 2]>, decimals: usize| Figure {
        label: texts.get(label).to_owned(),
        value,
        unit: unit.to_owned(),
        interval: match ci95.filter(|ends| *ends != [0.0, 0.0]) {
            Some(ci95) => texts.fill("number.interval", &[("range", &texts.range(ci95, decimals))]),
            None => texts.get("number.none").to_owned(),
        },
    };
    let mut figures = Vec::new();
    if let Some(density) = summary.density_per_cm2 {
        let ci95 = summary.density_ci95_per_cm2;
        figures.push(figure("quantity.density", format!("{density:.0}"), texts.get("unit.per_cm2"), ci95, 0));
    }
    if let Some(mean) = measurement.mean_diameter() {
        figures.push(figure(
            "quantity.mean_diameter",
            format!("{:.0}", mean.value),
            "µm",
            Some(mean.ci95),
            0,
        ));
    }
    figures.push(figure("quantity.count", summary.hair_count.to_string(), "", summary.hair_count_ci95, 0));
    figures
}

/// All of them.
pub fn rows(measurement: &Measurement, texts: &Texts) -> Vec<Row> {
    if measurement.quality.verdict == Verdict::Fail {
        return Vec::new();
    }
    let summary = &measurement.summary;
    let mut table = Table { texts, rows: Vec::new() };
    let share = |count: u32| match summary.hair_count {
        0 => String::new(),
        all => format!("{:.0} %", 100.0 * f64::from(count) / f64::from(all)),
    };
    table.add("quantity.count", Some(f64::from(summary.hair_count)), 0, "", summary.hair_count_ci95);
    table.not_counted(measurement);
    let per_cm2 = texts.get("unit.per_cm2");
    table.add("quantity.density", summary.density_per_cm2, 1, per_cm2, summary.density_ci95_per_cm2);
    let mean_ci95 = measurement.mean_diameter().map(|estimate| estimate.ci95);
    table.add("quantity.mean_diameter", summary.mean_diameter_um, 1, "µm", mean_ci95);
    table.add("quantity.median_diameter", summary.median_diameter_um, 1, "µm", None);
    table.add("quantity.diameter_sd", summary.diameter_sd_um, 1, "µm", None);
    if measurement.calibration.is_none() {
        table.add("quantity.mean_width", summary.mean_width_px, 1, "px", None);
    }
    let limit = summary.vellus_limit_um.unwrap_or(f64::NAN);
    let classes = [
        (texts.fill("quantity.terminal", &[("limit", &limit.to_string())]), summary.terminal_count),
        (texts.fill("quantity.vellus", &[("limit", &limit.to_string())]), summary.vellus_count),
        (
            texts.fill("quantity.at_least", &[("limit", "30")]),
            summary.non_vellus_count_30um.filter(|_| limit != 30.0),
        ),
        (
            texts.fill("quantity.at_least", &[("limit", "40")]),
            summary.non_vellus_count_40um.filter(|_| limit != 40.0),
        ),
    ];
    for (name, count) in classes {
        if let Some(count) = count {
            table.count(name, count, share(count));
        }
    }
    let thickness_ci95 = summary.cumulative_thickness_ci95_mm_per_cm2;
    table.add("quantity.thickness", summary.cumulative_thickness_mm_per_cm2, 2, "mm/cm²", thickness_ci95);
    table.add("quantity.covered", summary.hair_area_fraction.map(|share| 100.0 * share), 1, "%", None);
    if let Some(units) = summary.unit_count {
        let parts = summary.units_by_hairs.iter().flatten().enumerate().filter(|&(_, &count)| count > 0);
        let parts: Vec<String> = parts.map(|(i, count)| format!("{count} × {}", i + 1)).collect();
        let remark = match parts.is_empty() {
            true => String::new(),
            false => texts.fill("quantity.units_of", &[("parts", &parts.join(", "))]),
        };
        table.count(texts.get("quantity.units").to_owned(), units, remark);
    }
    table.add("quantity.unit_density", summary.units_per_cm2, 1, per_cm2, None);
    table.add("quantity.hairs_per_unit", summary.hairs_per_unit, 2, "", None);
    table.add("quantity.unit_distance", summary.unit_neighbour_distance_um, 0, "µm", None);
    match summary.mean_length_um {
        Some(length) => table.add("quantity.length", Some(length), 0, "µm", summary.mean_length_ci95_um),
        None => table.add("quantity.length", summary.mean_length_px, 1, "px", None),
    }
    table.add("quantity.resolvable", summary.resolvable_diameter_um, 0, "µm", None);
    table.rows
}

struct Table<'a> {
    texts: &'a Texts,
    rows: Vec<Row>,
}

impl Table<'_> {
    fn add(&mut self, key: &str, value: Option<f64>, decimals: usize, unit: &str, ci95: Option<[f64; 2]>) {
        let Some(value) = value else { return };
        self.rows.push(Row {
            quantity: self.texts.get(key).to_owned(),
            value: vellus_report::number(value, decimals),
            unit: unit.to_owned(),
            // No width from nothing: no hair found says little of how many are there.
            interval: ci95.filter(|ends| *ends != [0.0, 0.0]).map(|ci95| self.texts.range(ci95, decimals)),
            remark: String::new(),
        });
    }

    fn count(&mut self, quantity: String, count: u32, remark: String) {
        self.rows.push(Row {
            quantity,
            value: count.to_string(),
            unit: String::new(),
            interval: None,
            remark,
        });
    }

    fn not_counted(&mut self, measurement: &Measurement) {
        let mut reasons: Vec<(NotCounted, usize)> = Vec::new();
        for reason in measurement.hairs.iter().filter_map(|hair| hair.not_counted) {
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((reason, 1)),
            }
        }
        let all: usize = reasons.iter().map(|(_, count)| count).sum();
        if all == 0 {
            return;
        }
        let words: Vec<String> = reasons
            .iter()
            .map(|(reason, count)| {
                format!("{count} {}", self.texts.get(&format!("not_counted.{}", word(reason))))
            })
            .collect();
        let name = self.texts.get("quantity.not_counted").to_owned();
        self.count(name, all as u32, words.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn each_region_has_a_row_with_its_own_numbers() {
        let texts = Texts::of(Language::En).expect("texts");
        let photo = vellus::Photo::from_image(image::RgbImage::new(30, 30).into()).expect("pixels");
        let mut measurement = vellus::measure(&photo, None, &vellus::Protocol::default());
        measurement.quality.verdict = Verdict::Pass;
        assert!(regions(&measurement, &texts).is_empty());
        let mut part = RegionSummary {
            name: "front".to_owned(),
            region: measurement.region.clone(),
            summary: measurement.summary.clone(),
            hairs: Vec::new(),
        };
        part.summary.hair_count = 7;
        part.summary.hair_count_ci95 = Some([6.0, 9.0]);
        part.region.area_mm2 = Some(1.234);
        measurement.regions = vec![part];
        let rows = regions(&measurement, &texts);
        assert_eq!(rows[0][..3], ["front".to_owned(), "1.23 mm²".to_owned(), "7 (6 to 9)".to_owned()]);
        measurement.quality.verdict = Verdict::Fail;
        assert!(regions(&measurement, &texts).is_empty(), "what cannot be measured has no numbers");
    }
}
