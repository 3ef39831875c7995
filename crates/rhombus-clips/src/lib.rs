//! Client for Rhombus video clips: from a camera and a time to a verified file.
//!
//! Rhombus is a cloud service for security cameras, which renders saved clips in the background.
//! This crate covers the life of a clip: it finds the camera, requests the clip once and no more, polls it
//! until it is done, with few requests and short delays, and downloads its file; and it lists, changes and ends
//! clips.
//!
//! # Getting started
//!
//! ```toml
//! [dependencies]
//! rhombus-clips = "0.1"
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! The crate requires a Tokio runtime with the time driver enabled; `#[tokio::main]` makes one. The features of Tokio
//! are for it; this crate enables those that it needs.
//!
//! - **An API key** of your organization is created in Rhombus's web console. [`Client::from_env`] reads it from the
//!   environment variable `RHOMBUS_API_KEY`. Keys of the European Union need
//!   [`region(Region::Eu)`](ClientBuilder::region).
//! - **A camera** is found by its name or UUID with [`Client::cameras`].
//! - **A clip's UUID** comes from [`Client::create_clip`], or from [`Client::list_clips`] for the clips that are saved.
//!
//! Without an account, the crate `rhombus-clips-sim` is the service, [simulated](guide::testing).
//!
//! ```
//! # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
//! # service.add_camera(camera("Loading dock"));
//! # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
//! # let start = end - std::time::Duration::from_secs(300);
//! # let directory = std::env::temp_dir().join("rhombus-clips-crate-export");
//! use rhombus_clips::{Client, NewClip};
//!
//! # /*
//! let client = Client::from_env()?; // RHOMBUS_API_KEY
//! # */
//! # let client: Client = client;
//! let cameras = client.cameras().await?;
//! let new_clip = NewClip::builder(cameras.find("loading dock")?, start..end).build()?;
//! for exported in client.export(new_clip).to_directory(&directory).await? {
//!     println!("{}: {}", exported.file().path().display(), exported.file().verification());
//! }
//! # std::fs::remove_dir_all(directory)?;
//! # });
//! ```
//!
//! A clip that exists already is awaited by its UUID:
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
//! let clip = client.get_clip(uuid).await?; // the current state
//! println!("{} {:?} percent", clip.status(), clip.percent());
//!
//! let clip = client.watch(uuid).await?; // the finished clip, or a typed error
//! println!("{:?} bytes", clip.byte_count());
//! # Ok(())
//! # }
//! ```
//!
//! # Overview
//!
//! - [`Client`] owns the credentials and the connections, and [`ClientBuilder`] configures it.
//!   Create one and share it: clones share connections, limits and statistics.
//! - [`Client::get_clip`] gets a clip, [`Client::watch`] polls a clip until it is done, and
//!   [`Client::watch_all`] polls any number of clips.
//! - [`Client::cameras`] finds a camera, [`Client::create_clip`] requests a clip of its footage, and
//!   [`Client::list_clips`] lists clips.
//! - [`Client::download`] loads the file of a clip, and [`Client::export`] does all of it: from a camera and a time
//!   to a verified file.
//! - [`Client::update_clip`], [`cancel_clip`](Client::cancel_clip), [`retry_clip`](Client::retry_clip) and
//!   [`delete_clip`](Client::delete_clip) change and end clips.
//! - [`Clip`] has typed accessors, and [`Clip::record`] returns the complete record of the service.
//! - [`Error`] is the only error type, with an [`ErrorKind`], predicates and accessors.
//!
//! # Guide
//!
//! | chapter | topic |
//! |---|---|
//! | [Errors](guide::errors) | every kind with its remedy, and whether it is retried |
//! | [Watching one clip](guide::watching) | awaiting the result, progress, settings |
//! | [Watching many clips](guide::many) | one stream for any number of clips, fairness, backpressure |
//! | [Creating a clip](guide::creating) | cameras, time ranges, footage, lost responses |
//! | [Downloading a file](guide::downloading) | files, streams, verification, interruptions, places |
//! | [Exporting](guide::exporting) | from a camera and a time to a verified file, many at once, resumed anywhere |
//! | [Finding, changing and ending clips](guide::listing) | lists and filters, update, cancel, retry, delete, other operations |
//! | [Open questions](guide::open_questions) | what the service leaves undocumented, and what this crate does |
//! | [Poll policies](guide::polling) | scheduling of polls, custom policies |
//! | [Retries and limits](guide::limits) | retry policies, rate limits, timeouts |
//! | [Resuming a watch](guide::resuming) | checkpoints that survive the process |
//! | [Testing your own code](guide::testing) | the simulated service and virtual time |
//! | [Security](guide::security) | protection of the API key, untrusted responses |
//! | [Tracing](guide::tracing) | spans, events and their fields |
//! | [Stability](guide::stability) | compatible additions, exclusions, external types |
//!
//! The folder `examples` contains complete programs: an export that resumes after it was killed, a single request,
//! a progress bar, many clips, a watch that resumes after Ctrl-C, and a web server that streams progress to browsers.
//!
//! # Guarantees
//!
//! **A watch always ends**: the clip is complete, failed or unknown to the service, or the
//! watch stopped with a checkpoint to [resume](guide::resuming) from. Transient failures are
//! [retried](guide::limits), `Retry-After` is honored, and every watch has a timeout.
//!
//! **Few requests, short delays.** The rate limit applies to the entire organization, so each poll
//! is [scheduled](guide::polling) where it is most likely to see the end.
//!
//! **Never two clips for one request.** A request for a clip is sent again only if it was certainly not
//! processed; after a lost response the clip is [searched for](guide::creating#never-two-clips).
//!
//! **Forward compatible.** Unknown properties and enum values are preserved, and an undecodable
//! property is [reported](Clip::decode_issues) and does not fail the response.
//!
//! **Verified files.** A file has its name only once it is complete, and as its record states it: length and
//! SHA-256, as far as the record has them.
//!
//! **The API key is sent to the configured hosts only**, the service and its media host, and
//! [never shown](guide::security).
//!
//! # Features
//!
//! | feature | default | effect |
//! |---|---|---|
//! | `download` | yes | [downloads](guide::downloading) and [exports](guide::exporting) |
//! | `rustls` | yes | TLS by rustls, with the platform's certificate verifier |
//! | `native-tls` | no | TLS by the platform's library; takes precedence over `rustls` |
//! | `gzip` | no | responses that are compressed with gzip |
//! | `tracing` | yes | [spans and events](guide::tracing) |
//! | `uuid` | no | conversions between [`ClipUuid`] and `uuid::Uuid` |
//! | `schemars` | no | `schemars::JsonSchema` for the types in [`types`] and for [`ErrorKind`] |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod camera;
mod client;
mod clip;
mod creation;
#[cfg(feature = "download")]
mod download;
#[cfg(feature = "download")]
mod durable;
mod error;
#[cfg(feature = "download")]
mod export;
mod footage;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(doc)]
pub mod guide;
mod new_clip;
mod policy_guard;
pub mod polling;
mod region;
mod requests;
pub mod retry;
mod ruuid;
mod telemetry;
mod text;
mod time;
mod transport;
mod versioned;
mod watch;

