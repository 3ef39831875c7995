//! Reads the operations of the overlaid document, in the form that methods are generated from.
//!
//! OpenAPI describes more than the client has methods for. An operation that cannot be generated is
//! skipped, and reported with the overlay step that mends it; the others are generated nevertheless.

mod reader;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::effect::Effect;
use super::overlay::{Provenance, json_path};
use crate::error::Error;

pub use reader::read;

/// An operation that can be generated.
#[derive(Debug)]
pub struct Operation {
    /// The `operationId`.
    pub id: String,
    /// Name of the method, if the overlay sets it.
    pub chosen_name: Option<String>,
    /// JSON pointer in the document.
    pub pointer: String,
    /// Path template.
    pub path: String,
    /// HTTP method in lower case.
    pub method: &'static str,
    /// Short description.
    pub summary: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Parameters, in the order of the document.
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Option<Body>,
    /// The successful responses.
    pub response: Response,
    /// Whether the operation reads or writes, and why that is known.
    pub effect: Effect,
}

/// A parameter of an operation.
#[derive(Debug)]
pub struct Parameter {
    /// Name in the request.
    pub name: String,
    /// Where the request has it: `path`, `query` or `header`.
    pub location: String,
    /// Whether every request has it.
    pub is_required: bool,
    /// Description.
    pub description: Option<String>,
}

/// The body of a request.
#[derive(Debug)]
pub struct Body {
    /// Content type.
    pub content: BodyContent,
    /// Description.
    pub description: Option<String>,
}

/// Content types of requests that can be generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyContent {
    /// JSON of the operation's request schema.
    Json,
    /// A form with the properties of the operation's request schema.
    Form,
    /// Bytes.
    Bytes,
    /// Text without a schema.
    Text,
}

/// The successful responses of an operation.
#[derive(Debug)]
pub struct Response {
    /// Statuses of the responses with this content; empty for every successful status.
    pub statuses: BTreeSet<u16>,
    /// Statuses of responses without content, beside others with it.
    pub empty_statuses: BTreeSet<u16>,
    /// Content of the responses.
    pub content: ResponseContent,
}

/// Content of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResponseContent {
    /// None.
    Empty,
    /// JSON of the operation's response schema.
    Json,
    /// Anything else, which is not decoded.
    Bytes,
}

/// Property of an operation's schemas that has the schema of the request body.
pub const REQUEST: &str = "request";

/// Property of an operation's schemas that has the schema of the response.
pub const RESPONSE: &str = "response";

/// Returns the property of an operation's schemas that has the schema of a parameter.
pub fn parameter_slot(name: &str) -> String {
    format!("{name} parameter")
}

/// Returns the name under which the schemas of an operation are flattened, as the properties of one
/// object. No schema of a document has it, because it contains a space.
pub fn schema_name(id: &str) -> String {
    format!("operation {id}")
}

/// The operations of a document.
#[derive(Debug, Default)]
pub struct Operations {
    /// The operations that can be generated, ordered by path.
    pub operations: Vec<Operation>,
    /// The schemas of each operation, by [`schema_name`]: an object with the properties [`REQUEST`],
    /// [`RESPONSE`] and those of the parameters.
    pub schemas: Map<String, Value>,
    /// Reports of the operations that were skipped.
    pub skipped: Vec<Error>,
    /// Faults of the overlay.
    pub errors: Vec<Error>,
}

/// Builds the report of the operation at `location`, which is skipped because of the element `below`, with
/// the overlay step that mends it: an update, or else the removal of the operation.
pub fn skipped(
    provenance: &Provenance<'_>,
    location: &str,
    below: &str,
    problem: &str,
    update: Option<Value>,
) -> Error {
    let element = element_location(location, below);
    let target = json_path(location);
    let step = match update {
        Some(update) => json!({ "target": target, "update": update }),
        None => json!({ "target": target, "remove": true }),
    };
    let message =
        format!("operation skipped: {problem}; change or remove it in the overlay: {step}");
    provenance.error_at(&element, message)
}

/// Returns the location of an element of an operation, or of its path if `below` starts with `/..`.
fn element_location(location: &str, below: &str) -> String {
    match below.strip_prefix("/..") {
        Some(below) => {
            let path = location.rsplit_once('/').map_or("", |(path, _)| path);
            format!("{path}{below}")
        }
        None => format!("{location}{below}"),
    }
}
