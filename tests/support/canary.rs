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

pub const KEY: &str = "canary/0123+4567==";

/// Length in bytes of a key fragment that counts as a leak: short enough for a truncated key, and
/// long enough not to occur by chance. Chosen, not tuned.
const FRAGMENT_LENGTH: usize = 8;

/// Bytes shown before and after a finding.
const EXCERPT_RADIUS: usize = 80;

/// Returns the key as services write it in a response: unchanged, as by Java's Gson, as by PHP,
/// percent-encoded, and with every character escaped.
pub fn echoes() -> [String; 5] {
    [
        KEY.to_owned(),
        KEY.replace('=', r"\u003d"),
        KEY.replace('/', r"\/"),
        KEY.replace('/', "%2F")
            .replace('+', "%2B")
            .replace('=', "%3D"),
        spell_bytes(|byte| format!("\\u00{byte:02X}"), ""),
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
        .chain(echoes())
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
        for text in texts.iter().chain(&echoes()) {
            let mut search = KeySearch::new();
            search.check_text("here", text);
            assert_eq!(search.findings().len(), 1, "{text}");
        }
        let mut search = KeySearch::new();
        search.check_text("here", "[redacted] canary 0123");
        assert!(search.findings().is_empty());
    }
}
