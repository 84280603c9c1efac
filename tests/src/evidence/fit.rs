//! A logistic regression of hairs against what is none.

use anyhow::{Context, Result, bail};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};
use smartcore::metrics::roc_auc_score;
use vellus::evidence::weights::{Terms, Weights};

use super::{Row, weighed};

/// Ridge on the weights of terms that are scaled to a standard deviation of one. It keeps terms that say nearly the same of a few
/// fine shafts (length, width, what a matched filter sees) from growing against each other, and takes at most a quarter off their
/// weights; off those of the other shafts, of which there are ten times as many, a fiftieth.
const RIDGE: f64 = 10.0;
/// Parts in which the rows are held out in turn.
const FOLDS: u64 = 5;

/// How well one kind of shaft is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// Shafts.
    pub shafts: usize,
    /// Hairs among them.
    pub hairs: usize,
    /// Area under the receiver operating characteristic by [`Weights::USED`], …
    pub used_area: f64,
    /// … and by fitted weights, each photo by those that were fitted without its fold.
    pub held_out_area: f64,
}

/// The terms of fine shafts, or of others, and whether they are hairs.
#[derive(Debug, Default)]
struct Kind {
    seeds: Vec<u64>,
    terms: Vec<Vec<f64>>,
    are_hairs: Vec<u32>,
}

impl Kind {
    fn of(rows: &[Row], is_kind: impl Fn(&Terms) -> bool) -> Self {
        let mut kind = Self::default();
        for row in rows.iter().filter(|row| is_kind(&row.terms)) {
            let Some(terms) = weighed(&row.terms) else { continue };
            kind.seeds.push(row.seed);
            kind.terms.push(terms.iter().map(|&term| f64::from(term)).collect());
            kind.are_hairs.push(u32::from(row.is_hair));
        }
        kind
    }

    /// The weights that make these most likely.
    fn fit(&self, rows: impl Fn(usize) -> bool) -> Result<Vec<f64>> {
        let rows: Vec<usize> = (0..self.terms.len()).filter(|&i| rows(i)).collect();
        let terms: Vec<&[f64]> = rows.iter().map(|&i| &self.terms[i][1..]).collect();
        let are_hairs: Vec<u32> = rows.iter().map(|&i| self.are_hairs[i]).collect();
        let hairs = are_hairs.iter().filter(|&&is| is == 1).count();
        if hairs == 0 || hairs == rows.len() {
            bail!("{hairs} of {} shafts are hairs; it takes both; draw more photos", rows.len());
        }
        let columns = terms[0].len();
        let scales: Vec<[f64; 2]> = (0..columns)
            .map(|k| {
                let column: Vec<f64> = terms.iter().map(|row| row[k]).collect();
                let sd = vellus_stats::sample::variance(&column).map_or(0.0, f64::sqrt);
                [vellus_stats::sample::mean(&column).unwrap_or(0.0), sd.max(1e-9)]
            })
            .collect();
        let scaled: Vec<Vec<f64>> = terms
            .iter()
            .map(|row| row.iter().zip(&scales).map(|(term, [mean, sd])| (term - mean) / sd).collect())
            .collect();
        let scaled = DenseMatrix::from_2d_vec(&scaled)?;
        let parameters = LogisticRegressionParameters::default().with_alpha(RIDGE);
        let model = LogisticRegression::fit(&scaled, &are_hairs, parameters)?;
        let slopes: Vec<f64> =
            model.coefficients().iter().zip(&scales).map(|(slope, [_, sd])| slope / sd).collect();
        let shift: f64 = slopes.iter().zip(&scales).map(|(slope, [mean, _])| slope * mean).sum();
        let constant = model.intercept().iter().sum::<f64>() - shift;
        Ok(std::iter::once(constant).chain(slopes).collect())
    }

    /// How well they are told by the weights in use, and by fitted ones that have not seen them.
    fn told(&self, used: &[f32]) -> Result<Told> {
        let used: Vec<f64> = used.iter().map(|&weight| f64::from(weight)).collect();
        let folds = (0..FOLDS).map(|fold| self.fit(|i| self.seeds[i] % FOLDS != fold));
        let folds = folds.collect::<Result<Vec<_>>>()?;
        Ok(Told {
            shafts: self.terms.len(),
            hairs: self.are_hairs.iter().filter(|&&is| is == 1).count(),
            used_area: self.area(&self.sums(|_| &used)),
            held_out_area: self.area(&self.sums(|i| &folds[(self.seeds[i] % FOLDS) as usize])),
        })
    }

    /// Log-odds of each, by the weights that are for it.
    fn sums<'a>(&self, weights: impl Fn(usize) -> &'a [f64]) -> Vec<f64> {
        (0..self.terms.len()).map(|i| dot(&self.terms[i], weights(i))).collect()
    }

    fn area(&self, log_odds: &Vec<f64>) -> f64 {
        let are_hairs: Vec<f64> = self.are_hairs.iter().map(|&is| f64::from(is)).collect();
        roc_auc_score(&are_hairs, log_odds)
    }
}

