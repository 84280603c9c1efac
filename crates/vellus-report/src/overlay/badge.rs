//! Small signs that say what became of a hair, so that colour is not the only cue.

use super::canvas::{Canvas, Colour, Frame, Line};
use super::{RIM, panel::WHITE};

/// What a sign says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// A disc with a plus: gained.
    Plus,
    /// A disc with a minus: lost.
    Minus,
    /// A triangle that points up: thickened, growing.
    Up,
    /// A triangle that points down: thinned.
    Down,
    /// A square: resting.
    Square,
}

impl Badge {
    /// Draws it, `radius` px to its rim.
    pub fn draw(self, canvas: &mut Canvas, [x, y]: [f32; 2], radius: f32, colour: Colour) {
        match self {
            Self::Plus | Self::Minus => {
                canvas.disc([x, y], 1.18 * radius, RIM, 0.9);
                canvas.disc([x, y], radius, colour, 1.0);
                let line = Line { width: 0.38 * radius, opacity: 1.0, dash: 0.0, closed: false };
                let arm = 0.52 * radius;
                canvas.stroke(&[[x - arm, y], [x + arm, y]], WHITE, line);
                if self == Self::Plus {
                    canvas.stroke(&[[x, y - arm], [x, y + arm]], WHITE, line);
                }
            }
            Self::Square => {
                let square =
                    |side: f32| Frame { x: x - 0.5 * side, y: y - 0.5 * side, width: side, height: side };
                canvas.rectangle(square(1.9 * radius), RIM, 0.9);
                canvas.rectangle(square(1.4 * radius), colour, 1.0);
            }
            Self::Up | Self::Down => {
                let sense = if self == Self::Up { -1.0 } else { 1.0 };
                let triangle = |radius: f32| {
                    [[0.0, sense], [0.9, -0.7 * sense], [-0.9, -0.7 * sense]]
                        .map(|[dx, dy]| [x + radius * dx, y + radius * dy])
                };
                canvas.fill_polygon(&triangle(1.45 * radius), RIM, 0.9);
                canvas.fill_polygon(&triangle(radius), colour, 1.0);
            }
        }
    }
}
