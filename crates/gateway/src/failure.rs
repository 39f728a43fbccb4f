//! What an inference request is answered when it cannot be served.

use access::Failure;
use dialect::exchange::NotSupported;
use dialect::openai::OpenAiError;
use dialect::openai::foundry_models::ModelError as ModelsError;
use egress::EgressError;
use http::StatusCode;
use local_model::ModelError;
use metering::{Exceeded, Which};
use resources::limits::UnreadableLimit;

use crate::surface::Surface;
use crate::upstream::{Called, Resting};

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

/// The deployment's model is for something else.
pub(crate) fn operation_not_supported(operation: &str, model: &str) -> Failure {
    let message = format!(
        "The {operation} operation does not work with the specified model, {model}. Please choose different model and try again."
    );
    Failure::data_plane(StatusCode::BAD_REQUEST, "OperationNotSupported", message)
}

/// A field that the answering model's protocol has no word for, or of the wrong type.
pub(crate) fn not_supported(error: &NotSupported) -> Failure {
    dialect(&OpenAiError::invalid("unsupported_value", &error.field, error.to_string()))
}

/// None of the model's providers speaks anything that this could be said in.
pub(crate) fn not_spoken(surface: Surface) -> Failure {
    let message = format!("no provider of this deployment's model takes {}", surface.operation());
    Failure::data_plane(StatusCode::BAD_REQUEST, "OperationNotSupported", message)
}

/// Answers that nobody waits for are not made.
pub(crate) fn background() -> Failure {
    let message = "`background` is not supported here: leave it out, or send `false`, and wait for the answer";
    dialect(&OpenAiError::invalid("unsupported_value", "background", message))
}

/// A member that names what a provider keeps.
pub(crate) fn kept_elsewhere(name: &str) -> Failure {
    let message = format!("`{name}` is not supported here: send the items themselves as `input`");
    dialect(&OpenAiError::invalid("unsupported_value", name, message))
}

/// A request that names no deployment.
pub(crate) fn no_model(surface: Surface) -> Failure {
    if let Surface::Models(_) = surface {
        return models_error(&ModelsError::no_model_name());
    }
    dialect(&OpenAiError::invalid(
        "missing_required_parameter",
        "model",
        "missing required parameter: `model`, the name of a deployment",
    ))
}

/// A deployment that is not there, in the words of the surface.
pub(crate) fn unknown_model(surface: Surface, name: &str, failure: Failure) -> Failure {
    match surface {
        Surface::Models(_) if failure.status == StatusCode::NOT_FOUND => {
            models_error(&ModelsError::unknown_model(name))
        }
        _ => failure,
    }
}

fn models_error(error: &ModelsError) -> Failure {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    Failure::json(status, error.to_json(), format!("{}: {}", error.code, error.message))
}

/// A limit is used up. What can never fit is told so, and not to come again.
pub(crate) fn exceeded(surface: Surface, exceeded: &Exceeded) -> Failure {
    let what = match exceeded.which {
        Which::Requests => "call",
        Which::Tokens | Which::Share => "token",
    };
    let operation = surface.operation();
    let Some(seconds) = exceeded.retry_after_s() else {
        let message = format!("the {operation} operation cannot be admitted: {exceeded}");
        return Failure::data_plane(StatusCode::TOO_MANY_REQUESTS, "429", message).with_header(SHOULD_RETRY, "false");
    };
    let message = format!(
        "Requests to the {operation} Operation have exceeded {what} rate limit of your current pricing tier. Please retry after \
         {seconds} seconds. {exceeded}"
    );
    let wait_ms = exceeded.retry_after_ms.unwrap_or(seconds * 1000).max(1);
    Failure::data_plane(StatusCode::TOO_MANY_REQUESTS, "429", message)
        .with_header("retry-after", seconds.to_string())
        .with_header("retry-after-ms", wait_ms.to_string())
}

