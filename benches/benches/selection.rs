//! From all proposals to the few that explain the photo.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use vellus::evidence::evidence;
use vellus::propose::propose;
use vellus::ribbon::Ribbon;
use vellus::ridge::ridge_points;
use vellus::select::select;
use vellus::track::Tracker;
use vellus_benches::{field, group};

fn selection(criterion: &mut Criterion) {
    let field = field("clipped_typical");
    let opacity = &field.contrast.opacity;
    let smooth = opacity.gaussian(0.7);
    let tracker = Tracker { opacity: &smooth, valid: &field.valid, max_width_px: field.max_width_px() };
    let tracks =
        propose(&tracker, &ridge_points(opacity, 1.0, 8.0), field.setting.min_level, field.setting.deadline);
    let laid = || -> Vec<Ribbon> {
        let mut ribbons: Vec<Ribbon> = tracks.iter().map(Ribbon::of_track).collect();
        ribbons.iter_mut().for_each(|ribbon| ribbon.lay(opacity.width, opacity.height));
        ribbons
    };
    let ribbons = laid();
    let chosen = select(&mut ribbons.clone(), opacity);
    assert!(chosen.len() < ribbons.len(), "{} of {} kept", chosen.len(), ribbons.len());
    assert!(2 * chosen.len() > field.hairs(), "{} kept, {} hairs", chosen.len(), field.hairs());

    let mut stages = group(criterion, "selection", field.pixels());
    stages.bench_function("lay ribbons", |bencher| bencher.iter(laid));
    stages.bench_function("evidence", |bencher| {
        bencher.iter(|| {
            ribbons
                .iter()
                .map(|ribbon| evidence(black_box(ribbon), opacity, |x, y| opacity.sample(x, y)).level)
                .sum::<f32>()
        });
    });
    stages.bench_function("select", |bencher| {
        bencher.iter_batched_ref(
            || tracks.iter().map(Ribbon::of_track).collect::<Vec<Ribbon>>(),
            |ribbons| select(black_box(ribbons), opacity),
            BatchSize::LargeInput,
        );
    });
    stages.finish();
}

criterion_group!(benches, selection);
criterion_main!(benches);
