//! Clip arguments: a UUID, standard input, or simulated clips.

use std::fmt;
use std::str::FromStr;

use rhombus_clips::ClipUuid;

use super::SimulationArgs;
use crate::simulated_clips::Scenarios;

/// Clip argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Clip(ClipUuid),
    /// `-`: clip UUIDs from standard input.
    StandardInput,
    /// Clips of the simulated service.
    Simulated(Scenarios),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "-" {
            return Ok(Self::StandardInput);
        }
        match Scenarios::parse(text) {
            Some(scenarios) => Ok(Self::Simulated(scenarios)),
            None => text.parse().map(Self::Clip).map_err(|error| {
                let error = format!("{error}");
                match Scenarios::is_name_like(text) {
                    _ if is_unit(text) => {
                        format!("{error}; a duration has no space, such as --timeout 10{text}")
                    }
                    true => format!("{error}; with --simulate, {}", Scenarios::KNOWN),
                    false => error,
                }
            }),
        }
    }
}

/// Returns whether a text is the unit of a duration, which a space separates from its number.
fn is_unit(text: &str) -> bool {
    humantime::parse_duration(&format!("10{text}")).is_ok()
        && text.chars().all(|c| c.is_ascii_alphabetic())
}

impl Target {
    /// Rejects simulated clips without `--simulate`.
    pub(super) fn check(&self, simulation: &SimulationArgs) -> Result<(), String> {
        match self {
            Self::Simulated(scenarios) if !simulation.simulate => {
                Err(format!("{scenarios} is a simulated clip; add --simulate"))
            }
            _ => Ok(()),
        }
    }
}

/// Checks the clips of a command that takes several. None of them reads standard input.
pub(super) fn check_targets(
    targets: &[Target],
    command: &str,
    simulation: &SimulationArgs,
) -> Result<(), String> {
    if targets.contains(&Target::StandardInput) {
        return Err(format!(
            "{command} does not read clips from standard input; give their UUIDs, for example with xargs"
        ));
    }
    targets
        .iter()
        .try_for_each(|target| target.check(simulation))
}

/// Checks the clip of a command that takes one. `action` is its name with a verb, such as `get shows`.
pub(super) fn check_target(
    target: Option<&Target>,
    action: &str,
    simulation: &SimulationArgs,
) -> Result<(), String> {
    match target {
        Some(Target::StandardInput) => Err(format!("{action} one clip; give its UUID")),
        Some(target @ Target::Simulated(scenarios)) if !scenarios.is_single() => {
            Err(format!("{action} one clip, but {target} names several"))
        }
        Some(target) => target.check(simulation),
        None => Ok(()),
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clip(uuid) => uuid.fmt(f),
            Self::StandardInput => f.write_str("-"),
            Self::Simulated(scenarios) => scenarios.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_argument_is_recognized() {
        let uuid = "Vu0s9xQbQ1OsHk3tLw6rWg";
        assert_eq!(uuid.parse(), Ok(Target::Clip(uuid.parse().unwrap())));
        assert_eq!("-".parse(), Ok(Target::StandardInput));
        for text in ["fails", "all", "completes:10"] {
            let target: Target = text.parse().unwrap();
            assert!(matches!(target, Target::Simulated(_)));
            assert_eq!(target.to_string(), text);
        }
        for (text, is_name_like) in [
            ("", false),
            ("--", false),
            ("AAAA", false),
            ("unknown", true),
            ("completes:", true),
            ("completes:0", true),
            ("completes:99999", true),
        ] {
            let error = text.parse::<Target>().unwrap_err();
            assert!(!error.contains("duration"), "{error}");
            let lists_names = error.contains("valid names are completes, fails,");
            assert_eq!(lists_names, is_name_like, "{error}");
        }
        for unit in ["min", "s", "hours"] {
            let error = unit.parse::<Target>().unwrap_err();
            let hint = format!("; a duration has no space, such as --timeout 10{unit}");
            assert!(error.ends_with(&hint), "{error}");
        }
    }
}
