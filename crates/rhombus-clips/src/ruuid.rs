//! Rhombus's RUUID as text: 16 bytes in URL-safe base64 without padding.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Length of an RUUID, in bytes.
pub(crate) const BYTES: usize = 16;
const CHARACTERS: usize = 22;

/// Why text is no RUUID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Length(usize),
    Character { character: char, position: usize },
    Last(char),
}

pub(crate) fn decode(text: &str) -> Result<[u8; BYTES], Flaw> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if let Some((index, character)) = text.chars().enumerate().find(|(_, c)| !allowed(*c)) {
        let position = index + 1;
        return Err(Flaw::Character {
            character,
            position,
        });
    }
    if text.len() != CHARACTERS {
        return Err(Flaw::Length(text.len()));
    }
    // 22 characters carry 132 bits: those that 16 bytes leave over must be zero, or two texts
    // would name one thing.
    let mut bytes = [0; BYTES];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(BYTES) => Ok(bytes),
        _ => Err(Flaw::Last(text.chars().last().unwrap_or_default())),
    }
}

pub(crate) fn encode(bytes: &[u8; BYTES]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => {
                write!(f, "{length} characters where there must be {CHARACTERS}")
            }
            Self::Character {
                character,
                position,
            } => write!(
                f,
                "{character:?} at character {position}: only A-Z, a-z, 0-9, '-' and '_' are allowed"
            ),
            Self::Last(character) => write!(
                f,
                "{character:?} at character {CHARACTERS}: the last one must be A, Q, g or w"
            ),
        }
    }
}
