//! Comparison of responses: the result type of the method, and the statuses that it accepts.
//!
//! The method's result is the body of the successful responses; one without a body beside others is the
//! default value. Every other status is an error without a type, whatever its body is.

use std::collections::BTreeMap;

use serde_json::json;

use super::Comparison;
use super::uses::Direction;
use crate::drift::node::Node;
use crate::drift::report::{ChangeKind, Class};
use crate::drift::rust_item::RustItem;
use crate::drift::schema::shape;

/// Media types of request bodies that the client can send, in the order of preference.
const SENT_TYPES: [&str; 4] = [
    JSON,
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "text/plain",
];

const JSON: &str = "application/json";

/// A media type of a body, and the element that describes it.
#[derive(Debug, Clone)]
pub(super) struct MediaType<'d> {
    /// The type in lower case, without parameters.
    name: String,
    node: Node<'d>,
}

impl<'d> MediaType<'d> {
    /// Lists the media types of a request body or response.
    fn list(body: &Node<'d>) -> Vec<Self> {
        let content = body.entries("content").into_iter();
        content
            .map(|(name, node)| {
                let name = name.split_once(';').map_or(name, |(name, _)| name);
                let name = match name.trim().to_ascii_lowercase() {
                    name if name == "*/*" || name.ends_with("+json") => JSON.to_owned(),
                    name => name,
                };
                Self { name, node }
            })
            .collect()
    }

    /// Returns the type that the client sends; the first one if it cannot send any.
    pub(super) fn sent(body: &Node<'d>) -> Option<Self> {
        let all = Self::list(body);
        let preferred = SENT_TYPES
            .iter()
            .find_map(|name| all.iter().find(|media| media.name == *name));
        preferred.or(all.first()).cloned()
    }

    /// Returns whether the client can send a request body.
    pub(super) fn can_be_sent(body: &Node<'d>) -> bool {
        let chosen = Self::sent(body);
        chosen.is_none_or(|media| SENT_TYPES.contains(&media.name.as_str()))
    }

    /// Returns the type that the client decodes; the first one if there is no JSON.
    fn received(response: &Node<'d>) -> Option<Self> {
        let all = Self::list(response);
        let is_binary = |node: &Node<'d>| {
            let format = node.value.pointer("/schema/format");
            format == Some(&json!("binary"))
        };
        let decoded = |media: &&Self| media.name == JSON && !is_binary(&media.node);
        all.iter().find(decoded).or(all.first()).cloned()
    }

    /// Returns a text that two bodies of one document share if they have the same Rust type.
    fn shape(&self) -> String {
        match self.node.get("schema").filter(|_| self.name == JSON) {
            Some(schema) => shape(&schema),
            None => self.name.clone(),
        }
    }
}

impl<'d> Comparison<'d> {
    pub(super) fn compare_responses(
        &mut self,
        ours: &Node<'d>,
        theirs: &Node<'d>,
        item: &RustItem,
    ) {
        let (ours, theirs) = (Responses::of(ours), Responses::of(theirs));
        let errors = (&ours.errors, &theirs.errors);
        let both = self.match_entries(errors.0, errors.1, item, |status, _, change| {
            (Class::Docs, format!("error response {status} {change}"))
        });
        for (_, our, their) in both {
            self.compare_examples(our, their, item);
        }
        self.compare_results(&ours, &theirs, item);
        self.compare_statuses(&ours, &theirs, item);
    }

    /// Compares the bodies of the successful responses.
    fn compare_results(&mut self, ours: &Responses<'d>, theirs: &Responses<'d>, item: &RustItem) {
        let (our, their) = match (ours.result(), theirs.result_like(ours.result())) {
            (Some(our), Some(their)) => (our, their),
            (Some((_, our)), None) => {
                let message = "response body removed; the method's result type changes";
                return self.record_changed(Class::Breaking, &our, item, message.to_owned());
            }
            (None, Some((_, their))) => {
                let message = "response body added; the method's result type changes".to_owned();
                let change = ChangeKind::Added;
                return self.record(Class::Breaking, change, &their, &item.name, message);
            }
            (None, None) => return,
        };
        let inner = item.nested("response");
        let chosen = [&our.1, &their.1].map(MediaType::received);
        self.compare_media((&our.1, &their.1), chosen, &inner, Direction::RECEIVED);
    }

