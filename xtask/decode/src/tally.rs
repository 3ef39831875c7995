//! How recorded answers came through.

use std::collections::BTreeMap;
use std::fmt;

use rhombus_clips_api::DecodeIssue;
use rhombus_clips_api::types::GetClipWithProgressResponse;

use crate::place::Places;

/// How many failures are shown with their line.
const SHOWN: usize = 20;

/// Counts of answers, and of what was odd in them.
#[derive(Debug)]
pub(crate) struct Tally {
    places: Places,
    clean: u64,
    decode_issues: u64,
    failed: u64,
    odd: BTreeMap<(String, String), u64>,
    failures: Vec<(u64, String)>,
}

impl Tally {
    /// No answer yet.
    pub(crate) fn new() -> Self {
        Self {
            places: Places::new(),
            clean: 0,
            decode_issues: 0,
            failed: 0,
            odd: BTreeMap::new(),
            failures: Vec::new(),
        }
    }

    /// Decodes and counts the answer on a line.
    pub(crate) fn count(&mut self, line: u64, body: &[u8]) {
        match rhombus_clips_api::decode::<GetClipWithProgressResponse>(body) {
            Ok(answer) if answer.decode_issues.is_empty() => self.clean += 1,
            Ok(answer) => {
                self.decode_issues += 1;
                for DecodeIssue {
                    pointer, reason, ..
                } in answer.decode_issues
                {
                    let place = self.places.general(&pointer);
                    *self.odd.entry((place, reason)).or_default() += 1;
                }
            }
            Err(error) => {
                self.failed += 1;
                if self.failures.len() < SHOWN {
                    self.failures.push((line, error.to_string()));
                }
            }
        }
    }

    /// How many answers could not be decoded.
    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "answers  {:>9}",
            self.clean + self.decode_issues + self.failed
        )?;
        writeln!(f, "clean    {:>9}", self.clean)?;
        writeln!(f, "with issues {:>6}", self.decode_issues)?;
        let mut odd: Vec<_> = self.odd.iter().collect();
        odd.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for ((pointer, reason), count) in odd {
            writeln!(f, "         {count:>9}  {pointer}: {reason}")?;
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
