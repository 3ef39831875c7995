//! Effects of operations: whether one reads or writes.
//!
//! Every operation of the service is a `POST`, so that neither the method nor the name tells whether a
//! request may be repeated after it may have arrived. The overlay declares it, with the reason, on
//! the operation: `"x-rust-effect": {"kind": "read", "reason": "…"}`. An operation without it writes.

use serde_json::Value;

use super::extensions::EFFECT;
use super::overlay::Provenance;
use crate::error::Error;

/// Effect of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Whether the operation changes nothing.
    pub is_read: bool,
    /// Why that is known; `None` if no effect is declared.
    pub reason: Option<String>,
}

impl Effect {
    /// Returns the declared effect of an operation; a write if none is declared.
    pub fn of(operation: &Value) -> Self {
        let text = |key: &str| operation.get(EFFECT)?.get(key)?.as_str();
        Self {
            is_read: text("kind") == Some("read"),
            reason: text("reason").map(str::to_owned),
        }
    }
}

/// Checks the declared effect of the operation at a location.
pub fn check(provenance: &Provenance<'_>, location: &str) -> Vec<Error> {
    let location = format!("{location}/{EFFECT}");
    let Some(declared) = provenance.overlaid.pointer(&location) else {
        return Vec::new();
    };
    let text = |key: &str| declared.get(key).and_then(Value::as_str);
    let mut errors = Vec::new();
    if !matches!(text("kind"), Some("read" | "write")) {
        let message = "the kind of an effect is \"read\" or \"write\"";
        errors.push(provenance.error_at(&format!("{location}/kind"), message));
    }
    if text("reason").unwrap_or_default().trim().is_empty() {
        let message =
            "an effect needs a reason; state what says that the operation reads or writes";
        errors.push(provenance.error_at(&format!("{location}/reason"), message));
    }
    errors
}
