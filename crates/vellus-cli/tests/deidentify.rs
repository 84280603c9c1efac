//! No name that a file holds gets into anything that vellus writes.

mod desk;

use std::collections::BTreeSet;
use std::fs;

use desk::Desk;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A word that is in no file by chance.
const NAMES: [&str; 9] = [
    "ExifOwnerMuster",
    "XmpCreatorMuster",
    "IptcCityMuster",
    "IccDisplayMuster",
    "CommentMuster",
    "TextChunkMuster",
    "PatientMuster",
    "HospitalMuster",
    "TrailerMuster",
];

/// Skin with five hairs, and a name in a white strip.
fn scalp(captioned: bool) -> RgbImage {
    let mut image = RgbImage::from_fn(320, 240, |x, y| {
        let hair = (60..160).contains(&y) && x > 60 && (x + y / 4) % 80 >= 68;
        let grain = ((x * 7919 + y * 104_729) % 17) as u8;
        Rgb(if hair { [50, 40, 35] } else { [207, 172, 152] }.map(|v: u8| v + grain))
    });
    if captioned {
        for (x, y) in (10..190).flat_map(|x| (205..232).map(move |y| (x, y))) {
            let letter = (212..226).contains(&y) && (20..180).contains(&x) && x % 7 < 3;
            image.put_pixel(x, y, Rgb(if letter { [0; 3] } else { [255; 3] }));
        }
    }
    image
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(image.clone()).write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

/// EXIF with the name of an owner, big-endian: the tag Artist.
fn exif() -> Vec<u8> {
    let name = format!("{}\0", NAMES[0]);
    let mut block = b"MM\0*\0\0\0\x08\0\x01\x01\x3b\0\x02".to_vec();
    block.extend((name.len() as u32).to_be_bytes());
    block.extend([0, 0, 0, 26, 0, 0, 0, 0]);
    block.extend(name.as_bytes());
    block
}

fn named_jpeg() -> Vec<u8> {
    let plain = encoded(&scalp(true), ImageFormat::Jpeg);
    let segment = |marker: u8, content: &[u8]| {
        [&[0xff, marker][..], &((content.len() + 2) as u16).to_be_bytes(), content].concat()
    };
    let segments = [
        segment(0xe1, &[b"Exif\0\0", exif().as_slice()].concat()),
        segment(0xe1, format!("http://ns.adobe.com/xap/1.0/\0<x>{}</x>", NAMES[1]).as_bytes()),
        segment(0xed, format!("Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x20{}", NAMES[2]).as_bytes()),
        segment(0xe2, format!("ICC_PROFILE\0\x01\x01{}", NAMES[3]).as_bytes()),
        segment(0xfe, NAMES[4].as_bytes()),
    ];
    [&plain[..2], &segments.concat(), &plain[2..], NAMES[8].as_bytes()].concat()
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    let crc = !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    });
    crc.to_be_bytes()
}

fn named_png() -> Vec<u8> {
    let plain = encoded(&scalp(true), ImageFormat::Png);
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let body = [name, content].concat();
        [&(content.len() as u32).to_be_bytes()[..], &body, &crc(&body)].concat()
    };
    let chunks = [
        chunk(b"tEXt", format!("Author\0{}", NAMES[5]).as_bytes()),
        chunk(b"iTXt", format!("XML:com.adobe.xmp\0\0\0\0\0{}", NAMES[1]).as_bytes()),
        chunk(b"eXIf", &exif()),
        // 5 µm per px.
        chunk(b"pHYs", &[&200_000u32.to_be_bytes()[..], &200_000u32.to_be_bytes(), &[1]].concat()),
    ];
    [&plain[..33], &chunks.concat(), &plain[33..], NAMES[8].as_bytes()].concat()
}

