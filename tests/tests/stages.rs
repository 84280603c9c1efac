//! Each stage alone, fed with a drawn input and not with what the stage before made of it: a fault shows where it is.
//!
//! | what | tolerance | why |
//! |---|---|---|
//! | mask: burned-in marks | all of their box, and at most 3 % of the scalp | the margin of 4 px around a box of 250 × 60 px is 1 % of the field |
//! | mask: black surround | 99 % of it; 1 % of the scalp farther than 24 px from the rim lost | blocks of 8 px with a margin of two cover the blurred rim |
//! | contrast: opacity of a known shaft | 0.01 | the skin's brightness is read from a histogram of 256 bins |
//! | contrast: noise | 10 % | rounding to 8 bits adds 0.29 levels to the 3 drawn |
//! | ridges | 90 % of the axis has one within 1 px | ends are no ridges |
//! | shafts: crossing | both, 2 px | as in `truth.rs` |
//! | width of a known blurred bar | 0.05 px | 0.25 µm at 5 µm per px; the bound from noise does not enter, as there is none |
//! | blur | 0.05 px | a blur off by 0.05 px moves a bar of twice the blur by as much |
//! | root | the right end | one clear sign at a time |

use rstest::rstest;
use vellus::contrast::{Contrast, contrast};
use vellus::linear::{LinearPhoto, linear};
use vellus::mask::scalp;
use vellus::plane::Plane;
use vellus::profile::{Widths, widths};
use vellus::ridge::ridge_points;
use vellus::root::{Ends, roots};
use vellus::shafts::{Setting, Shaft, shafts};
use vellus::skin::Skin;
use vellus::unit::follicular_units;
use vellus::{DiameterBasis, Photo, Protocol};
use vellus_phantom::targets::Target;
use vellus_phantom::{Phantom, Scene, draw};
use vellus_tests::bars::{Bar, as_shafts, opacity};
use vellus_tests::drawn::small_scene;
use vellus_tests::line::{Point, distance_to, resampled};
use vellus_tests::record::hair;

fn light_of(phantom: &Phantom) -> LinearPhoto {
    linear(&Photo::from_image(phantom.image.clone().into()).expect("pixels"))
}

#[rstest]
#[case("dirty")]
#[case("lowres")]
#[case("unclipped_typical")]
fn the_mask_takes_out_a_scale_mark_and_leaves_the_scalp(#[case] name: &str) {
    let scene = small_scene(name, 800, 640);
    let phantom = draw(&Scene { glare: [0.0, 0.0], ..scene }, 501);
    let valid = scalp(&light_of(&phantom));
    let [x0, y0, x1, y1] = phantom.truth.scale_mark.as_ref().expect("a scale mark").area_px;
    let inside = |i: usize| {
        let (x, y) = ((i % 800) as u32, (i / 800) as u32);
        (x0..x1).contains(&x) && (y0..y1).contains(&y)
    };
    let left = (0..valid.len()).filter(|&i| inside(i) && valid[i]).count();
    assert_eq!(left, 0, "{left} px of the mark at {:?} are taken for scalp", [x0, y0, x1, y1]);
    let lost = (0..valid.len()).filter(|&i| !inside(i) && !valid[i]).count();
    assert!((lost as f64) < 0.03 * valid.len() as f64, "{lost} px of scalp are masked");
}

#[test]
fn the_mask_takes_out_what_is_around_a_round_field() {
    let phantom = draw(&small_scene("aperture", 640, 512), 502);
    let valid = scalp(&light_of(&phantom));
    let [cx, cy, radius] = phantom.truth.aperture.expect("a field stop");
    let (mut outside, mut left, mut inside, mut lost) = (0.0, 0.0, 0.0, 0.0);
    for (i, &valid) in valid.iter().enumerate() {
        let to_rim = radius - ((i % 640) as f64 - cx).hypot((i / 640) as f64 - cy);
        if to_rim < 0.0 {
            outside += 1.0;
            left += f64::from(u8::from(valid));
        } else if to_rim > 24.0 {
            inside += 1.0;
            lost += f64::from(u8::from(!valid));
        }
    }
    assert!(left < 0.01 * outside, "{left} of {outside} px around the field are taken for scalp");
    assert!(lost < 0.01 * inside, "{lost} of {inside} px of scalp are masked");
}

