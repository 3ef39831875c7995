//! The commands of the program, except for their arguments.

mod camera_lookup;
pub(crate) mod cameras;
pub(crate) mod cancel;
mod clip_request;
mod confirmation;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod doctor;
pub(crate) mod download;
mod each_clip;
pub(crate) mod export;
mod file_session;
pub(crate) mod generate;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod retry;
pub(crate) mod simulate;
pub(crate) mod update;
pub(crate) mod watch;
