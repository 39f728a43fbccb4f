//! Objects whose keys are read without case: the clients of checkAccess write them in every way.

use arm::{ArmError, ErrorCode, nearest};
use serde_json::Value;

/// The values of an object's known keys, in the order of `known`; an unknown key or one that stands twice is an error.
pub(super) fn keys<'a, const N: usize>(
    value: &'a Value,
    path: &str,
    known: [&str; N],
) -> Result<[Option<&'a Value>; N], ArmError> {
    let object = value.as_object().ok_or_else(|| wrong(path, "expected an object"))?;
    let mut found = [None; N];
    for (name, value) in object {
        let at = known.iter().position(|known| known.eq_ignore_ascii_case(name));
        let Some(slot) = at.and_then(|at| found.get_mut(at)) else {
            return Err(unknown(&join(path, name), name, &known));
        };
        if slot.replace(value).is_some() {
            return Err(wrong(&join(path, name), "it stands twice; keys are read without case"));
        }
    }
    Ok(found.map(|value| value.filter(|value| !value.is_null())))
}

/// A text at a path.
pub(super) fn text<'a>(value: Option<&'a Value>, path: &str, what: &str) -> Result<&'a str, ArmError> {
    let text = value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    text.ok_or_else(|| wrong(path, &format!("expected {what}")))
}

/// `path.name`, of which the body itself has the path "".
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The error of a field.
pub(super) fn wrong(path: &str, problem: &str) -> ArmError {
    let message = if path.is_empty() { problem.to_owned() } else { format!("`{path}`: {problem}") };
    ArmError::new(ErrorCode::InvalidRequestContent, message).with_target(path)
}

fn unknown(path: &str, name: &str, known: &[&str]) -> ArmError {
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("it is not known; did you mean `{near}`?"),
        None => format!("it is not known; known are {}", known.join(", ")),
    };
    wrong(path, &hint)
}
