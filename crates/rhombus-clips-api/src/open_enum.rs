//! What every enumeration has in common.

/// Implements an enumeration's conversions from and to text.
///
/// The generated part of an enumeration knows its values: `KNOWN`, `as_str` and `known`.
macro_rules! implement_traits {
    ($name:ident) => {
        impl $name {
            /// Whether this version knows the value.
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unrecognized(_))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Unrecognized(text.to_owned()))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::known(&text).unwrap_or(Self::Unrecognized(text))
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
                crate::tolerant::decode(deserializer)
            }
        }

        impl crate::tolerant::Tolerant for $name {
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
                    "anyOf": [{ "enum": known }, { "description": "a value that this version does not know" }],
                })
            }
        }
    };
}

pub(crate) use implement_traits;

#[cfg(test)]
mod tests {
    use crate::types::ClipStatus;

    #[test]
    fn a_known_value_is_its_variant() {
        let status: ClipStatus = serde_json::from_str("\"COMPLETE\"").unwrap();
        assert_eq!(status, ClipStatus::Complete);
        assert!(status.is_known());
        assert_eq!(status.to_string(), "COMPLETE");
    }

    #[test]
    fn an_unknown_value_is_kept_and_written_back() {
        let status: ClipStatus = serde_json::from_str("\"PAUSED\"").unwrap();
        assert!(!status.is_known());
        assert_eq!(status.as_str(), "PAUSED");
        assert_eq!(serde_json::to_string(&status).unwrap(), "\"PAUSED\"");
    }

    #[test]
    fn every_known_value_comes_back_from_its_text() {
        for status in ClipStatus::KNOWN {
            assert_eq!(&ClipStatus::from(status.as_str()), status);
        }
    }
}
