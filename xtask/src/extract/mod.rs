//! `cargo xtask fragment`: extracts the checked-in fragment from the upstream OpenAPI document.
//!
//! The pipeline is: [`upstream`] indexes the document without parsing all of it and looks up the
//! selected operations, [`closure`] assembles a new document of them and of the components that they
//! reference, and [`descriptions`] merges the descriptions of the current fragment.
//!
//! Types, formats, nullability, enum values, required properties, titles, defaults and examples always
//! come from upstream. Only prose is maintained here: a `description` or `summary` of the current
//! fragment is preserved. Unselected operations are checked for JSON syntax only.

pub mod closure;
pub mod descriptions;
pub mod upstream;

use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::spec::{self, Source};
use descriptions::MissingDescriptions;
use upstream::UpstreamSpec;

/// A fragment extracted from the upstream document.
#[derive(Debug)]
pub struct Fragment {
    /// The document as canonical JSON text.
    pub text: String,
    /// Elements without a description from the current fragment.
    pub missing: MissingDescriptions,
}

/// Extracts operations from a document, preserving the descriptions of the fragment at `current`.
///
/// An empty `operations` selects those of the current fragment.
pub fn extract(source: &Source, current: &Path, operations: &[String]) -> Result<Fragment> {
    let ours = spec::read(current)?;
    let ids = match operations {
        [] => operation_ids(current, &ours)?,
        named => named.to_vec(),
    };
    let text = source.read_text()?;
    let upstream = UpstreamSpec::read(source.name(), &text)?;
    let selected = ids
        .iter()
        .map(|id| upstream.require(id))
        .collect::<Result<Vec<_>>>()?;
    let mut fragment = closure::extract_operations(&upstream, &selected)?;
    let missing = descriptions::merge_descriptions(&ours, &mut fragment);
    Ok(Fragment {
        text: spec::to_canonical_json(&fragment),
        missing,
    })
}

/// Returns the operation ids of a fragment.
pub fn operation_ids(path: &Path, fragment: &Value) -> Result<Vec<String>> {
    let ids: Vec<String> = upstream::list_operations(fragment)
        .into_iter()
        .map(|operation| operation.id)
        .collect();
    if ids.is_empty() {
        return Err(Error::at(path, "/paths", "no operation has an operationId"));
    }
    Ok(ids)
}
