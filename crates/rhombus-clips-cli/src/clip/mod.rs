//! The program's view of a clip and of the events in its watch.
//!
//! The SDK's types are converted here into owned, displayable values, so that `output` formats them
//! without access to a client or a record.

pub(crate) mod clip_uuid_schema;
pub(crate) mod deduplicator;
pub(crate) mod details;
pub(crate) mod error_response;
pub(crate) mod event;
pub(crate) mod remaining_time;
pub(crate) mod state;
