//! Ticks at equal distances: the combs that rulers are.
//!
//! [`Tone`], direction → [`Comb`]s. The picture is read along parallel lines; eight ticks in a row at one distance to a few
//! per cent, at the same places on several lines, are a comb. Positions are fitted by least squares, with a tilt, so that
//! the direction need not be exact.

use super::tone::Tone;

/// Ticks in a row that make a comb; eight hairs at equal distances within 6 % do not occur.
const LEAST_TICKS: usize = 8;
/// Least lines that show it.
const LEAST_LINES: usize = 3;
/// Shortest distance of two ticks, px.
const LEAST_PERIOD: f32 = 4.0;
/// Least depth of a tick, levels of 255.
const LEAST_DEPTH: f32 = 20.0;

/// A tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tick {
    /// Its number along the comb.
    pub number: i32,
    /// Its place on the comb's axis, px.
    pub at: [f32; 2],
    /// How far it reaches to both sides of the axis, px.
    pub reach: [f32; 2],
}

/// Ticks at equal distances.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comb {
    /// Direction along which the ticks follow each other, perpendicular to them, rad.
    pub angle: f32,
    /// Distance of two ticks, px.
    pub period: f32,
    /// Its standard error.
    pub period_se: f32,
    /// Largest departure of a tick from equal distances, px.
    pub departure: f32,
    /// The ticks.
    pub ticks: Vec<Tick>,
}

/// A line that the picture is read along: where the comb's ticks are on it.
#[derive(Debug, Clone)]
struct Reading {
    offset: f32,
    places: Vec<f32>,
    period: f32,
}

/// Lines through a picture in one direction.
struct Lines<'a> {
    tone: &'a Tone,
    along: [f32; 2],
    across: [f32; 2],
    centre: [f32; 2],
    side: f32,
    sign: f32,
}

/// Combs of dark and of bright ticks that follow each other in a direction (rad).
pub(crate) fn combs(tone: &Tone, angle: f32) -> Vec<Comb> {
    // Along rows and columns, lines run through the middles of pixels.
    let level = |v: f32| if v.abs() < 1e-6 { 0.0 } else { v };
    let (sin, cos) = (level(libm::sinf(angle)), level(libm::cosf(angle)));
    let (w, h) = (tone.width as f32, tone.height as f32);
    let lines = Lines {
        tone,
        along: [cos, sin],
        across: [-sin, cos],
        centre: [(0.5 * w).floor(), (0.5 * h).floor()],
        side: (w.max(h) / 320.0).clamp(3.0, 14.0).round(),
        sign: 1.0,
    };
    let reach = 0.5 * libm::hypotf(w, h);
    let step = (w.max(h) / 400.0).clamp(2.0, 8.0).ceil();
    let mut readings = [Vec::new(), Vec::new()];
    for k in 0..(2.0 * reach / step) as usize {
        let [dark, bright] = lines.readings((k as f32 * step - reach).round());
        readings[0].extend(dark);
        readings[1].extend(bright);
    }
    let [dark, bright] = readings;
    let mut combs = lines.combs(dark, step);
    combs.extend(Lines { sign: -1.0, ..lines }.combs(bright, step));
    combs
}

/// The longest stretch of neighbouring lines with the same comb.
fn band(readings: &[Reading], period: f32, step: f32) -> Vec<Reading> {
    let same: Vec<&Reading> = readings.iter().filter(|r| (r.period / period - 1.0).abs() < 0.03).collect();
    let mut best: Vec<Reading> = Vec::new();
    let mut here: Vec<Reading> = Vec::new();
    for reading in same {
        let follows = here.last().is_none_or(|last| reading.offset - last.offset < 2.5 * step);
        if !follows {
            here.clear();
        }
        here.push(reading.clone());
        if here.len() > best.len() {
            best.clone_from(&here);
        }
    }
    best
}

