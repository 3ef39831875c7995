//! Requests to the media host, and to where it redirects.
//!
//! The API key goes to the media host alone. A redirect to another host, such as to a presigned URL of a
//! storage service, is followed without it, and from there on no request carries the key.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Response, Url};
use rhombus_clips_api::Credentials;
use tokio::time::{Instant, timeout_at};

use super::connection_error::{map_transport_error, timed_out};
use super::http_client::{HttpClientFactory, HttpClientSettings};
use super::status_error;
use super::tls::HttpVersions;
use crate::client::endpoint::{Endpoint, TransportSecurity};
use crate::error::{Error, ErrorKind, Hint, Result, Setting};

/// Redirects that are followed. Chosen, not tuned: a storage service takes one, browsers follow twenty.
const MAX_REDIRECTS: usize = 5;

/// HTTP clients that are kept. Chosen, not tuned: those of the media host and of a few storage hosts.
const MAX_CLIENTS: usize = 8;

/// The media host of a client, and the hosts that it redirects to.
pub(crate) struct Media {
    /// `None` if the base URL of the client tells of no media host.
    host: Option<MediaHost>,
    settings: HttpClientSettings,
    credentials: Credentials,
    clients: Mutex<Vec<(ClientKey, reqwest::Client)>>,
}

/// The host that the files are on.
#[derive(Clone, Debug)]
pub(crate) struct MediaHost {
    pub(crate) endpoint: Endpoint,
    pub(crate) url: Url,
    /// Further hosts of the service, which receive the key over https.
    pub(crate) other_hosts: &'static [&'static str],
}

/// Purpose of an HTTP client.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ClientKey {
    origin: String,
    is_authenticated: bool,
}

impl Media {
    pub(crate) fn new(
        host: Option<MediaHost>,
        settings: HttpClientSettings,
        credentials: Credentials,
    ) -> Self {
        Self {
            host,
            settings,
            credentials,
            clients: Mutex::new(Vec::new()),
        }
    }

    /// Returns the URL of the media host.
    pub(crate) fn url(&self) -> Result<&Url> {
        let host = self.host.as_ref().ok_or_else(|| {
            Error::configuration(
                "the base URL is not one of Rhombus's, so the media host is not known",
            )
            .with_setting(Setting::MediaUrl)
            .with_hint(Hint::SetMediaUrl)
        })?;
        Ok(&host.url)
    }

    /// Requests a file, and follows redirects. The response arrives by the deadline, its body need not.
    pub(crate) async fn get(
        &self,
        url: Url,
        headers: &[(HeaderName, HeaderValue)],
        deadline: Instant,
    ) -> Result<Response> {
        let mut url = url;
        let mut is_authenticated = true;
        for _ in 0..=MAX_REDIRECTS {
            is_authenticated = is_authenticated && self.is_trusted(&url);
            let mut response = self.send(&url, is_authenticated, headers, deadline).await?;
            let location = match response.status().is_redirection() {
                true => response.headers().get(LOCATION).cloned(),
                false => None,
            };
            self.credentials.redact_headers(response.headers_mut());
            let Some(location) = location else {
                return Ok(response);
            };
            // A URL that quotes the key would take it to another host.
            let text = location.to_str().ok();
            let text = text.filter(|text| self.credentials.redact(text) == *text);
            let target = text.and_then(|text| url.join(text).ok());
            url = match target {
                Some(target) if target.has_host() => target,
                _ => {
                    let message = format!(
                        "{} redirects to what is no URL, or one with the API key",
                        origin(&url)
                    );
                    return Err(Error::new(ErrorKind::UnexpectedStatus, message)
                        .with_status(response.status().as_u16()));
                }
            };
        }
        let message = format!(
            "more than {MAX_REDIRECTS} redirects, the last one to {}",
            origin(&url)
        );
        Err(Error::new(ErrorKind::UnexpectedStatus, message).with_hint(Hint::CheckMediaUrl))
    }

