//! What changed between two visits: from two measured photos to the record.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use vellus::compare::constellation::Constellation;
use vellus::compare::pairing::pair as matched;
use vellus::compare::register::register;
use vellus::{CompareOptions, Photo, Protocol, Shot, compare};
use vellus_benches::{group, scale};
use vellus_phantom::{PairKind, Phantom, Scene, pair};

/// Two visits, measured, and how many drawn hairs both show.
fn visits(name: &str, kind: PairKind) -> ([Shot; 2], usize) {
    let pair = pair(&Scene::named(name).expect("a scene of that name"), kind, 1);
    let taken = |phantom: Phantom| {
        let photo = Photo::from_image(phantom.image.into()).expect("pixels");
        Shot::take(&photo, Some(scale()), &Protocol::default())
    };
    let hairs = pair.truth.matches.iter().filter(|m| m.in_overlap).count();
    ([taken(pair.baseline), taken(pair.follow_up)], hairs)
}

fn change(criterion: &mut Criterion) {
    let options = CompareOptions::default();
    for name in ["clipped_typical", "clipped_dense"] {
        let ([baseline, follow_up], hairs) = visits(name, PairKind::Regrowth);
        let comparison = compare(&baseline, &follow_up, &options).expect("the same site");
        let found = comparison.matches.len();
        assert!(2 * found >= hairs && found <= 2 * hairs, "{name}: {found} matches, {hairs} hairs in both");

        let in_register = |before: &Shot, after: &Shot| {
            let [before, after] = [before, after].map(|shot| Constellation::of(&shot.measurement));
            let alignment = register(&before, &after).expect("the same site");
            matched(&before, &after, &alignment.warp)
        };
        let paired = in_register(&baseline, &follow_up).len();
        assert!(2 * paired >= hairs && paired <= 2 * hairs, "{name}: {paired} pairs, {hairs} hairs in both");

        let pixels = u64::from(baseline.measurement.image.width_px * baseline.measurement.image.height_px);
        let mut change = group(criterion, "change", pixels);
        change.bench_function(BenchmarkId::new("registration and matching", name), |bencher| {
            bencher.iter(|| in_register(black_box(&baseline), black_box(&follow_up)));
        });
        change.bench_function(BenchmarkId::new("whole comparison", name), |bencher| {
            bencher.iter(|| compare(black_box(&baseline), black_box(&follow_up), &options));
        });
        change.finish();
    }
}

/// The dearest answer: every guess is refined before a pair of other sites is refused.
fn refusal(criterion: &mut Criterion) {
    let ([baseline, follow_up], _) = visits("clipped_dense", PairKind::Wrong);
    let options = CompareOptions::default();
    assert!(compare(&baseline, &follow_up, &options).is_err());
    let pixels = u64::from(baseline.measurement.image.width_px * baseline.measurement.image.height_px);
    let mut change = group(criterion, "change", pixels);
    change.bench_function("refusal", |bencher| {
        bencher.iter(|| compare(black_box(&baseline), black_box(&follow_up), &options));
    });
    change.finish();
}

criterion_group!(benches, change, refusal);
criterion_main!(benches);
