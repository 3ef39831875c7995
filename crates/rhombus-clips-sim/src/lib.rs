//! The Rhombus clip service, simulated: for tests, and for trying a program without an account.
//!
//! It serves the one operation `POST /api/event/getClipWithProgress` on a port of 127.0.0.1, as
//! Rhombus's published reference and public clients describe it. Its clips are initiated, uploaded,
//! rendered and complete, or fail, are deleted, or go offline for a while. Time can be skipped,
//! anything can go wrong on request, and everything random follows from one seed.
//!
//! # A first test
//!
//! What does a program say of a clip that fails? With `rhombus-clips`, and with tokio's feature
//! `test-util` for [time](#time) that is skipped:
//!
//! ```
//! use rhombus_clips::{Client, ClipUuid};
//! use rhombus_clips_sim::prelude::*;
//!
//! const DOOR: ClipUuid = ClipUuid::from_bytes([1; 16]);
//!
//! # /*
//! #[tokio::test(start_paused = true)]
//! async fn a_clip_that_fails() -> Result<(), Box<dyn std::error::Error>> {
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
//! The [`prelude`] has what such a story is told with. The service is HTTP, so any client can be
//! tested against it: it needs [`Service::base_url`] and [`Service::api_key`].
//!
//! # A clip's life
//!
//! [`Service::with_clip`] registers a clip under a UUID of one's own choice, [`Service::add`] under one
//! that is made up. What it lives through begins with [`clip()`]:
//!
//! | life | what it is |
//! |---|---|
//! | [`renders_in(30.s())`](Clip::renders_in) | a realistic life of this length, different for every clip and the same for the same seed; [`then_fails`](Rendering::then_fails), [`then_deleted`](Rendering::then_deleted), [`goes_offline_for`](Rendering::goes_offline_for), [`appears_after`](Rendering::appears_after) |
//! | [`by_request([..])`](Clip::by_request) | one [`Step`] for each request; knows no time |
//! | [`scripted([..])`](Clip::scripted) | steps by service time |
//! | [`stays(status)`](NewClip::stays) | always the same |
//!
//! What a clip can say that is odd (a null record, a percentage of 250, rendering after it was
//! complete) is a matter of its steps.
//!
//! # Faults
//!
//! [`Service::with_fault`] lets something go wrong, and [`Service::inject`] does so later on. A
//! [`Fault`] says what, and with which requests: by their number, by probability or by clip. An
//! [`Response`] can have any status, headers (a false `Content-Length` too) and body (very long ones
//! too), and can be cut, reset, stalled or sent byte by byte.
//!
//! ```
//! use rhombus_clips_sim::prelude::*;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let trouble = [Response::status(502), Response::reset(), Response::json(&true.into()).cut_after(2)];
//! let service = Service::builder()
//!     .seed(7)
//!     .close_idle_after(60.s())
//!     .start()
//!     .await?
//!     .with_clip("door", clip().renders_in(60.s()))
//!     // The first two requests for the clip find the service overloaded.
//!     .with_fault(fault(Response::too_many_requests(1.s())).for_clip("door").on_requests(..=2))
//!     // A tenth of all true answers arrive byte by byte.
//!     .with_fault(Fault::in_transit(|answer| answer.trickle(1.ms())).with_probability(0.1))
//!     // Of the others a third go wrong, in one of these ways.
//!     .with_fault(Fault::one_of(trouble).with_probability(1.0 / 3.0))
//!     // Once the answer is about another clip.
//!     .with_fault(Fault::change(|body| body["clip"]["uuid"] = "another".into()).times(1));
//!
//! // A restart on the same port. Until it listens again it refuses connections.
//! service.pause_listening().await;
//! service.resume_listening().await?;
//! # service.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Time
//!
//! Service time is [`speed`](ServiceBuilder::speed) times tokio's clock. There are three ways not to
//! wait for it, the first for most tests:
//!
//! - **Paused time**, `#[tokio::test(start_paused = true)]`: whenever nothing is left to do but wait,
//!   tokio's clock jumps to the next timer. A watch of half an hour, with the waits, back-offs and
//!   time limits that the client has by default, is over in a fraction of a second, and each moment
//!   of it is exact: a test can say that a request came no sooner than 7 s after a 429.
//! - **No time**: [`Clip::by_request`]. The choice where time cannot be paused: in a runtime with many
//!   threads, or when another process is tested. The client still waits in its own time, so let it
//!   wait for milliseconds.
//! - **Time that is told**: [`speed(0.0)`](ServiceBuilder::speed) and [`Service::advance`] for
//!   look-ups at chosen moments; a high speed to try a program by hand. Tests that race against a
//!   speed are not dependable.
//!
//! Paused time needs the service and its client in the same runtime, which has to have one thread. The
//! sockets are real; that tokio does not skip time while an answer is on its way through them is true
//! since its release 1.53.3, the oldest that this crate accepts. (In 1.53.1 a clip that takes 31 s to
//! watch took 74 s, and 28 s had passed before the first request arrived.) What comes from outside the
//! runtime, such as another process or a database, is not waited for. `std::time` does not jump: what
//! reads the wall clock sees milliseconds, such as how much of its deadline a watch has left that goes
//! on from a checkpoint.
//!
//! Dates in records count from 2026-01-01T00:00:00Z and the seed, not from today.
//!
//! # Assertions
//!
//! [`Service::verify`] says what was asked about a clip, [`Service::verify_all`] about any: how often,
//! how far apart, in which order, with which credentials, and what was answered. An assertion that does
//! not hold panics with a list of the requests that there were, and a mark at the odd one:
//!
//! ```text
//! clip AQEBAQEBAQEBAQEBAQEBAQ: expected each at least 30s after the last; got 3 requests
//!   #1 at 0ns: clip AQEBAQEBAQEBAQEBAQEBAQ, scheme api-token, not answered (fault)
//!   #2 at 30.341s: clip AQEBAQEBAQEBAQEBAQEBAQ, scheme api-token, answered 200 INITIATING
//! > #3 at 43.993s: clip AQEBAQEBAQEBAQEBAQEBAQ, scheme api-token, answered 200 COMPLETE
//! ```
//!
//! [`Service::requests`] has them as values. No key is ever in them.
//!
//! # What is known and what is not
//!
//! The error answers are as others report them; Rhombus publishes none. Undocumented, and therefore a
//! choice made here: what an unknown clip gets ([`UnknownClip`]), the body of a 500, that a clip UUID
//! of the wrong JSON type is a 400, the operation texts of the early phases, and which properties a
//! record has before its clip is complete. Nothing was tried against the live service.
//!
//! # Determinism
//!
//! From the [seed](ServiceBuilder::seed) follow the API key, the clips' UUIDs, lives and records, and
//! whom a fault strikes: for each clip by the number of its requests, whatever else is asked
//! meanwhile. Of the service, nothing else is random. What a client does at random is not the
//! service's: with `rhombus-clips`, the jitter of its back-off. So say of its waits what always holds,
//! such as [`RequestAssertions::min_interval`], not how long they were.
//!
//! Each test should start a service of its own: it is no more than a port and a task.
//!
//! # Limits
//!
//! - One operation, over HTTP/1.1 without TLS, on IPv4 loopback.
//! - Credentials are checked for the schemes `api-token` and `partner-api-token`; a client certificate
//!   cannot be presented.
//! - A finished clip has a size and a checksum, but no file that could be downloaded.
//! - The newest 100,000 requests are kept; counts go on beyond them.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api_key;
mod assertions;
mod auth;
mod body;
mod builder;
mod clip;
mod clock;
mod delivery;
mod desk;
mod dice;
mod error_table;
mod fault;
mod faults;
mod idle;
mod life;
mod port;
pub mod prelude;
mod rate_limit;
mod record;
mod rendering;
mod request_log;
mod response;
mod ruuid;
mod server;
mod service;
mod simulation;
mod step;
mod story;
mod units;
mod unknown_clip;
mod wire;

pub use assertions::RequestAssertions;
pub use builder::ServiceBuilder;
pub use clip::Clip;
pub use fault::Fault;
pub use rendering::Rendering;
pub use request_log::Request;
pub use response::Response;
pub use rhombus_clips_api::types::ClipStatus;
pub use service::Service;
pub use step::Step;
pub use story::{NewClip, clip, fault};
pub use units::DurationUnits;
pub use unknown_clip::UnknownClip;
