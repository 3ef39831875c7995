//! The example test of the README.

use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::prelude::*;

const DOOR: ClipUuid = ClipUuid::from_bytes([1; 16]);

#[tokio::test(start_paused = true)]
async fn reports_a_failed_clip() -> Result<(), Box<dyn std::error::Error>> {
    let service = Service::start()
        .await?
        .with_clip(DOOR, clip().renders_in(30.s()).then_fails("no footage"))
        .with_fault(fault(Response::status(503)).on_request(2));
    let builder = Client::builder().base_url(service.base_url());
    let client = builder.api_key(service.api_key()).build()?;

    let error = client.watch(DOOR).await.unwrap_err();

    assert!(error.is_clip_failed());
    service.verify(DOOR).at_most(20).none_after_terminal();
    Ok(())
}

#[test]
fn readme_contains_this_test() {
    let (this, readme) = (
        include_str!("readme.rs"),
        include_str!("../../crates/rhombus-clips-sim/README.md"),
    );
    let start = this.find("use rhombus_clips::").unwrap();
    let end = this.find("\n#[test]").unwrap();
    assert!(readme.contains(&format!("```rust\n{}```\n", &this[start..end])));
}
