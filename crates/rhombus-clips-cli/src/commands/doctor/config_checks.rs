//! Checks of the configuration, before anything is sent: files, profile, credentials, endpoint, proxy.

use std::env;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use rhombus_clips::{Error, Region, Setting};
use secrecy::ExposeSecret as _;

use super::check::{Check, CheckStatus};
use crate::cli::Output;
use crate::config::{ConfigError, ConfigItem, Origin, ProfileFile, Settings, Sourced};
use crate::history;
use crate::report::failure::ExitCode;
use crate::report::{hints, user_message};

/// Name of the check of the media host.
const MEDIA_HOST: &str = "media host";

/// Returns one check per item of the configuration, with all errors or warnings about it.
pub(super) fn check_settings(settings: &Settings, proxy: &Proxy) -> Vec<Check> {
    let check = |item: ConfigItem, name: &'static str, message: String| {
        let messages = |errors: &[ConfigError]| {
            let about_item = errors.iter().filter(|error| error.item == item);
            let messages: Vec<_> = about_item.map(|error| error.message.clone()).collect();
            (!messages.is_empty()).then(|| messages.join("; "))
        };
        match (messages(&settings.errors), messages(&settings.warnings)) {
            (Some(text), _) => Check::new(name, CheckStatus::Error(ExitCode::Other), text),
            (None, Some(text)) => Check::new(name, CheckStatus::Warning, text),
            (None, None) => Check::ok(name, message),
        }
    };
    let items = [ConfigItem::ConfigFile, ConfigItem::CredentialsFile];
    let files = settings.files.iter().zip(items);
    let mut checks: Vec<_> = files
        .map(|(file, item)| check(item, file.name, describe_file(file)))
        .collect();
    let profile = &settings.profile;
    checks.extend([
        check(
            ConfigItem::Profile,
            "profile",
            with_origin(&profile.value, &profile.origin),
        ),
        check(
            ConfigItem::Output,
            "output",
            describe_output(&settings.output, settings.unused_output.as_ref()),
        ),
        check(ConfigItem::History, "history", describe_history(settings)),
        check(ConfigItem::ApiKey, "API key", describe_api_key(settings)),
        check(ConfigItem::Scheme, "scheme", describe_scheme(settings)),
        check(
            ConfigItem::Endpoint,
            "endpoint",
            describe_endpoint(settings),
        ),
        check_media_host(settings),
        check_proxy(proxy),
        check_tls(settings),
    ]);
    checks
}

/// Name of the check that an error of the construction of the client is about.
pub(super) fn check_of(error: &Error) -> Option<&'static str> {
    match error.setting() {
        Some(Setting::Proxy) => Some("proxy"),
        Some(Setting::MediaUrl) => Some(MEDIA_HOST),
        _ if error.is_tls() => Some("TLS"),
        _ => None,
    }
}

/// Reports an error of the construction of the client in the check that it is about.
pub(super) fn attribute(checks: &mut [Check], error: &Error) {
    let name = check_of(error);
    if let Some(check) = checks.iter_mut().find(|check| Some(check.name) == name) {
        check.status = CheckStatus::Error(error.kind().into());
        check.message = user_message(error);
        check.advice = hints(error).into_iter().next();
    }
}

fn with_origin(value: &str, origin: &Origin) -> String {
    format!("{value}, from {origin}")
}

/// Describes the output format, and when that of the profile counts.
fn describe_output(output: &Sourced<Output>, unused: Option<&Origin>) -> String {
    let name = format!("{:?}", output.value).to_lowercase();
    let text = with_origin(&name, &output.origin);
    match (unused, &output.origin) {
        (Some(origin), _) => format!("{text}; json, from {origin}, counts beyond a terminal only"),
        (None, Origin::File { .. }) if output.value == Output::Json => {
            format!("{text}; on a terminal it is text, from the default")
        }
        (None, _) => text,
    }
}

fn describe_history(settings: &Settings) -> String {
    let Sourced { value, origin } = &settings.history;
    match (value, history::root()) {
        (false, _) => with_origin("off", origin),
        (true, None) => "no home directory".to_owned(),
        (true, Some(root)) => with_origin(&root.display().to_string(), origin),
    }
}

fn describe_file(file: &ProfileFile) -> String {
    match (&file.path, file.profiles.as_deref()) {
        (None, _) => "no home directory".to_owned(),
        (Some(path), None) => format!("{} does not exist", path.display()),
        (Some(path), Some([])) => format!("{}, no profiles", path.display()),
        (Some(path), Some(profiles)) => {
            format!("{}, profiles: {}", path.display(), profiles.join(", "))
        }
    }
}

