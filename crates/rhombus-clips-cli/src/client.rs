//! Builds the client: for the real service or for the built-in simulated one.
//!
//! Nothing is sent here. The settings are not used for the simulated service, so that a real API key
//! never reaches it.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rhombus_clips::retry::Backoff;
use rhombus_clips::{Client, ClientBuilder, ClipUuid, RateLimit};
use rhombus_clips_sim::Service;
use secrecy::{ExposeSecret as _, SecretSlice};

use crate::cli::{SimulationArgs, Target};
use crate::config::{ClientCertificate, ConfigError, ConfigItem, Settings, Sourced};
use crate::encoding;
use crate::logging;
use crate::report::failure::{Failure, SetupOrigins};
use crate::simulated_cameras;
use crate::simulated_clips::{self, Scenarios, SimulatedClips};

const USER_AGENT: &str = concat!("rhombus-clips-cli/", env!("CARGO_PKG_VERSION"));

/// Speed of the simulated service relative to real time. Chosen, not tuned: one minute of rendering
/// takes ten seconds.
pub(crate) const SIMULATION_SPEED: f64 = 6.0;

/// Bytes a second of a simulated file. Chosen, not tuned: its progress can be seen, and it takes two seconds.
const SIMULATED_MEDIA_RATE: u64 = 3_000_000;

/// Service time in which every simulated clip reaches its end. Chosen: above all of their render times.
const RENDER_TIME: Duration = Duration::from_secs(120);

/// Attempts of a request. Chosen below the library's default, because a user is waiting.
const MAX_ATTEMPTS: u32 = 3;

/// Returns the retry policy of the commands that send a few requests and end.
pub(crate) fn short_retry() -> Backoff {
    Backoff::default().attempts(MAX_ATTEMPTS)
}

/// Limits of a client that are options of a command.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClientLimits {
    pub(crate) rate: Option<RateLimit>,
    pub(crate) unreachable_grace_period: Option<Duration>,
}

impl ClientLimits {
    fn apply(self, mut builder: ClientBuilder) -> ClientBuilder {
        if let Some(rate) = self.rate {
            builder = builder.rate_limit(rate);
        }
        if let Some(grace_period) = self.unreachable_grace_period {
            builder = builder.unreachable_grace_period(grace_period);
        }
        builder
    }
}

/// A client, with the simulated service if it uses one.
#[derive(Debug)]
pub(crate) struct ServiceClient {
    pub(crate) client: Client,
    /// Stops when dropped.
    simulated: Option<(Service, SimulatedClips)>,
}

impl ServiceClient {
    pub(crate) async fn from_settings(
        args: &SimulationArgs,
        settings: &Settings,
        limits: ClientLimits,
    ) -> Result<Self, Failure> {
        if args.simulate {
            return Self::start_simulated(args.seed.unwrap_or_default(), limits).await;
        }
        Ok(Self {
            client: build_client(settings, limits)?,
            simulated: None,
        })
    }

    /// Starts a simulated service and builds its client.
    async fn start_simulated(seed: u64, limits: ClientLimits) -> Result<Self, Failure> {
        let service = Service::builder()
            .seed(seed)
            .speed(SIMULATION_SPEED)
            // So that there is footage of the last minutes.
            .start_time(SystemTime::now())
            .created_clips(simulated_clips::created_clip())
            .media_rate(SIMULATED_MEDIA_RATE)
            .start()
            .await;
        let service = service.map_err(Failure::Simulation)?;
        let clips = SimulatedClips::register(&service)?;
        simulated_cameras::register(&service);
        let builder = Client::builder()
            .api_key(service.api_key())
            .base_url(service.base_url())
            .media_url(service.media_url());
        Ok(Self {
            client: limits.apply(builder).user_agent(USER_AGENT).build()?,
            simulated: Some((service, clips)),
        })
    }

    /// Returns the simulated clip that is used if the user names none; `None` for the real service.
    pub(crate) fn simulated_clip(
        &self,
        choose: impl FnOnce(&SimulatedClips) -> ClipUuid,
    ) -> Option<ClipUuid> {
        self.simulated.as_ref().map(|(_, clips)| choose(clips))
    }

