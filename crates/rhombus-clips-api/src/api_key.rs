//! An API key, and where it stands in what a service echoes.

use std::ops::Range;

use memchr::{memchr_iter, memchr3};
use secrecy::{ExposeSecret, SecretString};

/// What is written in the place of a key.
pub(crate) const HIDDEN: &str = "[hidden]";

/// A key shorter than this is not searched for in what is decoded afterwards: it would be found
/// in names and numbers, and hiding it there would break the answer.
const SHORTEST: usize = 5;

/// A key, wiped from memory when it is dropped. It has no `Debug`.
#[derive(Clone)]
pub(crate) struct ApiKey(SecretString);

impl ApiKey {
    pub(crate) fn new(key: SecretString) -> Self {
        Self(key)
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The text with [`HIDDEN`] in the place of the key, to be shown.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut hidden = String::with_capacity(text.len());
        let mut end = 0;
        for place in self.places(text.as_bytes()) {
            // Both ends stand beside ASCII: there is no character to be cut.
            hidden += text.get(end..place.start).unwrap_or_default();
            hidden += HIDDEN;
            end = place.end;
        }
        hidden + text.get(end..).unwrap_or_default()
    }

    /// The bytes with [`HIDDEN`] in the place of the key, to be decoded; `None` when it is not in
    /// them.
    pub(crate) fn strike_out(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.expose().len() < SHORTEST {
            return None;
        }
        let places = self.places(bytes);
        if places.is_empty() {
            return None;
        }
        let mut struck = Vec::with_capacity(bytes.len());
        let mut end = 0;
        for place in places {
            struck.extend_from_slice(bytes.get(end..place.start).unwrap_or_default());
            struck.extend_from_slice(HIDDEN.as_bytes());
            end = place.end;
        }
        struck.extend_from_slice(bytes.get(end..).unwrap_or_default());
        Some(struck)
    }

    /// Where the key stands, in whatever spelling, in order and apart from each other.
    fn places(&self, text: &[u8]) -> Vec<Range<usize>> {
        let key = self.expose().as_bytes();
        let mut places = Vec::new();
        let is_escaped = memchr3(b'\\', b'%', b'&', text).is_some();
        let beginning = key.get(..SHORTEST).unwrap_or(key);
        let Some(first) = key.first() else {
            return places;
        };
        let begins_at = |at| {
            text.get(at..)
                .is_some_and(|rest| rest.starts_with(beginning))
        };
        if !is_escaped && !memchr_iter(*first, text).any(begins_at) {
            return places;
        }
        let begins = |byte: u8| byte == *first || b"\\%&".contains(&byte);
        for (at, _) in text.iter().enumerate().filter(|(_, byte)| begins(**byte)) {
            let rest = text.get(at..).unwrap_or_default();
            let Some(length) = length_spelled(key, rest) else {
                continue;
            };
            let end = at + length;
            match places.last_mut() {
                // Where one ends and the next begins, there may be two ways to read.
                Some(last) if at < last.end => last.end = last.end.max(end),
                last => {
                    // Half an escape would be no JSON.
                    let start = escape_around(text, at);
                    let start = last.map_or(start, |last| start.max(last.end));
                    places.push(start..end);
                }
            }
        }
        places
    }
}

/// The length of the key at the beginning of the text. Any of its characters may be written as an
/// escape, for there is no one way of escaping: Java's Gson writes `\u003d` for `=`, PHP `\/` for
/// `/`, and an error page `&amp;` or `%26` for `&`.
///
/// A key may itself hold what reads as an escape, so that there are several ways to read on: the
/// longest counts. Where the text ends inside of the key, more than half of it is as good as all.
fn length_spelled(key: &[u8], text: &[u8]) -> Option<usize> {
    let mut ends = lengths_of(*key.first()?, text).collect::<Vec<_>>();
    for (read, byte) in key.iter().enumerate().skip(1) {
        if ends.is_empty() {
            return None;
        }
        let rests = ends.iter().filter_map(|end| text.get(*end..));
        if read >= SHORTEST && read > key.len() / 2 && rests.clone().any(is_cut) {
            return Some(text.len());
        }
        let longer = ends.iter().flat_map(|end| {
            let rest = text.get(*end..).unwrap_or_default();
            lengths_of(*byte, rest).map(move |length| end + length)
        });
        let mut longer = longer.collect::<Vec<_>>();
        longer.sort_unstable();
        longer.dedup();
        ends = longer;
    }
    ends.last().copied()
}

/// The lengths of what may stand for an ASCII character at the beginning of the text.
fn lengths_of(byte: u8, text: &[u8]) -> impl Iterator<Item = usize> {
    let escape = match text {
        [b'\\', b'u', b'0', b'0', high, low, ..] if hex(*high, *low) == Some(byte) => Some(6),
        [b'\\', escaped @ (b'"' | b'\\' | b'/'), ..] if *escaped == byte => Some(2),
        [b'%', high, low, ..] if hex(*high, *low) == Some(byte) => Some(3),
        [b'&', ..] => ENTITIES
            .iter()
            .find(|(of, entity)| *of == byte && text.starts_with(entity))
            .map(|(_, entity)| entity.len()),
        _ => None,
    };
    let itself = (text.first() == Some(&byte)).then_some(1);
    itself.into_iter().chain(escape)
}

