//! Tiles by which the brightness of the skin is told.

/// Tiles of equal size that cover a photo, so that they lie the same in a photo that is turned over; and those that a part of it
/// has some of, so that a part is seen as the whole is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tiles {
    /// Width and height of the photo, px.
    photo: [usize; 2],
    /// Number of tiles across and down the photo.
    of: [usize; 2],
    /// Column and row of the photo that the part begins with.
    pub from: [usize; 2],
    /// Width and height of the part, px.
    pub part: [usize; 2],
}

impl Tiles {
    /// Of a whole photo, no larger than `side`, px.
    pub fn whole(photo: [usize; 2], side: usize) -> Self {
        let of = photo.map(|size| {
            let tiles = size.div_ceil(side);
            // One more where the middle of a pixel would lie on the border of two, so that it would change tiles when turned over.
            tiles + usize::from(tiles.trailing_zeros() > size.trailing_zeros())
        });
        Self { photo, of, from: [0, 0], part: photo }
    }

    /// Those of a part of the photo.
    pub fn of_part(self, from: [usize; 2], part: [usize; 2]) -> Self {
        Self { from, part, ..self }
    }

    /// Number of tiles across (axis 0) or down (axis 1) the part.
    pub fn count(self, axis: usize) -> usize {
        self.index(axis, self.part[axis] - 1) + 1
    }

    /// The tile that a column or a row of the part lies in.
    pub fn index(self, axis: usize, at: usize) -> usize {
        self.in_photo(axis, at) - self.in_photo(axis, 0)
    }

    /// Where a column or a row of the part lies between the middles of its tiles.
    pub fn between(self, axis: usize, at: usize) -> f32 {
        let at = (self.from[axis] + at) as f32 + 0.5;
        at * self.of[axis] as f32 / self.photo[axis] as f32 - 0.5 - self.in_photo(axis, 0) as f32
    }

    fn in_photo(self, axis: usize, at: usize) -> usize {
        (2 * (self.from[axis] + at) + 1) * self.of[axis] / (2 * self.photo[axis])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_that_is_turned_over_has_the_same_tiles() {
        for (size, side) in [(1280, 50), (1024, 50), (701, 33), (1022, 256), (97, 12), (12, 12), (5, 12)] {
            let tiles = Tiles::whole([size, size], side);
            assert!((0..=1).contains(&(tiles.count(0) - size.div_ceil(side))));
            for at in 0..size {
                let (here, there) = (tiles.index(0, at), tiles.index(1, size - 1 - at));
                assert_eq!(here + there + 1, tiles.count(0), "pixel {at} of {size} with tiles of {side}");
                let off =
                    tiles.between(0, at) + tiles.between(1, size - 1 - at) + 1.0 - tiles.count(0) as f32;
                assert!(off.abs() < 1e-4, "{off}");
            }
        }
    }

    #[test]
    fn a_part_has_the_tiles_of_the_whole() {
        let whole = Tiles::whole([1280, 1024], 50);
        let part = whole.of_part([404, 120], [300, 500]);
        let first = [whole.index(0, 404), whole.index(1, 120)];
        assert_eq!(
            [part.count(0), part.count(1)],
            [whole.index(0, 703) - first[0] + 1, whole.index(1, 619) - first[1] + 1]
        );
        for at in 0..300 {
            assert_eq!(part.index(0, at) + first[0], whole.index(0, 404 + at));
            assert!((part.between(1, at) + first[1] as f32 - whole.between(1, 120 + at)).abs() < 1e-4);
        }
    }
}
