//! Applies the overlay, an OpenAPI Overlay document.
//!
//! The overlay is the only place that declares deviations from the service's document. An action
//! without a match or without a reason is therefore an error: it has become stale, or cannot be
//! reviewed.

use std::path::Path;

use roas_overlay::apply::{Apply, ApplyOptions};
use roas_overlay::v1_1::Overlay;
use roas_overlay::validation::Validate;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::spec;

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
