//! `vellus deidentify`: copies without metadata and captions.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use vellus::deidentify::{BoxPx, blank_captions, metadata_groups};
use vellus::photo::Pixels;
use vellus::{DecodeLimits, Photo, PhotoError, RegionShape};

use crate::args::DeidentifyArgs;
use crate::common::{self, guarded};
use crate::companions::print;
use crate::terminal::{self, say};

/// Copies the photos; exit code 1 when one could not be.
///
/// # Errors
/// Wrong usage.
pub fn run(args: &DeidentifyArgs) -> Result<ExitCode> {
    let limits = common::protocol_file("deidentify", args.protocol.as_deref())?.decode;
    let blank = args.blank.iter().map(rectangle).collect::<Result<Vec<BoxPx>>>()?;
    let jobs = jobs(args)?;
    let mut failed = 0;
    for (from, to) in &jobs {
        match guarded(from, || copy(from, to, args, &blank, &limits)) {
            Ok(text) if args.quiet => drop(text),
            Ok(text) => print(text.as_bytes())?,
            // In a folder there are other files, too.
            Err(error) if args.input.is_dir() && is_no_photo(&error) => {
                say(&format!("{} is left out: it is no photo that can be read", from.display()));
            }
            Err(error) => {
                failed += 1;
                say(&format!("{error:#}"));
            }
        }
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_no_photo(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(PhotoError::UnknownFormat { .. } | PhotoError::Empty { .. }))
}

fn wrong(message: String) -> anyhow::Error {
    terminal::usage("deidentify", message)
}

fn rectangle(shape: &RegionShape) -> Result<BoxPx> {
    let &RegionShape::Rectangle { x_px, y_px, width_px, height_px } = shape else {
        return Err(wrong("--blank takes rectangles: rect:X,Y,WIDTH,HEIGHT".to_owned()));
    };
    // `as` saturates; what lies outside of the photo is cut off.
    let [x0, y0] = [x_px, y_px].map(|value| value.max(0.0) as usize);
    let [x1, y1] = [x_px + width_px, y_px + height_px].map(|value| (value.ceil() - 1.0).max(0.0) as usize);
    Ok([x0, y0, x1, y1])
}

/// Photos and their copies.
fn jobs(args: &DeidentifyArgs) -> Result<Vec<(PathBuf, PathBuf)>> {
    let (input, output) = (&args.input, &args.output);
    if !input.is_dir() {
        let copy = if output.is_dir() { output.join(named(input)) } else { output.clone() };
        if copy.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("png")) {
            return Err(wrong(format!(
                "{}: a copy is a PNG; give a name that ends in .png, or a folder that exists",
                copy.display()
            )));
        }
        let folder = copy.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(wrong(format!("the folder {} does not exist; create it first", folder.display())));
        }
        return apart(vec![(input.clone(), copy)]);
    }
    if !output.is_dir() {
        return Err(wrong(format!(
            "{}: the copies of a folder need a folder; create it first",
            output.display()
        )));
    }
    if same(input, output) {
        return Err(wrong(format!("{}: the copies need a folder of their own", output.display())));
    }
    let entries = std::fs::read_dir(input).with_context(|| format!("{} cannot be read", input.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("{} cannot be read", input.display()))?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(wrong(format!("{}: there is no file in this folder", input.display())));
    }
    apart(files.into_iter().map(|file| (file.clone(), output.join(named(&file)))).collect())
}

/// No copy may be a photo, nor another's copy.
fn apart(jobs: Vec<(PathBuf, PathBuf)>) -> Result<Vec<(PathBuf, PathBuf)>> {
    for (number, (_, copy)) in jobs.iter().enumerate() {
        if jobs.iter().any(|(photo, _)| same(photo, copy)) {
            return Err(wrong(format!(
                "{} is a photo: it would be overwritten; choose another name",
                copy.display()
            )));
        }
        let lower = |path: &Path| path.to_string_lossy().to_lowercase();
        if let Some((photo, _)) = jobs[..number].iter().find(|(_, other)| lower(other) == lower(copy)) {
            return Err(wrong(format!(
                "{} and {} would have one copy, {}; rename one of them",
                photo.display(),
                jobs[number].0.display(),
                copy.display()
            )));
        }
    }
    Ok(jobs)
}

