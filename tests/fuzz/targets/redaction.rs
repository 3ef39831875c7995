//! Redacts an API key that a text contains in arbitrary spellings. No more than half of it remains, and
//! what is JSON remains JSON, unless the search takes too long.

#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use rhombus_clips_api::Credentials;
use rhombus_clips_fuzz::{EchoSpelling, Key};
use serde_json::Value;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    before: &'a str,
    after: &'a str,
    parts: Vec<Part<'a>>,
    /// Length at which the text is truncated.
    length: Option<u16>,
    width: Width,
}

#[derive(Arbitrary, Debug)]
enum Part<'a> {
    Text(&'a str),
    Key(EchoSpelling),
}

#[derive(Arbitrary, Debug)]
enum Width {
    Utf8,
    Utf16Le,
    Utf32Be,
}

fuzz_target!(|data: &[u8]| {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let key = Key::new(data, input.before, input.after);
    let credentials = Credentials::api_token(key.text()).unwrap();
    let parts = input.parts.iter().map(|part| match part {
        Part::Text(text) => (*text).to_owned(),
        Part::Key(spelling) => key.echo(*spelling),
    });
    let mut text: String = parts.collect();
    if let Some(length) = input.length {
        let length = (0..=usize::from(length)).rfind(|length| text.is_char_boundary(*length));
        text.truncate(length.unwrap_or(0));
    }
    let wide: String = match input.width {
        Width::Utf8 => text.clone(),
        Width::Utf16Le => text.chars().flat_map(|c| [c, '\0']).collect(),
        Width::Utf32Be => text.chars().flat_map(|c| ['\0', '\0', '\0', c]).collect(),
    };
    let redacted = credentials.redact(&wide);
    key.assert_not_exposed(&redacted);
    assert!(redacted.len() <= wide.len() + "[redacted]".len() * (1 + wide.len() / 5));
    assert_eq!(credentials.redact(&redacted), redacted);

    // As a decoded response: an echo inside of a string leaves valid JSON. A truncated
    // echo is recognized at the end of a text only.
    let json = Value::from(text).to_string();
    let redacted = credentials.redact(&json);
    if input.length.is_none() {
        key.assert_not_exposed(&redacted);
    }
    let decoded = serde_json::from_str::<Value>(&redacted);
    // The rest of a text whose search takes too long is replaced.
    let is_cut = redacted.ends_with("[redacted]");
    assert!(
        decoded.is_ok() || is_cut,
        "{} in {json}: {redacted}",
        key.text()
    );
});
