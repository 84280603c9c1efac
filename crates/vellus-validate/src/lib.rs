//! Holds measurements against photos whose hairs were marked by hand, so that a clinic can see on ten photos of its own
//! device how far vellus can be trusted there.
//!
//! | module | in → out |
//! |---|---|
//! | [`marks`] | `*.marks.json` → [`marks::Marks`]: the format, and how to mark |
//! | [`judge`] | marks and a measurement → which hair is which; what was missed, what is false, and why |
//! | [`summary`] | all photos → precision, recall, F1, count bias, limits of agreement, coverage of the intervals |
//! | [`agreement`] | what several readers corrected, and the machine alone → how far each two agree on counts and hairs |
//! | [`atlas`] | a photo and an error → a picture of it |
//! | [`mod@line`], [`mod@pair`] | polylines; the best one-to-one pairing |

pub mod agreement;
pub mod atlas;
pub mod judge;
pub mod line;
pub mod marks;
pub mod pair;
pub mod summary;
