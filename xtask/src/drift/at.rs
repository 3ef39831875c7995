//! A value and where it stands.

use serde_json::Value;

use crate::spec::pointer;
use crate::spec::reference;

/// How many references in a row are followed. Aliases that lead round in a circle mean nothing,
/// and end here.
const HOPS: usize = 16;

/// A value of a document, and its place there.
#[derive(Debug, Clone)]
pub(super) struct At<'d> {
    pub(super) document: &'d Value,
    pub(super) pointer: String,
    pub(super) value: &'d Value,
}

impl<'d> At<'d> {
    /// What stands at a JSON pointer of a document.
    pub(super) fn find(document: &'d Value, pointer: &str) -> Option<Self> {
        let value = document.pointer(pointer)?;
        let pointer = pointer.to_owned();
        Some(Self {
            document,
            pointer,
            value,
        })
    }

    /// What stands below a key.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        Some(self.below(key, self.value.get(key)?))
    }

    /// Everything below a key, by name; nothing when there is no such key.
    pub(super) fn names(&self, key: &str) -> Vec<(&'d str, Self)> {
        let names = self.get(key);
        let entries = names.iter().filter_map(|names| {
            let object = names.value.as_object()?;
            Some(
                object
                    .iter()
                    .map(|(name, value)| (name.as_str(), names.below(name, value))),
            )
        });
        entries.flatten().collect()
    }

    /// Every item of the list below a key; nothing when there is no such list.
    pub(super) fn items(&self, key: &str) -> Vec<Self> {
        let list = self.get(key);
        let items = list.iter().filter_map(|list| {
            let items = list.value.as_array()?.iter().enumerate();
            Some(items.map(|(index, item)| list.below(&index.to_string(), item)))
        });
        items.flatten().collect()
    }

    /// The text below a key.
    pub(super) fn text(&self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    /// Whether the key is there and true.
    pub(super) fn is_true(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// Where the reference that stands here leads; none when none does.
    pub(super) fn next(&self) -> Option<Self> {
        Self::find(self.document, &reference::parse_target(self.text("$ref")?)?)
    }

    /// Where the references that stand here lead in the end.
    pub(super) fn followed(&self) -> Self {
        let mut at = self.clone();
        for _ in 0..HOPS {
            match at.next() {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// The schema's name, when what stands here is a named schema.
    pub(super) fn schema_name(&self) -> Option<String> {
        let name = self.pointer.strip_prefix("/components/schemas/")?;
        match &pointer::segments(&format!("/{name}"))[..] {
            [name] => Some(name.clone()),
            _ => None,
        }
    }

    fn below(&self, key: &str, value: &'d Value) -> Self {
        Self {
            document: self.document,
            pointer: pointer::join(&self.pointer, key),
            value,
        }
    }
}
