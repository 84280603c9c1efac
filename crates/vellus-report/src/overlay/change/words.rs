//! What stands above and below the two photos.

use image::{Rgb, RgbImage, imageops};
use vellus::comparison::Comparison;
use vellus::{Measurement, Severity};

use super::super::canvas::{CAPITALS, Canvas, text_width};
use super::super::legend;
use super::super::panel::{Mark, Row, SIZE, WHITE, draw_rows, rows_size, scale_bar, wrapped};
use super::hairs::{Drawn, Fate, in_font};
use super::{DASHED, DOTTED, GROUND, OverlayStyle, Pen, pen};
use crate::comparison_table;
use crate::quantity::answers;

/// Narrowest picture that has room for words, px.
const NARROWEST_WITH_WORDS: u32 = 320;

/// Both halves with their headings, and the strip of words below.
pub fn compose(
    [left, right]: &[RgbImage; 2],
    comparison: &Comparison,
    hairs: &[Drawn],
    style: &OverlayStyle,
) -> RgbImage {
    let gap = (left.width() / 160).max(1);
    let width = 2 * left.width() + gap;
    let pen = pen(style, width);
    let size = SIZE * pen.unit;
    let words = style.legend && width >= NARROWEST_WITH_WORDS;
    let rows = if words { words_of(comparison, hairs, width as f32 - 2.0 * size, size, pen) } else { vec![] };
    let head = if words { (2.0 * size) as u32 } else { 0 };
    let strip = if words { (rows_size(&rows, size)[1] + 2.0 * size) as u32 } else { 0 };

    let mut picture = RgbImage::from_pixel(width, head + left.height() + strip, Rgb(GROUND));
    imageops::replace(&mut picture, left, 0, i64::from(head));
    imageops::replace(&mut picture, right, i64::from(left.width() + gap), i64::from(head));
    if !words {
        return picture;
    }
    let bottom = (head + left.height()) as f32;
    let Some(mut canvas) = Canvas::new(&picture) else { return picture };
    let base = 0.5 * (head as f32 + CAPITALS * size);
    let headings = [
        (0.0, "Baseline", &comparison.baseline),
        ((left.width() + gap) as f32, "Follow-up, laid over the baseline", &comparison.follow_up),
    ];
    for (x, title, measurement) in headings {
        let title = heading(title, measurement, left.width() as f32 - 2.0 * size, size);
        canvas.text(&title, [x + size, base], size, WHITE, 0.0);
    }
    draw_rows(&mut canvas, &rows, [size, bottom + size], size, pen);
    canvas.into_photo()
}

/// The title, and the name of the file where the font has its letters and there is room.
fn heading(title: &str, measurement: &Measurement, width: f32, size: f32) -> String {
    let path = measurement.image.path.as_deref().unwrap_or_default();
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let full = format!("{title}: {name}");
    let fits = !name.is_empty() && name.is_ascii() && text_width(&full, size) <= width;
    if fits { full } else { title.to_owned() }
}

/// The answer, then what is drawn, each kind with its count.
pub fn words_of(comparison: &Comparison, hairs: &[Drawn], width: f32, size: f32, pen: Pen) -> Vec<Row> {
    let count = |fate: Fate| hairs.iter().filter(|hair| hair.fate == fate).count();
    let growing = comparison.phototrichogram.as_ref().map(comparison_table::growing);
    let mut rows: Vec<Row> = growing.into_iter().map(|words| vec![(Mark::None, words)]).collect();
    let answers = answers(&comparison.change).into_iter();
    rows.extend(answers.map(|(name, quantity, change)| {
        vec![(Mark::None, in_font(&format!("{name}: {}", quantity.sentence(&change))))]
    }));
    let (growth, scaled) = (comparison.phototrichogram.is_some(), comparison.baseline.calibration.is_some());
    let same = if growth { "seen in both, growth not told" } else { "seen in both, unchanged" };
    let mut entries: Row =
        vec![(Mark::Outline(Fate::Same.colour(), 0.0), format!("{same} {}", count(Fate::Same)))];
    let kinds = [
        (Fate::Gained, "gained", true),
        (Fate::Lost, "lost", true),
        (Fate::Thickened, "thicker", scaled && !growth),
        (Fate::Thinned, "thinner", scaled && !growth),
        (Fate::Growing, "growing", growth),
        (Fate::Resting, "resting", growth),
    ];
    for (fate, name, told) in kinds {
        if let Some(badge) = fate.badge().filter(|_| told) {
            entries.push((Mark::Badge(badge, fate.colour()), format!("{name} {}", count(fate))));
        }
    }
    if count(Fate::NotSeen) > 0 {
        let words = format!("the other photo cannot show it {}", count(Fate::NotSeen));
        entries.push((Mark::Outline(Fate::NotSeen.colour(), DOTTED), words));
    }
    let again = hairs.iter().filter(|hair| hair.second_look.is_some()).count();
    if again > 0 {
        entries.push((Mark::Ring(WHITE), format!("seen when looked for again {again}")));
    }
    if count(Fate::Gained) + count(Fate::Lost) > 0 {
        entries.push((Mark::Outline(Fate::Lost.colour(), DASHED), "its place without it".to_owned()));
    }
    if hairs.iter().any(|hair| hair.label.is_some()) {
        let what = if growth { "growth" } else { "change of diameter" };
        entries.push((Mark::None, format!("beside: {what}, µm")));
    }
    entries.push((Mark::None, "dimmed: not compared".to_owned()));
    if let Some(calibration) = comparison.baseline.calibration {
        entries.extend(scale_bar(calibration.um_per_px as f32, pen));
    }
    rows.extend(wrapped(entries, width, size));
    let doubts = comparison_table::doubts(comparison);
    let doubts = doubts.into_iter().map(|(_, finding)| finding).filter(|f| f.severity > Severity::Note);
    let notes = legend::codes(doubts);
    if !notes.is_empty() {
        rows.push(vec![(Mark::None, format!("note: {notes}"))]);
    }
    rows
}
