//! The families by name, and how a clip of each is made.

use rhombus_clips::ClipStatus;

use super::client::render_seconds;
use super::curve::Curve;
use super::script::{Operation, Script};
use crate::dice::Dice;
use crate::trace::Step;

/// Makes the steps of a clip.
pub(super) type Make = fn(&mut Dice) -> Vec<Step>;

/// The family of clips that take 10 to 30 minutes.
pub(super) const LONG: &str = "long";

pub(super) const FAMILIES: [(&str, Make); 21] = [
    ("linear", |dice| usual(dice, |_| Curve::linear())),
    ("coarse", |dice| {
        usual(dice, |dice| {
            Curve::linear().coarse(dice.pick(5.0, &[10.0, 20.0, 25.0, 33.0]))
        })
    }),
    ("restart", restart),
    ("stalls", |dice| {
        usual(dice, |dice| {
            let times = dice.whole(1..=3);
            (0..times).fold(Curve::linear(), |curve, _| {
                curve.stalled(dice.between(1.0, 99.0), dice.log_normal(0.4, 0.8).min(4.0))
            })
        })
    }),
    ("stall-at-99", |dice| {
        usual(dice, |dice| {
            // Nothing comes after 99 percent but the end.
            Curve::any(dice).rising_to(99.0, dice.between(0.3, 0.95))
        })
    }),
    ("slow-then-fast", |dice| {
        usual(dice, |dice| match dice.chance(0.5) {
            true => Curve::power(dice.between(1.3, 4.0)),
            false => Curve::exponential(dice.between(1.0, 5.0)),
        })
    }),
    ("fast-then-slow", |dice| {
        usual(dice, |dice| match dice.chance(0.5) {
            true => Curve::power(1.0 / dice.between(1.3, 4.0)),
            false => Curve::exponential(-dice.between(1.0, 5.0)),
        })
    }),
    ("two-speed", |dice| {
        usual(dice, |dice| {
            Curve::two_speed(dice.between(0.1, 0.9), dice.between(0.1, 0.9))
        })
    }),
    ("jumpy", |dice| usual(dice, Curve::jumpy)),
    ("infrequent-updates", infrequent_updates),
    ("under-way", under_way),
    (LONG, |dice| {
        let seconds = dice.between(600.0, 1800.0);
        lasting(seconds, dice, Curve::any)
    }),
    ("short", |dice| {
        let seconds = dice.between(1.0, 5.0);
        lasting(seconds, dice, Curve::any)
    }),
    ("tail-at-100", tail_at_100),
    ("offline", offline),
    ("falls-back", |dice| {
        usual(dice, |dice| {
            let times = dice.whole(1..=6);
            Curve::any(dice).falling_back(times, 12.0, dice)
        })
    }),
    ("no-progress", |dice| silent(None, dice)),
    ("stuck-at-0", |dice| silent(Some(0.0), dice)),
    ("queued", queued),
    ("failed", failed),
    ("combined", combined),
];

/// A clip that takes its usual time.
fn usual(dice: &mut Dice, curve: impl FnOnce(&mut Dice) -> Curve) -> Vec<Step> {
    let seconds = render_seconds(dice);
    lasting(seconds, dice, curve)
}

fn lasting(seconds: f64, dice: &mut Dice, curve: impl FnOnce(&mut Dice) -> Curve) -> Vec<Step> {
    let curve = curve(dice);
    rendered(seconds, &curve, dice).complete(dice)
}

/// Perhaps a short queue, then one operation.
fn rendered(seconds: f64, curve: &Curve, dice: &mut Dice) -> Script {
    let mut script = Script::new();
    let queue = match dice.chance(0.5) {
        true => seconds * dice.between(0.0, 0.1),
        false => 0.0,
    };
    if queue > 0.0 {
        let percent = dice.chance(0.5).then_some(0.0);
        script.hold(&Operation::queued(), percent, queue);
    }
    script.rise(&Operation::rendering(), curve, seconds - queue);
    script
}

/// Several operations, each from 0 to 100.
fn restart(dice: &mut Dice) -> Vec<Step> {
    let seconds = render_seconds(dice);
    operations(seconds, dice, |_| Curve::linear()).complete(dice)
}

fn operations(seconds: f64, dice: &mut Dice, mut curve: impl FnMut(&mut Dice) -> Curve) -> Script {
    let mut operations = vec![
        Operation::queued(),
        Operation(ClipStatus::Uploading, Some("Uploading")),
        Operation::rendering(),
        Operation(ClipStatus::Rendering, Some("Encoding")),
        Operation(ClipStatus::Rendering, Some("Finalizing")),
    ];
    for _ in 0..dice.whole(0..=3) {
        let last = operations.len() as u64 - 1;
        operations.remove(dice.whole(0..=last) as usize);
    }
    let shares: Vec<f64> = operations
        .iter()
        .map(|_| dice.log_normal(1.0, 0.9))
        .collect();
    let whole: f64 = shares.iter().sum();
    let mut script = Script::new();
    for (operation, share) in operations.iter().zip(shares) {
        let curve = curve(dice);
        script.rise(operation, &curve, seconds * share / whole);
    }
    script
}

