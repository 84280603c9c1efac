//! Diameter: a blurred bar fitted to the cross-sections of a shaft.
//!
//! Opacity + [`Shaft`]s → [`Width`] per shaft.
//!
//! Along the axis, cross-sections are stacked over stretches of about one width (`section`), and a stack is fitted with as many
//! blurred bars as it shows shafts (`bars`). The opacity is in linear light, where a blur is a convolution and half height is
//! the edge. The blur is the median of the fits that leave it free, on the shafts that are wide enough to show it. Stretches
//! that show the shaft alone are read first; what stands free nowhere is read together with its neighbours.
//!
//! A shaft narrower than about twice the blur shows only the product of opacity and width; there the opacity is held at the
//! photo's usual one. A shaft is no bar: what a cylinder lets pass at its edges, and what shines on pale ones, is allowed for by
//! its opacity (`cylinder`).

use rayon::prelude::*;

mod bars;
mod blur;
mod cylinder;
mod section;

use self::bars::{Fit, Freedom, HALF_SD, fit};
use self::blur::Seen;
use self::cylinder::of_bar;
use self::section::{Stack, owners, stacks};
use crate::contrast::{COLOUR_SIGMA_PX, Contrast};
use crate::hair::DiameterBasis;
use crate::median::upper_median_of;
use crate::plane::Plane;
use crate::ribbon::Ribbon;
use crate::shafts::Shaft;

pub(crate) use self::bars::phi;
pub use self::blur::{Blur, USUAL_BLUR_PX};

/// The measured width of a shaft.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Width {
    /// Length-weighted mean over the stretches that could be read, px.
    pub mean_px: f32,
    /// Standard error of the mean, px.
    pub se_px: f32,
    /// Standard deviation along the shaft, px.
    pub sd_px: f32,
    /// Opacity of the bar that was fitted; `None` where the width is the outline's.
    pub level: Option<f32>,
    /// What it was read from.
    pub basis: DiameterBasis,
}

impl Width {
    /// That of a width that was read in the plane of lost colour; an outline is one in any plane.
    fn basis_by_colour(&self) -> DiameterBasis {
        if self.basis == DiameterBasis::Outline { self.basis } else { DiameterBasis::Colour }
    }

    /// Where the width is not told from none, what it is below in 19 of 20 cases, px (Currie 1968, doi:10.1021/ac60259a007).
    pub fn limit_px(&self) -> Option<f32> {
        (self.mean_px < 2.0 * self.se_px).then_some(self.mean_px + 1.645 * self.se_px)
    }

    /// The width of the shaft whose picture a bar of this width fits: a shaft is a cylinder, through which some light passes.
    pub fn of_shaft(self) -> Self {
        let factor = self.level.map_or(1.0, of_bar);
        let [mean_px, se_px, sd_px] = [self.mean_px, self.se_px, self.sd_px].map(|px| factor * px);
        Self { mean_px, se_px, sd_px, ..self }
    }
}

/// Widths of all shafts, and the blur that they were read with.
#[derive(Debug, Clone, PartialEq)]
pub struct Widths {
    /// One per shaft, in the same order.
    pub of: Vec<Width>,
    /// The photo's blur.
    pub blur: Blur,
}

/// Share of its opacity that shine alone gives to a shaft that shines all over: between its edges, none is dark.
const SHINES: f32 = 0.5;
/// Narrowest shaft that tells the blur, px: four times the usual one.
const BLUR_WIDTH_PX: f32 = 5.0;
/// Narrowest shaft, in blur sigmas, whose opacity is fitted and not taken from the others.
const FREE_LEVEL_SIGMAS: f32 = 2.2;

/// Measures all shafts of a photo; everything is in px. Those that shine all over are read by the skin's colour that they hide, as
/// by their brightness they have no edges.
pub fn widths_of(shafts: &[Shaft], contrast: &Contrast, usual_level: f32) -> Widths {
    let shines = |shaft: &Shaft| shaft.ribbon.mean_under(&contrast.shine) > SHINES * shaft.evidence.level;
    let mut widths = match &contrast.lost_colour {
        None => widths(shafts, &contrast.opacity, usual_level),
        Some(lost_colour) => {
            let shining: Vec<bool> = shafts.par_iter().map(shines).collect();
            let dark: Vec<bool> = shining.iter().map(|shines| !shines).collect();
            let mut widths = widths_by(shafts, &dark, &contrast.opacity, USUAL_BLUR_PX, usual_level);
            let blur_px = libm::hypotf(widths.blur.sigma_px, COLOUR_SIGMA_PX);
            let by_colour = widths_by(shafts, &shining, lost_colour, blur_px, 1.0);
            for (k, width) in by_colour.of.into_iter().enumerate().filter(|&(k, _)| shining[k]) {
                widths.of[k] = Width { basis: width.basis_by_colour(), ..width };
            }
            widths
        }
    };
    widths.of.iter_mut().for_each(|width| *width = width.of_shaft());
    widths
}

