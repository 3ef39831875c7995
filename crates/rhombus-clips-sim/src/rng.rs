//! Seeded random number streams, and the identifiers that they generate.
//!
//! All randomness in the service is derived from one seed, so that a test is reproducible. Each
//! use has its own [`Stream`]: a new use never changes the values that another one draws. This
//! module must not know how its values are used, and must not read system entropy.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::ops::Range;

/// Use of a random number stream. The discriminants are part of the seeding: changing one changes
/// the values that every existing seed produces.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    ApiKey = 1,
    Organization = 2,
    ClipUuid = 3,
    Record = 4,
    Timeline = 5,
    FaultTrigger = 6,
    FaultChoice = 7,
    Camera = 8,
    ListOrder = 9,
}

/// Random number generator for one stream. Its values are the same for the same seed, stream and
/// index on every machine and in every version: the algorithm is named explicitly because `rand`
/// may change its standard generator.
#[derive(Debug)]
pub(crate) struct SeededRng(Xoshiro256PlusPlus);

impl SeededRng {
    /// Creates the generator for the item at `index` of `stream`.
    pub(crate) fn new(seed: u64, stream: Stream, index: u64) -> Self {
        let mixed = splitmix64(splitmix64(splitmix64(seed) ^ stream as u64) ^ index);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// Returns an integer from a half-open range, or the start of an empty range.
    pub(crate) fn range(&mut self, range: Range<i64>) -> i64 {
        if range.is_empty() {
            return range.start;
        }
        self.0.random_range(range)
    }

    /// Returns a uniformly distributed number from a half-open range.
    pub(crate) fn uniform(&mut self, range: Range<f64>) -> f64 {
        range.start + self.0.random::<f64>() * (range.end - range.start)
    }

    /// Returns `true` with probability 1/`n`.
    pub(crate) fn one_in(&mut self, n: i64) -> bool {
        self.range(0..n) == 0
    }

    /// Returns one of `choices`, or the default value if there are none.
    pub(crate) fn choose<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let end = i64::try_from(choices.len()).unwrap_or(i64::MAX);
        let index = usize::try_from(self.range(0..end)).unwrap_or_default();
        choices.get(index).copied().unwrap_or_default()
    }

    /// Returns `N` random bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.0.random()
    }
}

/// Hashes several parts into one stream index, for items that a single number does not identify.
pub(crate) fn combine_index(index: u64, text: &str, number: u64) -> u64 {
    let mix = |mixed, byte| splitmix64(mixed ^ u64::from(byte));
    splitmix64(text.bytes().fold(splitmix64(index), mix) ^ number)
}

/// The SplitMix64 finalizer, with the constants of its reference implementation: neighbouring
/// inputs give uncorrelated outputs.
pub(crate) fn splitmix64(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Generates the next RUUID from `rng`: 22 characters of `[A-Za-z0-9_-]`.
pub(crate) fn generate_ruuid(rng: &mut SeededRng) -> String {
    let mut bytes: [u8; 16] = rng.bytes();
    bytes[6] = (bytes[6] & 0x0F) | 0x40; // version 4
    bytes[8] = (bytes[8] & 0x3F) | 0x80; // RFC 4122 variant
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;
    use std::collections::HashSet;

    #[test]
    fn generates_distinct_version_4_uuids_of_22_characters() {
        let mut generated = HashSet::new();
        for seed in 0..20 {
            for index in 0..50 {
                let text = generate_ruuid(&mut SeededRng::new(seed, Stream::ClipUuid, index));
                assert_eq!(text.len(), 22);
                let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
                assert_eq!((bytes[6] >> 4, bytes[8] >> 6), (4, 0b10), "{text}");
                assert!(generated.insert(text));
            }
        }
    }

    #[test]
    fn is_stable_for_a_seed_across_versions() {
        let first = |seed| generate_ruuid(&mut SeededRng::new(seed, Stream::ClipUuid, 0));
        assert_eq!(first(7), first(7));
        assert_eq!(
            [first(0), first(7)],
            ["oYQL7uCrQwuO_XsgeLit_g", "4LvmW5h8TEuVRnZe1QSoNA"]
        );
    }
}
