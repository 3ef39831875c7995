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
use upstream::{Operation, UpstreamSpec};

/// A fragment extracted from the upstream document.
#[derive(Debug)]
pub struct Fragment {
    /// The document as canonical JSON text.
    pub text: String,
    /// Elements without a description from the current fragment.
    pub missing: MissingDescriptions,
    /// Operations that were left out of all, because the document describes them incompletely.
    pub left_out: Vec<Error>,
}

/// Operations to extract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Those of the current fragment.
    Current,
    /// Those of the current fragment, and those with these ids.
    Added(Vec<String>),
    /// Those with these ids.
    Named(Vec<String>),
    /// All that the document describes completely.
    All,
}

/// Extracts operations from a document, preserving the descriptions of the fragment at `current`, which
/// may be missing unless it selects the operations.
pub fn extract(source: &Source, current: &Path, selection: &Selection) -> Result<Fragment> {
    let ours = match selection {
        Selection::Named(_) | Selection::All if !current.exists() => Value::Null,
        _ => spec::read(current)?,
    };
    let text = source.read_text()?;
    let upstream = UpstreamSpec::read(source.name(), &text)?;
    let mut left_out = Vec::new();
    let selected = match selection {
        Selection::Current => require(&upstream, &operation_ids(current, &ours)?)?,
        Selection::Added(added) => {
            let mut ids = operation_ids(current, &ours)?;
            ids.extend(
                added
                    .iter()
                    .filter(|id| !ids.contains(id))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            require(&upstream, &ids)?
        }
        Selection::Named(ids) => require(&upstream, ids)?,
        Selection::All => {
            let (complete, incomplete) = closure::complete_operations(&upstream)?;
            left_out = incomplete;
            complete
        }
    };
    let mut fragment = closure::extract_operations(&upstream, &selected)?;
    let missing = descriptions::merge_descriptions(&ours, &mut fragment);
    Ok(Fragment {
        text: spec::to_canonical_json(&fragment),
        missing,
        left_out,
    })
}

/// Finds operations by id. The error names every id that is not found.
fn require<'u>(upstream: &'u UpstreamSpec<'_>, ids: &[String]) -> Result<Vec<&'u Operation>> {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for id in ids {
        match upstream.require(id) {
            Ok(operation) => found.push(operation),
            Err(error) => errors.push(error),
        }
    }
    Error::fail_if_any(errors)?;
    Ok(found)
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
