//! The settings, each with where it comes from.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{Origin, Problem, Sourced};
use crate::args::Output;

/// The settings, and what is wrong with them.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) files: Vec<FileFound>,
    pub(crate) profile: Sourced<String>,
    pub(crate) output: Sourced<Output>,
    pub(crate) endpoint_url: Sourced<String>,
    pub(crate) api_key: Option<Sourced<SecretString>>,
    /// What says that the key is that of a partner.
    pub(crate) partner: Option<Origin>,
    /// The client organization that a partner acts for.
    pub(crate) organization: Option<Sourced<String>>,
    pub(crate) certificate: Option<Certificate>,
    /// With one of these nothing can be asked.
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
}

/// A client certificate and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) certificate: Sourced<PathBuf>,
    pub(crate) key: Sourced<PathBuf>,
}

/// One of the two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileFound {
    pub(crate) name: &'static str,
    pub(crate) path: Option<PathBuf>,
    /// The profiles in it; nothing where it is missing or cannot be read.
    pub(crate) profiles: Option<Vec<String>>,
}

impl Settings {
    /// Whether there is nothing wrong with them.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match self.problems.first() {
            Some(problem) => Err(problem.clone()),
            None => Ok(()),
        }
    }

    /// The scheme that the key is sent with.
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
