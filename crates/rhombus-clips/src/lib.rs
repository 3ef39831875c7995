//! Look up Rhombus video clips, and know the moment one is done.
//!
//! Rhombus is a cloud for security cameras. A saved clip is rendered in the background; this
//! crate asks for one clip with the progress of its rendering, or watches it to its end.
//!
//! ```
//! use rhombus_clips::{Client, ClipUuid};
//!
//! # use rhombus_clips_sim::prelude::*;
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let service = Service::start().await?.with_clip("Vu0s9xQbQ1OsHk3tLw6rWg", clip().renders_in(30.s()));
//! # /*
//! let client = Client::from_env()?; // RHOMBUS_API_KEY
//! # */
//! # let client = Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
//! let uuid: ClipUuid = "Vu0s9xQbQ1OsHk3tLw6rWg".parse()?;
//!
//! let clip = client.get_clip(uuid).await?; // as it is now
//! println!("{} {:?} percent", clip.status(), clip.percent());
//!
//! let clip = client.watch(uuid).await?; // the finished clip, or a typed error
//! println!("{:?} bytes", clip.byte_count());
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client`] holds the credentials and the connections; [`ClientBuilder`] sets it up. Make one
//!   and keep it: clones share what they know.
//! - [`Client::get_clip`] looks a clip up, [`Client::watch`] waits for its end, and
//!   [`Client::watch_all`] for that of many.
//! - [`Clip`] answers what people ask of a clip; [`Clip::record`] has all that the service said.
//! - [`Error`] says what went wrong, by [`Error::kind`] and by predicates.
//!
//! The crate needs a Tokio runtime with its timer enabled.
//!
//! # Guide
//!
//! | chapter | what it tells |
//! |---|---|
//! | [Errors](guide::errors) | every kind, whether it is tried again, and what to do about it |
//! | [Watching one clip](guide::watching) | to its end, with progress; deadline, grace, interval |
//! | [Watching many](guide::many) | any number in one stream; adding and removing on the way |
//! | [PollPolicy](guide::polling) | when a watch looks; a poll policy of your own |
//! | [Retries and limits](guide::limits) | what is tried again; rate limits, time limits |
//! | [Stop and go on](guide::resuming) | checkpoints: a watch that survives its process |
//! | [Testing your own code](guide::testing) | the service, simulated, in no time |
//! | [Security](guide::security) | what keeps the API key safe |
//! | [Tracing](guide::tracing) | the spans and events, a table |
//! | [What is stable](guide::stability) | what may grow, and what is not promised |
//!
//! Whole programs are in the folder `examples` of the crate: a look-up, a progress bar, many clips,
//! a watch that goes on after Ctrl-C, and a web page that shows progress.
//!
//! # What it promises
//!
//! **A watch always ends**, with one of three answers: the clip is done, it failed and why, or the
//! watch stopped waiting and [here is how to go on](guide::resuming). What may pass is
//! [tried again](guide::limits), after the service's `Retry-After`; a deadline ends what does not
//! end by itself.
//!
//! **It asks seldom and notices soon.** The rate limit is the whole organization's, so a watch looks
//! [where looks are worth most](guide::polling).
//!
//! **It reads what is newer than itself.** Unknown properties and values are kept, and one odd
//! property [costs only itself](Clip::decode_issues).
//!
//! **The API key goes to the configured host alone**, and is [not shown](guide::security).
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `rustls` | yes | TLS by rustls, with the certificates that the platform trusts |
//! | `native-tls` | no | TLS by the platform's own library, also where `rustls` is enabled |
//! | `gzip` | no | answers may come compressed |
//! | `tracing` | yes | [spans and events](guide::tracing) |
//! | `uuid` | no | conversions between [`ClipUuid`] and `uuid::Uuid` |
//! | `schemars` | no | `schemars::JsonSchema` for the types in [`types`] |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod certificate;
mod client;
mod clip;
mod clip_uuid;
mod endpoint;
mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod get_clip;
#[cfg(doc)]
pub mod guide;
mod http;
mod http_client;
mod lifecycle;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod pem;
pub mod polling;
pub mod retry;
mod ruuid;
mod telemetry;
mod throttle;
mod time;
mod tls;
mod tls_failure;
mod transport;
mod watch;

pub use builder::ClientBuilder;
pub use client::Client;
pub use clip::Clip;
pub use clip_uuid::{ClipUuid, ParseClipUuidError};
pub use endpoint::Region;
pub use error::{Error, ErrorKind, Hint, Result, Setting};
pub use get_clip::GetClip;
pub use rhombus_clips_api::types::ClipStatus;
pub use rhombus_clips_api::{DecodeIssue, types};
pub use throttle::RateLimit;
pub use watch::{
    Checkpoint, ClipUpdate, PollResult, Step, Update, Watch, WatchAll, WatchAllStream, WatchHandle,
    WatchPolicies, WatchStream,
};
