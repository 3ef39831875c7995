//! A canary API key, and a search for it in everything that the product outputs.
//!
//! The search knows the key in all common spellings (base64, hexadecimal, percent-encoding,
//! escapes) and in fragments, because a truncated or re-encoded key is a leak, too.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::iter::successors;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

pub const KEY: &str = "canary/0123+4567==";

/// Length in bytes of a key fragment that counts as a leak: short enough for a truncated key, and
/// long enough not to occur by chance. Chosen, not tuned.
const FRAGMENT_LENGTH: usize = 8;

/// Bytes shown before and after a finding.
const EXCERPT_RADIUS: usize = 80;

/// A way in which a service, a proxy or a library writes the key.
#[derive(Clone, Debug)]
pub struct Spelling {
    pub name: &'static str,
    /// The spelling of each character.
    characters: Vec<String>,
}

impl Spelling {
    pub fn text(&self) -> String {
        self.characters.concat()
    }

    /// Returns the spelling as the content of a JSON string: unchanged if it is one, otherwise escaped.
    pub fn in_json(&self) -> String {
        let text = self.text();
        if serde_json::from_str::<String>(&format!("\"{text}\"")).is_ok() {
            return text;
        }
        let quoted = Value::from(text).to_string();
        quoted.trim_matches('"').to_owned()
    }

    /// Returns whether the spelling can be the value of a header.
    pub fn fits_header(&self) -> bool {
        !self.text().contains('\0')
    }
}

/// Returns the spellings of an echo that are redacted. The first is the key itself.
pub fn spellings() -> Vec<Spelling> {
    let each = |name, spell: &dyn Fn(u8) -> String| Spelling {
        name,
        characters: KEY.bytes().map(spell).collect(),
    };
    // As escapers do that leave letters and digits alone.
    let punctuation = |name, spell: &dyn Fn(u8) -> String| {
        each(name, &|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => spell(byte),
        })
    };
    let slash = |name, spelled: &str| {
        each(name, &|byte| match byte {
            b'/' => spelled.to_owned(),
            _ => char::from(byte).to_string(),
        })
    };
    let named = |byte| match byte {
        b'/' => "sol",
        b'+' => "plus",
        _ => "equals",
    };
    let wide = |name, before: &str, after: &str| {
        each(name, &|byte| format!("{before}{}{after}", char::from(byte)))
    };
    vec![
        slash("unchanged", "/"),
        each("equals signs as in Gson", &|byte| match byte {
            b'=' => r"\u003d".to_owned(),
            _ => char::from(byte).to_string(),
        }),
        slash("slash as in PHP", r"\/"),
        slash("slash as in PHP, in JSON in JSON", r"\\\/"),
        slash("slash as in PHP, three times", r"\\\\\\\/"),
        each(r"\u002f", &|byte| format!(r"\u{byte:04x}")),
        each(r"\u002F", &|byte| format!(r"\u{byte:04X}")),
        each(r"\\u002f", &|byte| format!(r"\\u{byte:04x}")),
        each(r"\\\\u002f", &|byte| format!(r"\\\\u{byte:04x}")),
        each(r"\u{2f}", &|byte| format!(r"\u{{{byte:x}}}")),
        each(r"\U0000002f", &|byte| format!(r"\U{byte:08x}")),
        each(r"\x2f", &|byte| format!(r"\x{byte:02x}")),
        each(r"\\x2F", &|byte| format!(r"\\x{byte:02X}")),
        each(r"\057", &|byte| format!(r"\{byte:03o}")),
        punctuation("CSS", &|byte| format!(r"\{byte:x} ")),
        punctuation("URL", &|byte| format!("%{byte:02X}")),
        punctuation("URL, lower case", &|byte| format!("%{byte:02x}")),
        each("URL, every character", &|byte| format!("%{byte:02X}")),
        punctuation("URL, twice", &|byte| format!("%25{byte:02X}")),
        punctuation("URL, three times", &|byte| format!("%2525{byte:02X}")),
        punctuation("%u002f", &|byte| format!("%u{byte:04x}")),
        punctuation("%5Cu002f", &|byte| format!("%5Cu{byte:04x}")),
        punctuation("&#x2F;", &|byte| format!("&#x{byte:X};")),
        punctuation("&#X002f;", &|byte| format!("&#X{byte:04x};")),
        punctuation("&#047;", &|byte| format!("&#{byte:03};")),
        each("&#47;, every character", &|byte| format!("&#{byte};")),
        punctuation("&#47 at a non-digit", &|byte| match byte {
            b'/' | b'+' => format!("&#{byte};"),
            _ => format!("&#{byte}"),
        }),
        punctuation("&sol;", &|byte| format!("&{};", named(byte))),
        punctuation("&amp;sol;", &|byte| format!("&amp;{};", named(byte))),
        punctuation("&amp;#x2F;", &|byte| format!("&amp;#x{byte:X};")),
        punctuation("&amp;amp;#47;", &|byte| format!("&amp;amp;#{byte};")),
        punctuation("HTML in Gson", &|byte| format!(r"\u0026#{byte};")),
        punctuation("HTML in a URL", &|byte| format!("%26%23{byte}%3B")),
        wide("UTF-16LE", "", "\0"),
        wide("UTF-16BE", "\0", ""),
        wide("UTF-32LE", "", "\0\0\0"),
        wide("UTF-32BE", "\0\0\0", ""),
        wide("UTF-16 in JSON", "", r"\u0000"),
        wide("UTF-16 in Debug", r"\0", ""),
        each("each character in another way", &|byte| match byte % 5 {
            0 => format!(r"\u{byte:04x}"),
            1 => format!("%{byte:02x}"),
            2 => format!("&#{byte};"),
            3 => format!(r"\\x{byte:02x}"),
            _ => char::from(byte).to_string(),
        }),
    ]
}

