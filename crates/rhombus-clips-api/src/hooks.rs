//! What is done to every request of the generated client.

use progenitor_client::{ClientHooks, OperationInfo};

use crate::Credentials;
use crate::generated::{Client, Error};

impl ClientHooks<Credentials> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _: &OperationInfo,
    ) -> Result<(), Error<E>> {
        // The generator adds it; the service never asked for it.
        request.headers_mut().remove("api-version");
        self.inner.write_to(request.headers_mut());
        Ok(())
    }
}
