//! The client: credentials, connections, and everything that its calls share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rhombus_clips_api::{Client as ApiClient, ClientInfo as _};

use tokio::time::Instant;

use crate::error::Result;
use crate::http::fetch_clip;
use crate::polling::{self, History, PollPolicy};
use crate::retry::{Backoff, RetryBudget, RetryPolicy};
use crate::throttle::{AdmissionDeadlines, Throttle};
use crate::transport::{Attempt, Transport};
use crate::{
    Checkpoint, ClientBuilder, Clip, ClipUuid, GetClip, RateLimit, Watch, WatchAll, telemetry,
};

/// Client of the clip API, with one set of credentials.
///
/// Cloning is cheap. Clones share connections, rate limit, cooldown after a 429, retry budget and
/// history, so create one client and reuse it.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// let clip = client.get_clip(uuid).await?;
/// assert!(!clip.is_complete());
///
/// // A clone for another task shares the connections and limits.
/// let clone = client.clone();
/// let watch = tokio::spawn(async move { clone.watch(uuid).await });
/// assert!(watch.await??.is_complete());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    api: ApiClient,
    request_config: RequestConfig,
    throttle: Throttle,
    budget: RetryBudget,
    history: History,
}

/// Per-client request settings.
#[derive(Clone, Debug)]
pub(crate) struct RequestConfig {
    pub(crate) attempt_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) retry: Arc<dyn RetryPolicy>,
    pub(crate) rate_limit: Option<RateLimit>,
}

impl Default for RequestConfig {
    fn default() -> Self {
        Self {
            attempt_timeout: Duration::from_secs(30),
            timeout: Duration::from_secs(60),
            retry: Arc::new(Backoff::default()),
            rate_limit: None,
        }
    }
}

impl Client {
    /// Creates a client from the environment: the API key in `RHOMBUS_API_KEY`, and the base URL in
    /// `RHOMBUS_ENDPOINT_URL` or that of the United States.
    ///
    /// Rhombus's own command-line tool reads the same variables.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the key is missing or invalid,
    /// or the URL is invalid.
    ///
    /// ```
    /// use rhombus_clips::Client;
    ///
    /// match Client::from_env() {
    ///     Ok(client) => println!("{client:?}"),
    ///     // RHOMBUS_API_KEY is not set; set it to an API key of your organization
    ///     Err(error) => println!("{error}"),
    /// }
    /// ```
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Returns a builder with default settings.
    ///
    /// ```
    /// use rhombus_clips::{Client, Region};
    ///
    /// let client = Client::builder().api_key("0123456789").region(Region::Eu).build()?;
    /// # Ok::<(), rhombus_clips::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    pub(crate) fn new(api: ApiClient, request_config: RequestConfig) -> Self {
        Self {
            inner: Arc::new(Inner {
                api,
                throttle: Throttle::new(request_config.rate_limit),
                budget: RetryBudget::new(),
                history: History::new(),
                request_config,
            }),
        }
    }

    /// Gets the current state of a clip: the operation `getClipWithProgress`.
    ///
    /// Awaiting the returned [`GetClip`] sends the request. Transient failures are retried, as the
    /// [retry policy](ClientBuilder::retry) decides; the operation only reads, so a retry is safe.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let clip = client.get_clip(uuid).await?;
    /// println!("{} {:?} percent", clip.status(), clip.percent());
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "getClipWithProgress")]
    #[doc(alias = "status")]
    #[doc(alias = "progress")]
    #[doc(alias = "lookup")]
    pub fn get_clip(&self, uuid: ClipUuid) -> GetClip {
        let timeout = self.inner.request_config.timeout;
        GetClip::new(self.clone(), uuid, timeout, self.retry())
    }

    /// Watches a clip until it is complete.
    ///
    /// Awaiting the returned [`Watch`] gives the complete clip; [`Watch::stream`] yields every change
    /// until then. The default [timeout](Watch::timeout) is 30 minutes.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let clip = client.watch(uuid).await?;
    /// assert!(clip.is_complete());
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "wait")]
    #[doc(alias = "poll")]
    #[doc(alias = "until_done")]
    pub fn watch(&self, uuid: ClipUuid) -> Watch {
        Watch::new(self.clone(), uuid)
    }

    /// Resumes a watch from a checkpoint of this process or another.
    ///
    /// Timeout, grace period and poll policy are the watch's, and the time since the checkpoint counts.
    /// After the deadline one final poll is sent. The retry policy is this client's. A
    /// [poll policy](crate::polling) of the caller's must be [set](Watch::polling) again, and then
    /// restores its saved state.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let saved = client.watch(uuid).checkpoint().to_string();
    ///
    /// let clip = client.resume(saved.parse()?).await?;
    /// assert!(clip.is_complete());
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(&self, checkpoint: Checkpoint) -> Watch {
        Watch::resume(self.clone(), checkpoint)
    }

    /// Watches any number of clips until each is complete, with a bounded number of requests in flight.
    ///
    /// [`WatchAll::stream`] yields every change and every result. A clip given twice is watched once.
    /// The default [timeout](WatchAll::timeout) of each watch is 30 minutes.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let mut updates = client.watch_all([uuid]).stream();
    /// while let Some(update) = updates.next().await {
    ///     println!("{update:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "batch")]
    pub fn watch_all(&self, clips: impl IntoIterator<Item = ClipUuid>) -> WatchAll {
        WatchAll::new(self.clone(), clips)
    }

    /// Resumes many watches from their checkpoints, each like [`resume`](Self::resume).
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// let checkpoints = client.watch_all([uuid]).stream().stop();
    ///
    /// let mut updates = client.resume_all(checkpoints).stream();
    /// assert_eq!(updates.len(), 1);
    /// # while updates.next().await.is_some() {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume_all(&self, checkpoints: impl IntoIterator<Item = Checkpoint>) -> WatchAll {
        WatchAll::resume(self.clone(), checkpoints)
    }
}

