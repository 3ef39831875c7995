//! Base URL of the service, and the protection that a connection to it has.

use reqwest::Url;

use crate::Region;
use crate::error::{Error, Result, Setting};

/// A base URL that the API key may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    base_url: String,
    host: String,
    transport_security: TransportSecurity,
}

/// Protection of a request in transit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransportSecurity {
    Tls,
    /// Plain HTTP to a loopback address.
    Loopback,
    /// Plain HTTP across a network, which the caller has explicitly allowed.
    ExposedHttp,
}

impl Endpoint {
    pub(crate) fn parse(text: &str, allows_plain_http: bool) -> Result<Self> {
        Self::parse_setting(text, allows_plain_http, Setting::BaseUrl)
    }

    /// Parses the URL of this setting.
    pub(crate) fn parse_setting(
        text: &str,
        allows_plain_http: bool,
        setting: Setting,
    ) -> Result<Self> {
        let (name, example) = match setting {
            Setting::MediaUrl => ("media URL", Region::default().media_url()),
            _ => ("base URL", Region::default().base_url()),
        };
        // The text may contain a password, so errors quote it only where that is ruled out.
        let reject = |reason: &str| {
            let message = format!("the {name} {reason}");
            Err(Error::configuration(message).with_setting(setting))
        };
        let Ok(url) = Url::parse(text) else {
            return reject(&format!(
                "is not an absolute URL; use a form such as {example}"
            ));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return reject("contains a user name or password; remove it");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return reject("has a query or fragment; use scheme, host, port and path only");
        }
        let transport_security = match url.scheme() {
            "https" => TransportSecurity::Tls,
            "http" if is_loopback(&url) => TransportSecurity::Loopback,
            "http" if allows_plain_http => TransportSecurity::ExposedHttp,
            "http" => {
                return reject(&format!(
                    "{url} is plain HTTP, which exposes the API key; use https"
                ));
            }
            scheme => return reject(&format!("has the scheme {scheme}; use https")),
        };
        Ok(Self {
            host: url.host_str().unwrap_or_default().to_owned(),
            base_url: url.as_str().trim_end_matches('/').to_owned(),
            transport_security,
        })
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Host of the base URL, in lower case.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn is_https(&self) -> bool {
        self.transport_security == TransportSecurity::Tls
    }

    pub(crate) fn transport_security(&self) -> TransportSecurity {
        self.transport_security
    }
}

/// Returns whether the host stands for this machine. Names below `localhost` do, by RFC 6761; they are
/// not resolved, because a resolver may disagree.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let name = host.strip_suffix('.').unwrap_or(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || address
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Endpoint> {
        Endpoint::parse(text, false)
    }

    #[test]
    fn a_base_url_loses_its_last_slash_and_keeps_its_path() {
        let base_url = |text: &str| parse(text).unwrap().base_url().to_owned();
        assert_eq!(
            base_url("https://api2.rhombussystems.com/"),
            Region::Us.base_url()
        );
        assert_eq!(
            base_url("https://gateway.example/rhombus/"),
            "https://gateway.example/rhombus"
        );
    }

    #[test]
    fn plain_http_requires_a_loopback_address() {
        for loopback in [
            "http://127.0.0.1:8080",
            "http://127.8.8.8",
            "http://[::1]:1",
            "http://localhost:3000",
            "http://LOCALHOST.:3000",
            "http://api.localhost",
        ] {
            assert_eq!(
                parse(loopback).unwrap().transport_security(),
                TransportSecurity::Loopback
            );
        }
        for other in [
            "http://api2.rhombussystems.com",
            "http://10.0.0.1",
            "http://localhost.example",
            "http://notlocalhost",
            "http://[::ffff:10.0.0.1]",
            "http://0.0.0.0",
        ] {
            let error = parse(other).unwrap_err().to_string();
            assert!(error.contains("plain HTTP"), "{error}");
            let exposed = Endpoint::parse(other, true).unwrap();
            assert_eq!(exposed.transport_security(), TransportSecurity::ExposedHttp);
        }
    }

    #[test]
    fn a_password_is_rejected_without_being_quoted() {
        let error = parse("https://me:hunter2@api2.rhombussystems.com").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn an_invalid_url_is_rejected() {
        for text in [
            "",
            "api2.rhombussystems.com",
            "ftp://x.example",
            "https://x.example/?a=b",
        ] {
            assert!(parse(text).unwrap_err().is_configuration(), "{text}");
        }
    }
}