impl Lines<'_> {
    /// The combs that lines show.
    fn combs(&self, mut rest: Vec<Reading>, step: f32) -> Vec<Comb> {
        let mut combs = Vec::new();
        // The finest comb first; its longer ticks alone are a comb, too.
        while rest.len() >= LEAST_LINES {
            let finest = rest.iter().map(|r| r.period).fold(f32::MAX, f32::min);
            let band = band(&rest, finest, step);
            if band.is_empty() {
                break;
            }
            let edges = [band[0].offset - 12.0 * step, band[band.len() - 1].offset + 12.0 * step];
            if band.len() >= LEAST_LINES {
                combs.extend(self.fit(&band));
                rest.retain(|r| r.offset < edges[0] || r.offset > edges[1]);
            } else {
                rest.retain(|r| !band.iter().any(|b| b.offset == r.offset));
            }
        }
        combs
    }

    fn point(&self, t: f32, offset: f32) -> [f32; 2] {
        [0, 1].map(|k| self.centre[k] + t * self.along[k] + offset * self.across[k])
    }

    /// Stretch of a line that lies inside the picture.
    fn extent(&self, offset: f32) -> Option<[f32; 2]> {
        let size = [self.tone.width as f32 - 1.0, self.tone.height as f32 - 1.0];
        let (mut from, mut to) = (f32::MIN, f32::MAX);
        for (k, size) in size.into_iter().enumerate() {
            let (p, d) = (self.centre[k] + offset * self.across[k], self.along[k]);
            if d.abs() < 1e-6 {
                if p < 0.0 || p > size {
                    return None;
                }
                continue;
            }
            let (a, b) = ((0.0 - p) / d, (size - p) / d);
            from = from.max(a.min(b));
            to = to.min(a.max(b));
        }
        (to - from > 60.0).then_some([from, to])
    }

    fn value(&self, t: f32, offset: f32) -> f32 {
        let [x, y] = self.point(t, offset);
        self.sign * self.tone.between(x, y)
    }

    /// The dark and the bright ticks on a line, where they are at equal distances.
    fn readings(&self, offset: f32) -> [Option<Reading>; 2] {
        let Some([from, to]) = self.extent(offset) else { return [None, None] };
        let from = from.ceil();
        let count = (to - from) as usize + 1;
        let side = self.side as usize;
        if count < 4 * side {
            return [None, None];
        }
        let [x, y] = self.point(from, offset);
        let profile: Vec<f32> = if self.along == [1.0, 0.0] {
            let (x, y) = (x as usize, y as usize);
            self.tone.row(y)[x..x + count].iter().map(|&v| f32::from(v)).collect()
        } else if self.along == [0.0, 1.0] {
            (0..count).map(|k| self.tone.at(x as isize, y as isize + k as isize)).collect()
        } else {
            (0..count).map(|k| self.value(from + k as f32, offset)).collect()
        };
        [1.0, -1.0].map(|sign| {
            let places = ticks(&profile, side, sign);
            let (places, period) = even(&places)?;
            Some(Reading { offset, places: places.iter().map(|p| p + from).collect(), period })
        })
    }

    /// How deep a tick is at a place.
    fn depth(&self, t: f32, offset: f32) -> f32 {
        let here = (-1..=1).map(|k| self.value(t + 0.7 * k as f32, offset)).fold(f32::MAX, f32::min);
        self.value(t - self.side, offset).min(self.value(t + self.side, offset)) - here
    }

    /// The comb of a band of lines.
    fn fit(&self, band: &[Reading]) -> Option<Comb> {
        // Number, offset and place of every tick; numbers are carried from line to line by the fit so far.
        let base = &band[band.len() / 2];
        let mut fit = Fit { start: base.places[0], period: base.period, tilt: 0.0 };
        let middle = base.offset;
        let mut points: Vec<[f32; 3]> = Vec::new();
        for round in 0..4 {
            points.clear();
            for reading in band {
                for &place in &reading.places {
                    let o = reading.offset - middle;
                    // Until the tilt is known, only lines nearby are numbered without doubt.
                    if round == 0 && o.abs() > 4.0 * self.side {
                        continue;
                    }
                    let k = (place - fit.start - fit.tilt * o) / fit.period;
                    let number = libm::roundf(k);
                    if (k - number).abs() < 0.2 {
                        points.push([number, o, place]);
                    }
                }
            }
            fit = Fit::of(&points)?;
        }
        let off: Vec<f32> = points.iter().map(|p| p[2] - fit.at(p[0], p[1])).collect();
        let sd = libm::sqrtf(off.iter().map(|d| d * d).sum::<f32>() / off.len() as f32);
        let (first, last) = points.iter().fold((f32::MAX, f32::MIN), |(a, b), p| (a.min(p[0]), b.max(p[0])));
        let span = last - first;
        if span < LEAST_TICKS as f32 - 1.0 || sd > 0.06 * fit.period + 0.4 {
            return None;
        }
        let cos = 1.0 / libm::sqrtf(1.0 + fit.tilt * fit.tilt);
        // The same tick is off on every line by the same: ticks count, not points. σ² = sd² · 12 / n³.
        let n = span + 1.0;
        let period_se = sd.max(0.15) * libm::sqrtf(12.0 / (n * n * n)) * cos;
        let mut ticks = Vec::new();
        let mut departure = 0.0_f32;
        for number in first as i32..=last as i32 {
            let own: Vec<f32> =
                points.iter().zip(&off).filter(|(p, _)| p[0] as i32 == number).map(|(_, d)| *d).collect();
            if own.is_empty() {
                continue;
            }
            let mean = own.iter().sum::<f32>() / own.len() as f32;
            departure = departure.max(mean.abs() * cos);
            let t = fit.at(number as f32, 0.0) + mean;
            let reach = [-1.0, 1.0].map(|d| self.reach(t, middle, fit.tilt, d));
            ticks.push(Tick { number, at: self.point(t, middle), reach });
        }
        let angle = libm::atan2f(self.along[1], self.along[0]) - libm::atanf(fit.tilt);
        Some(Comb { angle, period: fit.period * cos, period_se, departure, ticks })
    }

    /// How far a tick goes on from the axis, px.
    fn reach(&self, t: f32, offset: f32, tilt: f32, direction: f32) -> f32 {
        let limit = 0.4 * self.depth(t, offset).max(LEAST_DEPTH);
        let mut last = 0.0;
        let mut k = 1.0;
        while k - last <= 3.0 && k < 400.0 {
            let o = direction * k;
            if self.depth(t + tilt * o, offset + o) >= limit {
                last = k;
            }
            k += 1.0;
        }
        last
    }
}

