//! Parses a text as a checkpoint and, with the bytes after 0xff, configures and polls the watch
//! that resumes from it. No request is sent, because no host name can be resolved.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use reqwest::dns::{Name, Resolve, Resolving};
use rhombus_clips::{Checkpoint, Client, Watch};
use rhombus_clips_fuzz::{block_on, check_error};

#[derive(Arbitrary, Debug, Default)]
struct Calls {
    settings: Vec<Setting>,
    polls: u8,
}

#[derive(Arbitrary, Debug)]
enum Setting {
    Timeout(Duration),
    GracePeriod(Duration),
    Interval(Duration),
    ResumedAgain,
}

struct UnresolvableHosts;

impl Resolve for UnresolvableHosts {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async { Err("no address".into()) })
    }
}

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let http = || {
        reqwest::Client::builder()
            .no_proxy()
            .dns_resolver(UnresolvableHosts)
    };
    Client::builder()
        .api_key("canary-of-the-key")
        .base_url("http://service.test")
        .danger_api_key_over_plain_http()
        .http_client_builder(http)
        .build()
        .unwrap()
});

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |byte| *byte == 0xff);
    let Some(Ok(text)) = parts.next().map(std::str::from_utf8) else {
        return;
    };
    match text.parse::<Checkpoint>() {
        Ok(checkpoint) => {
            let rest = Unstructured::new(parts.next().unwrap_or_default());
            check_watch(
                checkpoint,
                Calls::arbitrary_take_rest(rest).unwrap_or_default(),
            );
        }
        Err(error) => {
            check_error(&error);
            assert!(error.is_checkpoint());
        }
    }
});

fn check_watch(checkpoint: Checkpoint, calls: Calls) {
    check_round_trip(&checkpoint);
    let mut watch = CLIENT.resume(checkpoint);
    for setting in calls.settings {
        watch = apply(watch, setting);
        check_round_trip(&watch.checkpoint());
    }
    let _ = format!("{watch:?}");
    let mut updates = watch.stream();
    check_round_trip(&updates.checkpoint());
    block_on(async {
        for _ in 0..calls.polls % 4 {
            match updates.next().await {
                Some(Ok(update)) => {
                    let _ = format!("{update:?}");
                    assert!(!update.is_complete());
                    update.error().into_iter().for_each(check_error);
                }
                Some(Err(error)) => {
                    let _ = format!("{error:?}");
                    check_error(&error);
                    error.checkpoint().into_iter().for_each(check_round_trip);
                }
                None => break,
            }
            check_round_trip(&updates.checkpoint());
        }
    });
    check_round_trip(&updates.stop());
}

fn apply(watch: Watch, setting: Setting) -> Watch {
    match setting {
        Setting::Timeout(timeout) => watch.timeout(timeout),
        Setting::GracePeriod(grace_period) => watch.not_found_grace_period(grace_period),
        Setting::Interval(interval) => watch.interval(interval),
        Setting::ResumedAgain => CLIENT.resume(watch.checkpoint()),
    }
}

fn check_round_trip(checkpoint: &Checkpoint) {
    let text = checkpoint.to_string();
    let parsed: Checkpoint = text.parse().unwrap();
    assert_eq!(&parsed, checkpoint);
    assert_eq!(parsed.to_string(), text);
    let _ = format!(
        "{checkpoint:?} {:?} {} {:?} {:?} {} {:?}",
        checkpoint.started_at(),
        checkpoint.clip_uuid(),
        checkpoint.elapsed(),
        checkpoint.timeout(),
        checkpoint.polls(),
        checkpoint.last_status(),
    );
}
