//! Families of synthetic clips: names, and generators of their steps.
//!
//! All parameters are assumptions, chosen to spread the clips of a family widely; none is measured.

use std::time::Duration;

use rhombus_clips::ClipStatus;
use rhombus_clips_sim::{Clip, Rendering};

use super::trace_builder::{Curve, Operation, TraceBuilder};
use crate::rng::SeededRng;
use crate::trace::Step;

/// Generator of the steps of one clip.
pub(super) type Generator = fn(&mut SeededRng) -> Vec<Step>;

/// Name of the family of clips that take much longer than all others.
pub(super) const LONG: &str = "long";

pub(super) const FAMILIES: [(&str, Generator); 23] = [
    ("linear", |rng| typical(rng, |_| Curve::linear())),
    ("coarse", |rng| {
        typical(rng, |rng| {
            Curve::linear().coarse(rng.choose(5.0, &[10.0, 20.0, 25.0, 33.0]))
        })
    }),
    ("restart", restart),
    ("stalls", |rng| {
        typical(rng, |rng| {
            let times = rng.range(1..=3);
            (0..times).fold(Curve::linear(), |curve, _| {
                curve.stalled(rng.uniform(1.0, 99.0), rng.log_normal(0.4, 0.8).min(4.0))
            })
        })
    }),
    ("stall-at-99", |rng| {
        typical(rng, |rng| {
            // The last step before the end is at 99 percent.
            Curve::random(rng).then_hold(99.0, rng.uniform(0.3, 0.95))
        })
    }),
    ("slow-then-fast", |rng| {
        typical(rng, |rng| match rng.random_bool(0.5) {
            true => Curve::power(rng.uniform(1.3, 4.0)),
            false => Curve::exponential(rng.uniform(1.0, 5.0)),
        })
    }),
    ("fast-then-slow", |rng| {
        typical(rng, |rng| match rng.random_bool(0.5) {
            true => Curve::power(1.0 / rng.uniform(1.3, 4.0)),
            false => Curve::exponential(-rng.uniform(1.0, 5.0)),
        })
    }),
    ("two-speed", |rng| {
        typical(rng, |rng| {
            Curve::two_speed(rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9))
        })
    }),
    ("jumpy", |rng| typical(rng, Curve::jumpy)),
    ("infrequent-updates", infrequent_updates),
    ("under-way", under_way),
    (LONG, |rng| {
        let seconds = rng.uniform(600.0, 3600.0);
        lasting(seconds, rng, Curve::random)
    }),
    ("short", |rng| {
        let seconds = rng.uniform(1.0, 5.0);
        lasting(seconds, rng, Curve::random)
    }),
    ("tail-at-100", tail_at_100),
    ("finalizing", finalizing),
    ("offline", offline),
    ("falls-back", |rng| {
        typical(rng, |rng| {
            let times = rng.range(1..=6);
            Curve::random(rng).with_drops(times, 12.0, rng)
        })
    }),
    ("no-progress", |rng| without_progress(None, rng)),
    ("stuck-at-0", |rng| without_progress(Some(0.0), rng)),
    ("queued", queued),
    ("failed", failed),
    ("combined", combined),
    ("simulated", simulated),
];

/// Returns the render time of a typical clip, in seconds. The distribution was set in 00c7fe9 so that
/// a watch that polls every two seconds takes about 35 polls.
fn render_seconds(rng: &mut SeededRng) -> f64 {
    rng.log_normal(45.0, 0.85).clamp(3.0, 1800.0)
}

/// Generates a clip with a typical render time.
fn typical(rng: &mut SeededRng, curve: impl FnOnce(&mut SeededRng) -> Curve) -> Vec<Step> {
    let seconds = render_seconds(rng);
    lasting(seconds, rng, curve)
}

/// Generates a clip with this render time.
fn lasting(
    seconds: f64,
    rng: &mut SeededRng,
    curve: impl FnOnce(&mut SeededRng) -> Curve,
) -> Vec<Step> {
    let curve = curve(rng);
    rendered(seconds, &curve, rng).complete(rng)
}

