//! Operations on the fields of the generated types: clones, setters, serialization, and the check for
//! required ones.
//!
//! They are generic and written once, for the sake of thousands of types: what is derived takes gigabytes
//! to compile, and for each type of a variable the compiler visits all types that it contains.

#![allow(
    dead_code,
    reason = "what is called depends on the fields of the generated types"
)]

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

/// A field that is not set.
///
/// A constant, because `None` is a variable of the field's type.
pub(crate) struct Unset<V>(PhantomData<V>);

impl<V> Unset<V> {
    pub(crate) const VALUE: Option<V> = None;
}

/// A type that is cloned field by field.
pub(crate) trait CloneFields: Default {
    /// Clones every field into `target`.
    fn clone_fields(&self, target: &mut Self);
}

/// Clones a value.
pub(crate) fn cloned<T: CloneFields>(value: &T) -> T {
    let mut clone = T::default();
    value.clone_fields(&mut clone);
    clone
}

/// A type that is serialized field by field.
pub(crate) trait SerializeFields {
    /// Adds every field to `entries`.
    fn serialize_fields<M: SerializeMap>(&self, entries: &mut Entries<M>);
}

/// Serializes a value as an object of the properties that are set.
pub(crate) fn serialize<T: SerializeFields, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut entries = Entries {
        map: serializer.serialize_map(None)?,
        result: Ok(()),
    };
    value.serialize_fields(&mut entries);
    entries.result?;
    entries.map.end()
}

/// Properties of an object that is being serialized. Nothing is added after an error.
pub(crate) struct Entries<M: SerializeMap> {
    map: M,
    result: Result<(), M::Error>,
}

impl<M: SerializeMap> Entries<M> {
    /// Adds a property, if it is set.
    pub(crate) fn add<V: Serialize>(&mut self, name: &str, field: &Option<V>) {
        if let (Some(value), Ok(())) = (field, &self.result) {
            self.result = self.map.serialize_entry(name, value);
        }
    }

    /// Adds the properties that have no field.
    pub(crate) fn add_extra(&mut self, extra: &Map<String, Value>) {
        for (name, value) in extra {
            if self.result.is_ok() {
                self.result = self.map.serialize_entry(name, value);
            }
        }
    }
}

/// Sets a field.
pub(crate) fn set<V>(field: &mut Option<V>, value: V) {
    *field = Some(value);
}

/// Sets a field of a type that contains itself.
pub(crate) fn set_boxed<V>(field: &mut Option<Box<V>>, value: V) {
    *field = Some(Box::new(value));
}

/// Sets a text.
pub(crate) fn set_text(field: &mut Option<String>, text: impl Into<String>) {
    *field = Some(text.into());
}

/// Sets an array.
pub(crate) fn set_items<V>(field: &mut Option<Vec<Option<V>>>, items: impl IntoIterator<Item = V>) {
    *field = Some(items.into_iter().map(Some).collect());
}

/// Sets an array of texts.
pub(crate) fn set_texts(
    field: &mut Option<Vec<Option<String>>>,
    texts: impl IntoIterator<Item = impl Into<String>>,
) {
    *field = Some(texts.into_iter().map(|text| Some(text.into())).collect());
}

/// Sets a map.
pub(crate) fn set_entries<V>(
    field: &mut Option<BTreeMap<String, Option<V>>>,
    entries: impl IntoIterator<Item = (String, V)>,
) {
    let entries = entries.into_iter().map(|(key, value)| (key, Some(value)));
    *field = Some(entries.collect());
}

/// Fails if a required property is missing. `properties` are names, and whether each is set.
pub(crate) fn check_required(properties: &[(&str, bool)]) -> Result<(), String> {
    let missing: Vec<&str> = properties
        .iter()
        .filter_map(|(name, is_set)| (!is_set).then_some(*name))
        .collect();
    match &missing[..] {
        [] => Ok(()),
        missing => Err(format!(
            "the request lacks {}, which it requires; set it",
            missing.join(" and ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_property_is_named() {
        assert_eq!(check_required(&[("clipUuid", true)]), Ok(()));
        assert_eq!(
            check_required(&[("clipUuid", false), ("title", true), ("pageSize", false)]),
            Err("the request lacks clipUuid and pageSize, which it requires; set it".to_owned())
        );
    }
}
