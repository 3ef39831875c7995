//! What stands in the place of clips on the command line.

use rhombus_clips::{ClipUuid, ParseClipUuidError};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_clip_is_taken_for_anything_else() {
        let uuid = "Vu0s9xQbQ1OsHk3tLw6rWg";
        assert_eq!(uuid.parse(), Ok(Target::Clip(uuid.parse().unwrap())));
        assert_eq!("-".parse(), Ok(Target::StandardInput));
        assert!(matches!("fails".parse(), Ok(Target::Simulated(_))));
        for text in ["", "--", "nobody", "completes:", "completes:0", "all:x"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
