//! Graph's errors, by their codes.

use access::Failure;
use http::StatusCode;
use store::{Conflict, StoreError};

/// 400: the request is not understood, and why.
pub(super) fn bad_request(message: impl Into<String>) -> Failure {
    Failure::graph(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
}

/// 403: whoever asks, this is not done.
pub(super) fn denied(message: impl Into<String>) -> Failure {
    Failure::graph(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message)
}

/// 404: no object of this name.
pub(super) fn not_found(name: &str) -> Failure {
    let message =
        format!("Resource '{name}' does not exist or one of its queried reference-property objects are not present.");
    Failure::graph(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
}

/// 400: a value that is unique in the directory is taken.
pub(super) fn taken(property: &str) -> Failure {
    bad_request(format!("Another object with the same value for property {property} already exists."))
}

/// What the store's refusal means here.
pub(super) fn stored(error: &StoreError) -> Failure {
    match error {
        StoreError::Conflict(Conflict::UserPrincipalNameInUse { .. }) => taken("userPrincipalName"),
        StoreError::Conflict(Conflict::AppIdInUse { app_id }) => Failure::graph(
            StatusCode::CONFLICT,
            "Request_MultipleObjectsWithSameKeyValue",
            format!("The object cannot be created, since the application id '{app_id}' is already in use."),
        ),
        StoreError::NotFound { what } => not_found(what),
        StoreError::Invalid { reason } => bad_request(format!("{reason}.")),
        StoreError::PermitDoesNotCover { .. } => denied("Insufficient privileges to complete the operation."),
        StoreError::Unavailable(_) | StoreError::PermitTooOld => Failure::graph(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            "The change could not be stored. Try again later.",
        ),
        other => {
            let failure = Failure::graph(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                "The change could not be stored.",
            );
            Failure { reason: other.to_string(), ..failure }
        }
    }
}
