//! The quantities of a change, with the words and units that readers see.

use vellus::comparison::{Change, ChangeVerdict, QuantityChange};

use crate::text::{range, signed, told_decimals};

/// A field of [`Change`].
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    /// Its name in the record.
    pub key: &'static str,
    /// Its name for readers.
    pub name: &'static str,
    /// Empty for counts and ratios.
    pub unit: &'static str,
    /// Decimals that it is shown with.
    pub decimals: usize,
    /// Its change; `None` where it was not measured.
    pub of: fn(&Change) -> Option<QuantityChange>,
}

macro_rules! quantity {
    ($key:ident, $name:literal, $unit:literal, $decimals:literal) => {
        Quantity {
            key: stringify!($key),
            name: $name,
            unit: $unit,
            decimals: $decimals,
            of: |change| change.$key,
        }
    };
}

/// All of them, in the order of the record.
pub const QUANTITIES: [Quantity; 10] = [
    quantity!(hair_count, "Hairs", "", 1),
    quantity!(density_per_cm2, "Density", "per cm²", 1),
    quantity!(non_vellus_count_30um, "Hairs of at least 30 µm", "", 1),
    quantity!(non_vellus_count_40um, "Hairs of at least 40 µm", "", 1),
    quantity!(mean_diameter_um, "Diameter, mean", "µm", 1),
    quantity!(median_diameter_um, "Diameter, median", "µm", 1),
    quantity!(matched_hair_diameter_um, "Diameter of hairs in both", "µm", 1),
    quantity!(cumulative_thickness_mm_per_cm2, "Cumulative thickness", "mm/cm²", 2),
    quantity!(units_per_cm2, "Unit density", "per cm²", 1),
    quantity!(hairs_per_unit, "Hairs per unit", "", 2),
];

impl Quantity {
    /// The quantity of that name in the record.
    pub fn named(key: &str) -> Option<&'static Self> {
        QUANTITIES.iter().find(|quantity| quantity.key == key)
    }

    /// `Density, per cm²`.
    pub fn title(&self) -> String {
        if self.unit.is_empty() { self.name.to_owned() } else { format!("{}, {}", self.name, self.unit) }
    }

    /// What is said of its change, and why: `increase (+11.0, 4.0 to 18.0 per cm²; changes from 6.0 could be told)`.
    pub fn sentence(&self, change: &QuantityChange) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        format!(
            "{} ({}, {}{unit}; changes from {} could be told)",
            verdict(change.verdict),
            signed(change.difference, self.decimals),
            range(change.ci95, told_decimals(change.ci95, self.decimals)),
            signed(change.smallest_detectable_change, self.decimals).trim_start_matches('+'),
        )
    }
}

/// The words of the record.
pub fn verdict(verdict: ChangeVerdict) -> &'static str {
    match verdict {
        ChangeVerdict::Increase => "increase",
        ChangeVerdict::Decrease => "decrease",
        ChangeVerdict::WithinError => "no change beyond measurement error",
    }
}

/// The one or two quantities that answer the question: how many hairs (per area where there is a scale), how thick
/// (of the same hairs where they were measured twice).
pub fn answers(change: &Change) -> Vec<(&'static str, &'static Quantity, QuantityChange)> {
    let first = |choices: [(&'static str, &str); 2]| {
        choices.into_iter().find_map(|(name, key)| {
            let quantity = Quantity::named(key)?;
            Some((name, quantity, (quantity.of)(change)?))
        })
    };
    let count =
        first([("Density", "density_per_cm2"), ("Hairs in the area that both photos show", "hair_count")]);
    let diameter = first([
        ("Hair diameter, same hairs", "matched_hair_diameter_um"),
        ("Hair diameter, mean", "mean_diameter_um"),
    ]);
    count.into_iter().chain(diameter).collect()
}

#[cfg(test)]
#[path = "quantity_tests.rs"]
mod tests;
