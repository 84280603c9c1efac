//! A made-up measurement and the photo that it could be of, for the tests.

use image::{Rgb, RgbImage};
use vellus::measurement::{ImageRecord, MEASUREMENT_SCHEMA};
use vellus::{
    Calibration, CalibrationSource, Finding, FindingCode, FollicularUnit, Hair, HairClass, Measurement,
    NotCounted, Polarity, Protocol, Quality, Region, Summary, VERSION, Verdict,
};

pub const WIDTH: u32 = 1280;
pub const HEIGHT: u32 = 1024;
const UM_PER_PX: f64 = 5.54;

/// A linear congruential generator (Knuth's MMIX constants), 0 to 1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Twenty-four units of one to three clipped hairs, some thin, some not counted, one too thin to be resolved.
pub fn measurement() -> Measurement {
    let mut random = Random(7);
    let (mut hairs, mut follicular_units) = (Vec::new(), Vec::new());
    for unit in 1..=24 {
        let column = f64::from((unit - 1) % 6);
        let row = f64::from((unit - 1) / 6);
        let centre_px =
            [110.0 + 205.0 * column + 60.0 * random.next(), 120.0 + 240.0 * row + 60.0 * random.next()];
        let mut ids = Vec::new();
        for _ in 0..1 + (random.next() * 3.0) as u32 {
            let id = hairs.len() as u32 + 1;
            ids.push(id);
            hairs.push(hair(&mut random, id, unit, centre_px));
        }
        follicular_units.push(FollicularUnit { id: unit, centre_px, hairs: ids });
    }
    let counted = hairs.iter().filter(|hair| hair.counted).count() as u32;
    let of_class =
        |class| hairs.iter().filter(|hair| hair.counted && hair.class == Some(class)).count() as u32;
    let area_mm2 = f64::from(WIDTH * HEIGHT) * UM_PER_PX * UM_PER_PX * 1e-6;
    let per_cm2 = 100.0 / area_mm2;
    let summary = Summary {
        hair_count: counted,
        hair_count_ci95: Some([f64::from(counted) - 3.0, f64::from(counted) + 4.0]),
        density_per_cm2: Some(f64::from(counted) * per_cm2),
        density_ci95_per_cm2: Some([
            (f64::from(counted) - 3.0) * per_cm2,
            (f64::from(counted) + 4.0) * per_cm2,
        ]),
        mean_diameter_um: Some(61.25),
        median_diameter_um: Some(64.0),
        diameter_sd_um: Some(19.5),
        mean_width_px: Some(11.06),
        vellus_limit_um: Some(30.0),
        terminal_count: Some(of_class(HairClass::Terminal)),
        vellus_count: Some(of_class(HairClass::Vellus)),
        non_vellus_count_30um: Some(of_class(HairClass::Terminal)),
        non_vellus_count_40um: Some(of_class(HairClass::Terminal) - 2),
        cumulative_thickness_mm_per_cm2: Some(6.2),
        hair_area_fraction: Some(0.043),
        unit_count: Some(24),
        units_per_cm2: Some(24.0 * per_cm2),
        hairs_per_unit: Some(f64::from(counted) / 24.0),
        units_by_hairs: Some(vec![9, 8, 7]),
        unit_neighbour_distance_um: Some(1010.0),
        mean_length_um: Some(512.0),
        mean_length_px: Some(92.4),
        mean_direction_deg: Some(31.0),
        direction_concentration: Some(0.8),
        resolvable_diameter_um: Some(18.0),
        ..Summary::default()
    };
    Measurement {
        schema: MEASUREMENT_SCHEMA.to_owned(),
        image: ImageRecord {
            path: Some("visits/left, parietal.jpg".to_owned()),
            width_px: WIDTH,
            height_px: HEIGHT,
            content_hash: "blake3:00".to_owned(),
            format: "jpeg".to_owned(),
            bit_depth: 8,
            decoder: "none".to_owned(),
        },
        calibration: Some(Calibration { um_per_px: UM_PER_PX, source: CalibrationSource::Flag }),
        region: Region {
            shape: Protocol::default().region,
            area_px: u64::from(WIDTH * HEIGHT),
            area_mm2: Some(area_mm2),
            masked_fraction: 0.031,
        },
        quality: Quality {
            verdict: Verdict::Pass,
            noise_sd: Some(0.02),
            blur_sigma_px: Some(1.1),
            findings: vec![],
        },
        summary,
        hairs,
        follicular_units,
        protocol: Protocol::default(),
        software: VERSION.to_owned(),
    }
}

