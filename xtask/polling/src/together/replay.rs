//! Replays all clips with one client in virtual time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use rhombus_clips::polling::{
    Adaptive, BatchRequest, BatchScheduler, Forecast, History, PollPolicy,
};

use super::service::{Order, Service, Token, uuid};
use crate::rng::SeededRng;
use crate::trace::Trace;

/// Requests of all clips, and the delay of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) list: u64,
    pub(crate) heartbeat: u64,
    pub(crate) clip: u64,
    /// In the order in which the clips were seen complete.
    pub(crate) delays: Vec<Duration>,
}

/// Watches the same clips, each by itself, with what the client has learned until then.
pub(crate) fn one_by_one(traces: &[Trace], seed: u64) -> Requests {
    let history = History::new();
    let mut rng = SeededRng::new(seed, "watch", 0);
    let mut requests = Requests::default();
    let mut policies: HashMap<usize, Adaptive> = HashMap::new();
    let requested_at = |clip: usize| Duration::from_millis(traces[clip].requested_at_ms);
    let mut due: BinaryHeap<_> = (0..traces.len())
        .map(|clip| Reverse((requested_at(clip), clip)))
        .collect();
    while let Some(Reverse((now, clip))) = due.pop() {
        requests.clip += 1;
        let (trace, elapsed) = (&traces[clip], now - requested_at(clip));
        let policy = policies
            .entry(clip)
            .or_insert_with(|| Adaptive::new(&history));
        let step = trace.step(elapsed);
        if let Some(end) = step.filter(|step| step.is_done()) {
            if end.is_complete() {
                policy.on_complete(elapsed);
            }
            requests.delays.push(elapsed - end.elapsed());
            policies.remove(&clip);
            continue;
        }
        let state = trace.poll_state(step, elapsed).with_random(rng.unit());
        due.push(Reverse((now + policy.next_delay(&state), clip)));
    }
    requests
}

struct Client<'t> {
    traces: &'t [Trace],
    scheduler: BatchScheduler,
    service: Service<'t>,
    policies: HashMap<usize, Adaptive>,
    rng: SeededRng,
    requests: Requests,
    token: Option<Token>,
    now: Duration,
}

/// Watches all clips from their requests on, until each is done.
pub(crate) fn replay(traces: &[Trace], order: Order, seed: u64, cost_scale: f64) -> Requests {
    let history = History::new();
    let mut client = Client {
        traces,
        scheduler: BatchScheduler::new().with_cost_scale(cost_scale),
        service: Service::new(traces, order, seed),
        policies: HashMap::new(),
        rng: SeededRng::new(seed, "watch", 0),
        requests: Requests::default(),
        token: None,
        now: Duration::ZERO,
    };
    let mut arrivals: Vec<usize> = (0..traces.len()).collect();
    arrivals.sort_by_key(|clip| traces[*clip].requested_at_ms);
    let mut arrivals = arrivals.into_iter().peekable();
    loop {
        let arrival = arrivals
            .peek()
            .map(|clip| Duration::from_millis(traces[*clip].requested_at_ms));
        let next = client.scheduler.next(client.now);
        match (arrival, next) {
            (Some(arrival), next) if next.is_none_or(|(due, _)| arrival <= due) => {
                client.now = client.now.max(arrival);
                if let Some(clip) = arrivals.next() {
                    client.add(clip, Adaptive::new(&history));
                }
            }
            (_, Some((due, request))) if due <= client.now => client.send(request),
            (_, Some((due, _))) => client.now = due,
            (_, None) => return client.requests,
        }
    }
}

impl Client<'_> {
    fn now_ms(&self) -> u64 {
        self.now.as_millis() as u64
    }

    fn add(&mut self, clip: usize, policy: Adaptive) {
        let forecast = forecast_of(&policy);
        self.policies.insert(clip, policy);
        self.scheduler
            .observe(uuid(clip), self.now, forecast, self.now, false);
    }

    fn send(&mut self, request: BatchRequest) {
        self.scheduler.sent(request, self.now);
        let now_ms = self.now_ms();
        let token = match request {
            BatchRequest::Clip(uuid) => {
                self.requests.clip += 1;
                return self.observe(clip_of(uuid));
            }
            BatchRequest::InProgress => {
                self.requests.heartbeat += 1;
                let uuids = self.service.in_progress(now_ms);
                self.scheduler.in_progress_received(self.now, uuids);
                return;
            }
            BatchRequest::FirstPage => None,
            BatchRequest::NextPage => self.token.take(),
        };
        self.requests.list += 1;
        let Some(page) = self.service.page(token, now_ms) else {
            return self.scheduler.failed(request, None);
        };
        let uuids: Vec<_> = page.clips.iter().map(|clip| uuid(*clip)).collect();
        self.token = page.token;
        self.scheduler.page_received(&uuids, page.token.is_some());
        for clip in page.clips {
            self.observe(clip);
        }
    }

    /// Reads the record of a clip, if it is watched.
    fn observe(&mut self, clip: usize) {
        let Some(policy) = self.policies.get_mut(&clip) else {
            return;
        };
        let trace = &self.traces[clip];
        let requested_at = Duration::from_millis(trace.requested_at_ms);
        let elapsed = self.now - requested_at;
        let step = self.service.clip(clip, self.now.as_millis() as u64);
        if let Some(end) = step.filter(|step| step.is_done()) {
            if end.is_complete() {
                policy.on_complete(elapsed);
            }
            self.requests.delays.push(elapsed - end.elapsed());
            self.policies.remove(&clip);
            self.scheduler.complete(uuid(clip), self.now);
            return;
        }
        let state = trace.poll_state(step, elapsed).with_random(self.rng.unit());
        let due = self.now + policy.next_delay(&state);
        let forecast = forecast_of(policy);
        self.scheduler
            .observe(uuid(clip), self.now, forecast, due, step.is_some());
    }
}

fn forecast_of(policy: &Adaptive) -> Forecast {
    let forecast = policy.forecast();
    forecast.unwrap_or_else(|| Forecast::new([]))
}

fn clip_of(uuid: rhombus_clips::ClipUuid) -> usize {
    let bytes = uuid.as_bytes();
    let number: [u8; 8] = std::array::from_fn(|index| bytes[index]);
    u64::from_le_bytes(number) as usize
}
