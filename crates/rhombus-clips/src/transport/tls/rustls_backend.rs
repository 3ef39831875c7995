//! TLS by rustls, with the certificate verifier of the platform.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, Error as TlsError, InconsistentKeys, SupportedProtocolVersion};
use rustls_platform_verifier::Verifier;
use secrecy::{ExposeSecret as _, SecretBox};

use super::caller::CallerTls;
use super::certificate::{self, ClientCertificate};
use super::pem;
use super::settings::{HttpVersions, TlsSettings};
use crate::error::{Error, ErrorKind, Hint, Result, Setting};

/// TLS configuration, shared by the HTTP clients of a client.
pub(crate) enum TlsConfig {
    /// No connection uses TLS, so no certificate is read.
    Unused,
    Shared(Box<ClientConfig>),
    Caller(CallerTls),
}

impl TlsConfig {
    /// Creates the configuration for an `https` base URL.
    pub(crate) fn new(settings: &TlsSettings, has_caller_builder: bool) -> Result<Self> {
        if has_caller_builder {
            CallerTls::new(settings).map(Self::Caller)
        } else {
            shared_config(settings).map(|config| Self::Shared(Box::new(config)))
        }
    }

    /// Creates the configuration for plain HTTP across a network. TLS is needed for a proxy at most, so
    /// a machine without certificate authorities is no error.
    pub(crate) fn for_plain_http(has_caller_builder: bool) -> Self {
        match Self::new(&TlsSettings::default(), has_caller_builder) {
            Ok(config) => config,
            Err(_) => Self::Unused,
        }
    }

    pub(crate) fn apply(
        &self,
        http: reqwest::ClientBuilder,
        versions: HttpVersions,
    ) -> Result<reqwest::ClientBuilder> {
        Ok(match self {
            Self::Unused => http.tls_certs_only([]),
            Self::Shared(config) => {
                let mut config = ClientConfig::clone(config);
                let protocols: &[&[u8]] = match versions {
                    HttpVersions::All => &[b"h2", b"http/1.1"],
                    HttpVersions::Http1Only => &[b"http/1.1"],
                };
                config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
                http.tls_backend_preconfigured(config)
            }
            Self::Caller(tls) => tls.apply(http, select),
        })
    }
}

fn select(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    http.tls_backend_rustls()
}

fn shared_config(settings: &TlsSettings) -> Result<ClientConfig> {
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let mut roots = Vec::new();
    for pem in &settings.root_certificates {
        for section in certificate::root_certificates(pem)? {
            let root = CertificateDer::from_pem_slice(section.expose_secret())
                .map_err(certificate::unreadable_root_certificate)?;
            // The verifier accepts an unreadable certificate of the platform, and reports one of the
            // caller's like a machine without authorities, so it is read here first.
            rustls::RootCertStore::empty()
                .add(root.clone())
                .map_err(certificate::unreadable_root_certificate)?;
            roots.push(root);
        }
    }
    let verifier = verifier(roots, provider.clone())?;
    let versions: &[&SupportedProtocolVersion] = match settings.only_1_3 {
        true => &[&TLS13],
        false => &[&TLS13, &TLS12],
    };
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .map_err(|error| {
            Error::configuration("the TLS library supports no version of TLS that is required")
                .with_local_source(&error)
        })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match &settings.client_certificate {
        None => Ok(config.with_no_client_auth()),
        Some(pem) => {
            let certificate = ClientCertificate::parse(pem.expose_secret())?;
            let certificate = certified_key(&certificate, &provider)?;
            let resolver = SingleCertAndKey::from(certificate);
            Ok(config.with_client_cert_resolver(Arc::new(resolver)))
        }
    }
}

/// Decodes a client certificate and its private key, which must match.
fn certified_key(pem: &ClientCertificate, provider: &CryptoProvider) -> Result<CertifiedKey> {
    let certificates = pem.certificates.iter().map(SecretBox::expose_secret);
    let certificates = certificates
        .map(|pem| CertificateDer::from_pem_slice(pem))
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(certificate::unreadable_client_certificate)?;
    let key = PrivateKeyDer::from_pem_slice(pem.key.expose_secret())
        .map_err(certificate::unreadable_client_certificate)?;
    let key = provider.key_provider.load_private_key(key);
    let key = key.map_err(certificate::unreadable_client_certificate)?;
    let certified = CertifiedKey::new(certificates, key);
    match certified.keys_match() {
        Ok(()) | Err(TlsError::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(certified),
        Err(error @ TlsError::InconsistentKeys(_)) => Err(mismatch_error(error)),
        // The TLS library reads only certificates that it would accept itself, such as no version 1. The
        // server decides what it accepts.
        Err(error) => match certified.end_entity_cert() {
            Ok(certificate) if is_key_of(&certified, certificate) => Ok(certified),
            Ok(certificate) if certificate::is_version_1(certificate) => {
                Err(mismatch_error(InconsistentKeys::KeyMismatch.into()))
            }
            _ => Err(certificate::unreadable_client_certificate(error)),
        },
    }
}

fn is_key_of(certified: &CertifiedKey, certificate: &[u8]) -> bool {
    let public_key = certified.key.public_key();
    public_key.is_some_and(|key| pem::find(certificate, &key).is_some())
}

/// Creates the verifier of the platform, which reads its certificate authorities where it does not
/// verify by itself.
#[cfg(any(all(unix, not(target_os = "android")), windows))]
fn verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Verifier> {
    // Its error says the same.
    Verifier::new_with_extra_roots(roots, provider).map_err(|_| no_authorities_error())
}

#[cfg(not(any(all(unix, not(target_os = "android")), windows)))]
fn verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Verifier> {
    if !roots.is_empty() {
        return Err(
            Error::configuration("root certificates cannot be added on this platform")
                .with_setting(Setting::RootCertificate),
        );
    }
    Verifier::new(provider).map_err(|_| no_authorities_error())
}

fn mismatch_error(error: TlsError) -> Error {
    Error::configuration(
        "the client certificate and the private key do not match; set a matching pair",
    )
    .with_setting(Setting::ClientCertificate)
    .with_local_source(&error)
}

/// Error for a machine without any certificate authority to trust.
fn no_authorities_error() -> Error {
    Error::new(
        ErrorKind::Tls,
        "no certificate authority is installed on this machine, so no server can be verified",
    )
    .with_hint(Hint::InstallRootCertificates)
}
