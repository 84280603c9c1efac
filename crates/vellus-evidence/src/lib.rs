//! What a small network sees of hair on a scalp photo.
//!
//! [`Network::planes`] takes a photo in linear light and the length of its pixels and gives [`Planes`]: for every 6 µm
//! of scalp how much of it is rooted hair, whether the axis of a shaft runs there and which way, whether a root or a tip
//! lies there, how wide the shaft is, and whether it is scalp at all.
//!
//! The network is a U-Net of half a million weights. It was trained on scalps drawn by `vellus-phantom` and on nothing
//! else; the card beside the training scripts says with what result.
//!
//! # Same numbers everywhere
//!
//! The planes are the same, bit by bit, for any number of threads, any size of tiles and any vector unit. Every output of
//! a convolution is one sum in one fixed order, multiplied and added in two rounded steps (never fused), so that wider
//! vectors compute more outputs at a time but never another number. This is why the convolution is written here:
//! inference engines choose kernels by CPU, whose sums differ in the last digits.
//!
//! # Pixels
//!
//! x points right, y points down; the centre of the top-left pixel is (0, 0), of the photo as of the planes.

mod convolve;
mod dispatch;
mod grid;
mod network;
mod planes;
mod tiles;
mod weights;

pub use grid::Light;
pub use network::Network;
pub use planes::{PLANE_UM_PER_PX, Planes};
pub use weights::WeightsError;