fn describe_api_key(settings: &Settings) -> String {
    settings.api_key.as_ref().map_or_else(String::new, |key| {
        let length = key.value.expose_secret().chars().count();
        format!("set ({length} characters), from {}", key.origin)
    })
}

fn describe_scheme(settings: &Settings) -> String {
    let mut text = settings.scheme().to_owned();
    if let Some(origin) = &settings.partner {
        text.push_str(&format!(", is_partner from {origin}"));
    }
    if let Some(organization) = &settings.organization {
        text.push_str(&format!(
            ", organization {} from {}",
            organization.value, organization.origin
        ));
    }
    if let Some(certificate) = &settings.certificate {
        let cert_file = &certificate.cert_file;
        text.push_str(&format!(
            ", certificate {} from {}",
            cert_file.value.display(),
            cert_file.origin
        ));
    }
    text
}

fn describe_endpoint(settings: &Settings) -> String {
    let url = &settings.endpoint_url;
    let region = match url.value.trim_end_matches('/') {
        us if us == Region::Us.base_url() => " (United States)",
        eu if eu == Region::Eu.base_url() => " (European Union)",
        _ => "",
    };
    with_origin(&format!("{}{region}", redact_url(&url.value)), &url.origin)
}

/// Describes the media host. Nothing is sent to it.
fn check_media_host(settings: &Settings) -> Check {
    if let Some(url) = &settings.media_url {
        return Check::ok(MEDIA_HOST, with_origin(redact_url(&url.value), &url.origin));
    }
    let endpoint_url = settings.endpoint_url.value.trim_end_matches('/');
    let mut regions = [Region::Us, Region::Eu].into_iter();
    match regions.find(|region| region.base_url() == endpoint_url) {
        Some(region) => Check::ok(
            MEDIA_HOST,
            with_origin(region.media_url(), &Origin::Default),
        ),
        None => {
            let message = "not known for this endpoint, so files cannot be downloaded";
            Check::new(MEDIA_HOST, CheckStatus::Warning, message).advice("set --media-url")
        }
    }
}

/// Replaces a URL that may contain a password. It is not validated at this point.
fn redact_url(url: &str) -> &str {
    if url.contains(['@', '?', '#']) {
        return "URL not shown (contains more than scheme, host, port and path)";
    }
    url
}

fn check_proxy(proxy: &Proxy) -> Check {
    let message = match proxy {
        Proxy::None => "none".to_owned(),
        Proxy::PlainHttp => "none (plain HTTP, allowed for this machine only)".to_owned(),
        Proxy::Excluded { source } => {
            format!(
                "none for this host although {source} is set (excluded by NO_PROXY, or {source} is invalid)"
            )
        }
        Proxy::Through { address, source } => format!("{address}, from {source}"),
    };
    Check::ok("proxy", message)
}

fn check_tls(settings: &Settings) -> Check {
    if !settings.endpoint_url.value.starts_with("https:") {
        return Check::ok("TLS", "none (plain HTTP, allowed for this machine only)");
    }
    let variables = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter();
    let roots = variables
        .filter_map(|name| Some(format!("{name}={}", env::var_os(name)?.display())))
        .collect::<Vec<_>>();
    let roots = match roots.as_slice() {
        [] => "the system".to_owned(),
        roots => roots.join(" "),
    };
    Check::ok("TLS", format!("rustls, root certificates from {roots}"))
}

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
    fn the_output_of_a_profile_says_when_it_counts() {
        let file = Origin::File {
            path: "/home/me/.rhombus/config".into(),
            section: "default".to_owned(),
        };
        let text = || Sourced::new(Output::Text, Origin::Default);
        let json = |origin| Sourced::new(Output::Json, origin);
        for (output, unused, expected) in [
            (text(), None, "text, from the default"),
            (
                text(),
                Some(&file),
                "text, from the default; json, from [default] in /home/me/.rhombus/config, counts beyond a \
                 terminal only",
            ),
            (
                json(file.clone()),
                None,
                "json, from [default] in /home/me/.rhombus/config; on a terminal it is text, from the default",
            ),
            (json(Origin::Flag("--json")), None, "json, from --json"),
        ] {
            assert_eq!(describe_output(&output, unused), expected);
        }
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