/// Place of a tick: start + number · period + offset · tilt.
#[derive(Debug, Clone, Copy)]
struct Fit {
    start: f32,
    period: f32,
    tilt: f32,
}

impl Fit {
    fn at(&self, number: f32, offset: f32) -> f32 {
        self.start + number * self.period + offset * self.tilt
    }

    fn of(points: &[[f32; 3]]) -> Option<Self> {
        if points.len() < LEAST_TICKS {
            return None;
        }
        let n = points.len() as f64;
        let mean = |k: usize| points.iter().map(|p| f64::from(p[k])).sum::<f64>() / n;
        let [mk, mo, mp] = [0, 1, 2].map(mean);
        let sum = |i: usize, a: f64, j: usize, b: f64| {
            points.iter().map(|p| (f64::from(p[i]) - a) * (f64::from(p[j]) - b)).sum::<f64>()
        };
        let (kk, oo, ko) = (sum(0, mk, 0, mk), sum(1, mo, 1, mo), sum(0, mk, 1, mo));
        let (kp, op) = (sum(0, mk, 2, mp), sum(1, mo, 2, mp));
        if kk <= 0.0 {
            return None;
        }
        let det = kk * oo - ko * ko;
        let (period, tilt) = if oo > 0.0 && det > 1e-9 * kk * oo {
            ((kp * oo - op * ko) / det, (op * kk - kp * ko) / det)
        } else {
            (kp / kk, 0.0)
        };
        let start = mp - period * mk - tilt * mo;
        (period > 0.6 * f64::from(LEAST_PERIOD)).then_some(Self {
            start: start as f32,
            period: period as f32,
            tilt: tilt as f32,
        })
    }
}

/// Places of what is darker (`sign` 1) or brighter than both sides of it.
fn ticks(profile: &[f32], side: usize, sign: f32) -> Vec<f32> {
    let mut places = Vec::new();
    let (mut sum, mut moment, mut wide) = (0.0, 0.0, 0);
    let sides = profile.iter().zip(&profile[side..]).zip(&profile[2 * side..]);
    for (k, ((left, here), right)) in sides.enumerate() {
        let depth = (sign * (left - here)).min(sign * (right - here));
        if depth >= LEAST_DEPTH {
            sum += depth;
            moment += depth * (k + side) as f32;
            wide += 1;
        } else if wide > 0 {
            if wide <= 2 * side {
                places.push(moment / sum);
            }
            (sum, moment, wide) = (0.0, 0.0, 0);
        }
    }
    places
}

/// The longest run of places at equal distances, and that distance.
fn even(places: &[f32]) -> Option<(Vec<f32>, f32)> {
    let mut best: Vec<f32> = Vec::new();
    for i in 0..places.len() {
        if places.len() - i < LEAST_TICKS.max(best.len()) {
            break;
        }
        for j in i + 1..(i + 3).min(places.len()) {
            let mut gap = places[j] - places[i];
            if gap < LEAST_PERIOD || best.contains(&places[i]) {
                continue;
            }
            let mut run = vec![places[i], places[j]];
            let mut k = j + 1;
            while k < places.len() {
                let expected = run[run.len() - 1] + gap;
                let slack = 0.06 * gap + 0.6;
                if places[k] < expected - slack {
                    k += 1;
                    continue;
                }
                if places[k] > expected + slack {
                    break;
                }
                run.push(places[k]);
                gap = (places[k] - run[0]) / (run.len() - 1) as f32;
                k += 1;
            }
            if run.len() > best.len() {
                best = run;
            }
        }
    }
    if best.len() < LEAST_TICKS {
        return None;
    }
    let period = (best[best.len() - 1] - best[0]) / (best.len() - 1) as f32;
    // Where most gaps have a tick in their middle, the run holds every second tick only.
    let halved = best.windows(2).filter(|pair| {
        let middle = 0.5 * (pair[0] + pair[1]);
        places.iter().any(|place| (place - middle).abs() < 0.12 * period + 0.6)
    });
    let period = if 2 * halved.count() < best.len() { period } else { 0.5 * period };
    Some((best, period))
}
