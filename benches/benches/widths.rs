//! Widths and roots of shafts that are settled.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use vellus::evidence::evidence;
use vellus::plane::Plane;
use vellus::profile::widths;
use vellus::root::roots;
use vellus::shafts::Shaft;
use vellus_benches::{field, group, ribbon};

/// Ninety separate stubs of 12 px on a field of 1280 × 1024 px: a dense clipped scalp.
fn stubs() -> (Vec<Shaft>, Plane) {
    let (width, height) = (1280, 1024);
    let mut plane = Plane::filled(width, height, 0.0);
    let ribbons: Vec<_> = (0..90)
        .map(|k| {
            let (x, y) = (40.0 + 125.0 * (k % 10) as f32, 60.0 + 105.0 * (k / 10) as f32);
            ribbon([x, y], [x + 85.0, y + 35.0], 12.0, [width, height])
        })
        .collect();
    for cover in ribbons.iter().flat_map(|ribbon| &ribbon.cover) {
        plane.data[cover.pixel as usize] = 0.9 * cover.share;
    }
    let plane = plane.gaussian(1.0);
    let shafts = ribbons
        .into_iter()
        .map(|ribbon| {
            let evidence = evidence(&ribbon, &plane, |x, y| plane.sample(x, y));
            Shaft { ribbon, evidence, margin: 5.0, log_odds: 3.0 }
        })
        .collect();
    (shafts, plane)
}

fn widths_and_roots(criterion: &mut Criterion) {
    let (shafts, plane) = stubs();
    let measured = widths(&shafts, &plane, 0.9);
    for width in &measured.of {
        assert!((width.mean_px - 12.0).abs() < 0.1, "{width:?}");
    }
    let valid = vec![true; plane.data.len()];
    assert!(roots(&shafts, &plane, &valid, 5.0).iter().all(|ends| !ends.root_at_border));

    let mut stages = group(criterion, "widths and roots", plane.data.len() as u64);
    stages.bench_function("widths", |bencher| bencher.iter(|| widths(black_box(&shafts), &plane, 0.9)));
    stages.bench_function("roots", |bencher| bencher.iter(|| roots(black_box(&shafts), &plane, &valid, 5.0)));
    stages.finish();

    let field = field("clipped_typical");
    let found = vellus::shafts::shafts(&field.contrast, &field.valid, &field.setting);
    assert!(!found.is_empty());
    let mut scene = group(criterion, "widths and roots", field.pixels());
    scene.bench_function("widths of a scene", |bencher| {
        bencher.iter(|| widths(black_box(&found), &field.contrast.opacity, 0.9));
    });
    scene.finish();
}

criterion_group!(benches, widths_and_roots);
criterion_main!(benches);
