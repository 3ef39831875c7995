//! Check of the proxies in the environment.
//!
//! The HTTP library ignores a variable that names no usable proxy, and connects directly. A network
//! that requires its proxy drops such connections, which looks like an outage.

use std::env;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use crate::client::endpoint::Endpoint;
use crate::error::{Error, Result, Setting};

/// Schemes of the proxies that the HTTP library supports. Without a scheme, it is `http`.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// Rejects proxy variables that apply to the endpoint and of which none can be used.
pub(super) fn check_environment(endpoint: &Endpoint) -> Result<()> {
    // A server sets it for a CGI program, where a header of the request can set `HTTP_PROXY`. The HTTP
    // library then uses no proxy.
    if env::var_os("REQUEST_METHOD").is_some() {
        return Ok(());
    }
    let variables = match endpoint.is_https() {
        true => ["HTTPS_PROXY", "https_proxy"],
        false => ["HTTP_PROXY", "http_proxy"],
    };
    let no_proxy = first_set(["NO_PROXY", "no_proxy"]).map(|(_, value)| value);
    if !is_proxied(endpoint, &no_proxy.unwrap_or_default()) {
        return Ok(());
    }
    let proxies = [variables, ["ALL_PROXY", "all_proxy"]].map(first_set);
    match unusable(proxies.into_iter().flatten()) {
        // The value may contain a password, so it is not quoted.
        Some((name, reason)) => Err(Error::configuration(format!(
            "the environment variable {name} {reason}; use a URL with one of the schemes {}, or unset it",
            SCHEMES.join(", ")
        ))
        .with_setting(Setting::Proxy)),
        None => Ok(()),
    }
}

/// Returns the first variable that is set, even if it is empty, as the HTTP library reads them.
fn first_set(names: [&'static str; 2]) -> Option<(&'static str, String)> {
    let is_set = |name| Some((name, env::var(name).ok()?));
    names.into_iter().find_map(is_set)
}

/// Returns the first variable that names no usable proxy, with the reason, unless one of them names a
/// usable proxy. An empty one is like one that is not set.
fn unusable<'a>(variables: impl Iterator<Item = (&'a str, String)>) -> Option<(&'a str, String)> {
    let mut first = None;
    for (name, value) in variables.filter(|(_, value)| !value.is_empty()) {
        match reason(&value) {
            Some(reason) => first = first.or(Some((name, reason))),
            None => return None,
        }
    }
    first
}

/// Returns whether `NO_PROXY` leaves the endpoint to the proxy.
fn is_proxied(endpoint: &Endpoint, no_proxy: &str) -> bool {
    let matcher = Matcher::builder()
        .all("http://proxy.invalid")
        .no(no_proxy)
        .build();
    match endpoint.base_url().parse() {
        Ok(uri) => matcher.intercept(&uri).is_some(),
        Err(_) => true,
    }
}

/// Returns the reason for which a value names no usable proxy, as the HTTP library reads it.
fn reason(value: &str) -> Option<String> {
    let matcher = Matcher::builder().all(value).build();
    let intercept = matcher.intercept(&Uri::from_static("http://service.invalid"));
    let host = intercept
        .as_ref()
        .and_then(|intercept| intercept.uri().host());
    if host.is_some_and(|host| !host.is_empty()) {
        return None;
    }
    let uri = value.parse::<Uri>().ok();
    let scheme = uri.as_ref().and_then(Uri::scheme_str);
    Some(match scheme.filter(|scheme| !SCHEMES.contains(scheme)) {
        Some(scheme) => format!("names a proxy with the scheme {scheme}, which is not supported"),
        None => "is not the URL of a proxy".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usable_proxies() {
        for value in [
            "proxy.example",
            "proxy.example:3128",
            "10.0.0.1:3128",
            "http://me:secret@proxy.example:3128/",
            "HTTPS://proxy.example",
            "socks4://proxy.example",
            "socks5h://127.0.0.1:1080",
        ] {
            assert_eq!(reason(value), None, "{value}");
        }
    }

    #[test]
    fn an_unusable_proxy_is_described_without_its_password() {
        for (value, expected) in [
            ("ftp://me:secret@proxy.example", "scheme ftp"),
            ("quic://proxy.example:1", "scheme quic"),
            ("socks://proxy.example:1", "scheme socks"),
            ("SOCKS5://proxy.example:1", "scheme SOCKS5"),
            ("http://", "not the URL"),
            ("me:secret@", "not the URL"),
            (":3128", "not the URL"),
            ("socks5h//secret", "not the URL"),
        ] {
            let reason = reason(value).unwrap_or_else(|| panic!("{value}"));
            assert!(reason.contains(expected), "{value}: {reason}");
            assert!(!reason.contains("secret"));
        }
    }

    #[test]
    fn a_usable_variable_is_enough() {
        let unusable = |values: [&str; 2]| {
            let variables = ["HTTPS_PROXY", "ALL_PROXY"].into_iter();
            let variables = variables.zip(values.map(str::to_owned));
            super::unusable(variables).map(|(name, _)| name)
        };
        let (good, bad) = ("http://proxy.example", "ftp://proxy.example");
        assert_eq!(unusable([bad, good]), None);
        assert_eq!(unusable([good, bad]), None);
        assert_eq!(unusable(["", ""]), None);
        assert_eq!(unusable(["", bad]), Some("ALL_PROXY"));
        assert_eq!(unusable([bad, bad]), Some("HTTPS_PROXY"));
    }

    #[test]
    fn no_proxy_exempts_hosts() {
        let endpoint = Endpoint::parse("https://api2.rhombussystems.com", false).unwrap();
        for (no_proxy, proxied) in [
            ("", true),
            ("example.com", true),
            ("rhombussystems.com", false),
            ("*", false),
        ] {
            assert_eq!(is_proxied(&endpoint, no_proxy), proxied, "{no_proxy}");
        }
    }
}
