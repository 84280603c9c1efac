//! What is cut out lies where it lay, and is put back there.

use super::*;
use crate::plane::Plane;
use crate::skin::Skin;

/// A photo whose light tells where each pixel lies.
fn photo(width: usize, height: usize) -> (LinearPhoto, Vec<bool>) {
    let data: Vec<f32> = (0..width * height).map(|i| light_at(i, width * height)).collect();
    let plane = Plane { width, height, data };
    let scalp = (0..width * height).map(|i| i % 7 != 0).collect();
    (LinearPhoto { primaries: [plane.clone(), plane.clone(), plane] }, scalp)
}

/// Light of a pixel by its place among all.
fn light_at(i: usize, pixels: usize) -> f32 {
    i as f32 / pixels as f32
}

fn rectangle(x_px: f64, y_px: f64, width_px: f64, height_px: f64) -> RegionShape {
    RegionShape::Rectangle { x_px, y_px, width_px, height_px }
}

#[test]
fn a_small_region_is_analysed_with_its_surroundings_alone() {
    let (light, scalp) = photo(3000, 2000);
    let region = rectangle(1500.5, 1000.0, 100.0, 60.0);
    let cut = Cut::of(light.size(), &scalp, &region, Some(5.0));
    let part = cut.light(&light);
    let [width, height] = part.size();
    // 400 px of margin on each side, and up to 3 more, so that coarse planes have the same samples.
    assert!((901..=906).contains(&width) && (861..=866).contains(&height), "{width} × {height}");
    let [x, y] = cut.from();
    assert!(x.is_multiple_of(STEP_PX) && y.is_multiple_of(STEP_PX));
    assert_eq!(part.primaries[1].at(3, 2), light_at((y + 2) * 3000 + x + 3, 3000 * 2000));
    assert_eq!(cut.scalp.len(), width * height);
    for (i, &own) in cut.own.iter().enumerate() {
        let (px, py) = (x + i % width, y + i / width);
        assert_eq!(own, region.contains(px as f64, py as f64) && scalp[py * 3000 + px]);
    }
    let scalp_inside = |row: usize| (1501..1601).filter(|column| scalp[(1000 + row) * 3000 + column]).count();
    let own = cut.own.iter().filter(|&&own| own).count();
    assert_eq!(own, (0..60).map(scalp_inside).sum::<usize>());
}

#[test]
fn planes_are_put_back_where_they_were() {
    let (light, scalp) = photo(2000, 1500);
    let cut = Cut::of(light.size(), &scalp, &rectangle(900.0, 700.0, 50.0, 50.0), Some(10.0));
    let light = cut.light(&light);
    let part = light.primaries[0].clone();
    let ([x, y], [width, height]) = (cut.from(), light.size());
    let skin = Skin::of(&light, &cut.scalp, cut.tiles(10.0));
    assert_eq!(cut.part_px(), [x, y, x + width, y + height]);
    let contrast = Contrast {
        lost_colour: None,
        opacity: part.clone(),
        neutral: part.clone(),
        shine: part.clone(),
        skin: skin.clone(),
        noise_sd: 0.1,
        texture_sd: 0.2,
    };
    let (whole, flags) = cut.put_back(contrast);
    assert!(skin.at(0, height - 1) > 1.1 * skin.at(0, 0), "its rows differ");
    for (column, row) in [(0, 0), (11, 40), (width - 1, height - 1)] {
        assert_eq!(whole.skin.at(x + column, y + row), skin.at(column, row));
    }
    for plane in [&whole.opacity, &whole.neutral, &whole.shine] {
        assert_eq!((plane.width, plane.height), (2000, 1500));
        for (i, &value) in plane.data.iter().enumerate() {
            let inside = (x..x + width).contains(&(i % 2000)) && (y..y + height).contains(&(i / 2000));
            assert_eq!(value, if inside { light_at(i, 2000 * 1500) } else { 0.0 });
            assert_eq!(flags[i], inside && scalp[i]);
        }
    }
    assert_eq!((whole.noise_sd, whole.texture_sd), (0.1, 0.2));
}

#[test]
fn what_is_nearly_all_of_the_photo_is_not_cut() {
    let (light, scalp) = photo(900, 800);
    for region in [RegionShape::Whole, rectangle(50.0, 50.0, 800.0, 700.0), rectangle(-9e9, -9e9, 2e10, 2e10)]
    {
        let cut = Cut::of(light.size(), &scalp, &region, None);
        assert_eq!((cut.light(&light).size(), cut.from()), ([900, 800], [0, 0]));
    }
    // One that lies beside the photo has no pixel of its own.
    let beside = Cut::of(light.size(), &scalp, &rectangle(2e6, 10.0, 50.0, 50.0), Some(5.0));
    assert!(!beside.own.iter().any(|&own| own));
}
