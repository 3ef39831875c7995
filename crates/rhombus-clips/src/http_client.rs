//! The HTTP client, set up so that the API key goes to the service alone.

use std::error::Error as _;
use std::time::Duration;

use reqwest::redirect::Policy;

use crate::endpoint::{Endpoint, Transport};
use crate::error::{Error, Result};
use crate::tls::Tls;

/// Builds on the caller's client if there is one; what is set here is set last and holds.
pub(crate) fn http_client(
    of_caller: Option<reqwest::ClientBuilder>,
    endpoint: &Endpoint,
    tls: &Tls,
    connect_timeout: Duration,
    user_agent: String,
) -> Result<reqwest::Client> {
    let is_of_caller = of_caller.is_some();
    let http = of_caller
        .unwrap_or_default()
        // HTTP libraries take `Authorization` off a request that is redirected to another host,
        // but not the header that carries this API key.
        .redirect(Policy::none())
        .referer(false)
        // It logs every byte that is sent.
        .connection_verbose(false)
        .connect_timeout(connect_timeout)
        .user_agent(user_agent)
        .https_only(endpoint.transport() == Transport::Tls);
    let http = match endpoint.transport() {
        Transport::Tls => tls.apply(http, is_of_caller)?,
        _ if tls.client_certificate.is_some() => {
            return Err(Error::configuration(
                "a client certificate is set, which plain HTTP cannot present: use an https base URL",
            ));
        }
        // What is meant for this machine does not travel to a proxy first.
        Transport::Loopback => http.no_proxy(),
        Transport::Exposed => http,
    };
    http.build().map_err(|error| {
        let mut reason = error.source();
        while let Some(deeper) = reason.and_then(|reason| reason.source()) {
            reason = Some(deeper);
        }
        let reason = reason.map_or_else(|| error.to_string(), ToString::to_string);
        Error::configuration(format!("the HTTP client cannot be set up: {reason}"))
            .with_source(error)
    })
}
