//! What can be wrong with an input, and the sentence that a user gets.
//!
//! The sentences are in `bad_inputs.md`, word by word. `VELLUS_WRITE_SENTENCES=1 cargo test -p vellus-cli --test bad_inputs`
//! writes them anew; read them before they are committed.

mod desk;

use std::fmt::Write as _;
use std::io::Cursor;

use desk::Desk;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, Rgb32FImage, RgbImage};

/// The exit code that a user meets, by what is wrong.
const FAILED: i32 = 1;
const USAGE: i32 = 2;
/// A photo that can be read, but not measured: the record says so.
const DONE: i32 = 0;

struct Table {
    desk: Desk,
    text: String,
    count: usize,
}

impl Table {
    fn group(&mut self, title: &str) {
        let _ = writeln!(self.text, "\n## {title}\n\n| input | exit code | sentence |\n|---|---:|---|");
    }

    /// A file, measured.
    fn photo(&mut self, what: &str, name: &str, bytes: &[u8]) {
        std::fs::write(self.desk.path(name), bytes).expect("written");
        self.run(what, FAILED, &format!("measure {name} --um-per-px 5"));
    }

    /// A command, its exit code and its sentence.
    fn run(&mut self, what: &str, code: i32, arguments: &str) {
        let run = self.desk.vellus(arguments);
        assert_eq!(run.code, Some(code), "{what}: {arguments}\n{}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
        assert!(!run.stderr.trim().is_empty(), "{what} is said");
        // Wrong usage ends with a reminder of the options, a broken file may be shown with its line.
        let whole = run.stderr.trim_start_matches("error: ").trim_start_matches("vellus: ");
        let sentence = whole.split("\n\nUsage:").next().unwrap_or_default();
        let sentence = sentence.split("\n\nFor more information").next().unwrap_or_default();
        let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        if code == FAILED {
            assert_eq!(run.stderr.trim_end().lines().count(), 1, "{what}: {}", run.stderr);
            assert_eq!(run.stdout, "", "{what}: no document for it");
        }
        assert!(sentence.chars().count() < 600, "{what}: {sentence}");
        let _ = writeln!(self.text, "| {what} | {code} | {sentence} |");
        self.count += 1;
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.desk.path(name), text).expect("written");
    }
}

fn scalp() -> RgbImage {
    RgbImage::from_fn(120, 90, |x, y| {
        let grain = ((x * 7919 + y * 104_729) % 13) as u8;
        let hair = (x + y / 4) % 40 >= 34 && (20..70).contains(&y);
        Rgb(if hair { [50, 40, 35] } else { [208, 173, 153] }.map(|v: u8| v + grain))
    })
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

fn half(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() / 2]
}

/// A JPEG's frame header with nothing behind it.
fn jpeg_head(marker: u8, precision: u8, components: u8) -> Vec<u8> {
    let mut bytes =
        vec![0xff, 0xd8, 0xff, marker, 0, 8 + 3 * components, precision, 0, 16, 0, 16, components];
    (1..=components).for_each(|id| bytes.extend([id, 0x11, 0]));
    bytes
}

/// A PNG's header for that size, with a right checksum.
fn png_head(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes().iter().chain(&height.to_be_bytes()));
    bytes.extend([8, 2, 0, 0, 0]);
    let crc = !bytes[12..].iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    });
    bytes.extend(crc.to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    bytes
}

/// A TIFF in little endian with one page of these tags: number and value, SHORT.
fn tiff_of(tags: &[(u16, u16)]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((tags.len() as u16).to_le_bytes());
    for (tag, value) in tags {
        bytes.extend(tag.to_le_bytes());
        bytes.extend([3, 0, 1, 0, 0, 0]);
        bytes.extend(value.to_le_bytes());
        bytes.extend([0, 0]);
    }
    bytes.extend([0; 4]);
    bytes
}

