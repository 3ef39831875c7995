//! Settings of the program, from flags, environment variables and the files of the Rhombus CLI.
//!
//! Reading and resolving are separate steps: `sources` performs all I/O and returns the raw `Sources`,
//! and `resolve` is a pure function from them to [`Settings`], so that precedence is tested without
//! an environment. Resolution never stops at the first error, because `doctor` reports all of them.
//! Every resolved value carries its origin, because an error in a setting is fixed where the setting
//! was made. The argument parser does not read the variables: it would take an empty one for a value,
//! and reject an output format that only the Rhombus CLI knows. No message contains the value of a secret.

mod file;
mod ini;
mod resolve;
mod sources;

pub(crate) use sources::{Flags, ReadScope};
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::cli::Output;

/// The resolved settings, with their errors and warnings.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) files: Vec<ProfileFile>,
    pub(crate) profile: Sourced<String>,
    pub(crate) output: Sourced<Output>,
    /// Origin of the profile's `output = json`, if it does not count on the terminal at hand.
    pub(crate) unused_output: Option<Origin>,
    pub(crate) endpoint_url: Sourced<String>,
    /// URL of the media host, if it is set.
    pub(crate) media_url: Option<Sourced<String>>,
    pub(crate) api_key: Option<Sourced<SecretString>>,
    /// Origin of `is_partner`, if the API key is a partner's.
    pub(crate) partner: Option<Origin>,
    /// Client organization that a partner acts for.
    pub(crate) organization: Option<Sourced<String>>,
    pub(crate) certificate: Option<ClientCertificate>,
    /// Whether what is learned of render times is kept.
    pub(crate) history: Sourced<bool>,
    /// Errors, each of which prevents requests.
    pub(crate) errors: Vec<ConfigError>,
    pub(crate) warnings: Vec<ConfigError>,
}

/// Paths of a client certificate and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientCertificate {
    pub(crate) cert_file: Sourced<PathBuf>,
    pub(crate) key_file: Sourced<PathBuf>,
}

/// Path and profiles of one of the two files of the Rhombus CLI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProfileFile {
    pub(crate) name: &'static str,
    pub(crate) path: Option<PathBuf>,
    /// Sorted profile names; `None` if the file is missing or cannot be read.
    pub(crate) profiles: Option<Vec<String>>,
}

/// Reads and resolves the settings.
pub(crate) fn load(flags: Flags, api_key_file: Option<&Path>, scope: ReadScope) -> Settings {
    let mut settings = resolve::resolve(sources::read_sources(flags, api_key_file, scope));
    if let Some(certificate) = &settings.certificate {
        let path = &certificate.key_file.value;
        let mode = sources::exposed_mode(path);
        let warning = mode.map(|mode| exposed_file(ConfigItem::Scheme, path, mode));
        settings.warnings.extend(warning);
    }
    settings
}

/// Warning about a file with a secret that users other than the owner can read.
fn exposed_file(item: ConfigItem, path: &Path, mode: u32) -> ConfigError {
    let path = path.display();
    let message =
        format!("{path} is readable by other users (mode {mode:04o}); run chmod 600 {path}");
    ConfigError::new(item, message)
}

impl Settings {
    /// Returns the first error, if there is one.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        match self.errors.first() {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// Returns the authentication scheme that the API key is sent with.
    pub(crate) fn scheme(&self) -> &'static str {
        let partner = self.partner.is_some() || self.organization.is_some();
        match (partner, self.certificate.is_some()) {
            (false, false) => "api-token",
            (false, true) => "api",
            (true, false) => "partner-api-token",
            (true, true) => "partner-api",
        }
    }
}

/// An invalid or missing setting. The message is one line that names the origin and shows no value of
/// a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigError {
    pub(crate) item: ConfigItem,
    pub(crate) message: String,
}

/// Item of the configuration that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConfigItem {
    ConfigFile,
    CredentialsFile,
    Profile,
    Output,
    ApiKey,
    Endpoint,
    Scheme,
    History,
}

impl ConfigError {
    pub(crate) fn new(item: ConfigItem, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { item, message }
    }
}

/// Origin of a setting. `Display` completes "from …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    Flag(&'static str),
    Variable(&'static str),
    File { path: PathBuf, section: String },
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl<T> Sourced<T> {
    pub(crate) fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File { path, section } => write!(f, "[{section}] in {}", path.display()),
        }
    }
}
