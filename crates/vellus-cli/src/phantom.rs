//! `vellus phantom`: draws scalps with known truth, to check an installation or a protocol with.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, GrayImage, ImageEncoder};
use rayon::prelude::*;
use vellus_phantom::{Encoding, PairKind, Phantom, RANDOM, Scene, UnknownScene, draw, encode, pair};
use vellus_report::atomic;

use crate::args::PhantomArgs;
use crate::companions::print;
use crate::terminal::usage;

/// Draws the photos or the pair, writes it with its truth and prints the names of the files.
///
/// # Errors
/// Wrong usage, or a file cannot be written.
pub fn run(args: &PhantomArgs) -> Result<()> {
    if args.list {
        return list();
    }
    let wrong = |message: String| usage("phantom", message);
    // Asked for before anything is made.
    scene(args, args.seed).map_err(|error| wrong(error.to_string()))?;
    // `--output` is there unless `--list` is, by the definition of the options.
    let folder = args.output.as_deref().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| {
        wrong(format!("--output {}: the folder cannot be made ({error})", folder.display()))
    })?;
    let seeds = args.seeds.clone().unwrap_or(args.seed..=args.seed);
    let drawn: Vec<Vec<PathBuf>> = seeds
        .into_par_iter()
        .map(|seed| {
            let scene = scene(args, seed)?;
            let files = match args.pair {
                None => single(&scene, seed, args.scenery)?,
                Some(kind) => two_visits(&scene, kind, seed)?,
            };
            files.into_iter().map(|file| write(folder, &file)).collect()
        })
        .collect::<Result<_>>()?;
    let mut names = Vec::new();
    for path in drawn.iter().flatten() {
        writeln!(names, "{}", path.display())?;
    }
    print(&names)
}

/// The scene of a seed, in the size asked for.
fn scene(args: &PhantomArgs, seed: u64) -> Result<Scene, UnknownScene> {
    Scene::asked(&args.scene, seed, args.size)
}

fn write(folder: &Path, file: &File) -> Result<PathBuf> {
    let path = folder.join(&file.name);
    atomic::write(&path, &file.bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

struct File {
    name: PathBuf,
    bytes: Vec<u8>,
}

fn single(scene: &Scene, seed: u64, scenery: bool) -> Result<Vec<File>> {
    let name = format!("{}_s{seed}", scene.name);
    let mut phantom = draw(scene, seed);
    let photo = photo(&mut phantom, &name, scene.encoding)?;
    let mut files = vec![photo, truth(&name, &phantom.truth)?];
    if scenery {
        files.push(File { name: format!("{name}.scenery.png").into(), bytes: png(&phantom.cover)? });
    }
    Ok(files)
}

fn png(mask: &GrayImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (width, height) = mask.dimensions();
    PngEncoder::new(&mut bytes).write_image(mask, width, height, ExtendedColorType::L8)?;
    Ok(bytes)
}

fn two_visits(scene: &Scene, kind: PairKind, seed: u64) -> Result<Vec<File>> {
    let name = format!("{}_{}_s{seed}", scene.name, kind.name());
    let mut visits = pair(scene, kind, seed);
    let baseline = photo(&mut visits.baseline, &format!("{name}_a"), scene.encoding)?;
    let follow_up = photo(&mut visits.follow_up, &format!("{name}_b"), scene.encoding)?;
    visits.truth.baseline.image = visits.baseline.truth.image;
    visits.truth.follow_up.image = visits.follow_up.truth.image;
    Ok(vec![baseline, follow_up, truth(&name, &visits.truth)?])
}

/// Encodes the photo and notes its name in its truth.
fn photo(phantom: &mut Phantom, name: &str, encoding: Encoding) -> Result<File> {
    let name = format!("{name}.{}", encoding.extension());
    phantom.truth.image.clone_from(&name);
    Ok(File { name: name.into(), bytes: encode(&phantom.image, encoding)? })
}

fn truth(name: &str, truth: &impl serde::Serialize) -> Result<File> {
    let mut bytes = serde_json::to_vec(truth)?;
    bytes.push(b'\n');
    Ok(File { name: format!("{name}.truth.json").into(), bytes })
}

fn list() -> Result<()> {
    let mut text = Vec::new();
    writeln!(text, "Scenes (--scene):")?;
    for name in Scene::names() {
        let scene = Scene::named(name)?;
        let (width, height, um_per_px) = (scene.width_px, scene.height_px, scene.um_per_px);
        let density = scene.hairs_per_cm2();
        writeln!(
            text,
            "  {name:<20}{width:>5} × {height:<5} {um_per_px:>4} µm per px {density:>6.0} hairs per cm²"
        )?;
    }
    writeln!(text, "  {RANDOM:<20}every parameter from the seed, size and scale too")?;
    writeln!(text, "Pairs (--pair):")?;
    for kind in PairKind::ALL {
        writeln!(text, "  {}", kind.name())?;
    }
    print(&text)
}