/// Fits bars to all shafts of a photo by their opacity.
pub fn widths(shafts: &[Shaft], opacity: &Plane, usual_level: f32) -> Widths {
    widths_by(shafts, &vec![true; shafts.len()], opacity, USUAL_BLUR_PX, usual_level)
}

/// Measures some of the shafts; the others only stand in the way. `usual_blur_px` is taken where too few tell the blur.
fn widths_by(
    shafts: &[Shaft],
    read_them: &[bool],
    opacity: &Plane,
    usual_blur_px: f32,
    usual_level: f32,
) -> Widths {
    let ribbons: Vec<&Ribbon> = shafts.iter().map(|shaft| &shaft.ribbon).collect();
    let levels: Vec<f32> = shafts.iter().map(|shaft| shaft.evidence.level).collect();
    let owners = owners(&ribbons, opacity);
    let stacks: Vec<Vec<Stack>> = (0..ribbons.len())
        .into_par_iter()
        .map(|k| if read_them[k] { stacks(k, &ribbons, &levels, opacity, &owners) } else { Vec::new() })
        .collect();

    let seen: Vec<Seen> = shafts
        .par_iter()
        .zip(&stacks)
        .enumerate()
        .filter(|(_, (shaft, _))| shaft.ribbon.mean_width_px() >= BLUR_WIDTH_PX && shaft.log_odds > 0.0)
        .flat_map_iter(|(k, (shaft, stacks))| {
            let at_px = shaft.ribbon.middle();
            let blurs = stacks.iter().filter_map(|stack| own_blur(stack, usual_blur_px));
            blurs.map(move |sigma_px| Seen { shaft: k, at_px, sigma_px })
        })
        .collect();
    let blur = Blur::of(&seen, usual_blur_px, [opacity.width, opacity.height]);
    let of = ribbons
        .par_iter()
        .zip(&stacks)
        .map(|(ribbon, stacks)| read(ribbon, stacks, &blur, usual_level))
        .collect();
    Widths { of, blur }
}

/// The blur of a stretch that shows a shaft alone.
fn own_blur(stack: &Stack, usual_blur_px: f32) -> Option<f32> {
    let free = Freedom { level: None, blur_sd_px: f64::INFINITY, half_sd_px: f64::INFINITY };
    let alone = Some(stack).filter(|stack| stack.is_free());
    alone.and_then(|stack| fit(stack, usual_blur_px, free)).map(|fit| fit.blur_px as f32)
}

/// The width of one ribbon by its stacks: by those that show it alone, else by those that show it beside others, else the ribbon's
/// own.
fn read(ribbon: &Ribbon, stacks: &[Stack], blur: &Blur, usual_level: f32) -> Width {
    let blur_px = blur.at(ribbon.middle());
    let narrow = ribbon.mean_width_px() < FREE_LEVEL_SIGMAS * blur_px;
    let outline = outline(ribbon);
    let basis = if narrow { DiameterBasis::Density } else { DiameterBasis::Edges };
    let together = |chosen: Vec<&Stack>, [blur_sd_px, half_sd_px]: [f32; 2], basis: DiameterBasis| {
        // A shaft has one blur and one outline, however many stretches there are: each stretch knows its share of it.
        let share = (chosen.len() as f64).sqrt();
        let freedom = Freedom {
            level: narrow.then_some(usual_level),
            blur_sd_px: share * f64::from(blur_sd_px),
            half_sd_px: share * f64::from(half_sd_px),
        };
        let of = |stack: &Stack| Some((stack.length_px, fit(stack, blur_px, freedom)?));
        let fits: Vec<(f32, Fit)> = chosen.into_iter().filter_map(of).filter(|(_, fit)| tells(fit)).collect();
        mean(&fits, basis)
    };
    let (alone, beside): (Vec<&Stack>, Vec<&Stack>) = stacks.iter().partition(|stack| stack.is_free());
    together(alone, [blur.spread_px, f32::INFINITY], basis)
        // Between shafts that touch, more blur and less skin look alike: the blur is held.
        .or_else(|| together(beside, [0.0, 0.5 * outline.se_px], DiameterBasis::Beside))
        .unwrap_or(outline)
}

