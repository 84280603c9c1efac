//! Which pixels are scalp, and how much light is missing there.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use vellus::contrast::contrast;
use vellus::mask::scalp;
use vellus_benches::{UM_PER_PX, field, group};

fn mask_and_contrast(criterion: &mut Criterion) {
    // With a scale mark in a box, glare, flakes and bubbles.
    let field = field("dirty");
    let [x0, y0, x1, y1] = field.truth.scale_mark.as_ref().expect("a scale mark").area_px.map(|v| v as usize);
    assert!(!field.valid[(y0 + y1) / 2 * 1280 + (x0 + x1) / 2], "the mark is no scalp");
    assert!(field.contrast.opacity.data.iter().any(|&v| v > 0.7), "black hair");

    let mut stages = group(criterion, "mask and contrast", field.pixels());
    stages.bench_function("mask", |bencher| bencher.iter(|| scalp(black_box(&field.light))));
    stages.bench_function("contrast", |bencher| {
        bencher.iter(|| contrast(black_box(&field.light), &field.valid, &field.valid, UM_PER_PX));
    });
    stages.finish();
}

criterion_group!(benches, mask_and_contrast);
criterion_main!(benches);
