//! Check of the OpenAPI version.

use std::path::Path;

use crate::error::{Error, Result};

/// Fails unless the document is OpenAPI 3.0.x. `version` is the value of `openapi`, as JSON text.
pub fn check_version(path: &Path, version: Option<&str>) -> Result<()> {
    let message = match version {
        None => "missing; not an OpenAPI 3.0 document".to_owned(),
        Some(version) if version.starts_with("\"3.0.") => return Ok(()),
        Some(version) => format!("unsupported version {version}; only OpenAPI 3.0.x is supported"),
    };
    Err(Error::at(path, "/openapi", message))
}
