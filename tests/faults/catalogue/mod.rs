//! The faults, and what is right for each: reasoned from the documentation.

mod body;
mod connection;
mod echo;
mod life;
mod status;
mod throttling;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rhombus_clips::{Clip, ErrorKind};
use rhombus_clips_sim::{Response, Step};
use serde_json::Value;

use crate::ask::Way;
use crate::expected::{Expected, Outcome, Tries, expect};
use crate::terms::Terms;

pub fn all() -> Vec<Fault> {
    // Those that take their time come first: the others run meanwhile.
    let mut all = throttling::faults();
    all.extend(connection::faults());
    all.extend(status::faults());
    all.extend(body::faults());
    all.extend(life::faults());
    all.extend(echo::faults());
    all
}

/// Which requests are struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    First,
    Middle,
    Always,
    /// It is the clip's own life that is odd.
    Life,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First => "first",
            Self::Middle => "middle",
            Self::Always => "always",
            Self::Life => "-",
        })
    }
}

/// How many looks a clip's life takes that nothing happens to.
const LOOKS: u64 = 4;

/// Which request is the one in the middle.
pub const MIDDLE: u64 = 3;

/// How many attempts a look-up makes at most, on the terms of a case.
const ATTEMPTS: u64 = 3;

#[derive(Clone)]
pub enum What {
    /// This in place of the service's answer.
    Instead(Response),
    /// A redirect with this status to a port of its own, with this behind the address.
    Redirect(u16, String),
    /// The service's answer, changed.
    Changed(Arc<dyn Fn(Response) -> Response + Send + Sync>),
    /// The service's JSON, changed.
    Edited(Arc<dyn Fn(&mut Value) + Send + Sync>),
    /// The clip's life, a step for each request.
    Life(Vec<Step>),
}

#[derive(Clone, Copy, Debug)]
pub enum Right {
    /// `Error::is_transient`: tried again, by a look-up up to its attempts and by a watch up to
    /// its deadline.
    Passes(ErrorKind),
    /// Anything but transient: the first is the end.
    Ends(ErrorKind),
    /// Transient, with a wish for a wait that is longer than any deadline: a look-up gives up at
    /// once, a watch waits for its last look.
    Outlasts(ErrorKind),
    /// Nothing comes of it.
    Harmless,
    /// A look-up needs one request to come to its end, a watch so many.
    Told {
        get: Outcome,
        watch: Outcome,
        looks: Tries,
    },
}

/// What is wrong with a clip that came out in the end.
pub type Check = fn(&Clip, Form, Way) -> Option<String>;

pub struct Fault {
    pub name: String,
    pub what: What,
    right: Right,
    /// By its `Retry-After`.
    pub asks_to_wait: Duration,
    /// What a finished clip has to show.
    pub check: Option<Check>,
    attempt_timeout: Option<Duration>,
    gzip: bool,
    /// What is left of it on the connection may cost one more try.
    spills: bool,
}

impl Fault {
    fn new(name: impl Into<String>, what: What, right: Right) -> Self {
        Self {
            name: name.into(),
            what,
            right,
            asks_to_wait: Duration::ZERO,
            check: None,
            attempt_timeout: None,
            gzip: true,
            spills: false,
        }
    }

    fn passes(name: impl Into<String>, kind: ErrorKind, answer: Response) -> Self {
        Self::new(name, What::Instead(answer), Right::Passes(kind))
    }

    fn redirects(name: impl Into<String>, status: u16, rest: impl Into<String>) -> Self {
        let right = Right::Ends(ErrorKind::UnexpectedStatus);
        Self::new(name, What::Redirect(status, rest.into()), right)
    }

    fn ends(name: impl Into<String>, kind: ErrorKind, answer: Response) -> Self {
        Self::new(name, What::Instead(answer), Right::Ends(kind))
    }

    fn outlasts(name: impl Into<String>, kind: ErrorKind, answer: Response) -> Self {
        Self::new(name, What::Instead(answer), Right::Outlasts(kind))
    }

