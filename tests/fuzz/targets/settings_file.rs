//! Reads arbitrary files as settings. Reading ends, and an error contains none of the text.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, missing_docs, unreachable_pub)]
#[path = "../../../crates/rhombus-clips-cli/src/encoding.rs"]
mod encoding;
#[allow(dead_code, missing_docs, unreachable_pub)]
#[path = "../../../crates/rhombus-clips-cli/src/config/ini.rs"]
mod ini;

const KEYS: [&str; 4] = ["api_key", "endpoint_url", "a", "b"];

/// Length in bytes of the longest value, if it is not that long in the file.
const MAX_VALUE_BYTES: usize = 64 * 1024;

fuzz_target!(|bytes: &[u8]| {
    let text = match encoding::decode(bytes) {
        Ok(text) => text,
        Err(error) => {
            assert!(error.ends_with("save it as UTF-8") && error.lines().count() == 1);
            return;
        }
    };
    match ini::Sections::parse(text) {
        Ok(sections) => {
            for section in sections.names() {
                assert!(sections.contains(section));
                for key in KEYS {
                    let value = sections.get(section, key).unwrap_or_default();
                    assert!(value.len() <= MAX_VALUE_BYTES.max(text.len()));
                }
            }
        }
        Err(error) => {
            let (line, reason) = error.split_once(": ").unwrap();
            let number: usize = line.strip_prefix("line ").unwrap().parse().unwrap();
            assert!(number <= 1 + text.lines().count());
            assert!(reason.len() < 50 && reason.is_ascii());
        }
    }
    // What the Rhombus CLI writes in quotes is read as it was.
    if !text.contains(['`', '%', '\r']) {
        let written = format!("[default]\napi_key = `{text}`\n");
        let sections = ini::Sections::parse(&written).unwrap_or_default();
        assert_eq!(sections.get("default", "api_key").as_deref(), Some(text));
    }
});
