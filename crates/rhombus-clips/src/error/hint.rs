//! Structured advice that an error carries beside its message.
//!
//! A message states what failed, in terms that hold for every user of the library. Advice depends on
//! who reads it: a program names its flags, a server its configuration keys. It is therefore data
//! here, and each caller renders it in its own terms; `Display` renders it in terms of this crate's
//! API.

use std::fmt;

use crate::Region;

/// One step that is likely to resolve an [`Error`](crate::Error), from
/// [`Error::hints`](crate::Error::hints).
///
/// `Display` is a short imperative phrase in terms of this crate's API, without a full stop. A
/// program with settings of its own matches on the variants and falls back to `Display` for those
/// that it does not know.
///
/// ```
/// use rhombus_clips::{Client, Hint};
///
/// /// Advice in terms of a program with the settings file `app.toml`.
/// fn advice(hint: &Hint) -> String {
///     match hint {
///         Hint::SetApiKey => "set api_key in app.toml".to_owned(),
///         Hint::CheckApiKey | Hint::CheckAuthScheme => "check api_key in app.toml".to_owned(),
///         Hint::CheckOrganization => "check api_key in app.toml".to_owned(),
///         Hint::UseRegion(region) => format!("set region = {region:?} in app.toml"),
///         Hint::CheckRegion | Hint::CheckBaseUrl => "check region in app.toml".to_owned(),
///         Hint::SetProxyCredentials => "check proxy in app.toml".to_owned(),
///         Hint::InstallRootCertificates => hint.to_string(),
///         Hint::AddRootCertificate => "set root_certificates in app.toml".to_owned(),
///         Hint::CheckClientCertificate => "check client_certificate in app.toml".to_owned(),
///         Hint::ExtendTimeout | Hint::ExtendNotFoundGracePeriod => "set timeouts".to_owned(),
///         Hint::RaiseRateLimit | Hint::ReduceConcurrency => "set limits".to_owned(),
///         Hint::RaiseBodyLimit | Hint::EnableFeature(_) => "report a bug".to_owned(),
///         // Actions of the user; `Display` is sufficient.
///         Hint::CheckNetwork | Hint::CheckClock | Hint::RetryLater => hint.to_string(),
///         Hint::CheckOutcome | Hint::ResumeCreate | Hint::CheckFootage => hint.to_string(),
///         Hint::ResumeWatch | Hint::StartNewWatch | Hint::WatchParts => hint.to_string(),
///         Hint::CheckClipUuid | Hint::WatchClip => hint.to_string(),
///         Hint::SetMediaUrl | Hint::CheckMediaUrl => "check media_url in app.toml".to_owned(),
///         Hint::GetClipAgain | Hint::DownloadToFile | Hint::ResumeExport => hint.to_string(),
///         Hint::Overwrite | Hint::FreeDiskSpace => hint.to_string(),
///         _ => hint.to_string(), // Hints may be added.
///     }
/// }
///
/// let error = Client::builder().build().unwrap_err();
/// let hints: Vec<_> = error.hints().iter().map(advice).collect();
/// assert_eq!(hints, ["set api_key in app.toml"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hint {
    /// Set an API key.
    SetApiKey,
    /// Check that the API key is right, has not expired, and has the permission.
    CheckApiKey,
    /// Check that the API key is one of the organization that has the clip.
    CheckOrganization,
    /// Check the authentication scheme: a partner's key, or a key for use with a client
    /// certificate, needs a scheme of its own.
    CheckAuthScheme,
    /// Use this region: the API key is likely one of that region.
    UseRegion(Region),
    /// Check that the region is the API key's.
    CheckRegion,
    /// Check the base URL.
    CheckBaseUrl,
    /// Check the network connection.
    CheckNetwork,
    /// Check the local clock.
    CheckClock,
    /// Trust a private certificate authority.
    AddRootCertificate,
    /// Install the certificate authorities of the platform, or trust one of your own.
    InstallRootCertificates,
    /// Check that the client certificate is set and is the right one.
    CheckClientCertificate,
    /// Add user name and password to the URL of the proxy.
    SetProxyCredentials,
    /// Raise the body limit if the service is expected to send as much.
    RaiseBodyLimit,
    /// Raise the client's own rate limit.
    RaiseRateLimit,
    /// Send fewer requests at a time.
    ReduceConcurrency,
    /// Repeat the call later.
    RetryLater,
    /// Find out whether the request took effect before it is sent again.
    CheckOutcome,
    /// Look for the clip later with the error's intent, or list the camera's clips.
    ResumeCreate,
    /// Check the time range and the camera, or lower what is required of the footage.
    CheckFootage,
    /// Set a longer timeout.
    ExtendTimeout,
    /// Set a longer grace period for clips without a record.
    ExtendNotFoundGracePeriod,
    /// Resume the watch from the error's checkpoint.
    ResumeWatch,
    /// Watch the clips that are the parts of this one, which is a placeholder.
    WatchParts,
    /// Start a new watch, because this one cannot be resumed.
    StartNewWatch,
    /// Check the clip's UUID.
    CheckClipUuid,
    /// Watch the clip if it was requested moments ago: its record may not exist yet.
    WatchClip,
    /// Get the clip again: its record may say more.
    GetClipAgain,
    /// Set the URL of the media host.
    SetMediaUrl,
    /// Check the URL of the media host.
    CheckMediaUrl,
    /// Continue the export from its checkpoint.
    ResumeExport,
    /// Download to a file, which can start over, in place of a writer or a stream.
    DownloadToFile,
    /// Choose another name, or allow that the file is replaced.
    Overwrite,
    /// Make room on the disk, or choose another one.
    FreeDiskSpace,
    /// Enable this feature of the crate.
    EnableFeature(&'static str),
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SetApiKey => "set an API key with ClientBuilder::api_key",
            Self::CheckApiKey => "check the API key, its expiry and its permissions",
            Self::CheckOrganization => {
                "check that the API key is one of the clip's organization, unless the clip was deleted"
            }
            Self::CheckAuthScheme => {
                "for a partner's key use ClientBuilder::partner, for a key with a client certificate ClientBuilder::client_certificate"
            }
            Self::UseRegion(region) => {
                return write!(f, "use the region of the API key, likely Region::{region:?}");
            }
            Self::CheckRegion => "check that ClientBuilder::region is the API key's region",
            Self::CheckBaseUrl => "check the base URL",
            Self::CheckNetwork => "check the network connection",
            Self::CheckClock => "check the local clock",
            Self::AddRootCertificate => {
                "trust a private certificate authority with ClientBuilder::root_certificate"
            }
            Self::InstallRootCertificates => {
                "install the platform's certificate authorities (often the package ca-certificates), or trust your own with ClientBuilder::root_certificate"
            }
            Self::CheckClientCertificate => "check ClientBuilder::client_certificate",
            Self::SetProxyCredentials => {
                "add user name and password to the URL of the proxy, as in http://USER:PASSWORD@HOST:PORT"
            }
            Self::RaiseBodyLimit => {
                "raise ClientBuilder::body_limit if a response of this size is expected"
            }
            Self::RaiseRateLimit => "raise ClientBuilder::rate_limit",
            Self::ReduceConcurrency => "share the rate limit among fewer calls",
            Self::RetryLater => "retry later",
            Self::CheckOutcome => {
                "find out whether the request took effect before sending it again"
            }
            Self::ResumeCreate => {
                "look for the clip later with Client::resume_create and Error::intent, or with Client::list_clips"
            }
            Self::CheckFootage => {
                "check the time range and the camera, or choose another FootagePolicy"
            }
            Self::ExtendTimeout => "set a longer timeout",
            Self::ExtendNotFoundGracePeriod => "set a longer not_found_grace_period",
            Self::ResumeWatch => "resume the watch from Error::checkpoint",
            Self::WatchParts => {
                "watch the parts of the clip, which is a placeholder: CreatedClips::uuids has them"
            }
            Self::StartNewWatch => "start a new watch",
            Self::CheckClipUuid => "check the clip's UUID",
            Self::WatchClip => "watch the clip if it is new, as its record may not exist yet",
            Self::GetClipAgain => "get the clip again, as its record may say more",
            Self::SetMediaUrl => "set the media host with ClientBuilder::media_url",
            Self::CheckMediaUrl => "check that ClientBuilder::media_url is the media host of the API key's region",
            Self::ResumeExport => "continue the export from its checkpoint",
            Self::DownloadToFile => "download to a file, which can start over",
            Self::Overwrite => "choose another name, or set Download::overwrite",
            Self::FreeDiskSpace => "make room on the disk, or choose another one",
            Self::EnableFeature(feature) => {
                return write!(f, "enable the feature `{feature}` of rhombus-clips");
            }
        })
    }
}

