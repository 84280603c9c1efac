//! From ridge points to tracks along both edges.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use vellus::propose::propose;
use vellus::ridge::ridge_points;
use vellus::track::Tracker;
use vellus_benches::{field, group};

fn proposals(criterion: &mut Criterion) {
    for name in ["clipped_typical", "unclipped_typical"] {
        let field = field(name);
        let ridges = ridge_points(&field.contrast.opacity, 1.0, 8.0);
        let smooth = field.contrast.opacity.gaussian(0.7);
        let tracker = Tracker { opacity: &smooth, valid: &field.valid, max_width_px: field.max_width_px() };
        let tracks = propose(&tracker, &ridges, field.setting.min_level, field.setting.deadline);
        assert!(tracks.len() > field.hairs(), "more proposals than the {} hairs", field.hairs());

        let mut stage = group(criterion, "proposals", field.pixels());
        stage.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| {
                propose(&tracker, black_box(&ridges), field.setting.min_level, field.setting.deadline)
            });
        });
        stage.finish();
    }
}

criterion_group!(benches, proposals);
criterion_main!(benches);
