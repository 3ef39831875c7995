//! TLS termination in front of the simulated service, and certificates for server and client.
//!
//! The simulated service itself speaks plain HTTP only.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, PublicKeyData as _, SigningKey as _, date_time_ymd,
};
use rhombus_clips_sim::Service;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    SignatureScheme, SupportedProtocolVersion, version,
};

/// Host that a server certificate must be valid for.
pub const HOST: &str = "127.0.0.1";

/// A certificate with its private key.
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

impl Identity {
    fn new(params: &CertificateParams, issuer: Option<&Authority>) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = match issuer {
            Some(authority) => params.signed_by(&key, &authority.0),
            None => params.self_signed(&key),
        };
        Self {
            certificate: certificate.unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// Creates a self-signed server certificate.
    pub fn self_signed() -> Self {
        Self::new(&server_params(HOST), None)
    }

    /// Creates a certificate of X.509 version 1, as `openssl x509 -req` without extensions does. It has
    /// no version number, and the library for certificates only creates version 3.
    pub fn version_1() -> Self {
        let key = KeyPair::generate().unwrap();
        let common_name = der(
            0x30,
            &[&der(0x06, &[b"\x55\x04\x03"]), &der(0x0c, &[b"client"])],
        );
        let name = der(0x30, &[&der(0x31, &[&common_name])]);
        let validity = [b"200101000000Z", b"490101000000Z"].map(|time| der(0x17, &[time]));
        let validity = der(0x30, &[&validity.concat()]);
        let ecdsa_with_sha256 = der(0x30, &[&der(0x06, &[b"\x2a\x86\x48\xce\x3d\x04\x03\x02"])]);
        let serial_number = der(0x02, &[&[1]]);
        let public_key = key.subject_public_key_info();
        let contents = der(
            0x30,
            &[
                &serial_number,
                &ecdsa_with_sha256,
                &name,
                &validity,
                &name,
                &public_key,
            ],
        );
        let signature = der(0x03, &[&[0], &key.sign(&contents).unwrap()]);
        let certificate = der(0x30, &[&contents, &ecdsa_with_sha256, &signature]);
        let base64 = base64::engine::general_purpose::STANDARD.encode(certificate);
        Self {
            certificate: format!(
                "-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n"
            ),
            key: key.serialize_pem(),
        }
    }

    /// Returns certificate and key as one PEM text.
    pub fn pem(&self) -> String {
        format!("{}{}", self.certificate, self.key)
    }
}

/// Encodes a value in DER: its tag, its length and its contents.
fn der(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    let length = match length {
        [0, length @ 0..=0x7f] => vec![length],
        [0, length] => vec![0x81, length],
        length => [&[0x82][..], &length].concat(),
    };
    [&[tag], &length[..], &contents].concat()
}

/// Returns the parameters of a certificate with this common name. It must differ from the issuer's
/// name, or the certificate counts as self-signed.
fn subject_params(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    // All test authorities have the same name and differ only in their keys.
    params.use_authority_key_identifier_extension = true;
    params
}

fn server_params(host: &str) -> CertificateParams {
    let mut params = subject_params("server", &[host]);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// A private certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = subject_params("authority", &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn server(&self, host: &str) -> Identity {
        Identity::new(&server_params(host), Some(self))
    }

    pub fn expired_server(&self) -> Identity {
        let mut params = server_params(HOST);
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
        Identity::new(&params, Some(self))
    }

    pub fn client(&self) -> Identity {
        let mut params = subject_params("client", &[]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        Identity::new(&params, Some(self))
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// Requirements of a TLS server.
#[derive(Default)]
pub struct TlsRequirements<'a> {
    /// Requires a client certificate that this authority issued.
    pub client_ca: Option<&'a Authority>,
    /// Requires this client certificate, whatever its version.
    pub client: Option<&'a Identity>,
    /// Supports nothing newer than TLS 1.2.
    pub tls_1_2: bool,
}

/// A TLS server that forwards the decrypted stream to the simulated service.
pub struct Terminator {
    base_url: String,
    handshakes: mpsc::UnboundedReceiver<io::Result<()>>,
    task: JoinHandle<()>,
}

impl Terminator {
    pub async fn start(
        service: &Service,
        identity: &Identity,
        requirements: TlsRequirements<'_>,
    ) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(server_config(identity, requirements)));
        let listener = TcpListener::bind((HOST, 0)).await.unwrap();
        let base_url = format!("https://{}", listener.local_addr().unwrap());
        let (sender, handshakes) = mpsc::unbounded_channel();
        let service = service.address();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                match acceptor.accept(stream).await {
                    Ok(mut stream) => {
                        let _ = sender.send(Ok(()));
                        tokio::spawn(async move {
                            let mut service = TcpStream::connect(service).await.unwrap();
                            // The client may close the connection at any time.
                            let _ = copy_bidirectional(&mut stream, &mut service).await;
                        });
                    }
                    Err(error) => {
                        let _ = sender.send(Err(error));
                    }
                }
            }
        });
        Self {
            base_url,
            handshakes,
            task,
        }
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Waits for the next handshake and returns its result.
    pub async fn next_handshake(&mut self) -> io::Result<()> {
        self.handshakes.recv().await.unwrap()
    }
}

impl Drop for Terminator {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn server_config(
    identity: &Identity,
    requirements: TlsRequirements<'_>,
) -> ServerConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions: &[&SupportedProtocolVersion] = if requirements.tls_1_2 {
        &[&version::TLS12]
    } else {
        &[&version::TLS12, &version::TLS13]
    };
    let server_config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .unwrap();
    let server_config = match (requirements.client_ca, requirements.client) {
        (None, None) => server_config.with_no_client_auth(),
        (None, Some(client)) => {
            let certificate = CertificateDer::from_pem_slice(client.certificate.as_bytes());
            server_config.with_client_cert_verifier(Arc::new(KnownClient(certificate.unwrap())))
        }
        (Some(authority), _) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.0.der().clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            server_config.with_client_cert_verifier(verifier.unwrap())
        }
    };
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    server_config
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

/// Accepts one client certificate. Its version is not of interest, nor is the signature, which a
/// version 1 certificate keeps the TLS library from verifying.
#[derive(Debug)]
struct KnownClient(CertificateDer<'static>);

impl ClientCertVerifier for KnownClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        match *certificate == self.0 {
            true => Ok(ClientCertVerified::assertion()),
            false => Err(CertificateError::UnknownIssuer.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
