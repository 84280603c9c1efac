//! The options of `vellus deidentify`.

use std::path::PathBuf;

use vellus::{Calibration, RegionShape};

use super::common::scale;

const DEIDENTIFY_EXAMPLES: &str = "\
Examples:
  vellus deidentify left.jpg clean/left.png --um-per-px 5.54
      The pixels alone, upright, captions blanked, the scale kept.
  vellus deidentify photos clean
      Every photo of the folder: clean/NAME.png.
  vellus deidentify left.dcm left.png --blank rect:0,0,300,40

What is written is a PNG without loss: the pixels of the photo, turned upright and converted to sRGB, and the length of a pixel \
where the file states it or --um-per-px gives it (pHYs). No other metadata, no thumbnail, no second page. Captions in a flat \
box or band, and words in a black surround, are filled with the colour that they stand on; their edges stay, so that the copy \
is measured like the photo. Boxes whose inside is not flat are left and named, as they may be scalp. Text that is drawn \
straight onto the skin is not recognised, and a scale bar in a caption goes with it: look at the copies. Names of files are \
kept; `vellus blind` copies photos under codes.

Exit codes:
  0  all photos are copied
  1  a photo could not be read, or a copy could not be written; the others are done
  2  wrong usage; nothing was copied";

/// Copy photos without what can name a person: no metadata, captions blanked.
#[derive(Debug, clap::Args)]
#[command(after_help = DEIDENTIFY_EXAMPLES)]
pub struct DeidentifyArgs {
    /// A photo, or a folder of photos.
    #[arg(value_name = "PHOTO|FOLDER")]
    pub input: PathBuf,

    /// The copy, which ends in .png, or a folder for the copies; never the photo itself.
    #[arg(value_name = "FILE.png|FOLDER")]
    pub output: PathBuf,

    /// Length of a pixel on the scalp, µm, to be kept in the copies [default: what the file states].
    #[arg(long, value_name = "µm", value_parser = scale, allow_negative_numbers = true)]
    pub um_per_px: Option<Calibration>,

    /// A rectangle to fill with black, px of the upright photo: rect:X,Y,WIDTH,HEIGHT; may be given several times.
    #[arg(long, value_name = "SHAPE")]
    pub blank: Vec<RegionShape>,

    /// Protocol, for its limits of what is decoded [default: those of `vellus protocol`].
    #[arg(long, value_name = "FILE.toml")]
    pub protocol: Option<PathBuf>,

    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
}
