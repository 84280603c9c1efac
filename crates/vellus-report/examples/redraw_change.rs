//! Draws a stored comparison on its photos again, without measuring, as PNG or JPEG by the name of the picture:
//! `redraw_change BASELINE FOLLOW_UP COMPARISON.json PICTURE`.

use vellus::Comparison;
use vellus_report::overlay::{OverlayStyle, change};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [baseline, follow_up, comparison, picture] = arguments.as_slice() else {
        return Err("usage: redraw_change BASELINE FOLLOW_UP COMPARISON.json PICTURE".into());
    };
    let [baseline, follow_up] = [image::open(baseline)?.to_rgb8(), image::open(follow_up)?.to_rgb8()];
    let comparison: Comparison = serde_json::from_str(&std::fs::read_to_string(comparison)?)?;
    change(&baseline, &follow_up, &comparison, &OverlayStyle::default()).save(picture)?;
    Ok(())
}
