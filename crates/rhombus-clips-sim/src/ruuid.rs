//! RUUIDs, the service's identifiers: the 16 bytes of an RFC 4122 version 4 UUID, big-endian, in
//! URL-safe base64 without padding.

use crate::dice::Dice;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The next RUUID from these dice: 22 characters of `[A-Za-z0-9_-]`.
pub(crate) fn ruuid(dice: &mut Dice) -> String {
    let mut bytes: [u8; 16] = dice.bytes();
    bytes[6] = (bytes[6] & 0x0F) | 0x40; // version 4
    bytes[8] = (bytes[8] & 0x3F) | 0x80; // the variant of RFC 4122
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Purpose;
    use std::collections::HashSet;

    #[test]
    fn is_a_version_4_uuid_in_22_characters_and_never_the_same_twice() {
        let mut seen = HashSet::new();
        for seed in 0..20 {
            for index in 0..50 {
                let text = ruuid(&mut Dice::new(seed, Purpose::ClipUuid, index));
                assert_eq!(text.len(), 22);
                let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
                assert_eq!((bytes[6] >> 4, bytes[8] >> 6), (4, 0b10), "{text}");
                assert!(seen.insert(text));
            }
        }
    }

    #[test]
    fn is_the_same_for_the_same_seed_in_every_version() {
        let first = |seed| ruuid(&mut Dice::new(seed, Purpose::ClipUuid, 0));
        assert_eq!(first(7), first(7));
        assert_eq!(
            [first(0), first(7)],
            ["oYQL7uCrQwuO_XsgeLit_g", "4LvmW5h8TEuVRnZe1QSoNA"]
        );
    }
}
