//! The Rhombus clip operation in the service's own shapes.
//!
//! `POST /api/event/getClipWithProgress` returns one saved video clip with the progress of its
//! rendering. This crate is what a generator makes of the service's OpenAPI document, and no
//! more: it sends one request and decodes one answer. It does not retry, wait, or look into the
//! answer. Most programs want the crate `rhombus-clips`, which does all that.
//!
//! ```no_run
//! use rhombus_clips_api::types::GetClipWithProgressRequest;
//! use rhombus_clips_api::{Client, Credentials};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::api_token("your API key")?;
//! let http = reqwest::Client::builder()
//!     .redirect(reqwest::redirect::Policy::none())
//!     .build()?;
//! let base_url = "https://api2.rhombussystems.com";
//! let client = Client::new_with_client(base_url, http, credentials.into());
//!
//! let request = GetClipWithProgressRequest {
//!     clip_uuid: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
//! };
//! let answer = client.get_clip_with_progress(&request).await?.into_inner();
//! if let Some(clip) = answer.clip {
//!     println!("{:?} percent", clip.percent_complete);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Redirects
//!
//! Use an HTTP client that follows none, as above: HTTP libraries take `Authorization` off a
//! request that is redirected to another host, but not the header that carries this API key.
//!
//! # Answers
//!
//! An answer with status 200 is read up to a limit, 8 MiB after decompression unless
//! [`Settings::with_body_limit`] says otherwise; a longer one is [`BodyTooLarge`]. Wherever the
//! API key stands in its body, or in the headers of any answer, it is replaced by `[hidden]`
//! first: nothing that is decoded holds it. Only a key of fewer than five characters, which would
//! be found in names and numbers, is left there. The body of another status is handed out as it
//! comes, unread: [`Credentials::redact`] takes the key out of its text.
//!
//! # What the types promise
//!
//! - Every property of an answer may be absent or null; both are `None`. Items of arrays and
//!   values of maps may be null too.
//! - Enumerations are open: a value that this version does not know is kept as
//!   `Unrecognized` and written back unchanged.
//! - Properties are open: what this version does not know is in `extra`, and is written back.
//! - Integers are 64 bits and numbers are double precision, whatever the document says. An integer
//!   may come with a fraction, which is cut off.
//! - Maps keep their keys in order.
//! - One odd property costs only itself: where an object stands in the place of a string, the
//!   property is `None`, its value is in `extra`, and [`DecodeIssue`] says where and why. The
//!   outermost value that was decoded has the list, in its field `decode_issues`. Only broken JSON, an
//!   answer that is no object, or a `clip` that is none, cannot be decoded.
//! - The generated method takes as broken what the JSON parser refuses; [`decode`] reads some of
//!   it all the same.
//!
//! # Features
//!
//! - `schemars`: every type derives `schemars::JsonSchema`.
//!
//! No TLS library is chosen here: the crate that builds the `reqwest::Client` chooses it.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod answer;
mod api_key;
mod body;
mod credentials;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
#[rustfmt::skip]
#[allow(clippy::all, unreachable_pub)]
mod generated;
mod hooks;
mod open_enum;
mod repair;
mod settings;
mod tolerant;

pub use body::BodyTooLarge;
pub use credentials::{Credentials, InvalidCredentials};
pub use generated::{ByteStream, Client, ClientInfo, Error, ResponseValue, types};
pub use repair::decode;
pub use settings::Settings;
pub use tolerant::DecodeIssue;
