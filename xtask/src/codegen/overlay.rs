//! Applies the overlay, an OpenAPI Overlay document, and attributes errors to it or to the fragment.
//!
//! The overlay is the only place that declares deviations from the service's document. An action
//! without a match or without a reason is therefore an error: it has become stale, or cannot be
//! reviewed.
//!
//! Most later errors are found in the overlaid document, which no file contains. An error is only of
//! use with the file and the location that has to be edited, which [`Provenance`] finds.

use std::path::Path;

use roas_overlay::apply::{Apply, ApplyOptions};
use roas_overlay::v1_1::Overlay;
use roas_overlay::validation::Validate;
use serde_json::Value;

use super::flatten::INLINE_ORIGIN;
use crate::error::{Error, Result};
use crate::spec::{self, pointer};

/// Applies the overlay at `path` to the document. An action without a match is an error.
pub fn apply(path: &Path, document: &mut Value) -> Result<()> {
    let value = spec::read(path)?;
    let overlay: Overlay = spec::deserialize(path, &value)?;
    overlay
        .validate(Default::default())
        .map_err(|e| Error::new(path, e.to_string()))?;
    for (index, action) in overlay.actions.iter().enumerate() {
        if action
            .description
            .as_deref()
            .unwrap_or("")
            .trim()
            .is_empty()
        {
            return Err(Error::at(
                path,
                format!("/actions/{index}"),
                format!(
                    "the action for {:?} has no reason; add a description",
                    action.target
                ),
            ));
        }
    }
    overlay
        .apply(document, ApplyOptions::ErrorOnZeroMatch.into())
        .map_err(|e| {
            Error::at(
                path,
                format!("/actions/{}", e.action_index),
                format!("the action for {:?} failed: {}", e.target, e.kind),
            )
        })?;
    Ok(())
}

/// Inputs of the overlaid document, to attribute its parts to them.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// File of the fragment.
    pub fragment: &'a Path,
    /// File of the overlay.
    pub overlay: &'a Path,
    /// The flattened fragment, before the overlay.
    pub flattened: &'a Value,
}

impl Provenance<'_> {
    /// Builds an error for a location below a schema of the `overlaid` document.
    ///
    /// If the flattened fragment has the same value there, the error names the fragment and the
    /// original location in it; otherwise it names the overlay.
    pub fn error_at(
        &self,
        overlaid: &Value,
        schema: &str,
        below: &[&str],
        message: impl Into<String>,
    ) -> Error {
        let segments = ["components", "schemas", schema];
        let location = pointer::from_segments(segments.iter().chain(below).copied());
        let (before, after) = (
            self.flattened.pointer(&location),
            overlaid.pointer(&location),
        );
        let is_from_fragment = match before {
            Some(Value::Object(_) | Value::Array(_)) => true,
            before => before.is_some() && before == after,
        };
        if is_from_fragment {
            let location =
                self.original_location(schema) + &pointer::from_segments(below.iter().copied());
            Error::at(self.fragment, location, message)
        } else {
            Error::at(self.overlay, location, message)
        }
    }

    /// Returns the location of a schema in the fragment as it is checked in.
    fn original_location(&self, schema: &str) -> String {
        let named = pointer::from_segments(["components", "schemas", schema]);
        let inline = self
            .flattened
            .pointer(&format!("{named}/{INLINE_ORIGIN}/2"));
        inline
            .and_then(Value::as_str)
            .map(str::to_owned)
            .unwrap_or(named)
    }
}
