//! Generates the client with progenitor, and edits its output.
//!
//! progenitor reads a document of its own that has the operations alone: every name in it is a
//! placeholder, and every schema the name of a type that is generated elsewhere. So nothing in the
//! service's document can meet a name, or a gap, of progenitor's. The placeholders are replaced in the
//! output, together with what the low-level crate does itself:
//!
//! - progenitor's methods send a version header that this service does not define, parse the URL for
//!   every request, and decode a body of any length;
//! - a status without content, beside others with it, gives the default value;
//! - a request without a required property is not sent.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode};
use quote::quote;
use serde_json::{Map, Value, json};
use syn::{File, ImplItem, Item};

use super::rewrite::{self, Placeholders};
use super::types::rust_type;
use crate::codegen::model::{Method, Model, ValueType};
use crate::codegen::operations::{BodyContent, ResponseContent};
use crate::codegen::overlay::Provenance;
use crate::error::{Error, Result};
use crate::spec;

/// Generates the items of the client. Returns the reports of operations that progenitor rejects, too.
pub fn client_items(provenance: &Provenance<'_>, model: &Model) -> Result<(Vec<Item>, Vec<Error>)> {
    let mut methods: Vec<&Method> = model.methods.iter().collect();
    let mut rejected = Vec::new();
    let mut generated = generate(provenance, &methods);
    if generated.is_err() {
        // progenitor stops at the first operation that it rejects.
        methods.retain(|method| match generate(provenance, &[method]) {
            Ok(_) => true,
            Err(problem) => {
                let location = &method.operation.pointer;
                let report =
                    crate::codegen::operations::skipped(provenance, location, "", &problem, None);
                rejected.push(report);
                false
            }
        });
        generated = generate(provenance, &methods);
    }
    let (mut file, placeholders) = generated.map_err(|e| Error::new(provenance.fragment, e))?;
    drop_unused_items(&mut file.items);
    rewrite::rewrite(&mut file, model, &placeholders);
    Ok((file.items, rejected))
}

/// Runs progenitor on some methods.
fn generate(
    provenance: &Provenance<'_>,
    methods: &[&Method],
) -> std::result::Result<(File, Placeholders), String> {
    let mut placeholders = Placeholders::default();
    let (document, types) = client_document(provenance.overlaid, methods, &mut placeholders);
    let document: OpenAPI =
        spec::deserialize(provenance.fragment, &document).map_err(|e| e.to_string())?;
    let mut settings = GenerationSettings::new();
    settings
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::Settings));
    for (placeholder, rust_type) in &types {
        settings.with_replacement(placeholder, rust_type, std::iter::empty());
    }
    let tokens = catch_panic(|| Generator::new(&settings).generate_tokens(&document))?
        .map_err(|e| format!("rejected by progenitor: {e}"))?;
    let file =
        syn::parse2(tokens).map_err(|e| format!("progenitor generated invalid Rust: {e}"))?;
    Ok((file, placeholders))
}

/// Returns the document that progenitor reads, and the Rust types of its schemas.
fn client_document(
    overlaid: &Value,
    methods: &[&Method],
    placeholders: &mut Placeholders,
) -> (Value, BTreeMap<String, String>) {
    let mut types = BTreeMap::new();
    let mut paths = Map::new();
    for (index, method) in methods.iter().enumerate() {
        let operation = &method.operation;
        let id = format!("operation{index}");
        let mut path = operation.path.clone();
        let mut schema = |value: &ValueType| schema(value, &mut types);
        let mut parameters = Vec::new();
        for (number, parameter) in operation.parameters.iter().enumerate() {
            let placeholder = format!("p{index}x{number}");
            path = path.replace(
                &format!("{{{}}}", parameter.name),
                &format!("{{{placeholder}}}"),
            );
            let (name, value) = &method.parameters[number];
            parameters.push(json!({
                "name": placeholder,
                "in": parameter.location,
                "required": parameter.is_required,
                "schema": schema(value),
            }));
            placeholders
                .parameters
                .insert(placeholder, (name.clone(), parameter.name.clone()));
        }
        let mut described = json!({ "operationId": id, "parameters": parameters });
        if let Some(body) = &operation.body {
            let (content_type, schema) = match &body.content {
                BodyContent::Json => ("application/json", None),
                BodyContent::Form => ("application/x-www-form-urlencoded", None),
                BodyContent::Bytes => (
                    "application/octet-stream",
                    Some(json!({ "type": "string", "format": "binary" })),
                ),
                BodyContent::Text => ("text/plain", Some(json!({ "type": "string" }))),
            };
            let request = method.request.as_ref().unwrap_or(&ValueType::Any);
            let schema = schema.unwrap_or_else(|| named_schema(request, &mut types));
            described["requestBody"] =
                json!({ "required": true, "content": { content_type: { "schema": schema } } });
        }
        let content = match (&operation.response.content, &method.response) {
            (ResponseContent::Json, Some(response)) => {
                json!({ "application/json": { "schema": named_schema(response, &mut types) } })
            }
            (ResponseContent::Empty, _) => json!({}),
            _ => json!({ "application/octet-stream": {} }),
        };
        described["responses"] = json!({ "200": { "description": "", "content": content } });
        placeholders.methods.insert(id, method.operation.id.clone());
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[operation.method] = described;
    }
    let schemas: Map<String, Value> = types
        .keys()
        .map(|name| (name.clone(), json!({ "type": "object" })))
        .collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": overlaid.get("info"),
        "paths": paths,
        "components": { "schemas": schemas },
    });
    (document, types)
}

/// Returns the schema of a parameter.
fn schema(value: &ValueType, types: &mut BTreeMap<String, String>) -> Value {
    match value {
        ValueType::Boolean => json!({ "type": "boolean" }),
        ValueType::Integer => json!({ "type": "integer", "format": "int64" }),
        ValueType::Number => json!({ "type": "number", "format": "double" }),
        ValueType::Text => json!({ "type": "string" }),
        value => named_schema(value, types),
    }
}

/// Returns a reference to a schema that is replaced by the Rust type of a value.
fn named_schema(value: &ValueType, types: &mut BTreeMap<String, String>) -> Value {
    let rust_type = rust_type(value, &quote!(types::)).to_string();
    let known = types.iter().find(|(_, known)| **known == rust_type);
    let name = match known {
        Some((name, _)) => name.clone(),
        None => {
            let name = format!("Type{}", types.len());
            types.insert(name.clone(), rust_type);
            name
        }
    };
    json!({ "$ref": format!("{}{name}", spec::SCHEMA_PREFIX) })
}

/// Drops unused items: a constructor that panics if TLS cannot be initialized, a prelude of one
/// name, and the module of types, which are generated elsewhere.
fn drop_unused_items(items: &mut Vec<Item>) {
    items.retain_mut(|item| match item {
        Item::Impl(item) if item.trait_.is_none() => {
            item.items
                .retain(|item| !matches!(item, ImplItem::Fn(f) if f.sig.ident == "new"));
            !item.items.is_empty()
        }
        Item::Mod(_) => false,
        _ => true,
    });
}

/// Turns a panic into an error, without printing it.
fn catch_panic<T>(generate: impl FnOnce() -> T) -> std::result::Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(generate));
    panic::set_hook(hook);
    outcome.map_err(|payload| {
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| payload.downcast_ref::<&str>().copied());
        format!(
            "not supported by progenitor: {}",
            message.unwrap_or("panic without a message")
        )
    })
}
