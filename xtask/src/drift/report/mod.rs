//! The drift report, with renderings as text and as JSON.

mod json;
mod text;

use std::path::PathBuf;

use super::finding::{Class, Finding};

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
}
