//! The profiles that there are.

use std::collections::BTreeSet;

use super::DEFAULT_PROFILE;
use crate::config::file::{File, Section};
use crate::config::{FileFound, Origin, Problem, Sourced, Topic};

/// `[default]`, `[profile NAME]`, and `[NAME]` where there is no such section.
pub(super) fn section_of_config<'a>(file: &'a File, profile: &str) -> Option<Section<'a>> {
    if profile == DEFAULT_PROFILE {
        return file.section(&[profile]);
    }
    file.section(&[&format!("profile {profile}"), profile])
}

pub(super) fn of_config(file: &File) -> Vec<String> {
    let name = |section: &str| {
        let name = section.strip_prefix("profile ").unwrap_or(section);
        name.trim().to_owned()
    };
    sorted(file.names().map(name))
}

pub(super) fn of_credentials(file: &File) -> Vec<String> {
    sorted(file.names().map(str::to_owned))
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// A profile that was asked for and is in neither file.
pub(super) fn unknown(profile: &Sourced<String>, files: &[FileFound]) -> Option<Problem> {
    let name = &profile.value;
    let known: BTreeSet<&String> = files
        .iter()
        .filter_map(|f| f.profiles.as_ref())
        .flatten()
        .collect();
    // Nobody has to set the default one up.
    if profile.origin == Origin::Default || name == DEFAULT_PROFILE || known.contains(name) {
        return None;
    }
    let paths: Vec<_> = files
        .iter()
        .filter_map(|file| Some(file.path.as_ref()?.display().to_string()))
        .collect();
    let places = match paths.as_slice() {
        [] => "there is no home directory to look for its files in".to_owned(),
        paths if known.is_empty() => format!("no profile is in {}", paths.join(" or ")),
        paths => {
            let known: Vec<_> = known.into_iter().map(String::as_str).collect();
            format!("in {} are: {}", paths.join(" and "), known.join(", "))
        }
    };
    let text = format!(
        "there is no profile {name:?} (of {}); {places}",
        profile.origin
    );
    Some(Problem::new(Topic::Profile, text))
}
