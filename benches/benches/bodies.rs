//! Dark bodies and the bars that explain them, and the whole search for shafts.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use vellus::bar::{Bar, Prior};
use vellus::body::label;
use vellus::scene::{Pixel, Pixels, Scene};
use vellus::shafts::shafts;
use vellus_benches::{field, group};

/// Pixels on a side of the body that is fitted.
const SIDE: usize = 80;

fn bodies(criterion: &mut Criterion) {
    let truth = [
        Bar {
            from: [15.0, 20.0],
            to: [60.0, 24.0],
            bend_px: 1.0,
            width_px: 9.0,
            taper_px: 0.0,
            level: 1.0,
            fade: 0.0,
        },
        Bar {
            from: [18.0, 29.0],
            to: [50.0, 31.0],
            bend_px: 0.0,
            width_px: 8.0,
            taper_px: 0.0,
            level: 1.0,
            fade: 0.0,
        },
    ];
    let pixels = (0..SIDE * SIDE)
        .map(|i| {
            let (x, y) = ((i % SIDE) as f32, (i / SIDE) as f32);
            let open: f32 = truth.iter().map(|bar| 1.0 - bar.cover(x, y)).product();
            Pixel { x, y, seen: 1.0 - open, open: 1.0 }
        })
        .collect();
    let pixels = Pixels::new(pixels, 1);
    let prior = Prior { width_px: 9.0, log_width_sd: 0.4, weight: 1.0 };
    let rough = [([17.0, 22.0], [57.0, 22.0]), ([17.0, 31.0], [54.0, 33.0])]
        .map(|(from, to)| Bar::straight(from, to, 11.0));
    let fitted = || {
        let mut scene = Scene { bars: rough.to_vec(), skin: 0.0 };
        scene.fit(black_box(&pixels), &prior, 12);
        scene.bars
    };
    for (bar, truth) in fitted().iter().zip(&truth) {
        assert!((bar.width_px - truth.width_px).abs() < 0.5, "{bar:?} for {truth:?}");
    }
    let mut body = group(criterion, "body", pixels.list().len() as u64);
    body.bench_function("fit of two touching bars", |bencher| bencher.iter(fitted));
    body.finish();

    for name in ["clipped_typical", "unclipped_typical"] {
        let field = field(name);
        let opacity = &field.contrast.neutral;
        let labels = label(opacity, &field.valid, 0.9);
        assert!(labels.iter().any(|&l| l > 0), "dark bodies");
        let found = shafts(&field.contrast, &field.valid, &field.setting);
        assert!(2 * found.len() > field.hairs(), "{} found, {} hairs", found.len(), field.hairs());

        let mut search = group(criterion, "shafts", field.pixels());
        search.bench_function(BenchmarkId::new("label", name), |bencher| {
            bencher.iter(|| label(black_box(opacity), &field.valid, 0.9));
        });
        search.bench_function(BenchmarkId::new("whole search", name), |bencher| {
            bencher.iter(|| shafts(black_box(&field.contrast), &field.valid, &field.setting));
        });
        search.finish();
    }
}

criterion_group!(benches, bodies);
criterion_main!(benches);