/// A DICOM file of 4 × 2 RGB pixels; what is in `more` takes the place of its own.
fn dicom(syntax: &str, more: &[(u16, u16, &str, &[u8])]) -> Vec<u8> {
    let element = |group: u16, number: u16, vr: &str, value: &[u8]| {
        let mut bytes = [group.to_le_bytes(), number.to_le_bytes()].concat();
        bytes.extend(vr.as_bytes());
        let mut value = value.to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == "UI" || vr == "OB" { 0 } else { b' ' });
        }
        if vr == "OB" {
            bytes.extend([0, 0]);
            bytes.extend((value.len() as u32).to_le_bytes());
        } else {
            bytes.extend((value.len() as u16).to_le_bytes());
        }
        bytes.extend(value);
        bytes
    };
    let usual: [(u16, u16, &str, &[u8]); 7] = [
        (0x28, 0x02, "US", &[3, 0]),
        (0x28, 0x04, "CS", b"RGB"),
        (0x28, 0x10, "US", &[2, 0]),
        (0x28, 0x11, "US", &[4, 0]),
        (0x28, 0x100, "US", &[8, 0]),
        (0x28, 0x101, "US", &[8, 0]),
        (0x7fe0, 0x10, "OB", &[9; 24]),
    ];
    let replaced = |a: &(u16, u16, &str, &[u8])| more.iter().any(|b| (a.0, a.1) == (b.0, b.1));
    let mut all: Vec<_> = usual.into_iter().filter(|a| !replaced(a)).chain(more.iter().copied()).collect();
    all.sort_by_key(|&(group, number, ..)| (group, number));
    let meta = element(2, 0x10, "UI", syntax.as_bytes());
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    bytes.extend(element(2, 0, "UL", &(meta.len() as u32).to_le_bytes()));
    bytes.extend(meta);
    // An empty value stands for an attribute that is not there.
    all.iter()
        .filter(|a| !a.3.is_empty())
        .for_each(|&(g, n, vr, value)| bytes.extend(element(g, n, vr, value)));
    bytes
}

fn damaged_files(table: &mut Table) {
    let [jpeg, png, tiff, bmp, gif, webp] = [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
        ImageFormat::Gif,
        ImageFormat::WebP,
    ]
    .map(|format| encoded(scalp(), format));
    table.group("Files that are not there, empty or damaged");
    table.run("no such file", FAILED, "measure nowhere.jpg");
    std::fs::create_dir(table.desk.path("folder")).expect("a folder");
    table.run("a folder", FAILED, "measure folder");
    table.photo("0 bytes", "empty.jpg", b"");
    table.photo("one byte", "one.jpg", b"\xff");
    table.photo("text", "text.jpg", b"Dear doctor, please find attached");
    table.photo("a web page that was saved as a photo", "page.jpg", b"<!DOCTYPE html><html></html>");
    table.photo("a JPEG's first three bytes", "start.jpg", &jpeg[..3]);
    table.photo("a JPEG cut in its header", "header.jpg", &jpeg[..40]);
    table.photo("a JPEG cut in its image data", "half.jpg", half(&jpeg));
    table.photo("the same with an end marker put behind", "closed.jpg", &[half(&jpeg), b"\xff\xd9"].concat());
    table.photo("a PNG cut in the middle", "half.png", half(&png));
    let mut broken = png.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    table.photo("a PNG with a wrong byte", "broken.png", &broken);
    table.photo("a PNG of width 0", "zero.png", &png_head(0, 5));
    table.photo("a TIFF cut in the middle", "half.tif", half(&tiff));
    table.photo("a TIFF whose first page lies behind its end", "far.tif", b"II*\0\xff\xff\0\0");
    table.photo(
        "a TIFF of a palette without colours",
        "palette.tif",
        &tiff_of(&[(256, 2), (257, 2), (258, 8), (259, 1), (262, 3), (273, 8), (277, 1), (279, 4)]),
    );
    table.photo("a BMP cut in the middle", "half.bmp", half(&bmp));
    table.photo("text that begins with BM", "text.bmp", b"BMW owners' manual, page 1");
    table.photo("a GIF without a frame", "none.gif", &[&gif[..13], b";"].concat());
    table.photo("a GIF cut in the middle", "half.gif", half(&gif));
    table.photo("a WebP cut in the middle", "half.webp", half(&webp));
    let whole = dicom("1.2.840.10008.1.2.1", &[]);
    table.photo("a DICOM file cut in its pixels", "half.dcm", &whole[..whole.len() - 10]);
    table.photo(
        "a DICOM file with fewer pixels than it says",
        "few.dcm",
        &dicom("1.2.840.10008.1.2.1", &[(0x28, 0x10, "US", &[9, 0])]),
    );
    table.photo(
        "a DICOM file without rows",
        "rows.dcm",
        &dicom("1.2.840.10008.1.2.1", &[(0x28, 0x10, "US", b"")]),
    );
}

