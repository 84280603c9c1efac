//! The options of `vellus measure`.

use std::path::PathBuf;

use super::common::{Measuring, PageOptions, Printing, Running};

const MEASURE_EXAMPLES: &str = "\
Examples:
  vellus measure left.jpg --um-per-px 5.54
  vellus measure left.jpg --um-per-px 5.54 --region circle:640,512,450 --overlay left.overlay.png
  vellus measure left.jpg --um-per-px 5.54 --region front=rect:0,0,640,1024 --region back=rect:640,0,640,1024
  vellus measure left.jpg --um-per-px 5.54 --region annotations.geojson
      A row per region, and the total.
  vellus measure left.jpg --um-per-px 5.54 --json - | jq .summary
  vellus measure left.jpg --um-per-px 5.54 --report left.html --language de
      A page to show and to correct the hairs on, in German.
  vellus measure left.jpg --um-per-px 5.54 --rois left.rois.zip
      Shafts for ImageJ's ROI manager; left.geojson for QuPath.
  vellus measure visits/*.jpg --protocol trial.toml --quiet --json visits.jsonl --csv tables
  vellus measure left.jpg --um-per-px 5.54 --corrections left.corrections.json
      Takes out, adds and turns the hairs that a reader did, and measures again.

The scale is the length of a pixel on the scalp. Photograph a stage micrometer or a ruler with the same device \
and magnification: µm between two marks, divided by the pixels between them.

Exit codes:
  0  measured; a photo that cannot carry a measurement says so (verdict 'fail')
  1  a photo could not be read, or a result could not be written; the others are done. Or a corrections file is of another \
photo than the one it is given for; nothing was measured
  2  wrong usage; nothing was measured";

/// Measure every hair on one or more photos.
#[derive(Debug, clap::Args)]
#[command(after_help = MEASURE_EXAMPLES)]
pub struct MeasureArgs {
    /// JPEG, PNG, TIFF, BMP, GIF, WebP or DICOM; of several pages or frames the first.
    #[arg(value_name = "PHOTO", required = true)]
    pub photos: Vec<PathBuf>,

    #[command(flatten)]
    pub measuring: Measuring,

    /// Part of the photo that is analysed, px: whole, rect:X,Y,WIDTH,HEIGHT, circle:X,Y,RADIUS or polygon:X,Y,X,Y,X,Y,…; or a
    /// file: a mask image of the photo's size (PNG, TIFF or BMP; inside is not black, or 255 under ImageJ's inverting table) or
    /// GeoJSON of polygons (QuPath). Several are summed up each by itself and together; NAME=SHAPE names one, and comes before
    /// the names of a file's several. Where they overlap, a hair counts in each, and once in the total
    /// [default: the protocol's, which is whole].
    #[arg(long, value_name = "[NAME=]SHAPE|FILE", help_heading = "Measuring")]
    pub region: Vec<String>,

    /// What a reader corrected: a file NAME.corrections.json, or a folder of them; each is found by the content of its
    /// photo. Hairs that were added are measured, and the automatic numbers are kept beside [default: none].
    #[arg(long, value_name = "FILE|FOLDER", num_args = 1, help_heading = "Measuring")]
    pub corrections: Vec<PathBuf>,

    /// Write the full record as JSON, one document per line; - is standard output [default: none].
    #[arg(long, value_name = "FILE|-", help_heading = "Output")]
    pub json: Option<PathBuf>,

    /// Write one row per hair as CSV; a folder for several photos (PHOTO.hairs.csv), - is standard output [default: none].
    #[arg(long, value_name = "FILE|FOLDER|-", help_heading = "Output")]
    pub csv: Option<PathBuf>,

    /// Draw the hairs on the photo as PNG; a folder for several photos (PHOTO.overlay.png) [default: none].
    #[arg(long, value_name = "FILE.png|FOLDER", help_heading = "Output")]
    pub overlay: Option<PathBuf>,

    /// Write the shafts as regions of interest: an ImageJ RoiSet (.zip), or GeoJSON for QuPath (.geojson); a folder for
    /// several photos (PHOTO.rois.zip) [default: none].
    #[arg(long, value_name = "FILE.zip|FILE.geojson|FOLDER", help_heading = "Output")]
    pub rois: Option<PathBuf>,

    #[command(flatten)]
    pub page: PageOptions,

    #[command(flatten)]
    pub printing: Printing,

    #[command(flatten)]
    pub running: Running,
}
