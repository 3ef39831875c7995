//! The JSON Schema of a clip UUID.
//!
//! [`ClipUuid`](rhombus_clips::ClipUuid) does not implement `JsonSchema`; the program's own types
//! refer to this function with `schema_with`.

use schemars::{Schema, SchemaGenerator, json_schema};

/// Schema of 16 bytes in URL-safe base64 without padding. The last character encodes two bits.
pub(crate) fn clip_uuid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$",
    })
}
