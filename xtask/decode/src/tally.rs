//! Counts of decoded responses, decode issues and failures.
//!
//! Memory is bounded by the number of distinct issues, not by the number of responses: recordings may
//! be arbitrarily long.

use std::collections::BTreeMap;
use std::fmt;

use rhombus_clips_api::DecodeIssue;
use rhombus_clips_api::types::GetClipWithProgressResponse;

use crate::schema_path::SchemaPaths;

/// Maximum number of failures that are listed individually. Chosen: fits one screen; not tuned.
const MAX_LISTED_FAILURES: usize = 20;

/// Counts of responses and their decode issues.
#[derive(Debug)]
pub(crate) struct Tally {
    schema_paths: SchemaPaths,
    clean: u64,
    with_issues: u64,
    failed: u64,
    issues: BTreeMap<(String, String), u64>,
    failures: Vec<(u64, String)>,
}

impl Tally {
    /// Creates an empty tally.
    pub(crate) fn new() -> Self {
        Self {
            schema_paths: SchemaPaths::new(),
            clean: 0,
            with_issues: 0,
            failed: 0,
            issues: BTreeMap::new(),
            failures: Vec::new(),
        }
    }

    /// Decodes and counts the response on a line.
    pub(crate) fn count(&mut self, line: u64, body: &[u8]) {
        match rhombus_clips_api::decode::<GetClipWithProgressResponse>(body) {
            Ok(response) if response.decode_issues.is_empty() => self.clean += 1,
            Ok(response) => {
                self.with_issues += 1;
                for DecodeIssue {
                    pointer, reason, ..
                } in response.decode_issues
                {
                    let path = self.schema_paths.generalize(&pointer);
                    *self.issues.entry((path, reason)).or_default() += 1;
                }
            }
            Err(error) => {
                self.failed += 1;
                if self.failures.len() < MAX_LISTED_FAILURES {
                    self.failures.push((line, error.to_string()));
                }
            }
        }
    }

    /// Returns the number of responses that could not be decoded.
    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "responses{:>9}",
            self.clean + self.with_issues + self.failed
        )?;
        writeln!(f, "clean    {:>9}", self.clean)?;
        writeln!(f, "with issues {:>6}", self.with_issues)?;
        let mut issues: Vec<_> = self.issues.iter().collect();
        issues.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for ((path, reason), count) in issues {
            writeln!(f, "         {count:>9}  {path}: {reason}")?;
        }
        writeln!(f, "failed   {:>9}", self.failed)?;
        for (line, reason) in &self.failures {
            writeln!(f, "           line {line}: {reason}")?;
        }
        let more = self.failed - self.failures.len() as u64;
        if more > 0 {
            writeln!(f, "           and {more} more")?;
        }
        Ok(())
    }
}