    fn harmless(
        name: impl Into<String>,
        change: impl Fn(Response) -> Response + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, What::Changed(Arc::new(change)), Right::Harmless)
    }

    /// Harmless: the service's JSON, changed.
    fn changes(
        name: impl Into<String>,
        change: impl Fn(&mut Value) + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, What::Edited(Arc::new(change)), Right::Harmless)
    }

    fn life(
        name: impl Into<String>,
        steps: impl IntoIterator<Item = Step>,
        get: Outcome,
        (watch, looks): (Outcome, Tries),
    ) -> Self {
        let steps = What::Life(steps.into_iter().collect());
        Self::new(name, steps, Right::Told { get, watch, looks })
    }

    fn asking_to_wait(mut self, wait: Duration) -> Self {
        self.asks_to_wait = wait;
        self
    }

    fn checked(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    /// It hangs: an attempt has to be given up.
    fn hanging(mut self) -> Self {
        self.attempt_timeout = Some(Duration::from_secs(3));
        self
    }

    fn without_gzip(mut self) -> Self {
        self.gzip = false;
        self
    }

    fn spilling(mut self) -> Self {
        self.spills = true;
        self
    }

    pub fn forms(&self) -> Vec<Form> {
        match self.what {
            What::Life(_) => vec![Form::Life],
            _ => vec![Form::First, Form::Middle, Form::Always],
        }
    }

    pub fn expected(&self, form: Form, way: Way) -> Expected {
        let is_get = way == Way::Get;
        // The number of the first request that is struck.
        let struck = match form {
            Form::Middle if !is_get => MIDDLE,
            _ => 1,
        };
        let looks = if is_get { 1 } else { LOOKS };
        match self.right {
            Right::Passes(kind) if form == Form::Always => match way {
                Way::Get => expect(Outcome::Failed(kind), Tries::Exactly(ATTEMPTS)),
                _ => expect(Outcome::Stopped, Tries::Failing(2)),
            },
            Right::Passes(_) if self.spills => {
                expect(Outcome::Done, Tries::Within(looks + 1, looks + 2))
            }
            // On a machine that is busy enough, a good answer may be late for an attempt, too.
            Right::Passes(_) if self.attempt_timeout.is_some() => {
                expect(Outcome::Done, Tries::Within(looks + 1, looks + 4))
            }
            Right::Passes(_) => expect(Outcome::Done, Tries::Exactly(looks + 1)),
            Right::Ends(kind) if self.attempt_timeout.is_some() => {
                expect(Outcome::Failed(kind), Tries::Within(struck, struck + 3))
            }
            Right::Ends(kind) => expect(Outcome::Failed(kind), Tries::Exactly(struck)),
            Right::Outlasts(kind) if is_get => expect(Outcome::Failed(kind), Tries::Exactly(1)),
            // On a busy machine the deadline may pass before the look in the middle.
            Right::Outlasts(_) => expect(Outcome::Stopped, Tries::Within(2, struck + 1)),
            Right::Harmless => expect(Outcome::Done, Tries::Exactly(looks)),
            Right::Told { get, .. } if is_get => expect(get, Tries::Exactly(1)),
            Right::Told { watch, looks, .. } => expect(watch, looks),
        }
    }

    pub fn terms(&self, form: Form, way: Way) -> Terms {
        let mut terms = Terms {
            gzip: self.gzip,
            ..Terms::default()
        };
        if let Some(timeout) = self.attempt_timeout {
            terms.attempt_timeout = timeout;
            if (form, way) != (Form::Always, Way::Get) {
                terms.attempts = 10;
            }
        }
        match (self.expected(form, way).outcome, self.right) {
            // Time for the looks before the one that is struck.
            (Outcome::Stopped, Right::Outlasts(_)) => terms.timeout = Duration::from_secs(3),
            (Outcome::Stopped, _) => terms.timeout = Duration::from_millis(400),
            (Outcome::Failed(ErrorKind::NotFound), _) if way != Way::Get => {
                terms.grace_period = Duration::from_millis(300);
            }
            _ => {}
        }
        terms
    }
}
