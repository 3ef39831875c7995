//! JSON rendering of the drift report.
//!
//! ```json
//! {
//!   "schemaVersion": 1,
//!   "fragment": "openapi/get-clip-with-progress.json",
//!   "against": "public.json",
//!   "operations": ["getClipWithProgress"],
//!   "failOn": "docs",
//!   "drift": true,
//!   "counts": { "breaking": 0, "additive": 1, "docs": 0 },
//!   "findings": [
//!     {
//!       "class": "additive",
//!       "kind": "added",
//!       "pointer": "/components/schemas/ClipStatusEnum/enum/8",
//!       "item": "ClipStatus::Paused",
//!       "message": "enum value added: PAUSED"
//!     }
//!   ]
//! }
//! ```
//!
//! - `schemaVersion` is incremented by incompatible changes. New members may be added without an
//!   increment. The wording of `message` is not stable.
//! - `failOn` is the least severe class that fails the command, and `drift` whether a finding reaches
//!   it; the exit code is then 1.
//! - `class` is `breaking`, `additive` or `docs`; `kind` is `added`, `removed` or `changed`.
//! - `pointer` refers to the other document if the element was added, otherwise to the fragment.
//! - `item` is null for elements that are not in the generated types.
//! - Findings are sorted by class, most severe first, then by pointer.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::DriftReport;
use crate::drift::finding::{Class, Finding};
use crate::spec::to_canonical_json;
use crate::workspace;

const SCHEMA_VERSION: u32 = 1;

impl DriftReport {
    /// Renders the report as JSON; `threshold` is the least severe class that counts as drift.
    pub fn to_json(&self, threshold: Class) -> String {
        let counts = Class::ALL.map(|class| (class.as_str(), self.count(class)));
        let report = json!({
            "schemaVersion": SCHEMA_VERSION,
            "fragment": workspace::relative(&self.fragment).display().to_string(),
            "against": workspace::relative(&self.against).display().to_string(),
            "operations": self.operations,
            "failOn": threshold.as_str(),
            "drift": self.has_drift(threshold),
            "counts": BTreeMap::from(counts),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
        });
        to_canonical_json(&report)
    }
}

fn finding(finding: &Finding) -> Value {
    json!({
        "class": finding.class.as_str(),
        "kind": finding.kind.as_str(),
        "pointer": finding.pointer,
        "item": finding.item,
        "message": finding.message,
    })
}
