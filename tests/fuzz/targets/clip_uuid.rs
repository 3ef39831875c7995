//! Parses arbitrary text as a clip UUID. A valid UUID, and any 16 bytes, survive a round trip.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rhombus_clips::ClipUuid;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let json = serde_json::to_string(&text).unwrap();
    let deserialized = serde_json::from_str::<ClipUuid>(&json);
    match text.parse::<ClipUuid>() {
        Ok(uuid) => {
            assert_eq!(uuid.to_string(), text);
            assert_eq!(ClipUuid::from_bytes(*uuid.as_bytes()), uuid);
            assert_eq!(serde_json::to_string(&uuid).unwrap(), json);
            assert_eq!(deserialized.unwrap(), uuid);
        }
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains(char::is_control), "{message:?}");
            assert!(message.len() < 200, "{message:?}");
            assert!(!format!("{error:?}").is_empty());
            assert!(deserialized.is_err());
        }
    }
    if let Some(bytes) = data.first_chunk() {
        let uuid = ClipUuid::from_bytes(*bytes);
        assert_eq!(uuid.to_string().parse(), Ok(uuid));
    }
});