/// Whether two names are of one file or folder, by links, too.
fn same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn named(photo: &Path) -> PathBuf {
    let mut name = photo.file_stem().unwrap_or(photo.as_os_str()).to_owned();
    name.push(".png");
    name.into()
}

/// Copies one photo and says what was left out.
fn copy(
    from: &Path,
    to: &Path,
    args: &DeidentifyArgs,
    blank: &[BoxPx],
    limits: &DecodeLimits,
) -> Result<String> {
    let photo = Photo::open(from, limits)?;
    // It was read a moment ago, within the limits.
    let bytes = std::fs::read(from).with_context(|| format!("{} cannot be read", from.display()))?;
    let blanked = blank_captions(&photo, blank);
    let um_per_px = args.um_per_px.map(|scale| [scale.um_per_px; 2]).or_else(|| {
        let stated = photo.source.stated_scale?;
        Some([stated.um_per_px_x, stated.um_per_px_y])
    });
    let png = encode([photo.width_px, photo.height_px], &blanked.pixels, um_per_px)?;
    common::write(to, &png)?;

    let mut text = format!("{} → {}\n", from.display(), to.display());
    let groups: Vec<String> =
        metadata_groups(&bytes).into_iter().map(|(group, count)| format!("{group} ({count})")).collect();
    let groups = if groups.is_empty() { "none was there".to_owned() } else { groups.join(", ") };
    let _ = writeln!(text, "  Metadata left out    {groups}");
    let _ = writeln!(text, "  Captions blanked     {}", boxes(&blanked.boxes));
    if !blanked.left.is_empty() {
        let _ = writeln!(text, "  Boxes left, look     {}; --blank fills them", boxes(&blanked.left));
    }
    let kept = match um_per_px {
        Some([x, y]) if (x - y).abs() < 1e-9 => format!("{x} µm per px"),
        Some([x, y]) => format!("{x} µm per px along x, {y} along y"),
        None => "none is known".to_owned(),
    };
    let _ = writeln!(text, "  Scale kept           {kept}");
    Ok(text)
}

fn boxes(boxes: &[BoxPx]) -> String {
    if boxes.is_empty() {
        return "0".to_owned();
    }
    let each: Vec<String> = boxes
        .iter()
        .map(|[x0, y0, x1, y1]| format!("rect:{x0},{y0},{},{}", x1 - x0 + 1, y1 - y0 + 1))
        .collect();
    format!("{}: {}", boxes.len(), each.join(" "))
}

/// A PNG of pixels and their size, and nothing else.
fn encode([width, height]: [u32; 2], pixels: &Pixels, um_per_px: Option<[f64; 2]>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    if let Some(sides) = um_per_px {
        let [xppu, yppu] = sides.map(|um| (1e6 / um).round() as u32);
        encoder.set_pixel_dims(Some(png::PixelDimensions { xppu, yppu, unit: png::Unit::Meter }));
    }
    let failed = |error: png::EncodingError| anyhow!("the copy cannot be encoded ({error})");
    match pixels {
        Pixels::Rgb8(samples) => {
            encoder.set_depth(png::BitDepth::Eight);
            let mut writer = encoder.write_header().map_err(failed)?;
            writer.write_image_data(samples).map_err(failed)?;
            writer.finish().map_err(failed)?;
        }
        Pixels::Rgb16(samples) => {
            encoder.set_depth(png::BitDepth::Sixteen);
            let samples: Vec<u8> = samples.iter().flat_map(|sample| sample.to_be_bytes()).collect();
            let mut writer = encoder.write_header().map_err(failed)?;
            writer.write_image_data(&samples).map_err(failed)?;
            writer.finish().map_err(failed)?;
        }
    }
    Ok(bytes)
}
