//! Whom to ask: Rhombus, or the simulated service inside this program.

use rhombus_clips::{Client, ClientBuilder, ClipUuid, Error, RateLimit};
use rhombus_clips_sim::Service;

use crate::args::SimulationArgs;
use crate::cast::{Cast, Role};
use crate::failure::Failure;

const USER_AGENT: &str = concat!("rhombus-clips-cli/", env!("CARGO_PKG_VERSION"));

/// A minute's rendering is then ten seconds to watch.
const SPEED: f64 = 6.0;

/// A client, and the service that it asks if that is our own.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The simulated service lives as long as this does.
    simulated: Option<(Service, Cast)>,
}

impl Connection {
    pub(crate) async fn open(
        args: &SimulationArgs,
        rate: Option<RateLimit>,
    ) -> Result<Self, Failure> {
        if args.simulate {
            Self::simulated(args.seed.unwrap_or_default(), rate).await
        } else {
            let client = built(ClientBuilder::from_env()?, rate)?;
            Ok(Self {
                client,
                simulated: None,
            })
        }
    }

    /// Reads nothing from the environment: a real key has no business in here.
    async fn simulated(seed: u64, rate: Option<RateLimit>) -> Result<Self, Failure> {
        let service = Service::builder().seed(seed).speed(SPEED).start().await;
        let service = service.map_err(Failure::Simulation)?;
        let cast = Cast::enter(&service)?;
        let builder = Client::builder()
            .api_key(service.api_key())
            .base_url(service.base_url());
        Ok(Self {
            client: built(builder, rate)?,
            simulated: Some((service, cast)),
        })
    }

    /// A simulated clip, for when none was asked for; `None` at the real service.
    pub(crate) fn simulated_clip(
        &self,
        choose: impl FnOnce(&Cast) -> ClipUuid,
    ) -> Option<ClipUuid> {
        self.simulated.as_ref().map(|(_, cast)| choose(cast))
    }

    /// The simulated clips in this role; none at the real service.
    pub(crate) fn simulated_clips(&self, role: Role) -> Result<Vec<ClipUuid>, Failure> {
        match &self.simulated {
            Some((service, cast)) => cast.play(role, service),
            None => Ok(Vec::new()),
        }
    }
}

fn built(builder: ClientBuilder, rate: Option<RateLimit>) -> Result<Client, Error> {
    let builder = match rate {
        Some(rate) => builder.rate_limit(rate),
        None => builder,
    };
    builder.user_agent(USER_AGENT).build()
}
