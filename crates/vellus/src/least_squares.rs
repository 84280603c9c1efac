//! Damped least squares (Levenberg–Marquardt, doi:10.1137/0111030).
//!
//! [`LeastSquares`] + where to start → [`Minimum`]. The normal equations are the problem's own: it knows which of its parameters
//! share a sample, and what is known of them beforehand.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, OMatrix, OVector};

/// A sum of squares over `D` parameters.
pub(crate) trait LeastSquares<D: Dim>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    /// What the parameters make.
    type State;

    /// The sum of squares, priors included: finite at the start.
    fn cost(&self, state: &Self::State) -> f64;

    /// Gauss–Newton's normal matrix and right-hand side, priors included.
    fn normal_equations(&self, state: &Self::State) -> (OMatrix<f64, D, D>, OVector<f64, D>);

    /// The state after a step of all parameters, kept within its bounds; `None` where there is none.
    fn moved(&self, state: &Self::State, step: &OVector<f64, D>) -> Option<Self::State>;
}

/// How a problem is gone about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Descent {
    /// Most steps.
    pub steps: usize,
    /// A step that lowers the cost by less than this share is the last one.
    pub settled: f64,
    /// Damping of the first step, as a share of the normal matrix' diagonal: above 0, as it is raised by a factor.
    pub damping: f64,
    /// What is added to the diagonal whatever stands there.
    pub floor: f64,
    /// Dampings that a step is tried with before the state is taken for the lowest within reach; one with which the equations
    /// have no solution is one of them.
    pub tries: usize,
}

/// What the damping is multiplied by after a step that led down, …
const EASED: f64 = 0.2;
/// … how far at the most: Gauss–Newton's own step, but for rounding, …
const LEAST: f64 = 1e-8;
/// … and what it is multiplied by after a step that did not.
const RAISED: f64 = 8.0;

/// Where a descent ended.
#[derive(Debug, Clone)]
pub(crate) struct Minimum<S, D: Dim>
where
    DefaultAllocator: Allocator<D, D>,
{
    /// The state of the least cost.
    pub state: S,
    /// Its cost.
    pub cost: f64,
    /// The undamped normal matrix that was made last: that of `state` where nothing led further down, else that of the state
    /// one step before, which has nearly settled. `None` where no equations could be solved.
    pub normal: Option<OMatrix<f64, D, D>>,
}

