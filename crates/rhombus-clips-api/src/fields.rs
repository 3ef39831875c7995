//! Operations on the fields of the generated types: clones, setters, and the check for required ones.
//!
//! They are generic and written once, so that few generated functions have a variable of a field's type:
//! for each type of a variable the compiler visits all types that it contains, which takes minutes for
//! thousands of types that contain each other.

#![allow(
    dead_code,
    reason = "what is called depends on the fields of the generated types"
)]

use std::collections::BTreeMap;
use std::marker::PhantomData;

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
