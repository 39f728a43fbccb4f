//! What an inference request is answered when it cannot be served.

use access::Failure;
use dialect::openai::OpenAiError;
use egress::EgressError;
use http::StatusCode;
use local_model::ModelError;

/// Tells the OpenAI clients not to send the same request again by themselves.
const SHOULD_RETRY: &str = "x-should-retry";

/// A path below an account or project that names nothing.
pub(crate) fn not_found() -> Failure {
    Failure::data_plane(StatusCode::NOT_FOUND, "404", "Resource not found")
}

/// A dated route without a version: 404 as clients know it, but it says what is missing.
pub(crate) fn version_missing() -> Failure {
    let message =
        "Resource not found: this route needs the query parameter `api-version`, such as `api-version=2024-10-21`";
    Failure::data_plane(StatusCode::NOT_FOUND, "404", message)
}

/// No deployment of this name.
pub(crate) fn deployment_not_found() -> Failure {
    let message = "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, \
                   please wait a moment and try again.";
    Failure::data_plane(StatusCode::NOT_FOUND, "DeploymentNotFound", message)
}

/// The deployment is there, and its model is no longer in the operator's catalog.
pub(crate) fn retired_model(name: &str, version: &str) -> Failure {
    let message =
        format!("the model `{name}` version `{version}` of this deployment is no longer in the server's model catalog");
    Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ModelNotAvailable", message)
        .with_header(SHOULD_RETRY, "false")
}

/// All slots are taken and the queue is full.
pub(crate) fn too_many_requests(running: usize, waiting: usize, retry_after_s: u64) -> Failure {
    let message = format!(
        "Rate limit is exceeded: {running} requests are being answered and {waiting} are waiting. Please retry after {retry_after_s} seconds."
    );
    Failure::data_plane(StatusCode::TOO_MANY_REQUESTS, "429", message)
        .with_header("retry-after", retry_after_s.to_string())
        .with_header("retry-after-ms", (retry_after_s * 1000).to_string())
}

/// The journal cannot take the record, so the answer is not given.
pub(crate) fn not_recorded() -> Failure {
    let message = "The request cannot be recorded, so it is not served. Try again later.";
    Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
}

/// A request that the dialect refuses.
pub(crate) fn dialect(error: &OpenAiError) -> Failure {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    Failure::json(status, error.to_json(), format!("{}: {}", error.code, error.message))
}

/// The model could not answer.
pub(crate) fn model(error: &ModelError) -> Failure {
    match error {
        ModelError::Missing { .. } | ModelError::Unreadable { .. } => {
            Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ModelNotAvailable", error.to_string())
                .with_header(SHOULD_RETRY, "false")
        }
        ModelError::PromptTooLong { .. } => {
            dialect(&OpenAiError::invalid("context_length_exceeded", "messages", error.to_string()))
        }
        ModelError::Template(_) => dialect(&OpenAiError::invalid("invalid_value", "messages", error.to_string())),
        ModelError::Failed(reason) => {
            // The reason is about our arithmetic, not about the request: it goes to the operator's log.
            tracing::error!(%reason, "the embedded model failed");
            broken()
        }
    }
}

/// The provider of a deployment gave no answer that can be handed on. Who and why is for the journal: it names hosts that are nobody
/// else's business.
pub(crate) fn upstream(name: &str, error: &EgressError) -> Failure {
    let (status, code, message) = match error {
        EgressError::Refused(_) | EgressError::Unresolved { .. } | EgressError::Unreachable { .. } => {
            (StatusCode::BAD_GATEWAY, "UpstreamUnreachable", "The provider of this deployment cannot be reached.")
        }
        EgressError::TimedOut { .. } => {
            (StatusCode::GATEWAY_TIMEOUT, "UpstreamTimeout", "The provider of this deployment did not answer in time.")
        }
        EgressError::Credential(_) | EgressError::NoToken { .. } => (
            StatusCode::BAD_GATEWAY,
            "UpstreamCredential",
            "The server has no valid credential for the provider of this deployment.",
        ),
        EgressError::Broken { .. } | EgressError::TooLarge { .. } | EgressError::NotAccepted { .. } => (
            StatusCode::BAD_GATEWAY,
            "UpstreamFailed",
            "The provider of this deployment gave an answer that cannot be handed on.",
        ),
    };
    Failure { reason: format!("upstream `{name}`: {error}"), ..Failure::data_plane(status, code, message) }
}

/// The model runs at a provider, and this server was given no way out.
pub(crate) fn no_way_out(name: &str) -> Failure {
    let message = format!("the model of this deployment runs at the upstream `{name}`, which this server cannot reach");
    Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ModelNotAvailable", message)
        .with_header(SHOULD_RETRY, "false")
}

/// Something in here broke.
pub(crate) fn broken() -> Failure {
    let message = "The model could not complete the request.";
    Failure::data_plane(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message)
}
