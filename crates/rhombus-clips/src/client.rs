//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rhombus_clips_api::{Client as ApiClient, ClientInfo as _};

use crate::error::{Error, ErrorKind, Result};
use crate::look::look;
use crate::watch::{Looker, Watch};
use crate::{ClientBuilder, Clip, ClipUuid};

/// Looks up and watches clips with one set of credentials.
///
/// Cloning is cheap, and clones share their connections: make one client and keep it.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    api: ApiClient,
    timeout: Duration,
}

impl Client {
    /// A client for the API key in `RHOMBUS_API_KEY`, at the base URL in `RHOMBUS_ENDPOINT_URL`
    /// or in the United States.
    ///
    /// The names are those that Rhombus's own command-line tool reads.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when the key is missing or malformed, or the URL is.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// A client set up step by step.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    pub(crate) fn new(api: ApiClient, timeout: Duration) -> Self {
        Self {
            inner: Arc::new(Inner { api, timeout }),
        }
    }

    /// The clip as it is now: one request, without another try.
    ///
    /// ```no_run
    /// # async fn example(client: rhombus_clips::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let clip = client.clip(&"AAAAAAAAAAAAAAAAAAAAAA".parse()?).await?;
    /// println!("{} {:?} percent", clip.status(), clip.percent());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the service answers without a clip: it may be unknown, or
    /// requested so recently that there is no record yet. Otherwise what [`ErrorKind`] lists of
    /// a request.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the request. The operation only reads.
    pub async fn clip(&self, uuid: &ClipUuid) -> Result<Clip> {
        let clip = self.look(*uuid).await?;
        clip.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("the service has no clip {uuid}: the identifier is unknown, or its record is not there yet"),
            )
        })
    }

    /// Watches the clip until it is done.
    ///
    /// Awaiting the [`Watch`] gives the finished clip; [`Watch::stream`] gives every change on
    /// the way. A deadline of 30 minutes is set.
    pub fn watch(&self, uuid: ClipUuid) -> Watch {
        Watch::new(self.clone(), uuid)
    }
}

impl Looker for Client {
    async fn look(&self, uuid: ClipUuid) -> Result<Option<Clip>> {
        look(&self.inner.api, uuid, self.inner.timeout).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.api.baseurl())
            .field("credentials", self.inner.api.inner().credentials())
            .field("timeout", &self.inner.timeout)
            .finish()
    }
}
