//! What is done to every request and answer of the generated client.

use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::{Request, Response};

use crate::generated::{Client, Error};
use crate::{Settings, answer};

impl ClientHooks<Settings> for Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        self.inner.credentials().write_to(request.headers_mut());
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let response = self.client.execute(request).await?;
        Ok(answer::received(self.inner.credentials(), response))
    }
}
