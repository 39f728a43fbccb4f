//! Reading one field of a body, with an error that names it.

use serde_json::{Map, Value};

use super::error::OpenAiError;

/// The code of a value of the wrong JSON type.
const INVALID_TYPE: &str = "invalid_type";
/// The code of a number outside its range, or a word that is not one of those known.
const INVALID_VALUE: &str = "invalid_value";

/// What a JSON value is called in an error.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a decimal number",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// `param` should have been `expected` and is not.
pub(super) fn wrong_type(param: &str, expected: &str, got: &Value) -> OpenAiError {
    let message = format!("invalid type for `{param}`: expected {expected}, but got {} instead", kind_of(got));
    OpenAiError::invalid(INVALID_TYPE, param, message)
}

/// `param` is of the right type and says something that cannot be.
pub(super) fn wrong_value(param: &str, message: impl Into<String>) -> OpenAiError {
    OpenAiError::invalid(INVALID_VALUE, param, message)
}

/// `param` is needed and is not there.
pub(super) fn missing(param: &str) -> OpenAiError {
    OpenAiError::invalid("missing_required_parameter", param, format!("missing required parameter: `{param}`"))
}

/// Takes a field out of the body; `null` counts as absent, as it does for every optional field of this dialect.
pub(super) fn take(fields: &mut Map<String, Value>, name: &str) -> Option<Value> {
    fields.shift_remove(name).filter(|value| !value.is_null())
}

/// A string, where the field is there.
pub(super) fn text(fields: &mut Map<String, Value>, param: &str, name: &str) -> Result<Option<String>, OpenAiError> {
    match take(fields, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(wrong_type(param, "a string", &other)),
    }
}

/// `true` or `false`; absent is false.
pub(super) fn flag(fields: &mut Map<String, Value>, param: &str, name: &str) -> Result<bool, OpenAiError> {
    match take(fields, name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(flag),
        Some(other) => Err(wrong_type(param, "a boolean", &other)),
    }
}

/// A whole number in a range, where the field is there.
pub(super) fn integer(
    fields: &mut Map<String, Value>,
    name: &str,
    min: i64,
    max: i64,
) -> Result<Option<i64>, OpenAiError> {
    let Some(value) = take(fields, name) else {
        return Ok(None);
    };
    let Some(number) = value.as_i64() else {
        return match value {
            // Above `i64`: of the right type, and certainly out of range.
            Value::Number(ref number) if number.is_u64() => Err(out_of_range(name, number, min, max)),
            other => Err(wrong_type(name, "an integer", &other)),
        };
    };
    if (min..=max).contains(&number) { Ok(Some(number)) } else { Err(out_of_range(name, number, min, max)) }
}

/// A number in a range, where the field is there.
pub(super) fn decimal(
    fields: &mut Map<String, Value>,
    name: &str,
    min: f64,
    max: f64,
) -> Result<Option<f64>, OpenAiError> {
    let Some(value) = take(fields, name) else {
        return Ok(None);
    };
    let Some(number) = value.as_f64() else {
        return Err(wrong_type(name, "a number", &value));
    };
    if (min..=max).contains(&number) { Ok(Some(number)) } else { Err(out_of_range(name, number, min, max)) }
}

fn out_of_range(
    param: &str,
    got: impl std::fmt::Display,
    min: impl std::fmt::Display,
    max: impl std::fmt::Display,
) -> OpenAiError {
    wrong_value(param, format!("invalid value for `{param}`: expected {min} to {max}, but got {got} instead"))
}
