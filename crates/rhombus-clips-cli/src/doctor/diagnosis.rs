//! What an outcome means, and what to do.

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rhombus_clips::{ErrorKind, Region};

use super::cause::Cause;
use super::check::{Check, Status};
use super::proxy::Proxy;
use super::trouble::Trouble;
use crate::exit_code::ExitCode;
use crate::wording::utc::utc;

/// Certificates and signatures begin to fail at about this much.
const CLOCKS_APART: Duration = Duration::from_secs(5 * 60);

/// What a request was sent with.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    pub(super) endpoint_url: String,
    pub(super) proxy: Proxy,
    pub(super) scheme: &'static str,
    pub(super) now: SystemTime,
}

/// The checks that follow from one request: of the service, and of the clock where something is
/// known of it.
pub(super) fn diagnose(
    trouble: Option<&Trouble>,
    surroundings: &Surroundings,
    elapsed: Duration,
) -> Vec<Check> {
    let elapsed = elapsed.as_millis();
    let accepted = format!("answered in {elapsed} ms and accepts the API key");
    let service = match trouble {
        None => Check::ok("service", accepted),
        // The clip that was asked for does not exist.
        Some(trouble) if trouble.kind == ErrorKind::NotFound => Check::ok("service", accepted),
        // What it says of a clip that does not exist is not documented.
        Some(trouble) if trouble.kind == ErrorKind::Service => {
            let message = format!("answered in {elapsed} ms: {}", trouble.text);
            Check::new("service", Status::Warning, message)
        }
        Some(trouble) => {
            let code = ExitCode::from(trouble.kind);
            let check = Check::new("service", Status::Error(code), &trouble.text);
            match advice(trouble, surroundings) {
                Some(advice) => check.advice(advice),
                None => check,
            }
        }
    };
    let clock = trouble.and_then(|trouble| clock(trouble, surroundings.now));
    clock.into_iter().chain([service]).collect()
}

fn clock(trouble: &Trouble, now: SystemTime) -> Option<Check> {
    let date = trouble.date?;
    let apart = now
        .duration_since(date)
        .unwrap_or_else(|early| early.duration());
    if apart < CLOCKS_APART {
        return Some(Check::ok("clock", "as that of the service"));
    }
    let message = format!(
        "here it is {}, at the service {}",
        moment(now),
        moment(date)
    );
    let check = Check::new("clock", Status::Warning, message);
    Some(check.advice("set the clock of this machine"))
}

fn moment(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    utc(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn advice(trouble: &Trouble, surroundings: &Surroundings) -> Option<String> {
    match trouble.kind {
        ErrorKind::Connection | ErrorKind::Timeout => Some(unreachable(trouble, surroundings)),
        ErrorKind::Tls => tls(trouble, surroundings),
        ErrorKind::Authentication => Some(refused(trouble, surroundings)),
        ErrorKind::RateLimited => Some(match trouble.retry_after {
            Some(wait) => format!("the API key may be fine: try again in {} s", wait.as_secs()),
            None => "the API key may be fine: try again in a minute".to_owned(),
        }),
        ErrorKind::UnexpectedStatus if trouble.status >= Some(500) => {
            Some("that is for the service to mend: try again later".to_owned())
        }
        ErrorKind::UnexpectedStatus | ErrorKind::Decode => Some(
            "does the endpoint name the service, and does a proxy or a login page answer in its place?"
                .to_owned(),
        ),
        _ => None,
    }
}

fn unreachable(trouble: &Trouble, surroundings: &Surroundings) -> String {
    match (&surroundings.proxy, trouble.cause) {
        (Proxy::Through { setting, .. }, Cause::ProxyPassword) => format!(
            "the proxy wants a user name and a password: put them into {setting}, as in http://USER:PASSWORD@HOST:PORT"
        ),
        (Proxy::Through { address, .. }, Cause::ProxyRefused) => {
            format!("the proxy {address} does not connect to the service: have it allowed there")
        }
        (Proxy::Through { address, setting }, _) => format!(
            "the request went to the proxy {address} of {setting}: does it run, and does it let the service through?"
        ),
        (_, Cause::Name) => {
            "the host's name is not found: check the endpoint, the network and its name server; does this network want a proxy (HTTPS_PROXY)?".to_owned()
        }
        (_, Cause::Refused) => "nobody listens there: check host and port of the endpoint".to_owned(),
        (_, Cause::Unreachable) => "there is no way to the host: check the network".to_owned(),
        _ => "check the endpoint and the network; does this network want a proxy (HTTPS_PROXY), or does a firewall keep the request?".to_owned(),
    }
}

fn tls(trouble: &Trouble, surroundings: &Surroundings) -> Option<String> {
    let now = moment(surroundings.now);
    let advice = match trouble.cause {
        Cause::UnknownIssuer => {
            "if a proxy or firewall of yours opens TLS, add its authority to those that this machine trusts (on Linux, SSL_CERT_FILE can name them); if not, somebody else answers there".to_owned()
        }
        Cause::Expired | Cause::NotYetValid => {
            format!("here it is {now}: set the clock if that is wrong, else the certificate has to be renewed there")
        }
        Cause::OtherHost => "check the host of the endpoint".to_owned(),
        Cause::NoTls => {
            "check the port of the endpoint; a service on this machine may be meant to be asked with http://".to_owned()
        }
        Cause::Alert => "if the API key is used with a client certificate, the profile needs auth_type = cert, cert_file and key_file".to_owned(),
        _ => return None,
    };
    Some(advice)
}

/// The key is never sent to another region to find out: it would be shown to another host.
fn refused(trouble: &Trouble, surroundings: &Surroundings) -> String {
    if trouble.status == Some(401) {
        let scheme = surroundings.scheme;
        return format!(
            "the key was sent with the scheme {scheme}: a partner's needs is_partner = true or --org, one with a client certificate auth_type = cert"
        );
    }
    let elsewhere = match surroundings.endpoint_url.trim_end_matches('/') {
        us if us == Region::Us.base_url() => {
            "if the organization lives in the European Union, give --region eu"
        }
        eu if eu == Region::Eu.base_url() => {
            "if the organization lives in the United States, give --region us"
        }
        _ => "if the organization lives in another region, give its --region",
    };
    if trouble
        .body
        .to_ascii_lowercase()
        .contains("invalid api key")
    {
        return format!(
            "most often it is the key of another region: {elsewhere}; else the key is mistyped or was deleted"
        );
    }
    format!(
        "see in Rhombus's console whether the key is there, has not expired, and may see clips; {elsewhere}"
    )
}
