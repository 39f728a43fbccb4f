//! Sums of requests.

use std::collections::{BTreeSet, HashMap};

use metering::prices::Pico;
use store::Record;

use super::grouping::Key;
use super::prices::{RequestCost, tokens_of};

/// Models without a price that are named; more would fill the screen.
const UNPRICED_NAMED: usize = 5;

/// What requests come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// All of them.
    pub(super) requests: u64,
    /// Let through and answered.
    pub(super) allowed: u64,
    /// Not let through: by access or by a limit.
    pub(super) refused: u64,
    /// Let through and not answered as asked.
    pub(super) failed: u64,
    /// Tokens read, the cached ones included.
    pub(super) prompt_tokens: u64,
    /// Of those, read from the provider's cache.
    pub(super) cached_input_tokens: u64,
    /// Of those read, written to the provider's cache.
    pub(super) cache_write_tokens: u64,
    /// Tokens written, the reasoning included.
    pub(super) completion_tokens: u64,
    /// Of those, thought and not said.
    pub(super) reasoning_tokens: u64,
    /// Of all tokens, those of requests whose usage was estimated here.
    pub(super) estimated_tokens: u64,
    /// Requests that used tokens at a known price.
    pub(super) priced_requests: u64,
    /// Requests that used tokens whose price nobody knows.
    pub(super) unpriced_requests: u64,
    cost: Pico,
}

impl Sums {
    fn add(&mut self, record: &Record, cost: RequestCost) {
        let count = record.sampled_of.unwrap_or(1);
        self.requests += count;
        match fate_of(record) {
            Fate::Answered => self.allowed += count,
            Fate::Refused => self.refused += count,
            Fate::Failed => self.failed += count,
        }
        let tokens = tokens_of(record);
        self.prompt_tokens += tokens.input;
        self.cached_input_tokens += tokens.cached_input;
        self.cache_write_tokens += tokens.cache_write;
        self.completion_tokens += tokens.output;
        self.reasoning_tokens += tokens.reasoning;
        let used = tokens.input.saturating_add(tokens.output);
        if record.usage_estimated == Some(true) {
            self.estimated_tokens += used;
        }
        match cost {
            RequestCost::Known(cost) => {
                self.priced_requests += u64::from(used > 0);
                self.cost.add(cost);
            }
            RequestCost::Unknown => self.unpriced_requests += 1,
        }
    }

    /// Prompt and completion together.
    pub(super) fn total_tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }

    /// The cost of what has a known price, in millionths of a dollar; none where tokens were used and none of them has.
    pub(super) fn cost_micro_usd(&self) -> Option<u64> {
        (self.priced_requests > 0 || self.unpriced_requests == 0).then(|| self.cost.micro_usd())
    }
}

/// What became of a request.
enum Fate {
    Answered,
    Refused,
    Failed,
}

fn fate_of(record: &Record) -> Fate {
    // A limit refuses as well as an access rule does; the record of both names the step.
    if record.outcome != "allowed" || record.step == "admission" {
        return Fate::Refused;
    }
    let is_answered = record.status < 400 && record.finish.as_deref() != Some("error");
    if is_answered { Fate::Answered } else { Fate::Failed }
}

/// The sums of each line, and of all.
#[derive(Debug, Default)]
pub(super) struct Table {
    lines: HashMap<Key, Sums>,
    /// Of every request once, in however many lines it counts.
    pub(super) total: Sums,
    unpriced_models: BTreeSet<String>,
}

impl Table {
    /// Counts a request for these lines.
    pub(super) fn add(&mut self, keys: &[Key], record: &Record, cost: RequestCost) {
        for key in keys {
            match self.lines.get_mut(key) {
                Some(sums) => sums.add(record, cost),
                None => self.lines.entry(key.clone()).or_default().add(record, cost),
            }
        }
        self.total.add(record, cost);
        if cost == RequestCost::Unknown
            && let Some(model) = record.model.as_deref()
            && !self.unpriced_models.contains(model)
        {
            self.unpriced_models.insert(model.to_owned());
        }
    }

    /// The dearest first, then those with the most tokens, then by name.
    pub(super) fn sorted(&self) -> Vec<(&Key, &Sums)> {
        let mut lines: Vec<_> = self.lines.iter().collect();
        let weight = |sums: &Sums| (sums.cost_micro_usd().unwrap_or(0), sums.total_tokens(), sums.requests);
        lines.sort_by(|(one, of_one), (other, of_other)| {
            weight(of_other).cmp(&weight(of_one)).then_with(|| (&one.name, &one.id).cmp(&(&other.name, &other.id)))
        });
        lines
    }

    /// The models whose price is not known, by name; the first few, and how many more.
    pub(super) fn unpriced(&self) -> (Vec<&str>, usize) {
        let named = self.unpriced_models.iter().take(UNPRICED_NAMED).map(String::as_str).collect();
        (named, self.unpriced_models.len().saturating_sub(UNPRICED_NAMED))
    }
}
