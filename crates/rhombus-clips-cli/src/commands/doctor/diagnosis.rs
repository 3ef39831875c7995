//! Interprets the outcome of the request: status, message and advice.
//!
//! Sends nothing and reads neither clock nor environment, so that every outcome can be tested. Decisions
//! depend on kind, status, hints and root cause of the failure. The text of a message decides only where
//! the HTTP library has no public type for a cause: a failed name resolution, and the answers of a proxy.

#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rhombus_clips::{Error, ErrorKind, Hint, Region};

use super::check::{Check, CheckStatus};
use super::config_checks::Proxy;
use crate::report::error_response::ErrorResponse;
use crate::report::failure::ExitCode;
use crate::report::user_message;
use crate::text::format_utc;

/// Clock difference that is reported. Chosen, not tuned: validation of certificates and signatures
/// commonly tolerates about five minutes.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// Settings and circumstances that a request was sent with.
#[derive(Clone, Debug)]
pub(super) struct RequestContext {
    pub(super) endpoint_url: String,
    pub(super) proxy: Proxy,
    pub(super) scheme: &'static str,
    pub(super) now: SystemTime,
}

/// Returns the checks of the service and, if the response has a date, of the clock.
pub(super) fn diagnose(
    failure: Option<&RequestFailure>,
    context: &RequestContext,
    elapsed: Duration,
) -> Vec<Check> {
    let elapsed = elapsed.as_millis();
    let accepted = format!("responded in {elapsed} ms; API key accepted");
    let service = match failure {
        None => Check::ok("service", accepted),
        // The default UUID is one that no clip has.
        Some(failure) if failure.kind == ErrorKind::NotFound => Check::ok("service", accepted),
        // The response to the UUID of a clip that does not exist is undocumented.
        Some(failure) if failure.kind == ErrorKind::Service => {
            let message = format!("responded in {elapsed} ms: {}", failure.message);
            Check::new("service", CheckStatus::Warning, message)
        }
        Some(failure) => {
            let code = ExitCode::from(failure.kind);
            let check = Check::new("service", CheckStatus::Error(code), &failure.message);
            match advice(failure, context) {
                Some(advice) => check.advice(advice),
                None => check,
            }
        }
    };
    let clock = failure.and_then(|failure| check_clock(failure, context.now));
    clock.into_iter().chain([service]).collect()
}

fn check_clock(failure: &RequestFailure, now: SystemTime) -> Option<Check> {
    let date = failure.date?;
    let skew = now
        .duration_since(date)
        .unwrap_or_else(|early| early.duration());
    if skew < MAX_CLOCK_SKEW {
        return Some(Check::ok("clock", "in sync with the server"));
    }
    let message = format!(
        "local clock {}, server clock {}",
        format_time(now),
        format_time(date)
    );
    let check = Check::new("clock", CheckStatus::Warning, message);
    Some(check.advice("set the local clock"))
}

