//! Construction of the HTTP client, so that the API key reaches the service alone.
//!
//! Starts from the caller's builder if there is one. The settings that protect the key are applied
//! last, so that they cannot be overridden.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;

use crate::endpoint::{Endpoint, TransportSecurity};
use crate::error::{Error, Result, Setting, causes};
use crate::tls::Tls;
use crate::tls_failure;

/// Builds the HTTP client from the caller's builder, or from a default one.
pub(crate) fn http_client(
    caller_builder: Option<reqwest::ClientBuilder>,
    endpoint: &Endpoint,
    tls: &Tls,
    connect_timeout: Duration,
    user_agent: String,
) -> Result<reqwest::Client> {
    let user_agent = HeaderValue::from_str(&user_agent).map_err(|_| {
        Error::configuration(
            "the user agent contains a character that a header cannot carry (trailing newline?)",
        )
        .with_setting(Setting::UserAgent)
    })?;
    let is_from_caller = caller_builder.is_some();
    let http = caller_builder
        .unwrap_or_default()
        // On a redirect to another host, HTTP libraries remove `Authorization`, but not the header
        // that carries this API key.
        .redirect(Policy::none())
        .referer(false)
        // A retry inside of the library would bypass the retry policy and the rate limit.
        .retry(reqwest::retry::never())
        // It logs every byte sent, the key included.
        .connection_verbose(false)
        .connect_timeout(connect_timeout)
        .user_agent(user_agent)
        .https_only(endpoint.transport_security() == TransportSecurity::Tls);
    let http = match endpoint.transport_security() {
        TransportSecurity::Tls => tls.apply(http, is_from_caller)?,
        _ if tls.client_certificate.is_some() => {
            return Err(Error::configuration(
                "a client certificate is set, which plain HTTP cannot present; use an https base URL",
            )
            .with_setting(Setting::ClientCertificate));
        }
        // A request to this machine must not leave it for a proxy.
        TransportSecurity::Loopback => http.no_proxy(),
        TransportSecurity::ExposedHttp => http,
    };
    http.build().map_err(|error| build_error(error, tls))
}

fn build_error(error: reqwest::Error, tls: &Tls) -> Error {
    let has_roots = !tls.root_certificates.is_empty();
    let (message, setting) = match tls_failure::config_failure(&error) {
        Some((reason, setting)) => (reason.to_owned(), setting),
        None => {
            let reason = causes(&error).last();
            let reason = reason.map_or_else(|| error.to_string(), ToString::to_string);
            // The library does not name the certificate that it cannot parse.
            let advice = match has_roots {
                true => "; check that the root certificates are complete",
                false => "",
            };
            let message = format!("the HTTP client cannot be built: {reason}{advice}");
            (message, has_roots.then_some(Setting::RootCertificate))
        }
    };
    let error = Error::configuration(message).with_source(error);
    match setting {
        Some(setting) => error.with_setting(setting),
        None => error,
    }
}
