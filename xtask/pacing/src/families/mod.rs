//! Made traces, in families that each have their own way of moving.

mod client;
mod curve;
mod kinds;
mod script;

use crate::dice::Dice;
use crate::trace::Trace;

use client::CLIENTS;
use kinds::FAMILIES;

/// How many clips of a family there are for each client.
const CLIPS: u64 = 20;

/// All families, mixed as a client meets them.
pub(crate) fn make(seed: u64) -> Vec<Trace> {
    let mut traces = Vec::new();
    for (family, make) in FAMILIES {
        for (index, client) in (0..CLIPS).flat_map(|_| CLIENTS).enumerate() {
            let mut dice = Dice::new(seed, family, index as u64);
            let steps = make(&mut dice);
            let render = steps.last().map_or(0.0, |end| end.at().as_secs_f64());
            traces.push(Trace {
                family: family.to_owned(),
                client: Some(client.name.to_owned()),
                clip_duration_sec: client.clip_length(render, &mut dice),
                steps,
            });
        }
    }
    Dice::new(seed, "order", 0).shuffle(&mut traces);
    traces
}
