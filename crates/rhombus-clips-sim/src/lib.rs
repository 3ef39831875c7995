//! Simulated Rhombus clip service, for tests and for trying a program without an account.
//!
//! The service implements eleven [operations](#operations) on a port of 127.0.0.1, as Rhombus's published
//! reference and public clients describe them: the life of a clip, from a camera to its deletion. Its clips are
//! initiated, uploaded, rendered and completed; they can also fail, be deleted or go offline
//! temporarily. A [media host](#files) has the files of complete ones. Time can be virtual, faults can be injected
//! into every response, and all randomness is derived from one seed.
//!
//! # First test
//!
//! This test checks the error of a watch whose clip fails. It needs `rhombus-clips`, and tokio's
//! feature `test-util` for virtual [time](#time):
//!
//! ```
//! use rhombus_clips::{Client, ClipUuid};
//! use rhombus_clips_sim::prelude::*;
//!
//! const DOOR: ClipUuid = ClipUuid::from_bytes([1; 16]);
//!
//! # /*
//! #[tokio::test(start_paused = true)]
//! async fn reports_a_failed_clip() -> Result<(), Box<dyn std::error::Error>> {
//! # */
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let service = Service::start()
//!         .await?
//!         .with_clip(DOOR, clip().renders_in(30.s()).then_fails("no footage"))
//!         .with_fault(fault(Response::status(503)).on_request(2));
//!     let client = Client::builder().base_url(service.base_url()).api_key(service.api_key());
//!
//!     let error = client.build()?.watch(DOOR).await.unwrap_err();
//!
//!     assert!(error.is_clip_failed());
//!     service.verify(DOOR).at_most(20).none_after_terminal();
//!     Ok(())
//! }
//! ```
//!
//! The [`prelude`] contains the items for such a test. The service speaks HTTP, so any client can
//! be tested against it: it needs [`Service::base_url`] and [`Service::api_key`].
//!
//! # Clips
//!
//! [`Service::with_clip`] registers a clip under a given UUID, [`Service::add`] under a generated
//! one. The definition of a clip starts with [`clip()`] and selects its timeline:
//!
//! | timeline | description |
//! |---|---|
//! | [`renders_in(30.s())`](Clip::renders_in) | a realistic timeline of this duration, generated from the seed and different for each clip; with [`then_fails`](Rendering::then_fails), [`then_deleted`](Rendering::then_deleted), [`goes_offline_for`](Rendering::goes_offline_for), [`appears_after`](Rendering::appears_after) |
//! | [`by_request([..])`](Clip::by_request) | one [`Step`] per request, independent of time |
//! | [`scripted([..])`](Clip::scripted) | steps by service time |
//! | [`stays(status)`](NewClip::stays) | a constant status |
//!
//! Steps can also contain invalid or contradictory records: a null record, a percentage of 250, or
//! a clip that is rendered again after it was complete.
//!
//! # Operations
//!
//! | operation | simulated |
//! |---|---|
//! | `getClipWithProgress` | the clips of the test, and those that were requested |
//! | `getMinimalCameraStateList` | the [cameras](Camera) of the test |
//! | `getCameraPresenceWindows` | their footage in the cloud and on the camera, with outages |
//! | `getMaxSpliceDuration` | [an hour](ServiceBuilder::max_clip_duration) |
//! | `spliceV3` | makes clips of what it is asked for: [`Service::created_clips`] lists them, [`Service::prepare_clip`] defines the next one |
//! | `getClipsWithProgress` | all clips, with filters and pages |
//! | `getSplicedClipsInProgress` | the clips that are not at their end, in segments |
//! | `updateSavedClip`, `cancelSpliceV2`, `retrySplice`, `deleteSavedClip` | changes a clip |
//! | `media`, `storage` | the [files](#files) of complete clips |
//!
//! A request that violates the service's document is refused: 400 for a value of another type or out of its range, 500
//! for one that is missing, as users report. Unknown properties are tolerated.
//!
//! In this test the response to a request for a clip is lost after it was processed, and the client must not
//! make a second clip:
//!
//! ```
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! use rhombus_clips::{CameraUuid, Client, NewClip};
//! use rhombus_clips_sim::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lost = Fault::map_response(|_| Response::reset()).for_operation("spliceV3");
//! let service = Service::start().await?.with_fault(lost);
//! let dock: CameraUuid = service.add_camera(camera("Loading dock")).parse()?;
//! let client = Client::builder().base_url(service.base_url()).api_key(service.api_key()).build()?;
//!
//! // The service starts on 2026-01-01, and has footage of the time before.
//! let start = UNIX_EPOCH + Duration::from_secs(1_767_000_000);
//! let new_clip = NewClip::builder(dock, start..start + 60.s()).build()?;
//! let created = client.create_clip(new_clip).await?;
//! assert!(client.watch(created.uuid()).await?.is_complete());
//!
//! service.verify_operation("spliceV3").count(1);
//! assert_eq!(service.created_clips().len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Files
//!
//! Each complete clip has a file at [`Service::media_url`], in the region of its record: bytes that begin as an MP4
//! and have the length and SHA-256 of the record, the same for the same seed. [`Clip::file_size`] sets the length,
//! [`ServiceBuilder::media_rate`] the rate, and [`Service::replace_file`] puts another version there.
//!
//! | request | response |
//! |---|---|
//! | `GET`, `HEAD` of `/media/metadata/{region}/{uuid}.mp4` or `.jpeg` | 200 with `ETag` and `Last-Modified` |
//! | with `Range` | 206, 416 beyond the end; with an `If-Range` that does not match, 200 |
//! | without the credentials of the API | 401, 403 |
//! | for a clip that is not complete, or in another region | 404 |
//! | with [`Behavior::media_redirects`] | 302 to a presigned URL at [`Service::storage_url`], which refuses the API key |
//!
//! In the log, and for [`Fault::for_operation`], these requests are the operations `media` and `storage`. They do
//! not count for [`ServiceBuilder::rate_limit`]. [`Service::pause_media`] takes the host away.
//!
//! In this test the connection is cut in the middle of the file, and the client must continue there:
//!
//! ```
//! use rhombus_clips::{Client, ClipUuid};
//! use rhombus_clips_sim::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # const DOOR: ClipUuid = ClipUuid::from_bytes([1; 16]);
//! let cut = Fault::map_response(|response| response.cut_after(100_000));
//! let service = Service::start()
//!     .await?
//!     .with_clip(DOOR, clip().renders_in(30.s()).file_size(300_000))
//!     .with_fault(cut.for_operation("media").times(1));
//! let client = Client::builder()
//!     .base_url(service.base_url())
//!     .media_url(service.media_url())
//!     .api_key(service.api_key())
//!     .build()?;
//!
//! let clip = client.watch(DOOR).await?;
//! let mut bytes = Vec::new();
//! let file = client.download(&clip).to_writer(&mut bytes).await?;
//!
//! assert!(file.verification().is_sha256_verified());
//! assert_eq!(bytes.len(), 300_000);
//! let requests = service.requests();
//! let media = requests.iter().filter(|it| it.operation.as_deref() == Some("media"));
//! let ranges: Vec<_> = media.map(|it| it.range.as_deref()).collect();
//! assert_eq!(ranges, [None, Some("bytes=100000-")]);
//! # Ok(())
//! # }
//! ```
//!
//! # Open questions
//!
//! [`Behavior`] has a switch, with a default, for each thing that the documentation leaves open.
//! [`Behavior::alternative`] answers all of them the other way: run a test with both.
//!
//! # Faults
//!
//! [`Service::with_fault`] and [`Service::inject`] inject a [`Fault`]: an effect, and the requests
//! that it applies to, by number, probability or clip. A [`Response`] can have any status, headers
//! (including an incorrect `Content-Length`) and body (including very long ones), and can be cut,
//! reset, stalled or sent byte by byte.
//!
//! ```
//! use rhombus_clips_sim::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let failures = [Response::status(502), Response::reset(), Response::json(&true.into()).cut_after(2)];
//! let service = Service::builder()
//!     .seed(7)
//!     .close_idle_after(60.s())
//!     .start()
//!     .await?
//!     .with_clip("door", clip().renders_in(60.s()))
//!     // The first two requests for the clip exceed the rate limit.
//!     .with_fault(fault(Response::too_many_requests(1.s())).for_clip("door").on_requests(..=2))
//!     // 10 % of the remaining requests receive the regular response byte by byte.
//!     .with_fault(Fault::map_response(|response| response.trickle(1.ms())).with_probability(0.1))
//!     // A third of the remaining requests fail in one of these ways.
//!     .with_fault(Fault::one_of(failures).with_probability(1.0 / 3.0))
//!     // One response contains the UUID of another clip.
//!     .with_fault(Fault::map_json(|body| body["clip"]["uuid"] = "another".into()).times(1));
//!
//! // A restart on the same port; connections are refused in between.
//! service.pause_listening().await;
//! service.resume_listening().await?;
//! # service.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # HTTP/2
//!
//! With the feature `http2`, [`ServiceBuilder::http2`] makes the service speak HTTP/2 over TLS. All
//! faults have their counterpart there, and there are some that only HTTP/2 has: a stream that is reset
//! while its connection lives, a shutdown by GOAWAY, and a connection that answers no request any more
//! ([`Response::freeze_connection`]). [`Service::connection_count`] shows how many connections a client
//! used.
//!
//! # Time
//!
//! Service time is tokio's clock multiplied by [`speed`](ServiceBuilder::speed). There are three
//! ways to avoid waiting for it; the first is the best choice for most tests:
//!
//! - **Paused time**, `#[tokio::test(start_paused = true)]`: whenever all tasks are idle, tokio's
//!   clock jumps to the next timer. A watch of half an hour, with the client's default delays,
//!   backoff and timeouts, takes a fraction of a second, and all times are exact: a test can
//!   assert that a request was sent no sooner than 7 s after a 429.
//! - **No time**: [`Clip::by_request`], for tests that cannot pause time, because their runtime is
//!   multi-threaded or the client is another process. The client still waits in real time, so
//!   configure it with delays of milliseconds.
//! - **Manual time**: [`speed(0.0)`](ServiceBuilder::speed) and [`Service::advance`], for requests
//!   at chosen times; or a high speed to try a program interactively. Do not rely on a high speed
//!   in tests: the result depends on the load of the machine.
//!
//! Paused time requires that service and client share one current-thread runtime. The sockets are
//! real, so this crate requires tokio 1.53.3: earlier releases could advance the clock while a
//! response was in transit. The clock does not wait for events outside the runtime, such
//! as another process or a database. `std::time` is not virtual: code that reads it sees
//! milliseconds pass, for example the remaining timeout of a watch that is resumed from a
//! checkpoint.
//!
//! Dates in records are derived from 2026-01-01T00:00:00Z and the seed, not from the current date.
//!
//! # Assertions
//!
//! [`Service::verify`] returns assertions on the requests for a clip, [`Service::verify_all`] on
//! all requests: their number, intervals, order and credentials, and the response statuses. A
//! failed assertion panics with a list of the requests, and marks the first one that violates it:
//!
//! ```text
//! expected requests for clip AQEBAQEBAQEBAQEBAQEBAQ at least 30s apart; request #3 violates this
//!   #1 at 0ns: clip AQEBAQEBAQEBAQEBAQEBAQ, scheme api-token, no response (fault)
//!   #2 at 30.341s: clip AQEBAQEBAQEBAQEBAQEBAQ, scheme api-token, response 200 INITIATING
//! > #3 at 43.993s: clip AQEBAQEBAQEBAQEBAQEBAQ, scheme api-token, response 200 COMPLETE
//! ```
//!
//! [`Service::requests`] returns the requests as values. They never contain the API key.
//!
//! # Fidelity
//!
//! The error responses are as users report them; Rhombus publishes none. The following is
//! undocumented and was chosen for this crate: everything that [`Behavior`] has a switch for, the order in which an
//! operation checks its request, the values of `sortOrder`, the response for an unknown clip ([`UnknownClip`]),
//! the body of a 500, the status 400 for a clip UUID of the wrong JSON type, the 415 for a body that is
//! not declared as JSON ([`ServiceBuilder::any_content_type`]), the operations of the early phases, the properties of a record before its clip is complete, the headers of a
//! file, and everything about the storage host. The simulation has not been compared with the live service.
//!
//! # Determinism
//!
//! The [seed](ServiceBuilder::seed) determines the API key, the UUIDs, timelines and records of
//! the clips, and the application of faults: for each clip by the number of its requests,
//! regardless of concurrent requests for other clips. The service has no other randomness, but a
//! client may have, such as the jitter of its backoff in `rhombus-clips`. Assert bounds on its
//! delays, for example with [`RequestAssertions::min_interval`], not exact values.
//!
//! Start a service per test: it costs no more than three ports and their tasks.
//!
//! # Limitations
//!
//! - Eleven operations, over HTTP/1.1 without TLS unless the feature `http2` is used, on IPv4 loopback.
//! - Sorting and the choice of the time that filters compare, whose values are undocumented, are accepted and
//!   ignored, except for `sortOrder` with `asc`.
//! - Credentials are supported for the schemes `api-token` and `partner-api-token`, not for client
//!   certificates.
//! - A file begins as a video does and no player shows it: what follows is random. It has one range a request, and
//!   no conditions but `If-Range`.
//! - The request log is bounded (see [`Service::requests`]); counts are not.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod assertions;
mod auth;
mod behavior;
mod body;
mod builder;
mod camera;
mod clip;
mod clock;
mod dsl;
mod engine;
mod error_responses;
mod fault;
#[cfg(feature = "http2")]
mod http2_error;
mod media_file;
mod record;
mod rendering;
mod request_log;
mod response;
mod rng;
mod server;
mod service;
mod service_state;
mod step;

pub use assertions::RequestAssertions;
pub use behavior::{
    Behavior, CanceledClip, DeletedClip, FileChecksum, FileLocation, InvalidRange, LastToken,
    ListOrder, MediaValidator, NoFootage, SeveralClips, WrongRegion,
};
pub use builder::ServiceBuilder;
pub use camera::{Camera, camera};
pub use clip::Clip;
pub use dsl::{DurationUnits, NewClip, clip, fault};
pub use engine::CreatedClip;
pub use error_responses::UnknownClip;
pub use fault::Fault;
#[cfg(feature = "http2")]
pub use http2_error::Http2Error;
pub use rendering::Rendering;
pub use request_log::Request;
pub use response::Response;
pub use rhombus_clips_api::types::ClipStatus;
pub use service::Service;
pub use step::Step;

pub mod prelude {
    //! Items that most tests need, for a glob import.
    //!
    //! [`Clip`](crate::Clip) and [`Request`](crate::Request) are not included, because a client
    //! library usually has types of these names; a clip's definition starts with
    //! [`clip()`](crate::clip()).

    pub use crate::{
        ClipStatus, DurationUnits, Fault, Response, Service, Step, UnknownClip, camera, clip, fault,
    };
}
