//! The settings of an export that its stream needs.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::checkpoint::ExportCheckpoint;
use crate::{CreateClip, Download};

/// Stores a checkpoint durably.
pub(super) type Store = Arc<dyn Fn(&ExportCheckpoint) -> io::Result<()> + Send + Sync>;

/// Settings of the parts of an export.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) directory: PathBuf,
    pub(super) store: Option<Store>,
    pub(super) create: Arc<dyn Fn(CreateClip) -> CreateClip + Send + Sync>,
    pub(super) download: Arc<dyn Fn(Download) -> Download + Send + Sync>,
}