fn other_formats(table: &mut Table) {
    table.group("Formats and kinds that are not read");
    let ftyp = |brand: &[u8]| [b"\0\0\0\x18ftyp", brand, b"\0\0\0\0mif1"].concat();
    table.photo("HEIC, of a phone", "phone.heic", &ftyp(b"heic"));
    table.photo("AVIF", "photo.avif", &ftyp(b"avif"));
    table.photo("camera RAW of Canon, new", "photo.cr3", &ftyp(b"crx "));
    table.photo("camera RAW of Canon", "photo.cr2", b"II*\0\x10\0\0\0CR\x02\0");
    table.photo("camera RAW of Fuji", "photo.raf", b"FUJIFILMCCD-RAW 0201");
    table.photo("camera RAW of Olympus", "photo.orf", b"IIRO\x08\0\0\0");
    table.photo("camera RAW of Panasonic", "photo.rw2", b"IIU\0\x08\0\0\0");
    let preview =
        tiff_of(&[(254, 1), (256, 2), (257, 2), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (279, 4)]);
    table.photo("camera RAW of Nikon or Sony, DNG", "photo.nef", &preview);
    table.photo("a video of a phone", "clip.mp4", &ftyp(b"isom"));
    table.photo("a video, AVI", "clip.avi", b"RIFF\0\0\0\0AVI LIST");
    table.photo("PDF", "report.pdf", b"%PDF-1.7");
    table.photo("Photoshop", "photo.psd", b"8BPS\0\x01");
    table.photo("JPEG XL", "photo.jxl", b"\xff\x0a\0");
    table.photo("JPEG 2000", "photo.jp2", b"\0\0\0\x0cjP  \r\n\x87\n");
    table.photo("OpenEXR", "photo.exr", b"\x76\x2f\x31\x01\x02");
    table.photo("ZIP", "photos.zip", b"PK\x03\x04\x14\0");
    table.photo("a lossless JPEG", "lossless.jpg", &jpeg_head(0xc3, 8, 3));
    table.photo("an arithmetic JPEG", "arithmetic.jpg", &jpeg_head(0xc9, 8, 3));
    table.photo("a JPEG of 12 bits", "twelve.jpg", &jpeg_head(0xc1, 12, 3));
    table.photo("a JPEG of 2 components", "two.jpg", &jpeg_head(0xc0, 8, 2));
    let bright = Rgb32FImage::from_pixel(30, 30, Rgb([900.0, 5.0, 5.0]));
    table.photo("a TIFF of floats that are not 0 to 1", "bright.tif", &encoded(bright, ImageFormat::Tiff));
    let of = |syntax: &str| dicom(syntax, &[]);
    let explicit = "1.2.840.10008.1.2.1";
    table.photo("DICOM, JPEG-LS", "ls.dcm", &of("1.2.840.10008.1.2.4.80"));
    table.photo("DICOM, video", "video.dcm", &of("1.2.840.10008.1.2.4.102"));
    table.photo("DICOM, deflated", "deflated.dcm", &of("1.2.840.10008.1.2.1.99"));
    table.photo("DICOM of an unknown transfer syntax", "unknown.dcm", &of("1.2.3"));
    table.photo("DICOM, computed tomography", "ct.dcm", &dicom(explicit, &[(0x08, 0x60, "CS", b"CT")]));
    table.photo("DICOM without a picture", "report.dcm", &dicom(explicit, &[(0x7fe0, 0x10, "OB", b"")]));
    table.photo(
        "DICOM of pixels that are not square",
        "oblong.dcm",
        &dicom(explicit, &[(0x28, 0x34, "IS", b"1\\2")]),
    );
    table.photo("DICOM of signed samples", "signed.dcm", &dicom(explicit, &[(0x28, 0x103, "US", &[1, 0])]));
    table.photo(
        "DICOM of another colour model",
        "inks.dcm",
        &dicom(explicit, &[(0x28, 0x04, "CS", b"CMYK")]),
    );
}

