//! What was found, for people and for machines.

mod json;
mod text;

use std::path::PathBuf;

use super::finding::{Class, Finding};

/// Every difference between the fragment and another document.
#[derive(Debug)]
pub struct Report {
    /// The fragment's file.
    pub fragment: PathBuf,
    /// The other document's file.
    pub against: PathBuf,
    /// The operations that were compared.
    pub operations: Vec<String>,
    /// The differences, the gravest first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many findings are of a class.
    pub fn count(&self, class: Class) -> usize {
        let of_class = self.findings.iter().filter(|found| found.class == class);
        of_class.count()
    }

    /// Whether something was found that is at least as grave as `least`.
    pub fn drifts(&self, least: Class) -> bool {
        self.findings.iter().any(|found| found.class <= least)
    }
}
