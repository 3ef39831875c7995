//! The memory that decoding takes with the switches of `serde_json`, which make values larger.

#[path = "../../../../crates/rhombus-clips-api/tests/memory.rs"]
mod memory;
