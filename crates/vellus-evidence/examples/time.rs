//! Times the network on a photo of 1280 × 1024: `cargo run --release -p vellus-evidence --example time`.
//! `RAYON_NUM_THREADS` sets the number of threads.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::time::Instant;

use vellus_evidence::{Light, Network};

fn main() {
    let (width, height) = (1280, 1024);
    // Slanted dark stripes on even skin.
    let plane: Vec<f32> =
        (0..width * height).map(|i| if (i % width + i / width / 2) % 90 < 14 { 0.03 } else { 0.4 }).collect();
    let light = Light { primaries: [&plane, &plane, &plane], width, height };
    let network = Network::new();
    for _ in 0..5 {
        let start = Instant::now();
        let planes = network.planes(&light, 5.54);
        let seconds = start.elapsed().as_secs_f64();
        let hair: f32 = planes.matte.iter().sum::<f32>() / planes.matte.len() as f32;
        println!("{} × {}: {seconds:.3} s, share of hair {hair:.6}", planes.width, planes.height);
    }
}
