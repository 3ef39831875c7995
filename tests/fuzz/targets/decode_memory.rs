//! Decodes large bodies of a repeated part. The peak of the memory is at most eight times the body, and
//! 1 MiB.

#![no_main]

use allocation_counter::measure;
use libfuzzer_sys::fuzz_target;
use rhombus_clips_api::types::GetClipWithProgressResponse;
use rhombus_clips_fuzz::map_response;

/// Length in bytes that a body is filled to: within the limit of a response with one clip, and large enough
/// that the 1 MiB matters little.
const BODY_BYTES: usize = 250_000;

const MIB: u64 = 1024 * 1024;

/// Separates start, part and end of a body. JSON does not contain it.
const SEPARATOR: u8 = 0x1f;

/// Replaced by the number of the part, so that keys differ.
const NUMBER: u8 = b'#';

fuzz_target!(|input: &[u8]| {
    let body = body(input);
    let limit = 8 * body.len() as u64 + MIB;

    let decoding = measure(|| {
        let _ = rhombus_clips_api::decode::<GetClipWithProgressResponse>(&body);
    });
    let peak = decoding.bytes_max + body.len() as u64;
    assert!(peak <= limit, "decoding takes {peak} of {limit} bytes");

    // The runtime and the HTTP client are created with the first response.
    let _ = map_response("canary-of-the-key", http::Response::new(Vec::new()));
    let get = measure(|| {
        let _ = map_response("canary-of-the-key", http::Response::new(body.clone()));
    });
    let peak = get.bytes_max;
    assert!(peak <= limit, "a get takes {peak} of {limit} bytes");
});

fn body(input: &[u8]) -> Vec<u8> {
    let mut pieces = input.splitn(3, |byte| *byte == SEPARATOR);
    let mut next = || pieces.next().unwrap_or_default();
    let (start, part, end) = (next(), next(), next());
    let mut body = start.to_vec();
    let mut number = 0;
    while !part.is_empty() && body.len() + part.len() + end.len() + 20 <= BODY_BYTES {
        for byte in part {
            match *byte {
                NUMBER => body.extend_from_slice(number.to_string().as_bytes()),
                byte => body.push(byte),
            }
        }
        number += 1;
    }
    body.extend_from_slice(end);
    body
}
