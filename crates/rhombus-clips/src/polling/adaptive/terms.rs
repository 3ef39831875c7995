//! Terms of the model that can be switched off, to measure what each is worth.

/// Term of the model of [`Adaptive`](super::Adaptive), which can be
/// [switched off](super::Adaptive::without) to measure what it is worth.
///
/// `cargo xtask polling --ablation` compares the polls, the delay and the calibration of the estimates
/// without each term.
///
/// ```
/// use rhombus_clips::polling::{Adaptive, History, Term};
///
/// for &term in Term::ALL {
///     let poll_policy = Adaptive::new(&History::new()).without(term);
///     let loses = match term {
///         Term::Plateau => "an estimate of when a percentage was reached",
///         Term::RecentSpeed => "whether the speed rises or falls",
///         Term::OwnErrors | Term::LearnedErrors => "a measure of its own accuracy",
///         Term::LearnedPhases => "what earlier clips told of the phases",
///         Term::FootageLength => "the length of the footage",
///         Term::LaterPhases => "the time after the current phase",
///         Term::Waiting => "that a clip which is not rendered yet is not about to end",
///         Term::Finishing => "that little is left once the clip is rendered",
///         Term::Suspension => "how long a clip may stay offline",
///         Term::Outliers => "a reserve for surprises",
///         Term::DelayLimit => "a bound on the delay",
///         _ => "another term",
///     };
///     println!("without {}, {poll_policy:?} loses {loses}", term.as_str());
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u16)]
pub enum Term {
    /// The percent step, which tells when a percentage was reached.
    Plateau = 1,
    /// The errors of the predictions for the clip itself.
    OwnErrors = 1 << 1,
    /// The errors of the predictions for earlier clips.
    LearnedErrors = 1 << 2,
    /// The order of earlier phases, their durations and percent steps.
    LearnedPhases = 1 << 3,
    /// The length of the footage.
    FootageLength = 1 << 4,
    /// The phases after the current one.
    LaterPhases = 1 << 5,
    /// The outliers.
    Outliers = 1 << 6,
    /// The longest delay, in proportion to the elapsed time.
    DelayLimit = 1 << 7,
    /// The speed of the recent part of a phase, which may be rising or falling.
    RecentSpeed = 1 << 8,
    /// The time for which a clip may stay `OFFLINE`.
    Suspension = 1 << 9,
    /// Few polls while a clip is not rendered yet.
    Waiting = 1 << 10,
    /// The short time from the end of the rendering to that of the clip.
    Finishing = 1 << 11,
}

impl Term {
    /// All terms.
    pub const ALL: &[Self] = &[
        Self::Plateau,
        Self::RecentSpeed,
        Self::OwnErrors,
        Self::LearnedErrors,
        Self::LearnedPhases,
        Self::FootageLength,
        Self::LaterPhases,
        Self::Waiting,
        Self::Finishing,
        Self::Suspension,
        Self::Outliers,
        Self::DelayLimit,
    ];

    /// Returns the name: lower-case letters and hyphens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plateau => "plateau",
            Self::RecentSpeed => "recent-speed",
            Self::OwnErrors => "own-errors",
            Self::LearnedErrors => "learned-errors",
            Self::LearnedPhases => "learned-phases",
            Self::FootageLength => "footage-length",
            Self::LaterPhases => "later-phases",
            Self::Waiting => "waiting",
            Self::Finishing => "finishing",
            Self::Suspension => "suspension",
            Self::Outliers => "outliers",
            Self::DelayLimit => "delay-limit",
        }
    }
}

/// Set of terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms(u16);

impl Terms {
    pub(super) const ALL: Self = Self(u16::MAX);

    pub(super) fn without(self, term: Term) -> Self {
        Self(self.0 & !(term as u16))
    }

    pub(super) fn has(self, term: Term) -> bool {
        self.0 & term as u16 != 0
    }
}
