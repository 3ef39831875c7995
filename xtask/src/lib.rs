//! The maintainer's commands, as a library that the workspace's tests call too.

mod bench;
pub mod cli;
pub mod codegen;
pub mod drift;
pub mod error;
pub mod fragment;
pub mod spec;
pub mod workspace;
