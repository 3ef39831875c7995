//! RUUIDs, the service's identifiers.
//!
//! An RUUID is an RFC 4122 version 4 UUID: 16 bytes, big-endian, in URL-safe base64 without
//! padding. This crate encodes its own because it must not depend on `rhombus-clips`, which is
//! tested against it.

use crate::rng::SeededRng;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

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
