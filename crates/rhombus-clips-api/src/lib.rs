//! Low-level Rhombus client for the operations on clips, generated from the service's OpenAPI document.
//!
//! [`Operation::ALL`] lists the operations: they find cameras and footage, and request, follow, list, change and
//! end saved video clips. A method of [`Client`] sends one request and decodes one response. It does not retry,
//! wait, or interpret the response; the crate `rhombus-clips` does, and is what most programs need.
//!
//! ```no_run
//! use rhombus_clips_api::types::GetClipWithProgressRequest;
//! use rhombus_clips_api::{Client, Credentials};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::api_token("your API key")?;
//! let http = reqwest::Client::builder()
//!     .redirect(reqwest::redirect::Policy::none())
//!     .no_gzip()
//!     .no_brotli()
//!     .no_deflate()
//!     .no_zstd()
//!     .build()?;
//! let base_url = "https://api2.rhombussystems.com";
//! let client = Client::new_with_client(base_url, http, credentials.into());
//!
//! let request = GetClipWithProgressRequest::new("AAAAAAAAAAAAAAAAAAAAAA");
//! let response = client.get_clip_with_progress(&request).await?.into_inner();
//! if let Some(clip) = response.clip {
//!     println!("{:?} percent", clip.percent_complete);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Redirects
//!
//! Use an HTTP client that does not follow redirects, as above: HTTP libraries remove
//! `Authorization` from a request that is redirected to another host, but not the header that
//! carries this API key.
//!
//! # Responses
//!
//! The body of a response with status 200 is read up to a limit, by default
//! [`Settings::body_limit_of`] the operation; a longer body fails with [`BodyTooLarge`]. The content coding of
//! the body is undone here; use an HTTP client that does not decompress by itself, because its limits
//! and codings depend on the features that other crates enable. Before decoding,
//! every occurrence of the API key in the body is replaced by `[redacted]`, as is every occurrence
//! in the headers of any response, so that no decoded value holds the key. The only exception is a
//! key of fewer than five bytes, which would match names and numbers. The body of a response with any
//! other status, or of a type other than JSON ([`ByteStream`]), is returned unread, without a limit, and
//! unredacted: redact its text with [`Credentials::redact`].
//!
//! # Guarantees of the types
//!
//! - Every property of a response may be absent or null; both are `None`. Array items and map
//!   values may be null too.
//! - Enumerations are open: a value unknown to this version is preserved as `Unrecognized` and
//!   serialized unchanged.
//! - Objects are open: properties unknown to this version are preserved in `extra` and serialized
//!   again. What is serialized is not always what was sent: null properties are left out, and undecodable
//!   array items and map values are null.
//! - Integers have 64 bits and numbers double precision, whatever the document says. The fraction
//!   of an integer is truncated.
//! - Map keys are sorted.
//! - A value of an unexpected type does not fail the response. For example, for an object in place
//!   of a string the property is `None`, the object is preserved in `extra`, and a [`DecodeIssue`]
//!   gives location and reason. The first 32 issues are listed in the field `decode_issues` of the
//!   outermost decoded value, and the others are counted. Only invalid JSON, a response that is not an object, and an
//!   essential property of another type are errors: `clip`, and the lists of clips, cameras and windows.
//! - Decoding takes at most eight times the memory of the body, and 1 MiB. Values beyond that, such as
//!   millions of empty objects, are omitted and reported as a decode issue.
//! - The generated method rejects invalid JSON; [`decode`] tolerates some of it.
//! - A type that a request contains has `new`, with the properties that the service requires, and a setter
//!   for each property. All structs are non-exhaustive: a later version may add optional properties. A
//!   request that lacks a required property is not sent, and fails with [`Error::InvalidRequest`].
//!
//! # Operations
//!
//! Every operation is a `POST`, whether it reads or writes. [`Operation`] has the declared [`Effect`] of
//! each, with the reason, for the code that repeats a request; an operation without a declaration is a
//! write.
//!
//! # Features
//!
//! - `gzip`: responses that are compressed with gzip are accepted, and decompressed.
//! - `schemars`: every type derives `schemars::JsonSchema`.
//!
//! This crate selects no TLS backend: that is left to the crate that builds the `reqwest::Client`.

#![cfg_attr(docsrs, feature(doc_cfg))]
// The compiler follows the types that a type contains as deep as they are nested: at most through all of
// them. Chosen: more than the service's whole document has.
#![recursion_limit = "16384"]

mod api_key;
mod characters;
mod content_coding;
mod credentials;
mod fields;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
#[rustfmt::skip]
#[allow(clippy::all, unreachable_pub)]
// Descriptions of the service's document may be copied before they are rewritten.
#[allow(rustdoc::bare_urls, rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]
mod generated;
mod json_repair;
mod key_search;
mod lenient;
mod open_enum;
mod operation;
mod operation_response;
mod response;
mod settings;
mod spelling;
mod truncation;

pub use characters::displayable_characters;
pub use content_coding::{ContentCodingError, content_excerpt};
pub use credentials::{Credentials, InvalidCredentials};
pub use generated::{ByteStream, Client, ClientInfo, Error, ResponseValue, types};
#[doc(hidden)]
pub use json_repair::Skipped;
pub use json_repair::decode;
pub use lenient::{DecodeIssue, DecodeIssues};
pub use operation::{Effect, Operation};
pub use operation_response::{CommonProperties, OperationResponse};
#[doc(hidden)]
pub use response::RedactedError;
#[doc(hidden)]
pub use settings::SingleRequest;
pub use settings::{BodyTooLarge, Settings};
pub use truncation::is_truncated;
