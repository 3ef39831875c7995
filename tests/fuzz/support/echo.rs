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

/// Selects the spelling of each character of an echo, and the layers of escapes around all of it.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct EchoSpelling {
    characters: u64,
    layers: [Layer; 2],
}

/// A layer of escapes, as a text gets when it is quoted in another.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Layer {
    None,
    Json,
    Percent,
    Html,
}

impl Layer {
    fn escape(self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Json => text.replace('\\', "\\\\").replace('"', "\\\""),
            Self::Percent => text.replace('%', "%25"),
            Self::Html => text.replace('&', "&amp;"),
        }
    }
}

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
        let mut choices = spelling.characters;
        let mut echo = String::new();
        let mut bytes = self.text.bytes().peekable();
        while let Some(byte) = bytes.next() {
            let character = char::from(byte);
            // Without a semicolon, what follows may continue a character reference.
            let end = match bytes.peek() {
                Some(next) if !next.is_ascii_alphanumeric() && choices % 3 == 0 => "",
                _ => ";",
            };
            echo += &match choices % 16 {
                0 => format!("\\u00{byte:02x}"),
                1 => format!("\\u00{byte:02X}"),
                2 => format!("%{byte:02x}"),
                3 => format!("%{byte:02X}"),
                4 => format!("\\x{byte:02x}"),
                5 => format!("\\u{{{byte:x}}}"),
                6 => format!("\\{byte:03o}"),
                7 => format!("&#{byte}{end}"),
                8 => format!("&#{byte:08}{end}"),
                9 => format!("&#x{byte:x}{end}"),
                10 => format!("&#X00{byte:X}{end}"),
                11 => format!("%u00{byte:02x}"),
                12 if character.is_ascii_punctuation() => format!("\\{character}"),
                13 => match character {
                    '&' => "&amp;".to_owned(),
                    '<' => "&lt;".to_owned(),
                    '>' => "&gt;".to_owned(),
                    '"' => "&quot;".to_owned(),
                    '/' => "&sol;".to_owned(),
                    '+' => "&plus;".to_owned(),
                    '=' => "&equals;".to_owned(),
                    _ => character.to_string(),
                },
                _ => character.to_string(),
            };
            choices = choices.rotate_right(4);
        }
        let layers = spelling.layers.into_iter();
        layers.fold(echo, |echo, layer| layer.escape(&echo))
    }

    /// Asserts that a text exposes at most half of the key, however often it is unescaped.
    pub fn assert_not_exposed(&self, exposed_text: &str) {
        let leak = &self.core[..self.leak_length];
        let mut text = exposed_text.replace('\0', "");
        for _ in 0..6 {
            assert!(
                !text.contains(leak),
                "the key {} is exposed in {exposed_text}",
                self.text
            );
            text = unescape(&text);
        }
    }
}

/// Removes one layer of escapes of letters, digits and introducers.
fn unescape(text: &str) -> String {
    let mut unescaped = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (decoded, length) = decode(rest).unwrap_or((character, character.len_utf8()));
        unescaped.push(decoded);
        rest = &rest[length..];
    }
    unescaped
}

/// Decodes the escape sequence at the start of a text.
fn decode(text: &str) -> Option<(char, usize)> {
    let number = |prefix: &str, digits: usize, radix| {
        let digits_at = text.strip_prefix(prefix)?.get(..digits)?;
        let code = u8::from_str_radix(digits_at, radix).ok()?;
        Some((char::from(code), prefix.len() + digits))
    };
    let delimited = |prefix: &str, end: char, radix| {
        let (digits, _) = text.strip_prefix(prefix)?.split_once(end)?;
        let code = u8::from_str_radix(digits, radix).ok()?;
        Some((char::from(code), prefix.len() + digits.len() + 1))
    };
    number("\\u00", 2, 16)
        .or_else(|| number("\\x", 2, 16))
        .or_else(|| delimited("\\u{", '}', 16))
        .or_else(|| number("\\", 3, 8))
        .or_else(|| number("%u00", 2, 16))
        .or_else(|| number("%", 2, 16))
        .or_else(|| delimited("&#x", ';', 16))
        .or_else(|| delimited("&#X", ';', 16))
        .or_else(|| delimited("&#", ';', 10))
        .or_else(|| text.starts_with("&amp;").then_some(('&', 5)))
        .or_else(|| text.starts_with("\\\\").then_some(('\\', 2)))
}
