//! TLS settings as supplied to the builder of a client.

use secrecy::{SecretBox, SecretSlice};

/// Versions of HTTP that a connection may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HttpVersions {
    /// HTTP/2 where the server supports it, and HTTP/1.1 otherwise.
    All,
    Http1Only,
}

/// TLS settings as supplied to the builder of a client.
#[derive(Default)]
pub(crate) struct TlsSettings {
    pub(crate) client_certificate: Option<SecretSlice<u8>>,
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) only_1_3: bool,
}

impl TlsSettings {
    pub(crate) fn set_client_certificate(&mut self, pem: &[u8]) {
        // Allocated at its exact size: shrinking a vector would leave an unwiped copy behind.
        self.client_certificate = Some(SecretBox::new(Box::from(pem)));
    }
}
