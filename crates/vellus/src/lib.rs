//! vellus measures hair on standardised scalp photos.

pub mod bar;
pub mod body;
pub mod calibration;
pub mod contrast;
pub mod estimate;
pub mod evidence;
pub mod finding;
pub mod hair;
pub mod linear;
pub mod mask;
pub mod measure;
pub mod measurement;
pub mod plane;
pub mod profile;
pub mod propose;
pub mod photo;
pub mod protocol;
pub mod region;
pub mod ribbon;
pub mod ridge;
pub mod root;
pub mod select;
pub mod shafts;
pub mod summarise;
pub mod track;
pub mod unit;

pub use calibration::{Calibration, CalibrationError, CalibrationSource};
pub use estimate::Estimate;
pub use finding::{Finding, FindingCode, Severity, Verdict};
pub use hair::{FollicularUnit, Hair, HairClass, NotCounted, PointPx, Polarity};
pub use measure::{StageTiming, TimedMeasurement, measure, measure_timed};
pub use measurement::{Measurement, Quality, Summary};
pub use photo::{DecodeLimits, Photo, PhotoError};
pub use protocol::{Protocol, ProtocolError};
pub use region::{Region, RegionError, RegionShape};

/// Version of the library, as stored in every [`Measurement`].
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
