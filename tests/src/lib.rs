//! Tests of the whole: truth, change, reference, invariance, properties, stages, pictures, clinic photos.
//!
//! The tests are in `tests/`, one file per kind. Here is what they share:
//!
//! | module | what |
//! |---|---|
//! | [`bars`] | planes of blurred bars in closed form |
//! | [`blurred`] | photos a part of which is out of focus |
//! | [`change`] | what is said of drawn pairs against the truth about them |
//! | [`drawn`] | measures drawn scalps and targets |
//! | [`evidence`] | fits what the evidence weighs to drawn scalps |
//! | [`mod@line`] | polylines: resampling, distance; of `vellus-validate` |
//! | [`page`] | a table between two markers of a page |
//! | [`record`] | records made by hand |
//! | [`retake`] | one photo as if it had been taken again |
//! | [`mod@score`] | found hairs against true hairs |
//! | [`sure`] | stated intervals and confidences against the truth |
//! | [`table`] | the accuracy table of the README |
//! | [`thickness`] | how well a diameter is known |
//! | [`turn`] | flips and quarter turns of photos, and where a point goes |
//! | [`shared`] | photos that are not in the repository |

pub mod bars;
pub mod blurred;
pub mod change;
pub mod drawn;
pub mod evidence;
pub mod page;
pub mod record;
pub mod retake;
pub mod score;
pub mod shared;
pub mod sure;
pub mod table;
pub mod thickness;
pub mod turn;

pub use score::{Score, score};
pub use turn::Turn;
pub use vellus_validate::line;
