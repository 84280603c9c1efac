//! Root and tip: which end of a shaft emerges from the skin.
//!
//! [`Shaft`]s + opacity → [`Ends`] per shaft.
//!
//! Four things speak for an end being the root, added up as log-odds: the skin beyond it is darker (melanin under the skin
//! and the mouth of the follicle; a cut end stops sharply), the shaft is wider there (only tips taper), neighbours' ends
//! converge there (the hairs of one unit leave one orifice), and it points as the other hairs of the field do (hair of one
//! site leans one way). An end at the frame is where the shaft leaves the field; if only one end is inside, that is the
//! root unless the field's direction says otherwise.

use crate::plane::Plane;
use crate::shafts::Shaft;
use crate::track::TrackEnd;

/// Where a shaft emerges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    /// The root is the last point of the axis, not the first.
    pub reversed: bool,
    /// Probability that this is right, 0.5 to 1.
    pub confidence: f64,
    /// The root lies at the frame or the mask.
    pub root_at_border: bool,
    /// The tip lies at the frame or the mask.
    pub tip_at_border: bool,
}

/// Difference of opacity beyond the two ends that is worth one unit of log-odds: half of what the halo of a terminal
/// hair adds on light skin.
const HALO: f32 = 0.07;
/// Difference of width between the ends, as a share of the width, that is worth one unit.
const TAPER: f32 = 0.4;
/// Longest distance between shafts of one unit, µm.
const NEIGHBOUR_UM: f32 = 250.0;
/// Log-odds of agreeing with a field in which all hairs lean the same way.
const FIELD: f32 = 5.0;
/// Log-odds of the inner end of a shaft that leaves the field being its root.
const INNER: f32 = 3.0;
/// Ends nearer to the frame or the mask than this are cut by it, px: the error of an end that was fitted, …
const BORDER_PX: f32 = 1.5;
/// … and the step of a track that ran into it.
const BORDER_STEP_PX: f32 = 4.0;

/// Finds the roots of all shafts.
pub fn roots(shafts: &[Shaft], opacity: &Plane, valid: &[bool], um_per_px: f32) -> Vec<Ends> {
    let explained = explained(shafts, opacity);
    let border: Vec<[bool; 2]> =
        shafts.iter().map(|shaft| [0, 1].map(|end| at_border(shaft, end, opacity, valid))).collect();
    // Log-odds of the first point being the root.
    let mut odds: Vec<f32> = shafts
        .iter()
        .zip(&border)
        .map(|(shaft, border)| {
            let [first, last] = border;
            let halo = match (first, last) {
                (false, false) => {
                    let beyond = |end| beyond(shaft, end, opacity, &explained);
                    ((beyond(0) - beyond(1)) / HALO).clamp(-3.0, 3.0)
                }
                (true, false) => -INNER,
                (false, true) => INNER,
                (true, true) => 0.0,
            };
            let w = &shaft.ribbon.width_px;
            let taper = (w[0] - w[w.len() - 1]) / (TAPER * shaft.ribbon.mean_width_px());
            halo + taper.clamp(-1.5, 1.5)
        })
        .collect();
    let near = NEIGHBOUR_UM / um_per_px;
    let ends: Vec<[[f32; 2]; 2]> =
        shafts.iter().map(|s| [s.ribbon.axis[0], s.ribbon.axis[s.ribbon.axis.len() - 1]]).collect();
    let distance = |a: [f32; 2], b: [f32; 2]| libm::hypotf(a[0] - b[0], a[1] - b[1]);
    for i in 0..shafts.len() {
        for j in 0..shafts.len() {
            if i == j {
                continue;
            }
            let closest =
                |end: usize| distance(ends[i][end], ends[j][0]).min(distance(ends[i][end], ends[j][1]));
            let (first, last) = (closest(0), closest(1));
            if first.min(last) < near {
                odds[i] += ((last - first) / near).clamp(-1.0, 1.0);
            }
        }
    }
    // Two rounds: the field's direction from what each shaft says, then each shaft in the light of the field.
    let unit = |k: usize| {
        let (a, b) = (ends[k][0], ends[k][1]);
        let length = distance(a, b).max(1e-6);
        [(b[0] - a[0]) / length, (b[1] - a[1]) / length]
    };
    let mut total = odds.clone();
    for _ in 0..3 {
        let (mut x, mut y, mut weight) = (0.0, 0.0, 1e-6);
        for (k, odd) in total.iter().enumerate() {
            let [dx, dy] = unit(k);
            let sign = libm::tanhf(0.5 * odd);
            let length = distance(ends[k][0], ends[k][1]) * um_per_px;
            let trust = (length / 200.0).min(1.0);
            x += trust * sign * dx;
            y += trust * sign * dy;
            weight += trust;
        }
        let (x, y) = (x / weight, y / weight);
        for (k, odd) in total.iter_mut().enumerate() {
            let [dx, dy] = unit(k);
            *odd = odds[k] + FIELD * (dx * x + dy * y);
        }
    }
    total
        .iter()
        .zip(&border)
        .map(|(&odd, border)| {
            let reversed = odd < 0.0;
            let [first, last] = *border;
            Ends {
                reversed,
                confidence: 1.0 / (1.0 + libm::exp(-f64::from(odd.abs()))),
                root_at_border: if reversed { last } else { first },
                tip_at_border: if reversed { first } else { last },
            }
        })
        .collect()
}

