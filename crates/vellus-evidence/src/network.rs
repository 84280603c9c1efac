//! The network: a U-Net over pictures whose sides are multiples of [`Network::multiple`].

use rayon::prelude::*;

use crate::convolve::{Convolution, Maps, Source};
use crate::dispatch::Level;
use crate::grid::{Grid, Light};
use crate::planes::{OUTPUTS, Planes};
use crate::tiles;
use crate::weights::{Layer, WeightsError, layers};

/// Pixels that are folded into one.
const FOLDED: usize = 4;
/// Densities of 2 × 2 pixels in three colours.
pub(crate) const INPUTS: usize = 3 * FOLDED;

/// A network with its weights.
///
/// From fine to coarse, every level has two convolutions and halves its picture for the next; back up, the coarser
/// picture is enlarged and put before the level's own, then convolved, once (twice at the finest level). A last layer
/// makes the eight planes of it, four pixels at a time, which are unfolded.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    down: Vec<[Convolution; 2]>,
    /// From the coarsest level but one to the finest.
    up: Vec<Vec<Convolution>>,
    head: Layer,
    level: Level,
}

impl Default for Network {
    fn default() -> Self {
        Self::new()
    }
}

impl Network {
    /// The network with the weights that come with this crate.
    pub fn new() -> Self {
        match Self::from_bytes(include_bytes!("../weights/evidence.bin")) {
            Ok(network) => network,
            Err(error) => unreachable!("the weights in the crate are read by a test: {error}"),
        }
    }

    /// A network with other weights, as `weights/pack.py` writes them from an ONNX export.
    ///
    /// # Errors
    ///
    /// If `bytes` are no file of weights, or its layers are no U-Net of this kind.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        let layers = layers(bytes)?;
        // Two convolutions per level down, one per level up, one more at the finest, and the head.
        let levels = layers.len().saturating_sub(1) / 3;
        let wrong = |index: usize, reason: String| Err(WeightsError::Layer { index, reason });
        if levels < 2 || layers.len() != 3 * levels + 1 {
            return wrong(
                layers.len(),
                "a U-Net has 3 layers per level and one more, and at least two levels".into(),
            );
        }
        let width = |level: usize| layers[2 * level + 1].outputs;
        let last = layers.len() - 1;
        for (index, layer) in layers.iter().enumerate() {
            let inputs = match index {
                0 => INPUTS,
                _ if index < 2 * levels => layers[index - 1].outputs,
                _ if index >= last - 1 => layers[index - 1].outputs,
                // The picture from below comes first, then the level's own.
                _ => layers[index - 1].outputs + width(3 * levels - 2 - index),
            };
            let side = if index == last { 1 } else { 3 };
            if (layer.inputs, layer.side) != (inputs, side) {
                let reason = format!(
                    "it has {} inputs and a kernel of side {}, where {inputs} and {side} fit",
                    layer.inputs, layer.side
                );
                return wrong(index, reason);
            }
        }
        if layers[last].outputs != FOLDED * OUTPUTS {
            return wrong(
                last,
                format!(
                    "it has {} outputs; the planes are {OUTPUTS}, of {FOLDED} pixels each",
                    layers[last].outputs
                ),
            );
        }
        let convolutions: Vec<Convolution> = layers[..last].iter().map(Convolution::new).collect();
        let (down, up) = convolutions.split_at(2 * levels);
        let down = down.chunks_exact(2).map(|pair| [pair[0].clone(), pair[1].clone()]).collect();
        let (single, finest) = up.split_at(levels - 2);
        let up = single.iter().map(|one| vec![one.clone()]).chain([finest.to_vec()]).collect();
        let Some(head) = layers.into_iter().next_back() else { unreachable!("there are layers") };
        Ok(Self { down, up, head, level: Level::best() })
    }

    /// What the network sees on a photo whose pixels are `um_per_px` wide, 0.5 to 50 µm; other values are taken as the
    /// nearest of these. Memory grows with the photo only by what the planes take: large photos are worked on in tiles.
    pub fn planes(&self, light: &Light, um_per_px: f64) -> Planes {
        let grid = Grid::new(light, um_per_px);
        let raw = tiles::raw(self, &grid, tiles::MOST_PX);
        Planes::new(&grid, raw)
    }

    /// Sides of a picture that the network takes are multiples of this, folded px.
    pub(crate) fn multiple(&self) -> usize {
        1 << (self.down.len() - 1)
    }

    /// Distance up to which the input reaches an output, folded px, as a multiple of [`Self::multiple`].
    pub(crate) fn reach(&self) -> usize {
        let last = self.down.len() - 1;
        // Each convolution reaches one px of its level; pooling and enlarging, one px less than theirs in the finest.
        let down: usize = (0..=last).map(|level| 2 << level).sum();
        let up: usize = (0..last).map(|level| self.up[last - 1 - level].len() << level).sum();
        (down + up + (1 << last)).next_multiple_of(self.multiple())
    }

    /// The raw outputs for a picture of [`INPUTS`] channels; twice as wide and high.
    pub(crate) fn run(&self, input: Maps) -> Maps {
        let level = self.level;
        let mut finer: Vec<Maps> = Vec::new();
        let mut here = input;
        for (k, [first, second]) in self.down.iter().enumerate() {
            if k > 0 {
                let pooled = here.pooled();
                finer.push(here);
                here = pooled;
            }
            here = first.of(&[Source::Plain(&here)], here.width, here.height, level);
            here = second.of(&[Source::Plain(&here)], here.width, here.height, level);
        }
        for convolutions in &self.up {
            let Some(own) = finer.pop() else { unreachable!("one per level") };
            let (width, height) = (own.width, own.height);
            let [first, further @ ..] = convolutions.as_slice() else { unreachable!("one at least") };
            here = first.of(&[Source::Enlarged(&here), Source::Plain(&own)], width, height, level);
            drop(own);
            for convolution in further {
                here = convolution.of(&[Source::Plain(&here)], width, height, level);
            }
        }
        self.head(&here)
    }

    /// The last layer: sums over the channels of a pixel, four per plane, which are its 2 × 2 pixels.
    fn head(&self, maps: &Maps) -> Maps {
        let (inputs, width) = (maps.channels, maps.width);
        let mut raw = Maps::zeros(OUTPUTS, 2 * width, 2 * maps.height);
        raw.data.par_chunks_mut(2 * OUTPUTS * width).enumerate().for_each(|(row, out)| {
            let mut sums = vec![0.0; width];
            for (plane, out) in out.chunks_exact_mut(2 * width).enumerate() {
                for column in 0..2 {
                    let output = FOLDED * plane + 2 * (row % 2) + column;
                    sums.fill(self.head.biases[output]);
                    for input in 0..inputs {
                        let weight = self.head.weights[output * inputs + input];
                        sums.iter_mut()
                            .zip(maps.row(row / 2, input))
                            .for_each(|(sum, value)| *sum += weight * value);
                    }
                    out[column..].iter_mut().step_by(2).zip(&sums).for_each(|(out, sum)| *out = *sum);
                }
            }
        });
        raw
    }

    #[cfg(test)]
    pub(crate) fn at_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
