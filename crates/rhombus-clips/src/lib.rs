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
//! - [`Client::clip`] looks a clip up, [`Client::watch`] waits for its end, and
//!   [`Client::watch_all`] for that of many.
//! - [`Clip`] answers what people ask of a clip; [`Clip::record`] has all that the service said.
//! - [`Error`] says what went wrong, by [`Error::kind`] and by predicates.
//!
//! The crate needs a Tokio runtime with its timer enabled.
//!
//! # A watch always ends
//!
//! With one of three answers: the clip is done, it failed and why, or the watch stopped waiting
//! and here is how to go on.
//!
//! - A request that fails in a way that may pass (no connection, a late or broken answer, 408,
//!   429, 5xx) is an [`Update`] with the error, and tried again with back-off. A
//!   [policy](retry) decides, per client or per call; a budget keeps an outage from being
//!   multiplied. What will not pass, such as a wrong key, ends the watch.
//! - After a 429 all calls of a client wait together, for as long as the service asks.
//!   [`ClientBuilder::rate_limit`] keeps a client below the limit of its organization.
//! - Every attempt, look-up and watch has a time limit: [`ClientBuilder::attempt_timeout`] (30
//!   seconds), [`ClientBuilder::lookup_deadline`] (60 seconds), [`Watch::deadline`] (30 minutes).
//! - An answer about another clip, or one whose body is longer than
//!   [`ClientBuilder::body_limit`] (8 MiB, after decompression), is an error.
//!
//! # Stop and go on
//!
//! A [`Checkpoint`] is where a watch stands, as a short text. From it the watch goes on in another
//! process, with its deadline and its [`pacing`] kept:
//!
//! ```no_run
//! # use rhombus_clips::{Client, Result};
//! # async fn example(client: Client, kept: String) -> Result<()> {
//! let clip = match client.resume(kept.parse()?).await {
//!     Ok(clip) => clip,
//!     Err(error) => {
//!         // `None` after the clip's own end: it failed, was deleted, or never was.
//!         println!("{error}; go on with {:?}", error.checkpoint().map(ToString::to_string));
//!         return Err(error);
//!     }
//! };
//! # println!("{:?}", clip.title());
//! # Ok(())
//! # }
//! ```
//!
//! # What keeps the API key safe
//!
//! - It is sent to the configured host alone: redirects are not followed, plain HTTP is for
//!   loopback addresses unless
//!   [a loudly named switch](ClientBuilder::danger_api_key_over_plain_http) says otherwise, and TLS
//!   is 1.2 at least.
//! - It is wiped from memory with the last clone of its client (but for copies in the HTTP
//!   library's buffers), and its header is marked as sensitive.
//! - No `Debug`, error or [trace](#tracing) of this crate shows it. Where an answer echoes it, it
//!   reads `[hidden]`.
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
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
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
