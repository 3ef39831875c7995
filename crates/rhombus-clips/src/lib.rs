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
//! - [`Client::clip`] is one look at a clip, [`Client::watch`] waits for its end.
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
//! | `uuid` | no | conversions between [`ClipUuid`] and `uuid::Uuid` |
//! | `schemars` | no | `schemars::JsonSchema` for the types in [`types`] |

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
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod pem;
pub mod retry;
mod ruuid;
mod throttle;
mod tls;
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
pub use watch::{Checkpoint, Update, Updates, Watch};
