//! Lookup of operations by `operationId`.
//!
//! Ids are the stable way to select operations: paths and methods may change between versions. A
//! failed lookup suggests similar ids.

use serde_json::Value;

use super::upstream::UpstreamSpec;
use crate::error::{Error, Result};
use crate::spec::pointer;

/// Keys of a path item that contain operations.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Minimum Jaro-Winkler similarity, from 0 to 1, of a suggested id. Chosen: it accepts typos and
/// renamed suffixes, and rejects unrelated operations; not tuned.
const MIN_SIMILARITY: f64 = 0.8;

/// Maximum number of suggested ids. Chosen: fits one line of output; not tuned.
const MAX_SUGGESTIONS: usize = 3;

/// An operation and its location in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The `operationId`.
    pub id: String,
    /// The path that contains it.
    pub path: String,
    /// The HTTP method in lower case, as in the path item.
    pub method: &'static str,
}

impl Operation {
    /// Returns the JSON pointer to the operation.
    pub fn pointer(&self) -> String {
        pointer::from_segments(["paths", &self.path, self.method])
    }
}

/// Finds the operation with an id; a duplicate id is an error.
pub fn find<'w>(upstream: &'w UpstreamSpec<'_>, id: &str) -> Result<Option<&'w Operation>> {
    let mut found = upstream.operations.iter().filter(|found| found.id == id);
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => Err(Error::at(
            upstream.file,
            pointer::join(&second.pointer(), "operationId"),
            format!(
                "duplicate operation id {id:?}; also used at {}",
                first.pointer()
            ),
        )),
        (found, _) => Ok(found),
    }
}

/// Finds the operation with an id; the error suggests similar ids.
pub fn require<'w>(upstream: &'w UpstreamSpec<'_>, id: &str) -> Result<&'w Operation> {
    find(upstream, id)?.ok_or_else(|| {
        let suggestions = match &similar_ids(upstream, id)[..] {
            [] => String::new(),
            similar => format!("; similar ids: {}", similar.join(", ")),
        };
        Error::at(
            upstream.file,
            "/paths",
            format!("operation {id:?} not found{suggestions}"),
        )
    })
}

/// Returns the ids most similar to `id`, best match first.
pub fn similar_ids<'w>(upstream: &'w UpstreamSpec<'_>, id: &str) -> Vec<&'w str> {
    let wanted = id.to_lowercase();
    let mut similar: Vec<(f64, &str)> = upstream
        .operations
        .iter()
        .map(|found| {
            let similarity = strsim::jaro_winkler(&wanted, &found.id.to_lowercase());
            (similarity, found.id.as_str())
        })
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .collect();
    similar.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.cmp(y)));
    let ids = similar.into_iter().map(|(_, id)| id);
    ids.take(MAX_SUGGESTIONS).collect()
}

/// Lists the operations of a fully parsed document.
pub fn list_operations(document: &Value) -> Vec<Operation> {
    let paths = document.get("paths").and_then(Value::as_object);
    let items = paths.into_iter().flatten();
    items
        .flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                Some(Operation {
                    id: item.get(method)?.get("operationId")?.as_str()?.to_owned(),
                    path: path.clone(),
                    method,
                })
            })
        })
        .collect()
}
