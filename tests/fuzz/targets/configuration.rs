//! Builds clients from arbitrary settings. An error about invalid settings exposes no secret.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use reqwest::Url;
use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_fuzz::{check_error, error_texts};

/// Secret in API keys, in passwords of base URLs, and in private keys.
const CANARY: &str = "caNary7f3K9qX2";
/// The canary in base64 at all three alignments, without the characters that neighbours influence.
const CANARY_BASE64: [&str; 3] = [
    "Y2FOYXJ5N2YzSzlxWD",
    "NhTmFyeTdmM0s5cVgy",
    "jYU5hcnk3ZjNLOXFYM",
];
/// The canary as `Debug` formats bytes.
const CANARY_BYTES: &str = "99, 97, 78, 97, 114, 121";

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    api_key: Option<(&'a str, bool, &'a str)>,
    base_url: Option<Vec<UrlPart<'a>>>,
    partner: Option<Option<&'a str>>,
    user_agent: Option<&'a str>,
    root_certificates: Vec<Vec<PemPart<'a>>>,
    client_certificate: Option<Vec<PemPart<'a>>>,
    attempt_timeout: Option<Duration>,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    body_limit: Option<u64>,
    tls_1_3_only: bool,
    allow_plain_http: bool,
}

#[derive(Arbitrary, Debug)]
enum UrlPart<'a> {
    Text(&'a str),
    Https,
    Http,
    Host,
    Loopback,
    Canary,
}

#[derive(Arbitrary, Debug)]
enum PemPart<'a> {
    Bytes(&'a [u8]),
    Begin(u8),
    End(u8),
    Canary(u8),
    Certificate,
    PrivateKey,
    /// The certificate (`true`) or its key (`false`) with one byte replaced.
    Mangled(bool, u16, u8),
}

const LABELS: [&str; 6] = [
    "CERTIFICATE",
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "X509 CRL",
];

struct Identity {
    certificate: String,
    private_key: String,
}

/// A constant identity: Ed25519 signatures are deterministic.
static IDENTITY: LazyLock<Identity> = LazyLock::new(|| {
    let seed = "NhTmFyeTdmM0s5cVgyY2FOYXJ5N2YzSzlxWDJjYU5h";
    let private_key = format!(
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIG{seed}\n-----END PRIVATE KEY-----\n"
    );
    let key = KeyPair::from_pkcs8_pem_and_sign_algo(&private_key, &PKCS_ED25519).unwrap();
    let params = CertificateParams::new(["client.test".to_owned()]).unwrap();
    Identity {
        certificate: params.self_signed(&key).unwrap().pem(),
        private_key,
    }
});

fuzz_target!(|input: Input<'_>| {
    let mut builder = Client::builder();
    if let Some((before, has_canary, after)) = input.api_key {
        let canary = if has_canary { CANARY } else { "" };
        builder = builder.api_key(format!("{before}{canary}{after}"));
    }
    if let Some(parts) = &input.base_url {
        let base_url = url(parts);
        // Host and path are not secret, and an error may contain them.
        let is_public = Url::parse(&base_url).is_ok_and(|url| {
            contains_secret(url.host_str().unwrap_or_default()) || contains_secret(url.path())
        });
        if is_public {
            return;
        }
        builder = builder.base_url(base_url);
    }
    builder = match input.partner {
        Some(Some(organization)) => builder.partner_for(organization),
        Some(None) => builder.partner(),
        None => builder,
    };
    if let Some(user_agent) = input.user_agent {
        // The user agent is not secret, and debug output contains it.
        if contains_secret(user_agent) {
            return;
        }
        builder = builder.user_agent(user_agent);
    }
    for parts in &input.root_certificates {
        builder = builder.root_certificate(pem(parts));
    }
    if let Some(parts) = &input.client_certificate {
        builder = builder.client_certificate(pem(parts));
    }
    if let Some(timeout) = input.attempt_timeout {
        builder = builder.attempt_timeout(timeout);
    }
    if let Some(timeout) = input.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(timeout) = input.connect_timeout {
        builder = builder.connect_timeout(timeout);
    }
    if let Some(bytes) = input.body_limit {
        builder = builder.body_limit(bytes);
    }
    if input.tls_1_3_only {
        builder = builder.tls_1_3_only();
    }
    if input.allow_plain_http {
        builder = builder.danger_api_key_over_plain_http();
    }
    assert_not_exposed(&format!("{builder:?} {builder:#?}"));
    match builder.build() {
        Ok(client) => {
            let uuid = ClipUuid::from_bytes([7; 16]);
            let (lookup, watch) = (client.get_clip(uuid), client.watch(uuid));
            assert_not_exposed(&format!("{client:?} {lookup:?} {watch:?}"));
        }
        Err(error) => {
            check_error(&error);
            assert!(error.is_configuration());
            error_texts(&error)
                .iter()
                .for_each(|text| assert_not_exposed(text));
        }
    }
});

fn assert_not_exposed(error_texts: &str) {
    assert!(
        !contains_secret(error_texts),
        "a secret is exposed in {error_texts}"
    );
}

fn contains_secret(text: &str) -> bool {
    let mut secrets = [CANARY, CANARY_BYTES].into_iter().chain(CANARY_BASE64);
    secrets.any(|secret| text.contains(secret))
}

fn url(parts: &[UrlPart<'_>]) -> String {
    let texts = parts.iter().map(|part| match part {
        UrlPart::Text(text) => text,
        UrlPart::Https => "https://",
        UrlPart::Http => "http://",
        UrlPart::Host => "service.test",
        UrlPart::Loopback => "127.0.0.1:8080",
        UrlPart::Canary => CANARY,
    });
    texts.collect()
}

fn pem(parts: &[PemPart<'_>]) -> Vec<u8> {
    let mut pem = Vec::new();
    for part in parts {
        let label = |index: &u8| LABELS[usize::from(*index) % LABELS.len()];
        match part {
            PemPart::Bytes(bytes) => pem.extend_from_slice(bytes),
            PemPart::Begin(index) => {
                pem.extend(format!("-----BEGIN {}-----\n", label(index)).bytes());
            }
            PemPart::End(index) => {
                pem.extend(format!("\n-----END {}-----\n", label(index)).bytes())
            }
            PemPart::Canary(index) => match CANARY_BASE64.get(usize::from(*index)) {
                Some(canary) => pem.extend(canary.bytes()),
                None => pem.extend(CANARY.bytes()),
            },
            PemPart::Certificate => pem.extend(IDENTITY.certificate.bytes()),
            PemPart::PrivateKey => pem.extend(IDENTITY.private_key.bytes()),
            PemPart::Mangled(is_certificate, index, byte) => {
                let text = match is_certificate {
                    true => &IDENTITY.certificate,
                    false => &IDENTITY.private_key,
                };
                let mut text = text.clone().into_bytes();
                let index = usize::from(*index) % text.len();
                text[index] = *byte;
                pem.extend(text);
            }
        }
    }
    pem
}