fn limits(table: &mut Table) {
    table.group("Limits");
    table.photo("a PNG of 60,000 × 60,000 px", "huge.png", &png_head(60_000, 60_000));
    scalp().save(table.desk.path("a.png")).expect("saved");
    for (name, text) in [
        ("pixels.toml", "decode.max_pixels = 1000"),
        ("bytes.toml", "decode.max_file_bytes = 100"),
        ("memory.toml", "decode.max_memory_bytes = 1000"),
    ] {
        table.write(name, text);
        table.run(&format!("`{text}`"), FAILED, &format!("measure a.png --protocol {name}"));
    }
    table.write("time.toml", "max_seconds = 0.001");
    scalp_of(900).save(table.desk.path("large.png")).expect("saved");
    table.run("`max_seconds = 0.001`", DONE, "measure large.png --quiet --protocol time.toml");
}

fn scalp_of(side: u32) -> RgbImage {
    image::imageops::resize(&scalp(), side, side, image::imageops::FilterType::Nearest)
}

fn photos_without_a_number(table: &mut Table) {
    table.group("Photos that can be read, but not measured");
    GrayImage::new(120, 90).save(table.desk.path("black.png")).expect("saved");
    table.run("a black photo", DONE, "measure black.png --quiet");
    GrayImage::from_pixel(120, 90, Luma([150])).save(table.desk.path("plain.png")).expect("saved");
    table.run("a photo of one colour", DONE, "measure plain.png --quiet");
    GrayImage::from_pixel(120, 90, Luma([255])).save(table.desk.path("white.png")).expect("saved");
    table.run("a white photo", DONE, "measure white.png --quiet");
    GrayImage::new(5, 5).save(table.desk.path("tiny.png")).expect("saved");
    table.run("a photo of 5 × 5 px", DONE, "measure tiny.png --quiet");
    table.run("a region outside of the photo", DONE, "measure a.png --quiet --region rect:500,500,10,10");
}

