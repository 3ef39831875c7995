//! Tests of the `xtask` program as a process: output, exit codes, and files on disk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "panics fail the test")]

mod codegen;
mod drift;
mod fragment;
mod generated_types;
#[cfg(unix)]
mod readme;
mod support;
mod whole_document;
