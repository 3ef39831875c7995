//! The report as people read it in a terminal, or in an issue.

use std::fmt::Write as _;

use super::Report;
use crate::drift::finding::{Class, Finding};
use crate::error::one_line;
use crate::workspace;

impl Report {
    /// The report as text: a line with the counts, then the findings class by class.
    pub fn to_text(&self) -> String {
        let fragment = workspace::relative(&self.fragment).display().to_string();
        let against = workspace::relative(&self.against).display().to_string();
        if self.findings.is_empty() {
            let operations = self.operations.join(", ");
            let text = format!("no drift: {fragment} and {against} agree about {operations}");
            return format!("{}\n", one_line(&text));
        }
        let counts = Class::ALL.map(|class| format!("{} {class}", self.count(class)));
        let heading = format!("{fragment} -> {against}: {}", counts.join(", "));
        let mut text = format!("{}\n", one_line(&heading));
        for class in Class::ALL {
            let findings = self.findings.iter().filter(|found| found.class == class);
            for (index, finding) in findings.enumerate() {
                if index == 0 {
                    // Writing to a string does not fail.
                    let _ = writeln!(text, "\n{class}");
                }
                text.push_str(&entry(finding));
            }
        }
        text
    }
}

fn entry(finding: &Finding) -> String {
    let item = finding.item.as_deref().unwrap_or("(not in our types)");
    format!(
        "  {} {}\n      {}\n      at {}\n",
        finding.kind.as_str(),
        one_line(item),
        one_line(&finding.message),
        one_line(&finding.pointer),
    )
}
