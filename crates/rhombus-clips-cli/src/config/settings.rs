//! The resolved settings, each with its origin.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{ConfigError, Origin, Sourced};
use crate::args::Output;

/// The resolved settings, with their errors and warnings.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) files: Vec<ProfileFile>,
    pub(crate) profile: Sourced<String>,
    pub(crate) output: Sourced<Output>,
    pub(crate) endpoint_url: Sourced<String>,
    pub(crate) api_key: Option<Sourced<SecretString>>,
    /// Origin of `is_partner`, if the API key is a partner's.
    pub(crate) partner: Option<Origin>,
    /// Client organization that a partner acts for.
    pub(crate) organization: Option<Sourced<String>>,
    pub(crate) certificate: Option<ClientCertificate>,
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
