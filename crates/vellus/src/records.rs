//! From shafts, widths and ends to the records of hairs, and the rule of which of them count.

use crate::appearance::Appearance;
use crate::estimate::round;
use crate::hair::{DiameterBasis, Hair, HairClass, NotCounted, Origin, PointPx, Polarity};
use crate::profile::{Width, Widths};
use crate::protocol::Protocol;
use crate::root::Ends;
use crate::shafts::Shaft;
use crate::sure::{BY_COLOUR, width_error};

/// The records of all shafts.
pub(crate) fn hairs(
    shafts: &[Shaft],
    widths: &Widths,
    ends: &[Ends],
    seen: &Appearance,
    um_per_px: Option<f64>,
    search_um: f64,
    protocol: &Protocol,
) -> Vec<Hair> {
    let um = |px: f64| um_per_px.map(|um| um * px);
    let scale = um_per_px.unwrap_or(search_um);
    let blur_px = f64::from(widths.blur.sigma_px);
    let mut hairs: Vec<Hair> = shafts
        .iter()
        .zip(&widths.of)
        .zip(ends)
        .map(|((shaft, width), ends)| {
            let mut centreline_px: Vec<[f64; 2]> =
                shaft.ribbon.axis.iter().map(|p| [round(f64::from(p[0])), round(f64::from(p[1]))]).collect();
            if ends.reversed {
                centreline_px.reverse();
            }
            let root_px = centreline_px[0];
            let tip_px = centreline_px[centreline_px.len() - 1];
            let length_px = f64::from(shaft.ribbon.length_px());
            let width_px = round(f64::from(width.mean_px));
            let confidence = confidence(shaft.log_odds);
            let size_um = [length_px * scale, width_px * scale];
            let at_border = [ends.root_at_border, ends.tip_at_border];
            let not_counted = not_counted(root_px, at_border, confidence, size_um, protocol);
            let diameter = Diameter::of(Some(width), um_per_px, protocol.vellus_limit_um);
            let shares = [width.se_px, width.sd_px].map(|v| f64::from(v / width.mean_px.max(1e-3)));
            let mut hair = Hair {
                id: 0,
                root_px,
                tip_px,
                centreline_px,
                width_px: Some(width_px),
                width_se_px: Some(round(f64::from(width.se_px))),
                diameter_um: diameter.um,
                diameter_se_um: None,
                diameter_sd_um: diameter.sd_um,
                diameter_limit_um: diameter.limit_um,
                diameter_basis: Some(width.basis),
                length_px: round(length_px),
                length_um: um(length_px).map(round),
                direction_deg: round(
                    libm::atan2(tip_px[1] - root_px[1], tip_px[0] - root_px[0]).to_degrees(),
                ),
                class: diameter.class,
                polarity: Polarity::Dark,
                follicular_unit: None,
                counted: not_counted.is_none(),
                not_counted,
                confidence: round(confidence),
                root_confidence: round(ends.confidence),
                origin: Origin::Automatic,
            };
            let error = width_error(seen, &hair, blur_px, shares[0], shares[1]);
            let error =
                if width.basis == DiameterBasis::Colour { libm::hypot(error, BY_COLOUR) } else { error };
            hair.diameter_se_um = diameter.um.map(|diameter| round(error * diameter));
            hair
        })
        .filter(|hair| hair.confidence >= LEAST_DRAWN)
        .collect();
    hairs.sort_by(|a, b| {
        let key = |h: &Hair| (h.root_px[1], h.root_px[0]);
        key(a).0.total_cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1))
    });
    hairs.iter_mut().zip(1..).for_each(|(hair, id)| hair.id = id);
    hairs
}

/// What a width comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Diameter {
    /// µm; `None` without a scale, without a width, and below the limit.
    pub um: Option<f64>,
    /// Standard deviation along the shaft, µm.
    pub sd_um: Option<f64>,
    /// What it is below, µm, where the width is not told from none.
    pub limit_um: Option<f64>,
    /// Terminal or vellus, where the diameter or its limit tells it.
    pub class: Option<HairClass>,
}

impl Diameter {
    pub fn of(width: Option<&Width>, um_per_px: Option<f64>, vellus_limit_um: f64) -> Self {
        let none = Self { um: None, sd_um: None, limit_um: None, class: None };
        let Some((width, um_per_px)) = width.zip(um_per_px) else { return none };
        let um = |px: f32| round(um_per_px * round(f64::from(px)));
        if let Some(limit_um) = width.limit_px().map(um) {
            let class = (limit_um <= vellus_limit_um).then_some(HairClass::Vellus);
            return Self { limit_um: Some(limit_um), class, ..none };
        }
        let diameter_um = um(width.mean_px);
        let is_terminal = diameter_um >= vellus_limit_um;
        let class = if is_terminal { HairClass::Terminal } else { HairClass::Vellus };
        let sd_um = round(um_per_px * f64::from(width.sd_px));
        Self { um: Some(diameter_um), sd_um: Some(sd_um), limit_um: None, class: Some(class) }
    }
}

/// Probability of log-odds.
pub(crate) fn confidence(log_odds: f32) -> f64 {
    1.0 / (1.0 + libm::exp(-f64::from(log_odds)))
}

/// Why a hair does not count; `at_border` are its root and its tip, `size_um` its length and width.
pub(crate) fn not_counted(
    root_px: PointPx,
    at_border: [bool; 2],
    confidence: f64,
    size_um: [f64; 2],
    protocol: &Protocol,
) -> Option<NotCounted> {
    let [root_at_border, tip_at_border] = at_border;
    if root_at_border && tip_at_border {
        Some(NotCounted::PassesThrough)
    } else if root_at_border || !protocol.region.contains(root_px[0], root_px[1]) {
        Some(NotCounted::RootOutsideRegion)
    } else if confidence < protocol.min_confidence {
        Some(NotCounted::LowConfidence)
    } else if size_um[0] < protocol.min_length_um && !tip_at_border {
        Some(NotCounted::TooShort)
    } else if size_um[1] > protocol.max_diameter_um {
        Some(NotCounted::TooWide)
    } else {
        None
    }
}

/// Confidence from which a hair is more likely there than not.
pub(crate) const LIKELY: f64 = 0.5;
/// Least confidence of a hair that is drawn at all; what is less likely than one in four only clutters the picture.
pub(crate) const LEAST_DRAWN: f64 = 0.25;