fn dot(terms: &[f64], weights: &[f64]) -> f64 {
    terms.iter().zip(weights).map(|(term, weight)| term * weight).sum()
}

/// The weights that make the rows most likely, and how well fine and other shafts are told by such.
///
/// # Errors
/// When all fine or all other shafts are hairs, or none is, in all or in all but a fifth of the seeds.
pub fn fit(rows: &[Row]) -> Result<(Weights, [Told; 2])> {
    let mut weights = Weights::USED;
    let fine = Kind::of(rows, |terms| matches!(terms, Terms::Fine { .. }));
    let other = Kind::of(rows, |terms| matches!(terms, Terms::Other(_)));
    let fitted = |kind: &Kind, name: &str, weights: &mut [f32]| -> Result<Told> {
        let best = kind.fit(|_| true).with_context(|| format!("no fit to the {name} shafts"))?;
        let told = kind.told(weights).with_context(|| format!("no fit to a part of the {name} shafts"))?;
        weights.iter_mut().zip(best).for_each(|(weight, best)| *weight = best as f32);
        Ok(told)
    };
    let told = [fitted(&fine, "fine", &mut weights.fine)?, fitted(&other, "other", &mut weights.other)?];
    Ok((weights, told))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::ChaCha12Rng;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn weights_that_rows_were_drawn_by_come_back() {
        let mut random = ChaCha12Rng::seed_from_u64(7);
        let mut drawn = Weights { fine: [0.0; 10], other: [0.0; 11] };
        drawn.fine[..4].copy_from_slice(&[-1.0, 0.2, 0.0, 2.0]);
        drawn.other[..4].copy_from_slice(&[0.5, -0.3, 1.0, 0.0]);
        let rows: Vec<Row> = (0..60_000)
            .map(|seed| {
                let mut some = || random.random_range(-2.0..4.0_f32);
                let terms = if seed % 3 == 0 {
                    let mut terms = [1.0; 10];
                    terms[1..].iter_mut().for_each(|term| *term = some());
                    Terms::Fine { terms, against: 0.0 }
                } else {
                    let mut terms = [1.0; 11];
                    terms[1..].iter_mut().for_each(|term| *term = some());
                    Terms::Other(terms)
                };
                let chance = 1.0 / (1.0 + (-drawn.log_odds(&terms)).exp());
                Row { seed, terms, is_hair: random.random::<f32>() < chance }
            })
            .collect();
        let (fitted, told) = fit(&rows).expect("a fit");
        // A weight's standard error is 1 / √(n p (1 − p) σ²) ≈ 0.014 of fine shafts; four of them.
        for (fitted, drawn) in fitted.fine[1..].iter().zip(&drawn.fine[1..]) {
            assert!((fitted - drawn).abs() < 0.06, "{fitted} for {drawn}");
        }
        for (fitted, drawn) in fitted.other[1..].iter().zip(&drawn.other[1..]) {
            assert!((fitted - drawn).abs() < 0.05, "{fitted} for {drawn}");
        }
        // The constants, with the error of what it takes to move the others' means to zero.
        assert!((fitted.fine[0] - drawn.fine[0]).abs() < 0.12, "{}", fitted.fine[0]);
        assert!((fitted.other[0] - drawn.other[0]).abs() < 0.1, "{}", fitted.other[0]);
        assert_eq!(told.map(|told| told.shafts), [20_000, 40_000]);
        // Nothing beats the truth, and a fit to so many is hardly worse.
        for (k, is_fine) in [true, false].into_iter().enumerate() {
            let kind = Kind::of(&rows, |terms| matches!(terms, Terms::Fine { .. }) == is_fine);
            let truth: Vec<f64> = if is_fine { &drawn.fine[..] } else { &drawn.other[..] }
                .iter()
                .map(|&weight| f64::from(weight))
                .collect();
            let best = kind.area(&kind.sums(|_| &truth));
            assert!(best > 0.8 && (best - told[k].held_out_area).abs() < 2e-3, "{best} {told:?}");
        }
    }

    #[test]
    fn what_is_not_there_cannot_be_told() {
        let fine = |seed| Terms::Fine { terms: [seed as f32; 10], against: 0.0 };
        let row = |seed, terms, is_hair| Row { seed, terms, is_hair };
        let others = (0..20).map(|seed| row(seed, Terms::Other([seed as f32; 11]), seed % 2 == 0));
        let others: Vec<Row> = others.collect();
        let says = |rows: &[Row]| format!("{:#}", fit(rows).expect_err("no fit"));
        assert!(says(&others).contains("fine shafts: 0 of 0"), "{}", says(&others));
        let all_hairs: Vec<Row> = (0..20).map(|seed| row(seed, fine(seed), true)).collect();
        let rows = [others.clone(), all_hairs].concat();
        assert!(says(&rows).contains("fine shafts: 20 of 20"), "{}", says(&rows));
        let one_seed = vec![row(3, fine(3), false), row(4, fine(4), true)];
        let rows = [others, one_seed].concat();
        assert!(says(&rows).contains("a part of the fine shafts: 1 of 1"), "{}", says(&rows));
    }
}
