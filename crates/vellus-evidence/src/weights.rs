//! The file of weights.
//!
//! Little endian: the magic `VELLUSNN`, the number of layers (u32), then per layer the number of outputs and inputs and
//! the side of the kernel (3 × u32), the weights (output, input, row, column) and the biases, as 16-bit floats
//! (IEEE 754 binary16). Layers come in the order in which they are used.

use std::fmt;

const MAGIC: &[u8; 8] = b"VELLUSNN";
/// Most inputs or outputs of a layer: far above any network that is useful here, so that a damaged file asks for no
/// absurd memory.
const MOST_CHANNELS: usize = 4096;

/// One convolution as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layer {
    pub outputs: usize,
    pub inputs: usize,
    /// Side of the kernel, 1 or 3.
    pub side: usize,
    /// `outputs` × `inputs` × `side` × `side`.
    pub weights: Vec<f32>,
    /// One per output.
    pub biases: Vec<f32>,
}

/// Why a file of weights cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file does not start as a file of weights does.
    NotWeights,
    /// The file ends early, or goes on behind its last layer.
    Length {
        /// Bytes that the layers take.
        expected: usize,
        /// Bytes that there are.
        found: usize,
    },
    /// A layer does not fit the one before it.
    Layer {
        /// Which layer, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWeights => write!(
                f,
                "this is no file of weights: it does not start with \"VELLUSNN\"; write one with weights/pack.py"
            ),
            Self::Length { expected, found } => {
                write!(f, "the file of weights has {found} bytes where its layers take {expected}")
            }
            Self::Layer { index, reason } => write!(f, "layer {index} of the weights: {reason}"),
        }
    }
}

impl std::error::Error for WeightsError {}

/// Reads the layers of a file of weights.
pub(crate) fn layers(bytes: &[u8]) -> Result<Vec<Layer>, WeightsError> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or(WeightsError::NotWeights)?;
    let mut take = |n: usize| -> Result<&[u8], WeightsError> {
        let length = WeightsError::Length { expected: bytes.len() - rest.len() + n, found: bytes.len() };
        let (head, tail) = rest.split_at_checked(n).ok_or(length)?;
        rest = tail;
        Ok(head)
    };
    let number = |bytes: &[u8], k: usize| {
        u32::from_le_bytes([bytes[4 * k], bytes[4 * k + 1], bytes[4 * k + 2], bytes[4 * k + 3]]) as usize
    };
    let count = number(take(4)?, 0);
    let mut layers = Vec::new();
    for index in 0..count {
        let sizes = take(12)?;
        let (outputs, inputs, side) = (number(sizes, 0), number(sizes, 1), number(sizes, 2));
        if ![outputs, inputs].iter().all(|n| (1..=MOST_CHANNELS).contains(n)) || ![1, 3].contains(&side) {
            let reason =
                format!("{outputs} outputs, {inputs} inputs and kernels of side {side} are not supported");
            return Err(WeightsError::Layer { index, reason });
        }
        let n = outputs * inputs * side * side;
        let values: Vec<f32> = take(2 * (n + outputs))?
            .chunks_exact(2)
            .map(|b| half(u16::from_le_bytes([b[0], b[1]])))
            .collect();
        let (weights, biases) = values.split_at(n);
        layers.push(Layer { outputs, inputs, side, weights: weights.to_vec(), biases: biases.to_vec() });
    }
    let taken = bytes.len() - rest.len();
    if taken == bytes.len() {
        Ok(layers)
    } else {
        Err(WeightsError::Length { expected: taken, found: bytes.len() })
    }
}

/// The value of a 16-bit float. Infinities and NaN have no place in a file of weights and come out as large numbers.
fn half(bits: u16) -> f32 {
    let magnitude = u32::from(bits & 0x7fff);
    // The exponent is biased by 15 there and by 127 here; the product puts that right for subnormal numbers, too.
    let value = f32::from_bits(magnitude << 13) * f32::from_bits((127 + 112) << 23);
    if bits & 0x8000 == 0 { value } else { -value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_have_their_values() {
        let known =
            [(0x0000, 0.0), (0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 5.960_464_5e-8)];
        known.iter().for_each(|&(bits, value)| assert_eq!(half(bits), value));
        assert_eq!(half(0x3555), 0.333_251_95);
    }

    #[test]
    fn a_file_that_is_damaged_is_told_so() {
        assert_eq!(layers(b"ONNX"), Err(WeightsError::NotWeights));
        let mut file = MAGIC.to_vec();
        for n in [1_u32, 1, 1, 1] {
            file.extend(n.to_le_bytes());
        }
        assert_eq!(layers(&file), Err(WeightsError::Length { expected: 28, found: 24 }));
        file.extend([0x00, 0x3c, 0x00, 0x40]);
        let read = layers(&file).expect("whole");
        assert_eq!((read[0].weights[0], read[0].biases[0]), (1.0, 2.0));
        file.push(0);
        assert_eq!(layers(&file), Err(WeightsError::Length { expected: 28, found: 29 }));
    }
}
