//! Measures one photo: `cargo run --release -p vellus --example minimal -- samples/clipped.jpg 5`.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use vellus::{Calibration, CalibrationSource, Photo, Protocol, measure};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, um_per_px] = arguments.as_slice() else {
        return Err("usage: minimal PHOTO UM_PER_PX".into());
    };
    let protocol = Protocol::default();
    let photo = Photo::open(path, &protocol.decode)?;
    let scale = Calibration::new(um_per_px.parse()?, CalibrationSource::Flag)?;
    let measurement = measure(&photo, Some(scale), &protocol);

    println!("{} hairs", measurement.summary.hair_count);
    for hair in measurement.counted() {
        if let (Some(diameter), Some(error)) = (hair.diameter_um, hair.diameter_se_um) {
            println!("{:3}: {diameter:.1} ± {error:.1} µm at {:?}", hair.id, hair.root_px);
        }
    }
    for finding in &measurement.quality.findings {
        println!("{}", finding.message);
    }
    Ok(())
}