/// Returns the key as services write it in a JSON string: some of the [`spellings`], for tests that take
/// long.
pub fn echoes() -> [String; 5] {
    let spellings = spellings();
    let echo = |name: &str| {
        let spelling = spellings.iter().find(|spelling| spelling.name == name);
        spelling.unwrap().in_json()
    };
    [
        echo("unchanged"),
        echo("equals signs as in Gson"),
        echo("slash as in PHP"),
        echo("URL"),
        echo(r"\u002F"),
    ]
}

/// Decodes an echo as the content of a JSON string, for callers that escape it again.
pub fn unescape_json(echo: &str) -> String {
    serde_json::from_str(&format!("\"{echo}\"")).unwrap()
}

fn spell_bytes(spell: impl Fn(u8) -> String, separator: &str) -> String {
    KEY.bytes().map(spell).collect::<Vec<_>>().join(separator)
}

/// Returns the texts to search for, in lower case.
fn needles() -> BTreeSet<String> {
    let fragments = (0..=KEY.len() - FRAGMENT_LENGTH)
        .filter_map(|start| KEY.get(start..start + FRAGMENT_LENGTH));
    let redacted = spellings();
    let redacted = redacted.iter().flat_map(|spelling| {
        let windows = spelling.characters.windows(FRAGMENT_LENGTH);
        windows.map(|characters| characters.concat())
    });
    let spellings = [
        spell_bytes(|byte| format!("{byte:02x}"), ""),
        spell_bytes(|byte| format!("{byte:02x}"), " "),
        spell_bytes(|byte| format!("{byte:x}"), ", "),
        spell_bytes(|byte| format!("\\x{byte:02x}"), ""),
        spell_bytes(|byte| format!("0x{byte:02x}"), ", "),
        spell_bytes(|byte| format!("%{byte:02x}"), ""),
        spell_bytes(|byte| byte.to_string(), ", "),
        spell_bytes(|byte| byte.to_string(), ","),
    ];
    let needles = fragments
        .map(str::to_owned)
        .chain(redacted)
        .chain(spellings);
    let mut needles: BTreeSet<String> = needles.collect();
    for before in ["", "x", "xx"] {
        let text = format!("{before}{KEY}");
        // The first and the last character depend on the neighbouring bytes, too.
        let (start, end) = ((before.len() * 8).div_ceil(6), text.len() * 8 / 6);
        for base64 in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            needles.extend(base64.get(start..end).map(str::to_owned));
        }
    }
    needles
        .into_iter()
        .map(|needle| needle.to_ascii_lowercase())
        .collect()
}

/// Searches texts for the key and counts them by source.
pub struct KeySearch {
    needles: BTreeSet<String>,
    texts_by_source: BTreeMap<String, usize>,
    findings: Vec<String>,
}

impl KeySearch {
    pub fn new() -> Self {
        let (needles, texts_by_source, findings) = (needles(), BTreeMap::new(), Vec::new());
        Self {
            needles,
            texts_by_source,
            findings,
        }
    }

    /// Searches a text.
    pub fn check_text(&mut self, source: &str, text: &str) {
        *self.texts_by_source.entry(source.to_owned()).or_default() += 1;
        let lower = text.to_ascii_lowercase();
        let position = self.needles.iter().find_map(|needle| lower.find(needle));
        if let Some(start) = position {
            let excerpt_range =
                start.saturating_sub(EXCERPT_RADIUS)..text.len().min(start + EXCERPT_RADIUS);
            let excerpt = String::from_utf8_lossy(&text.as_bytes()[excerpt_range]);
            self.findings.push(format!("{source}: {excerpt}"));
        }
    }

    pub fn check_debug(&mut self, source: &str, value: &impl Debug) {
        self.check_text(source, &format!("{value:?}"));
        self.check_text(source, &format!("{value:#?}"));
    }

    /// Searches an error and its causes.
    pub fn check_error(&mut self, source: &str, error: &(dyn Error + 'static)) {
        for error in successors(Some(error), |&error| error.source()) {
            self.check_text(source, &error.to_string());
            self.check_debug(source, &error);
        }
    }

    /// Returns whether this source yielded at least one text.
    pub fn has_searched(&self, source: &str) -> bool {
        self.texts_by_source.contains_key(source)
    }

    /// Returns an excerpt for each occurrence of the key.
    pub fn findings(&self) -> &[String] {
        &self.findings
    }
}

impl Default for KeySearch {
    fn default() -> Self {
        Self::new()
    }
}

/// Lists the sources, each with its number of texts.
impl Display for KeySearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (source, texts) in &self.texts_by_source {
            writeln!(f, "{texts:6}  {source}")?;
        }
        write!(
            f,
            "{:6}  texts in total",
            self.texts_by_source.values().sum::<usize>()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_in_every_spelling() {
        let texts = [
            format!("{:?}", KEY.as_bytes()),
            format!("{:x?}", KEY.as_bytes()),
            format!("{:02X?}", KEY.as_bytes()).replace(", ", " "),
            format!("x-auth-apikey: {}", &KEY[3..14]),
            STANDARD_NO_PAD.encode(KEY),
            STANDARD_NO_PAD.encode(format!("key:{KEY} and more")),
            URL_SAFE_NO_PAD.encode(format!("a key {KEY}")),
        ];
        let spelled = spellings().iter().map(Spelling::text).collect::<Vec<_>>();
        for text in texts.iter().chain(&spelled) {
            let mut search = KeySearch::new();
            search.check_text("here", text);
            assert_eq!(search.findings().len(), 1, "{text}");
        }
        let mut search = KeySearch::new();
        search.check_text("here", "[redacted] canary 0123");
        assert!(search.findings().is_empty());
    }
}
