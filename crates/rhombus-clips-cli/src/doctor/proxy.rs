//! Detects the proxy that a request goes through.
//!
//! The HTTP library applies the same rules but does not report the result; its matcher is used here so
//! that both agree.

use std::env;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

/// Proxy of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proxy {
    None,
    /// No proxy is used for plain HTTP, which is allowed for this machine only.
    PlainHttp,
    /// A proxy is set, but not used for this host.
    Excluded {
        source: String,
    },
    Through {
        /// URL without user name and password.
        address: String,
        source: String,
    },
}

/// Environment variables in the order of precedence of the HTTP library for `https` URLs.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

impl Proxy {
    /// Detects the proxy for an endpoint from the environment and the system settings.
    pub(super) fn detect(endpoint_url: &str) -> Self {
        let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let variable = VARIABLES.into_iter().find(is_set);
        Self::select(endpoint_url, &Matcher::from_system(), variable)
    }

    fn select(endpoint_url: &str, matcher: &Matcher, variable: Option<&str>) -> Self {
        let Ok(url) = endpoint_url.parse::<Uri>() else {
            return Self::None;
        };
        if url.scheme_str() != Some("https") {
            return Self::PlainHttp;
        }
        match (matcher.intercept(&url), variable) {
            (Some(proxy), variable) => Self::Through {
                address: format_address(proxy.uri()),
                source: variable.unwrap_or("the system settings").to_owned(),
            },
            (None, Some(variable)) => Self::Excluded {
                source: variable.to_owned(),
            },
            (None, None) => Self::None,
        }
    }
}

fn format_address(proxy: &Uri) -> String {
    let scheme = proxy.scheme_str().unwrap_or("http");
    let host = proxy.host().unwrap_or_default();
    match proxy.port() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(endpoint_url: &str) -> Proxy {
        let matcher = Matcher::builder()
            .https("http://me:canary@proxy.example:3128")
            .no("gateway.example");
        Proxy::select(endpoint_url, &matcher.build(), Some("HTTPS_PROXY"))
    }

    #[test]
    fn the_proxy_is_selected_by_host_and_shown_without_password() {
        let source = "HTTPS_PROXY".to_owned();
        let through = Proxy::Through {
            address: "http://proxy.example:3128".to_owned(),
            source: source.clone(),
        };
        assert_eq!(select("https://api2.rhombussystems.com"), through);
        assert_eq!(
            select("https://gateway.example"),
            Proxy::Excluded { source }
        );
        assert_eq!(select("http://127.0.0.1:80"), Proxy::PlainHttp);
        let none = Matcher::builder().build();
        assert_eq!(Proxy::select("https://a.example", &none, None), Proxy::None);
    }
}
