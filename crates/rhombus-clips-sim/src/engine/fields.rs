//! The properties of a request body, checked as the document describes them.
//!
//! A value of another type than documented is refused; unknown properties are tolerated, as the service's own
//! clients rely on.

use rhombus_clips_api::types::ClipVisibility;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// A body that the document refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invalid {
    /// It is no object, or a property has another type.
    Malformed,
    /// A required property is missing.
    Missing,
}

/// Properties of a request body. Null is as good as absent.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(self, name: &str) -> Result<Option<&'a str>, Invalid> {
        typed(self.get(name), Value::as_str)
    }

    pub(super) fn required_text(self, name: &str) -> Result<&'a str, Invalid> {
        self.text(name)?.ok_or(Invalid::Missing)
    }

    pub(super) fn boolean(self, name: &str) -> Result<bool, Invalid> {
        Ok(typed(self.get(name), Value::as_bool)?.unwrap_or(false))
    }

    /// An integer of 64 bits.
    pub(super) fn long(self, name: &str) -> Result<Option<i64>, Invalid> {
        typed(self.get(name), Value::as_i64)
    }

    /// An integer of 32 bits.
    pub(super) fn int(self, name: &str) -> Result<Option<i64>, Invalid> {
        typed(self.get(name), |value| {
            value.as_i64().filter(|it| i32::try_from(*it).is_ok())
        })
    }

    /// An array of texts; its null items are left out.
    pub(super) fn texts(self, name: &str) -> Result<Vec<&'a str>, Invalid> {
        let items = typed(self.get(name), Value::as_array)?
            .into_iter()
            .flatten();
        let items = items.filter(|item| !item.is_null());
        items
            .map(|item| item.as_str().ok_or(Invalid::Malformed))
            .collect()
    }

    pub(super) fn visibility(self, name: &str) -> Result<Option<&'a str>, Invalid> {
        let is_known = |text: &str| {
            ClipVisibility::KNOWN
                .iter()
                .any(|known| known.as_str() == text)
        };
        match self.text(name)? {
            Some(text) if !is_known(text) => Err(Invalid::Malformed),
            text => Ok(text),
        }
    }

    /// `accessSettings`, whose roles and users are each given once.
    pub(super) fn access_settings(self) -> Result<Option<Fields<'a>>, Invalid> {
        let access = self.object("accessSettings")?;
        if let Some(access) = access {
            access.visibility("visibility")?;
            for name in ["allowedRoles", "allowedUsers"] {
                let texts = access.texts(name)?;
                let mut seen = HashSet::new();
                if !texts.iter().all(|text| seen.insert(*text)) {
                    return Err(Invalid::Malformed);
                }
            }
        }
        Ok(access)
    }

    pub(super) fn object(self, name: &str) -> Result<Option<Fields<'a>>, Invalid> {
        Ok(typed(self.get(name), Value::as_object)?.map(Fields))
    }
}

fn typed<'a, T>(
    value: Option<&'a Value>,
    convert: impl Fn(&'a Value) -> Option<T>,
) -> Result<Option<T>, Invalid> {
    match value {
        None => Ok(None),
        Some(value) => convert(value).map(Some).ok_or(Invalid::Malformed),
    }
}

/// Returns a device without its facet.
pub(super) fn without_facet(device: &str) -> &str {
    device.split_once('.').map_or(device, |(uuid, _)| uuid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_have_the_documented_type() {
        let body = json!({
            "text": "a", "null": null, "yes": true, "long": 3_000_000_000_i64, "float": 1.5,
            "texts": ["a", null, "b"], "mixed": ["a", 7], "object": {"a": 1},
        });
        let fields = Fields(body.as_object().unwrap());
        assert_eq!(fields.text("text"), Ok(Some("a")));
        assert_eq!(fields.text("null"), Ok(None));
        assert_eq!(fields.text("yes"), Err(Invalid::Malformed));
        assert_eq!(fields.required_text("absent"), Err(Invalid::Missing));
        assert_eq!(fields.boolean("yes"), Ok(true));
        assert_eq!(fields.boolean("absent"), Ok(false));
        assert_eq!(fields.long("long"), Ok(Some(3_000_000_000)));
        assert_eq!(fields.int("long"), Err(Invalid::Malformed));
        assert_eq!(fields.long("float"), Err(Invalid::Malformed));
        assert_eq!(fields.texts("texts"), Ok(vec!["a", "b"]));
        assert_eq!(fields.texts("mixed"), Err(Invalid::Malformed));
        assert!(fields.object("object").unwrap().is_some());
        assert!(fields.object("text").is_err());
    }
}
