//! Texts with a version: a checkpoint or an intent is read only if its version is known.

use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer};
use serde_json::{Map, Value};

/// Reads an object whose property `version` is this one, without it.
pub(crate) fn deserialize<'de, T, D>(deserializer: D, version: u64) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    struct Versioned {
        version: u64,
        #[serde(flatten)]
        data: Map<String, Value>,
    }
    let found = Versioned::deserialize(deserializer)?;
    if found.version != version {
        return Err(de::Error::custom(format!(
            "unsupported version {} (this release reads version {version})",
            found.version
        )));
    }
    serde_json::from_value(found.data.into()).map_err(de::Error::custom)
}
