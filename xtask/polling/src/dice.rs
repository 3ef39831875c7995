//! Everything random follows from one seed.

use std::ops::RangeInclusive;

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, StandardNormal};

/// A stream of random values. The generator is named, not "the standard one", which may change.
#[derive(Debug)]
pub(crate) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// The stream for the `index`-th thing of one purpose: a further use of one stream never
    /// changes what another one gives.
    pub(crate) fn new(seed: u64, purpose: &str, index: u64) -> Self {
        let mixed = purpose.bytes().fold(scatter(seed), |mixed, byte| {
            scatter(mixed ^ u64::from(byte))
        });
        Self(Xoshiro256PlusPlus::seed_from_u64(scatter(mixed ^ index)))
    }

    /// At least 0 and below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// From `from` up to `to`, `to` left out.
    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + self.unit() * (to - from)
    }

    pub(crate) fn whole(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.random_range(range)
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `first` and `others`.
    pub(crate) fn pick<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        let index = self.0.random_range(0..=others.len());
        index
            .checked_sub(1)
            .and_then(|index| others.get(index).copied())
            .unwrap_or(first)
    }

    /// Log-normal: the median, and the standard deviation of the logarithm.
    pub(crate) fn log_normal(&mut self, median: f64, deviation: f64) -> f64 {
        let normal: f64 = StandardNormal.sample(&mut self.0);
        median * (deviation * normal).exp()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.0);
    }
}

/// The finalizer of SplitMix64: neighbouring inputs give unrelated outputs.
fn scatter(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