impl Client {
    /// Returns the render times that this client's watches have learned, to configure an
    /// [`Adaptive`](polling::Adaptive) poll policy with.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// use std::time::Duration;
    /// use rhombus_clips::polling::Adaptive;
    ///
    /// let poll_policy = Adaptive::new(client.history()).max_interval(Duration::from_secs(20));
    /// client.watch(uuid).polling(poll_policy).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn history(&self) -> &History {
        &self.inner.history
    }

    pub(crate) fn retry(&self) -> Arc<dyn RetryPolicy> {
        self.inner.request_config.retry.clone()
    }

    /// Restores the poll policy of a checkpoint, or creates the default one.
    pub(crate) fn poll_policy(&self, saved: Option<&str>) -> Box<dyn PollPolicy> {
        polling::from_saved(saved, &self.inner.history)
    }
}

impl Transport for Client {
    async fn acquire(&self, deadlines: AdmissionDeadlines) -> Result<()> {
        self.inner.throttle.acquire(deadlines).await
    }

    async fn fetch(&self, attempt: Attempt) -> Result<Option<Clip>> {
        let Inner {
            api,
            request_config,
            throttle,
            budget,
            ..
        } = &*self.inner;
        let sent = Instant::now();
        let timeout = attempt
            .deadline
            .duration_since(sent)
            .min(request_config.attempt_timeout);
        let span = telemetry::start_attempt(attempt);
        let outcome = span
            .instrument(fetch_clip(api, attempt.uuid, timeout))
            .await;
        span.finish(&outcome);
        match &outcome {
            Ok(_) => {
                throttle.on_success(sent);
                budget.deposit();
            }
            Err(error) => match error.status() {
                Some(429) => throttle.on_rate_limited(sent, error.retry_after()),
                Some(_) => throttle.on_success(sent),
                None => {}
            },
        }
        outcome
    }

    fn withdraw(&self) -> bool {
        self.inner.budget.withdraw()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.api.baseurl())
            .field("credentials", self.inner.api.inner().credentials())
            .field("request_config", &self.inner.request_config)
            .finish()
    }
}
