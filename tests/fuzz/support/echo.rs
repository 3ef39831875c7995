//! An API key, and the ways in which an answer may echo it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use arbitrary::Arbitrary;

/// What is in the middle of a key, in characters.
const CORE: usize = 16;

/// An API key that the rest of the input knows nothing of.
pub struct Key {
    text: String,
    core: String,
    /// With this beginning of the core, more than half of the key is there.
    most: usize,
}

/// How each character is written in turn.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Spelling(u64);

impl Key {
    /// A key whose middle is made of a hash of all the input: no other part of an input can hold
    /// it, and whatever of it is shown comes from an echo.
    pub fn new(input: &[u8], before: &str, behind: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        input.hash(&mut hasher);
        let core = format!("{:0CORE$x}", hasher.finish());
        let visible = |text: &str| -> String {
            let visible = text.chars().filter(char::is_ascii_graphic);
            visible.take(8).collect()
        };
        let before = visible(before);
        let text = format!("{before}{core}{}", visible(behind));
        let most = text.len() / 2 + 1 - before.len();
        Self { text, core, most }
    }

    /// The key itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The key as it may stand in an answer.
    pub fn echo(&self, spelling: Spelling) -> String {
        let mut choice = spelling.0;
        let mut echo = String::new();
        for byte in self.text.bytes() {
            let character = char::from(byte);
            echo += &match choice % 8 {
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
            choice = choice.rotate_right(3);
        }
        echo
    }

    /// Checks that a text, as it is or as `Debug` writes it, has no more than half of the key.
    pub fn check_hidden(&self, shown: &str) {
        let most = &self.core.as_bytes()[..self.most];
        for text in [shown, &shown.replace("\\\\", "\\")] {
            let text = text.as_bytes();
            let is_there = (0..text.len()).any(|at| begins_with(&text[at..], most));
            assert!(!is_there, "the key {} is in {shown}", self.text);
        }
    }
}

/// Whether a text begins with these letters and digits, each as it is or escaped.
fn begins_with(text: &[u8], letters: &[u8]) -> bool {
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
    begins_with(&text[length..], letters)
}