#[test]
fn contrast_is_the_share_of_light_that_a_shaft_takes() {
    // Skin of three brightnesses that falls off from left to right as by a quarter over a photo of 1280 px, a shaft that lets 35 % through.
    let bar = Bar { from: [120.0, 60.0], to: [280.0, 190.0], width_px: 18.0, level: 0.65 };
    let drawn = opacity(400, 260, &[bar], 1.0);
    let primary = |skin: f32| Plane {
        data: drawn
            .data
            .iter()
            .enumerate()
            .map(|(i, o)| skin * (1.0 - 0.25 * (i % 400) as f32 / 1280.0) * (1.0 - o))
            .collect(),
        ..drawn.clone()
    };
    let photo = LinearPhoto { primaries: [0.62, 0.41, 0.3].map(primary) };
    let all = vec![true; drawn.data.len()];
    let got = contrast(&photo, &all, &all, 5.0).opacity;
    // The light falls by 1 % within a tile of 0.25 mm, so that means are compared, not pixels.
    let mean_off = |pick: fn(f32) -> bool| {
        let off: Vec<f64> = (drawn.data.iter().zip(&got.data))
            .filter(|&(&o, _)| pick(o))
            .map(|(o, g)| f64::from(g - o))
            .collect();
        off.iter().sum::<f64>() / off.len() as f64
    };
    let (shaft, skin) = (mean_off(|o| o > 0.64), mean_off(|o| o < 0.001));
    assert!(shaft.abs() < 0.01, "opacity of the shaft off by {shaft:+.4}");
    assert!(skin.abs() < 0.01, "opacity of the skin off by {skin:+.4}");
}

#[test]
fn contrast_states_the_noise_that_there_is() {
    let levels = 3.0;
    let target = Target { noise_sd_levels: levels, ..Target::single_shaft(12.0, 30.0) };
    let light = light_of(&target.photograph(503));
    let weights = [0, 1, 2].map(|c| {
        // Which colours the opacity is made of is the stage's own business: read it off by darkening one primary.
        let mut dimmed = light.clone();
        dimmed.primaries[c].data[40 * 400 + 40] -= 0.1;
        let valid = vec![true; light.primaries[0].data.len()];
        let at = |photo: &LinearPhoto| f64::from(contrast(photo, &valid, &valid, 5.0).opacity.at(40, 40));
        (at(&dimmed) - at(&light)) / 0.1
    });
    let expected = levels / 255.0 * weights.iter().map(|w| w * w).sum::<f64>().sqrt();
    let valid = vec![true; light.primaries[0].data.len()];
    let got = f64::from(contrast(&light, &valid, &valid, 5.0).noise_sd);
    assert!((got / expected - 1.0).abs() < 0.1, "noise {got:.4}, drawn {expected:.4}");
}

#[rstest]
fn ridges_run_along_the_axis(#[values(4.0, 12.0)] width_px: f64, #[values(0.0, 35.0, 90.0)] angle_deg: f64) {
    let (sin, cos) = f64::to_radians(angle_deg).sin_cos();
    let end = |along: f64| [150.3 + along * cos, 119.8 + along * sin];
    let bar = Bar { from: end(-80.0), to: end(80.0), width_px, level: 0.9 };
    let ridges = ridge_points(&opacity(300, 240, &[bar], 1.0), 1.0, 8.0);
    let axis = resampled(&[bar.from, bar.to], 2.0);
    let near = |p: &Point| {
        ridges.iter().any(|r| {
            let close = (f64::from(r.x) - p[0]).hypot(f64::from(r.y) - p[1]) < 1.0 + 1.0;
            let on_axis = distance_to([f64::from(r.x), f64::from(r.y)], &[bar.from, bar.to]) < 1.0;
            close && on_axis && (f64::from(r.angle) - angle_deg.to_radians()).sin().abs() < 0.1
        })
    };
    let hit = axis.iter().filter(|p| near(p)).count();
    assert!(hit as f64 >= 0.9 * axis.len() as f64, "{hit} of {} points of the axis", axis.len());
}