    /// Returns the clips that are named, each once. `choose` is the simulated one if there are no names.
    pub(crate) fn clips(
        &self,
        targets: &[Target],
        choose: impl FnOnce(&SimulatedClips) -> ClipUuid,
    ) -> Result<Vec<ClipUuid>, Failure> {
        let mut uuids = Vec::new();
        for target in targets {
            match target {
                Target::Clip(uuid) => uuids.push(*uuid),
                Target::Simulated(scenarios) => uuids.extend(self.simulated_clips(*scenarios)?),
                // Standard input is read by `watch` alone.
                Target::StandardInput => {}
            }
        }
        if targets.is_empty() {
            uuids.extend(self.simulated_clip(choose));
        }
        let mut seen = HashSet::new();
        uuids.retain(|uuid| seen.insert(*uuid));
        Ok(uuids)
    }

    /// Lets the simulated service render these clips to their end. Nothing happens with the real one.
    pub(crate) async fn finish_rendering(&self, uuids: &[ClipUuid]) {
        if let Some((service, _)) = &self.simulated {
            for uuid in uuids {
                // A clip starts rendering at the first request for it, and may have no record yet.
                let _ = self.client.get_clip(*uuid).await;
            }
            service.advance(RENDER_TIME);
        }
    }

    /// Returns the simulated clips of these scenarios; none for the real service.
    pub(crate) fn simulated_clips(&self, scenarios: Scenarios) -> Result<Vec<ClipUuid>, Failure> {
        match &self.simulated {
            Some((service, clips)) => clips.instantiate(scenarios, service),
            None => Ok(Vec::new()),
        }
    }
}

/// Builds the client for the real service.
pub(crate) fn build_client(settings: &Settings, limits: ClientLimits) -> Result<Client, Failure> {
    settings.check()?;
    let builder = limits
        .apply(client_builder(settings)?)
        .user_agent(USER_AGENT);
    builder.build().map_err(|error| Failure::Setup {
        error,
        origins: Box::new(SetupOrigins {
            endpoint_url: settings.endpoint_url.origin.clone(),
            media_url: settings.media_url.as_ref().map(|url| url.origin.clone()),
            api_key: settings.api_key.as_ref().map(|key| key.origin.clone()),
        }),
    })
}

fn client_builder(settings: &Settings) -> Result<ClientBuilder, ConfigError> {
    let mut builder = Client::builder().base_url(&settings.endpoint_url.value);
    if let Some(media_url) = &settings.media_url {
        builder = builder.media_url(&media_url.value);
    }
    if let Some(key) = &settings.api_key {
        let key = key.value.expose_secret();
        logging::redact_api_key(key);
        builder = builder.api_key(key);
    }
    if settings.partner.is_some() {
        builder = builder.partner();
    }
    if let Some(organization) = &settings.organization {
        builder = builder.partner_for(&organization.value);
    }
    if let Some(certificate) = &settings.certificate {
        builder = builder.client_certificate(read_pem(certificate)?.expose_secret());
    }
    Ok(builder)
}

/// Reads certificate and private key, which may be in one file, into one PEM text.
fn read_pem(certificate: &ClientCertificate) -> Result<SecretSlice<u8>, ConfigError> {
    let mut pem = read_file("cert_file", &certificate.cert_file)?;
    if certificate.key_file.value != certificate.cert_file.value {
        pem.push(b'\n');
        pem.extend(read_file("key_file", &certificate.key_file)?);
    }
    Ok(pem.into())
}

const PEM_START: &[u8] = b"-----BEGIN";

fn read_file(key: &str, path: &Sourced<impl AsRef<Path>>) -> Result<Vec<u8>, ConfigError> {
    let Sourced { value, origin } = path;
    let value = value.as_ref();
    let error = |error: &dyn Display| {
        let message = format!("cannot read {key} {} ({origin}): {error}", value.display());
        ConfigError::new(ConfigItem::Scheme, message)
    };
    let bytes = fs::read(value).map_err(|reason| error(&reason))?;
    if let Some(reason) = encoding::encoding_error(&bytes) {
        return Err(error(&reason));
    }
    // Named here, because the library sees the joined text.
    if !bytes.windows(PEM_START.len()).any(|text| text == PEM_START) {
        return Err(error(
            &"it is not PEM, which has a line -----BEGIN ...-----; convert it with openssl",
        ));
    }
    Ok(bytes)
}
