//! `vellus deidentify`: copies without metadata and captions.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use vellus::deidentify::{BoxPx, blank_captions, metadata_groups};
use vellus::photo::Pixels;
use vellus::{DecodeLimits, Photo, PhotoError, RegionShape, StatedScaleSource};

use crate::args::DeidentifyArgs;
use crate::common::{self, guarded};
use crate::companions::print;
use crate::terminal::{self, say};

/// Endings of files that are meant to be photos; DICOM files often have none.
const PHOTO_ENDINGS: [&str; 14] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "tif", "tiff", "bmp", "gif", "webp", "dcm", "dicom", "heic", "heif",
];

/// What exit code 0 does not say.
const UNRECOGNISED: &str = "Captions were looked for in flat boxes, panels and strips along the frame and black surrounds, and lines of print anywhere. Words \
    with fewer than four letters of one height, joined letters, faint print, writing by hand, blurred and tilted print and stickers cannot be recognised: look \
    at every copy.\n";

/// Copies the photos; exit code 1 when one could not be, or has to be looked at.
///
/// # Errors
/// Wrong usage.
pub fn run(args: &DeidentifyArgs) -> Result<ExitCode> {
    let limits = common::protocol_file("deidentify", args.protocol.as_deref())?.decode;
    let blank = args.blank.iter().map(rectangle).collect::<Result<Vec<BoxPx>>>()?;
    let (jobs, left_out) = jobs(args)?;
    if !blank.is_empty() {
        check_blank(&jobs, &blank, &limits)?;
    }
    let mut is_done = left_out.is_empty();
    let mut is_any = false;
    for words in left_out {
        say(&words);
    }
    for (from, to) in &jobs {
        match guarded(from, || copy(from, to, args, &blank, &limits)) {
            Ok(copied) => {
                if !args.quiet {
                    print(copied.text.as_bytes())?;
                }
                for words in copied.remarks {
                    say(&words);
                }
                is_any = true;
                is_done &= copied.is_clear || args.accept;
            }
            // In a folder there are other files, too.
            Err(error) if args.input.is_dir() && !is_meant(from) && is_no_photo(&error) => {
                say(&format!("{} is left out: it is no photo that can be read", from.display()));
            }
            Err(error) => {
                is_done = false;
                say(&format!("{error:#}"));
            }
        }
    }
    if is_any && is_done && !args.quiet {
        print(UNRECOGNISED.as_bytes())?;
    }
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_no_photo(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(PhotoError::UnknownFormat { .. } | PhotoError::Empty { .. }))
}

/// Whether a file's name says that it is a photo.
fn is_meant(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| PHOTO_ENDINGS.contains(&ending.as_str()))
}

/// Rectangles outside of a photo fill nothing: what was meant would stay.
fn check_blank(jobs: &[(PathBuf, PathBuf)], blank: &[BoxPx], limits: &DecodeLimits) -> Result<()> {
    for (from, _) in jobs {
        // A photo that cannot be read is named when its turn comes.
        let Ok(photo) = guarded(from, || Ok(Photo::open(from, limits)?)) else { continue };
        let (width, height) = (photo.width_px, photo.height_px);
        if let Some([x, y, ..]) = blank.iter().find(|b| b[0] >= width as usize || b[1] >= height as usize) {
            return Err(wrong(format!(
                "--blank: a rectangle at {x}, {y} lies outside of {}, which has {width} × {height} px upright",
                from.display()
            )));
        }
    }
    Ok(())
}

fn wrong(message: String) -> anyhow::Error {
    terminal::usage("deidentify", message)
}

fn rectangle(shape: &RegionShape) -> Result<BoxPx> {
    let &RegionShape::Rectangle { x_px, y_px, width_px, height_px } = shape else {
        return Err(wrong("--blank takes rectangles: rect:X,Y,WIDTH,HEIGHT".to_owned()));
    };
    if x_px < 0.0 || y_px < 0.0 {
        return Err(wrong(format!("--blank: {x_px}, {y_px} lies outside of the photo; the least is 0, 0")));
    }
    // `as` saturates; what reaches over the photo is cut off.
    let [x0, y0] = [x_px, y_px].map(|value| value.max(0.0) as usize);
    let [x1, y1] = [x_px + width_px, y_px + height_px].map(|value| (value.ceil() - 1.0).max(0.0) as usize);
    Ok([x0, y0, x1, y1])
}

/// Photos and their copies, and a sentence for each entry of the folder that cannot be copied.
type Jobs = (Vec<(PathBuf, PathBuf)>, Vec<String>);