    async fn send(
        &self,
        url: &Url,
        is_authenticated: bool,
        headers: &[(HeaderName, HeaderValue)],
        deadline: Instant,
    ) -> Result<Response> {
        let key = ClientKey {
            origin: origin(url),
            is_authenticated,
        };
        let client = self.client(&key, url)?;
        let mut all = HeaderMap::new();
        all.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        all.extend(headers.iter().cloned());
        if is_authenticated {
            self.credentials.apply_to(&mut all);
        }
        let request = client.get(url.clone()).headers(all).send();
        let result = match timeout_at(deadline, request).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.transport_error(&key.origin, error)),
            Err(_) => Err(timed_out(&key.origin)),
        };
        if result.is_err() {
            self.forget(&key);
        }
        result
    }

    /// Maps an error of the HTTP library on the way to or from this origin.
    pub(crate) fn transport_error(&self, origin: &str, error: reqwest::Error) -> Error {
        map_transport_error(&self.credentials, origin, error)
    }

    /// Drops the connections to the origin of this URL, of which one has stopped to send.
    pub(crate) fn disconnect(&self, url: &Url) {
        let origin = origin(url);
        self.clients().retain(|(key, _)| key.origin != origin);
    }

    fn forget(&self, key: &ClientKey) {
        self.clients().retain(|(other, _)| other != key);
    }

    /// Returns whether a URL is on the media host, which receives the key.
    pub(crate) fn is_trusted(&self, url: &Url) -> bool {
        let Some(host) = &self.host else { return false };
        let is_other = url.scheme() == "https"
            && url.port_or_known_default() == Some(443)
            && url
                .host_str()
                .is_some_and(|it| host.other_hosts.contains(&it));
        origin(url) == origin(&host.url) || is_other
    }

    fn client(&self, key: &ClientKey, url: &Url) -> Result<reqwest::Client> {
        let mut clients = self.clients();
        if let Some((_, client)) = clients.iter().find(|(other, _)| other == key) {
            return Ok(client.clone());
        }
        let endpoint = self.endpoint(key, url)?;
        let factory = match key.is_authenticated {
            true => HttpClientFactory::new(&self.settings, &endpoint)?,
            false => HttpClientFactory::without_client_certificate(&self.settings, &endpoint)?,
        };
        let client = factory.build(HttpVersions::All)?;
        if clients.len() >= MAX_CLIENTS {
            clients.remove(0);
        }
        clients.push((key.clone(), client.clone()));
        Ok(client)
    }

    /// Returns the endpoint of a URL. Elsewhere than at the media host it must be https, or on this machine like
    /// the media host.
    fn endpoint(&self, key: &ClientKey, url: &Url) -> Result<Endpoint> {
        let host = self
            .host
            .as_ref()
            .filter(|host| origin(&host.url) == key.origin);
        if let Some(host) = host {
            return Ok(host.endpoint.clone());
        }
        let endpoint = Endpoint::parse(&key.origin, false).ok();
        let is_local =
            |host: &MediaHost| host.endpoint.transport_security() == TransportSecurity::Loopback;
        let is_allowed = |endpoint: &Endpoint| match endpoint.transport_security() {
            TransportSecurity::Tls => true,
            TransportSecurity::Loopback => self.host.as_ref().is_some_and(is_local),
            TransportSecurity::ExposedHttp => false,
        };
        endpoint.filter(is_allowed).ok_or_else(|| {
            let message = format!(
                "the file is at {}, which is not https, and was not requested",
                origin(url)
            );
            Error::new(ErrorKind::UnexpectedStatus, message).with_hint(Hint::CheckMediaUrl)
        })
    }

    /// Locks the HTTP clients. Only a caller's HTTP client builder can panic under the lock, before anything is
    /// changed.
    fn clients(&self) -> MutexGuard<'_, Vec<(ClientKey, reqwest::Client)>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the beginning of an error response's body, redacted.
    pub(crate) async fn excerpt(&self, response: &mut Response, deadline: Instant) -> String {
        status_error::excerpt(&self.credentials, response, deadline).await
    }
}

/// Returns scheme, host and port of a URL. Path and query are left out, because a presigned URL has its
/// signature there.
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}
