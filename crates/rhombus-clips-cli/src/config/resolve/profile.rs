//! Profiles in the files of the Rhombus CLI: their sections, and whether the selected one exists.

use std::collections::BTreeSet;

use crate::config::file::{IniFile, Section};
use crate::config::{ConfigError, ConfigItem, Origin, ProfileFile, Sourced};

/// Name of the profile that is used if none is selected.
pub(super) const DEFAULT_PROFILE: &str = "default";

/// Returns the section of a profile: `[default]`, or `[profile NAME]` with `[NAME]` as a fallback.
pub(super) fn config_section<'a>(file: &'a IniFile, profile: &str) -> Option<Section<'a>> {
    if profile == DEFAULT_PROFILE {
        return file.section(&[profile]);
    }
    file.section(&[&format!("profile {profile}"), profile])
}

pub(super) fn config_profiles(file: &IniFile) -> Vec<String> {
    let profile = |section: &str| {
        let name = section.strip_prefix("profile ").unwrap_or(section);
        name.trim().to_owned()
    };
    sort_unique(file.section_names().map(profile))
}

pub(super) fn credentials_profiles(file: &IniFile) -> Vec<String> {
    sort_unique(file.section_names().map(str::to_owned))
}

fn sort_unique(names: impl Iterator<Item = String>) -> Vec<String> {
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Returns an error if the profile was selected explicitly and is in neither file. The default
/// profile need not exist.
pub(super) fn unknown_profile_error(
    profile: &Sourced<String>,
    files: &[ProfileFile],
) -> Option<ConfigError> {
    let name = &profile.value;
    let known: BTreeSet<&String> = files
        .iter()
        .filter_map(|file| file.profiles.as_ref())
        .flatten()
        .collect();
    if profile.origin == Origin::Default || name == DEFAULT_PROFILE || known.contains(name) {
        return None;
    }
    let paths: Vec<_> = files
        .iter()
        .filter_map(|file| Some(file.path.as_ref()?.display().to_string()))
        .collect();
    let available = match paths.as_slice() {
        [] => "no home directory to read profiles from".to_owned(),
        paths if known.is_empty() => format!("no profiles in {}", paths.join(" or ")),
        paths => {
            let known: Vec<_> = known.into_iter().map(String::as_str).collect();
            format!("profiles in {}: {}", paths.join(" and "), known.join(", "))
        }
    };
    let message = format!(
        "unknown profile {name:?} (from {}); {available}",
        profile.origin
    );
    Some(ConfigError::new(ConfigItem::Profile, message))
}
