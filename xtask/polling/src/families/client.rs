//! How long clips are, and how long their rendering takes.

use crate::dice::Dice;

/// Lengths of footage, in seconds.
const LENGTHS: (f64, f64) = (5.0, 3600.0);

/// One client: what it asks for, and how its service relates to that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    pub(super) name: &'static str,
    /// How long a second of footage takes; `None` where the length says nothing.
    seconds_per_second: Option<f64>,
}

/// Those that the made traces belong to.
pub(super) const CLIENTS: [Client; 2] = [
    Client {
        name: "by length",
        seconds_per_second: Some(0.4),
    },
    Client {
        name: "by load",
        seconds_per_second: None,
    },
];

impl Client {
    /// Length of the footage of a clip that takes this long to render.
    pub(super) fn clip_length(&self, render: f64, dice: &mut Dice) -> Option<u32> {
        let length = match self.seconds_per_second {
            Some(rate) => render / dice.log_normal(rate, 0.25),
            None => dice.log_normal(120.0, 1.3),
        };
        let (least, most) = LENGTHS;
        let known = !dice.chance(0.15);
        known.then_some(length.round().clamp(least, most) as u32)
    }
}

/// How long a usual clip takes to render: about a minute on average.
pub(super) fn render_seconds(dice: &mut Dice) -> f64 {
    dice.log_normal(45.0, 0.85).clamp(3.0, 1800.0)
}
