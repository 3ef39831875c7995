//! Open enumerations: the part that is the same for every generated enumeration.
//!
//! The service adds values without notice, and a closed enumeration would fail the entire
//! response. The generator writes the values only (`KNOWN`, `as_str`, `parse_known`); all trait
//! implementations are in one macro here, where they can be read and tested.

/// Implements the conversions between an enumeration and its text.
macro_rules! impl_open_enum {
    ($name:ident) => {
        impl $name {
            /// Returns whether this version has a variant for the value.
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unrecognized(_))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::parse_known(text).unwrap_or_else(|| Self::Unrecognized(text.to_owned()))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::parse_known(&text).unwrap_or(Self::Unrecognized(text))
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::lenient::deserialize(deserializer)
            }
        }

        impl crate::lenient::Lenient for $name {
            const EXPECTED: &'static str = "a string";

            fn from_text(text: &str) -> Option<Self> {
                Some(Self::from(text))
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let known: Vec<&str> = Self::KNOWN.iter().map(Self::as_str).collect();
                schemars::json_schema!({
                    "type": "string",
                    "anyOf": [{ "enum": known }, { "description": "a value unknown to this version" }],
                })
            }
        }
    };
}

pub(crate) use impl_open_enum;

#[cfg(test)]
mod tests {
    use crate::types::ClipStatus;

    #[test]
    fn a_known_value_decodes_to_its_variant() {
        let status: ClipStatus = serde_json::from_str("\"COMPLETE\"").unwrap();
        assert_eq!(status, ClipStatus::Complete);
        assert!(status.is_known());
        assert_eq!(status.to_string(), "COMPLETE");
    }

    #[test]
    fn an_unknown_value_is_preserved_and_serialized_unchanged() {
        let status: ClipStatus = serde_json::from_str("\"PAUSED\"").unwrap();
        assert!(!status.is_known());
        assert_eq!(status.as_str(), "PAUSED");
        assert_eq!(serde_json::to_string(&status).unwrap(), "\"PAUSED\"");
    }

    #[test]
    fn every_known_value_round_trips_through_its_text() {
        for status in ClipStatus::KNOWN {
            assert_eq!(&ClipStatus::from(status.as_str()), status);
        }
    }
}
