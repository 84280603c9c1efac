//! Draws a scene, or a pair of visits, into a folder: `draw DIR SCENE SEED [PAIR]`.

use std::fs;
use std::path::Path;

use vellus_phantom::{PairKind, Phantom, Scene, draw, encode, pair};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [dir, scene, seed, kind @ ..] = &args[..] else {
        return Err("usage: draw DIR SCENE SEED [PAIR]".into());
    };
    let (dir, scene, seed) = (Path::new(dir), Scene::named(scene)?, seed.parse()?);
    fs::create_dir_all(dir)?;
    if let Some(kind) = kind.first() {
        let kind = PairKind::named(kind).ok_or("no such kind of pair")?;
        let mut drawn = pair(&scene, kind, seed);
        let stem = format!("pair_{}_s{seed}", kind.name());
        write(dir, &format!("{stem}_a"), &mut drawn.baseline)?;
        write(dir, &format!("{stem}_b"), &mut drawn.follow_up)?;
        drawn.truth.baseline.image = drawn.baseline.truth.image;
        drawn.truth.follow_up.image = drawn.follow_up.truth.image;
        fs::write(dir.join(format!("{stem}.truth.json")), serde_json::to_vec(&drawn.truth)?)?;
    } else {
        let mut phantom = draw(&scene, seed);
        let stem = format!("{}_s{seed}", scene.name);
        write(dir, &stem, &mut phantom)?;
        fs::write(dir.join(format!("{stem}.truth.json")), serde_json::to_vec(&phantom.truth)?)?;
    }
    Ok(())
}

fn write(dir: &Path, stem: &str, phantom: &mut Phantom) -> Result<(), Box<dyn std::error::Error>> {
    let encoding = phantom.truth.camera.encoding;
    phantom.truth.image = format!("{stem}.{}", encoding.extension());
    fs::write(dir.join(&phantom.truth.image), encode(&phantom.image, encoding)?)?;
    Ok(())
}
