//! What stands in the place of clips on the command line.

use rhombus_clips::{ClipUuid, ParseClipUuidError};
use std::fmt;
use std::str::FromStr;

use crate::cast::Role;

/// What stands in the place of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Clip(ClipUuid),
    /// `-`: standard input names the clips.
    StandardInput,
    /// A clip of the simulated service.
    Simulated(Role),
}

impl FromStr for Target {
    type Err = ParseClipUuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "-" {
            return Ok(Self::StandardInput);
        }
        match Role::parse(text) {
            Some(role) => Ok(Self::Simulated(role)),
            None => text.parse().map(Self::Clip),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clip(clip) => clip.fmt(f),
            Self::StandardInput => f.write_str("-"),
            Self::Simulated(role) => role.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_clip_is_taken_for_anything_else() {
        let uuid = "Vu0s9xQbQ1OsHk3tLw6rWg";
        assert_eq!(uuid.parse(), Ok(Target::Clip(uuid.parse().unwrap())));
        assert_eq!("-".parse(), Ok(Target::StandardInput));
        for text in ["fails", "all", "completes:10"] {
            let target: Target = text.parse().unwrap();
            assert!(matches!(target, Target::Simulated(_)));
            assert_eq!(target.to_string(), text);
        }
        for text in ["", "--", "nobody", "completes:", "completes:0", "all:x"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
