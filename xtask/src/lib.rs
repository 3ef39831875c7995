//! The maintainer's commands, as a library that the workspace's tests call too.

pub mod cli;
pub mod codegen;
pub mod error;
pub mod workspace;