fn usage(table: &mut Table) {
    table.group("Scale and region");
    for (what, scale) in [
        ("a word", "wide"),
        ("a decimal comma", "5,54"),
        ("zero", "0"),
        ("a negative number", "-5"),
        ("not a number", "NaN"),
        ("metres instead of micrometres", "5540000"),
    ] {
        table.run(&format!("a scale that is {what}"), USAGE, &format!("measure a.png --um-per-px {scale}"));
    }
    table.run("a region in words", USAGE, "measure a.png --region left");
    table.run("a region of three numbers", USAGE, "measure a.png --region rect:1,2,3");
    table.run("a region without area", USAGE, "measure a.png --region circle:5,5,0");
    table.run(
        "two regions of one name",
        USAGE,
        "measure a.png --region x=circle:5,5,4 --region x=circle:9,9,4",
    );
    table.run(
        "a region with a semicolon in its name",
        USAGE,
        "measure a.png --region front;left=circle:5,5,4",
    );
    table.run("a mask that is not there", USAGE, "measure a.png --region mask.png");
    GrayImage::new(120, 90).save(table.desk.path("none.png")).expect("saved");
    table.run("a mask that is black", USAGE, "measure a.png --region none.png");
    GrayImage::from_pixel(60, 45, Luma([255])).save(table.desk.path("small.png")).expect("saved");
    table.run("a mask of another size", FAILED, "measure a.png --region small.png");
    table.write("point.geojson", r#"{"type": "Point", "coordinates": [3, 4]}"#);
    table.run("GeoJSON of a point", USAGE, "measure a.png --region point.geojson");
    table.write("broken.geojson", r#"{"type": "Polygon", "coordinates": [[["#);
    table.run("GeoJSON cut off", USAGE, "measure a.png --region broken.geojson");

    table.group("Protocol and corrections");
    table.run("a protocol that is not there", USAGE, "measure a.png --protocol nowhere.toml");
    table.write("words.toml", "this is no protocol");
    table.run("a protocol that is no TOML", USAGE, "measure a.png --protocol words.toml");
    table.write("unknown.toml", "vellus_limit = 40");
    table.run("a field that there is none of", USAGE, "measure a.png --protocol unknown.toml");
    table.write("range.toml", "min_confidence = 3");
    table.run("a value outside of its range", USAGE, "measure a.png --protocol range.toml");
    table.write("kind.toml", "max_seconds = \"long\"");
    table.run("a value of the wrong kind", USAGE, "measure a.png --protocol kind.toml");
    table.write("a.corrections.json", "{");
    table.run("corrections that are no JSON", USAGE, "measure a.png --corrections a.corrections.json");
    table.run("corrections that are not there", USAGE, "measure a.png --corrections b.corrections.json");

    table.group("Outputs");
    table.run("a result in the place of the photo", USAGE, "measure a.png --overlay a.png");
    table.run("a folder that is not there", USAGE, "measure a.png --json nowhere/a.json");
    table.run("two documents on standard output", USAGE, "measure a.png --json - --csv -");
    table.run("a page that ends in .pdf", USAGE, "measure a.png --report a.pdf");
    table.run("a picture on standard output", USAGE, "measure a.png --overlay -");
    table.run("a copy without names in the place of the photo", USAGE, "deidentify a.png a.png");
    table.run("a copy that is no PNG", USAGE, "deidentify a.png copy.jpg");
    table.run("copies of a folder in a file", USAGE, "deidentify folder copy.png");
    table.run("a round blank", USAGE, "deidentify a.png copy.png --blank circle:5,5,5");

    table.group("Manifests");
    table.write("columns.csv", "file,subject\na.png,1\n");
    table.run("a manifest without the column photo", USAGE, "batch columns.csv -o out");
    table.write("rows.csv", "photo,subject\n");
    table.run("a manifest without rows", USAGE, "batch rows.csv -o out");
    std::fs::write(table.desk.path("latin.csv"), b"photo,subject\na.png,M\xfcller\n").expect("written");
    table.run("a manifest that is not UTF-8", USAGE, "batch latin.csv -o out");
    table.run("a manifest that is not there", USAGE, "batch nowhere.csv -o out");
    table.write("scale.csv", "photo,um_per_px\na.png,wide\n");
    table.run("a scale in words in a manifest", USAGE, "batch scale.csv -o out");
}

#[test]
fn every_bad_input_gets_its_sentence() {
    let mut table = Table { desk: Desk::new(), text: String::new(), count: 0 };
    damaged_files(&mut table);
    other_formats(&mut table);
    limits(&mut table);
    photos_without_a_number(&mut table);
    usage(&mut table);
    let heading = "# What can be wrong with an input, and what is said\n\nWritten by `bad_inputs.rs`, which holds every \
                   sentence to this file. Exit codes: 0 done (the record says that the photo cannot be measured), 1 failed, \
                   2 wrong usage, nothing was measured.\n";
    let text = format!("{heading}{}", table.text);
    assert!(table.count >= 60, "{} bad inputs", table.count);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad_inputs.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    if std::env::var_os("VELLUS_WRITE_SENTENCES").is_some() {
        std::fs::write(path, &text).expect("written");
    }
    for (new, old) in text.lines().zip(committed.lines()) {
        assert_eq!(new, old, "VELLUS_WRITE_SENTENCES=1 cargo test -p vellus-cli --test bad_inputs");
    }
    assert_eq!(text.lines().count(), committed.lines().count());
}
