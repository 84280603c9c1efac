//! The options of `vellus calibrate`.

use std::path::PathBuf;

const CALIBRATE_EXAMPLES: &str = "\
Examples:
  vellus calibrate ruler.jpg
      Measures a ruler with ticks of 1 mm: µm per px along x and y, distortion, standard error.
  vellus calibrate micrometer.png --tick-mm 0.1 --output photos/vellus.toml --device 'microscope 2' --magnification 70x
      Measures a stage micrometer and writes the site file, by which all photos in that folder and below are measured.

Photograph the ruler with the device and at the magnification of the photos, flat under the contact glass, with at least \
eight ticks across the field, 16 px or more apart; two rulers at right angles tell x and y. Finer ticks are refused, also where \
longer ones among them look like a ruler of their own; only where blur has wiped them out (less than three times its sigma apart) can they \
not be noticed. Compare the length from the first to the last tick that is printed with the ruler.

Exit codes:
  0  measured
  1  no ruler was found, or the site file could not be written
  2  wrong usage";

/// Measure the scale on a photo of a ruler or stage micrometer, and write the site file.
#[derive(Debug, clap::Args)]
#[command(after_help = CALIBRATE_EXAMPLES)]
pub struct CalibrateArgs {
    /// Photo of the ruler.
    #[arg(value_name = "RULER_PHOTO")]
    pub photo: PathBuf,

    /// Distance of two neighbouring ticks, mm.
    #[arg(long, value_name = "mm", default_value_t = 1.0, allow_negative_numbers = true)]
    pub tick_mm: f64,

    /// Write the site file; of one that is there the other keys stay [default: none].
    #[arg(long, short, value_name = "vellus.toml")]
    pub output: Option<PathBuf>,

    /// The device, as it is to be named in the site file.
    #[arg(long, value_name = "NAME", requires = "output")]
    pub device: Option<String>,

    /// The magnification that it is set to.
    #[arg(long, value_name = "TEXT", requires = "output")]
    pub magnification: Option<String>,
}