fn named_dicom() -> Vec<u8> {
    let image = scalp(true);
    let element = |group: u16, number: u16, vr: &str, value: &[u8]| {
        let mut value = value.to_vec();
        value.resize(value.len().next_multiple_of(2), if vr == "UI" { 0 } else { b' ' });
        let mut bytes = [group.to_le_bytes(), number.to_le_bytes()].concat();
        bytes.extend(vr.as_bytes());
        if vr == "OB" {
            bytes.extend([0, 0]);
            bytes.extend((value.len() as u32).to_le_bytes());
        } else {
            bytes.extend((value.len() as u16).to_le_bytes());
        }
        bytes.extend(value);
        bytes
    };
    let meta = element(2, 0x10, "UI", b"1.2.840.10008.1.2.1");
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    bytes.extend(element(2, 0, "UL", &(meta.len() as u32).to_le_bytes()));
    bytes.extend(meta);
    for (group, number, vr, value) in [
        (0x08, 0x80, "LO", NAMES[7].as_bytes()),
        (0x10, 0x10, "PN", NAMES[6].as_bytes()),
        (0x10, 0x20, "LO", NAMES[4].as_bytes()),
        (0x28, 0x02, "US", &[3, 0]),
        (0x28, 0x04, "CS", b"RGB"),
        (0x28, 0x10, "US", &240u16.to_le_bytes()),
        (0x28, 0x11, "US", &320u16.to_le_bytes()),
        (0x28, 0x30, "DS", b"0.005\\0.005"),
        (0x28, 0x100, "US", &[8, 0]),
        (0x28, 0x101, "US", &[8, 0]),
        (0x7fe0, 0x10, "OB", image.as_raw().as_slice()),
    ] {
        bytes.extend(element(group, number, vr, value));
    }
    bytes
}

fn assert_nameless(bytes: &[u8], what: &str) {
    for name in NAMES {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for form in [name.as_bytes(), &wide] {
            assert!(!bytes.windows(form.len()).any(|window| window == form), "{name} is in {what}");
        }
    }
}

/// Names of a PNG's chunks.
fn chunks(png: &[u8]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = &png[8..];
    while rest.len() >= 12 {
        let length = u32::from_be_bytes(rest[..4].try_into().expect("four")) as usize;
        names.insert(String::from_utf8_lossy(&rest[4..8]).into_owned());
        rest = &rest[length + 12..];
    }
    assert!(rest.is_empty(), "nothing stands behind the end");
    names
}

fn desk() -> Desk {
    let desk = Desk::new();
    fs::create_dir(desk.path("in")).expect("a folder");
    fs::create_dir(desk.path("out")).expect("a folder");
    fs::write(desk.path("in/a.jpg"), named_jpeg()).expect("written");
    fs::write(desk.path("in/b.png"), named_png()).expect("written");
    fs::write(desk.path("in/c.dcm"), named_dicom()).expect("written");
    fs::write(desk.path("in/notes.txt"), "no photo").expect("written");
    desk
}

#[test]
fn copies_hold_pixels_and_scale_and_nothing_else() {
    let desk = desk();
    let before: Vec<Vec<u8>> = ["a.jpg", "b.png", "c.dcm"]
        .map(|name| fs::read(desk.path(&format!("in/{name}"))).expect("read"))
        .into();
    for (bytes, expected) in before.iter().zip([[0, 1, 2, 3, 4, 8].as_slice(), &[0, 1, 5, 8], &[4, 6, 7]]) {
        for &name in expected {
            assert!(
                bytes.windows(NAMES[name].len()).any(|w| w == NAMES[name].as_bytes()),
                "{} is given",
                NAMES[name]
            );
        }
    }
    let run = desk.vellus("deidentify in out").succeeds();
    assert!(run.stderr.contains("notes.txt is left out"), "{}", run.stderr);
    assert_nameless(run.stdout.as_bytes(), "the words");
    for words in [
        "IPTC (1)",
        "XMP (1)",
        "EXIF (1)",
        "comment (1)",
        "colour profile (1)",
        "data behind the photo (1)",
        "DICOM: patient (2)",
        "DICOM: study, place and persons (1)",
        "Captions blanked     1: rect:",
        "5 µm per px",
        "none is known",
    ] {
        assert!(run.stdout.contains(words), "'{words}' in\n{}", run.stdout);
    }
    assert_eq!(desk::names(&desk.path("out")), ["a.png", "b.png", "c.png"]);
    for name in ["a", "b", "c"] {
        let copy = fs::read(desk.path(&format!("out/{name}.png"))).expect("read");
        assert_nameless(&copy, name);
        let mut wanted: Vec<&str> = vec!["IDAT", "IEND", "IHDR"];
        wanted.extend((name != "a").then_some("pHYs"));
        assert_eq!(chunks(&copy).iter().map(String::as_str).collect::<Vec<_>>(), wanted, "{name}");
        let pixels = image::load_from_memory(&copy).expect("a picture").to_rgb8();
        let strip = image::imageops::crop_imm(&pixels, 14, 208, 170, 20).to_image();
        let light = strip.pixels().filter(|pixel| pixel.0.iter().all(|&value| value > 240)).count();
        assert_eq!(light, 170 * 20, "{name}: letters are left");
        if name != "a" {
            let same = scalp(false)
                .enumerate_pixels()
                .filter(|(_, y, _)| *y < 200)
                .all(|(x, y, p)| pixels.get_pixel(x, y) == p);
            assert!(same, "{name}: skin and hair are untouched");
        }
    }
    let after: Vec<Vec<u8>> = ["a.jpg", "b.png", "c.dcm"]
        .map(|name| fs::read(desk.path(&format!("in/{name}"))).expect("read"))
        .into();
    assert_eq!(before, after, "the photos themselves stay as they are");
}

