//! TLS of the HTTP clients: the settings as supplied, and the configuration made of them.
//!
//! The platform's certificates are read once per client, and only for a base URL that needs them, so
//! that a client can replace its connections cheaply, and plain HTTP to this machine works where no
//! certificate authority is installed.

#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod caller;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod certificate;
#[cfg(feature = "native-tls")]
mod native_tls_backend;
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod no_backend;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod pem;
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
mod rustls_backend;
mod settings;

#[cfg(feature = "native-tls")]
pub(super) use native_tls_backend::TlsConfig;
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(super) use no_backend::TlsConfig;
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
pub(super) use rustls_backend::TlsConfig;
pub(crate) use settings::{HttpVersions, TlsSettings};
