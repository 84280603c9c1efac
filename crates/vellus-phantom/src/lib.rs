//! Draws scalp photos with exact truth, to test what measures hair.
//!
//! ```text
//! Scene ──grow──► Scalp ──photograph──► Phantom { image, truth }
//!          seed    (µm)   Visit, seed
//! ```
//!
//! A [`Scene`] holds every parameter; [`grow`] makes a [`Scalp`] in µm (follicular units by blue noise, hairs,
//! marks of the skin); [`photograph`] takes a picture of it as a [`Visit`] says (pose, warp of the skin,
//! light, lens, sensor). [`pair()`] takes two, with hairs lost, gained, thickened or grown between them.
//! [`targets`] draws exactly specified shafts on uniform skin. Coverage of shaft edges is analytic
//! ([`render::coverage`]). The same seed gives the same bytes on every machine.
//!
//! ```
//! use vellus_phantom::{Scene, Visit, encode, grow, photograph};
//!
//! let scene = Scene { width_px: 320, height_px: 240, ..Scene::named("clipped_typical")? };
//! let scalp = grow(&scene, 7);
//! let visit = Visit::new(&scene, 7);
//! let phantom = photograph(&scalp, &visit, 7);
//! assert_eq!(phantom.image.dimensions(), (320, 240));
//! let file = encode(&phantom.image, visit.encoding)?;
//! # assert!(!file.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Pixels: x right, y down, the centre of the top-left pixel is (0, 0).

pub mod anything;
pub mod detail;
pub mod encode;
pub mod geometry;
pub mod hair;
mod noise;
pub mod pair;
pub mod random;
pub mod render;
pub mod scalp;
pub mod scene;
pub mod targets;
pub mod tone;
pub mod truth;
pub mod visit;

pub use detail::Detail;
pub use encode::{EncodeError, Encoding, encode};
pub use hair::{Hair, HairKind, HairShape};
pub use pair::{PairKind, PairTruth, PhantomPair, extraction, pair};
pub use render::{Phantom, photograph};
pub use scalp::{Scalp, Unit, grow};
pub use scene::{Mode, RANDOM, SIDE_PX, ScaleMarkKind, Scene, SceneError, UnknownScene};
pub use tone::{HairTone, SkinTone};
pub use truth::{HairTruth, Truth, UnitTruth};
pub use visit::{Pose, Visit, Warp};

/// The photo of a scene: grows the scalp and takes one picture, all from one seed.
pub fn draw(scene: &Scene, seed: u64) -> Phantom {
    photograph(&grow(scene, seed), &Visit::new(scene, seed), seed)
}

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