#[test]
fn a_copy_is_measured_as_its_photo() {
    let desk = desk();
    desk.vellus("deidentify in/b.png out/b.png --quiet").succeeds();
    desk.vellus("deidentify in/a.jpg out/a.png --um-per-px 4 --quiet").succeeds();
    for [photo, copy] in [["in/b.png", "out/b.png"], ["in/a.jpg", "out/a.png"]] {
        let measured = |path: &str| {
            desk.vellus(&format!("measure {path} --um-per-px 5 --json -")).succeeds().documents().remove(0)
        };
        let (photo, copy) = (measured(photo), measured(copy));
        assert_eq!((&photo["summary"], &photo["region"]), (&copy["summary"], &copy["region"]));
    }
}

#[test]
fn nothing_that_measure_writes_holds_a_name() {
    let desk = desk();
    for name in ["a.jpg", "b.png", "c.dcm"] {
        let arguments = format!(
            "measure in/{name} --um-per-px 5 --json out/r.json --csv out/r.csv --overlay out/r.png --report out/r.html"
        );
        let run = desk.vellus(&arguments).succeeds();
        assert_nameless(run.stdout.as_bytes(), "the summary");
        for file in ["r.json", "r.csv", "r.png", "r.html"] {
            assert_nameless(
                &fs::read(desk.path(&format!("out/{file}"))).expect("read"),
                &format!("{file} of {name}"),
            );
        }
    }
}

#[test]
fn a_photo_is_never_its_own_copy() {
    let desk = desk();
    let before = fs::read(desk.path("in/b.png")).expect("read");
    desk.vellus("deidentify in/b.png in/b.png").refuses_usage_saying(&["would be overwritten"]);
    desk.vellus("deidentify in/b.png in").refuses_usage_saying(&["would be overwritten"]);
    desk.vellus("deidentify in in").refuses_usage_saying(&["a folder of their own"]);
    desk.vellus("deidentify in nowhere").refuses_usage_saying(&["create it first"]);
    fs::write(desk.path("in/b.jpg"), named_jpeg()).expect("written");
    desk.vellus("deidentify in out").refuses_usage_saying(&["would have one copy"]);
    assert_eq!(before, fs::read(desk.path("in/b.png")).expect("read"));
    assert!(desk::names(&desk.path("out")).is_empty());
}

#[test]
fn what_looks_like_a_caption_and_is_left_gives_exit_code_1() {
    let desk = Desk::new();
    let mut image = scalp(false);
    for x in 40..300 {
        image.put_pixel(x, 30, Rgb([255, 240, 40]));
        image.put_pixel(x, 180, Rgb([255, 240, 40]));
    }
    fs::write(desk.path("framed.png"), encoded(&image, ImageFormat::Png)).expect("written");
    desk.vellus("deidentify framed.png copy.png -q").fails_saying(&["copy.png: look at it", "rect:40,"]);
    let pixels = image::open(desk.path("copy.png")).expect("a picture").to_rgb8();
    assert_eq!(pixels, image, "hair in a frame is no caption");
    let run = desk.vellus("deidentify framed.png copy.png -q --force --accept").succeeds();
    assert_eq!(run.stderr, "");
    desk.vellus("deidentify framed.png copy.png -q --force --blank rect:30,20,280,170").succeeds();
    for outside in ["rect:320,0,10,10", "rect:0,240,10,10"] {
        desk.vellus(&format!("deidentify framed.png other.png --blank {outside}"))
            .refuses_usage_saying(&["outside of framed.png", "320 × 240"]);
    }
    assert!(!desk.path("other.png").exists());
}

