use super::*;
use crate::CalibrationSource;

fn site_file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("vellus.toml"), text).expect("written");
    let photo = folder.path().join("left.jpg");
    (folder, photo)
}

#[test]
fn what_is_asked_for_wins_over_the_site_file() {
    let (_folder, photo) =
        site_file("um_per_px = 5.5\n[region.circle]\ncentre_px = [10.0, 10.0]\nradius_px = 5.0\n");
    let of_site = Wishes::default().setting(Some(&photo)).expect("a site file");
    let scale = of_site.scale(100).expect("a scale").expect("a scale");
    assert_eq!((scale.um_per_px, scale.source), (5.5, CalibrationSource::SiteFile));
    assert!(matches!(of_site.protocol.region, RegionShape::Circle { .. }));

    let given = Calibration::new(4.0, CalibrationSource::Flag).expect("a scale");
    let asked = Wishes { scale: Some(given), region: Some(RegionShape::Whole), ..Wishes::default() };
    let setting = asked.setting(Some(&photo)).expect("a setting");
    assert_eq!(setting.scale(100).expect("a scale"), Some(given));
    assert_eq!(setting.protocol.region, RegionShape::Whole);

    let none = Wishes { site: SiteChoice::None, ..Wishes::default() };
    assert_eq!(none.setting(Some(&photo)).expect("a setting").scale(100).expect("none"), None);
    // An array has no folder.
    assert_eq!(Wishes::default().setting(None).expect("a setting").scale(100).expect("none"), None);
}

#[test]
fn what_cannot_be_had_is_named() {
    for width in [0.0, 0.04, 1000.5, f64::NAN, -1.0] {
        let wishes = Wishes { field_width_mm: Some(width), ..Wishes::default() };
        assert!(matches!(wishes.setting(None), Err(SettingError::FieldWidth(_))), "{width}");
    }
    let (folder, photo) = site_file("um_per_pxx = 5.5\n");
    let error = Wishes::default().setting(Some(&photo)).expect_err("no such key").to_string();
    assert!(error.contains("vellus.toml") && error.contains("um_per_pxx"), "{error}");

    std::fs::write(folder.path().join("vellus.toml"), "protocol = \"gone.toml\"\n").expect("written");
    let error = Wishes::default().setting(Some(&photo)).expect_err("no such file").to_string();
    assert!(error.contains("vellus.toml") && error.contains("gone.toml"), "{error}");
}
