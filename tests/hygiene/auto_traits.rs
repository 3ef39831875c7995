//! Auto traits of the public types: `Send`, `Sync`, `Unpin` and unwind safety.
//!
//! A change of a private field can remove an auto trait unnoticed and break users who move a value
//! to another thread. Such a change makes this file fail to compile.

use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};

use rhombus_clips::polling::{
    Adaptive, Estimate, Exponential, Fixed, History, HistorySnapshot, HistorySnapshotError,
    PollState,
};
use rhombus_clips::retry::{Backoff, CallKind, Effect, FailedAttempt, NoRetry, RetryDecision};
use rhombus_clips::{
    Checkpoint, Client, ClientBuilder, Clip, ClipUpdate, ClipUuid, DecodeIssue, Error, ErrorKind,
    GetClip, ParseClipUuidError, RateLimit, Region, Update, Watch, WatchAll, WatchAllStream,
    WatchHandle, WatchStream,
};
use rhombus_clips_sim::{Fault, Response, Service, ServiceBuilder, Step};

fn assert_send_sync<T: Send + Sync + Unpin + Debug>() {}

fn assert_send<T: Send + Unpin + Debug>() {}

fn assert_unwind_safe<T: UnwindSafe + RefUnwindSafe>() {}

#[test]
fn public_types_implement_the_documented_auto_traits() {
    assert_send_sync::<Client>();
    assert_send_sync::<ClientBuilder>();
    assert_send_sync::<Clip>();
    assert_send_sync::<ClipUuid>();
    assert_send_sync::<ParseClipUuidError>();
    assert_send_sync::<Checkpoint>();
    assert_send_sync::<DecodeIssue>();
    assert_send_sync::<Error>();
    assert_send_sync::<ErrorKind>();
    assert_send_sync::<RateLimit>();
    assert_send_sync::<Region>();
    assert_send_sync::<Update>();
    assert_send_sync::<ClipUpdate>();
    assert_send_sync::<WatchHandle>();
    assert_send_sync::<Adaptive>();
    assert_send_sync::<Estimate>();
    assert_send_sync::<Exponential>();
    assert_send_sync::<Fixed>();
    assert_send_sync::<History>();
    assert_send_sync::<HistorySnapshot>();
    assert_send_sync::<HistorySnapshotError>();
    assert_send_sync::<PollState<'_>>();
    assert_send_sync::<Backoff>();
    assert_send_sync::<FailedAttempt<'_>>();
    assert_send_sync::<NoRetry>();
    assert_send_sync::<CallKind>();
    assert_send_sync::<Effect>();
    assert_send_sync::<RetryDecision>();
    assert_send_sync::<Service>();
    assert_send_sync::<ServiceBuilder>();
    assert_send_sync::<Response>();
    assert_send_sync::<Fault>();
    assert_send_sync::<Step>();

    assert_send::<GetClip>();
    assert_send::<Watch>();
    assert_send::<WatchAll>();
    assert_send::<WatchStream>();
    assert_send::<WatchAllStream>();

    assert_unwind_safe::<Clip>();
    assert_unwind_safe::<ClipUuid>();
    assert_unwind_safe::<Checkpoint>();
}
