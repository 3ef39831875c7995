//! A text as a checkpoint, and behind the byte 0xff what is done with the watch that goes on from
//! it. No request leaves: no host has an address.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use reqwest::dns::{Name, Resolve, Resolving};
use rhombus_clips::{Checkpoint, Client, Watch};
use rhombus_clips_fuzz::{block_on, check_error};

#[derive(Arbitrary, Debug, Default)]
struct Use {
    settings: Vec<Setting>,
    looks: u8,
}

#[derive(Arbitrary, Debug)]
enum Setting {
    Deadline(Duration),
    Grace(Duration),
    Interval(Duration),
    ResumedAgain,
}

struct Nowhere;

impl Resolve for Nowhere {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async { Err("no address".into()) })
    }
}

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let http = || reqwest::Client::builder().no_proxy().dns_resolver(Nowhere);
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
            check(
                checkpoint,
                Use::arbitrary_take_rest(rest).unwrap_or_default(),
            );
        }
        Err(error) => {
            check_error(&error);
            assert!(error.is_checkpoint());
        }
    }
});

fn check(checkpoint: Checkpoint, what: Use) {
    check_journey(&checkpoint);
    let mut watch = CLIENT.resume(checkpoint);
    for setting in what.settings {
        watch = set(watch, setting);
        check_journey(&watch.checkpoint());
    }
    let _ = format!("{watch:?}");
    let mut updates = watch.stream();
    check_journey(&updates.checkpoint());
    block_on(async {
        for _ in 0..what.looks % 4 {
            match updates.next().await {
                Some(Ok(update)) => {
                    let _ = format!("{update:?}");
                    assert!(!update.is_complete());
                    update.error().into_iter().for_each(check_error);
                }
                Some(Err(error)) => {
                    let _ = format!("{error:?}");
                    check_error(&error);
                    error.checkpoint().into_iter().for_each(check_journey);
                }
                None => break,
            }
            check_journey(&updates.checkpoint());
        }
    });
    check_journey(&updates.stop());
}

fn set(watch: Watch, setting: Setting) -> Watch {
    match setting {
        Setting::Deadline(deadline) => watch.timeout(deadline),
        Setting::Grace(grace) => watch.not_found_grace_period(grace),
        Setting::Interval(interval) => watch.interval(interval),
        Setting::ResumedAgain => CLIENT.resume(watch.checkpoint()),
    }
}

fn check_journey(checkpoint: &Checkpoint) {
    let text = checkpoint.to_string();
    let again: Checkpoint = text.parse().unwrap();
    assert_eq!(&again, checkpoint);
    assert_eq!(again.to_string(), text);
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