fn format_time(time: SystemTime) -> String {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    format_utc(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

fn advice(failure: &RequestFailure, context: &RequestContext) -> Option<String> {
    match failure.kind {
        ErrorKind::Connection | ErrorKind::Timeout => Some(connection_advice(failure, context)),
        ErrorKind::Configuration if failure.hints.contains(&Hint::SetProxyCredentials) => {
            Some(connection_advice(failure, context))
        }
        ErrorKind::Tls => tls_advice(failure, context),
        ErrorKind::Authentication => Some(authentication_advice(failure, context)),
        ErrorKind::RateLimited => Some(match failure.retry_after {
            Some(delay) => format!(
                "the API key could not be checked; try again in {} s",
                delay.as_secs()
            ),
            None => {
                "the API key could not be checked; try again in a minute".to_owned()
            }
        }),
        ErrorKind::UnexpectedStatus if failure.status >= Some(500) => {
            Some("server-side error; try again later".to_owned())
        }
        ErrorKind::UnexpectedStatus | ErrorKind::Decode => Some(
            "not a response of the Rhombus API; check the endpoint, and whether a proxy or a login page responds in its place"
                .to_owned(),
        ),
        _ => None,
    }
}

fn connection_advice(failure: &RequestFailure, context: &RequestContext) -> String {
    match (&context.proxy, failure.root_cause) {
        (Proxy::Through { source, .. }, RootCause::ProxyAuthentication) => format!(
            "proxy authentication required; add user name and password to {source}, as in http://USER:PASSWORD@HOST:PORT"
        ),
        (Proxy::Through { address, .. }, RootCause::ProxyRejected) => {
            format!("proxy {address} rejected the connection to the service; allow the host there")
        }
        (Proxy::Through { address, source }, _) => format!(
            "no response through proxy {address} (from {source}); check that it is running and allows the host of the endpoint"
        ),
        (_, RootCause::DnsFailure) => {
            "host name not found; check the endpoint, the network and its DNS server, and whether a proxy is required (HTTPS_PROXY)".to_owned()
        }
        (_, RootCause::ConnectionRefused) => {
            "connection refused; check host and port of the endpoint".to_owned()
        }
        (_, RootCause::HostUnreachable) => "host unreachable; check the network".to_owned(),
        _ => "check the endpoint and the network, and whether a proxy is required (HTTPS_PROXY) or a firewall blocks the request".to_owned(),
    }
}

fn tls_advice(failure: &RequestFailure, context: &RequestContext) -> Option<String> {
    let advice = match failure.hints.first()? {
        Hint::AddRootCertificate => {
            "if a trusted proxy or firewall inspects TLS, add its authority to the system's root certificates (on Linux, SSL_CERT_FILE can name them); otherwise the endpoint may be impersonated".to_owned()
        }
        Hint::CheckClock => format!(
            "local clock {}; set the clock if it is wrong, otherwise the server's certificate has to be renewed",
            format_time(context.now)
        ),
        Hint::CheckBaseUrl => {
            "check host and port of the endpoint; for a service on this machine without TLS, use http://".to_owned()
        }
        Hint::CheckClientCertificate => {
            "if the API key requires a client certificate, set auth_type = cert, cert_file and key_file in the profile".to_owned()
        }
        _ => return None,
    };
    Some(advice)
}

/// Returns advice for a rejected API key. The key is never sent to another region as a test, because
/// that would disclose it to another host.
fn authentication_advice(failure: &RequestFailure, context: &RequestContext) -> String {
    if failure.hints.contains(&Hint::CheckAuthScheme) {
        let scheme = context.scheme;
        return format!(
            "the key was sent with the scheme {scheme}; a partner's key requires is_partner = true or --org, a key with a client certificate requires auth_type = cert"
        );
    }
    let use_region = failure.hints.iter().find_map(|hint| match hint {
        Hint::UseRegion(region) => Some(*region),
        _ => None,
    });
    let is_unknown_key = use_region.is_some()
        || failure.hints.contains(&Hint::CheckRegion)
            && !failure.hints.contains(&Hint::CheckApiKey);
    let region = region_advice(use_region.or_else(|| other_region(&context.endpoint_url)));
    if is_unknown_key {
        return format!(
            "most likely a key of another region; {region}; otherwise the key is mistyped or was deleted"
        );
    }
    format!(
        "check in the Rhombus console that the key exists, has not expired and has the permission for clips; {region}"
    )
}

fn other_region(endpoint_url: &str) -> Option<Region> {
    match endpoint_url.trim_end_matches('/') {
        us if us == Region::Us.base_url() => Some(Region::Eu),
        eu if eu == Region::Eu.base_url() => Some(Region::Us),
        _ => None,
    }
}

fn region_advice(region: Option<Region>) -> &'static str {
    match region {
        Some(Region::Eu) => "for an organization in the European Union, use --region eu",
        Some(Region::Us) => "for an organization in the United States, use --region us",
        _ => "for an organization in another region, use its --region",
    }
}

/// A failed request.
#[derive(Clone, Debug)]
pub(super) struct RequestFailure {
    pub(super) kind: ErrorKind,
    /// Error message, root cause, and the message of the service's response.
    pub(super) message: String,
    pub(super) status: Option<u16>,
    pub(super) hints: Vec<Hint>,
    pub(super) retry_after: Option<Duration>,
    /// Time of the server, from the `Date` header.
    pub(super) date: Option<SystemTime>,
    pub(super) root_cause: RootCause,
}

impl RequestFailure {
    pub(super) fn from_error(error: &Error) -> Self {
        let date = error.header("date");
        Self {
            kind: error.kind(),
            message: message(error),
            status: error.status(),
            hints: error.hints().to_vec(),
            retry_after: error.retry_after(),
            date: date.and_then(|date| httpdate::parse_http_date(date).ok()),
            root_cause: RootCause::from_error(error),
        }
    }
}

fn message(error: &Error) -> String {
    let message = match (error.kind(), error.status()) {
        // The library's message lists possible reasons; the advice of the diagnosis is more specific.
        (ErrorKind::Authentication, Some(status)) => format!("API key rejected ({status})"),
        _ => user_message(error),
    };
    ErrorResponse::from_error(error).append_to(&message)
}

/// Root cause of a request without a connection. That of a failed TLS handshake is in the hints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RootCause {
    DnsFailure,
    ConnectionRefused,
    HostUnreachable,
    ProxyAuthentication,
    ProxyRejected,
    Unknown,
}

impl RootCause {
    /// Returns the class of the outermost source that has one.
    pub(super) fn from_error(error: &Error) -> Self {
        error.causes().find_map(classify).unwrap_or(Self::Unknown)
    }
}

fn classify(cause: &(dyn StdError + 'static)) -> Option<RootCause> {
    if let Some(io) = cause.downcast_ref::<io::Error>() {
        return classify_io(io);
    }
    // The HTTP library's types for these are private, so only their messages identify them.
    match cause.to_string().as_str() {
        "tunnel error: proxy authorization required" => Some(RootCause::ProxyAuthentication),
        "tunnel error: unsuccessful" => Some(RootCause::ProxyRejected),
        "dns error" => Some(RootCause::DnsFailure),
        _ => None,
    }
}

fn classify_io(error: &io::Error) -> Option<RootCause> {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(RootCause::ConnectionRefused),
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown => Some(RootCause::HostUnreachable),
        _ => None,
    }
}
