//! The example tests of the README.

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

#[tokio::test(start_paused = true)]
async fn continues_a_download_that_was_cut() -> Result<(), Box<dyn std::error::Error>> {
    let cut = Fault::map_response(|response| response.cut_after(100_000));
    let service = Service::start()
        .await?
        .with_clip(DOOR, clip().renders_in(30.s()).file_size(300_000))
        .with_fault(cut.for_operation("media").times(1));
    let client = Client::builder()
        .base_url(service.base_url())
        .media_url(service.media_url())
        .api_key(service.api_key())
        .build()?;

    let clip = client.watch(DOOR).await?;
    let mut bytes = Vec::new();
    let file = client.download(&clip).to_writer(&mut bytes).await?;

    assert!(file.verification().is_sha256_verified());
    service.verify_operation("media").count(2);
    Ok(())
}

#[test]
fn readme_contains_these_tests() {
    let (this, readme) = (
        include_str!("readme.rs"),
        include_str!("../../crates/rhombus-clips-sim/README.md"),
    );
    let start = this.find("use rhombus_clips::").unwrap();
    let end = this.find("\n#[test]").unwrap();
    let tests = this[start..end].split("\n\n#[tokio::test");
    let [uses, first, second] = tests.collect::<Vec<_>>().try_into().unwrap();
    let first = format!("{uses}\n\n#[tokio::test{first}\n");
    let second = format!("#[tokio::test{second}");
    for example in [first, second] {
        assert!(
            readme.contains(&format!("```rust\n{example}```\n")),
            "{example}"
        );
    }
}
