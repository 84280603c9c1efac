//! Ridges at all scales, and the smoothing that they are made of.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use vellus::ridge::ridge_points;
use vellus_benches::{field, group};

/// The scales between which shafts of 3 to 28 px have their ridge, px.
const SCALES_PX: [f32; 2] = [1.0, 8.0];

fn ridges(criterion: &mut Criterion) {
    let field = field("clipped_typical");
    let opacity = &field.contrast.opacity;
    let [fine, coarse] = SCALES_PX;
    let points = ridge_points(opacity, fine, coarse);
    // Nearly every hair in sight has a ridge at its middle; where two touch, it runs between them.
    let middles: Vec<[f32; 2]> = (field.truth.hairs.iter())
        .filter(|hair| hair.visible_fraction > 0.9 && hair.visible[hair.polyline_px.len() / 2])
        .map(|hair| hair.polyline_px[hair.polyline_px.len() / 2].map(|v| v as f32))
        .collect();
    let near = |&&[x, y]: &&[f32; 2]| points.iter().any(|p| (p.x - x).hypot(p.y - y) < 4.0);
    let hit = middles.iter().filter(near).count();
    assert!(10 * hit >= 9 * middles.len(), "{hit} of {} hairs have a ridge", middles.len());
    let smooth = opacity.gaussian(3.0);
    assert!((smooth.data.iter().sum::<f32>() / opacity.data.iter().sum::<f32>() - 1.0).abs() < 0.05);

    let mut stages = group(criterion, "ridges", field.pixels());
    stages.bench_function("gaussian of 3 px", |bencher| bencher.iter(|| black_box(opacity).gaussian(3.0)));
    stages.bench_function("all scales", |bencher| {
        bencher.iter(|| ridge_points(black_box(opacity), fine, coarse))
    });
    stages.finish();
}

criterion_group!(benches, ridges);
criterion_main!(benches);
