//! Maintenance commands for the rhombus-clips workspace: code generation, OpenAPI extraction, drift
//! detection and benchmarks.
//!
//! The commands are a library, so that the workspace's tests can call them directly. This crate
//! generates the low-level client and therefore must not depend on it: commands that need the
//! generated types are separate packages, started by [`cli`].

mod bench;
pub mod cli;
pub mod codegen;
pub mod drift;
pub mod error;
pub mod extract;
pub mod file_set;
pub mod release;
pub mod spec;
mod terminal;
pub mod workspace;
