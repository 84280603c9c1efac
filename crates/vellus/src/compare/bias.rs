//! By how much a difference of conditions alone moves density and mean diameter.
//!
//! The tables come from drawn pairs of which nothing changed but the condition, 9 to 12 pairs of three scenes per row:
//! `cargo run --release -p vellus-tests --bin conditions` draws, compares and prints them. Their standard errors are 0.2 to 0.4 %
//! of the density and 0.2 to 0.5 % of the diameter unless a comment says more. What was within two of them is 0 here.
//!
//! Most of it moves hardly anything: a hair that one photo does not show is asked for in the other one, and is neither lost nor
//! gained where its place is too blurred, too dark or too coarse to tell. A table reaches as far as was tried.

/// How two values of a condition are set against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Against {
    /// Follow-up less baseline.
    Difference,
    /// Doublings from baseline to follow-up.
    Doublings,
}

/// Bias by difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    against: Against,
    /// Size of the difference, bias of the density in %, bias of the mean diameter in %. Visits exchanged have the opposite
    /// difference and the opposite bias.
    points: &'static [[f64; 3]],
}

/// By the blur's standard deviation, µm: up to 10.4 µm more moved the diameter by no more than 0.5 %; 14.8, 18.0 and 19.1 µm more by
/// +0.9 ± 0.4, +6.1 ± 0.8 and +20.4 ± 1.8 %, the density by 0.0, −0.6 ± 0.6 and −2.4 ± 1.3 %.
///
/// That is blur by a lens, in linear light.
pub const FOCUS: Curve = Curve {
    against: Against::Difference,
    points: &[[0.0, 0.0, 0.0], [10.4, 0.0, 0.0], [14.8, 0.0, 0.9], [18.0, -0.6, 6.1], [19.1, -2.4, 20.4]],
};
/// By the same where it was added in encoded values, as a camera, an editor or a resizing does, which widens dark hair: 1.3, 2.7, 4.3
/// and 6.1 µm more moved the diameter by +1.2 ± 0.4, +3.3 ± 0.6, +5.8 ± 0.5 and +8.4 ± 0.5 %, the density by no more than 0.2 %.
pub const SMOOTHING: Curve = Curve {
    against: Against::Difference,
    points: &[
        [0.0, 0.0, 0.0],
        [0.6, 0.0, 0.0],
        [1.3, 0.0, 1.2],
        [2.7, 0.0, 3.3],
        [4.3, 0.0, 5.8],
        [6.1, 0.0, 8.4],
    ],
};
/// By the light of the skin: × 0.18 to × 1.2 moved neither by more than 0.5 %.
pub const BRIGHTNESS: Curve =
    Curve { against: Against::Doublings, points: &[[0.0, 0.0, 0.0], [2.4, 0.0, 0.0]] };
/// By red over blue: 1.5 doublings moved neither by more than 0.5 %.
pub const LIGHT_COLOUR: Curve =
    Curve { against: Against::Doublings, points: &[[0.0, 0.0, 0.0], [1.5, 0.0, 0.0]] };
/// By pixels on a length: 3.5 and 10 µm per px against 5 moved neither by more than 0.7 %.
pub const MAGNIFICATION: Curve =
    Curve { against: Against::Doublings, points: &[[0.0, 0.0, 0.0], [0.95, 0.0, 0.0]] };
/// By length, the mean of hair that is shorter and of hair that is longer than stubs of 350 to 750 µm: × 0.5 −1.9 ± 1.0 and × 2
/// +4.7 ± 3.5 % of the density, × 0.35 −5.9 ± 2.0 and × 3 +26.9 ± 10.2 %, as long hair crosses other hair.
pub const HAIR_LENGTH: Curve = Curve {
    against: Against::Doublings,
    points: &[[0.0, 0.0, 0.0], [0.55, 0.5, 0.0], [1.05, 3.2, 0.0], [1.55, 15.0, -1.5]],
};
/// By the light of the shafts over the skin's: dark brown hair turned brown, red, blond. Grey hair was not recognised as that of
/// the same site.
pub const HAIR_BRIGHTNESS: Curve = Curve {
    against: Against::Difference,
    points: &[[0.0, 0.0, 0.0], [0.16, 0.0, 0.9], [0.27, 0.0, 3.4], [0.57, 0.0, 7.6]],
};

/// By how much a difference may be beyond the end of a table to count as tried: the scatter with which it is measured.
const TRIED_WITHIN: f64 = 1.1;

impl Curve {
    fn difference(&self, [baseline, follow_up]: [f64; 2]) -> f64 {
        match self.against {
            Against::Difference => follow_up - baseline,
            Against::Doublings => libm::log2(follow_up / baseline),
        }
    }

    /// Whether a difference is as large as none that was tried.
    pub fn is_beyond(&self, visits: [f64; 2]) -> bool {
        self.difference(visits).abs() > TRIED_WITHIN * self.points[self.points.len() - 1][0]
    }

    /// Bias of density and mean diameter, %; beyond the end of the table that of its end, so that it is at least that.
    pub fn bias(&self, visits: [f64; 2]) -> [f64; 2] {
        let difference = self.difference(visits);
        let last = self.points[self.points.len() - 1];
        let at = difference.abs().min(last[0]);
        let pair = self.points.windows(2).find(|pair| at <= pair[1][0]);
        let bias = pair.map_or([last[1], last[2]], |pair| {
            let f = (at - pair[0][0]) / (pair[1][0] - pair[0][0]);
            [1, 2].map(|k| pair[0][k] + f * (pair[1][k] - pair[0][k]))
        });
        let sign = if difference < 0.0 { -1.0 } else { 1.0 };
        bias.map(|bias| sign * bias + 0.0)
    }
}

/// All of them.
#[cfg(test)]
pub(super) const ALL: [Curve; 7] =
    [FOCUS, SMOOTHING, BRIGHTNESS, LIGHT_COLOUR, MAGNIFICATION, HAIR_LENGTH, HAIR_BRIGHTNESS];
