//! Comparison of credentials: security schemes, and the headers that the client sends with every request.
//!
//! The client's credentials are not generated: it sends the same two headers whatever the document says.
//! A change is therefore breaking if these headers, or their values, are no longer accepted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Comparison;
use crate::drift::kind::SchemaKind;
use crate::drift::node::Node;
use crate::drift::report::{ChangeKind, Class};
use crate::drift::rust_item::RustItem;
use crate::drift::schema::ResolvedSchema;
use crate::spec::pointer;

/// Headers that the client sends with every request, and their values if there are few. From
/// `crates/rhombus-clips-api/src/credentials.rs`.
const SENT_HEADERS: [(&str, &[&str]); 2] = [
    ("x-auth-apikey", &[]),
    (
        "x-auth-scheme",
        &["api-token", "api", "partner-api-token", "partner-api"],
    ),
];

/// Keys of a security scheme that affect requests.
const REQUEST_KEYS: [&str; 4] = ["type", "in", "name", "scheme"];

/// Keys of a security scheme that do not affect requests.
const INFORMATIONAL_KEYS: [&str; 3] = ["bearerFormat", "flows", "openIdConnectUrl"];

/// Returns the values that the client sends for a parameter; `None` if it does not send it.
pub(super) fn sent_header(location: &str, name: &str) -> Option<&'static [&'static str]> {
    let sent = SENT_HEADERS
        .iter()
        .find(|(sent, _)| sent.eq_ignore_ascii_case(name));
    sent.filter(|_| location == "header")
        .map(|(_, values)| *values)
}

/// Returns which values a parameter accepted and no longer accepts.
pub(super) fn rejected_values<'v>(
    values: &[&'v str],
    ours: &Node<'_>,
    theirs: &Node<'_>,
) -> Vec<&'v str> {
    let superseded = superseded_value(values, ours, theirs);
    let is_rejected =
        |value: &str| accepts(value, ours) && !accepts(value, theirs) || superseded == Some(value);
    let rejected = values.iter().copied();
    rejected.filter(|value| is_rejected(value)).collect()
}

/// Returns the default value in our document if theirs has another one, which the client does not send.
///
/// Without an enumeration, the default is the only value that a document names.
fn superseded_value<'d>(values: &[&str], ours: &Node<'d>, theirs: &Node<'d>) -> Option<&'d str> {
    let default = |parameter: &Node<'d>| {
        let schema = ResolvedSchema::resolve(&parameter.get("schema")?).schema;
        schema.text("default")
    };
    let is_only_value = named_values(theirs).len() == 1;
    let replacement = default(theirs).filter(|value| is_only_value && !values.contains(value));
    replacement.and_then(|_| default(ours))
}

/// Returns whether a parameter names any of the values.
pub(super) fn names_any_of(values: &[&str], parameter: &Node<'_>) -> bool {
    let named = named_values(parameter);
    values.iter().any(|value| named.contains(*value))
}

/// Returns the values that a parameter names: those of its enumeration, and the default.
fn named_values(parameter: &Node<'_>) -> BTreeSet<String> {
    let Some(schema) = parameter.get("schema") else {
        return BTreeSet::new();
    };
    let resolved = ResolvedSchema::resolve(&schema);
    let mut named: BTreeSet<String> = resolved.facts().values.into_keys().collect();
    named.extend(resolved.schema.text("default").map(str::to_owned));
    named
}

/// Returns whether a parameter's schema accepts a value.
pub(super) fn accepts(value: &str, parameter: &Node<'_>) -> bool {
    let Some(schema) = parameter.get("schema") else {
        return true;
    };
    let facts = ResolvedSchema::resolve(&schema).facts();
    let limit = |key: &str| facts.constraints.get(key)?.value.as_u64();
    // A header of visible ASCII: as many characters as bytes.
    let length = value.len() as u64;
    let is_of_kind = matches!(
        facts.kind,
        SchemaKind::Any | SchemaKind::String | SchemaKind::Enum
    );
    let pattern = facts.constraints.get("pattern");
    is_of_kind
        && (facts.values.is_empty() || facts.values.contains_key(value))
        && limit("minLength").is_none_or(|minimum| length >= minimum)
        && limit("maxLength").is_none_or(|maximum| length <= maximum)
        && pattern.is_none_or(|pattern| {
            let pattern = pattern.value.as_str().map(regex::Regex::new);
            // What cannot be evaluated may reject the value.
            matches!(pattern, Some(Ok(pattern)) if pattern.is_match(value))
        })
}

/// Sets of security schemes, any of which is accepted.
type Alternatives<'d> = BTreeMap<BTreeSet<String>, Node<'d>>;

