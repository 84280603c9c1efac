//! From a file's bytes to linear light.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use vellus::linear::linear;
use vellus::{DecodeLimits, Photo};
use vellus_benches::{SAMPLE, field, group};
use vellus_phantom::{Encoding, encode};

fn decode(criterion: &mut Criterion) {
    let limits = DecodeLimits::default();
    let open = |bytes: &[u8]| Photo::from_bytes(bytes, &limits).expect("a photo");
    let field = field("clipped_typical");
    let vellus::photo::Pixels::Rgb8(samples) = &field.photo.pixels else { panic!("8 bits") };
    let image = image::RgbImage::from_raw(field.photo.width_px, field.photo.height_px, samples.clone());
    let image = image.expect("as many samples as pixels");
    let [jpeg, png] = [Encoding::Jpeg { quality: 92 }, Encoding::Png]
        .map(|encoding| encode(&image, encoding).expect("an encoded photo"));
    assert_eq!(open(&png).pixels, field.photo.pixels, "PNG is lossless");

    let mut files = group(criterion, "decode", field.pixels());
    for (name, bytes) in [("jpeg", &jpeg), ("png", &png)] {
        let photo = open(bytes);
        assert_eq!((photo.width_px, photo.height_px), (1280, 1024));
        files.bench_function(name, |bencher| bencher.iter(|| open(black_box(bytes))));
    }
    files.finish();

    let sample = open(SAMPLE);
    let pixels = u64::from(sample.width_px) * u64::from(sample.height_px);
    assert_eq!(pixels, 700 * 560);
    let mut samples = group(criterion, "decode", pixels);
    samples.bench_function("sample", |bencher| bencher.iter(|| open(black_box(SAMPLE))));
    samples.finish();

    let light = linear(&field.photo);
    assert!(light.primaries.iter().flat_map(|p| &p.data).all(|v| (0.0..=1.0).contains(v)));
    let mut linears = group(criterion, "linear light", field.pixels());
    linears.bench_function("8 bits", |bencher| bencher.iter(|| linear(black_box(&field.photo))));
    linears.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