    /// Compares the statuses of success. The client takes no other status for success, unless a
    /// response covers all of them.
    fn compare_statuses(&mut self, ours: &Responses<'d>, theirs: &Responses<'d>, item: &RustItem) {
        let result = theirs.result_like(ours.result());
        let result = result.and_then(|(_, response)| shape_of_result(&response));
        for (status, our) in &ours.successes {
            if theirs.successes.contains_key(status) {
                continue;
            }
            let replaced_by_all = theirs.covers_all() || ours.covers_all();
            let is_beside_result = shape_of_result(our).is_none() && ours.result().is_some();
            let (class, effect) = match replaced_by_all {
                true => (Class::Docs, "; the method's result type is unaffected"),
                false if is_beside_result => (Class::Docs, ""),
                false => (Class::Breaking, ""),
            };
            let message = format!("response {status} removed{effect}");
            self.record(class, ChangeKind::Removed, our, &item.name, message);
        }
        for (status, their) in &theirs.successes {
            if ours.successes.contains_key(status) {
                continue;
            }
            let shape = shape_of_result(their);
            let (class, effect) = match &shape {
                Some(_) if result.is_some() && shape != result => {
                    (Class::Breaking, "; the method's result type changes")
                }
                _ if ours.covers_all() || theirs.covers_all() => {
                    (Class::Docs, "; the method's result type is unaffected")
                }
                None if result.is_some() => {
                    (Class::Additive, "; the method returns the default value")
                }
                _ => (Class::Additive, ""),
            };
            let message = format!("response {status} added{effect}");
            self.record(class, ChangeKind::Added, their, &item.name, message);
        }
    }

    /// Compares the media types of two bodies, and what the chosen ones contain.
    pub(super) fn compare_media(
        &mut self,
        (ours, theirs): (&Node<'d>, &Node<'d>),
        chosen: [Option<MediaType<'d>>; 2],
        item: &RustItem,
        direction: Direction,
    ) {
        let (our, their) = match chosen {
            [Some(our), Some(their)] => (our, their),
            [None, None] => return,
            _ => {
                let message = "the only content type changed; the body is another".to_owned();
                return self.record_changed(Class::Breaking, ours, item, message);
            }
        };
        if our.name != their.name {
            let message = format!("content type changed: {} -> {}", our.name, their.name);
            self.record_changed(Class::Breaking, &our.node, item, message);
        } else {
            self.compare_examples(&our.node, &their.node, item);
            self.compare_optional_schemas(&our.node, &their.node, item, direction);
        }
        let others = |body: &Node<'d>| -> BTreeMap<String, Node<'d>> {
            let all = MediaType::list(body).into_iter();
            let others = all.filter(|media| media.name != our.name && media.name != their.name);
            others.map(|media| (media.name, media.node)).collect()
        };
        self.match_entries(&others(ours), &others(theirs), item, |name, _, change| {
            let message = format!("content type {name} {change}; the client does not use it");
            (Class::Docs, message)
        });
    }
}

/// Returns a text that two responses of one document share if they have the same result type; `None` for
/// one without a body.
fn shape_of_result(response: &Node<'_>) -> Option<String> {
    MediaType::received(response).map(|media| media.shape())
}

/// The responses of an operation, by status.
struct Responses<'d> {
    successes: BTreeMap<&'d str, Node<'d>>,
    errors: BTreeMap<&'d str, Node<'d>>,
}

impl<'d> Responses<'d> {
    fn of(operation: &Node<'d>) -> Self {
        let all = operation.entries("responses").into_iter();
        let all = all.filter(|(status, _)| !status.starts_with("x-"));
        let all = all.map(|(status, node)| (status, node.dereferenced()));
        let (mut successes, mut errors): (BTreeMap<_, _>, BTreeMap<_, _>) =
            all.partition(|(status, _)| status.starts_with('2'));
        // Without any other success, the default response is the one of success as well.
        if successes.is_empty() {
            successes.extend(errors.remove_entry("default"));
        }
        Self { successes, errors }
    }

    /// Returns the first successful response with a body.
    fn result(&self) -> Option<(&'d str, Node<'d>)> {
        let mut successes = self.successes.iter();
        let found = successes.find(|(_, response)| MediaType::received(response).is_some());
        found.map(|(status, response)| (*status, response.clone()))
    }

    /// Returns the response with the result, preferably of the same status as the given one.
    fn result_like(&self, other: Option<(&'d str, Node<'d>)>) -> Option<(&'d str, Node<'d>)> {
        let same = other.and_then(|(status, _)| {
            let (status, response) = self.successes.get_key_value(status)?;
            MediaType::received(response)?;
            Some((*status, response.clone()))
        });
        same.or_else(|| self.result())
    }

    /// Returns whether a response stands for every successful status.
    fn covers_all(&self) -> bool {
        let mut statuses = self.successes.keys();
        statuses.any(|status| status.parse::<u16>().is_err())
    }
}
