//! A small network that tells the glyphs of scale labels: digits, the point, m, µ (and u), c, r, = and anything else.
//!
//! A window of 20 × 20 of ink → a probability per [`Glyph`]. Two convolutions and two full layers; `glyphs/train.py` trained it on lines of
//! text in open fonts, worn as print on photos is, with parts of glyphs and pairs of them as what is none. It has seen
//! none of the photos that it is judged on.

use std::sync::LazyLock;

/// Side of the window.
pub(crate) const SIDE: usize = 20;
/// Row of the window on which the baseline lies.
pub(crate) const BASELINE: f32 = 15.0;
/// Height of a digit in the window.
pub(crate) const DIGIT: f32 = 12.0;
/// Channels of the two convolutions, which halve the side each.
const CHANNELS: [usize; 2] = [12, 24];
/// Neurons of the hidden full layer.
const HIDDEN: usize = 64;
/// Classes.
pub(crate) const CLASSES: usize = 17;

const WEIGHTS: &[u8] = include_bytes!("../../glyphs/glyphs.bin");

/// What a glyph is, in the order of the network's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    Digit(u8),
    Point,
    M,
    Micro,
    C,
    R,
    Equals,
    Other,
}

impl Glyph {
    pub const ALL: [Self; CLASSES] = [
        Self::Digit(0),
        Self::Digit(1),
        Self::Digit(2),
        Self::Digit(3),
        Self::Digit(4),
        Self::Digit(5),
        Self::Digit(6),
        Self::Digit(7),
        Self::Digit(8),
        Self::Digit(9),
        Self::Point,
        Self::M,
        Self::Micro,
        Self::C,
        Self::R,
        Self::Equals,
        Self::Other,
    ];

    pub fn letter(self) -> char {
        match self {
            Self::Digit(d) => char::from(b'0' + d),
            Self::Point => '.',
            Self::M => 'm',
            Self::Micro => 'µ',
            Self::C => 'c',
            Self::R => 'r',
            Self::Equals => '=',
            Self::Other => '?',
        }
    }
}

/// A fully connected layer: per output its weights and its bias.
struct Layer {
    weights: Vec<f32>,
    biases: Vec<f32>,
}

impl Layer {
    /// From the file: weights as bytes, a step per output, biases.
    fn read(bytes: &mut &[u8], inputs: usize, outputs: usize) -> Self {
        let mut take = |n: usize| {
            let (head, tail) = bytes.split_at(n);
            *bytes = tail;
            head
        };
        let floats = |bytes: &[u8]| {
            bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect::<Vec<_>>()
        };
        let raw = take(inputs * outputs);
        let steps = floats(take(4 * outputs));
        let biases = floats(take(4 * outputs));
        let weights = raw
            .chunks_exact(inputs)
            .zip(&steps)
            .flat_map(|(row, step)| row.iter().map(move |&v| f32::from(v as i8) * step))
            .collect();
        Self { weights, biases }
    }

    fn apply(&self, input: &[f32]) -> Vec<f32> {
        let dot = |row: &[f32]| {
            // Eight sums side by side, so that the compiler uses vectors; the order is fixed.
            let mut sums = [0.0_f32; 8];
            let (rows, inputs) = (row.as_chunks::<8>(), input.as_chunks::<8>());
            for (r, i) in rows.0.iter().zip(inputs.0) {
                sums.iter_mut().zip(r.iter().zip(i)).for_each(|(sum, (r, i))| *sum += r * i);
            }
            let rest: f32 = rows.1.iter().zip(inputs.1).map(|(r, i)| r * i).sum();
            sums.iter().sum::<f32>() + rest
        };
        self.weights.chunks_exact(input.len()).zip(&self.biases).map(|(row, bias)| dot(row) + bias).collect()
    }
}

static NETWORK: LazyLock<[Layer; 4]> = LazyLock::new(|| {
    let mut bytes = WEIGHTS;
    let inputs = [9, 9 * CHANNELS[0], CHANNELS[1] * (SIDE / 4) * (SIDE / 4), HIDDEN];
    let outputs = [CHANNELS[0], CHANNELS[1], HIDDEN, CLASSES];
    [0, 1, 2, 3].map(|k| Layer::read(&mut bytes, inputs[k], outputs[k]))
});

/// A 3 × 3 convolution in steps of two px, blank beyond the edge, negative values cut. `input` holds squares of `side`.
fn halve(layer: &Layer, input: &[f32], side: usize) -> Vec<f32> {
    let (half, channels) = (side / 2, input.len() / (side * side));
    let (patches, outputs) = (9 * channels, layer.biases.len());
    let mut output = vec![0.0; outputs * half * half];
    let mut patch = vec![0.0; patches];
    for place in 0..half * half {
        let (x, y) = (2 * (place % half), 2 * (place / half));
        for (k, value) in patch.iter_mut().enumerate() {
            let (channel, dy, dx) = (k / 9, k % 9 / 3, k % 3);
            let inside = x + dx >= 1 && y + dy >= 1 && x + dx <= side && y + dy <= side;
            *value = if inside { input[(channel * side + y + dy - 1) * side + x + dx - 1] } else { 0.0 };
        }
        for (k, value) in layer.apply(&patch).into_iter().enumerate() {
            output[k * half * half + place] = value.max(0.0);
        }
    }
    output
}

/// Probability of every [`Glyph`]; `window` holds ink, 0 to 1, row by row.
pub(crate) fn tell(window: &[f32; SIDE * SIDE]) -> [f32; CLASSES] {
    let [first, second, third, fourth] = &*NETWORK;
    let seen = halve(second, &halve(first, window, SIDE), SIDE / 2);
    let hidden: Vec<f32> = third.apply(&seen).into_iter().map(|v| v.max(0.0)).collect();
    let scores = fourth.apply(&hidden);
    let top = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut shares = [0.0; CLASSES];
    for (share, score) in shares.iter_mut().zip(&scores) {
        *share = libm::expf(score - top);
    }
    let sum: f32 = shares.iter().sum();
    shares.map(|share| share / sum)
}
