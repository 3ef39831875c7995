//! When the connections of a client are replaced.
//!
//! A connection of HTTP/2 carries all requests of a client, and may stop answering while it looks
//! alive: a peer answers PINGs and no request, or the task that drives it belongs to a runtime that is
//! not driven. The HTTP library cannot drop one connection of its pool, so the pool is replaced as a
//! whole, as the next *generation*. [`Generation`] is pure: its caller supplies the time.

use std::time::Duration;

use tokio::time::Instant;

use super::tls::HttpVersions;

/// Lower bound of the time between two replacements. Chosen, not tuned: it limits the handshakes with a
/// server that refuses every stream, and it is as long as the first backoff, so that it delays
/// no replacement after an attempt that timed out.
const MIN_SPACING: Duration = Duration::from_secs(1);

/// Time without a response after which connections are replaced although each attempt had less time.
/// Chosen, not tuned: longer than a handshake and a response take, so that calls with short timeouts
/// find the connection that the first of them opened.
const MIN_SILENCE: Duration = Duration::from_secs(1);

/// Connections in a row without HTTP on them after which another service is assumed at the endpoint.
/// Chosen, not tuned: one may have been mixed up on the way.
const MAX_MALFORMED: u32 = 3;

/// End of an attempt, as far as it tells about its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AttemptEnd {
    /// The head of a response arrived.
    Answered { is_http2: bool },
    /// A response that asks for another connection: status 421.
    Misdirected,
    /// No complete response arrived in time, or the caller dropped the attempt.
    Unanswered,
    /// The connection or the stream ended without a complete response.
    Lost,
    /// What arrived is not HTTP, in the version that was agreed on.
    NotHttp,
    /// The server requires HTTP/1.1.
    Http1Required,
    /// There was no connection to send the request on.
    NotConnected,
}

/// The connections in use, and whether they are to be replaced.
#[derive(Debug)]
pub(super) struct Generation {
    number: u64,
    /// When they replaced others; `None` for the first ones.
    replaced_at: Option<Instant>,
    /// The shortest attempt that counts by itself as one that timed out.
    attempt_timeout: Duration,
    versions: HttpVersions,
    /// Versions of the connections that replace these.
    next_versions: HttpVersions,
    /// Whether responses arrive over HTTP/2; `None` before the first.
    is_http2: Option<bool>,
    /// When the newest request that was answered was sent.
    last_answered: Option<Instant>,
    /// When the last answer arrived.
    last_answer: Option<Instant>,
    /// Since when there is no answer, although requests were sent.
    unanswered_since: Option<Instant>,
    /// Consecutive connections that did not carry HTTP, of this generation and those before.
    malformed: u32,
    /// When the last of these showed it.
    last_malformed: Option<Instant>,
    is_suspect: bool,
}

