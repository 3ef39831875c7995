//! An API key, and the spellings in which a response may echo it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use arbitrary::Arbitrary;

/// Length of the core of a key: a 64-bit hash in hexadecimal.
const CORE_CHARS: usize = 16;

/// An API key that occurs nowhere else in the input.
pub struct Key {
    text: String,
    core: String,
    /// Length of the core's prefix that, if exposed, exposes more than half of the key.
    leak_length: usize,
}

/// Selects the spelling of each character of an echo.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct EchoSpelling(u64);

impl Key {
    /// Creates a key around a hash of the entire input. No other part of the input can contain the
    /// hash, so that every exposure of it comes from an echo.
    pub fn new(input: &[u8], before: &str, after: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let core = format!("{:0CORE_CHARS$x}", hasher.finish());
        let visible = |text: &str| -> String {
            let visible = text.chars().filter(char::is_ascii_graphic);
            visible.take(8).collect()
        };
        let before = visible(before);
        let text = format!("{before}{core}{}", visible(after));
        let leak_length = text.len() / 2 + 1 - before.len();
        Self {
            text,
            core,
            leak_length,
        }
    }

    /// Returns the key.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Spells the key as a response may contain it.
    pub fn echo(&self, spelling: EchoSpelling) -> String {
        let mut choices = spelling.0;
        let mut echo = String::new();
        for byte in self.text.bytes() {
            let character = char::from(byte);
            echo += &match choices % 8 {
                0 => format!("\\u00{byte:02x}"),
                1 => format!("\\u00{byte:02X}"),
                2 => format!("%{byte:02x}"),
                3 => format!("%{byte:02X}"),
                4 if "\"\\/".contains(character) => format!("\\{character}"),
                4 | 5 => match character {
                    '&' => "&amp;".to_owned(),
                    '<' => "&lt;".to_owned(),
                    '>' => "&gt;".to_owned(),
                    '"' => "&quot;".to_owned(),
                    '\'' => "&#39;".to_owned(),
                    _ => character.to_string(),
                },
                _ => character.to_string(),
            };
            choices = choices.rotate_right(3);
        }
        echo
    }

    /// Asserts that a text, plain or as written by `Debug`, exposes at most half of the key.
    pub fn assert_not_exposed(&self, exposed_text: &str) {
        let leak_length = &self.core.as_bytes()[..self.leak_length];
        for text in [exposed_text, &exposed_text.replace("\\\\", "\\")] {
            let text = text.as_bytes();
            let is_leaked = (0..text.len()).any(|at| starts_with_spelled(&text[at..], leak_length));
            assert!(
                !is_leaked,
                "the key {} is exposed in {exposed_text}",
                self.text
            );
        }
    }
}

/// Returns whether a text starts with these letters and digits, each plain or escaped.
fn starts_with_spelled(text: &[u8], letters: &[u8]) -> bool {
    let Some((letter, letters)) = letters.split_first() else {
        return true;
    };
    let digits = |text: &[u8]| {
        let digits = text.get(..2).and_then(|text| str::from_utf8(text).ok());
        digits.and_then(|text| u8::from_str_radix(text, 16).ok()) == Some(*letter)
    };
    let length = match text {
        [b'\\', b'u', b'0', b'0', rest @ ..] if digits(rest) => 6,
        [b'%', rest @ ..] if digits(rest) => 3,
        [first, ..] if first == letter => 1,
        _ => return false,
    };
    starts_with_spelled(&text[length..], letters)
}
