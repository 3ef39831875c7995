//! Seeded random numbers.
//!
//! All randomness derives from one seed, split into independent streams, so that a report can be
//! reproduced and a further use of randomness does not change the others. It must not know what the
//! numbers are used for.

use std::ops::RangeInclusive;

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, StandardNormal};

/// Stream of random values. The generator is named explicitly because the default one of `rand` may
/// change.
#[derive(Debug)]
pub(crate) struct SeededRng(Xoshiro256PlusPlus);

impl SeededRng {
    /// Creates the `index`-th stream of a purpose.
    pub(crate) fn new(seed: u64, purpose: &str, index: u64) -> Self {
        let mixed = purpose.bytes().fold(splitmix64(seed), |mixed, byte| {
            splitmix64(mixed ^ u64::from(byte))
        });
        Self(Xoshiro256PlusPlus::seed_from_u64(splitmix64(mixed ^ index)))
    }

    /// Returns a uniformly distributed number, at least 0 and below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// Returns a uniformly distributed number, at least `from` and below `to`.
    pub(crate) fn uniform(&mut self, from: f64, to: f64) -> f64 {
        from + self.unit() * (to - from)
    }

    /// Returns a uniformly distributed integer of the range.
    pub(crate) fn range(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.random_range(range)
    }

    /// Returns true with this probability.
    pub(crate) fn random_bool(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Returns one of `first` and `others`, all equally likely.
    pub(crate) fn choose<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        let index = self.0.random_range(0..=others.len());
        index
            .checked_sub(1)
            .and_then(|index| others.get(index).copied())
            .unwrap_or(first)
    }

    /// Returns a log-normally distributed number, from its median and the standard deviation of its
    /// logarithm.
    pub(crate) fn log_normal(&mut self, median: f64, std_dev: f64) -> f64 {
        let normal: f64 = StandardNormal.sample(&mut self.0);
        median * (std_dev * normal).exp()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.0);
    }
}

/// Mixes an integer with the finalizer of SplitMix64: adjacent inputs give uncorrelated outputs.
fn splitmix64(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
