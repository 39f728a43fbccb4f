//! Limits of tokens or requests per minute, hour, day or month, counted in windows of the calendar (UTC).

use std::collections::HashMap;
use std::fmt;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::Subject;

/// Subjects that one limit tells apart in a window; the rest share one account and with it one amount, so that the limit is
/// then too strict and never too wide.
const SUBJECTS_LIMIT: usize = 100_000;
/// A window that no calendar has ends here.
const NEVER_MS: u64 = u64::MAX;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unit {
    /// Tokens, read and written together.
    Tokens,
    /// Requests.
    Requests,
}

/// How long it is counted before the count begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Window {
    /// From a full minute on.
    Minute,
    /// From a full hour on.
    Hour,
    /// From midnight on.
    Day,
    /// From the first of a month on.
    Month,
}

/// Whether the amount is for all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Counts {
    /// All whom the limit is for share the amount.
    Total,
    /// Each of them has the amount.
    Each,
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// What is counted.
    pub unit: Unit,
    /// So much of it in a window.
    pub amount: u64,
    /// The window.
    pub window: Window,
    /// For all together or for each.
    pub counts: Counts,
}

impl Window {
    /// Begin (inclusive) and end (exclusive) of the window that holds a moment, milliseconds since 1970 in UTC.
    pub fn around(self, at_ms: u64) -> (u64, u64) {
        let of_length = |length_ms: u64| {
            let start_ms = at_ms - at_ms % length_ms;
            (start_ms, start_ms.saturating_add(length_ms))
        };
        match self {
            Window::Minute => of_length(60_000),
            Window::Hour => of_length(3_600_000),
            Window::Day => of_length(86_400_000),
            Window::Month => month(at_ms).unwrap_or((0, NEVER_MS)),
        }
    }
}

fn month(at_ms: u64) -> Option<(u64, u64)> {
    let at = Timestamp::from_millisecond(i64::try_from(at_ms).ok()?).ok()?;
    let first = at.to_zoned(TimeZone::UTC).date().first_of_month();
    let ms = |date: jiff::civil::Date| {
        let midnight = date.to_zoned(TimeZone::UTC).ok()?;
        u64::try_from(midnight.timestamp().as_millisecond()).ok()
    };
    Some((ms(first)?, ms(first.checked_add(1.month()).ok()?)?))
}

impl fmt::Display for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Window::Minute => "minute",
            Window::Hour => "hour",
            Window::Day => "day",
            Window::Month => "month",
        })
    }
}

/// What was used of a limit in a window; may be written down and read again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Begin of the window, milliseconds since 1970 in UTC.
    pub window_start_ms: u64,
    /// Tokens or requests by subject, in the subjects' order.
    pub amounts: Vec<(Subject, u64)>,
}

/// The accounts of one limit in the present window. All begin and end together, so the next window begins with none.
#[derive(Debug)]
pub(crate) struct Ledger {
    limit: Limit,
    start_ms: u64,
    end_ms: u64,
    used: HashMap<Subject, u64, foldhash::fast::RandomState>,
}

impl Ledger {
    pub(crate) fn new(limit: Limit) -> Ledger {
        Ledger { limit, start_ms: 0, end_ms: 0, used: HashMap::default() }
    }

    pub(crate) fn limit(&self) -> Limit {
        self.limit
    }

    /// What a request of so many tokens is charged.
    pub(crate) fn amount(&self, tokens: u64) -> u64 {
        match self.limit.unit {
            Unit::Tokens => tokens,
            Unit::Requests => 1,
        }
    }

    /// The new limit. What was used is kept where the same is counted in the same window.
    pub(crate) fn set_limit(&mut self, limit: Limit) {
        let keeps = limit == Limit { amount: limit.amount, ..self.limit };
        if keeps { self.limit = limit } else { *self = Ledger::new(limit) }
    }

    /// Whether a moment is of the present window.
    pub(crate) fn holds(&self, at_ms: u64) -> bool {
        (self.start_ms..self.end_ms).contains(&at_ms)
    }

    /// Begins the window of this moment, unless it is the present one.
    pub(crate) fn advance(&mut self, now_ms: u64) {
        if now_ms >= self.end_ms {
            (self.start_ms, self.end_ms) = self.limit.window.around(now_ms);
            self.used.clear();
        }
    }

    pub(crate) fn used(&self, subject: &Subject) -> u64 {
        self.used.get(self.account(subject)).copied().unwrap_or_default()
    }

    /// Milliseconds until so much is admitted, zero where it is now; `None` where it never is.
    pub(crate) fn wait_ms(&self, now_ms: u64, subject: &Subject, amount: u64) -> Option<u64> {
        if amount > self.limit.amount {
            return None;
        }
        let fits = self.used(subject).saturating_add(amount) <= self.limit.amount;
        Some(if fits { 0 } else { self.reset_ms(now_ms) })
    }

    /// Milliseconds until the next window.
    pub(crate) fn reset_ms(&self, now_ms: u64) -> u64 {
        self.end_ms.saturating_sub(now_ms)
    }

    /// Charges, and answers the place to refund to: the begin of the window.
    pub(crate) fn charge(&mut self, subject: &Subject, amount: u64) -> u64 {
        let account = self.account(subject).clone();
        let used = self.used.entry(account).or_default();
        *used = used.saturating_add(amount);
        self.start_ms
    }

    /// Gives back what was charged in this window; what was charged in an earlier one, nobody gets.
    pub(crate) fn refund(&mut self, place: u64, subject: &Subject, amount: u64) {
        let account = if place == self.start_ms { self.account(subject).clone() } else { return };
        if let Some(used) = self.used.get_mut(&account) {
            *used = used.saturating_sub(amount);
        }
    }

    pub(crate) fn state(&self) -> Used {
        let mut amounts: Vec<_> = self.used.iter().map(|(subject, used)| (subject.clone(), *used)).collect();
        amounts.sort_unstable();
        Used { window_start_ms: self.start_ms, amounts }
    }

    /// Whose account counts this subject.
    pub(crate) fn account<'a>(&self, subject: &'a Subject) -> &'a Subject {
        let is_told_apart =
            self.limit.counts == Counts::Each && (self.used.len() < SUBJECTS_LIMIT || self.used.contains_key(subject));
        if is_told_apart { subject } else { &Subject::Everyone }
    }
}

#[cfg(test)]
mod tests;
