//! Everything random follows from one seed: a separate stream of dice for each purpose, so that
//! a new use of one stream never changes what another one throws.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::ops::Range;

/// What a stream of dice is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    ApiKey = 1,
    Organization = 2,
    ClipUuid = 3,
    Identity = 4,
    Life = 5,
    FaultStrikes = 6,
    FaultChoice = 7,
}

/// A stream of random values, the same for the same seed, purpose and index on every machine and
/// in every version: the generator is named, not "the standard one", which may change.
#[derive(Debug)]
pub(crate) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// The stream for the `index`-th thing of one purpose.
    pub(crate) fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let mixed = scatter(scatter(scatter(seed) ^ purpose as u64) ^ index);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// A number from `range`, its end left out; the start of an empty range.
    pub(crate) fn whole(&mut self, range: Range<i64>) -> i64 {
        if range.is_empty() {
            return range.start;
        }
        self.0.random_range(range)
    }

    /// A number from `from` up to `to`, `to` left out.
    pub(crate) fn fraction(&mut self, from: f64, to: f64) -> f64 {
        from + self.0.random::<f64>() * (to - from)
    }

    /// True once in `n` throws.
    pub(crate) fn once_in(&mut self, n: i64) -> bool {
        self.whole(0..n) == 0
    }

    /// One of `choices`; the default value if there are none.
    pub(crate) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let end = i64::try_from(choices.len()).unwrap_or(i64::MAX);
        let index = usize::try_from(self.whole(0..end)).unwrap_or_default();
        choices.get(index).copied().unwrap_or_default()
    }

    /// `N` random bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.0.random()
    }
}

/// One index out of several, for a thing that has more than a number.
pub(crate) fn combined(index: u64, text: &str, number: u64) -> u64 {
    let mix = |mixed, byte| scatter(mixed ^ u64::from(byte));
    scatter(text.bytes().fold(scatter(index), mix) ^ number)
}

/// The finalizer of SplitMix64: neighbouring inputs give unrelated outputs.
fn scatter(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
