//! Output of a benchmark: text, or with `--json` the figures that `cargo xtask bench` reads.

use std::fmt::Display;

use serde_json::{Map, Value};

/// Prints text lines, or all figures by name as one JSON object.
pub(crate) struct BenchReport {
    json: bool,
    figures: Map<String, Value>,
}

impl BenchReport {
    /// Creates a report in the format that the command line requests.
    pub(crate) fn new() -> Self {
        Self {
            json: std::env::args().any(|argument| argument == "--json"),
            figures: Map::new(),
        }
    }

    /// Prints a line, unless the format is JSON.
    pub(crate) fn line(&self, line: impl Display) {
        if !self.json {
            println!("{line}");
        }
    }

    /// Adds a figure to the JSON object.
    pub(crate) fn figure(&mut self, name: &str, value: f64) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// Prints the JSON object, if that is the format.
    pub(crate) fn finish(self) {
        if self.json {
            println!("{}", Value::Object(self.figures));
        }
    }
}