#[rstest]
fn shafts_pass_a_crossing(#[values(30.0, 60.0, 90.0)] crossing_deg: f64) {
    let end = |angle: f64, along: f64| [150.3 + along * angle.cos(), 119.8 + along * angle.sin()];
    let bar =
        |angle: f64, width_px| Bar { from: end(angle, -85.0), to: end(angle, 85.0), width_px, level: 0.9 };
    let bars = [bar(0.2, 12.0), bar(0.2 + crossing_deg.to_radians(), 10.0)];
    let plane = opacity(300, 240, &bars, 1.0);
    let contrast = Contrast {
        lost_colour: None,
        opacity: plane.clone(),
        neutral: plane.clone(),
        shine: Plane::filled(plane.width, plane.height, 0.0),
        noise_sd: 0.0,
        texture_sd: 0.02,
        skin: Skin::even(1.0, [plane.width, plane.height]),
    };
    let setting = Setting::of(&contrast, 5.0, 140.0);
    let found = shafts(&contrast, &vec![true; plane.data.len()], &setting);
    assert_eq!(found.len(), 2);
    for bar in bars {
        let off = |shaft: &Shaft| {
            let ends = [shaft.ribbon.axis[0], shaft.ribbon.axis[shaft.ribbon.axis.len() - 1]];
            let ends = ends.map(|p| p.map(f64::from));
            let apart = |a: Point, b: Point| (a[0] - b[0]).hypot(a[1] - b[1]);
            let straight = apart(ends[0], bar.from).max(apart(ends[1], bar.to));
            straight.min(apart(ends[1], bar.from).max(apart(ends[0], bar.to)))
        };
        let nearest = found.iter().map(off).fold(f64::INFINITY, f64::min);
        assert!(nearest < 2.0, "ends of {bar:?} off by {nearest:.2} px");
    }
}

/// Widths of bars that are handed over as they are.
fn widths_of(bars: &[Bar], sigma_px: f64) -> Widths {
    let plane = opacity(320, 260, bars, sigma_px);
    widths(&as_shafts(bars, &plane), &plane, 0.9)
}

#[rstest]
fn a_blurred_bar_has_its_width(
    #[values(3.0, 6.0, 10.0, 18.0)] width_px: f64,
    #[values(0.8, 1.2, 2.0)] sigma_px: f64,
    #[values(0.0, 28.0)] angle_deg: f64,
) {
    let (sin, cos) = f64::to_radians(angle_deg).sin_cos();
    let end = |along: f64| [160.3 + along * cos, 80.2 + along * sin];
    // The second one is wide enough to tell the blur.
    let bars = [
        Bar { from: end(-70.0), to: end(70.0), width_px, level: 0.9 },
        Bar { from: [60.0, 190.4], to: [260.0, 215.1], width_px: 14.0, level: 0.9 },
    ];
    let widths = widths_of(&bars, sigma_px);
    assert!(widths.blur.measured);
    let blur = f64::from(widths.blur.sigma_px) - sigma_px;
    assert!(blur.abs() < 0.05, "blur off by {blur:+.3} px");
    for (bar, width) in bars.iter().zip(&widths.of) {
        let off = f64::from(width.mean_px) - bar.width_px;
        assert!(off.abs() < 0.05, "{} px wide, off by {off:+.3} px", bar.width_px);
    }
}

#[test]
fn a_neighbour_beside_half_of_a_bar_does_not_change_its_width() {
    let bars = [
        Bar { from: [60.0, 100.0], to: [260.0, 100.0], width_px: 11.0, level: 0.9 },
        Bar { from: [60.0, 113.0], to: [150.0, 113.0], width_px: 11.0, level: 0.9 },
    ];
    let width = f64::from(widths_of(&bars, 1.0).of[0].mean_px);
    assert!((width - 11.0).abs() < 0.05, "{width}");
}

