//! What holds of every text that somebody writes as a condition: it is refused with a place, or it is decided, and decided
//! as a second reader of the language does.

#[path = "../../crates/rbac/tests/it/naive/condition.rs"]
pub(crate) mod condition;
#[path = "../../crates/rbac/tests/it/naive/pattern.rs"]
pub(crate) mod pattern;

use std::sync::Arc;

use rbac::{Attributes, Condition, ConditionError, Position, Trace, Truth};

use condition::{Known, decide};

/// Panics where something does not hold of `data`: a line with an action and attributes, then a condition.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (request, condition) = text.split_once('\n').unwrap_or(("", text));
    let (action, known) = read_request(request);
    agree(condition, action, &known);
}

/// `action|Request.name=value|Resource.name=value…`; a name given twice has two values.
fn read_request(line: &str) -> (&str, Known) {
    let mut fields = line.split('|');
    let (action, mut known) = (fields.next().unwrap_or_default(), Known::default());
    for field in fields {
        let Some(((source, name), value)) =
            field.split_once('=').and_then(|(at, value)| Some((at.split_once('.')?, value)))
        else {
            continue;
        };
        let values = match source {
            "Request" => &mut known.request,
            "Resource" => &mut known.resource,
            "Principal" => &mut known.principal,
            _ => &mut known.environment,
        };
        values.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    (action, known)
}

/// Panics where the two readers differ, or the trace from the decision.
pub(crate) fn agree(text: &str, action: &str, known: &Known) {
    let attributes = attributes(known);
    match (Condition::parse(text), decide(text, action, known)) {
        (Ok(condition), Ok(expected)) => {
            let truth = condition.evaluate(action, &attributes);
            assert_eq!(truth, expected.map_or(Truth::Unknown, Truth::from), "{text:?} with {known:?}");
            let trace = condition.trace(action, &attributes);
            assert_eq!(trace.truth, truth, "{text:?} with {known:?}");
            check_trace(&trace, action, &attributes);
        }
        (Err(error), Err(_)) => check_error(text, &error),
        (parsed, naive) => panic!("{text:?}\nfound {parsed:?}\nnaive {naive:?}"),
    }
}

/// Each part, read alone, says what it says in the whole.
fn check_trace(trace: &Trace, action: &str, attributes: &Attributes) {
    let alone = Condition::parse(&trace.text).unwrap_or_else(|error| panic!("{:?}: {error}", trace.text));
    assert_eq!(alone.evaluate(action, attributes), trace.truth, "{:?}", trace.text);
    assert_eq!(trace.undecided.is_some(), trace.parts.is_empty() && trace.truth == Truth::Unknown, "{:?}", trace.text);
    trace.parts.iter().for_each(|part| check_trace(part, action, attributes));
}

/// It names a place in the text, on one line.
fn check_error(text: &str, error: &ConditionError) {
    assert!(!error.to_string().contains('\n'), "{text:?}: {error}");
    let (ConditionError::TooDeep { position }
    | ConditionError::Ambiguous { position }
    | ConditionError::Unexpected { position, .. }) = error
    else {
        return;
    };
    let Position { line, column } = *position;
    let lines: Vec<&str> = text.split('\n').collect();
    let there = lines.get(line.wrapping_sub(1)).is_some_and(|text| (1..=text.chars().count() + 1).contains(&column));
    assert!(there, "{text:?}: {error}");
}

/// The same attributes for the one as for the other.
pub(crate) fn attributes(known: &Known) -> Attributes {
    Attributes {
        request: known.request.clone(),
        resource: known.resource.clone(),
        principal: Some(Arc::new(known.principal.clone())),
        environment: known.environment.clone().into(),
    }
}