/// The service writes the percentage down only every 5 to 15 s.
fn infrequent_updates(dice: &mut Dice) -> Vec<Step> {
    usual_with_seconds(dice, |seconds, dice| {
        let period = dice.between(5.0, 15.0) / seconds;
        let phase = dice.between(0.0, period);
        Curve::any(dice).written_every(period, phase)
    })
}

fn usual_with_seconds(dice: &mut Dice, curve: impl FnOnce(f64, &mut Dice) -> Curve) -> Vec<Step> {
    let seconds = render_seconds(dice);
    lasting(seconds, dice, |dice| curve(seconds, dice))
}

/// Under way when the watch begins.
fn under_way(dice: &mut Dice) -> Vec<Step> {
    let seconds = render_seconds(dice);
    let mut script = Script::new();
    script.rise(&Operation::rendering(), &Curve::linear(), seconds);
    script.begin_at(dice.between(0.05, 0.95));
    script.complete(dice)
}

/// 100 percent for a while before the clip is complete.
fn tail_at_100(dice: &mut Dice) -> Vec<Step> {
    let seconds = render_seconds(dice);
    let tail = dice.between(0.0, 0.2);
    let curve = Curve::any(dice);
    let mut script = rendered(seconds * (1.0 - tail), &curve, dice);
    script.hold(&Operation::rendering(), Some(100.0), seconds * tail);
    script.complete(dice)
}

/// Offline once or twice, with the percentage as it was.
fn offline(dice: &mut Dice) -> Vec<Step> {
    let seconds = render_seconds(dice);
    let curve = Curve::any(dice);
    let mut script = rendered(seconds, &curve, dice);
    for _ in 0..dice.whole(1..=2) {
        script.offline(dice.between(0.05, 0.95), seconds * dice.between(0.05, 1.0));
    }
    script.complete(dice)
}

/// Nothing to tell but the status.
fn silent(percent: Option<f64>, dice: &mut Dice) -> Vec<Step> {
    let seconds = render_seconds(dice);
    let mut script = Script::new();
    let queue = seconds * dice.between(0.0, 0.3);
    script.hold(&Operation(ClipStatus::Initiating, None), percent, queue);
    let rendering = match percent {
        None if dice.chance(0.5) => Operation::rendering(),
        _ => Operation(ClipStatus::Rendering, None),
    };
    script.hold(&rendering, percent, seconds - queue);
    let end = Operation(ClipStatus::Complete, None);
    script.end(&end, percent.map(|_| 100.0), dice)
}

/// A queue for much of the time, or most.
fn queued(dice: &mut Dice) -> Vec<Step> {
    let seconds = render_seconds(dice);
    let queue = seconds * dice.between(0.1, 0.8);
    let mut script = Script::new();
    let percent = dice.chance(0.5).then_some(0.0);
    script.hold(&Operation::queued(), percent, queue);
    script.rise(&Operation::rendering(), &Curve::any(dice), seconds - queue);
    script.complete(dice)
}

/// Fails, or is deleted, on its way.
fn failed(dice: &mut Dice) -> Vec<Step> {
    let seconds = render_seconds(dice);
    let curve = Curve::any(dice);
    let mut script = rendered(seconds, &curve, dice);
    script.cut_at(dice.between(0.05, 0.95));
    let status = match dice.chance(0.8) {
        true => ClipStatus::Failed,
        false => ClipStatus::Deleted,
    };
    script.end(&Operation(status, None), None, dice)
}

/// Several of these at once.
fn combined(dice: &mut Dice) -> Vec<Step> {
    let seconds = render_seconds(dice);
    let mut script = operations(seconds, dice, |dice| {
        let curve = Curve::any(dice);
        match dice.whole(0..=2) {
            0 => curve.stalled(dice.between(1.0, 99.0), dice.between(0.1, 1.0)),
            1 => curve.falling_back(2, 8.0, dice),
            _ => curve,
        }
    });
    if dice.chance(0.3) {
        script.hold(
            &Operation::rendering(),
            Some(100.0),
            seconds * dice.between(0.0, 0.2),
        );
    }
    if dice.chance(0.3) {
        script.offline(dice.between(0.05, 0.95), seconds * dice.between(0.05, 0.5));
    }
    if dice.chance(0.3) {
        script.begin_at(dice.between(0.0, 0.6));
    }
    script.complete(dice)
}
