//! How well a diameter is known: against truth, against the best that the pixels allow, against what others read, and when the
//! same photo comes again in another form.
//!
//! | module | what |
//! |---|---|
//! | [`bars`] | bars of known width, blurred, with noise, and what is read of them |
//! | [`bound`] | the least spread that any reading of such a bar can have |
//! | [`rivals`] | two usual ways to read a width, on the same pictures |
//! | [`scalps`] | diameters of drawn scalps by colour of hair, skin and scene |
//! | [`photos`] | clinic photos that come again darker, noisier, smaller |
//! | [`table`] | Markdown |

pub mod bars;
pub mod bound;
pub mod photos;
pub mod rivals;
pub mod scalps;
pub mod table;

/// Factor on a standard error that makes a 95 % interval.
const Z95: f64 = 1.96;