#[rstest]
fn shafts_that_stand_free_nowhere_are_read_together(
    #[values(0.8, 1.5, 3.0)] gap_px: f64,
    #[values(0.8, 1.2)] sigma_px: f64,
) {
    let lying = |y: f64, width_px: f64| Bar { from: [60.0, y], to: [180.0, y + 9.0], width_px, level: 0.9 };
    let true_px = [9.0, 12.0, 7.0];
    let beside = |k: usize| 0.5 * (true_px[k] + true_px[k + 1]) + gap_px;
    let middle = 120.3;
    let bars = [
        lying(middle - beside(0), true_px[0]),
        lying(middle, true_px[1]),
        lying(middle + beside(1), true_px[2]),
        // Two that tell the blur.
        lying(40.0, 14.0),
        lying(200.0, 14.0),
    ];
    // The light that shafts side by side take away adds up.
    let mut plane = opacity(320, 260, &[], sigma_px);
    for bar in bars {
        let alone = opacity(320, 260, &[bar], sigma_px);
        plane.data.iter_mut().zip(&alone.data).for_each(|(sum, value)| *sum += value);
    }
    // As a search hands them over: the line between two of them half a pixel off, widths a tenth.
    let mut found = bars;
    (found[0].width_px, found[1].width_px, found[2].width_px) = (9.9, 10.8, 7.6);
    found[1].from[1] += 0.4;
    found[1].to[1] += 0.4;
    let widths = widths(&as_shafts(&found, &plane), &plane, 0.9);
    for (width, true_px) in widths.of.iter().zip(true_px) {
        let off = f64::from(width.mean_px) - true_px;
        assert!(off.abs() < 0.25, "{true_px} px wide, off by {off:+.3} px ({:?})", width.basis);
        assert!(off.abs() < 3.0 * f64::from(width.se_px).max(0.02), "off by {off:+.3} of {}", width.se_px);
    }
    assert_eq!(widths.of[1].basis, DiameterBasis::Beside);
}

/// The ends of one bar on a plane.
fn ends_of(bar: Bar, plane: &Plane) -> Ends {
    roots(&as_shafts(&[bar], plane), plane, &vec![true; plane.data.len()], 5.0)[0]
}

#[rstest]
#[case::at_the_first_point(false)]
#[case::at_the_last_point(true)]
fn the_root_is_where_the_skin_is_darker(#[case] reversed: bool) {
    let bar = Bar { from: [80.0, 90.0], to: [200.0, 130.0], width_px: 12.0, level: 0.9 };
    let mut plane = opacity(300, 220, &[bar], 1.0);
    // The follicle's mouth and the pigment below: 20 % darker skin over 60 µm beyond the root.
    let [x, y] = if reversed { bar.to } else { bar.from };
    for (i, value) in plane.data.iter_mut().enumerate() {
        let square = ((i % 300) as f64 - x).powi(2) + ((i / 300) as f64 - y).powi(2);
        *value = value.max((0.25 * (-square / (2.0 * 12.0 * 12.0)).exp()) as f32);
    }
    let ends = ends_of(bar, &plane);
    assert_eq!(ends.reversed, reversed);
    assert!(ends.confidence > 0.5 && !ends.root_at_border && !ends.tip_at_border);
}

#[test]
fn where_a_shaft_leaves_the_frame_is_not_its_root() {
    let bar = Bar { from: [-20.0, 90.0], to: [150.0, 130.0], width_px: 12.0, level: 0.9 };
    let plane = opacity(300, 220, &[bar], 1.0);
    let inside = Bar { from: [0.0, 94.7], ..bar };
    let ends = ends_of(inside, &plane);
    assert!(ends.reversed && ends.tip_at_border && !ends.root_at_border, "{ends:?}");
}

#[test]
fn roots_closer_than_the_protocol_says_are_one_unit() {
    let limit_px = Protocol::default().unit_distance_um / 5.0;
    let root = |id, x: f64| hair(id, &[[x, 50.0], [x, 150.0]], 60.0, 5.0);
    let mut hairs =
        [root(1, 100.0), root(2, 100.0 + 0.9 * limit_px), root(3, 100.0 + 1.8 * limit_px), root(4, 400.0)];
    hairs[3].counted = false;
    let units = follicular_units(&mut hairs, limit_px);
    // A chain: the first and the third are further apart than the limit, but the second is between them.
    assert_eq!(units.iter().map(|unit| unit.hairs.clone()).collect::<Vec<_>>(), [vec![1, 2, 3]]);
    assert_eq!(
        hairs.iter().map(|hair| hair.follicular_unit).collect::<Vec<_>>(),
        [Some(1), Some(1), Some(1), None]
    );
}