impl<'d> Comparison<'d> {
    /// Compares the accepted credentials.
    pub(super) fn compare_security(&mut self, ours: &Node<'d>, theirs: &Node<'d>, item: &RustItem) {
        let documents = [self.ours, self.theirs];
        let is_shared = |name: &str| {
            documents
                .iter()
                .all(|document| find_scheme(document, name).is_some())
        };
        // Without a scheme of the same name, one with the same definition is the same.
        let label = |document: &'d Value, name: &str| match is_shared(name) {
            true => name.to_owned(),
            false => definition(document, name),
        };
        let our_alternatives = alternatives(ours, label);
        let their_alternatives = alternatives(theirs, label);
        let is_client_accepted = their_alternatives
            .values()
            .any(|alternative| is_met(alternative));
        self.match_entries(
            &our_alternatives,
            &their_alternatives,
            item,
            |schemes, _, change| {
                let (class, acceptance) = match change {
                    ChangeKind::Added => (Class::Additive, "now accepted"),
                    _ if is_client_accepted => (Class::Docs, "no longer accepted, others are"),
                    _ => (Class::Breaking, "no longer accepted"),
                };
                let message = format!("credentials {} are {acceptance}", format_schemes(schemes));
                (class, message)
            },
        );
        let used = our_alternatives.values().flat_map(scheme_names);
        let used: BTreeSet<&str> = used.collect();
        for name in used {
            self.compare_security_scheme(name, is_client_accepted);
        }
    }

    fn compare_security_scheme(&mut self, name: &str, is_client_accepted: bool) {
        let (Some(ours), Some(theirs)) =
            (find_scheme(self.ours, name), find_scheme(self.theirs, name))
        else {
            return;
        };
        let item = RustItem::for_type("Credentials".to_owned());
        for key in REQUEST_KEYS {
            let (our, their) = (ours.text(key), theirs.text(key));
            let display = |text: Option<&str>| text.unwrap_or("none").to_owned();
            let is_same_header = key == "name"
                && [&ours, &theirs]
                    .iter()
                    .all(|scheme| scheme.text("in") == Some("header"))
                && display(our).eq_ignore_ascii_case(&display(their));
            let class = match is_same_header || is_client_accepted {
                true => Class::Docs,
                false => Class::Breaking,
            };
            if our != their {
                let message = format!("{key}: {} -> {}", display(our), display(their));
                self.record_changed(class, &ours, &item, message);
            }
        }
        for key in INFORMATIONAL_KEYS {
            self.compare_annotation(key, ours.get(key), theirs.get(key), &item);
        }
    }
}

/// Returns the alternative sets of schemes: those of the operation, or the document's defaults.
fn alternatives<'d>(
    operation: &Node<'d>,
    label: impl Fn(&'d Value, &str) -> String,
) -> Alternatives<'d> {
    let declaring = match operation.get("security") {
        Some(_) => Some(operation.clone()),
        None => Node::find(operation.document, ""),
    };
    let alternatives = declaring.map(|node| node.items("security"));
    let labeled = alternatives.into_iter().flatten().map(|node| {
        let names = scheme_names(&node);
        let labels = names.map(|name| label(operation.document, name)).collect();
        (labels, node)
    });
    labeled.collect()
}

fn scheme_names<'d>(alternative: &Node<'d>) -> impl Iterator<Item = &'d str> + use<'d> {
    let names = alternative.value.as_object().into_iter().flatten();
    names.map(|(name, _)| name.as_str())
}

fn find_scheme<'d>(document: &'d Value, name: &str) -> Option<Node<'d>> {
    let pointer = pointer::from_segments(["components", "securitySchemes", name]);
    Some(Node::find(document, &pointer)?.dereferenced())
}

/// Returns what a scheme means for a request, whatever its name is.
fn definition(document: &Value, name: &str) -> String {
    let Some(scheme) = find_scheme(document, name) else {
        return name.to_owned();
    };
    let texts = REQUEST_KEYS.iter().filter_map(|key| scheme.text(key));
    let definition = texts.collect::<Vec<_>>().join(" ");
    match scheme.text("in") {
        Some("header") => definition.to_ascii_lowercase(),
        _ => definition,
    }
}

/// Returns whether the client meets all requirements of an alternative.
fn is_met(alternative: &Node<'_>) -> bool {
    scheme_names(alternative).all(|name| {
        let scheme = find_scheme(alternative.document, name);
        scheme.is_some_and(|scheme| {
            let text = |key: &str| scheme.text(key).unwrap_or_default();
            text("type") == "apiKey" && sent_header(text("in"), text("name")).is_some()
        })
    })
}

fn format_schemes(schemes: &BTreeSet<String>) -> String {
    match schemes.is_empty() {
        true => "none".to_owned(),
        false => schemes.iter().cloned().collect::<Vec<_>>().join(" + "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn sent_headers_are_those_of_the_client() {
        let path = workspace::root().join("crates/rhombus-clips-api/src/credentials.rs");
        let source = std::fs::read_to_string(path).unwrap();
        for (header, values) in SENT_HEADERS {
            for text in values.iter().chain([&header]) {
                assert!(source.contains(&format!("\"{text}\"")), "{text}");
            }
        }
    }
}
