//! Creases and the pigment network: texture of the skin that only some people have.

use crate::detail::Detail;
use crate::geometry::PointUm;
use crate::noise;

/// What a point of the skin has more of, in the units of the skin's texels.
#[derive(Debug, Clone, Copy, Default)]
pub struct Relief {
    /// Melanin.
    pub melanin: f32,
    /// Height.
    pub height: f32,
    /// Dry sparkle.
    pub sparkle: f32,
}

/// Texture at a point; `bend` displaces it slowly, `patch` (0-1) is how strong it is hereabouts.
pub fn relief(detail: &Detail, seed: u32, point: PointUm, bend: [f32; 2], patch: f32) -> Relief {
    let (x, y) = (point[0] as f32, point[1] as f32);
    let mut out = Relief::default();
    if detail.creases > 0.0 {
        // Two families of creases cross at an angle; each is some 90 µm apart and millimetres long.
        let turn = (seed % 628) as f32 / 100.0;
        for (k, (turn, share)) in [(turn, 1.0), (turn + 1.1, 0.5)].into_iter().enumerate() {
            let (c, s) = (libm::cosf(turn), libm::sinf(turn));
            let (a, b) = (c * x + s * y + 60.0 * bend[1], c * y - s * x + 90.0 * bend[0]);
            let n = noise::fractal(seed.wrapping_add(40 + k as u32), a / 900.0, b / 110.0, 3, 0.6);
            let line = noise::smoothstep(0.72, 1.0, 1.0 - n.abs());
            let depth = detail.creases as f32 * share * (0.3 + 0.7 * patch);
            out.height -= 2.4 * depth * line;
            // Dust and shade gather in them.
            out.melanin += 1.6 * depth * line;
            let shoulder = noise::smoothstep(0.1, 0.4, n) * (1.0 - noise::smoothstep(0.4, 0.8, n));
            out.sparkle += 0.10 * depth * shoulder * patch;
        }
    }
    if detail.network > 0.0 {
        let (u, v) = (x / 150.0 + 0.35 * bend[0], y / 150.0 + 0.35 * bend[1]);
        let cell = noise::cell(seed.wrapping_add(50), u, v);
        let strand = 1.0 - noise::smoothstep(0.06, 0.34, cell.second - cell.nearest);
        out.melanin += 3.4 * detail.network as f32 * (0.25 + 0.75 * patch) * strand;
    }
    out
}
