//! Hooks of the generated client: authenticate requests, redact responses.
//!
//! The trait and the client type force the implementation into this crate; it only delegates.

use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::{Request, Response};

use crate::generated::{Client, Error};
use crate::{Settings, response};

impl ClientHooks<Settings> for Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        self.inner.credentials().apply_to(request.headers_mut());
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let response = self.client.execute(request).await?;
        Ok(response::redact_response(
            self.inner.credentials(),
            response,
        ))
    }
}
