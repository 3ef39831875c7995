//! What was measured, for people, or with `--json` for a machine.

use std::fmt::Display;

use serde_json::{Map, Value};

/// Lines for people, or else all figures by their names as one JSON object.
pub(crate) struct Report {
    json: bool,
    figures: Map<String, Value>,
}

impl Report {
    /// As the command line says.
    pub(crate) fn new() -> Self {
        Self {
            json: std::env::args().any(|argument| argument == "--json"),
            figures: Map::new(),
        }
    }

    /// A line for people.
    pub(crate) fn line(&self, line: impl Display) {
        if !self.json {
            println!("{line}");
        }
    }

    /// A figure for machines.
    pub(crate) fn figure(&mut self, name: &str, value: f64) {
        self.figures.insert(name.to_owned(), value.into());
    }

    /// The end of the report.
    pub(crate) fn end(self) {
        if self.json {
            println!("{}", Value::Object(self.figures));
        }
    }
}