/// Builds a clip with one operation, in half of the cases after a short queue.
fn rendered(seconds: f64, curve: &Curve, rng: &mut SeededRng) -> TraceBuilder {
    let mut builder = TraceBuilder::new();
    let queue = match rng.random_bool(0.5) {
        true => seconds * rng.uniform(0.0, 0.1),
        false => 0.0,
    };
    if queue > 0.0 {
        let percent = rng.random_bool(0.5).then_some(0.0);
        builder.hold(&Operation::queued(), percent, queue);
    }
    builder.rise(&Operation::rendering(), curve, seconds - queue);
    builder
}

/// Generates a clip with several operations, each from 0 to 100 percent.
fn restart(rng: &mut SeededRng) -> Vec<Step> {
    let seconds = render_seconds(rng);
    operations(seconds, rng, |_| Curve::linear()).complete(rng)
}

fn operations(
    seconds: f64,
    rng: &mut SeededRng,
    mut curve: impl FnMut(&mut SeededRng) -> Curve,
) -> TraceBuilder {
    let mut operations = vec![
        Operation::queued(),
        Operation(ClipStatus::Uploading, Some("Uploading")),
        Operation::rendering(),
        Operation(ClipStatus::Rendering, Some("Encoding")),
        Operation(ClipStatus::Rendering, Some("Finalizing")),
    ];
    for _ in 0..rng.range(0..=3) {
        let last = operations.len() as u64 - 1;
        operations.remove(rng.range(0..=last) as usize);
    }
    let shares: Vec<f64> = operations
        .iter()
        .map(|_| rng.log_normal(1.0, 0.9))
        .collect();
    let total: f64 = shares.iter().sum();
    let mut builder = TraceBuilder::new();
    for (operation, share) in operations.iter().zip(shares) {
        let curve = curve(rng);
        builder.rise(operation, &curve, seconds * share / total);
    }
    builder
}

/// Generates a clip whose percentage is updated only every few seconds.
fn infrequent_updates(rng: &mut SeededRng) -> Vec<Step> {
    typical_with_seconds(rng, |seconds, rng| {
        let period = rng.uniform(5.0, 15.0) / seconds;
        let phase = rng.uniform(0.0, period);
        Curve::random(rng).sampled_every(period, phase)
    })
}

fn typical_with_seconds(
    rng: &mut SeededRng,
    curve: impl FnOnce(f64, &mut SeededRng) -> Curve,
) -> Vec<Step> {
    let seconds = render_seconds(rng);
    lasting(seconds, rng, |rng| curve(seconds, rng))
}

/// Generates a clip that is in progress when the watch begins.
fn under_way(rng: &mut SeededRng) -> Vec<Step> {
    let seconds = render_seconds(rng);
    let mut builder = TraceBuilder::new();
    builder.rise(&Operation::rendering(), &Curve::linear(), seconds);
    builder.begin_at(rng.uniform(0.05, 0.95));
    builder.complete(rng)
}

/// Generates a clip that stays at 100 percent before it is complete.
fn tail_at_100(rng: &mut SeededRng) -> Vec<Step> {
    let seconds = render_seconds(rng);
    let tail = rng.uniform(0.0, 0.2);
    let curve = Curve::random(rng);
    let mut builder = rendered(seconds * (1.0 - tail), &curve, rng);
    builder.hold(&Operation::rendering(), Some(100.0), seconds * tail);
    builder.complete(rng)
}

/// Generates a clip that is finalized after it is rendered, by a short operation of its own: without a
/// percentage, at 0, or from 0 to 100 percent.
fn finalizing(rng: &mut SeededRng) -> Vec<Step> {
    let seconds = render_seconds(rng);
    let finalizing = seconds * rng.uniform(0.02, 0.1);
    let curve = Curve::random(rng);
    let mut builder = rendered(seconds - finalizing, &curve, rng);
    let operation = Operation(ClipStatus::Rendering, Some("Finalizing"));
    match rng.range(0..=2) {
        0 => builder.hold(&operation, None, finalizing),
        1 => builder.hold(&operation, Some(0.0), finalizing),
        _ => builder.rise(&operation, &Curve::linear(), finalizing),
    }
    builder.complete(rng)
}

