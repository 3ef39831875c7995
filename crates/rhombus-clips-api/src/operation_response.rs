//! The common properties of the responses of all operations.

use std::collections::BTreeMap;

use progenitor_client::ByteStream;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Map, Value};

use crate::DecodeIssues;

/// A response of an operation, with the properties that nearly all responses of the service have.
///
/// It is implemented for every type that a method of the [`Client`](crate::Client) returns.
///
/// ```
/// use rhombus_clips_api::OperationResponse;
/// use rhombus_clips_api::types::DeleteSavedClipResponse;
///
/// let body = br#"{"error": true, "errorMsg": "no such clip"}"#;
/// let response: DeleteSavedClipResponse = rhombus_clips_api::decode(body)?;
/// assert_eq!(response.common().error, Some(true));
/// assert_eq!(response.common().error_msg, Some("no such clip"));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub trait OperationResponse: Sized {
    /// Decodes the body of a response, as [`decode`](crate::decode) does.
    ///
    /// # Errors
    ///
    /// That of [`decode`](crate::decode). A stream is not decoded.
    fn decode(body: &[u8]) -> Result<Self, serde_json::Error>;

    /// Returns the common properties of the response; none for a response that has no properties, such as
    /// an array.
    fn common(&self) -> CommonProperties<'_> {
        CommonProperties::default()
    }
}

/// The properties that nearly all responses of the service have, from [`OperationResponse::common`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CommonProperties<'a> {
    /// `error`: true if the operation failed, although the HTTP status is 200.
    pub error: Option<bool>,
    /// `errorMsg`: reason of the failure.
    pub error_msg: Option<&'a str>,
    /// `warningMsg`: warning of an operation that succeeded.
    pub warning_msg: Option<&'a str>,
    /// The properties that the type has no field for, and values of an unexpected type; `None` if the type
    /// preserves none.
    pub extra: Option<&'a Map<String, Value>>,
    /// Values of an unexpected type; `None` if the type does not report any.
    pub decode_issues: Option<&'a DecodeIssues>,
}

/// Implements the trait for types without properties.
macro_rules! impl_response {
    ($($response:ty),*) => {
        $(
            impl OperationResponse for $response {
                fn decode(body: &[u8]) -> Result<Self, serde_json::Error> {
                    crate::decode(body)
                }
            }
        )*
    };
}

impl_response!((), bool, i64, f64, String, Value, Map<String, Value>);

impl<T: DeserializeOwned> OperationResponse for Vec<T> {
    fn decode(body: &[u8]) -> Result<Self, serde_json::Error> {
        crate::decode(body)
    }
}

impl<T: DeserializeOwned> OperationResponse for BTreeMap<String, T> {
    fn decode(body: &[u8]) -> Result<Self, serde_json::Error> {
        crate::decode(body)
    }
}

impl OperationResponse for ByteStream {
    fn decode(_: &[u8]) -> Result<Self, serde_json::Error> {
        Err(serde_json::Error::custom("the response is a stream"))
    }
}
