//! Reads the operations of the overlaid document, in the form that methods are generated from.
//!
//! OpenAPI describes more than the client has methods for. An operation that cannot be generated is
//! skipped, and reported with the overlay step that mends it; the others are generated nevertheless.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::effect::{self, Effect};
use super::extensions::NAME;
use super::overlay::{Provenance, json_path};
use crate::error::Error;
use crate::extract::upstream::METHODS;
use crate::spec::{pointer, reference};

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

/// Reads the operations of a document.
pub fn read(provenance: &Provenance<'_>) -> Operations {
    let mut found = Operations::default();
    let mut ids = BTreeSet::new();
    let paths = provenance.overlaid.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS
            .into_iter()
            .filter(|method| item.get(method).is_some())
        {
            let location = pointer::from_segments(["paths", path, method]);
            let reader = Reader {
                provenance,
                location: &location,
            };
            match reader.operation(path, method, item) {
                Ok((operation, schemas)) if ids.insert(operation.id.clone()) => {
                    found.schemas.insert(schema_name(&operation.id), schemas);
                    found.errors.extend(effect::check(provenance, &location));
                    found.operations.push(operation);
                }
                Ok((operation, _)) => {
                    let id = &operation.id;
                    let message = format!("the operationId {id:?} is not unique");
                    let remedy = json!({ "operationId": format!("{id}2") });
                    found
                        .skipped
                        .push(reader.skipped("/operationId", &message, Some(remedy)));
                }
                Err(report) => found.skipped.push(report),
            }
        }
    }
    found
}

struct Reader<'a> {
    provenance: &'a Provenance<'a>,
    location: &'a str,
}

type Read<T> = Result<T, Error>;

