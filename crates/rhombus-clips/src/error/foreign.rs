//! Errors of other libraries as causes.
//!
//! They may quote what a peer sent, such as the debug data of an HTTP/2 connection's end, and with it the
//! API key. So they are not handed on: each is replaced by its text, redacted, truncated and on one line.
//! An [`io::Error`] remains one, with its kind, because callers look for it.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use crate::text::sanitize_line;

/// Number of causes that are retained. Chosen, not tuned: more than libraries nest.
const MAX_DEPTH: u32 = 16;

/// Text of an error of another library.
#[derive(Debug)]
struct ForeignError {
    text: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Copies an error and its causes as text that `redact` has redacted.
pub(crate) fn copy(
    error: &(dyn StdError + 'static),
    redact: &dyn Fn(&str) -> String,
) -> Box<dyn StdError + Send + Sync> {
    copy_to_depth(error, redact, MAX_DEPTH)
}

fn copy_to_depth(
    error: &(dyn StdError + 'static),
    redact: &dyn Fn(&str) -> String,
    depth: u32,
) -> Box<dyn StdError + Send + Sync> {
    let source = super::next_cause(error).filter(|_| depth > 1);
    let source = source.map(|source| copy_to_depth(source, redact, depth - 1));
    let text = |source| ForeignError {
        text: sanitize_line(&redact(&error.to_string())),
        source,
    };
    match error.downcast_ref::<io::Error>() {
        None => Box::new(text(source)),
        Some(io) => Box::new(match (io.raw_os_error(), source) {
            (Some(code), _) => io::Error::from_raw_os_error(code),
            (None, Some(source)) => io::Error::new(io.kind(), source),
            (None, None) => io::Error::new(io.kind(), text(None)),
        }),
    }
}

impl fmt::Display for ForeignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for ForeignError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::causes;

    #[derive(Debug)]
    struct Nested(Option<Box<dyn StdError + Send + Sync>>);

    impl fmt::Display for Nested {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("sent with\r\ncanary-key")
        }
    }

    impl StdError for Nested {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.0.as_deref().map(|source| source as _)
        }
    }

    fn redact(text: &str) -> String {
        text.replace("canary-key", "[redacted]")
    }

    #[test]
    fn every_cause_is_redacted_and_io_errors_remain() {
        let inner = io::Error::other(Nested(Some(io::Error::from_raw_os_error(2).into())));
        let error = Nested(Some(Box::new(inner)));
        let copied = Nested(Some(copy(&error, &redact)));
        let texts: Vec<_> = causes(&copied).map(ToString::to_string).collect();
        let line = "sent with [redacted]".to_owned();
        let os = io::Error::from_raw_os_error(2).to_string();
        assert_eq!(texts, [line.clone(), line.clone(), line, os]);
        let debug = format!("{:?}", copied.0);
        assert!(!debug.contains("canary"), "{debug}");
        let kinds = causes(&copied).filter_map(|cause| cause.downcast_ref::<io::Error>());
        let kinds: Vec<_> = kinds.map(io::Error::kind).collect();
        assert_eq!(kinds, [io::ErrorKind::Other, io::ErrorKind::NotFound]);
    }

    #[test]
    fn the_number_of_causes_is_bounded() {
        let deep = (0..99).fold(Nested(None), |inner, _| Nested(Some(Box::new(inner))));
        let copied = Nested(Some(copy(&deep, &redact)));
        assert_eq!(causes(&copied).count(), 16);
    }
}
