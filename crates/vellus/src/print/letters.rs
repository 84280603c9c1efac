//! Letters for tests.

/// MULLER in letters of 5 × 7 dots, a row of them per number.
const NAME: [[u8; 7]; 6] = [
    [17, 27, 21, 21, 17, 17, 17],
    [17, 17, 17, 17, 17, 17, 14],
    [16, 16, 16, 16, 16, 16, 31],
    [16, 16, 16, 16, 16, 16, 31],
    [31, 16, 16, 30, 16, 16, 31],
    [30, 17, 17, 30, 20, 18, 17],
];

/// Whether a pixel of the name is ink; `dot` is the side of its dots, px.
pub(crate) fn is_ink(x: u32, y: u32, dot: u32) -> bool {
    let (column, row) = (x / dot, y / dot);
    let letter = NAME.get(column as usize / 6);
    row < 7 && column % 6 < 5 && letter.is_some_and(|rows| rows[row as usize] >> (4 - column % 6) & 1 == 1)
}