/// Goes down from a state. The cost never rises: the start is returned where no step leads down.
pub(crate) fn minimise<D: Dim, P: LeastSquares<D>>(
    problem: &P,
    start: P::State,
    descent: &Descent,
) -> Minimum<P::State, D>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    let cost = problem.cost(&start);
    let mut best = Minimum { state: start, cost, normal: None };
    let mut damping = descent.damping;
    for _ in 0..descent.steps {
        let (normal, right) = problem.normal_equations(&best.state);
        let (mut down, mut solved) = (None, false);
        for _ in 0..descent.tries {
            let mut damped = normal.clone();
            for i in 0..right.len() {
                damped[(i, i)] += damping * normal[(i, i)] + descent.floor;
            }
            if let Some(cholesky) = damped.cholesky() {
                solved = true;
                let moved = problem.moved(&best.state, &cholesky.solve(&right));
                let moved = moved.map(|state| (problem.cost(&state), state));
                down = moved.filter(|(cost, _)| *cost < best.cost);
            }
            if down.is_some() {
                damping = (damping * EASED).max(LEAST);
                break;
            }
            damping *= RAISED;
        }
        best.normal = solved.then_some(normal);
        let Some((cost, state)) = down else { break };
        let settled = best.cost - cost <= descent.settled * best.cost;
        (best.cost, best.state) = (cost, state);
        if settled {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use nalgebra::{Const, SMatrix, SVector};

    use super::*;

    const CAREFUL: Descent = Descent { steps: 200, settled: 1e-14, damping: 1e-2, floor: 0.0, tries: 12 };

    /// Rosenbrock's valley (doi:10.1093/comjnl/3.3.175): residuals 10 (y − x²) and 1 − x, least at (1, 1); `wall` is the
    /// largest x that may be.
    struct Valley {
        wall: f64,
    }

    impl LeastSquares<Const<2>> for Valley {
        type State = SVector<f64, 2>;

        fn cost(&self, p: &Self::State) -> f64 {
            (10.0 * (p[1] - p[0] * p[0])).powi(2) + (1.0 - p[0]).powi(2)
        }

        fn normal_equations(&self, p: &Self::State) -> (SMatrix<f64, 2, 2>, SVector<f64, 2>) {
            let jacobian = SMatrix::<f64, 2, 2>::new(20.0 * p[0], -10.0, 1.0, 0.0);
            let rest = SVector::<f64, 2>::new(10.0 * (p[1] - p[0] * p[0]), 1.0 - p[0]);
            (jacobian.transpose() * jacobian, jacobian.transpose() * rest)
        }

        fn moved(&self, p: &Self::State, step: &SVector<f64, 2>) -> Option<Self::State> {
            Some(p + step).filter(|p| p[0] <= self.wall)
        }
    }

    #[test]
    fn finds_the_end_of_a_bent_valley() {
        let found = minimise(&Valley { wall: f64::MAX }, SVector::<f64, 2>::new(-1.2, 1.0), &CAREFUL);
        assert!((found.state - SVector::<f64, 2>::new(1.0, 1.0)).amax() < 1e-6, "{}", found.state);
        assert!(found.cost < 1e-12, "{}", found.cost);
    }

    #[test]
    fn never_ends_above_its_start_nor_where_no_state_is() {
        for steps in 0..12 {
            let start = SVector::<f64, 2>::new(-1.2, 1.0);
            let valley = Valley { wall: 0.3 };
            let found = minimise(&valley, start, &Descent { steps, ..CAREFUL });
            assert!(found.cost <= valley.cost(&start));
            assert_eq!(found.cost, valley.cost(&found.state));
            assert!(found.state[0] <= 0.3);
            assert_eq!(found.normal.is_none(), steps == 0);
        }
    }

    /// Of two parameters that only their sum tells, one undamped equation is no use: the floor keeps them where they are but for that
    /// sum. Nothing is done where the equations are not numbers.
    struct Sum {
        of: f64,
    }

    impl LeastSquares<Const<2>> for Sum {
        type State = SVector<f64, 2>;

        fn cost(&self, p: &Self::State) -> f64 {
            (p[0] + p[1] - 3.0).powi(2)
        }

        fn normal_equations(&self, p: &Self::State) -> (SMatrix<f64, 2, 2>, SVector<f64, 2>) {
            (SMatrix::repeat(self.of), SVector::repeat(3.0 - p[0] - p[1]))
        }

        fn moved(&self, p: &Self::State, step: &Self::State) -> Option<Self::State> {
            Some(p + step)
        }
    }

    #[test]
    fn what_no_sample_tells_stays_where_it_is() {
        let start = SVector::<f64, 2>::new(2.0, 0.0);
        let found = minimise(&Sum { of: 1.0 }, start, &Descent { floor: 0.1, ..CAREFUL });
        assert!((found.state - SVector::<f64, 2>::new(2.5, 0.5)).amax() < 1e-6, "{}", found.state);
    }

    #[test]
    fn equations_without_a_solution_leave_the_start() {
        let start = SVector::<f64, 2>::new(2.0, 0.0);
        for of in [f64::NAN, -1.0] {
            let found = minimise(&Sum { of }, start, &CAREFUL);
            assert_eq!((found.state, found.cost, found.normal), (start, 1.0, None));
        }
    }

    /// A straight line has its minimum one undamped step away, and the inverse of its normal matrix is the covariance of its
    /// parameters.
    #[test]
    fn a_straight_line_takes_one_step() {
        struct Line(Vec<[f64; 2]>);
        impl LeastSquares<Const<2>> for Line {
            type State = SVector<f64, 2>;

            fn cost(&self, p: &Self::State) -> f64 {
                self.0.iter().map(|[x, y]| (y - p[0] - p[1] * x).powi(2)).sum()
            }

            fn normal_equations(&self, p: &Self::State) -> (SMatrix<f64, 2, 2>, SVector<f64, 2>) {
                self.0.iter().fold((SMatrix::zeros(), SVector::zeros()), |(normal, right), [x, y]| {
                    let slopes = SVector::<f64, 2>::new(1.0, *x);
                    (normal + slopes * slopes.transpose(), right + slopes * (y - p[0] - p[1] * x))
                })
            }

            fn moved(&self, p: &Self::State, step: &SVector<f64, 2>) -> Option<Self::State> {
                Some(p + step)
            }
        }
        let line = Line((0..9).map(|k| f64::from(k) - 4.0).map(|x| [x, 3.0 - 0.5 * x]).collect());
        let found = minimise(&line, SVector::zeros(), &Descent { steps: 1, damping: 1e-14, ..CAREFUL });
        assert!((found.state - SVector::<f64, 2>::new(3.0, -0.5)).amax() < 1e-12, "{}", found.state);
        // Σ 1 = 9, Σ x² = 60.
        assert_eq!(found.normal, Some(SMatrix::<f64, 2, 2>::new(9.0, 0.0, 0.0, 60.0)));
    }
}
