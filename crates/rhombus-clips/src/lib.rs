//! Look up Rhombus video clips, and know the moment one is done.
//!
//! Rhombus is a cloud for security cameras. A saved clip is rendered in the background; this
//! crate asks for one clip with the progress of its rendering, or watches it to its end.
//!
//! ```no_run
//! use rhombus_clips::{Client, ClipUuid};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?; // RHOMBUS_API_KEY
//! let uuid: ClipUuid = "AAAAAAAAAAAAAAAAAAAAAA".parse()?;
//! let clip = client.watch(uuid).await?; // the finished clip, or a typed error
//! # println!("{:?}", clip.title());
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client`] holds the credentials and the connections; [`ClientBuilder`] sets it up.
//! - [`Client::clip`] is one look at a clip, [`Client::watch`] waits for its end, and
//!   [`Client::watch_all`] for that of many.
//! - [`Clip`] answers what people ask of a clip; [`Clip::record`] has all that the service said.
//! - [`Error`] says what went wrong, by [`Error::kind`] and by predicates.
//!
//! The crate needs a Tokio runtime with its timer enabled.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `rustls` | yes | TLS by rustls, with the certificates that the platform trusts |
//! | `native-tls` | no | TLS by the platform's own library, also where `rustls` is enabled |
//! | `gzip` | no | answers may come compressed |
//! | `tracing` | yes | [spans and events](#tracing) |
//! | `uuid` | no | conversions between [`ClipUuid`] and `uuid::Uuid` |
//! | `schemars` | no | `schemars::JsonSchema` for the types in [`types`] |
//!
//! # Tracing
//!
//! With the feature `tracing`, the target `rhombus_clips` has these spans and events, and no
//! others:
//!
//! | | level | fields |
//! |---|---|---|
//! | span `attempt` | `DEBUG` | `operation`, `clip_uuid`, `attempt`, `status`, `elapsed_ms`, `retry_after_ms`, `error_kind` |
//! | event `attempt succeeded` | `DEBUG` | `status`, `elapsed_ms` |
//! | event `attempt failed` | `WARN` | `status`, `elapsed_ms`, `retry_after_ms`, `error_kind` |
//! | event `trying again` | `DEBUG` | `operation`, `clip_uuid`, `attempt`, `wait_ms` |
//! | event `watch ended` | `INFO` | `operation`, `clip_uuid`, `attempts`, `elapsed_ms`, `error_kind` |
//!
//! The span is one request and its answer. The first two events are in it; the others come
//! between two attempts and after the last one.
//!
//! | field | what it is |
//! |---|---|
//! | `operation` | `getClipWithProgress` |
//! | `clip_uuid` | the clip, 22 characters |
//! | `attempt` | which attempt of the look-up or watch it is, 1 for the first |
//! | `attempts` | how many attempts the watch made |
//! | `status` | the HTTP status; absent when no answer came |
//! | `elapsed_ms` | how long the attempt or the watch took, in milliseconds |
//! | `retry_after_ms` | how long the service asked to wait, in milliseconds; absent when it did not |
//! | `wait_ms` | how long it is until the next attempt, in milliseconds; a [`RateLimit`] or other calls can make it longer |
//! | `error_kind` | the [`ErrorKind`]; absent after a success |
//!
//! An error's message may hold the service's own words, and is in none of them; neither are
//! bodies and the API key. The HTTP and TLS libraries have spans, events and records of their own.

mod builder;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod certificate;
mod client;
mod clip;
mod clip_uuid;
mod deadline;
mod endpoint;
mod error;
mod http_client;
mod lifecycle;
mod look;
mod looker;
mod lookup;
pub mod pacing;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod pem;
pub mod retry;
mod ruuid;
mod throttle;
mod tls;
mod tls_failure;
mod trace;
mod watch;

pub use builder::ClientBuilder;
pub use client::Client;
pub use clip::Clip;
pub use clip_uuid::{ClipUuid, ParseClipUuidError};
pub use endpoint::Region;
pub use error::{Error, ErrorKind, Result};
pub use lookup::Lookup;
pub use rhombus_clips_api::types::ClipStatus;
pub use rhombus_clips_api::{Degraded, types};
pub use throttle::RateLimit;
pub use watch::{
    AllUpdates, Checkpoint, ClipUpdate, Update, Updates, Watch, WatchAll, WatchHandle,
};