fn jobs(args: &DeidentifyArgs) -> Result<Jobs> {
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
        return Ok((apart(vec![(input.clone(), copy)], args.force)?, Vec::new()));
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
    let (mut files, mut left_out) = (Vec::new(), Vec::new());
    for entry in entries {
        let path = entry.with_context(|| format!("{} cannot be read", input.display()))?.path();
        let why = match path.metadata() {
            Ok(of) if of.is_file() => {
                files.push(path);
                continue;
            }
            Ok(of) if of.is_dir() => "a folder, which is not entered; give it by itself",
            Ok(_) => "neither a file nor a folder",
            Err(_) => "a link to nothing, or a file that cannot be read",
        };
        left_out.push(format!("{} is left out: it is {why}", path.display()));
    }
    files.sort();
    left_out.sort();
    // A note beside a photo has its name.
    let stems: BTreeSet<PathBuf> =
        files.iter().filter(|file| is_meant(file)).map(|file| named(file)).collect();
    files.retain(|file| {
        let is_note = !is_meant(file) && stems.contains(&named(file));
        if is_note && std::fs::read(file).is_ok_and(|bytes| is_text(&bytes)) {
            say(&format!("{} is left out: it is no photo", file.display()));
        } else if is_note {
            left_out.push(format!(
                "{} is left out: its copy would have the name of a photo's; rename it",
                file.display()
            ));
        }
        !is_note
    });
    if files.is_empty() {
        return Err(wrong(format!("{}: there is no file in this folder", input.display())));
    }
    let jobs = files.into_iter().map(|file| (file.clone(), output.join(named(&file)))).collect();
    Ok((apart(jobs, args.force)?, left_out))
}

/// Whether a file is a note: no photo is UTF-8 without a zero.
fn is_text(bytes: &[u8]) -> bool {
    !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
}

/// No copy may be a photo, nor another's copy, nor, unless `force`, a file that exists.
fn apart(jobs: Vec<(PathBuf, PathBuf)>, force: bool) -> Result<Vec<(PathBuf, PathBuf)>> {
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
    for (_, copy) in &jobs {
        let Ok(there) = copy.symlink_metadata() else { continue };
        if !there.is_file() {
            return Err(wrong(format!(
                "{} exists and is no plain file; choose another name",
                copy.display()
            )));
        }
        if !force {
            return Err(wrong(format!(
                "{} exists; choose another name or folder, or --force replaces it",
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

/// What is said of a copy.
struct Copied {
    /// For standard output.
    text: String,
    /// For standard error: what is to be looked at, or is lost.
    remarks: Vec<String>,
    /// Whether nothing is left that looks like a caption.
    is_clear: bool,
}

/// Copies one photo and says what was left out.
fn copy(
    from: &Path,
    to: &Path,
    args: &DeidentifyArgs,
    blank: &[BoxPx],
    limits: &DecodeLimits,
) -> Result<Copied> {
    let photo = Photo::open(from, limits)?;
    // It was read a moment ago, within the limits.
    let bytes = std::fs::read(from).with_context(|| format!("{} cannot be read", from.display()))?;
    let blanked = blank_captions(&photo, blank);
    let stated = photo.source.stated_scale;
    // A length on the sensor or on a film would be read as one on the scalp: a PNG cannot say what was meant.
    let elsewhere = stated.filter(|stated| {
        matches!(
            stated.source,
            StatedScaleSource::DicomImagerPixelSpacing | StatedScaleSource::DicomScannedPixelSpacing
        )
    });
    let um_per_px = args.um_per_px.map(|scale| [scale.um_per_px; 2]).or_else(|| {
        let stated = stated.filter(|_| elsewhere.is_none())?;
        Some([stated.um_per_px_x, stated.um_per_px_y])
    });
    let png = encode([photo.width_px, photo.height_px], &blanked.pixels, um_per_px)?;
    common::write(to, &png)?;

    let mut remarks = Vec::new();
    let mut text = format!("{} → {}\n", from.display(), to.display());
    let groups: Vec<String> =
        metadata_groups(&bytes).into_iter().map(|(group, count)| format!("{group} ({count})")).collect();
    let groups = if groups.is_empty() { "none was there".to_owned() } else { groups.join(", ") };
    let _ = writeln!(text, "  Metadata left out    {groups}");
    let _ = writeln!(text, "  Captions blanked     {}", boxes(&blanked.boxes));
    if !blanked.left.is_empty() {
        let left = boxes(&blanked.left);
        let _ = writeln!(text, "  Left, look at it     {left}");
        if !args.accept {
            remarks.push(format!(
                "{}: look at it: what may be captions was left, {left}; --blank fills, --accept if no name is there",
                to.display()
            ));
        }
    }
    let um = |[x, y]: [f64; 2]| {
        if (x - y).abs() < 1e-9 {
            format!("{x} µm per px")
        } else {
            format!("{x} µm per px along x, {y} along y")
        }
    };
    let kept = match (um_per_px, elsewhere) {
        (Some(sides), _) if is_read_back(&png, limits) => um(sides),
        (Some(sides), _) => {
            remarks.push(format!(
                "{}: its scale, {}, is in the copy, but vellus takes such a value for a printer's or a screen's and will \
                 not read it; give --um-per-px when you measure it",
                to.display(),
                um(sides)
            ));
            format!("{}, but vellus will not read it: give --um-per-px", um(sides))
        }
        (None, Some(stated)) => {
            remarks.push(format!(
                "{}: its scale is not kept: {} is no length on the scalp; give --um-per-px",
                to.display(),
                stated.source.name()
            ));
            format!("no: {} is no length on the scalp", stated.source.name())
        }
        (None, None) => "none is known".to_owned(),
    };
    let _ = writeln!(text, "  Scale kept           {kept}");
    Ok(Copied { text, remarks, is_clear: blanked.left.is_empty() })
}

/// Whether vellus finds the scale of a copy.
fn is_read_back(png: &[u8], limits: &DecodeLimits) -> bool {
    Photo::from_bytes(png, limits).is_ok_and(|copy| copy.source.stated_scale.is_some())
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
