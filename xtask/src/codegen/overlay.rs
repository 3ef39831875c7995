//! Every declared deviation from the service's document is applied, or is an error.

use std::path::Path;

use roas_overlay::apply::{Apply, ApplyOptions};
use roas_overlay::v1_1::Overlay;
use roas_overlay::validation::Validate;
use serde_json::Value;

use crate::document;
use crate::error::{Error, Result};

/// Applies the overlay at `path` to the document; a step that meets nothing is an error.
pub fn apply(path: &Path, document: &mut Value) -> Result<()> {
    let value = document::read(path)?;
    let overlay: Overlay = document::interpret(path, &value)?;
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
                    "the step for {:?} gives no reason: add a description",
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
                format!("the step for {:?} fails: {}", e.target, e.kind),
            )
        })?;
    Ok(())
}
