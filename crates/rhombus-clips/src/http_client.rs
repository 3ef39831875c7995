//! The HTTP client, set up so that the API key goes to the service alone.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;

use crate::endpoint::{Endpoint, TransportSecurity};
use crate::error::{Error, Result, causes};
use crate::tls::Tls;
use crate::tls_failure;

/// Builds on the caller's client if there is one; what is set here is set last and holds.
pub(crate) fn http_client(
    caller_builder: Option<reqwest::ClientBuilder>,
    endpoint: &Endpoint,
    tls: &Tls,
    connect_timeout: Duration,
    user_agent: String,
) -> Result<reqwest::Client> {
    let user_agent = HeaderValue::from_str(&user_agent).map_err(|_| {
        Error::configuration(
            "the user agent holds a character that no header can carry (a line break at its end?)",
        )
    })?;
    let is_from_caller = caller_builder.is_some();
    let http = caller_builder
        .unwrap_or_default()
        // HTTP libraries take `Authorization` off a request that is redirected to another host,
        // but not the header that carries this API key.
        .redirect(Policy::none())
        .referer(false)
        // The retry policy counts every request, and so does the rate limit.
        .retry(reqwest::retry::never())
        // It logs every byte that is sent.
        .connection_verbose(false)
        .connect_timeout(connect_timeout)
        .user_agent(user_agent)
        .https_only(endpoint.transport_security() == TransportSecurity::Tls);
    let http = match endpoint.transport_security() {
        TransportSecurity::Tls => tls.apply(http, is_from_caller)?,
        _ if tls.client_certificate.is_some() => {
            return Err(Error::configuration(
                "a client certificate is set, which plain HTTP cannot present: use an https base URL",
            ));
        }
        // What is meant for this machine does not travel to a proxy first.
        TransportSecurity::Loopback => http.no_proxy(),
        TransportSecurity::ExposedHttp => http,
    };
    http.build().map_err(|error| {
        let message = tls_failure::describe_config_error(&error).map_or_else(
            || {
                let reason = causes(&error).last();
                let reason = reason.map_or_else(|| error.to_string(), ToString::to_string);
                // The library does not say whose certificate it is that it cannot read.
                let hint = match tls.root_certificates.as_slice() {
                    [] => "",
                    _ => "; is the text of a root certificate damaged?",
                };
                format!("the HTTP client cannot be set up: {reason}{hint}")
            },
            str::to_owned,
        );
        Error::configuration(message).with_source(error)
    })
}
