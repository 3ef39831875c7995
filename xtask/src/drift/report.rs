//! Findings, and the report of them as text or as JSON.
//!
//! ```json
//! {
//!   "schemaVersion": 1,
//!   "fragment": "openapi/clips.json",
//!   "against": "public.json",
//!   "operations": ["getClipWithProgress"],
//!   "failOn": "docs",
//!   "drift": true,
//!   "counts": { "breaking": 0, "additive": 1, "docs": 0 },
//!   "findings": [
//!     {
//!       "class": "additive",
//!       "kind": "added",
//!       "pointer": "/components/schemas/ClipStatusEnum/enum/8",
//!       "item": "ClipStatus::Paused",
//!       "message": "enum value added: PAUSED"
//!     }
//!   ]
//! }
//! ```
//!
//! - `schemaVersion` is incremented by incompatible changes. New members may be added without an
//!   increment. The wording of `message` is not stable.
//! - `failOn` is the least severe class that fails the command, and `drift` whether a finding reaches
//!   it; the exit code is then 1.
//! - `class` is `breaking`, `additive` or `docs`; `kind` is `added`, `removed` or `changed`.
//! - `pointer` refers to the other document if the element was added, otherwise to the fragment.
//! - `item` is null for elements that are not in the generated types.
//! - Findings are sorted by class, most severe first, then by pointer.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::json;

use crate::spec::to_canonical_json;
use crate::terminal::sanitize_line;
use crate::workspace;

/// Version of the JSON report.
const SCHEMA_VERSION: u32 = 1;

/// Effect of a difference on users of the generated types, most severe first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Present only in the other document.
    Added,
    /// Present only in the fragment.
    Removed,
    /// Present in both, with different values.
    Changed,
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        })
    }
}

/// A difference. Findings are ordered by class, then by pointer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

/// All differences between the fragment and another document.
#[derive(Debug)]
pub struct DriftReport {
    /// The file of the fragment.
    pub fragment: PathBuf,
    /// The file of the other document.
    pub against: PathBuf,
    /// The ids of the compared operations.
    pub operations: Vec<String>,
    /// The differences, most severe first.
    pub findings: Vec<Finding>,
}

impl DriftReport {
    /// Returns the number of findings in a class.
    pub fn count(&self, class: Class) -> usize {
        let of_class = self.findings.iter().filter(|found| found.class == class);
        of_class.count()
    }

    /// Returns whether any finding is at least as severe as `threshold`.
    pub fn has_drift(&self, threshold: Class) -> bool {
        self.findings.iter().any(|found| found.class <= threshold)
    }

    /// Renders the report as text: a line with the counts, then the findings grouped by class. An entry
    /// names the first location of a change; the JSON report has all.
    pub fn to_text(&self) -> String {
        let fragment = workspace::relative(&self.fragment).display().to_string();
        let against = workspace::relative(&self.against).display().to_string();
        if self.findings.is_empty() {
            // Chosen: fits one line of output; not tuned.
            const MAX_NAMED: usize = 5;
            let operations = match self.operations.len() {
                1..=MAX_NAMED => self.operations.join(", "),
                count => format!("{count} operations"),
            };
            let text = format!("no drift: {fragment} and {against} agree on {operations}");
            return format!("{}\n", sanitize_line(&text));
        }
        let counts = Class::ALL.map(|class| format!("{} {class}", self.count(class)));
        let heading = format!("{fragment} -> {against}: {}", counts.join(", "));
        let mut text = format!("{}\n", sanitize_line(&heading));
        for class in Class::ALL {
            for (index, group) in self.groups(class).iter().enumerate() {
                if index == 0 {
                    // Writing to a `String` cannot fail.
                    let _ = writeln!(text, "\n{class}");
                }
                text.push_str(&entry(group));
            }
        }
        text
    }

    /// Returns the findings of a class, grouped by what happened to which item: a change of what many
    /// operations share is one entry.
    fn groups(&self, class: Class) -> Vec<Vec<&Finding>> {
        let mut groups: Vec<Vec<&Finding>> = Vec::new();
        let mut indices = BTreeMap::new();
        for finding in self.findings.iter().filter(|found| found.class == class) {
            let key = (finding.kind, &finding.item, &finding.message);
            let index = *indices.entry(key).or_insert(groups.len());
            match groups.get_mut(index) {
                Some(group) => group.push(finding),
                None => groups.push(vec![finding]),
            }
        }
        groups
    }

    /// Renders the report as JSON; `threshold` is the least severe class that counts as drift.
    pub fn to_json(&self, threshold: Class) -> String {
        let counts = Class::ALL.map(|class| (class.as_str(), self.count(class)));
        let report = json!({
            "schemaVersion": SCHEMA_VERSION,
            "fragment": workspace::relative(&self.fragment).display().to_string(),
            "against": workspace::relative(&self.against).display().to_string(),
            "operations": self.operations,
            "failOn": threshold.as_str(),
            "drift": self.has_drift(threshold),
            "counts": BTreeMap::from(counts),
            "findings": self.findings,
        });
        to_canonical_json(&report)
    }
}

fn entry(group: &[&Finding]) -> String {
    let Some((finding, others)) = group.split_first() else {
        return String::new();
    };
    let item = finding
        .item
        .as_deref()
        .unwrap_or("(not in the generated types)");
    let more = match others.len() {
        0 => String::new(),
        count => format!(", and {count} more"),
    };
    format!(
        "  {} {}\n      {}\n      at {}{more}\n",
        finding.kind,
        sanitize_line(item),
        sanitize_line(&finding.message),
        sanitize_line(&finding.pointer),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_of_many_operations_is_one_entry_of_the_text() {
        let finding = |pointer: &str, message: &str| Finding {
            class: Class::Breaking,
            pointer: pointer.to_owned(),
            kind: ChangeKind::Changed,
            item: Some("Credentials".to_owned()),
            message: message.to_owned(),
        };
        let report = DriftReport {
            fragment: "a.json".into(),
            against: "b.json".into(),
            operations: Vec::new(),
            findings: ["/a", "/b", "/c"]
                .iter()
                .flat_map(|pointer| [finding(pointer, "one"), finding(pointer, pointer)])
                .collect(),
        };
        let text = report.to_text();
        let locations: Vec<&str> = text.lines().filter(|line| line.contains(" at ")).collect();
        let locations: Vec<&str> = locations.iter().map(|line| line.trim()).collect();
        assert_eq!(locations, ["at /a, and 2 more", "at /a", "at /b", "at /c"]);
        assert!(text.contains("6 breaking"));
        let json: serde_json::Value = serde_json::from_str(&report.to_json(Class::Docs)).unwrap();
        assert_eq!(json["findings"].as_array().map(Vec::len), Some(6));
    }
}
