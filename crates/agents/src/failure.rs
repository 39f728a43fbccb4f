//! How agents and conversations say no: the field, what was expected, what to do.

use access::Failure;
use arm::ArmError;
use dialect::openai::OpenAiError;
use http::StatusCode;
use store::{DataError, StoreError};

/// A body or a query that the caller must change.
pub(crate) fn refused(error: &OpenAiError) -> Failure {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    Failure::json(status, error.to_json(), format!("{}: {}", error.code, error.message))
}

/// A field that says something that cannot be.
pub(crate) fn wrong(field: impl Into<String>, message: impl Into<String>) -> OpenAiError {
    OpenAiError::invalid("invalid_value", field, message)
}

/// A field whose JSON is of another type than it can have, as the reader of fields names it.
pub(crate) fn of_field(error: ArmError) -> OpenAiError {
    wrong(error.target.unwrap_or_default(), error.message)
}

/// Something that is not there.
pub(crate) fn not_found(message: impl Into<String>) -> Failure {
    Failure::data_plane(StatusCode::NOT_FOUND, "not_found", message)
}

/// What must change before the same request can succeed.
pub(crate) fn conflict(message: impl Into<String>) -> Failure {
    Failure::data_plane(StatusCode::CONFLICT, "conflict", message)
}

/// An error of the store that is not the caller's.
pub(crate) fn of_objects(error: &DataError) -> Failure {
    match error {
        DataError::Invalid { reason } => refused(&wrong("id", reason.clone())),
        DataError::ScopeGone { .. } => no_project(),
        _ => unavailable(error),
    }
}

/// An error of the directory's rows.
pub(crate) fn of_rows(error: &StoreError) -> Failure {
    match error {
        StoreError::ParentNotFound { .. } => no_project(),
        _ => unavailable(error),
    }
}

/// A path below a project that does not exist.
pub(crate) fn no_project() -> Failure {
    Failure::data_plane(StatusCode::NOT_FOUND, "404", "Resource not found")
}

fn unavailable(error: &dyn std::error::Error) -> Failure {
    tracing::error!(%error, "an object of a project cannot be kept or found");
    let message = "This cannot be kept or found now. Try again later.";
    Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
}

/// `; did you mean …?`, where a known name is near.
pub(crate) fn hint<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    arm::nearest(given, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}
