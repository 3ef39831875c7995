//! Operations by their id.

use serde_json::Value;

use super::whole::Whole;
use crate::error::{Error, Result};
use crate::spec::pointer;

/// The keys of a path item that are operations.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// How alike an id must be to what was asked for, from 0 to 1, to be worth a mention.
const ALIKE: f64 = 0.8;

/// An operation and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// The path that it belongs to.
    pub path: String,
    /// The method, as the path item's key has it.
    pub method: &'static str,
}

impl Operation {
    /// Where in the document it stands.
    pub fn pointer(&self) -> String {
        pointer::from_segments(["paths", &self.path, self.method])
    }
}

/// The operation of an id, if there is one; two are an error.
pub fn find<'w>(whole: &'w Whole<'_>, id: &str) -> Result<Option<&'w Operation>> {
    let mut found = whole.operations.iter().filter(|found| found.id == id);
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => Err(Error::at(
            whole.file,
            pointer::join(&second.pointer(), "operationId"),
            format!(
                "two operations have the id {id:?}: the other is at {}",
                first.pointer()
            ),
        )),
        (found, _) => Ok(found),
    }
}

/// The operation of an id; the error says which ids are near.
pub fn require<'w>(whole: &'w Whole<'_>, id: &str) -> Result<&'w Operation> {
    find(whole, id)?.ok_or_else(|| {
        let near = match &nearest(whole, id)[..] {
            [] => String::new(),
            near => format!(": the nearest are {}", near.join(", ")),
        };
        Error::at(
            whole.file,
            "/paths",
            format!("no operation has the id {id:?}{near}"),
        )
    })
}

/// At most three ids that resemble `id`, the nearest first.
pub fn nearest<'w>(whole: &'w Whole<'_>, id: &str) -> Vec<&'w str> {
    let wanted = id.to_lowercase();
    let mut near: Vec<(f64, &str)> = whole
        .operations
        .iter()
        .map(|found| {
            let likeness = strsim::jaro_winkler(&wanted, &found.id.to_lowercase());
            (likeness, found.id.as_str())
        })
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    near.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.cmp(y)));
    near.into_iter().map(|(_, id)| id).take(3).collect()
}

/// The operations of a document that is at hand as a whole.
pub fn of_document(document: &Value) -> Vec<Operation> {
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
