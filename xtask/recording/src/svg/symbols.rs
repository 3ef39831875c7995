//! SVG definitions of runs and lines that are used by several frames.

use std::collections::HashMap;

use crate::screen::{Line, Run};

/// Runs and lines with their element ids.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    runs: HashMap<Run, usize>,
    lines: HashMap<Line, usize>,
    definitions: String,
}

impl Symbols {
    /// Returns the element id of a line; `None` if it is empty.
    pub(super) fn line(&mut self, line: &Line) -> Option<String> {
        if line.is_empty() {
            return None;
        }
        let known = self.lines.get(line).copied();
        let number = known.unwrap_or_else(|| {
            let runs: String = line
                .iter()
                .map(|run| format!("<use href=\"#r{}\"/>", self.run(run)))
                .collect();
            let number = self.lines.len();
            self.lines.insert(line.clone(), number);
            self.definitions
                .push_str(&format!("<g id=\"l{number}\">{runs}</g>\n"));
            number
        });
        Some(format!("l{number}"))
    }

    fn run(&mut self, run: &Run) -> usize {
        let known = self.runs.get(run).copied();
        known.unwrap_or_else(|| {
            let number = self.runs.len();
            self.runs.insert(run.clone(), number);
            let text = super::text(run).replacen("<text", &format!("<text id=\"r{number}\""), 1);
            self.definitions.push_str(&format!("{text}\n"));
            number
        })
    }

    pub(super) fn definitions(&self) -> String {
        format!("<defs>\n{}</defs>\n", self.definitions)
    }
}
