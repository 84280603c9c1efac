//! How quantities go over the visits of a series.

use vellus::Estimate;
use vellus::estimate::Z95;
use vellus_report::{Quantity, signed};

use crate::chart::{Plot, range_with_zero};
use crate::texts::Texts;

/// A quantity's trend in words.
pub struct Trend {
    pub quantity: String,
    /// Per visit, with its interval; `None` where none could be told.
    pub slope: Option<String>,
}

/// A chart per quantity that at least one later visit has.
pub fn trends(trends: &[vellus::series::Trend], texts: &Texts) -> Vec<(Trend, Plot)> {
    trends.iter().filter_map(|trend| Some((told(trend, texts)?, plot(trend, texts)?))).collect()
}

fn told(trend: &vellus::series::Trend, texts: &Texts) -> Option<Trend> {
    let decimals = Quantity::named(&trend.quantity)?.decimals + 1;
    let slope: Option<Estimate> = trend.slope_per_visit;
    Some(Trend {
        quantity: texts.get(&format!("quantities.{}", trend.quantity)).to_owned(),
        slope: slope.map(|slope| {
            format!("{} ({})", signed(slope.value, decimals), texts.range_of_change(slope.ci95, decimals))
        }),
    })
}

fn plot(trend: &vellus::series::Trend, texts: &Texts) -> Option<Plot> {
    let decimals = Quantity::named(&trend.quantity)?.decimals;
    let points: Vec<(usize, f64, [f64; 2])> = trend
        .difference
        .iter()
        .zip(&trend.standard_error)
        .enumerate()
        .filter_map(|(i, (difference, error))| {
            let (value, half) = ((*difference)?, Z95 * error.unwrap_or(0.0));
            Some((i, value, [value - half, value + half]))
        })
        .collect();
    if !points.iter().any(|(i, ..)| *i > 0) {
        return None;
    }
    let name = texts.get(&format!("quantities.{}", trend.quantity)).to_owned();
    let label = texts.fill("change.trend_label", &[("quantity", &name)]);
    let titles = [texts.get("table.visit").to_owned(), texts.get("table.change").to_owned()];
    let range = range_with_zero(points.iter().flat_map(|(_, _, interval)| *interval));
    let last = trend.difference.len().saturating_sub(1) as f64;
    let names = (0..trend.difference.len()).map(|i| (i as f64, (i + 1).to_string()));
    let mut plot = Plot::new(label, titles, [-0.3, last + 0.3], range).x_names(names);
    plot.level(0.0, "zero", None);
    plot.line(&points.iter().map(|(i, value, _)| [*i as f64, *value]).collect::<Vec<_>>(), "faint");
    for (i, value, interval) in points {
        let told = format!("{}: {} ({})", i + 1, signed(value, decimals), texts.range(interval, decimals));
        plot.point(i as f64, value, (i > 0).then_some(interval), "", told);
    }
    Some(plot)
}
