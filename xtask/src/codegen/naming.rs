//! Rust names for what the service's document names: types, fields, variants and methods.
//!
//! A name is a function of the document's name alone, so that another operation, property or value
//! renames nothing. Only two names that fall together in Rust depend on each other: the one in the
//! usual notation keeps the name, and the other is spelled out.
//!
//! | text | type | field | variant | rule |
//! |---|---|---|---|---|
//! | `clip_status`, `CLIP_STATUS` | `ClipStatus` | `clip_status` | `ClipStatus` | the case of Rust, ASCII letters and digits only |
//! | `4K` | `N4k` | `n4k` | `N4k` | a leading digit gets the prefix `N` |
//! | `self`, `Option` | `Self_`, `Option_` | `self_`, `option` | `Self_`, `Option` | a name that Rust uses gets an underscore |
//! | `_audio` | `Audio` | `_audio` | `Audio` | leading underscores of a property are kept |
//! | empty | `Empty` | `empty` | `Empty` | |
//! | `<=` | `LessThanEqual` | `less_than_equal` | `LessThanEqual` | punctuation alone is spelled out |

use std::collections::BTreeMap;

use heck::{ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::Ident;

/// Names of the prelude that a type must not hide in its file.
const PRELUDE: [&str; 27] = [
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Fn",
    "From",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "Result",
    "Send",
    "Some",
    "String",
    "Sync",
    "ToString",
    "Vec",
];

/// Names of the low-level crate's other items, which are imported beside its types.
const CRATE_ITEMS: [&str; 12] = [
    "BodyTooLarge",
    "ByteStream",
    "Client",
    "ClientInfo",
    "Credentials",
    "DecodeIssue",
    "DecodeIssues",
    "Effect",
    "Error",
    "Operation",
    "ResponseValue",
    "Settings",
];

/// Methods of the generated client that an operation must not hide.
const CLIENT_METHODS: [&str; 11] = [
    "api_version",
    "baseurl",
    "client",
    "clone",
    "exec",
    "fmt",
    "inner",
    "new",
    "new_with_client",
    "post",
    "pre",
];

/// Variables of a generated method that a parameter must not hide.
const METHOD_VARIABLES: [&str; 9] = [
    "body",
    "client",
    "header_map",
    "info",
    "request",
    "response",
    "result",
    "types",
    "url",
];

/// Fields, and functions with the name of a field, that are generated for every type.
const GENERATED_FIELDS: [&str; 2] = ["decode_issues", "extra"];

/// Associated items of every open enumeration.
const GENERATED_VARIANTS: [&str; 2] = ["KNOWN", "Unrecognized"];

/// File names that Windows reserves for devices.
const DEVICE_NAMES: [&str; 4] = ["aux", "con", "nul", "prn"];

/// Kind of a name, which determines its case and the names that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A struct or an enumeration.
    Type,
    /// A field of a struct.
    Field,
    /// A value of an enumeration.
    Variant,
    /// A method of the client.
    Method,
    /// A parameter of a method.
    Parameter,
}

impl NameKind {
    /// Returns the Rust name for a text of the document.
    pub fn name(self, text: &str) -> String {
        let base = match self.cased(&ascii_words(text)) {
            empty if empty.is_empty() => self.cased(&spelled(text)),
            base => base,
        };
        let base = match base {
            empty if empty.is_empty() => self.cased("empty"),
            base => base,
        };
        match self {
            Self::Field => leading_underscores(text) + &self.usable(base),
            _ => self.usable(base),
        }
    }

    /// Returns whether a name can be used as it is.
    pub fn accepts(self, name: &str) -> bool {
        let bare = match self {
            Self::Field => name.trim_start_matches('_'),
            _ => name,
        };
        let bare = bare.strip_suffix('_').unwrap_or(bare);
        !bare.is_empty() && self.is_stable(bare) && self.usable(name.to_owned()) == name
    }

    fn is_stable(self, name: &str) -> bool {
        match self {
            Self::Type | Self::Variant => {
                // Digits that are separated in the text stay separated.
                let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
                let mut words = name.split('_').peekable();
                let mut is_separated = true;
                while let Some(word) = words.next() {
                    if let Some(next) = words.peek() {
                        is_separated &=
                            is_digit(word.chars().last()) && is_digit(next.chars().next());
                    }
                }
                is_separated && name.starts_with(|c: char| c.is_ascii_uppercase())
            }
            _ => self.cased(name) == name,
        }
    }

    fn cased(self, text: &str) -> String {
        match self {
            Self::Type => stable(text, str::to_upper_camel_case),
            Self::Variant => upper_camel_case(text),
            Self::Field | Self::Method | Self::Parameter => stable(text, str::to_snake_case),
        }
    }

    /// Makes a name of the right case valid, and different from all that are taken.
    fn usable(self, name: String) -> String {
        let starts_with_digit = name.starts_with(|c: char| c.is_ascii_digit());
        let name = match self {
            _ if !starts_with_digit => name,
            Self::Type | Self::Variant => format!("N{name}"),
            Self::Field | Self::Method | Self::Parameter => format!("n{name}"),
        };
        let taken: &[&str] = match self {
            Self::Type if CRATE_ITEMS.contains(&&*name) => &CRATE_ITEMS,
            Self::Type => &PRELUDE,
            Self::Field => &GENERATED_FIELDS,
            Self::Variant => &GENERATED_VARIANTS,
            Self::Method => &CLIENT_METHODS,
            Self::Parameter => &METHOD_VARIABLES,
        };
        if taken.contains(&&*name) || !is_identifier(&name) {
            format!("{name}_")
        } else {
            name
        }
    }

