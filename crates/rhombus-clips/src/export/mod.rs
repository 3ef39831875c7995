//! Exports: from a camera and a time to a verified file.
//!
//! [`state`] decides what is requested, watched, downloaded and stored next, and is pure. [`stream`] executes it:
//! it owns the requests, one stream of watches and the downloads, and yields the stages.

mod builder;
mod checkpoint;
mod checkpoint_file;
mod client;
mod settings;
mod state;
mod stream;
mod update;

pub use builder::Export;
pub use checkpoint::ExportCheckpoint;
pub use stream::ExportStream;
pub use update::{ExportUpdate, ExportedClip};
