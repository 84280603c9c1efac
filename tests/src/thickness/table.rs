//! The tables about diameters, as Markdown.

use std::fmt::Write;

use vellus_phantom::Scene;

use super::bars::{Cell, WIDTHS_UM};
use super::photos::{Form, Photo};
use super::scalps::{Errors, Hit, words};
use crate::change::median;
use crate::table::with_sign;

/// Bars of one condition, one row per width.
pub fn bars(cells: &[Cell]) -> String {
    let mut text = String::from(
        "| width, µm | bars | read | bias, µm | spread, µm | least possible, µm | × | stated error, µm | held, % \
         | raw Steger: bias, spread | half maximum: bias, spread |\n\
         |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for cell in cells {
        let rival = |[bias, spread]: [f64; 2]| format!("{}, {spread:.2}", with_sign(bias, 2));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.2} | {:.2} | {:.1} | {:.2} | {:.0} | {} | {} |",
            cell.width_um,
            cell.bars,
            cell.read,
            with_sign(cell.bias_um, 2),
            cell.spread_um,
            cell.bound_um,
            cell.spread_um / cell.bound_um,
            cell.stated_um,
            cell.held_percent,
            rival(cell.raw_steger_um),
            rival(cell.half_maximum_um),
        );
    }
    text
}

/// One row per condition, one column per width.
fn by_width(rows: &[(String, Vec<Cell>)], text_of: impl Fn(&Cell) -> String) -> String {
    let widths: Vec<String> = WIDTHS_UM.iter().map(|um| format!("{um} µm")).collect();
    let mut text =
        format!("| condition | {} |\n|---|{}\n", widths.join(" | "), "---:|".repeat(WIDTHS_UM.len()));
    for (name, cells) in rows {
        let cells: Vec<String> = cells.iter().map(&text_of).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text
}

/// Bars under several conditions: bias, spread over its bound, coverage.
pub fn conditions(rows: &[(String, Vec<Cell>)]) -> String {
    by_width(rows, |cell| {
        let spread = cell.spread_um / cell.bound_um;
        format!("{}, {spread:.1}, {:.0}", with_sign(cell.bias_um, 1), cell.held_percent)
    })
}

/// Bias of the two other readings under several conditions, raw Steger first.
pub fn rivals(rows: &[(String, Vec<Cell>)]) -> String {
    by_width(rows, |cell| {
        let [steger, half] = [cell.raw_steger_um, cell.half_maximum_um].map(|[bias, _]| with_sign(bias, 1));
        format!("{steger}, {half}")
    })
}

const SCALPS_HEAD: &str = "| | hairs hit | with a diameter | bias, µm | mean error, µm | slope | held, % |\n\
                           |---|---:|---:|---:|---:|---:|---:|\n";

/// Diameters of drawn scalps by colour of hair, by skin, and all.
pub fn colours(hits: &[Hit]) -> String {
    let mut text = SCALPS_HEAD.to_owned();
    let in_order = |names: Vec<String>| {
        let mut seen: Vec<String> = Vec::new();
        names.into_iter().for_each(|name| {
            if !seen.contains(&name) {
                seen.push(name);
            }
        });
        seen.sort();
        seen
    };
    let tone = |hit: &Hit| format!("{} hair", words(&hit.tone));
    let skin = |hit: &Hit| hit.skin.map_or_else(String::new, |skin| format!("{} skin", words(&skin)));
    for name in in_order(hits.iter().map(tone).collect()) {
        text += &row(&name, Errors::of(hits.iter().filter(|hit| tone(hit) == name)));
    }
    for name in in_order(hits.iter().map(skin).collect()) {
        text += &row(&name, Errors::of(hits.iter().filter(|hit| skin(hit) == name)));
    }
    text + &row("all", Errors::of(hits.iter()))
}

/// Diameters of drawn scalps by scene.
pub fn scenes(scenes: &[Scene], hits: &[Hit]) -> String {
    let mut text = SCALPS_HEAD.to_owned();
    for (k, scene) in scenes.iter().enumerate() {
        text += &row(&scene.name, Errors::of(hits.iter().filter(|hit| hit.scene == k)));
    }
    text
}

fn row(name: &str, errors: Option<Errors>) -> String {
    let Some(errors) = errors else { return format!("| {name} | 0 | – | – | – | – | – |\n") };
    format!(
        "| {name} | {} | {:.0} % | {} | {:.1} | {} | {:.0} |\n",
        errors.hits,
        100.0 * errors.given as f64 / errors.hits as f64,
        with_sign(errors.bias_um, 1),
        errors.size_um,
        errors.slope.map_or_else(|| "–".to_owned(), |slope| format!("{slope:.2}")),
        errors.held_percent,
    )
}

/// Change of a photo's mean diameter from which it is told, %.
const TOLD_PERCENT: f64 = 3.0;

/// Real photos in other forms, one row per form.
pub fn photos(photos: &[Photo]) -> String {
    let mut text = String::from(
        "| the same photo | photos | hairs in both, % | change of the mean diameter: median, worst, % | more than 3 % off \
         | of those within the stated errors | hairs above 140 µm |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    let total: usize = photos.iter().map(|photo| photo.too_thick).sum();
    let _ = writeln!(text, "| as it is | {} | – | – | – | – | {total} |", photos.len());
    for (k, form) in Form::ALL.into_iter().enumerate() {
        let again: Vec<_> = photos.iter().map(|photo| &photo.again[k]).collect();
        let changes: Vec<f64> = again.iter().filter_map(|again| again.change_percent).collect();
        let worst = changes.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let off: Vec<_> = again
            .iter()
            .filter(|again| again.change_percent.is_none_or(|change| change.abs() > TOLD_PERCENT))
            .collect();
        let [hairs, in_both, too_thick] = again.iter().fold([0, 0, 0], |sum, again| {
            [sum[0] + again.hairs, sum[1] + again.in_both, sum[2] + again.too_thick]
        });
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {}, {} | {} | {} | {too_thick} |",
            form.words(),
            again.len(),
            100.0 * in_both as f64 / hairs.max(1) as f64,
            with_sign(median(changes.clone()).unwrap_or(f64::NAN), 1),
            with_sign(worst.unwrap_or(f64::NAN), 1),
            off.len(),
            off.iter().filter(|again| again.covered).count(),
        );
    }
    text
}
