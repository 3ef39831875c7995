//! Where the public types may go: other threads, and places where they are moved while in use.
//! A private field can take that away from them without a word; this would no longer compile.

use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe};

use rhombus_clips::polling::{Adaptive, Estimate, Exponential, Fixed, History, PollState};
use rhombus_clips::retry::{Backoff, CallKind, FailedAttempt, NoRetry, RetryDecision};
use rhombus_clips::{
    Checkpoint, Client, ClientBuilder, Clip, ClipUpdate, ClipUuid, DecodeIssue, Error, ErrorKind,
    GetClip, ParseClipUuidError, RateLimit, Region, Update, Watch, WatchAll, WatchAllStream,
    WatchHandle, WatchStream,
};
use rhombus_clips_sim::{Fault, Response, Service, ServiceBuilder, Step};

fn is_shared_between_threads<T: Send + Sync + Unpin + Debug>() {}

fn moves_to_another_thread<T: Send + Unpin + Debug>() {}

fn survives_a_panic<T: UnwindSafe + RefUnwindSafe>() {}

#[test]
fn public_types_go_where_programs_need_them() {
    is_shared_between_threads::<Client>();
    is_shared_between_threads::<ClientBuilder>();
    is_shared_between_threads::<Clip>();
    is_shared_between_threads::<ClipUuid>();
    is_shared_between_threads::<ParseClipUuidError>();
    is_shared_between_threads::<Checkpoint>();
    is_shared_between_threads::<DecodeIssue>();
    is_shared_between_threads::<Error>();
    is_shared_between_threads::<ErrorKind>();
    is_shared_between_threads::<RateLimit>();
    is_shared_between_threads::<Region>();
    is_shared_between_threads::<Update>();
    is_shared_between_threads::<ClipUpdate>();
    is_shared_between_threads::<WatchHandle>();
    is_shared_between_threads::<Adaptive>();
    is_shared_between_threads::<Estimate>();
    is_shared_between_threads::<Exponential>();
    is_shared_between_threads::<Fixed>();
    is_shared_between_threads::<History>();
    is_shared_between_threads::<PollState<'_>>();
    is_shared_between_threads::<Backoff>();
    is_shared_between_threads::<FailedAttempt<'_>>();
    is_shared_between_threads::<NoRetry>();
    is_shared_between_threads::<CallKind>();
    is_shared_between_threads::<RetryDecision>();
    is_shared_between_threads::<Service>();
    is_shared_between_threads::<ServiceBuilder>();
    is_shared_between_threads::<Response>();
    is_shared_between_threads::<Fault>();
    is_shared_between_threads::<Step>();

    moves_to_another_thread::<GetClip>();
    moves_to_another_thread::<Watch>();
    moves_to_another_thread::<WatchAll>();
    moves_to_another_thread::<WatchStream>();
    moves_to_another_thread::<WatchAllStream>();

    survives_a_panic::<Clip>();
    survives_a_panic::<ClipUuid>();
    survives_a_panic::<Checkpoint>();
}
