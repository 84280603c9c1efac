use super::*;
use crate::grid::Light;
use crate::planes::PLANE_UM_PER_PX;

/// A photo with dark lines on an uneven ground.
struct Photo {
    planes: [Vec<f32>; 3],
    width: usize,
    height: usize,
}

impl Photo {
    fn new(width: usize, height: usize) -> Self {
        let planes = [0.5, 0.4, 0.3].map(|skin: f32| {
            (0..width * height)
                .map(|i| {
                    let (x, y) = ((i % width) as f32, (i / width) as f32);
                    let ground = skin * (1.0 + 0.1 * libm::sinf(0.05 * x) * libm::cosf(0.03 * y));
                    if (x + 0.3 * y) % 60.0 < 9.0 { 0.1 * ground } else { ground }
                })
                .collect()
        });
        Self { planes, width, height }
    }

    fn light(&self) -> Light<'_> {
        let [r, g, b] = &self.planes;
        Light { primaries: [r, g, b], width: self.width, height: self.height }
    }
}

#[test]
fn answers_as_the_reference_evaluator_does() {
    let vector: Vec<f32> = include_bytes!("../tests/vector.bin")
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    let (width, height) = (96, 64);
    let (input, answer) = vector.split_at(3 * width * height);
    let mut folded = Maps::zeros(INPUTS, width / 2, height / 2);
    for (i, value) in input.iter().enumerate() {
        let (colour, y, x) = (i / (width * height), i / width % height, i % width);
        let channel = 4 * colour + 2 * (y % 2) + x % 2;
        folded.data[(y / 2 * INPUTS + channel) * (width / 2) + x / 2] = *value;
    }
    let raw = Network::new().run(folded);
    for (i, wanted) in answer.iter().enumerate() {
        let (channel, y, x) = (i / (width * height), i / width % height, i % width);
        let found = raw.row(y, channel)[x];
        // Sixteen layers of up to 1300 terms each, in another order.
        assert!((found - wanted).abs() < 2e-4 * (1.0 + wanted.abs()), "{channel} {y} {x}: {found}, {wanted}");
    }
}

#[test]
fn tiles_cannot_be_seen() {
    let network = Network::new();
    let photo = Photo::new(720, 200);
    let grid = Grid::new(&photo.light(), 6.0);
    let most = 2 * network.reach() + 8 * network.multiple();
    assert_eq!(tiles::raw(&network, &grid, usize::MAX), tiles::raw(&network, &grid, most));
}

#[test]
fn threads_and_vector_units_change_nothing() {
    let photo = Photo::new(300, 200);
    let run = |threads: usize, level: Level| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| Network::new().at_level(level).planes(&photo.light(), 5.54))
    };
    let one = run(1, Level::Baseline);
    for level in Level::all() {
        assert_eq!(run(1, level), one, "{level:?}");
        assert_eq!(run(3, level), one, "{level:?}");
    }
}

#[test]
fn any_size_gives_planes_of_its_own_size() {
    let network = Network::new();
    for (width, height, um_per_px) in
        [(1, 1, 5.0), (3, 200, 6.0), (97, 65, 12.0), (131, 64, 2.0), (24, 24, 500.0)]
    {
        let planes = network.planes(&Photo::new(width, height).light(), um_per_px);
        let scale = um_per_px.min(50.0) / PLANE_UM_PER_PX;
        let side = |px: usize| px as f64 * scale;
        assert!((planes.width as f64 - side(width)).abs() <= 1.0, "{width} × {height}: {}", planes.width);
        assert!((planes.height as f64 - side(height)).abs() <= 1.0, "{width} × {height}: {}", planes.height);
        assert!(planes.axis.iter().chain(&planes.width_um).all(|v| v.is_finite()));
        assert_eq!(planes.axis.len(), planes.width * planes.height);
    }
}

#[test]
fn points_go_there_and_back() {
    let planes = Network::new().planes(&Photo::new(100, 60).light(), 5.54);
    let [x, y] = planes.to_photo(planes.of_photo([31.0, 12.5]));
    assert!((x - 31.0).abs() < 1e-9 && (y - 12.5).abs() < 1e-9);
    // The edge of the planes is the photo's.
    let [x, _] = planes.to_photo([-0.5, -0.5]);
    assert!((x + 0.5).abs() < 1e-9);
}

#[test]
fn layers_that_do_not_fit_are_refused() {
    let bytes = include_bytes!("../weights/evidence.bin");
    let mut other = bytes.to_vec();
    // The number of inputs of the first layer, and its length with it.
    other[16] = 11;
    assert!(Network::from_bytes(&other).is_err());
    assert!(matches!(Network::from_bytes(&bytes[..bytes.len() - 1]), Err(WeightsError::Length { .. })));
}
