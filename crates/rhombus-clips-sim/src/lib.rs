//! The Rhombus clip service, simulated: for tests, and for trying a program without an account.
//!
//! It serves the one operation `POST /api/event/getClipWithProgress` on a port of 127.0.0.1, as
//! Rhombus's published reference and public clients describe it. Its clips are initiated,
//! uploaded, rendered and complete, or fail, are deleted, or go offline for a while. Time can run
//! faster, anything can go wrong on request, and everything random follows from one seed.
//!
//! ```
//! use rhombus_clips_sim::{Answer, Clip, ClipStatus, Service, Step};
//! use serde_json::{Value, json};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = Service::start().await?;
//! let clip = service.add(Clip::by_request([
//!     Step::new(ClipStatus::Rendering).percent(40).operation("Processing video"),
//!     Step::new(ClipStatus::Complete),
//! ]));
//! service.answer_next(Answer::status(503));
//!
//! let client = reqwest::Client::new();
//! let ask = || {
//!     client
//!         .post(format!("{}/api/event/getClipWithProgress", service.base_url()))
//!         .header("x-auth-scheme", "api-token")
//!         .header("x-auth-apikey", service.api_key())
//!         .json(&json!({"clipUuid": clip}))
//!         .send()
//! };
//! assert_eq!(ask().await?.status(), 503);
//! let answer: Value = ask().await?.json().await?;
//! assert_eq!(answer["clip"]["percentComplete"], 40);
//! let answer: Value = ask().await?.json().await?;
//! assert_eq!(answer["clip"]["status"], "COMPLETE");
//!
//! assert_eq!(service.request_count_for(&clip), 3);
//! service.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Lives
//!
//! - [`Clip::renders_in`] is a realistic life of a given length, different for every clip and the
//!   same for the same seed.
//! - [`Clip::scripted`] is told step by step, by service time.
//! - [`Clip::by_request`] gives one step to each request and knows no time: the choice for tests.
//!
//! # Time
//!
//! Service time is [`speed`](ServiceBuilder::speed) times tokio's clock, and
//! [`Service::advance`] puts it forward. With speed 0 it stands still in between, so a test needs
//! no sleep. Dates in records count from 2026-01-01T00:00:00Z and the seed, not from today.
//!
//! # Faults
//!
//! [`Service::inject`] lets something go wrong: a [`Fault`] says what, and with which requests, by
//! their number, by probability or by clip.
//!
//! ```
//! use rhombus_clips_sim::{Answer, Clip, Fault, Service};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let minute = Duration::from_secs(60);
//! let service = Service::builder().seed(7).close_idle_after(minute).start().await?;
//! let clip = service.add(Clip::renders_in(minute));
//!
//! // The first two requests for the clip find the service overloaded.
//! let busy = Answer::status(429).header("Retry-After", "1");
//! service.inject(Fault::answer(busy).for_clip(&clip).on_requests(..=2));
//! // A tenth of all true answers arrive byte by byte.
//! let slowly = |answer: Answer| answer.trickle(Duration::from_millis(1));
//! service.inject(Fault::in_transit(slowly).with_probability(0.1));
//! // Of the others a third go wrong, in one of these ways.
//! let trouble = [Answer::status(502), Answer::reset(), Answer::json(&true.into()).cut_after(2)];
//! service.inject(Fault::one_of(trouble).with_probability(1.0 / 3.0));
//! // Once the answer is about another clip.
//! service.inject(Fault::change(|body| body["clip"]["uuid"] = "another".into()).times(1));
//!
//! // A restart on the same port. Until it listens again it refuses connections.
//! service.stop_listening().await;
//! service.listen_again().await?;
//! # service.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! An [`Answer`] can have any status, headers (a false `Content-Length` too) and body (very long
//! ones too), and can be cut, reset, stalled or sent byte by byte. What a clip itself can say that
//! is odd (a null record, a percentage of 250, rendering after it was complete) is a matter of its
//! [`Step`]s. [`Request::faulty`] and [`Service::fault_count`] tell what was struck.
//!
//! # What is known and what is not
//!
//! The error answers are as others report them; Rhombus publishes none. Undocumented, and
//! therefore a choice made here: what an unknown clip gets ([`UnknownClip`]), the body of a 500,
//! that a clip UUID of the wrong JSON type is a 400, the operation texts of the early phases, and
//! which properties a record has before its clip is complete. Nothing was tried against the live
//! service. A finished clip has a size and a checksum, but no file that could be downloaded.

mod answer;
mod api_key;
mod asked;
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
mod ruuid;
mod server;
mod service;
mod simulation;
mod step;
mod story;
mod units;
mod unknown_clip;
mod wire;

pub use answer::Answer;
pub use asked::Asked;
pub use builder::ServiceBuilder;
pub use clip::Clip;
pub use fault::Fault;
pub use rendering::Rendering;
pub use request_log::Request;
pub use rhombus_clips_api::types::ClipStatus;
pub use service::Service;
pub use step::Step;
pub use story::{NewClip, clip, fault};
pub use units::DurationUnits;
pub use unknown_clip::UnknownClip;