fn hair(random: &mut Random, id: u32, unit: u32, centre_px: [f64; 2]) -> Hair {
    let root_px = [centre_px[0] + 18.0 * (random.next() - 0.5), centre_px[1] + 18.0 * (random.next() - 0.5)];
    let angle = 0.55 + 1.1 * (random.next() - 0.5);
    let bend = 0.006 * (random.next() - 0.5);
    let length_px = 60.0 + 70.0 * random.next();
    let mut centreline_px = vec![root_px];
    let steps = (length_px / 4.0) as usize;
    for step in 0..steps {
        let [x, y] = centreline_px[step];
        let direction = angle + bend * 4.0 * step as f64;
        centreline_px.push([x + 4.0 * direction.cos(), y + 4.0 * direction.sin()]);
    }
    let vellus = random.next() < 0.25;
    let width_px = if vellus { 3.0 + 2.0 * random.next() } else { 7.0 + 8.0 * random.next() };
    let unresolved = id == 5;
    let not_counted = match id % 11 {
        3 => Some(NotCounted::LowConfidence),
        7 => Some(NotCounted::RootOutsideRegion),
        _ => None,
    };
    Hair {
        id,
        root_px,
        tip_px: centreline_px[steps],
        centreline_px,
        width_px: (!unresolved).then_some(width_px),
        width_se_px: (!unresolved).then_some(0.14),
        diameter_um: (!unresolved).then_some(width_px * UM_PER_PX),
        diameter_se_um: (!unresolved).then_some(0.14 * UM_PER_PX),
        diameter_sd_um: (!unresolved).then_some(2.0),
        diameter_limit_um: unresolved.then_some(18.0),
        length_px,
        length_um: Some(length_px * UM_PER_PX),
        direction_deg: angle.to_degrees(),
        class: Some(if vellus || unresolved { HairClass::Vellus } else { HairClass::Terminal }),
        polarity: Polarity::Dark,
        follicular_unit: (not_counted != Some(NotCounted::RootOutsideRegion)).then_some(unit),
        counted: not_counted.is_none(),
        not_counted,
        confidence: 0.93,
        root_confidence: 0.9,
    }
}

/// The same photo without a scale.
pub fn unscaled() -> Measurement {
    let mut measurement = measurement();
    measurement.calibration = None;
    measurement.region.area_mm2 = None;
    for hair in &mut measurement.hairs {
        hair.diameter_um = None;
        hair.diameter_se_um = None;
        hair.diameter_sd_um = None;
        hair.diameter_limit_um = None;
        hair.length_um = None;
        hair.class = None;
    }
    let summary = measurement.summary;
    measurement.summary = Summary {
        hair_count: summary.hair_count,
        hair_count_ci95: summary.hair_count_ci95,
        mean_width_px: summary.mean_width_px,
        mean_length_px: summary.mean_length_px,
        hair_area_fraction: summary.hair_area_fraction,
        mean_direction_deg: summary.mean_direction_deg,
        direction_concentration: summary.direction_concentration,
        ..Summary::default()
    };
    measurement.quality.findings = vec![Finding::new(FindingCode::ScaleMissing, "No scale was given.")];
    measurement.quality.verdict = Verdict::Warn;
    measurement
}

/// A photo that cannot carry a measurement.
pub fn failed() -> Measurement {
    let mut measurement = measurement();
    measurement.hairs.clear();
    measurement.follicular_units.clear();
    measurement.summary = Summary::default();
    measurement.quality.findings =
        vec![Finding::new(FindingCode::NoContrast, "Nothing in the photo stands out from the skin.")];
    measurement.quality.verdict = Verdict::Fail;
    measurement
}

/// Skin with the shafts of [`measurement`] on it.
pub fn photo(measurement: &Measurement) -> RgbImage {
    let mut random = Random(3);
    let mut photo = RgbImage::from_fn(WIDTH, HEIGHT, |x, _| {
        let grain = 10.0 * (random.next() - 0.5) - f64::from(x) * 0.02;
        Rgb([(222.0 + grain) as u8, (188.0 + grain) as u8, (170.0 + grain) as u8])
    });
    for hair in &measurement.hairs {
        let half = 0.5 * hair.width_px.unwrap_or(2.5);
        let tone = if half < 3.0 { [120, 90, 75] } else { [45, 34, 30] };
        for pair in hair.centreline_px.windows(2) {
            for part in 0..8 {
                let t = f64::from(part) / 8.0;
                let [x, y] = [0, 1].map(|k| pair[0][k] + t * (pair[1][k] - pair[0][k]));
                let reach = half.ceil() as i64;
                for dy in -reach..=reach {
                    for dx in -reach..=reach {
                        let (px, py) = (x.round() as i64 + dx, y.round() as i64 + dy);
                        let inside = (px as f64 - x).hypot(py as f64 - y) <= half;
                        if inside && px >= 0 && py >= 0 && px < i64::from(WIDTH) && py < i64::from(HEIGHT) {
                            photo.put_pixel(px as u32, py as u32, Rgb(tone));
                        }
                    }
                }
            }
        }
    }
    photo
}