/// Whether a text ends here, or inside of an escape that begins here.
fn is_cut(text: &[u8]) -> bool {
    match text {
        [] | [b'\\'] | [b'%'] | [b'%', _] => true,
        [b'\\', b'u', digits @ ..] => digits.len() < 4,
        [b'&', ..] => ENTITIES
            .iter()
            .any(|(_, entity)| entity.starts_with(text) && entity.len() > text.len()),
        _ => false,
    }
}

/// How HTML writes what it cannot hold.
const ENTITIES: [(u8, &[u8]); 8] = [
    (b'&', b"&amp;"),
    (b'<', b"&lt;"),
    (b'>', b"&gt;"),
    (b'"', b"&quot;"),
    (b'"', b"&#34;"),
    (b'\'', b"&apos;"),
    (b'\'', b"&#39;"),
    (b'\'', b"&#x27;"),
];

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Where the escape of JSON begins that a place is inside of, or the place itself.
fn escape_around(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let nearest = before.iter().rev().take(5).position(|byte| *byte == b'\\');
    let Some(start) = nearest.map(|back| at - 1 - back) else {
        return at;
    };
    let backslashes = before.iter().take(start + 1).rev();
    let run = backslashes.take_while(|byte| **byte == b'\\').count();
    let length = if text.get(start + 1) == Some(&b'u') {
        6
    } else {
        2
    };
    if run % 2 == 1 && start + length > at {
        start
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = r#"a/b+c=d<e>&'f"g\h%i"#;

    fn key(text: &str) -> ApiKey {
        ApiKey::new(text.into())
    }

    #[test]
    fn the_key_is_found_however_it_is_escaped() {
        for echo in [
            KEY.to_owned(),
            KEY.replace('\\', r"\\").replace('"', r#"\""#),
            KEY.replace('\\', r"\\")
                .replace('"', r#"\""#)
                .replace('/', r"\/"),
            KEY.replace('\\', r"\\")
                .replace('"', r#"\""#)
                .replace('=', r"\u003d")
                .replace('<', r"\u003C")
                .replace('>', r"\u003e")
                .replace('&', r"\u0026")
                .replace('\'', r"\u0027"),
            KEY.bytes().map(|byte| format!("\\u00{byte:02x}")).collect(),
            KEY.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            KEY.replace('%', "%25").replace('/', "%2f"),
            KEY.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('\'', "&#39;")
                .replace('"', "&quot;"),
        ] {
            let text = format!("é{echo}é \\n {echo}");
            assert_eq!(key(KEY).hide(&text), "é[hidden]é \\n [hidden]", "{echo}");
            let struck = key(KEY).strike_out(text.as_bytes()).unwrap();
            assert_eq!(struck, "é[hidden]é \\n [hidden]".as_bytes());
        }
    }

    #[test]
    fn what_is_not_the_key_stays() {
        for text in ["", "canar", "canar%", r"canar\u0079 ", "canary-ke&#121;"] {
            assert_eq!(key("canary-key").hide(text), text);
            assert_eq!(key("canary-key").strike_out(text.as_bytes()), None);
        }
    }

    #[test]
    fn a_key_that_reads_as_an_escape_is_found_in_all_its_spellings() {
        for (text, echo) in [
            ("a%25c/d", r"a%25c\/d"),
            ("a%25c/d", "a%2525c/d"),
            ("a&amp;b/c", r"a&amp;b\/c"),
            (r"a\\b/c", r"a\\b%2fc"),
            (r"a\u0062/c", r"a\u0062\/c"),
        ] {
            assert_eq!(key(text).hide(&format!("<{echo}>")), "<[hidden]>", "{echo}");
        }
    }

    #[test]
    fn keys_side_by_side_are_found_also_where_their_border_is_not_clear() {
        let key = key(r"$abcd\");
        let hidden = key.hide(r"<$abcd\\u0024abcd\$abcd\\>");
        assert_eq!(hidden, "<[hidden][hidden]>");
    }

    #[test]
    fn of_a_key_that_is_cut_off_no_more_than_half_is_shown() {
        for (text, hidden) in [
            ("no such key: canary-ke", "no such key: [hidden]"),
            ("no such key: canary", "no such key: [hidden]"),
            ("no such key: canar", "no such key: canar"),
            (r"canary\u002d\u006b\u006", "[hidden]"),
            (r"canary\", "[hidden]"),
            ("canary%2", "[hidden]"),
            ("canary-k canary-k", "canary-k [hidden]"),
        ] {
            assert_eq!(key("canary-key").hide(text), hidden);
        }
    }

    #[test]
    fn an_answer_stays_json_when_the_key_is_found_inside_of_an_escape() {
        for (text, hidden) in [
            (r#""line\n12345""#, r#""line[hidden]""#),
            (r#""\u00n12345""#, r#""[hidden]""#),
            (r#""\\n12345""#, r#""\\[hidden]""#),
            (r#""\\\u006e12345""#, r#""\\[hidden]""#),
            (r#""\\u006e12345""#, r#""[hidden]""#),
        ] {
            assert_eq!(key("n12345").hide(text), hidden, "{text}");
        }
    }

    #[test]
    fn a_key_of_a_few_letters_does_not_break_answers() {
        assert_eq!(key("e").strike_out(br#"{"error": false}"#), None);
        assert_eq!(key("true").strike_out(br#"{"error": true}"#), None);
        assert_eq!(key("e").hide("the"), "th[hidden]");
    }
}
