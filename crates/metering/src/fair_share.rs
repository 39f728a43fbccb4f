//! Who may have how much of a deployment when all together want more than there is.
//!
//! A caller's wish is what it asked for in the last minute: what it holds and what it was refused. The level is the amount at
//! which the wishes, each cut off there, add up to the limit: who wants less than the level gets what it wants, and what it
//! leaves goes to the others in equal parts. Nobody is admitted above the level while the wishes exceed the limit, so a small
//! caller finds room within the minute in which a big one's use runs out. Who repeats a refused request before its time wishes
//! twice, but never for more than an equal part.

use std::collections::HashMap;

use crate::Subject;
use crate::requests::MINUTE_MS;
use crate::sliding::Sliding;

/// Callers that are told apart; the rest share one place. Of so many, an equal part is hardly a request, each takes a kilobyte,
/// and a refusal looks at all of them.
const MEMBERS_LIMIT: usize = 256;
/// Slices of a caller's minute: fewer than those of the limit above it, which is exact, because there are many.
const SLICES: u32 = 30;
/// Slices of what a caller was refused: only about so much is wished.
const REFUSED_SLICES: u32 = 12;
/// How old the level may be when it admits: reckoning it looks at every caller. Before it refuses it is reckoned anew.
const LEVEL_AGE_MS: u64 = 500;

#[derive(Debug)]
struct Member {
    held: Sliding,
    refused: Sliding,
}

/// The callers of one deployment.
#[derive(Debug, Default)]
pub(crate) struct FairShare {
    members: HashMap<Subject, Member, foldhash::fast::RandomState>,
    /// `None` while there is enough for all.
    level: Option<u64>,
    reckoned_ms: u64,
}

/// A caller is kept to its share.
pub(crate) struct Above {
    pub(crate) share: u64,
    pub(crate) wait_ms: u64,
}

impl FairShare {
    /// Whether this caller may have so many tokens more. Who holds nothing may have one request, however large.
    pub(crate) fn allows(&mut self, now_ms: u64, subject: &Subject, tokens: u64, limit: u64) -> bool {
        if now_ms.saturating_sub(self.reckoned_ms) >= LEVEL_AGE_MS {
            self.reckon(now_ms, limit);
        }
        self.above(now_ms, subject, tokens).is_none()
    }

    /// Notes what a caller wanted and did not get, and answers how long its share keeps it back, if it does.
    pub(crate) fn refuse(&mut self, now_ms: u64, subject: &Subject, tokens: u64, limit: u64) -> Option<Above> {
        self.member(now_ms, subject).refused.charge(now_ms, tokens);
        self.reckon(now_ms, limit);
        self.above(now_ms, subject, tokens)
    }

    pub(crate) fn charge(&mut self, now_ms: u64, subject: &Subject, tokens: u64) {
        self.member(now_ms, subject).held.charge(now_ms, tokens);
    }

    /// Gives back what was charged at that moment.
    pub(crate) fn refund(&mut self, now_ms: u64, charged_ms: u64, subject: &Subject, tokens: u64) {
        if let Some(member) = self.members.get_mut(self.place(subject)) {
            member.held.advance(now_ms);
            member.held.refund(charged_ms, tokens);
        }
    }

    fn above(&mut self, now_ms: u64, subject: &Subject, tokens: u64) -> Option<Above> {
        let share = self.level?;
        let held = &self.member(now_ms, subject).held;
        let wait_ms = held.falls_to_ms(now_ms, share.saturating_sub(tokens));
        (wait_ms > 0).then_some(Above { share, wait_ms })
    }

    fn member(&mut self, now_ms: u64, subject: &Subject) -> &mut Member {
        let place = self.place(subject).clone();
        let member = self.members.entry(place).or_insert_with(|| Member {
            held: Sliding::new(MINUTE_MS, SLICES),
            refused: Sliding::new(MINUTE_MS, REFUSED_SLICES),
        });
        member.held.advance(now_ms);
        member.refused.advance(now_ms);
        member
    }

    /// Under whom a caller is counted.
    fn place<'a>(&self, subject: &'a Subject) -> &'a Subject {
        let is_told_apart = self.members.contains_key(subject) || self.members.len() < MEMBERS_LIMIT;
        if is_told_apart { subject } else { &Subject::Everyone }
    }

    /// Forgets who neither holds nor wants anything, and finds the level.
    fn reckon(&mut self, now_ms: u64, limit: u64) {
        self.reckoned_ms = now_ms;
        let mut wishes = Vec::with_capacity(self.members.len());
        self.members.retain(|_, member| {
            member.held.advance(now_ms);
            member.refused.advance(now_ms);
            let wish = member.held.total().saturating_add(member.refused.total());
            wishes.push(wish);
            wish > 0
        });
        wishes.sort_unstable();
        self.level = level(&wishes, limit);
    }
}

/// The level at which these wishes, in rising order, add up to the limit; `None` where they do not exceed it, or where nobody
/// else wants any.
fn level(wishes: &[u64], limit: u64) -> Option<u64> {
    if wishes.iter().filter(|wish| **wish > 0).count() < 2 {
        return None;
    }
    let mut left = limit;
    for (index, wish) in wishes.iter().enumerate() {
        let each = left / (wishes.len() - index) as u64;
        if *wish > each {
            return Some(each);
        }
        left -= wish;
    }
    None
}

#[cfg(test)]
mod tests;
