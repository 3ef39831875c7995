//! Text rendering of the drift report, for a terminal or an issue.

use std::fmt::Write as _;

use super::DriftReport;
use crate::drift::finding::{Class, Finding};
use crate::error::sanitize_line;
use crate::workspace;

impl DriftReport {
    /// Renders the report as text: a line with the counts, then the findings grouped by class.
    pub fn to_text(&self) -> String {
        let fragment = workspace::relative(&self.fragment).display().to_string();
        let against = workspace::relative(&self.against).display().to_string();
        if self.findings.is_empty() {
            let operations = self.operations.join(", ");
            let text = format!("no drift: {fragment} and {against} agree on {operations}");
            return format!("{}\n", sanitize_line(&text));
        }
        let counts = Class::ALL.map(|class| format!("{} {class}", self.count(class)));
        let heading = format!("{fragment} -> {against}: {}", counts.join(", "));
        let mut text = format!("{}\n", sanitize_line(&heading));
        for class in Class::ALL {
            let findings = self.findings.iter().filter(|found| found.class == class);
            for (index, finding) in findings.enumerate() {
                if index == 0 {
                    // Writing to a `String` cannot fail.
                    let _ = writeln!(text, "\n{class}");
                }
                text.push_str(&entry(finding));
            }
        }
        text
    }
}

fn entry(finding: &Finding) -> String {
    let item = finding
        .item
        .as_deref()
        .unwrap_or("(not in the generated types)");
    format!(
        "  {} {}\n      {}\n      at {}\n",
        finding.kind.as_str(),
        sanitize_line(item),
        sanitize_line(&finding.message),
        sanitize_line(&finding.pointer),
    )
}
