//! A JSON value together with its document and JSON pointer.
//!
//! The comparison navigates with `Node` instead of plain values, so that each finding can state its
//! location, and so that references can be followed from any value.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::spec::{pointer, reference};

/// Maximum length of a chain of references, which terminates cyclic aliases. Chosen: far longer than
/// any chain in the upstream document; not tuned.
const MAX_REF_HOPS: usize = 16;

/// A value in a document, with its JSON pointer.
#[derive(Debug, Clone)]
pub(super) struct Node<'d> {
    pub(super) document: &'d Value,
    pub(super) pointer: String,
    pub(super) value: &'d Value,
}

impl<'d> Node<'d> {
    /// Returns the node at a JSON pointer.
    pub(super) fn find(document: &'d Value, pointer: &str) -> Option<Self> {
        let value = document.pointer(pointer)?;
        let pointer = pointer.to_owned();
        Some(Self {
            document,
            pointer,
            value,
        })
    }

    /// Returns the value of a key.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        Some(self.child(key, self.value.get(key)?))
    }

    /// Returns the entries of the object at a key; empty if there is none.
    pub(super) fn entries(&self, key: &str) -> BTreeMap<&'d str, Self> {
        let parent = self.get(key);
        let entries = parent.iter().filter_map(|parent| {
            let entries = parent.value.as_object()?.iter();
            Some(entries.map(|(name, value)| (name.as_str(), parent.child(name, value))))
        });
        entries.flatten().collect()
    }

    /// Returns the items of the array at a key; empty if there is none.
    pub(super) fn items(&self, key: &str) -> Vec<Self> {
        let list = self.get(key);
        let items = list.iter().filter_map(|list| {
            let items = list.value.as_array()?.iter().enumerate();
            Some(items.map(|(index, item)| list.child(&index.to_string(), item)))
        });
        items.flatten().collect()
    }

    /// Returns the string at a key.
    pub(super) fn text(&self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    /// Returns whether the value at a key is `true`.
    pub(super) fn is_true(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// Returns the target of this node's `$ref`, if it has one that can be resolved.
    pub(super) fn ref_target(&self) -> Option<Self> {
        Self::find(self.document, &reference::parse_target(self.text("$ref")?)?)
    }

    /// Follows references to the final target; returns the node itself if it is not a reference.
    pub(super) fn dereferenced(&self) -> Self {
        let mut node = self.clone();
        for _ in 0..MAX_REF_HOPS {
            match node.ref_target() {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// Returns the component name if this node is a named schema.
    pub(super) fn schema_name(&self) -> Option<String> {
        let name = self.pointer.strip_prefix("/components/schemas/")?;
        match &pointer::segments(&format!("/{name}"))[..] {
            [name] => Some(name.clone()),
            _ => None,
        }
    }

    fn child(&self, key: &str, value: &'d Value) -> Self {
        Self {
            document: self.document,
            pointer: pointer::join(&self.pointer, key),
            value,
        }
    }
}
