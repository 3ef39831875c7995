//! The proxy that a request goes through.

use std::env;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

/// The proxy that a request goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proxy {
    None,
    /// Plain HTTP is for this machine alone, which no proxy is asked for.
    PlainHttp,
    /// One is set, but not for this host.
    Excluded {
        setting: String,
    },
    Through {
        /// Without user name and password.
        address: String,
        setting: String,
    },
}

/// In the order in which the HTTP library looks for one, which asks for `https` alone here.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

impl Proxy {
    /// That of this machine for the service at this address.
    pub(super) fn of(endpoint_url: &str) -> Self {
        let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let variable = VARIABLES.into_iter().find(is_set);
        Self::by(endpoint_url, &Matcher::from_system(), variable)
    }

    fn by(endpoint_url: &str, matcher: &Matcher, variable: Option<&str>) -> Self {
        let Ok(url) = endpoint_url.parse::<Uri>() else {
            return Self::None;
        };
        if url.scheme_str() != Some("https") {
            return Self::PlainHttp;
        }
        match (matcher.intercept(&url), variable) {
            (Some(proxy), variable) => Self::Through {
                address: address(proxy.uri()),
                setting: variable.unwrap_or("the system's settings").to_owned(),
            },
            (None, Some(variable)) => Self::Excluded {
                setting: variable.to_owned(),
            },
            (None, None) => Self::None,
        }
    }
}

fn address(proxy: &Uri) -> String {
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

    fn of(endpoint_url: &str) -> Proxy {
        let matcher = Matcher::builder()
            .https("http://me:canary@proxy.example:3128")
            .no("gateway.example");
        Proxy::by(endpoint_url, &matcher.build(), Some("HTTPS_PROXY"))
    }

    #[test]
    fn it_is_that_of_the_host_and_shown_without_its_password() {
        let setting = "HTTPS_PROXY".to_owned();
        let through = Proxy::Through {
            address: "http://proxy.example:3128".to_owned(),
            setting: setting.clone(),
        };
        assert_eq!(of("https://api2.rhombussystems.com"), through);
        assert_eq!(of("https://gateway.example"), Proxy::Excluded { setting });
        assert_eq!(of("http://127.0.0.1:80"), Proxy::PlainHttp);
        let none = Matcher::builder().build();
        assert_eq!(Proxy::by("https://a.example", &none, None), Proxy::None);
    }
}