/// Opacity that all shafts together explain.
fn explained(shafts: &[Shaft], opacity: &Plane) -> Vec<f32> {
    let mut explained = vec![0.0; opacity.data.len()];
    shafts.iter().for_each(|shaft| crate::select::lay(&shaft.ribbon, &mut explained));
    explained
}

/// The end of an axis and the direction out of the shaft there.
fn outward(shaft: &Shaft, end: usize) -> ([f32; 2], [f32; 2]) {
    let axis = &shaft.ribbon.axis;
    let n = axis.len();
    let back = (n / 3).clamp(1, n - 1);
    let (tip, inner) = if end == 0 { (axis[0], axis[back]) } else { (axis[n - 1], axis[n - 1 - back]) };
    let (dx, dy) = (tip[0] - inner[0], tip[1] - inner[1]);
    let length = libm::hypotf(dx, dy).max(1e-6);
    (tip, [dx / length, dy / length])
}

/// Whether the frame or the mask cuts an end.
fn at_border(shaft: &Shaft, end: usize, opacity: &Plane, valid: &[bool]) -> bool {
    let ([x, y], [dx, dy]) = outward(shaft, end);
    let ran_into_it = shaft.ribbon.ends[end] == TrackEnd::Border;
    let reach = if ran_into_it { BORDER_STEP_PX } else { BORDER_PX };
    let (x, y) = (x + reach * dx, y + reach * dy);
    !opacity.contains(x, y) || !valid[y.round() as usize * opacity.width + x.round() as usize]
}

/// Mean opacity of the skin beyond an end, where no other shaft lies.
fn beyond(shaft: &Shaft, end: usize, opacity: &Plane, explained: &[f32]) -> f32 {
    let ([x, y], [dx, dy]) = outward(shaft, end);
    let width = shaft.ribbon.mean_width_px().max(4.0);
    let (mut sum, mut n) = (0.0, 0.0);
    let steps = (1.5 * width) as usize + 2;
    for step in 0..steps {
        let along = 2.5 + step as f32;
        for across in [-0.4, -0.2, 0.0, 0.2, 0.4] {
            let (px, py) = (x + along * dx - across * width * dy, y + along * dy + across * width * dx);
            if !opacity.contains(px, py) {
                continue;
            }
            if explained[py.round() as usize * opacity.width + px.round() as usize] < 0.1 {
                sum += opacity.sample(px, py).clamp(-0.2, 1.0);
                n += 1.0;
            }
        }
    }
    // Another shaft right behind an end: it says nothing.
    if n < 5.0 { 0.1 } else { sum / n }
}
