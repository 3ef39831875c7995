//! The report as machines read it.
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
//!       "message": "a new value: PAUSED"
//!     }
//!   ]
//! }
//! ```
//!
//! - `schemaVersion` grows when a reader of the present form could no longer read it. Members may
//!   be added without that, and `message` is for people: its wording may change.
//! - `failOn` is the least class that counts, and `drift` whether something counts: the exit code
//!   is then 1.
//! - `class` is `breaking`, `additive` or `docs`; `kind` is `added`, `removed` or `changed`.
//! - `pointer` leads into the other document for what was added, else into the fragment.
//! - `item` is null for what is in none of our types.
//! - Findings are in order: by class, the gravest first, then by pointer.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Report;
use crate::drift::finding::{Class, Finding};
use crate::spec::to_canonical_json;
use crate::workspace;

const SCHEMA_VERSION: u32 = 1;

impl Report {
    /// The report as JSON; `least` is the least grave class that counts.
    pub fn to_json(&self, least: Class) -> String {
        let counts = Class::ALL.map(|class| (class.as_str(), self.count(class)));
        let report = json!({
            "schemaVersion": SCHEMA_VERSION,
            "fragment": workspace::relative(&self.fragment).display().to_string(),
            "against": workspace::relative(&self.against).display().to_string(),
            "operations": self.operations,
            "failOn": least.as_str(),
            "drift": self.drifts(least),
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
