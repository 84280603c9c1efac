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
where the file states it on the object or --um-per-px gives it (pHYs). No other metadata, no thumbnail, no second page. Names of \
files are kept; `vellus blind` copies photos under codes.

Blanked by itself, with the colour it stands on: text in a flat box; a black, white, grey or vivid panel or band that is flush with the frame, \
however wide up to half of the photo (a black one may become white, so that it is not taken for the surround); words in a black surround; a grey strip along the frame, as a whole once a piece of it was found, with what shines through it; print of a \
vivid colour. Away from strips the mask of the scalp stays; no letter of a strip counts as hair afterwards, so that counts may \
differ from the photo's. Left and named: boxes and edges of graphics whose inside may be scalp, an edge with 32 px around it, which need not cover all of \
a text. \
A panel in a colour that skin or hair may have is blanked if a line of print stands in it and it ends in a straight border. Whatever was blanked, a line of print that is left in the \
copy, on any ground and in any colour, is named, and the exit code is 1; the label of a scale bar that was read is not.

\
Not recognised: words with fewer than four letters of one height, joined letters (as in Arabic), letters one under another, letters of less than 8 px, faint print, writing by hand, blurred text, tilted labels, stickers, tattoos, a face. A scale bar in a caption goes with it. \
Somebody has to look at every copy; --blank fills what is still there.

Of a folder, the files themselves are copied; folders in it are not entered and are named, as is every other entry that is left out.

Exit codes:
  0  all photos are copied, and no box, band or edge that looks like a caption is left; what is not recognised (above) may be
  1  copies were written, but some have to be looked at (--accept: you did), or a photo or another entry of the folder could \
not be copied; each is named on standard error
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

    /// What was named as left has been looked at and holds no name: exit code 0 nevertheless.
    #[arg(long)]
    pub accept: bool,

    /// Replace copies that exist.
    #[arg(long)]
    pub force: bool,

    /// Protocol, for its limits of what is decoded [default: those of `vellus protocol`].
    #[arg(long, value_name = "FILE.toml")]
    pub protocol: Option<PathBuf>,

    /// Print nothing but errors and what has to be looked at.
    #[arg(long, short)]
    pub quiet: bool,
}