/// Generates a clip that is offline once or twice, with its percentage unchanged.
fn offline(rng: &mut SeededRng) -> Vec<Step> {
    let seconds = render_seconds(rng);
    let curve = Curve::random(rng);
    let mut builder = rendered(seconds, &curve, rng);
    for _ in 0..rng.range(1..=2) {
        builder.offline(rng.uniform(0.05, 0.95), seconds * rng.uniform(0.05, 1.0));
    }
    builder.complete(rng)
}

/// Generates a clip that reports no progress but the status.
fn without_progress(percent: Option<f64>, rng: &mut SeededRng) -> Vec<Step> {
    let seconds = render_seconds(rng);
    let mut builder = TraceBuilder::new();
    let queue = seconds * rng.uniform(0.0, 0.3);
    builder.hold(&Operation(ClipStatus::Initiating, None), percent, queue);
    let rendering = match percent {
        None if rng.random_bool(0.5) => Operation::rendering(),
        _ => Operation(ClipStatus::Rendering, None),
    };
    builder.hold(&rendering, percent, seconds - queue);
    let end = Operation(ClipStatus::Complete, None);
    builder.end(&end, percent.map(|_| 100.0), rng)
}

/// Generates a clip that is queued for much of its time.
fn queued(rng: &mut SeededRng) -> Vec<Step> {
    let seconds = render_seconds(rng);
    let queue = seconds * rng.uniform(0.1, 0.8);
    let mut builder = TraceBuilder::new();
    let percent = rng.random_bool(0.5).then_some(0.0);
    builder.hold(&Operation::queued(), percent, queue);
    builder.rise(
        &Operation::rendering(),
        &Curve::random(rng),
        seconds - queue,
    );
    builder.complete(rng)
}

/// Generates a clip that fails or is deleted in progress.
fn failed(rng: &mut SeededRng) -> Vec<Step> {
    let seconds = render_seconds(rng);
    let curve = Curve::random(rng);
    let mut builder = rendered(seconds, &curve, rng);
    builder.cut_at(rng.uniform(0.05, 0.95));
    let status = match rng.random_bool(0.8) {
        true => ClipStatus::Failed,
        false => ClipStatus::Deleted,
    };
    builder.end(&Operation(status, None), None, rng)
}

/// Generates a clip as the simulated service does.
fn simulated(rng: &mut SeededRng) -> Vec<Step> {
    let seconds = Duration::from_secs_f64(render_seconds(rng));
    let steps = Rendering::timeline(&Clip::renders_in(seconds), rng.range(0..=u64::MAX));
    let mut rounded: Vec<Step> = Vec::with_capacity(steps.len());
    for step in &steps {
        let at_ms = step.offset().as_millis() as u64;
        // Of states within a millisecond, the later one counts; none begins on a full second.
        let at_ms = at_ms + u64::from(at_ms > 0 && at_ms.is_multiple_of(1000));
        rounded.retain(|earlier| earlier.at_ms < at_ms);
        rounded.push(Step {
            at_ms,
            status: step.status().cloned(),
            percent: step
                .percent_complete()
                .map(|percent| percent.clamp(0, 100) as u8),
            operation: step.operation_text().map(str::to_owned),
        });
    }
    rounded
}

/// Generates a clip with several of these difficulties.
fn combined(rng: &mut SeededRng) -> Vec<Step> {
    let seconds = render_seconds(rng);
    let mut builder = operations(seconds, rng, |rng| {
        let curve = Curve::random(rng);
        match rng.range(0..=2) {
            0 => curve.stalled(rng.uniform(1.0, 99.0), rng.uniform(0.1, 1.0)),
            1 => curve.with_drops(2, 8.0, rng),
            _ => curve,
        }
    });
    if rng.random_bool(0.3) {
        builder.hold(
            &Operation::rendering(),
            Some(100.0),
            seconds * rng.uniform(0.0, 0.2),
        );
    }
    if rng.random_bool(0.3) {
        builder.offline(rng.uniform(0.05, 0.95), seconds * rng.uniform(0.05, 0.5));
    }
    if rng.random_bool(0.3) {
        builder.begin_at(rng.uniform(0.0, 0.6));
    }
    builder.complete(rng)
}
