//! A whole photo, from its bytes or pixels to the record.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use vellus::{Photo, Protocol, measure};
use vellus_benches::{SAMPLE, field, group, scale};

fn pipeline(criterion: &mut Criterion) {
    let protocol = Protocol::default();
    let whole = |bytes: &[u8]| {
        let photo = Photo::from_bytes(bytes, &protocol.decode).expect("a photo");
        measure(&photo, Some(scale()), &protocol)
    };
    // samples/README.md: 16 hairs have their root in the field.
    let count = whole(SAMPLE).summary.hair_count;
    assert!((12..=20).contains(&count), "{count} hairs");
    let mut sample = group(criterion, "photo", 700 * 560);
    sample.bench_function("sample, from bytes", |bencher| bencher.iter(|| whole(black_box(SAMPLE))));
    sample.finish();

    for name in ["clipped_typical", "clipped_dense", "unclipped_typical", "empty_skin"] {
        let field = field(name);
        let count = measure(&field.photo, Some(scale()), &protocol).summary.hair_count as usize;
        let hairs = field.hairs();
        assert!(2 * count >= hairs && count <= 2 * hairs + 3, "{name}: {count} counted, {hairs} to be seen");
        let mut scene = group(criterion, "photo", field.pixels());
        scene.bench_function(BenchmarkId::new("scene", name), |bencher| {
            bencher.iter(|| measure(black_box(&field.photo), Some(scale()), &protocol));
        });
        scene.finish();
    }
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