#[test]
fn a_line_filled_with_its_own_colour_is_no_blanked_caption() {
    let desk = Desk::new();
    let mut image = scalp(false);
    for (x, y) in
        (40..280).flat_map(|x| [190, 191, 192, 193, 194, 195, 220, 221, 222, 223, 224, 225].map(|y| (x, y)))
    {
        image.put_pixel(x, y, Rgb([0; 3]));
    }
    fs::write(desk.path("lines.png"), encoded(&image, ImageFormat::Png)).expect("written");
    let run = desk.vellus("deidentify lines.png copy.png");
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("Captions blanked     0"), "{}", run.stdout);
    assert_eq!(image::open(desk.path("copy.png")).expect("a picture").to_rgb8(), image);
}

#[test]
fn copies_that_exist_are_kept_unless_forced() {
    let desk = desk();
    fs::write(desk.path("out/a.png"), "another original").expect("written");
    desk.vellus("deidentify in out").refuses_usage_saying(&["out/a.png exists", "--force"]);
    assert_eq!(fs::read(desk.path("out/a.png")).expect("read"), b"another original");
    assert_eq!(desk::names(&desk.path("out")), ["a.png"]);
    desk.vellus("deidentify in/b.png out/a.png -q").refuses_usage_saying(&["out/a.png exists"]);
    desk.vellus("deidentify in/b.png out/a.png -q --force").succeeds();
    assert!(image::open(desk.path("out/a.png")).is_ok());
}

#[test]
fn what_is_not_copied_of_a_folder_is_named() {
    let desk = desk();
    fs::write(desk.path("in/a.txt"), "a note beside a.jpg").expect("written");
    desk.vellus("deidentify in out -q").succeeds().says(&["a.txt is left out", "notes.txt is left out"]);
    assert_eq!(desk::names(&desk.path("out")), ["a.png", "b.png", "c.png"]);
    fs::create_dir(desk.path("in/more")).expect("a folder");
    fs::write(desk.path("in/empty.jpg"), "").expect("written");
    fs::write(desk.path("in/words.png"), "no photo").expect("written");
    let run = desk.vellus("deidentify in out -q --force");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    run.says(&["more is left out: it is a folder", "empty.jpg is empty", "words.png is not a photo"]);
}

#[cfg(unix)]
#[test]
fn links_are_neither_lost_nor_written_through() {
    let desk = desk();
    std::os::unix::fs::symlink("nowhere.png", desk.path("in/gone.png")).expect("a link");
    let run = desk.vellus("deidentify in out -q");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    run.says(&["gone.png is left out: it is a link to nothing"]);
    fs::write(desk.path("original.png"), "an original").expect("written");
    std::os::unix::fs::symlink("../original.png", desk.path("out/link.png")).expect("a link");
    desk.vellus("deidentify in/b.png out/link.png --force").refuses_usage_saying(&["no plain file"]);
    assert_eq!(fs::read(desk.path("original.png")).expect("read"), b"an original");
}

#[test]
fn a_scale_that_is_not_kept_is_said() {
    let desk = desk();
    desk.vellus("deidentify in/a.jpg out/a.png --um-per-px 5.54 -q").succeeds().says(&[]);
    for (number, um) in ["5.2917", "6.35", "12.7", "60"].iter().enumerate() {
        let run =
            desk.vellus(&format!("deidentify in/a.jpg out/{number}.png --um-per-px {um} -q")).succeeds();
        run.says(&["will not read it; give --um-per-px", um]);
    }
    // The same spacing on the sensor: (0018,1164) in the place of (0028,0030).
    let mut sensor = named_dicom();
    let tag = [0x28, 0, 0x30, 0, b'D', b'S'];
    let at = sensor.windows(6).position(|window| window == tag).expect("PixelSpacing");
    let length = 8 + usize::from(u16::from_le_bytes([sensor[at + 6], sensor[at + 7]]));
    let mut element: Vec<u8> = sensor.drain(at..at + length).collect();
    element[..4].copy_from_slice(&[0x18, 0, 0x64, 0x11]);
    let first = sensor.windows(4).position(|window| window == [0x28, 0, 2, 0]).expect("SamplesPerPixel");
    sensor.splice(first..first, element);
    fs::write(desk.path("sensor.dcm"), sensor).expect("written");
    let run = desk.vellus("deidentify sensor.dcm out/sensor.png").succeeds();
    assert!(run.stdout.contains("no: DICOM ImagerPixelSpacing is no length on the scalp"), "{}", run.stdout);
    assert!(!chunks(&fs::read(desk.path("out/sensor.png")).expect("read")).contains("pHYs"));
}
