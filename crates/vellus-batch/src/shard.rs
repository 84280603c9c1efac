//! One machine's share of the work.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ManifestError;

/// Share K of N, K from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which one, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Shard {
    /// Reads `K/N`, or `auto`: what the scheduler of an array job set in the environment, of Slurm
    /// (`SLURM_ARRAY_TASK_ID`, `_MIN`, `_STEP`, `_COUNT`) or AWS Batch (`AWS_BATCH_JOB_ARRAY_INDEX`, `_SIZE`).
    ///
    /// # Errors
    /// [`ManifestError::Shard`] when it is neither, or no scheduler is there.
    pub fn parse(text: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Self, ManifestError> {
        let wrong = |detail: &str| ManifestError::Shard { text: text.to_owned(), detail: detail.to_owned() };
        let (number, of) = if text == "auto" {
            let read = |name: &str| environment(name).and_then(|value| value.trim().parse::<usize>().ok());
            let slurm = || {
                let first = read("SLURM_ARRAY_TASK_MIN").unwrap_or(0);
                let step = read("SLURM_ARRAY_TASK_STEP").unwrap_or(1).max(1);
                let index = read("SLURM_ARRAY_TASK_ID")?.checked_sub(first)? / step;
                Some((index + 1, read("SLURM_ARRAY_TASK_COUNT")?))
            };
            let aws = || Some((read("AWS_BATCH_JOB_ARRAY_INDEX")? + 1, read("AWS_BATCH_JOB_ARRAY_SIZE")?));
            slurm().or_else(aws).ok_or_else(|| {
                wrong("this is no array job of Slurm or AWS Batch; give K/N, such as 2/7 for the second of seven")
            })?
        } else {
            text.split_once('/')
                .and_then(|(k, n)| Some((k.trim().parse().ok()?, n.trim().parse().ok()?)))
                .ok_or_else(|| wrong("write K/N, such as 2/7 for the second of seven, or auto"))?
        };
        if (1..=of).contains(&number) { Ok(Self { number, of }) } else { Err(wrong("K runs from 1 to N")) }
    }

    /// Whether it has the series of that index, from 0.
    pub fn has(self, index: usize) -> bool {
        index % self.of == self.number - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(variables: &[(&str, &str)]) -> Option<(usize, usize)> {
        let find =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Shard::parse("auto", find).ok().map(|shard| (shard.number, shard.of))
    }

    #[test]
    fn shards_are_given_or_read_from_the_scheduler() {
        let none = |_: &str| None;
        assert_eq!(Shard::parse("2/7", none), Ok(Shard { number: 2, of: 7 }));
        for wrong in ["0/3", "4/3", "3", "a/b", "auto", "1/0"] {
            assert!(Shard::parse(wrong, none).is_err(), "{wrong}");
        }
        let slurm =
            [("SLURM_ARRAY_TASK_ID", "5"), ("SLURM_ARRAY_TASK_MIN", "1"), ("SLURM_ARRAY_TASK_COUNT", "7")];
        assert_eq!(auto(&slurm), Some((5, 7)));
        assert_eq!(
            auto(&[("AWS_BATCH_JOB_ARRAY_INDEX", "0"), ("AWS_BATCH_JOB_ARRAY_SIZE", "3")]),
            Some((1, 3))
        );
    }

    #[test]
    fn every_series_has_one_shard() {
        for index in 0..20 {
            let owners = (1..=7).filter(|&number| Shard { number, of: 7 }.has(index)).count();
            assert_eq!(owners, 1);
        }
    }
}
