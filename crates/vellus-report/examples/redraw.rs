//! Draws a stored measurement on its photo again, without measuring: `redraw PHOTO MEASUREMENT.json OVERLAY.png`.

use vellus::Measurement;
use vellus_report::overlay::{OverlayStyle, overlay};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [photo, measurement, picture] = arguments.as_slice() else {
        return Err("usage: redraw PHOTO MEASUREMENT.json OVERLAY.png".into());
    };
    let photo = image::open(photo)?.to_rgb8();
    let measurement: Measurement = serde_json::from_str(&std::fs::read_to_string(measurement)?)?;
    overlay(&photo, &measurement, &OverlayStyle::default()).save(picture)?;
    Ok(())
}
