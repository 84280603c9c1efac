//! Rulers and bars drawn with known scale; which source counts; files and texts.

use super::bar::bars;
use super::comb::combs;
use super::label::length_um;
use super::mark::is_round;
use super::tone::Tone;
use super::{Ruler, ScaleMark, Seen, Site, choose, doubts};
use crate::calibration::{Calibration, CalibrationSource, ScaleErrorBasis};
use crate::finding::FindingCode;
use crate::protocol::Protocol;

/// A picture from the share of ink at every point, black on skin, with σ of blur about `soft` px.
fn drawn(width: usize, height: usize, ink: impl Fn(f32, f32) -> f32) -> Tone {
    let mut data = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            // Skin is not of one brightness.
            let skin = 170.0 + 8.0 * libm::sinf(x as f32 * 0.031) * libm::cosf(y as f32 * 0.023);
            data.push((skin * (1.0 - 0.9 * ink(x as f32, y as f32)) + 0.5) as u8);
        }
    }
    Tone { width, height, data }
}

/// How far into a stroke of half-width `half` a distance lies, softened.
fn stroke(distance: f32, half: f32, soft: f32) -> f32 {
    (0.5 + (half - distance.abs()) / soft).clamp(0.0, 1.0)
}

/// A decimal ruler through the middle: ticks `period` px apart along `angle`.
fn ruler(angle: f32, period: f32, soft: f32) -> Tone {
    let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
    drawn(900, 700, |x, y| {
        let (dx, dy) = (x - 450.3, y - 350.7);
        let (along, across) = (dx * cos + dy * sin, dy * cos - dx * sin);
        let number = libm::roundf(along / period);
        let length = match number as i32 {
            n if n % 10 == 0 => 60.0,
            n if n % 5 == 0 => 40.0,
            _ => 24.0,
        };
        let tick = stroke(along - number * period, 1.0, soft);
        if number.abs() <= 16.0 && (0.0..length).contains(&across) { tick } else { 0.0 }
    })
}

#[test]
fn a_ruler_is_measured_at_any_turn_scale_and_blur() {
    for (degrees, period, soft) in
        [(0.0, 12.7, 1.0), (90.0, 20.3, 1.0), (31.0, 18.4, 1.5), (-12.0, 15.25, 2.0), (58.0, 22.9, 3.0)]
    {
        let angle = f32::to_radians(degrees);
        // As a search along the thin areas finds it, to a degree or so.
        let found = combs(
            &ruler(angle, period, soft),
            angle + if degrees == 0.0 || degrees == 90.0 { 0.0 } else { 0.02 },
        );
        let comb = found.first().unwrap_or_else(|| panic!("{degrees}°, {period} px: no comb"));
        let off = comb.period / period - 1.0;
        assert!(off.abs() < 0.003, "{degrees}°: {} instead of {period}", comb.period);
        assert!((comb.period - period).abs() < 5.0 * comb.period_se + 0.002 * period, "{degrees}°: {comb:?}");
        assert!(comb.ticks.len() >= 28, "{degrees}°: {} ticks", comb.ticks.len());
    }
}

#[test]
fn hairs_are_no_ruler() {
    // Parallel hairs at distances that scatter by a fifth.
    let places: Vec<f32> =
        (0..24).map(|k| 30.0 + 34.0 * k as f32 + 7.0 * libm::sinf(2.4 * k as f32)).collect();
    let tone = drawn(900, 300, |x, y| {
        let hair = places.iter().map(|p| stroke(x - p, 3.0, 1.5)).fold(0.0, f32::max);
        if (60.0..220.0).contains(&y) { hair } else { 0.0 }
    });
    assert_eq!(combs(&tone, 0.0), []);
}

