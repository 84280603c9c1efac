//! Prints the scale marks that photos show: `cargo run --release -p vellus --example scale -- PHOTO…`

use std::time::Instant;

use vellus::{DecodeLimits, Photo, scale};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let photo = Photo::open(&path, &DecodeLimits::default())?;
        let start = Instant::now();
        let seen = scale::look(&photo);
        println!("{path}  {:.0} ms", 1e3 * start.elapsed().as_secs_f64());
        for mark in &seen.marks {
            println!(
                "  {:?} \"{}\" {} µm per px ± {:.2} %",
                mark.kind,
                mark.label,
                mark.um_per_px,
                100.0 * mark.relative_error
            );
        }
        for ruler in &seen.rulers {
            println!(
                "  ruler: {} ticks {:.3} px apart, a longer one every {:?}",
                ruler.ticks, ruler.period_px, ruler.longer_every
            );
        }
        for sentence in &seen.unread {
            println!("  {sentence}");
        }
    }
    Ok(())
}
