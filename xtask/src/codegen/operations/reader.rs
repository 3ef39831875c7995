//! Reads the operations of a document.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    Body, BodyContent, Operation, Operations, Parameter, REQUEST, RESPONSE, Response,
    ResponseContent, element_location, parameter_slot, schema_name, skipped,
};
use crate::codegen::effect::{self, Effect};
use crate::codegen::extensions::NAME;
use crate::codegen::flatten::ORIGIN;
use crate::codegen::overlay::Provenance;
use crate::error::Error;
use crate::extract::upstream::METHODS;
use crate::spec::{pointer, reference};

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

/// Reads one operation.
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
        let lists = [(item, "/../parameters"), (operation, "/parameters")];
        for (list, location) in lists {
            let list = list.get("parameters").and_then(Value::as_array);
            for (index, parameter) in list.into_iter().flatten().enumerate() {
                let below = format!("{location}/{index}");
                let parameter = self.component(parameter, &below)?;
                let (parameter, schema) = self.parameter(&parameter, &below)?;
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

    fn parameter(&self, element: &Element<'_>, below: &str) -> Read<(Parameter, Value)> {
        let parameter = element.value;
        let text = |key: &str| parameter.get(key).and_then(Value::as_str);
        let (Some(name), Some(location)) = (text("name"), text("in")) else {
            return Err(self.skipped(below, "the parameter lacks its name or location", None));
        };
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
        Ok((parameter, element.schema(&[])))
    }

    fn body(&self, operation: &Value, schemas: &mut Map<String, Value>) -> Read<Option<Body>> {
        let Some(body) = operation.get("requestBody") else {
            return Ok(None);
        };
        let body = self.component(body, "/requestBody")?;
        let content = body.value.get("content").and_then(Value::as_object);
        let name_of = |kind: fn(&str) -> bool| {
            let mut names = content.into_iter().flat_map(Map::keys);
            names.find(|name| kind(&media_type(name)))
        };
        let is_form = |name: &str| name == "application/x-www-form-urlencoded";
        let kinds = [
            (name_of(is_json), BodyContent::Json),
            (name_of(is_form), BodyContent::Form),
            (
                name_of(|name| name == "application/octet-stream"),
                BodyContent::Bytes,
            ),
            (name_of(|name| name == "text/plain"), BodyContent::Text),
        ];
        let found = kinds
            .into_iter()
            .find_map(|(name, kind)| Some((name?, kind)));
        let Some((name, kind)) = found else {
            let Some(name) = content.and_then(|content| content.keys().next()) else {
                return Ok(None);
            };
            let below = pointer::from_segments(["requestBody", "content", name]);
            let message = format!("requests of type {name} are not generated");
            return Err(self.skipped(&below, &message, None));
        };
        if matches!(kind, BodyContent::Json | BodyContent::Form) {
            schemas.insert(REQUEST.to_owned(), body.schema(&["content", name]));
        }
        let description = body.value.get("description").and_then(Value::as_str);
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
                    found.push((code, content(&response, &mut bodies)));
                }
                _ => {}
            }
        }
        // Without any other success, the default response is the one of success as well.
        if let (true, Some(response)) = (found.is_empty(), default) {
            found.push((None, content(&response, &mut bodies)));
        }
        let content = found.iter().map(|(_, content)| *content).max();
        let content = content.unwrap_or(ResponseContent::Bytes);
        let (same, other): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, found)| *found == content);
        if content == ResponseContent::Json {
            let shape = |schema: &Value| {
                let mut schema = schema.clone();
                schema.as_object_mut().map(|schema| schema.remove(ORIGIN));
                schema
            };
            bodies.dedup_by_key(|schema| shape(schema));
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
    fn component(&self, value: &'a Value, below: &str) -> Read<Element<'a>> {
        // Chosen: far longer than any chain of references in a real document.
        const MAX_HOPS: usize = 16;
        let mut element = Element {
            value,
            pointer: element_location(self.location, below),
        };
        for _ in 0..MAX_HOPS {
            let Some(text) = element.value.get("$ref").and_then(Value::as_str) else {
                return Ok(element);
            };
            let target = reference::parse_target(text).unwrap_or_default();
            match self.provenance.overlaid.pointer(&target) {
                Some(value) => {
                    element = Element {
                        value,
                        pointer: target,
                    };
                }
                None => break,
            }
        }
        Err(self.skipped(below, "the reference has no target", None))
    }

    fn skipped(&self, below: &str, problem: &str, update: Option<Value>) -> Error {
        skipped(self.provenance, self.location, below, problem, update)
    }
}

/// A parameter, request body or response, and its location.
struct Element<'a> {
    value: &'a Value,
    pointer: String,
}

impl Element<'_> {
    /// Returns the schema below the element, with its location.
    fn schema(&self, below: &[&str]) -> Value {
        let below = pointer::from_segments(below.iter().copied().chain(["schema"]));
        let mut schema = match self.value.pointer(&below) {
            Some(schema @ Value::Object(_)) => schema.clone(),
            _ => json!({}),
        };
        schema[ORIGIN] = format!("{}{below}", self.pointer).into();
        schema
    }
}

/// Returns the content of a response, and adds its schema to `bodies` if it is JSON.
fn content(response: &Element<'_>, bodies: &mut Vec<Value>) -> ResponseContent {
    let content = response.value.get("content").and_then(Value::as_object);
    let mut content = content.into_iter().flatten().peekable();
    if content.peek().is_none() {
        return ResponseContent::Empty;
    }
    let is_binary = |media: &Value| media.pointer("/schema/format") == Some(&json!("binary"));
    match content.find(|(name, media)| is_json(&media_type(name)) && !is_binary(media)) {
        None => ResponseContent::Bytes,
        Some((name, _)) => {
            bodies.push(response.schema(&["content", name]));
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
