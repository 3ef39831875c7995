//! The version of OpenAPI that a document is written in.

use std::path::Path;

use crate::error::{Error, Result};

/// Only OpenAPI 3.0.x is read; `version` is what the document says, as JSON.
pub fn check_version(path: &Path, version: Option<&str>) -> Result<()> {
    let fault = match version {
        None => "missing: not an OpenAPI 3.0 document".to_owned(),
        Some(version) if version.starts_with("\"3.0.") => return Ok(()),
        Some(version) => format!("{version} is not supported: only OpenAPI 3.0.x is"),
    };
    Err(Error::at(path, "/openapi", fault))
}
