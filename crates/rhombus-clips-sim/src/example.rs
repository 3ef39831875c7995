//! Surroundings of the documentation examples of `rhombus-clips`.

/// Runs the body of an example against a simulated service that has one clip, in virtual time.
///
/// The caller names the variables for the service, a client of it, and the clip's UUID, because a macro's
/// own names are invisible to its caller. It expects `rhombus_clips` and `tokio` among the caller's
/// dependencies.
#[doc(hidden)]
#[macro_export]
macro_rules! example {
    ($service:ident, $client:ident, $uuid:ident, $clip:expr, $body:block) => {{
        #[allow(unused_imports)]
        use $crate::prelude::*;
        let mut runtime = ::tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        let result = runtime.block_on(async {
            let $uuid = ::rhombus_clips::ClipUuid::from_bytes([1; 16]);
            let $service = $crate::Service::start().await?.with_clip($uuid, $clip);
            let $client = ::rhombus_clips::Client::builder()
                .api_key($service.api_key())
                .base_url($service.base_url())
                .build()?;
            $body;
            Ok::<(), Box<dyn std::error::Error>>(())
        });
        result.unwrap();
    }};
}