pub use camera::{
    Camera, CameraUuid, Cameras, DeviceFacetUuid, Facet, ParseCameraUuidError,
    ParseDeviceFacetUuidError,
};
pub use client::{Client, ClientBuilder};
pub use clip::{Clip, ClipInProgress, ClipUuid, ParseClipUuidError};
pub use creation::{CreateIntent, CreatedClips};
#[cfg(feature = "download")]
pub use download::{
    Download, DownloadProgress, DownloadStream, Downloaded, DownloadedFile, Verification,
};
pub use error::{Error, ErrorKind, Hint, Result, Setting};
#[cfg(feature = "download")]
pub use export::{Export, ExportCheckpoint, ExportStream, ExportUpdate, ExportedClip};
pub use footage::{FootagePolicy, FootageReport};
pub use new_clip::{NewClip, NewClipBuilder};
pub use region::Region;
pub use requests::{
    ApiCall, CancelClip, CancelResult, CreateClip, DeleteClip, DeleteResult, GetClip,
    GetMaxClipDuration, ListCameras, ListClips, ListClipsInProgress, ListClipsStream, RetryClip,
    RetryResult, UpdateClip, UpdateResult,
};
pub use rhombus_clips_api as api;
pub use rhombus_clips_api::types::ClipStatus;
pub use rhombus_clips_api::{DecodeIssue, DecodeIssues, displayable_characters, types};
pub use transport::RateLimit;
pub use watch::{
    Checkpoint, ClipUpdate, PollResult, Step, Update, Watch, WatchAll, WatchAllStream, WatchHandle,
    WatchPolicies, WatchStream,
};
