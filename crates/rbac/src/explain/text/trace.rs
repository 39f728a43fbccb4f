//! A condition as a tree: what each part came to, and the values that were seen.

use super::page::Page;
use crate::condition::{Seen, Trace};
use crate::explain::condition::{ConditionOf, ConditionReport, word};
use crate::explain::wanted::{cut, listed};

/// As wide as `undecided`, so that the parts stand below each other.
const WIDTH: usize = 9;

pub(super) fn write(report: &ConditionReport, page: &mut Page<'_>) {
    let of = match report.of {
        ConditionOf::Assignment => "its condition",
        ConditionOf::Permission => "the condition inside it",
    };
    page.line(&format!("{of} is {}", word(report.outcome)));
    page.indented(|page| match (&report.error, &report.trace) {
        (Some(error), _) => {
            page.line(&cut(&report.text));
            page.line(&format!("cannot be read: {error}"));
        }
        (None, Some(trace)) => part(trace, page),
        (None, None) => page.line(&cut(&report.text)),
    });
}

fn part(trace: &Trace, page: &mut Page<'_>) {
    let label = match trace.parts.as_slice() {
        [] => cut(&trace.text),
        [_] => "NOT".to_owned(),
        [first, second, ..] => joint(trace, first, second).to_owned(),
    };
    page.line(&format!("{:WIDTH$} {label}", word(trace.truth)));
    page.indented(|page| {
        if let Some(why) = trace.undecided.filter(|_| !trace.seen.contains(&Seen::Missing)) {
            page.line(&format!("{:WIDTH$} {why}", ""));
        }
        for (side, seen) in ["left", "right"].iter().zip(&trace.seen) {
            if let Some(values) = values(seen, &trace.text) {
                page.line(&format!("{:WIDTH$} {side}: {values}", ""));
            }
        }
        trace.parts.iter().for_each(|inner| part(inner, page));
    });
}

/// The values of a side, unless the part itself names them.
fn values(seen: &Seen, text: &str) -> Option<String> {
    match seen {
        Seen::Missing => Some("missing".to_owned()),
        Seen::Values(values) if values.iter().all(|value| text.contains(value.as_str())) => None,
        Seen::Values(values) => Some(listed(values)),
    }
}

/// What joins the parts: the word between the first two.
fn joint(trace: &Trace, first: &Trace, second: &Trace) -> &'static str {
    let behind = trace.text.split_once(first.text.as_str()).map(|(_, behind)| behind);
    let between = behind.and_then(|behind| behind.split_once(second.text.as_str())).map(|(between, _)| between);
    let between = between.unwrap_or_default().to_ascii_lowercase();
    if between.contains("and") || between.contains("&&") { "AND" } else { "OR" }
}
