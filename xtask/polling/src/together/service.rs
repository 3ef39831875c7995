//! Simulated service with the list of saved clips and the list of the clips in progress.
//!
//! It must not know how requests are scheduled.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::time::Duration;

use clap::ValueEnum;
use rhombus_clips::ClipUuid;

use crate::rng::SeededRng;
use crate::trace::{Step, Trace};

/// Clips on a page.
pub(super) const PAGE_SIZE: usize = 200;

/// Order of the list of saved clips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    Newest,
    Oldest,
    Random,
}

/// Change of a list at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// The clip has a record.
    Recorded(usize),
    /// The clip is not in progress any more.
    Left(usize),
}

pub(super) struct Service<'t> {
    traces: &'t [Trace],
    order: Order,
    rng: SeededRng,
    changes: BinaryHeap<Reverse<(u64, Change)>>,
    /// In the order of their records, or at random.
    saved: Vec<usize>,
    in_progress: HashSet<ClipUuid>,
    /// Number of first pages so far: a token is good until the next one.
    first_pages: u64,
}

/// Page of saved clips.
pub(super) struct Page {
    pub(super) clips: Vec<usize>,
    pub(super) token: Option<Token>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    first_page: u64,
    position: usize,
}

impl<'t> Service<'t> {
    pub(super) fn new(traces: &'t [Trace], order: Order, seed: u64) -> Self {
        let mut rng = SeededRng::new(seed, "service", 0);
        let mut changes = BinaryHeap::new();
        for (clip, trace) in traces.iter().enumerate() {
            let at = |step: &Step| trace.requested_at_ms + step.at_ms;
            if let [.., before, end] = &*trace.steps {
                let left = rng.uniform(at(before) as f64, at(end) as f64);
                changes.push(Reverse((left as u64, Change::Left(clip))));
            }
            if let Some(first) = trace.steps.first() {
                changes.push(Reverse((at(first), Change::Recorded(clip))));
            }
        }
        Self {
            traces,
            order,
            rng,
            changes,
            saved: Vec::new(),
            in_progress: HashSet::new(),
            first_pages: 0,
        }
    }

    /// Applies all changes until this time.
    fn advance(&mut self, now_ms: u64) {
        while let Some(&Reverse((at, change))) = self.changes.peek() {
            if at > now_ms {
                return;
            }
            self.changes.pop();
            match change {
                Change::Recorded(clip) => {
                    let place = match self.order {
                        Order::Random => self.rng.range(0..=self.saved.len() as u64) as usize,
                        Order::Newest | Order::Oldest => self.saved.len(),
                    };
                    self.saved.insert(place, clip);
                    if self.traces[clip].steps.len() > 1 {
                        self.in_progress.insert(uuid(clip));
                    }
                }
                Change::Left(clip) => _ = self.in_progress.remove(&uuid(clip)),
            }
        }
    }

    /// Returns the state of a clip; `None` while it has no record.
    pub(super) fn clip(&self, clip: usize, now_ms: u64) -> Option<&'t Step> {
        let trace = &self.traces[clip];
        let elapsed = now_ms.checked_sub(trace.requested_at_ms)?;
        trace.step(Duration::from_millis(elapsed))
    }

    /// Returns a page; `None` for a token that is no longer good.
    pub(super) fn page(&mut self, token: Option<Token>, now_ms: u64) -> Option<Page> {
        self.advance(now_ms);
        let first = match token {
            None => {
                self.first_pages += 1;
                0
            }
            Some(token) if token.first_page == self.first_pages => token.position,
            Some(_) => return None,
        };
        let end = (first + PAGE_SIZE).min(self.saved.len());
        let positions = first.min(end)..end;
        let clips = match self.order {
            Order::Newest => positions
                .map(|position| self.saved[self.saved.len() - 1 - position])
                .collect(),
            Order::Oldest | Order::Random => self.saved[positions].to_vec(),
        };
        let token = (end < self.saved.len()).then_some(Token {
            first_page: self.first_pages,
            position: end,
        });
        Some(Page { clips, token })
    }

    pub(super) fn in_progress(&mut self, now_ms: u64) -> &HashSet<ClipUuid> {
        self.advance(now_ms);
        &self.in_progress
    }
}

pub(super) fn uuid(clip: usize) -> ClipUuid {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(clip as u64).to_le_bytes());
    ClipUuid::from_bytes(bytes)
}
