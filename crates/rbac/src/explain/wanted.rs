//! What a condition that does not hold would have needed.

use crate::condition::{Seen, Trace, Truth};

/// A sentence names this many values of one attribute: lists of roles have dozens.
const MOST_VALUES: usize = 4;
/// Longer parts are cut: lists of roles have dozens of GUIDs.
const LONGEST_PART: usize = 120;

/// The parts to blame, each with what it would have to be. What only looks at the action is left out: the request
/// cannot change it.
pub(super) fn wanted(trace: &Trace) -> Vec<String> {
    let mut found = Vec::new();
    blame(trace, Truth::True, &mut found);
    found
}

fn blame(trace: &Trace, wanted: Truth, found: &mut Vec<String>) {
    if trace.truth == wanted {
        return;
    }
    match trace.parts.as_slice() {
        [] if trace.seen.is_empty() && trace.undecided.is_none() => {}
        [] => found.push(sentence(trace, wanted)),
        // Only a negation has a single part.
        [inner] => blame(inner, if wanted == Truth::True { Truth::False } else { Truth::True }, found),
        parts => parts.iter().for_each(|part| blame(part, wanted, found)),
    }
}

fn sentence(trace: &Trace, wanted: Truth) -> String {
    let wanted = if wanted == Truth::True { "hold" } else { "not hold" };
    let why = match (trace.undecided, values(trace)) {
        (Some(why), None) => format!(", and {why}"),
        (Some(why), Some(values)) => format!(", and {why}: {values}"),
        (None, Some(values)) => format!(", and the request has {values}"),
        (None, None) => String::new(),
    };
    format!("`{}` would have to {wanted}{why}", cut(&trace.text))
}

/// The values that do not stand in the text itself.
fn values(trace: &Trace) -> Option<String> {
    let sides = trace.seen.iter().filter_map(|side| match side {
        Seen::Values(values) if values.iter().any(|value| !trace.text.contains(value.as_str())) => Some(listed(values)),
        Seen::Values(_) | Seen::Missing => None,
    });
    let sides: Vec<String> = sides.collect();
    (!sides.is_empty()).then(|| sides.join(" and "))
}

/// `a`, `b` and 3 more
pub(super) fn listed(values: &[String]) -> String {
    let named: Vec<String> = values.iter().take(MOST_VALUES).map(|value| format!("`{value}`")).collect();
    let more = values.len().saturating_sub(MOST_VALUES);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", named.join(", "))
}

/// The start of a long text.
pub(super) fn cut(text: &str) -> String {
    let start: String = text.chars().take(LONGEST_PART).collect();
    if start.len() == text.len() { start } else { format!("{start}…") }
}