    /// Returns whether a text is in the notation that the service's document uses for this kind.
    fn is_usual(self, text: &str) -> bool {
        match self {
            Self::Type => text == self.cased(text),
            Self::Variant => text == text.to_shouty_snake_case(),
            Self::Field | Self::Method | Self::Parameter => text == text.to_lower_camel_case(),
        }
    }

    /// Returns the name of a text that lost its usual name to another one.
    fn spelled_out(self, text: &str) -> String {
        self.usable(self.cased(&spelled(text)))
    }
}

/// Names for everything in one scope.
#[derive(Debug, Default)]
pub struct ScopeNames {
    /// Rust name by key.
    pub names: BTreeMap<String, String>,
    /// Keys whose names fall together with that of another: the key, and the other one.
    pub conflicts: Vec<(String, String)>,
}

/// Names everything in a scope differently. `entries` are pairs of a unique key and the text that it is
/// named after, usually the same; `chosen` has the names that the overlay sets, by key.
pub fn name_scope<'t>(
    kind: NameKind,
    entries: impl IntoIterator<Item = (&'t str, &'t str)>,
    chosen: &BTreeMap<String, String>,
) -> ScopeNames {
    let mut owners: BTreeMap<String, String> = chosen
        .iter()
        .map(|(key, name)| (name.clone(), key.clone()))
        .collect();
    let mut groups: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
    for (key, text) in entries {
        if !chosen.contains_key(key) {
            groups.entry(kind.name(text)).or_default().push((key, text));
        }
    }
    let mut scope = ScopeNames {
        names: chosen.clone(),
        conflicts: Vec::new(),
    };
    let mut conflicting = Vec::new();
    for (name, mut group) in groups {
        group.sort_by_key(|(key, text)| (key != text, !kind.is_usual(text), *key));
        let mut group = group.into_iter();
        if !owners.contains_key(&name)
            && let Some((key, _)) = group.next()
        {
            owners.insert(name.clone(), key.to_owned());
            scope.names.insert(key.to_owned(), name.clone());
        }
        conflicting.extend(group.map(|entry| (entry, name.clone())));
    }
    for ((key, text), name) in conflicting {
        let spelled = kind.spelled_out(text);
        let separator = match kind {
            NameKind::Type | NameKind::Variant
                if !spelled.ends_with(|c: char| c.is_ascii_digit()) =>
            {
                ""
            }
            _ => "_",
        };
        let numbered = (2_usize..)
            .map(|number| format!("{}{separator}{number}", spelled.trim_end_matches('_')));
        let mut candidates = std::iter::once(spelled.clone()).chain(numbered);
        if let Some(free) = candidates.find(|name| !owners.contains_key(name)) {
            owners.insert(free.clone(), key.to_owned());
            scope.names.insert(key.to_owned(), free);
        }
        let owner = owners.get(&name).cloned().unwrap_or_default();
        scope.conflicts.push((key.to_owned(), owner));
    }
    scope
}

/// Returns the name of the module, and of the file, of a type.
pub fn module_name(type_name: &str) -> String {
    let name = type_name.to_snake_case();
    let name = match type_name.ends_with('_') {
        true => format!("{name}_"),
        false => name,
    };
    let is_taken = name == "mod" || DEVICE_NAMES.contains(&&*name);
    match is_taken || !is_identifier(&name) {
        true => format!("{name}_"),
        false => name,
    }
}

fn is_identifier(text: &str) -> bool {
    // `gen` is a keyword of a later edition.
    text != "gen" && syn::parse_str::<Ident>(text).is_ok()
}

/// Applies a conversion until the result is stable.
fn stable(text: &str, convert: fn(&str) -> String) -> String {
    let name = convert(text);
    if name == text {
        name
    } else {
        stable(&name, convert)
    }
}

/// Converts a value to camel case. Digits that are separated in the value stay separated.
fn upper_camel_case(text: &str) -> String {
    let mut name = String::new();
    for word in text.split('_') {
        let joins_digits = name.ends_with(|c: char| c.is_ascii_digit())
            && word.starts_with(|c: char| c.is_ascii_digit());
        if joins_digits {
            name.push('_');
        }
        name.push_str(&word.to_upper_camel_case());
    }
    name
}

fn leading_underscores(text: &str) -> String {
    text.chars().take_while(|c| *c == '_').collect()
}

/// Replaces what is neither an ASCII letter nor a digit by separators.
fn ascii_words(text: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.replace(|c| !is_kept(c), "-")
}

/// Spells out what is neither an ASCII letter nor a digit.
fn spelled(text: &str) -> String {
    let mut words = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            words.push(c);
            continue;
        }
        let word = match c {
            '_' => "underscore",
            ' ' => "space",
            '-' => "hyphen",
            '.' => "dot",
            ',' => "comma",
            ':' => "colon",
            ';' => "semicolon",
            '/' => "slash",
            '\\' => "backslash",
            '+' => "plus",
            '*' => "star",
            '=' => "equal",
            '<' => "less-than",
            '>' => "greater-than",
            '!' => "not",
            '&' => "and",
            '|' => "or",
            '%' => "percent",
            '#' => "hash",
            '@' => "at",
            '$' => "dollar",
            '\'' | '"' | '`' => "quote",
            other => {
                words.push_str(&format!("-u{:x}-", u32::from(other)));
                continue;
            }
        };
        words.push('-');
        words.push_str(word);
        words.push('-');
    }
    words
}

#[cfg(test)]
mod tests;
