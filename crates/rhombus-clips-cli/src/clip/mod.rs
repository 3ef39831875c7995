//! What is known of a clip, and what happens to it.

pub(crate) mod changes;
pub(crate) mod clip_uuid_schema;
pub(crate) mod details;
pub(crate) mod event;
pub(crate) mod reply;
pub(crate) mod state;
pub(crate) mod time_left;