/// Whether a stretch tells a width at all: there is a bar, and its width is known better than that it is one.
fn tells(fit: &Fit) -> bool {
    fit.width_px > 0.2 && fit.level > 0.02 && fit.width_se_px < fit.width_px.max(1.0)
}

/// The ribbon's own width. The fit of the body knows the outer edges to a pixel, the line between two shafts less well.
fn outline(ribbon: &Ribbon) -> Width {
    let mean_px = ribbon.mean_width_px();
    let se_px = (HALF_SD[0] as f32 * mean_px).max(2.0 * HALF_SD[1] as f32);
    Width { mean_px, se_px, sd_px: 0.0, level: None, basis: DiameterBasis::Outline }
}

/// Least share of a course that stands free for [`widths_from`] to read the width there: less may be the tapered end alone.
const LEAST_FREE: f32 = 0.25;

/// Widths of the ribbons from `first` on, with the blur that [`widths`] found; the others only stand in the way. `levels`
/// are their opacities. One that stands free over too little of its course keeps its ribbon's width; the flag says whether
/// the width was read.
pub fn widths_from(
    first: usize,
    ribbons: &[&Ribbon],
    levels: &[f32],
    opacity: &Plane,
    blur: &Blur,
    usual_level: f32,
) -> Vec<(Width, bool)> {
    let owners = owners(ribbons, opacity);
    (first..ribbons.len())
        .map(|k| {
            let mut stacks = stacks(k, ribbons, levels, opacity, &owners);
            stacks.retain(Stack::is_free);
            let free: f32 = stacks.iter().map(|stack| stack.length_px).sum();
            if free < LEAST_FREE * ribbons[k].length_px() {
                stacks.clear();
            }
            let width = read(ribbons[k], &stacks, blur, usual_level);
            (width.of_shaft(), !stacks.is_empty())
        })
        .collect()
}

/// Median-guarded, length-weighted mean of the stretches.
fn mean(fits: &[(f32, Fit)], basis: DiameterBasis) -> Option<Width> {
    if fits.is_empty() {
        return None;
    }
    let width = |fit: &Fit| fit.width_px as f32;
    let median = upper_median_of(fits.iter().map(|(_, fit)| width(fit)));
    let rms = upper_median_of(fits.iter().map(|(_, fit)| fit.rms as f32));
    // A flake, a highlight or an unseen neighbour makes a stretch that fits no bar; it is left out.
    let good: Vec<&(f32, Fit)> = fits
        .iter()
        .filter(|(_, fit)| {
            (width(fit) - median).abs() < 0.3 * median + 0.6 && (fit.rms as f32) < 2.5 * rms + 0.01
        })
        .collect();
    let total: f32 = good.iter().map(|(length, _)| length).sum();
    if total <= 0.0 {
        return None;
    }
    let mean_px = good.iter().map(|(length, fit)| length * width(fit)).sum::<f32>() / total;
    let sd_px = (good.iter().map(|(length, fit)| length * (width(fit) - mean_px).powi(2)).sum::<f32>()
        / total)
        .sqrt();
    let fit_se =
        good.iter().map(|(length, fit)| (length * fit.width_se_px as f32).powi(2)).sum::<f32>().sqrt()
            / total;
    let n = good.len() as f32;
    // Stretches that differ by more than their errors say that these are too small: the larger of the two holds, as in the
    // averages of the Particle Data Group (doi:10.1103/PhysRevD.110.030001, section 5.2.2).
    let spread_se = if n > 1.0 { sd_px / (n - 1.0).sqrt() } else { 0.0 };
    let level = good.iter().map(|(length, fit)| length * fit.level as f32).sum::<f32>() / total;
    Some(Width { mean_px, se_px: fit_se.max(spread_se), sd_px, level: Some(level), basis })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_is_the_shaft_s_own() {
        let outline =
            Width { mean_px: 12.0, se_px: 1.0, sd_px: 0.0, level: None, basis: DiameterBasis::Outline };
        assert_eq!(outline.of_shaft(), outline);
    }
}