/// A setting of [`ClientBuilder`](crate::ClientBuilder) that an [`Error`](crate::Error) of kind
/// [`Configuration`](crate::ErrorKind::Configuration) is about, from
/// [`Error::setting`](crate::Error::setting).
///
/// A program that reads its settings from several places uses it to name the place that holds the
/// invalid one.
///
/// ```
/// use rhombus_clips::{Client, Setting};
///
/// /// Key of the program's settings file that holds the setting.
/// fn key(setting: Setting) -> &'static str {
///     match setting {
///         Setting::ApiKey => "api_key",
///         Setting::BaseUrl => "endpoint_url",
///         Setting::MediaUrl => "media_url",
///         Setting::Organization => "organization",
///         Setting::ClientCertificate | Setting::RootCertificate => "certificates",
///         Setting::AttemptTimeout | Setting::Timeout | Setting::ConnectTimeout => "timeouts",
///         Setting::BodyLimit => "body_limit",
///         Setting::UserAgent => "user_agent",
///         Setting::Proxy => "proxy",
///         _ => "settings", // Settings may be added.
///     }
/// }
///
/// let builder = Client::builder().api_key("0123456789").base_url("http://gateway.example");
/// let error = builder.build().unwrap_err();
/// assert_eq!(error.setting().map(key), Some("endpoint_url"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Setting {
    /// [`ClientBuilder::api_key`](crate::ClientBuilder::api_key), or `RHOMBUS_API_KEY`.
    ApiKey,
    /// [`ClientBuilder::base_url`](crate::ClientBuilder::base_url), or `RHOMBUS_ENDPOINT_URL`.
    BaseUrl,
    /// `ClientBuilder::media_url` of the feature `download`, or `RHOMBUS_MEDIA_URL`.
    MediaUrl,
    /// [`ClientBuilder::partner_for`](crate::ClientBuilder::partner_for).
    Organization,
    /// [`ClientBuilder::client_certificate`](crate::ClientBuilder::client_certificate).
    ClientCertificate,
    /// [`ClientBuilder::root_certificate`](crate::ClientBuilder::root_certificate).
    RootCertificate,
    /// [`ClientBuilder::attempt_timeout`](crate::ClientBuilder::attempt_timeout).
    AttemptTimeout,
    /// [`ClientBuilder::timeout`](crate::ClientBuilder::timeout).
    Timeout,
    /// [`ClientBuilder::connect_timeout`](crate::ClientBuilder::connect_timeout).
    ConnectTimeout,
    /// [`ClientBuilder::body_limit`](crate::ClientBuilder::body_limit).
    BodyLimit,
    /// [`ClientBuilder::user_agent`](crate::ClientBuilder::user_agent).
    UserAgent,
    /// The proxy, from an environment variable such as `HTTPS_PROXY` or `ALL_PROXY`.
    Proxy,
}