#[test]
fn a_bar_is_measured_to_a_pixel() {
    for (from, to, thickness) in [(100, 280, 1), (57, 301, 5), (200, 262, 3), (40, 600, 14)] {
        let tone = drawn(800, 300, |x, y| {
            let inside = x >= from as f32 && x < to as f32 && y >= 150.0 && y < (150 + thickness) as f32;
            f32::from(inside)
        });
        let found = bars(&tone);
        let bar = found.first().unwrap_or_else(|| panic!("{from} to {to}, {thickness} px: no bar"));
        assert!((bar.length() - (to - from) as f32).abs() < 0.6, "{bar:?}");
        assert!((bar.thickness - thickness as f32).abs() < 0.6, "{bar:?}");
        assert_eq!(found.len(), 1);
    }
}

#[test]
fn a_hair_is_no_bar() {
    // Leaning by a degree, and one along the row with soft ends.
    let leaning = drawn(800, 300, |x, y| {
        let inside = (100.0..400.0).contains(&x);
        if inside { stroke(y - 150.0 - 0.0175 * (x - 100.0), 4.0, 1.5) } else { 0.0 }
    });
    assert_eq!(bars(&leaning), []);
    let bent = drawn(800, 300, |x, y| {
        let middle = 150.0 + 6.0 * libm::sinf((x - 100.0) / 90.0);
        if (100.0..400.0).contains(&x) { stroke(y - middle, 4.0, 1.5) } else { 0.0 }
    });
    assert_eq!(bars(&bent), []);
}

#[test]
fn labels_are_lengths_or_nothing() {
    assert_eq!(length_um("1.0 mm"), Some(1000.0));
    assert_eq!(length_um("500 µm"), Some(500.0));
    assert_eq!(length_um("0.25 cm"), Some(2500.0));
    // A radius is no length of a bar.
    assert_eq!(length_um("r=2.5 mm"), None);
    for text in ["05 mm", "0 mm", "1.0", "1.0 m", "mm"] {
        assert_eq!(length_um(text), None, "{text}");
    }
    for round in [1000.0, 500.0, 250.0, 1500.0, 125.0, 20.0, 750.0] {
        assert!(is_round(round), "{round}");
    }
    for odd in [1234.0, 1010.0, 333.0, 19.93] {
        assert!(!is_round(odd), "{odd}");
    }
}

fn mark(um_per_px: f64) -> ScaleMark {
    ScaleMark {
        from_px: [0.0, 0.0],
        to_px: [1000.0 / um_per_px, 0.0],
        length_um: 1000.0,
        label: "1.0 mm".to_owned(),
        um_per_px,
        relative_error: 0.0105,
    }
}

#[test]
fn what_is_given_wins_and_what_contradicts_it_is_said() {
    let given = Calibration::new(5.0, CalibrationSource::Flag).expect("a scale");
    let with_protocol = Protocol { um_per_px: Some(4.0), ..Protocol::default() };
    let seen = Seen { marks: vec![mark(5.54)], ..Seen::default() };
    let source =
        |given, protocol: &Protocol, seen: &Seen| choose(given, protocol, seen, None).map(|c| c.source);
    assert_eq!(source(Some(given), &with_protocol, &seen), Some(CalibrationSource::Flag));
    assert_eq!(source(None, &with_protocol, &seen), Some(CalibrationSource::Protocol));
    // A line under a caption may look like a bar: it counts only where that was asked for.
    let reading = Protocol { read_scale: true, ..Protocol::default() };
    assert_eq!(source(None, &reading, &seen), Some(CalibrationSource::ScaleBar));
    assert_eq!(source(None, &Protocol::default(), &seen), None);
    let told = &doubts(None, &seen, None)[0];
    assert_eq!(told.code, FindingCode::ScaleMissing);
    assert!(
        told.message.contains("5.54 µm per px") && told.message.contains("--read-scale"),
        "{}",
        told.message
    );
    assert_eq!(source(None, &Protocol::default(), &Seen::default()), None);
    let told = doubts(Some(given), &seen, None);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].code, FindingCode::ScaleSourcesDisagree);
    assert!(told[0].message.contains("5 µm") && told[0].message.contains("5.54"), "{}", told[0].message);
    let close = Calibration::new(5.5, CalibrationSource::Flag).expect("a scale");
    assert_eq!(doubts(Some(close), &seen, None), []);
    let two = Seen { marks: vec![mark(5.54), mark(11.0)], ..Seen::default() };
    assert_eq!(choose(None, &reading, &two, None), None);
}

