//! Stable hash of a serializable value.
//!
//! A checkpoint carries it between processes, machines and versions of this crate, so it is FNV-1a over
//! the value's JSON and not a hasher whose result may change. It detects changes; it does not defend
//! against an adversary, who gains nothing from a collision but a missing update.

use std::hash::Hasher as _;
use std::io;

use fnv::FnvHasher;
use serde::Serialize;

/// Returns the 64-bit FNV-1a hash of the value's compact JSON.
pub(super) fn content_hash(value: &impl Serialize) -> u64 {
    let mut writer = HashWriter(FnvHasher::default());
    match serde_json::to_writer(&mut writer, value) {
        Ok(()) => writer.0.finish(),
        // A map whose keys are not strings. A response has none: it came from JSON.
        Err(_) => 0,
    }
}

struct HashWriter(FnvHasher);

impl io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Computed with an independent implementation of FNV-1a over the texts in the comments.
    #[test]
    fn test_vectors() {
        // "" (the two quotation marks)
        assert_eq!(content_hash(&""), 0x07cc_7607_b494_9e25);
        // {"a":[1,2.5,null,{"b":"é"}],"d":true}
        let value = json!({"a": [1, 2.5, null, {"b": "é"}], "d": true});
        assert_eq!(content_hash(&value), 0xb9e5_80b1_37cf_c9cb);
    }

    #[test]
    fn different_values_have_different_hashes() {
        let values = [
            json!(null),
            json!(false),
            json!(true),
            json!(0),
            json!(0.0),
            json!(1),
            json!(-1),
            json!(u64::MAX),
            json!("null"),
            json!(""),
            json!("0"),
            json!([]),
            json!([[]]),
            json!([[], []]),
            json!(["ab", "c"]),
            json!(["a", "bc"]),
            json!([["a"], "bc"]),
            json!([["a", "bc"]]),
            json!({}),
            json!({"a": null}),
            json!({"a": {"b": 1}, "c": 2}),
            json!({"a": {"b": 1, "c": 2}}),
        ];
        let hashes: std::collections::HashSet<_> = values.iter().map(content_hash).collect();
        assert_eq!(hashes.len(), values.len());
    }
}
