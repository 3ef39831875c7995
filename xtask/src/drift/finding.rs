//! A single difference and its classification.

use std::fmt;

/// Effect of a difference on users of the generated types, most severe first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Code that uses the generated types no longer compiles, or its requests fail.
    Breaking,
    /// Something was added; existing elements are unchanged.
    Additive,
    /// Documentation, or a change that does not affect the generated types.
    Docs,
}

impl Class {
    /// All classes, most severe first.
    pub const ALL: [Self; 3] = [Self::Breaking, Self::Additive, Self::Docs];

    /// Returns the name used in reports.
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

/// Kind of a change, from the fragment to the other document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Present only in the other document.
    Added,
    /// Present only in the fragment.
    Removed,
    /// Present in both, with different values.
    Changed,
}

impl ChangeKind {
    /// Returns the name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A difference. Findings are ordered by class, then by pointer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The effect of the change.
    pub class: Class,
    /// The location: in the other document if added, otherwise in the fragment.
    pub pointer: String,
    /// The kind of change.
    pub kind: ChangeKind,
    /// The affected Rust item; `None` if the generated types do not contain it.
    pub item: Option<String>,
    /// Human-readable description of the change.
    pub message: String,
}