#[test]
fn a_ruler_without_numbers_gives_no_scale_by_itself() {
    let ruler = Ruler {
        period_px: 20.0,
        period_se_px: 0.01,
        direction_deg: 0.0,
        ticks: 40,
        departure_px: 0.1,
        corners_px: [[0.0; 2]; 4],
    };
    let seen = Seen { rulers: vec![ruler], ..Seen::default() };
    let reading = Protocol { read_scale: true, ..Protocol::default() };
    assert_eq!(choose(None, &reading, &seen, None), None);
    let codes: Vec<FindingCode> = doubts(None, &seen, None).iter().map(|f| f.code).collect();
    assert_eq!(codes, [FindingCode::ScaleMissing, FindingCode::ScaleMarkUnread]);
}

#[test]
fn a_scale_is_read_as_it_is_written() {
    let scale = Calibration::from_text("5.54±0.0277", CalibrationSource::Flag).expect("a scale");
    assert!((scale.relative_error - 0.005).abs() < 1e-9);
    assert_eq!(scale.error_basis, ScaleErrorBasis::Stated);
    let again = Calibration::from_text(&scale.text(), CalibrationSource::Flag).expect("its own text");
    assert!((again.relative_error - scale.relative_error).abs() < 1e-12);
    let plain = Calibration::from_text("5.54", CalibrationSource::Flag).expect("a scale");
    assert_eq!((plain.relative_error, plain.text().as_str()), (0.01, "5.54"));
    for (text, part) in
        [("5,54", "write it with a point: 5.54"), ("wide", "number"), ("5.54±3", "20 %"), ("-1", "0.1")]
    {
        let error = Calibration::from_text(text, CalibrationSource::Flag).expect_err(text);
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn errors_of_one_device_are_common_and_readings_are_apart() {
    let flag = Calibration::new(5.0, CalibrationSource::Flag).expect("a scale");
    assert_eq!(flag.common_and_apart(&flag), [0.01, 0.0]);
    let site = Calibration::new(5.0, CalibrationSource::SiteFile).expect("a scale");
    let [common, apart] = flag.common_and_apart(&site);
    assert_eq!(common, 0.0);
    assert!((apart - 0.01 * 2.0_f64.sqrt()).abs() < 1e-12);
    let bar = Calibration::of_mark(&mark(5.54)).expect("a scale");
    let [common, apart] = bar.common_and_apart(&bar);
    assert_eq!(common, 0.01);
    assert!(apart > 0.003 && apart < 0.006, "{apart}");
}

#[test]
fn the_nearest_site_file_upward_counts() {
    let desk = tempfile::tempdir().expect("a folder");
    let inner = desk.path().join("a/b");
    std::fs::create_dir_all(&inner).expect("folders");
    std::fs::write(desk.path().join("vellus.toml"), "um_per_px = 6.0\n").expect("written");
    let photo = inner.join("photo.jpg");
    let found = Site::find(&photo).expect("a site file above");
    assert_eq!(Site::open(&found).expect("read").um_per_px, Some(6.0));
    std::fs::write(
        inner.join("vellus.toml"),
        "um_per_px = 5.0\num_per_px_error = 0.05\nprotocol = \"p.toml\"\n",
    )
    .expect("written");
    let found = Site::find(&photo).expect("a nearer one");
    let site = Site::open(&found).expect("read");
    let scale = site.calibration().expect("in range").expect("a scale");
    assert!((scale.relative_error - 0.01).abs() < 1e-12 && scale.source == CalibrationSource::SiteFile);
    assert_eq!(site.protocol, Some(inner.join("p.toml")));
    for bad in
        ["um_per_px = 0.0", "um_per_px_error = 0.1", "um_per_px = 5.0\nscale = 3", "um_per_px = \"5\"", "= 3"]
    {
        assert!(Site::from_toml(bad).is_err(), "{bad}");
    }
}
