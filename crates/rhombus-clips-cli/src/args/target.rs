//! What stands in the place of clips on the command line.

use rhombus_clips::ClipUuid;
use std::fmt;
use std::str::FromStr;

use super::SimulationArgs;
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
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "-" {
            return Ok(Self::StandardInput);
        }
        match Role::parse(text) {
            Some(role) => Ok(Self::Simulated(role)),
            None => text.parse().map(Self::Clip).map_err(|error| {
                let error = format!("{error}");
                match Role::is_like(text) {
                    true => format!("{error}; with --simulate, {}", Role::KNOWN),
                    false => error,
                }
            }),
        }
    }
}

impl Target {
    /// Clips of the simulated service are there with it alone.
    pub(super) fn check(&self, simulation: &SimulationArgs) -> Result<(), String> {
        match self {
            Self::Simulated(role) if !simulation.simulate => Err(format!(
                "{role} is a clip of the simulated service: give --simulate too"
            )),
            _ => Ok(()),
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
        for (text, is_like_a_role) in [
            ("", false),
            ("--", false),
            ("AAAA", false),
            ("nobody", true),
            ("completes:", true),
            ("completes:0", true),
            ("completes:99999", true),
        ] {
            let refusal = text.parse::<Target>().unwrap_err();
            let says = refusal.contains("the names are completes, fails,");
            assert_eq!(says, is_like_a_role, "{refusal}");
        }
    }
}
