//! Applies the overlay, an OpenAPI Overlay document, to the fragment.
//!
//! The overlay declares what the generator cannot derive from the service's document: names, effects,
//! and what is left out. A step is a *rule* if its target selects by a condition, such as
//! `$.paths[*][*].parameters[?@.name == 'x']`, and is *by name* if its target names one element. A step
//! by name without a match is stale and reported; a rule may match nothing.
//!
//! Most later errors are found in the overlaid document, which no file contains. An error is only of
//! use with the file and the location that has to be edited, which [`Provenance`] finds.

use std::path::Path;

use roas_overlay::apply::{Apply, ApplyError, ApplyOptions};
use roas_overlay::v1_1::Overlay;
use roas_overlay::validation::Validate;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::spec::{self, pointer};

/// Applies the overlay at `path` to the document. Returns the stale steps.
pub fn apply(path: &Path, document: &mut Value) -> Result<Vec<Error>> {
    let value = spec::read(path)?;
    let overlay: Overlay = spec::deserialize(path, &value)?;
    if let Err(invalid) = overlay.validate(Default::default()) {
        Error::fail_if_any(invalid.errors.into_iter().map(|e| {
            // The path is written like `#.actions[3].target`.
            let location = e
                .path
                .trim_start_matches('#')
                .replace('[', ".")
                .replace(']', "");
            Error::at(path, location.replace('.', "/"), e.message)
        }))?;
    }
    let location = |index: usize| format!("/actions/{index}");
    let without_reason = overlay.actions.iter().enumerate().filter(|(_, action)| {
        let reason = action.description.as_deref();
        reason.unwrap_or("").trim().is_empty()
    });
    Error::fail_if_any(without_reason.map(|(index, action)| {
        let target = &action.target;
        let message = format!("the action for {target:?} has no reason; add a description");
        Error::at(path, location(index), message)
    }))?;
    let options = ApplyOptions::ErrorOnMixedKindMatch;
    let report = match overlay.apply(document, options.into()) {
        Ok(report) => report,
        Err(first) => {
            let failed = failing_actions(&overlay, document)
                .into_iter()
                .map(|(index, e)| {
                    let message = format!("the action for {:?} failed: {}", e.target, e.kind);
                    Error::at(path, location(index), message)
                });
            Error::fail_if_any(failed)?;
            // Not reached: the action that failed among all fails alone, too.
            return Err(Error::at(
                path,
                location(first.action_index),
                first.to_string(),
            ));
        }
    };
    let stale = report
        .actions
        .iter()
        .filter(|action| action.matched == 0 && names_one_element(&action.target));
    Ok(stale
        .map(|action| {
            let message = format!(
                "the action for {:?} matches nothing; remove it, or correct its target",
                action.target
            );
            Error::at(path, location(action.index), message)
        })
        .collect())
}

/// Applies the actions one by one, and returns those that fail, with their indices.
fn failing_actions(overlay: &Overlay, document: &Value) -> Vec<(usize, ApplyError)> {
    let mut document = document.clone();
    let mut failed = Vec::new();
    for (index, action) in overlay.actions.iter().enumerate() {
        let mut single = overlay.clone();
        single.actions = vec![action.clone()];
        let options = ApplyOptions::ErrorOnMixedKindMatch;
        if let Err(error) = single.apply(&mut document, options.into()) {
            failed.push((index, error));
        }
    }
    failed
}

/// Returns whether a JSONPath names one element: it has neither a wildcard nor a condition, and
/// descends by one step at a time.
fn names_one_element(target: &str) -> bool {
    let mut quote = None;
    let mut previous = ' ';
    for c in target.chars() {
        match quote {
            Some(open) if c == open && previous != '\\' => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == '*' || c == '?' || (c == '.' && previous == '.') => return false,
            None => {}
        }
        previous = c;
    }
    true
}

/// Returns the JSONPath of a JSON pointer, for the target of a step.
pub fn json_path(location: &str) -> String {
    let segments = pointer::segments(location).into_iter();
    let steps = segments.map(|segment| match segment.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!("['{}']", segment.replace('\\', "\\\\").replace('\'', "\\'")),
    });
    std::iter::once("$".to_owned()).chain(steps).collect()
}

/// Inputs of the overlaid document, to attribute its parts to them.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// File of the fragment.
    pub fragment: &'a Path,
    /// File of the overlay.
    pub overlay: &'a Path,
    /// The fragment, before the overlay.
    pub document: &'a Value,
    /// The fragment, after the overlay.
    pub overlaid: &'a Value,
}

impl Provenance<'_> {
    /// Returns the location in the fragment of an element of the overlaid document. They differ in lists
    /// from which the overlay has removed items.
    pub fn location_in_fragment(&self, location: &str) -> String {
        let mut found = String::new();
        let (mut document, mut overlaid) = (Some(self.document), Some(self.overlaid));
        for segment in pointer::segments(location) {
            let step = pointer::join("", &segment);
            let value = overlaid.and_then(|overlaid| overlaid.pointer(&step));
            let index = match (document, overlaid) {
                (Some(Value::Array(before)), Some(Value::Array(_))) => {
                    before.iter().position(|item| Some(item) == value)
                }
                _ => None,
            };
            let step = index.map_or(step, |index| format!("/{index}"));
            document = document.and_then(|document| document.pointer(&step));
            overlaid = value;
            found += &step;
        }
        found
    }

    /// Builds an error for a location of the overlaid document. It names the fragment if that has the
    /// same value there, and otherwise the overlay.
    pub fn error_at(&self, location: &str, message: impl Into<String>) -> Error {
        let in_fragment = self.location_in_fragment(location);
        let (before, after) = (
            self.document.pointer(&in_fragment),
            self.overlaid.pointer(location),
        );
        let is_from_fragment = match before {
            Some(Value::Object(_) | Value::Array(_)) => true,
            before => before.is_some() && before == after,
        };
        match is_from_fragment {
            true => Error::at(self.fragment, in_fragment, message),
            false => Error::at(self.overlay, location, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_selects_by_a_condition() {
        let by_name = [
            "$.paths['/a*?..b'].post",
            "$.info",
            "$['a']['b'][0]",
            r"$['it\'s *']",
        ];
        let rules = ["$.paths[*].post", "$..items", "$.a[?@.name == 'x']"];
        for target in by_name {
            assert!(names_one_element(target), "{target}");
        }
        for target in rules {
            assert!(!names_one_element(target), "{target}");
        }
    }

    #[test]
    fn a_pointer_becomes_a_target_that_can_be_pasted() {
        assert_eq!(
            json_path("/paths/~1a~1it's/post/parameters/0"),
            r"$['paths']['/a/it\'s']['post']['parameters'][0]"
        );
    }
}
