//! A canary: an API key that must come out nowhere, and the search for it.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::iter::successors;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

pub const KEY: &str = "canary/0123+4567==";

/// A piece of the key of this length is told from anything else.
const PIECE: usize = 8;

/// How much of a text is shown on each side of where the key was found.
const AROUND: usize = 80;

/// The key as services write it: as it is, as Java's Gson does, as PHP does, as in a URL, and
/// with every character escaped.
pub fn echoes() -> [String; 5] {
    [
        KEY.to_owned(),
        KEY.replace('=', r"\u003d"),
        KEY.replace('/', r"\/"),
        KEY.replace('/', "%2F")
            .replace('+', "%2B")
            .replace('=', "%3D"),
        bytes(|byte| format!("\\u00{byte:02X}"), ""),
    ]
}

/// What an echo says where it is read as JSON: for whoever writes the JSON and escapes it again.
pub fn decoded(echo: &str) -> String {
    serde_json::from_str(&format!("\"{echo}\"")).unwrap()
}

fn bytes(spell: impl Fn(u8) -> String, between: &str) -> String {
    KEY.bytes().map(spell).collect::<Vec<_>>().join(between)
}

/// What is searched for, in lower case.
fn needles() -> BTreeSet<String> {
    let pieces = (0..=KEY.len() - PIECE).filter_map(|at| KEY.get(at..at + PIECE));
    let spelled = [
        bytes(|byte| format!("{byte:02x}"), ""),
        bytes(|byte| format!("{byte:02x}"), " "),
        bytes(|byte| format!("{byte:x}"), ", "),
        bytes(|byte| format!("\\x{byte:02x}"), ""),
        bytes(|byte| format!("0x{byte:02x}"), ", "),
        bytes(|byte| format!("%{byte:02x}"), ""),
        bytes(|byte| byte.to_string(), ", "),
        bytes(|byte| byte.to_string(), ","),
    ];
    let needles = pieces.map(str::to_owned).chain(echoes()).chain(spelled);
    let mut needles: BTreeSet<String> = needles.collect();
    for before in ["", "x", "xx"] {
        let text = format!("{before}{KEY}");
        // The characters at both ends depend on what stands beside the key.
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

/// A search for the key, place by place.
pub struct Search {
    needles: BTreeSet<String>,
    places: BTreeMap<String, usize>,
    finds: Vec<String>,
}

impl Search {
    pub fn new() -> Self {
        let (needles, places, finds) = (needles(), BTreeMap::new(), Vec::new());
        Self {
            needles,
            places,
            finds,
        }
    }

    /// Searches a text that came out of this place.
    pub fn text(&mut self, place: &str, text: &str) {
        *self.places.entry(place.to_owned()).or_default() += 1;
        let lower = text.to_ascii_lowercase();
        let found = self.needles.iter().find_map(|needle| lower.find(needle));
        if let Some(at) = found {
            let around = at.saturating_sub(AROUND)..text.len().min(at + AROUND);
            let excerpt = String::from_utf8_lossy(&text.as_bytes()[around]);
            self.finds.push(format!("{place}: {excerpt}"));
        }
    }

    pub fn debug(&mut self, place: &str, value: &impl Debug) {
        self.text(place, &format!("{value:?}"));
        self.text(place, &format!("{value:#?}"));
    }

    /// An error and its sources.
    pub fn error(&mut self, place: &str, error: &(dyn Error + 'static)) {
        for error in successors(Some(error), |&error| error.source()) {
            self.text(place, &error.to_string());
            self.debug(place, &error);
        }
    }

    /// Whether at least one text came out of this place.
    pub fn has_searched(&self, place: &str) -> bool {
        self.places.contains_key(place)
    }

    /// Where the key was found.
    pub fn finds(&self) -> &[String] {
        &self.finds
    }
}

impl Default for Search {
    fn default() -> Self {
        Self::new()
    }
}

/// The places, and how many texts were searched in each.
impl Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, texts) in &self.places {
            writeln!(f, "{texts:6}  {place}")?;
        }
        write!(f, "{:6}  texts in all", self.places.values().sum::<usize>())
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
            let mut search = Search::new();
            search.text("here", text);
            assert_eq!(search.finds().len(), 1, "{text}");
        }
        let mut search = Search::new();
        search.text("here", "[hidden] canary 0123");
        assert!(search.finds().is_empty());
    }
}
