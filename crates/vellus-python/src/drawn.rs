//! Drawn scalps with known truth.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use vellus_phantom::{Encoding, PairKind, Phantom, SIDE_PX, Scene, draw, encode, pair};

use crate::errors;
use crate::threads::shared;

/// A drawn photo: the name and the bytes of its file.
type Drawn<'py> = (String, Bound<'py, PyBytes>);

/// Names of the scenes.
#[pyfunction]
pub fn scenes() -> Vec<&'static str> {
    Scene::names().iter().copied().chain([vellus_phantom::RANDOM]).collect()
}

/// Names of the kinds of pairs.
#[pyfunction]
pub fn pair_kinds() -> Vec<&'static str> {
    PairKind::ALL.map(PairKind::name).to_vec()
}

/// Draws a photo; gives its file and its truth as JSON.
#[pyfunction]
pub fn phantom<'py>(
    py: Python<'py>,
    scene: &str,
    seed: u64,
    size: Option<[u32; 2]>,
) -> PyResult<(Drawn<'py>, String)> {
    let scene = asked(scene, seed, size)?;
    let name = format!("{}_s{seed}", scene.name);
    let (drawn, truth) = shared(py, || {
        let mut phantom = draw(&scene, seed);
        let file = file(&mut phantom, &name, scene.encoding)?;
        Ok::<_, PyErr>((file, json(&phantom.truth)?))
    })?;
    Ok((bytes(py, drawn), truth))
}

/// Draws two visits; gives both files and their truth as JSON.
#[pyfunction]
pub fn phantom_pair<'py>(
    py: Python<'py>,
    scene: &str,
    kind: &str,
    seed: u64,
    size: Option<[u32; 2]>,
) -> PyResult<([Drawn<'py>; 2], String)> {
    let scene = asked(scene, seed, size)?;
    let kind = PairKind::named(kind).ok_or_else(|| {
        errors::input(format!("there is no pair '{kind}'; kinds are {}", pair_kinds().join(", ")))
    })?;
    let name = format!("{}_{}_s{seed}", scene.name, kind.name());
    let (before, after, truth) = shared(py, || {
        let mut visits = pair(&scene, kind, seed);
        let before = file(&mut visits.baseline, &format!("{name}_a"), scene.encoding)?;
        let after = file(&mut visits.follow_up, &format!("{name}_b"), scene.encoding)?;
        visits.truth.baseline.image = visits.baseline.truth.image;
        visits.truth.follow_up.image = visits.follow_up.truth.image;
        Ok::<_, PyErr>((before, after, json(&visits.truth)?))
    })?;
    Ok(([bytes(py, before), bytes(py, after)], truth))
}

fn asked(name: &str, seed: u64, size: Option<[u32; 2]>) -> PyResult<Scene> {
    if let Some(side) = size.iter().flatten().find(|side| !SIDE_PX.contains(side)) {
        let (least, most) = (SIDE_PX.start(), SIDE_PX.end());
        return Err(errors::input(format!(
            "a side of {side} px cannot be drawn: give (width, height) of {least} to {most} px"
        )));
    }
    Scene::asked(name, seed, size).map_err(errors::input)
}

/// Encodes the photo and notes its name in its truth.
fn file(phantom: &mut Phantom, name: &str, encoding: Encoding) -> PyResult<(String, Vec<u8>)> {
    let name = format!("{name}.{}", encoding.extension());
    phantom.truth.image.clone_from(&name);
    let bytes = encode(&phantom.image, encoding).map_err(errors::record)?;
    Ok((name, bytes))
}

fn bytes<'py>(py: Python<'py>, (name, file): (String, Vec<u8>)) -> Drawn<'py> {
    (name, PyBytes::new(py, &file))
}

fn json(truth: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(truth).map_err(errors::record)
}
