//! Recognition of a response that was cut off.
//!
//! A parser reports the first thing that it cannot accept, which may stand before the cut: half of a
//! surrogate pair, a number beyond its range, nesting beyond its limit, a byte that is not UTF-8. Such a
//! body is complete next time. So this scanner knows the shape of JSON alone, and accepts any content.

/// Returns whether a body begins as JSON and ends before its value does.
///
/// ```
/// use rhombus_clips_api::is_truncated;
///
/// assert!(is_truncated(br#"{"clip": {"title": "caf\ud83"#));
/// assert!(is_truncated(br#"{"clip": {"size": 1e400, "#));
/// assert!(!is_truncated(br#"{"clip": null}"#));
/// assert!(!is_truncated(b"<html>"));
/// ```
pub fn is_truncated(body: &[u8]) -> bool {
    let mut scanner = Scanner::default();
    for byte in body {
        match scanner.step(*byte) {
            Progress::Unfinished => {}
            Progress::Finished | Progress::Invalid => return false,
        }
    }
    // Nothing but white space is a body that is missing.
    !scanner.is_complete()
}

enum Progress {
    Unfinished,
    /// The outermost value is complete.
    Finished,
    /// The body is not JSON.
    Invalid,
}

/// What may come next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Value,
    /// A value, or the end of the array that just began.
    FirstItem,
    /// A key, or the end of the object that just began.
    FirstKey,
    Key,
    Colon,
    /// A comma, or the end of the array or object.
    Separator,
    /// The inside of a string, which is a key or a value.
    Text {
        is_key: bool,
    },
    Escape {
        is_key: bool,
    },
    /// A number or literal, of which only the characters are checked.
    Scalar,
}

/// Pushdown automaton over the bytes of a body.
#[derive(Default)]
struct Scanner {
    state: State,
    /// Whether each open level is an object, in bits.
    levels: Vec<u64>,
    depth: usize,
}

impl Scanner {
    fn step(&mut self, byte: u8) -> Progress {
        let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.state = match (self.state, byte) {
            (State::Text { is_key }, b'\\') => State::Escape { is_key },
            (State::Text { is_key: true }, b'"') => State::Colon,
            (State::Text { is_key: false }, b'"') => return self.end_value(),
            (text @ State::Text { .. }, _) => text,
            (State::Escape { is_key }, _) => State::Text { is_key },
            (State::Scalar, b'0'..=b'9' | b'a'..=b'z' | b'E' | b'+' | b'-' | b'.') => State::Scalar,
            (State::Scalar, _) => {
                return match self.end_value() {
                    // The byte after it belongs to the level around it.
                    Progress::Unfinished => self.step(byte),
                    end => end,
                };
            }
            (state, _) if is_space => state,
            (State::Value | State::FirstItem, b'{') => self.open(true),
            (State::Value | State::FirstItem, b'[') => self.open(false),
            (State::Value | State::FirstItem, b'"') => State::Text { is_key: false },
            (State::Value | State::FirstItem, b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => {
                State::Scalar
            }
            (State::FirstItem, b']') | (State::FirstKey, b'}') => return self.close(),
            (State::FirstKey | State::Key, b'"') => State::Text { is_key: true },
            (State::Colon, b':') => State::Value,
            (State::Separator, b',') if self.is_object() => State::Key,
            (State::Separator, b',') => State::Value,
            (State::Separator, b'}') if self.is_object() => return self.close(),
            (State::Separator, b']') if !self.is_object() => return self.close(),
            _ => return Progress::Invalid,
        };
        Progress::Unfinished
    }

    fn open(&mut self, is_object: bool) -> State {
        let (index, bit) = (self.depth / 64, self.depth % 64);
        if index == self.levels.len() {
            self.levels.push(0);
        }
        if let Some(levels) = self.levels.get_mut(index) {
            *levels = *levels & !(1 << bit) | u64::from(is_object) << bit;
        }
        self.depth += 1;
        match is_object {
            true => State::FirstKey,
            false => State::FirstItem,
        }
    }

    fn close(&mut self) -> Progress {
        self.depth = self.depth.saturating_sub(1);
        self.end_value()
    }

    fn end_value(&mut self) -> Progress {
        self.state = State::Separator;
        match self.depth {
            0 => Progress::Finished,
            _ => Progress::Unfinished,
        }
    }

    /// Returns whether the innermost open level is an object.
    fn is_object(&self) -> bool {
        let Some(level) = self.depth.checked_sub(1) else {
            return false;
        };
        let levels = self.levels.get(level / 64).copied().unwrap_or_default();
        levels >> (level % 64) & 1 == 1
    }

    /// Returns whether the body may be complete as it is: a number or literal that nothing follows.
    fn is_complete(&self) -> bool {
        self.depth == 0 && self.state == State::Scalar
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_truncated_whatever_stands_before_the_cut() {
        let deep = "[".repeat(100_000);
        for body in [
            r#"{"clip": {"title": "cut \ud83d"#,
            r#"{"clip": {"title": "cut \ud8"#,
            r#"{"clip": {"size": 1e400, "title""#,
            r#"{"clip": {"size": 123"#,
            r#"{"clip": tru"#,
            r#"{"clip": {"a": [1, "#,
            r#"{"clip": {"a": [{}, {"b": []}"#,
            "{",
            "  {\n\"a\"",
            "\"text",
            "",
            " ",
            &deep,
        ] {
            assert!(is_truncated(body.as_bytes()), "{body:.50}");
        }
        assert!(is_truncated(b"{\"title\": \"caf\xe9 and"));
        assert!(is_truncated(b"{\"title\": \"caf\xc3"));
    }

    #[test]
    fn complete_bodies_and_other_text_are_not_truncated() {
        let deep = "[".repeat(1000) + &"]".repeat(1000);
        for body in [
            "{}",
            r#"{"clip": {"a": [1, true, null, "}"], "b\"": {}}} and more"#,
            "[]",
            "null",
            "12",
            r#""text""#,
            "<html>",
            "OK",
            "{not json",
            r#"{"a" 1"#,
            r#"{"a": 1]"#,
            r#"{"a": [1}"#,
            "[,",
            "{,",
            r#"{"a": 1,}"#,
            "\u{1f}\u{8b}",
            &deep,
        ] {
            assert!(!is_truncated(body.as_bytes()), "{body:.50}");
        }
    }
}
