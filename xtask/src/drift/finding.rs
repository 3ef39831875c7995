//! One difference, and what it means.

use std::fmt;

/// What a difference means for a consumer of our types. The gravest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Code that uses our types stops compiling, or requests that it sends stop working.
    Breaking,
    /// Something is new, and what was there is as before.
    Additive,
    /// Documentation, or what our types take either way.
    Docs,
}

impl Class {
    /// Every class, the gravest first.
    pub const ALL: [Self; 3] = [Self::Breaking, Self::Additive, Self::Docs];

    /// The class as people and machines read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Additive => "additive",
            Self::Docs => "docs",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What happened, seen from the fragment to the other document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Only the other document has it.
    Added,
    /// Only the fragment has it.
    Removed,
    /// Both have it, and it is not the same.
    Changed,
}

impl Kind {
    /// The kind as people and machines read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// One difference. Findings order by class, then by place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What it means.
    pub class: Class,
    /// Where: in the other document for what was added, else in the fragment.
    pub pointer: String,
    /// What happened.
    pub kind: Kind,
    /// What it touches in Rust; none when nothing of it is in our types.
    pub item: Option<String>,
    /// What it is, in a sentence.
    pub message: String,
}