impl Generation {
    pub(super) fn new(attempt_timeout: Duration) -> Self {
        Self {
            number: 0,
            replaced_at: None,
            attempt_timeout,
            versions: HttpVersions::All,
            next_versions: HttpVersions::All,
            is_http2: None,
            last_answered: None,
            last_answer: None,
            unanswered_since: None,
            malformed: 0,
            last_malformed: None,
            is_suspect: false,
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Records the end of an attempt of the generation `number`, which was sent at `sent`.
    pub(super) fn on_end(&mut self, number: u64, sent: Instant, now: Instant, end: AttemptEnd) {
        // Attempts that fail together replace their connections once.
        if number != self.number {
            return;
        }
        match end {
            AttemptEnd::NotConnected => return,
            AttemptEnd::NotHttp => {
                // Attempts that were in flight together may have shared the connection.
                if self.last_malformed.is_none_or(|last| sent >= last) {
                    self.malformed = self.malformed.saturating_add(1);
                    self.last_malformed = Some(now);
                }
            }
            _ => self.malformed = 0,
        }
        match end {
            AttemptEnd::NotConnected => {}
            AttemptEnd::Answered { is_http2 } => {
                self.is_http2 = Some(is_http2);
                self.last_answered = self.last_answered.max(Some(sent));
                self.last_answer = Some(now);
                self.unanswered_since = None;
            }
            AttemptEnd::Misdirected => self.is_suspect = true,
            AttemptEnd::Http1Required => {
                self.next_versions = HttpVersions::Http1Only;
                self.is_suspect = true;
            }
            AttemptEnd::NotHttp if !self.is_answered() => {
                // A server may agree on one version and speak the other.
                self.next_versions = match self.versions {
                    HttpVersions::All => HttpVersions::Http1Only,
                    HttpVersions::Http1Only => HttpVersions::All,
                };
                self.is_suspect = true;
            }
            AttemptEnd::NotHttp | AttemptEnd::Lost => {
                self.is_suspect |= !self.was_its_own_connection(sent);
            }
            AttemptEnd::Unanswered => {
                // A connection that is still being made needs time that a short attempt does not have.
                let is_complete = now.saturating_duration_since(sent) >= self.attempt_timeout;
                // An attempt that its caller dropped tells only of the time without any answer.
                let since = match self.last_answer {
                    Some(last_answer) if !is_complete => sent.max(last_answer),
                    _ => sent,
                };
                let since = *self.unanswered_since.get_or_insert(since);
                let is_silent = now.saturating_duration_since(since) >= MIN_SILENCE
                    || is_complete && self.is_answered();
                self.is_suspect |= is_silent && !self.was_its_own_connection(sent);
            }
        }
    }

    /// Returns whether a failed attempt leaves the other connections above suspicion. With HTTP/1.1
    /// its connection was used by it alone and is closed; a later answer shows that others work.
    fn was_its_own_connection(&self, sent: Instant) -> bool {
        self.is_http2 == Some(false) && self.last_answered > Some(sent)
    }

    /// Returns the versions of HTTP to replace the connections with, if that is due.
    pub(super) fn due_replacement(&self, now: Instant) -> Option<HttpVersions> {
        let age = self
            .replaced_at
            .map(|replaced_at| now.saturating_duration_since(replaced_at));
        let is_due = age.is_none_or(|age| age >= MIN_SPACING);
        (self.is_suspect && is_due).then_some(self.next_versions)
    }

    /// Returns whether so many connections in a row did not carry HTTP that another service is at the
    /// endpoint.
    pub(super) fn is_wrong_service(&self) -> bool {
        self.malformed >= MAX_MALFORMED
    }

    /// Returns whether any response has arrived.
    pub(super) fn is_answered(&self) -> bool {
        self.is_http2.is_some()
    }

    /// Returns the next generation.
    pub(super) fn next(&self, now: Instant) -> Self {
        Self {
            number: self.number + 1,
            replaced_at: Some(now),
            versions: self.next_versions,
            next_versions: self.next_versions,
            malformed: self.malformed,
            last_malformed: self.last_malformed,
            ..Self::new(self.attempt_timeout)
        }
    }

    /// Has the connections replaced if they may be older than this, whatever their attempts showed.
    pub(super) fn distrust(&mut self, since: Instant) {
        self.is_suspect |= self
            .replaced_at
            .is_none_or(|replaced_at| replaced_at <= since);
    }

    /// Gives up on the replacement until the next failed attempt, because it cannot be made.
    pub(super) fn keep(&mut self) {
        self.is_suspect = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);
    const HTTP2: AttemptEnd = AttemptEnd::Answered { is_http2: true };
    const HTTP1: AttemptEnd = AttemptEnd::Answered { is_http2: false };

    struct Clock(Instant);

    impl Clock {
        fn at(&self, sec: u32) -> Instant {
            self.0 + SEC * sec
        }
    }

    fn new() -> (Generation, Clock) {
        let now = Instant::now();
        (Generation::new(30 * SEC), Clock(now))
    }

    #[test]
    fn attempts_that_time_out_together_replace_their_connections_once() {
        let (mut generation, clock) = new();
        generation.on_end(0, clock.at(0), clock.at(1), HTTP2);
        for sent in [1, 2, 2] {
            let ended = clock.at(sent + 30);
            generation.on_end(0, clock.at(sent), ended, AttemptEnd::Unanswered);
            if let Some(versions) = generation.due_replacement(ended) {
                assert_eq!((versions, generation.number()), (HttpVersions::All, 0));
                generation = generation.next(ended);
            }
        }
        assert_eq!(generation.number(), 1);
        assert_eq!(generation.due_replacement(clock.at(99)), None);
    }

    #[test]
    fn an_answer_to_another_request_does_not_clear_a_stream_that_hangs() {
        let (mut generation, clock) = new();
        generation.on_end(0, clock.at(25), clock.at(26), HTTP2);
        generation.on_end(0, clock.at(1), clock.at(31), AttemptEnd::Unanswered);
        assert!(generation.due_replacement(clock.at(31)).is_some());
    }

    #[test]
    fn connections_of_http1_are_kept_if_others_answered_meanwhile() {
        let (mut generation, clock) = new();
        generation.on_end(0, clock.at(2), clock.at(3), HTTP1);
        for end in [AttemptEnd::Lost, AttemptEnd::Unanswered] {
            generation.on_end(0, clock.at(1), clock.at(31), end);
            assert_eq!(generation.due_replacement(clock.at(31)), None);
        }
        // None answered since: the others may be as dead.
        generation.on_end(0, clock.at(3), clock.at(33), AttemptEnd::Unanswered);
        assert!(generation.due_replacement(clock.at(33)).is_some());
    }

    #[test]
    fn short_attempts_count_once_nothing_answered_for_a_second() {
        let (mut generation, clock) = new();
        let tenth = |tenths: u32| clock.at(0) + SEC / 10 * tenths;
        for sent in 0..9 {
            let ended = tenth(sent + 1);
            generation.on_end(0, tenth(sent), ended, AttemptEnd::Unanswered);
            assert_eq!(generation.due_replacement(clock.at(5)), None);
        }
        generation.on_end(0, tenth(9), tenth(10), AttemptEnd::Unanswered);
        assert!(generation.due_replacement(clock.at(5)).is_some());
        // An answer ends the silence.
        let (mut generation, clock) = new();
        generation.on_end(0, clock.at(0), clock.at(0), AttemptEnd::Unanswered);
        generation.on_end(0, clock.at(1), clock.at(1), HTTP2);
        generation.on_end(0, clock.at(2), clock.at(2), AttemptEnd::Unanswered);
        assert_eq!(generation.due_replacement(clock.at(5)), None);
    }

    #[test]
    fn a_connection_that_is_being_made_is_not_replaced_by_short_attempts() {
        let now = Instant::now();
        let mut generation = Generation::new(SEC / 5);
        generation.on_end(0, now, now + SEC / 5, AttemptEnd::Unanswered);
        assert_eq!(generation.due_replacement(now + SEC), None);
        generation.on_end(0, now + SEC / 5, now + SEC / 4, HTTP2);
        generation.on_end(0, now + SEC, now + SEC + SEC / 5, AttemptEnd::Unanswered);
        assert!(generation.due_replacement(now + 2 * SEC).is_some());
    }

    #[test]
    fn a_server_that_does_not_speak_the_agreed_version_is_tried_with_the_other() {
        let (mut generation, clock) = new();
        for versions in [HttpVersions::Http1Only, HttpVersions::All] {
            let number = generation.number();
            generation.on_end(number, clock.at(0), clock.at(0), AttemptEnd::NotHttp);
            assert_eq!(generation.due_replacement(clock.at(9)), Some(versions));
            generation = generation.next(clock.at(0));
        }
    }

    #[test]
    fn attempts_that_fail_together_count_as_one_connection_without_http() {
        let (mut generation, clock) = new();
        for second in [0, 2, 4] {
            let number = generation.number();
            for _ in 0..8 {
                assert!(!generation.is_wrong_service());
                let ended = clock.at(second + 1);
                generation.on_end(number, clock.at(second), ended, AttemptEnd::NotHttp);
                let other = match number % 2 {
                    0 => HttpVersions::Http1Only,
                    _ => HttpVersions::All,
                };
                assert_eq!(generation.due_replacement(clock.at(99)), Some(other));
                if second == 4 {
                    break;
                }
            }
            if second < 4 {
                generation = generation.next(clock.at(second + 1));
            }
        }
        assert!(generation.is_wrong_service());
        generation.on_end(2, clock.at(6), clock.at(7), AttemptEnd::Lost);
        assert!(!generation.is_wrong_service());
    }

    #[test]
    fn a_dropped_attempt_does_not_discredit_a_connection_that_answers_others() {
        let (mut generation, clock) = new();
        generation.on_end(0, clock.at(8), clock.at(9), HTTP2);
        let dropped = clock.at(9) + SEC / 2;
        generation.on_end(0, clock.at(0), dropped, AttemptEnd::Unanswered);
        assert_eq!(generation.due_replacement(dropped), None);
        generation.on_end(0, clock.at(1), clock.at(10), AttemptEnd::Unanswered);
        assert!(generation.due_replacement(clock.at(10)).is_some());
    }

    #[test]
    fn connections_made_after_the_machine_woke_are_kept() {
        let (mut generation, clock) = new();
        generation.distrust(clock.at(10));
        assert!(generation.due_replacement(clock.at(20)).is_some());
        generation = generation.next(clock.at(20));
        generation.distrust(clock.at(19));
        assert_eq!(generation.due_replacement(clock.at(30)), None);
        generation.distrust(clock.at(25));
        assert!(generation.due_replacement(clock.at(30)).is_some());
    }

    #[test]
    fn replacements_have_a_minimum_spacing() {
        let (mut generation, clock) = new();
        generation.on_end(0, clock.at(0), clock.at(0), AttemptEnd::Lost);
        assert!(generation.due_replacement(clock.at(0)).is_some());
        generation = generation.next(clock.at(1));
        generation.on_end(1, clock.at(1), clock.at(1), AttemptEnd::Misdirected);
        assert_eq!(generation.due_replacement(clock.at(1)), None);
        assert!(generation.due_replacement(clock.at(2)).is_some());
    }

    #[test]
    fn a_server_that_requires_http1_gets_it_from_then_on() {
        let (mut generation, clock) = new();
        generation.on_end(0, clock.at(0), clock.at(1), AttemptEnd::Http1Required);
        assert_eq!(
            generation.due_replacement(clock.at(1)),
            Some(HttpVersions::Http1Only)
        );
        generation = generation.next(clock.at(1));
        generation.on_end(1, clock.at(2), clock.at(3), AttemptEnd::Lost);
        assert_eq!(
            generation.due_replacement(clock.at(3)),
            Some(HttpVersions::Http1Only)
        );
    }

    #[test]
    fn a_request_that_was_never_sent_tells_nothing_of_a_connection() {
        let (mut generation, clock) = new();
        generation.on_end(0, clock.at(0), clock.at(30), AttemptEnd::NotConnected);
        assert_eq!(generation.due_replacement(clock.at(31)), None);
    }
}
