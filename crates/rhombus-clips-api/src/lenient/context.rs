//! State that is passed along while decoding descends into a value.

use serde_json::Value;

use super::{IssueCollector, JsonPath};

/// Current path, and the collector of decode issues.
///
/// Readers hold a reference to it, not a copy: a reader of two words is passed in registers, while
/// a larger one is copied through memory, and reading back what was just written stalls the
/// processor.
pub(crate) struct Context<'c> {
    pub(super) path: JsonPath<'c>,
    pub(super) issues: &'c mut IssueCollector,
}

impl Context<'_> {
    /// Records a value at the current path that does not fit.
    #[cold]
    pub(super) fn record_invalid(&mut self, value: Value, expected: &str) {
        self.issues.record_invalid(&self.path, value, expected);
    }
}