impl<'a> Reader<'a> {
    fn operation(
        &self,
        path: &str,
        method: &'static str,
        item: &'a Value,
    ) -> Read<(Operation, Value)> {
        let operation = &item[method];
        if ["options", "trace"].contains(&method) {
            let message = format!("{} requests are not generated", method.to_uppercase());
            return Err(self.skipped("", &message, None));
        }
        let Some(id) = operation.get("operationId").and_then(Value::as_str) else {
            let remedy = json!({ "operationId": "<a name>" });
            return Err(self.skipped("", "the operation has no operationId", Some(remedy)));
        };
        let mut schemas = Map::new();
        let parameters = self.parameters(path, item, operation, &mut schemas)?;
        let body = self.body(operation, &mut schemas)?;
        let response = self.response(operation, &mut schemas)?;
        let text = |key: &str| {
            operation
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let operation = Operation {
            id: id.to_owned(),
            chosen_name: text(NAME),
            pointer: self.location.to_owned(),
            path: path.to_owned(),
            method,
            summary: text("summary"),
            description: text("description"),
            parameters,
            body,
            response,
            effect: Effect::of(operation),
        };
        Ok((
            operation,
            json!({ "type": "object", "properties": schemas }),
        ))
    }

    /// Reads the parameters of a path and of its operation, which replace those of the path.
    fn parameters(
        &self,
        path: &str,
        item: &'a Value,
        operation: &'a Value,
        schemas: &mut Map<String, Value>,
    ) -> Read<Vec<Parameter>> {
        let mut found: Vec<Parameter> = Vec::new();
        let lists = [(item, None), (operation, Some(()))];
        for (list, of_operation) in lists {
            let list = list.get("parameters").and_then(Value::as_array);
            for (index, parameter) in list.into_iter().flatten().enumerate() {
                let below = match of_operation {
                    Some(()) => format!("/parameters/{index}"),
                    None => format!("/../parameters/{index}"),
                };
                let parameter = self.component(parameter, &below)?;
                let (parameter, schema) = self.parameter(parameter, &below)?;
                found.retain(|other| {
                    (&other.name, &other.location) != (&parameter.name, &parameter.location)
                });
                let is_taken = found.iter().any(|other| other.name == parameter.name);
                if is_taken {
                    let message = format!("two parameters have the name {:?}", parameter.name);
                    return Err(self.skipped(&below, &message, None));
                }
                schemas.insert(parameter_slot(&parameter.name), schema);
                found.push(parameter);
            }
        }
        let template: BTreeSet<&str> = template_names(path).collect();
        let declared = found
            .iter()
            .filter(|parameter| parameter.location == "path");
        let declared: BTreeSet<&str> = declared.map(|parameter| parameter.name.as_str()).collect();
        if template != declared {
            let message = "the path and its parameters do not have the same names";
            return Err(self.skipped("", message, None));
        }
        Ok(found)
    }

    fn parameter(&self, parameter: &Value, below: &str) -> Read<(Parameter, Value)> {
        let text = |key: &str| parameter.get(key).and_then(Value::as_str);
        let (Some(name), Some(location)) = (text("name"), text("in")) else {
            return Err(self.skipped(below, "the parameter lacks its name or location", None));
        };
        let schema = parameter.get("schema").cloned().unwrap_or_default();
        let style = text("style");
        let is_supported = match location {
            "path" | "header" => style.is_none_or(|style| style == "simple"),
            "query" => style.is_none_or(|style| style == "form"),
            _ => false,
        };
        if !is_supported || parameter.get("content").is_some() {
            let style = style
                .map(|style| format!(" of style {style}"))
                .unwrap_or_default();
            let message = format!("{location} parameters{style} are not generated");
            return Err(self.skipped(below, &message, None));
        }
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if location == "header" && (name.is_empty() || !name.chars().all(is_token)) {
            let message = format!("{name:?} is not a name of a header");
            return Err(self.skipped(below, &message, None));
        }
        let is_required = parameter.get("required") == Some(&json!(true)) || location == "path";
        let parameter = Parameter {
            name: name.to_owned(),
            location: location.to_owned(),
            is_required,
            description: text("description").map(str::to_owned),
        };
        Ok((parameter, schema))
    }

    fn body(&self, operation: &Value, schemas: &mut Map<String, Value>) -> Read<Option<Body>> {
        let Some(body) = operation.get("requestBody") else {
            return Ok(None);
        };
        let body = self.component(body, "/requestBody")?;
        let content = body.get("content").and_then(Value::as_object);
        let of_kind = |kind: fn(&str) -> bool| {
            let mut content = content.into_iter().flatten();
            content
                .find(|(name, _)| kind(&media_type(name)))
                .map(|(_, media)| media)
        };
        let kinds: [(fn(&str) -> bool, BodyContent); 4] = [
            (is_json, BodyContent::Json),
            (
                |name| name == "application/x-www-form-urlencoded",
                BodyContent::Form,
            ),
            (
                |name| name == "application/octet-stream",
                BodyContent::Bytes,
            ),
            (|name| name == "text/plain", BodyContent::Text),
        ];
        let found = kinds
            .into_iter()
            .find_map(|(kind, content)| Some((of_kind(kind)?, content)));
        let Some((media, kind)) = found else {
            let Some(name) = content.and_then(|content| content.keys().next()) else {
                return Ok(None);
            };
            let below = pointer::from_segments(["requestBody", "content", name]);
            let message = format!("requests of type {name} are not generated");
            return Err(self.skipped(&below, &message, None));
        };
        if matches!(kind, BodyContent::Json | BodyContent::Form) {
            let schema = media.get("schema").cloned().unwrap_or_default();
            schemas.insert(REQUEST.to_owned(), schema);
        }
        let description = body.get("description").and_then(Value::as_str);
        Ok(Some(Body {
            content: kind,
            description: description.map(str::to_owned),
        }))
    }

    /// Reads the successful responses. Any other is an error with its status, whatever its content.
    fn response(&self, operation: &Value, schemas: &mut Map<String, Value>) -> Read<Response> {
        let responses = operation.get("responses").and_then(Value::as_object);
        let mut found: Vec<(Option<u16>, ResponseContent)> = Vec::new();
        let mut bodies: Vec<Value> = Vec::new();
        let mut default = None;
        for (status, response) in responses.into_iter().flatten() {
            if status.starts_with("x-") {
                continue;
            }
            let below = pointer::from_segments(["responses", status]);
            let response = self.component(response, &below)?;
            let code = status
                .parse::<u16>()
                .ok()
                .filter(|code| (200..300).contains(code));
            match status.as_str() {
                "default" => default = Some(response),
                _ if code.is_some() || status.eq_ignore_ascii_case("2XX") => {
                    found.push((code, content(response, &mut bodies)));
                }
                _ => {}
            }
        }
        // Without any other success, the default response is the one of success as well.
        if let (true, Some(response)) = (found.is_empty(), default) {
            found.push((None, content(response, &mut bodies)));
        }
        let content = found.iter().map(|(_, content)| *content).max();
        let content = content.unwrap_or(ResponseContent::Bytes);
        let (same, other): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, found)| *found == content);
        if content == ResponseContent::Json {
            bodies.dedup();
            let schema = match &mut bodies[..] {
                [only] => only.take(),
                // Several types have none in common.
                _ => json!({}),
            };
            schemas.insert(RESPONSE.to_owned(), schema);
        }
        let any_status = same.iter().any(|(code, _)| code.is_none());
        let codes = |found: Vec<(Option<u16>, _)>| found.into_iter().filter_map(|(code, _)| code);
        let is_bytes = content == ResponseContent::Bytes;
        let (statuses, others): (BTreeSet<u16>, BTreeSet<u16>) =
            (codes(same).collect(), codes(other).collect());
        Ok(Response {
            statuses: match (any_status, is_bytes) {
                (true, _) => BTreeSet::new(),
                // Bytes stand for any other content as well.
                (false, true) => statuses.union(&others).copied().collect(),
                (false, false) => statuses,
            },
            empty_statuses: if is_bytes { BTreeSet::new() } else { others },
            content,
        })
    }

    /// Follows references to a component: a parameter, request body or response.
    fn component(&self, value: &'a Value, below: &str) -> Read<&'a Value> {
        // Chosen: far longer than any chain of references in a real document.
        const MAX_HOPS: usize = 16;
        let mut target = value;
        for _ in 0..MAX_HOPS {
            let Some(text) = target.get("$ref").and_then(Value::as_str) else {
                return Ok(target);
            };
            let found = reference::parse_target(text)
                .and_then(|location| self.provenance.overlaid.pointer(&location));
            match found {
                Some(found) => target = found,
                None => break,
            }
        }
        Err(self.skipped(below, "the reference has no target", None))
    }

    fn skipped(&self, below: &str, problem: &str, update: Option<Value>) -> Error {
        skipped(self.provenance, self.location, below, problem, update)
    }
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
    let element = match below.strip_prefix("/..") {
        // A parameter of the path.
        Some(below) => {
            let parent = location.rsplit_once('/').map_or("", |(parent, _)| parent);
            format!("{parent}{below}")
        }
        None => format!("{location}{below}"),
    };
    let target = json_path(location);
    let step = match update {
        Some(update) => json!({ "target": target, "update": update }),
        None => json!({ "target": target, "remove": true }),
    };
    let message =
        format!("operation skipped: {problem}; change or remove it in the overlay: {step}");
    provenance.error_at(&element, message)
}

/// Returns the content of a response, and adds its schema to `bodies` if it is JSON.
fn content(response: &Value, bodies: &mut Vec<Value>) -> ResponseContent {
    let content = response.get("content").and_then(Value::as_object);
    let mut content = content.into_iter().flatten().peekable();
    if content.peek().is_none() {
        return ResponseContent::Empty;
    }
    let is_binary = |media: &Value| media.pointer("/schema/format") == Some(&json!("binary"));
    match content.find(|(name, media)| is_json(&media_type(name)) && !is_binary(media)) {
        None => ResponseContent::Bytes,
        Some((_, media)) => {
            bodies.push(media.get("schema").cloned().unwrap_or_else(|| json!({})));
            ResponseContent::Json
        }
    }
}

/// Returns a media type in lower case, without its parameters.
fn media_type(name: &str) -> String {
    let name = name.split_once(';').map_or(name, |(name, _)| name);
    name.trim().to_ascii_lowercase()
}

fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type == "*/*" || media_type.ends_with("+json")
}

/// Returns the names of the parameters in a path template.
fn template_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| Some(part.split_once('}')?.0))
}
