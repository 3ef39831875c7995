//! Properties of the whole workspace: public API, documentation, language, dependencies and secrets.

mod architecture;
mod auto_traits;
// The command line of a process is read from Linux's `/proc`.
#[cfg(target_os = "linux")]
mod canary;
mod dependencies;
mod doc_examples;
mod examples;
mod imports;
mod links;
mod prose;
mod public_api;
mod readme;
mod repository;
mod rust_segments;
