use super::*;

const WEIGHTS: [f32; 3] = [0.6, 0.15, 0.25];
const SKIN: [f32; 3] = [0.5, 0.3, 0.2];
const SIZE: usize = 64;

/// Losses of a picture of which `light` gives the pixels, with a camera's noise of some size.
fn losses(noise: f32, light: impl Fn(usize, usize) -> [f32; 3]) -> [Plane; 3] {
    let mut state = 1_u32;
    let mut planes = [0, 1, 2].map(|_| Plane::filled(SIZE, SIZE, 0.0));
    for i in 0..SIZE * SIZE {
        let light = light(i % SIZE, i / SIZE);
        for k in 0..3 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = noise * ((state >> 16) as f32 / 32_768.0 - 1.0);
            planes[k].data[i] = 1.0 - light[k] / SKIN[k] + noise;
        }
    }
    planes
}

/// Skin under a share of something white of some brightness.
fn under(share: f32, brightness: f32) -> [f32; 3] {
    SKIN.map(|skin| (1.0 - share) * skin + share * brightness)
}

fn opacity(losses: &[Plane; 3]) -> Plane {
    let mut opacity = Plane::filled(SIZE, SIZE, 0.0);
    for (i, value) in opacity.data.iter_mut().enumerate() {
        *value = (0..3).map(|k| WEIGHTS[k] * losses[k].data[i]).sum();
    }
    opacity
}

/// Shine and the losses that it is of.
struct Seen<'a> {
    shine: Shine,
    losses: &'a [Plane; 3],
}

impl Seen<'_> {
    fn at(&self, pixel: usize) -> (f32, f32) {
        self.shine.at(pixel, self.losses.each_ref().map(|losses| losses.data[pixel]))
    }
}

fn seen<'a>(losses: &'a [Plane; 3], skin: [f32; 3], own: &[bool]) -> Seen<'a> {
    Seen { shine: Shine::of(losses, &losses[2], &opacity(losses), WEIGHTS, skin, own), losses }
}

fn of(losses: &[Plane; 3]) -> Seen<'_> {
    seen(losses, SKIN, &[true; SIZE * SIZE])
}

#[test]
fn the_lost_colour_is_the_covered_share_in_any_brightness() {
    let weights = colour_weights(SKIN).expect("skin is coloured");
    assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{weights:?}");
    for brightness in [0.0, 0.1, 0.3, 0.9] {
        let light = under(0.4, brightness);
        let lost: f32 = (0..3).map(|k| weights[k] * (1.0 - light[k] / SKIN[k])).sum();
        assert!((lost - 0.4).abs() < 1e-4, "{brightness}: {lost}");
    }
}

#[test]
fn a_bright_streak_on_a_dark_shaft_is_raised_to_the_shaft() {
    let shaft = |x: usize, _| match x {
        25..=28 | 33..=38 => under(1.0, 0.01),
        29..=32 => under(1.0, 0.32),
        _ => SKIN,
    };
    let losses = losses(0.02, shaft);
    let shine = of(&losses);
    let pixel = 30 * SIZE + 30;
    assert!(opacity(&losses).data[pixel] < 0.2, "{}", opacity(&losses).data[pixel]);
    let raised = opacity(&losses).data[pixel] + shine.at(pixel).1;
    assert!((raised - 1.0).abs() < 0.1, "{raised}");
    // The dark part and the skin stay as they are, but for noise.
    for x in [26, 36, 10, 50] {
        let (_, hidden) = shine.at(30 * SIZE + x);
        assert!(hidden < 0.05, "{x}: {hidden}");
    }
}

#[test]
fn a_white_shaft_is_raised_and_gloss_on_skin_is_not() {
    let both = |x: usize, y: usize| match (x, y) {
        (25..=36, _) => under(0.8, 0.5),
        (50.., 20..=40) => SKIN.map(|skin| skin + 0.2),
        _ => SKIN,
    };
    let losses = losses(0.02, both);
    let shine = of(&losses);
    let shaft = 30 * SIZE + 30;
    assert!((opacity(&losses).data[shaft] + shine.at(shaft).1 - 0.8).abs() < 0.1);
    let gloss = 30 * SIZE + 55;
    assert!(opacity(&losses).data[gloss] + shine.at(gloss).1 < 0.1, "{:?}", shine.at(gloss));
}

#[test]
fn a_bluish_root_below_the_skin_is_not_raised() {
    // Half of the red is gone, a third of the green, and no more blue comes back than from skin.
    let root = |x: usize, _| if (25..=36).contains(&x) { [0.25, 0.2, 0.19] } else { SKIN };
    let losses = losses(0.02, root);
    let shine = of(&losses);
    for x in 25..=36 {
        assert!(shine.at(30 * SIZE + x).1 < 0.05, "{x}: {:?}", shine.at(30 * SIZE + x));
    }
}

#[test]
fn nothing_is_raised_where_colour_cannot_tell() {
    let shaft = |x: usize, _| if (25..=36).contains(&x) { under(1.0, 0.3) } else { SKIN };
    // Noise as large as what a shaft does.
    let noisy = losses(0.6, shaft);
    assert_eq!(of(&noisy).at(30 * SIZE + 30), (0.0, 0.0));
    // Skin without colour, and bluish skin.
    let clear = losses(0.0, shaft);
    for skin in [[0.3; 3], [0.2, 0.3, 0.5]] {
        let shine = seen(&clear, skin, &[true; SIZE * SIZE]);
        assert_eq!(shine.at(30 * SIZE + 30), (0.0, 0.0));
    }
    // No scalp at all.
    let shine = seen(&clear, SKIN, &[false; SIZE * SIZE]);
    assert_eq!(shine.at(30 * SIZE + 30), (0.0, 0.0));
}

#[test]
fn a_cloth_beside_the_region_does_not_change_what_shines() {
    // Shine on skin left of the middle; right of it nothing, or blue cloth that spoils the spread of what is not the region's own.
    let streak = |x: usize| (12..20).contains(&x);
    let left = |x: usize| if streak(x) { under(1.0, 0.6) } else { SKIN };
    let plain = losses(0.02, |x, _| if x < SIZE / 2 { left(x) } else { SKIN });
    let cloth = losses(0.02, |x, _| if x < SIZE / 2 { left(x) } else { [0.05, 0.15, 0.6] });
    let own: Vec<bool> = (0..SIZE * SIZE).map(|i| i % SIZE < SIZE / 2 - 4).collect();
    let (alone, beside) = (seen(&plain, SKIN, &own), seen(&cloth, SKIN, &own));
    for y in 8..SIZE - 8 {
        let (a, b) = (alone.at(y * SIZE + 16).1, beside.at(y * SIZE + 16).1);
        assert!(a > 0.5 && (a - b).abs() < 0.02, "{a} {b}");
    }
}
