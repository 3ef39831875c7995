//! Whom to ask: Rhombus, or the simulated service inside this program.

use std::fs;
use std::path::Path;

use rhombus_clips::{Client, ClientBuilder, ClipUuid, RateLimit};
use rhombus_clips_sim::Service;
use secrecy::{ExposeSecret as _, SecretSlice};

use crate::args::SimulationArgs;
use crate::config::{Certificate, Problem, Settings, Sourced, Topic};
use crate::failure::Failure;
use crate::simulated_clips::{Scenarios, SimulatedClips};

const USER_AGENT: &str = concat!("rhombus-clips-cli/", env!("CARGO_PKG_VERSION"));

/// A minute's rendering is then ten seconds to watch.
const SPEED: f64 = 6.0;

/// A client, and the service that it asks if that is our own.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The simulated service lives as long as this does.
    simulated: Option<(Service, SimulatedClips)>,
}

impl Connection {
    pub(crate) async fn open(
        args: &SimulationArgs,
        settings: &Settings,
        rate: Option<RateLimit>,
    ) -> Result<Self, Failure> {
        if args.simulate {
            return Self::simulated(args.seed.unwrap_or_default(), rate).await;
        }
        Ok(Self {
            client: client(settings, rate)?,
            simulated: None,
        })
    }

    /// Takes nothing of the settings: a real key has no business in here.
    async fn simulated(seed: u64, rate: Option<RateLimit>) -> Result<Self, Failure> {
        let service = Service::builder().seed(seed).speed(SPEED).start().await;
        let service = service.map_err(Failure::Simulation)?;
        let clips = SimulatedClips::register(&service)?;
        let builder = Client::builder()
            .api_key(service.api_key())
            .base_url(service.base_url());
        Ok(Self {
            client: limited(builder, rate).user_agent(USER_AGENT).build()?,
            simulated: Some((service, clips)),
        })
    }

    /// A simulated clip, for when none was asked for; `None` at the real service.
    pub(crate) fn simulated_clip(
        &self,
        choose: impl FnOnce(&SimulatedClips) -> ClipUuid,
    ) -> Option<ClipUuid> {
        self.simulated.as_ref().map(|(_, clips)| choose(clips))
    }

    /// The simulated clips in this role; none at the real service.
    pub(crate) fn simulated_clips(&self, scenarios: Scenarios) -> Result<Vec<ClipUuid>, Failure> {
        match &self.simulated {
            Some((service, clips)) => clips.instantiate(scenarios, service),
            None => Ok(Vec::new()),
        }
    }
}

/// The client of these settings.
pub(crate) fn client(settings: &Settings, rate: Option<RateLimit>) -> Result<Client, Failure> {
    settings.check()?;
    let builder = limited(builder(settings)?, rate).user_agent(USER_AGENT);
    builder.build().map_err(|error| Failure::Setup {
        error,
        endpoint_url: settings.endpoint_url.origin.clone(),
        api_key: settings.api_key.as_ref().map(|key| key.origin.clone()),
    })
}

fn limited(builder: ClientBuilder, rate: Option<RateLimit>) -> ClientBuilder {
    match rate {
        Some(rate) => builder.rate_limit(rate),
        None => builder,
    }
}

fn builder(settings: &Settings) -> Result<ClientBuilder, Problem> {
    let mut builder = Client::builder().base_url(&settings.endpoint_url.value);
    if let Some(key) = &settings.api_key {
        builder = builder.api_key(key.value.expose_secret());
    }
    if settings.partner.is_some() {
        builder = builder.partner();
    }
    if let Some(organization) = &settings.organization {
        builder = builder.partner_for(&organization.value);
    }
    if let Some(certificate) = &settings.certificate {
        builder = builder.client_certificate(pem(certificate)?.expose_secret());
    }
    Ok(builder)
}

/// Certificate and private key as one text, as they may be one file.
fn pem(certificate: &Certificate) -> Result<SecretSlice<u8>, Problem> {
    let mut pem = file("cert_file", &certificate.certificate)?;
    if certificate.key.value != certificate.certificate.value {
        pem.push(b'\n');
        pem.extend(file("key_file", &certificate.key)?);
    }
    Ok(pem.into())
}

fn file(key: &str, path: &Sourced<impl AsRef<Path>>) -> Result<Vec<u8>, Problem> {
    let place = path.value.as_ref();
    fs::read(place).map_err(|error| {
        let place = place.display();
        let text = format!("{key} {place} cannot be read: {error} ({})", path.origin);
        Problem::new(Topic::Scheme, text)
    })
}