/// All providers of the model rest after failing. Who and why is for the journal.
pub(crate) fn resting(resting: &[(&Called, Resting)]) -> Failure {
    let seconds = resting.iter().map(|(_, rest)| rest.remaining.as_secs() + 1).min().unwrap_or(1);
    let why: Vec<String> =
        resting.iter().map(|(called, rest)| format!("the {} rests: {}", called.for_journal(), rest.reason)).collect();
    let message = match resting {
        [(connection @ Called::Connection(_), _)] => format!(
            "The {} failed several times and is left alone for a moment.{}",
            connection.for_caller(),
            connection.hint()
        ),
        _ => "The providers of this deployment failed several times and are left alone for a moment.".to_owned(),
    };
    let failure = Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "UpstreamUnavailable", message)
        .with_header("retry-after", seconds.to_string())
        .with_header("retry-after-ms", (seconds * 1000).to_string());
    Failure { reason: why.join("; "), ..failure }
}

/// A limit that cannot be read admits nothing.
pub(crate) fn unreadable_limit(error: &UnreadableLimit) -> Failure {
    tracing::error!(%error, "a limit cannot be read; nothing is let through under it");
    let message = "A limit on this deployment cannot be read, so nothing is let through. Write it again or delete it.";
    Failure {
        reason: error.to_string(),
        ..Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "LimitUnreadable", message)
    }
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
pub fn dialect(error: &OpenAiError) -> Failure {
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
        ModelError::Input(input) => dialect(&OpenAiError::invalid("invalid_value", input.field(), error.to_string())),
        ModelError::Template(_) => dialect(&OpenAiError::invalid("invalid_value", "messages", error.to_string())),
        ModelError::Failed(reason) => {
            // The reason is about our arithmetic, not about the request: it goes to the operator's log.
            tracing::error!(%reason, "the embedded model failed");
            broken()
        }
    }
}

/// A provider gave no answer that can be handed on. Who and why is for the journal: it names hosts that are nobody else's business.
pub(crate) fn upstream(called: &Called, error: &EgressError) -> Failure {
    let who = called.for_caller();
    let (status, code, message) = match error {
        EgressError::Refused(_) | EgressError::Unresolved { .. } | EgressError::Unreachable { .. } => {
            (StatusCode::BAD_GATEWAY, "UpstreamUnreachable", format!("The {who} cannot be reached."))
        }
        EgressError::TimedOut { .. } => {
            (StatusCode::GATEWAY_TIMEOUT, "UpstreamTimeout", format!("The {who} did not answer in time."))
        }
        EgressError::Credential(_) | EgressError::NoToken { .. } => (
            StatusCode::BAD_GATEWAY,
            "UpstreamCredential",
            format!("The server has no valid credential for the {who}."),
        ),
        EgressError::Header(_) => {
            (StatusCode::BAD_GATEWAY, "UpstreamFailed", format!("A header that the {who} demands cannot be sent."))
        }
        EgressError::Broken { .. } | EgressError::TooLarge { .. } | EgressError::NotAccepted { .. } => {
            (StatusCode::BAD_GATEWAY, "UpstreamFailed", format!("The {who} gave an answer that cannot be handed on."))
        }
    };
    let message = message + &called.hint();
    Failure { reason: format!("{}: {error}", called.for_journal()), ..Failure::data_plane(status, code, message) }
}

/// The model runs at a provider, and this server was given no way out.
pub(crate) fn no_way_out(name: &str) -> Failure {
    let message = format!("the model of this deployment runs at the upstream `{name}`, which this server cannot reach");
    Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ModelNotAvailable", message)
        .with_header(SHOULD_RETRY, "false")
}

/// The name leads to a connection, and this server was given no way to any.
pub(crate) fn no_connections() -> Failure {
    let message = "this server reaches no connections";
    Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ModelNotAvailable", message)
        .with_header(SHOULD_RETRY, "false")
}

/// The deployment is bound to its region, and no provider of its model runs there.
pub(crate) fn not_in_region(model: &str) -> Failure {
    let message = format!("no provider of the model `{model}` runs in the region that this deployment is bound to");
    Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, "ModelNotAvailable", message)
        .with_header(SHOULD_RETRY, "false")
}

/// Code and message of a failure of the data plane, for an event that tells it in the middle of a stream.
pub fn words(failure: &Failure) -> (&str, &str) {
    let text = |pointer| failure.body.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default();
    (text("/error/code"), text("/error/message"))
}

/// Something in here broke.
pub(crate) fn broken() -> Failure {
    let message = "The model could not complete the request.";
    Failure::data_plane(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message)
}
