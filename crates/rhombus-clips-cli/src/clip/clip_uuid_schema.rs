//! A clip's identifier in a JSON Schema.

use schemars::{Schema, SchemaGenerator, json_schema};

/// 16 bytes in URL-safe base64 without padding: the last character holds two bits.
pub(crate) fn clip_uuid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$",
    })
}
