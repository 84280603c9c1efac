use super::*;
use std::fs;

/// A folder with two photos, one of them broken, and their manifest.
fn trial() -> (tempfile::TempDir, Manifest) {
    let folder = tempfile::tempdir().expect("a folder");
    let image = image::RgbImage::from_fn(9, 7, |x, y| image::Rgb([x as u8 * 9, y as u8 * 20, 77]));
    image.save(folder.path().join("Mrs Smith.png")).expect("saved");
    fs::write(folder.path().join("broken.jpg"), "no photo").expect("written");
    let text = "photo,subject,arm,age,um_per_px\nMrs Smith.png,S1,active,41,5.5\nbroken.jpg,S2,placebo,,\n";
    let manifest = Manifest::parse(text, folder.path().to_owned(), "trial.csv").expect("a manifest");
    (folder, manifest)
}

#[test]
fn copies_have_the_pixels_and_nothing_else_and_the_key_leads_back() {
    let (folder, manifest) = trial();
    let [copies, key] = ["copies", "key.csv"].map(|name| folder.path().join(name));
    let failures = blind(&manifest, &copies, &key).expect("blinded");
    assert!(failures.len() == 1 && failures[0].starts_with("broken.jpg"), "{failures:?}");

    let back = unblind(&copies, &key).expect("unblinded");
    assert_eq!(back.further, ["age", ORIGINAL]);
    assert_eq!(back.rows[0].further, [Some("41".to_owned()), Some("Mrs Smith.png".to_owned())]);
    assert_eq!((back.rows[0].subject.as_deref(), back.rows[1].arm.as_deref()), (Some("S1"), Some("placebo")));

    let original =
        Photo::open(folder.path().join("Mrs Smith.png"), &DecodeLimits::default()).expect("a photo");
    let copy = Photo::open(back.file(&back.rows[0]), &DecodeLimits::default()).expect("a photo");
    assert_eq!(copy.pixels, original.pixels);
    let blinded = Manifest::read(&copies.join("manifest.csv")).expect("a manifest");
    assert_eq!((blinded.rows.len(), blinded.rows[0].subject.as_ref()), (1, None));
    assert_eq!(blinded.rows[0].photo, back.rows[0].photo);
    for entry in fs::read_dir(&copies).expect("read") {
        let bytes = fs::read(entry.expect("an entry").path()).expect("read");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Smith") && !text.contains("S1") && !text.contains("active"));
    }
}

#[test]
fn a_column_of_the_key_is_refused_before_anything_is_copied() {
    let (folder, _) = trial();
    for column in ["secret", "Original_Photo"] {
        let text = format!("photo,{column}\nMrs Smith.png,x\n");
        let manifest = Manifest::parse(&text, folder.path().to_owned(), "trial.csv").expect("a manifest");
        let [copies, key] = ["copies", "key.csv"].map(|name| folder.path().join(name));
        let error = blind(&manifest, &copies, &key).expect_err("refused").to_string();
        assert!(error.contains(&format!("'{column}'")) && error.contains("rename"), "{error}");
        assert!(!copies.exists() && !key.exists());
    }
}

#[cfg(unix)]
#[test]
fn the_key_is_for_its_owner_alone_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, manifest) = trial();
    let [copies, key] = ["copies", "key.csv"].map(|name| folder.path().join(name));
    blind(&manifest, &copies, &key).expect("blinded");
    assert_eq!(fs::metadata(&key).expect("a key").permissions().mode() & 0o777, 0o600);
    let before = fs::read(&key).expect("read");
    assert!(blind(&manifest, &folder.path().join("again"), &key).is_err());
    assert_eq!(fs::read(&key).expect("read"), before);
}

#[test]
fn metadata_is_left_behind() {
    let (folder, manifest) = trial();
    // A text chunk that names the patient, before the end of the file.
    let path = folder.path().join("Mrs Smith.png");
    let mut bytes = fs::read(&path).expect("read");
    let text = b"tEXtAuthor\0Mrs Smith";
    let at = bytes.len() - 12;
    let mut chunk = ((text.len() - 4) as u32).to_be_bytes().to_vec();
    chunk.extend_from_slice(text);
    chunk.extend_from_slice(&crc(text).to_be_bytes());
    bytes.splice(at..at, chunk);
    fs::write(&path, bytes).expect("written");

    let [copies, key] = ["copies", "key.csv"].map(|name| folder.path().join(name));
    blind(&manifest, &copies, &key).expect("blinded");
    let back = unblind(&copies, &key).expect("unblinded");
    let copy = fs::read(back.file(&back.rows[0])).expect("read");
    assert!(!String::from_utf8_lossy(&copy).contains("Smith"));
}

/// The checksum of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}

#[test]
fn a_key_that_was_changed_is_refused() {
    let (folder, manifest) = trial();
    let [copies, key] = ["copies", "key.csv"].map(|name| folder.path().join(name));
    blind(&manifest, &copies, &key).expect("blinded");
    let text = fs::read_to_string(&key).expect("read").replace("active", "placebo");
    fs::write(&key, text).expect("written");
    assert!(matches!(unblind(&copies, &key), Err(BlindError::SealBroken { .. })));
    let error = unblind(folder.path(), &key).expect_err("no copies").to_string();
    assert!(error.contains("blind.json"), "{error}");
}

#[test]
fn codes_differ_and_cannot_be_misread() {
    let codes = codes(500).expect("random numbers");
    let different: BTreeSet<&String> = codes.iter().collect();
    assert_eq!(different.len(), 500);
    assert!(codes.iter().all(|code| code.len() == CODE_LETTERS && !code.contains(['0', 'O', '1', 'I'])));
}
