//! From what happened to what is at fault, and how it is mended.

use egress::EgressError;
use http::StatusCode;
use resources::connections::GatewayModel;

use super::step::Fault;

/// Where nothing came back.
pub(super) fn of_error(error: &EgressError) -> (Fault, &'static str) {
    match error {
        EgressError::Refused(_) => (
            Fault::Network,
            "the operator lists the target in `egress.allowed_targets` or its domain in `egress.allowed_domains`",
        ),
        EgressError::Unresolved { .. } => (Fault::Network, "compare the host of `target` with the gateway's own name"),
        EgressError::Unreachable { reason, .. } if reason.contains("certificate") => {
            (Fault::Network, "the operator adds the gateway's certificate authority to `egress.ca_files`")
        }
        EgressError::Unreachable { .. } => {
            (Fault::Network, "see that the gateway runs, at this port, and lets this server in")
        }
        EgressError::TimedOut { .. } => {
            (Fault::Network, "see whether a firewall drops what this server sends, or the gateway hangs")
        }
        EgressError::Credential(_) => (Fault::Identity, "write the connection again with its secret"),
        EgressError::NoToken { .. } => (Fault::Identity, "compare `tokenUrl`, `clientId`, `scopes` and the secret"),
        EgressError::Header(_) => (Fault::Header, "correct `metadata.customHeaders` or `metadata.authConfig`"),
        EgressError::Broken { .. } | EgressError::TooLarge { .. } | EgressError::NotAccepted { .. } => {
            (Fault::Gateway, "see what the gateway's own log says of this request")
        }
    }
}

/// Where a gateway refuses to tell of its models.
pub(super) fn of_discovery(status: StatusCode) -> (Fault, &'static str) {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => (
            Fault::Identity,
            "see whether the key or token may read the gateway's models, and its header (`metadata.authConfig`)",
        ),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => (
            Fault::Parameters,
            "correct `metadata.modelDiscovery` (`listModelsEndpoint`, `getModelEndpoint`) or `deploymentAPIVersion`, or list the models \
             in `metadata.models`",
        ),
        StatusCode::TOO_MANY_REQUESTS => (Fault::Gateway, "come again later"),
        status if status.is_server_error() => (Fault::Gateway, "see what the gateway's own log says of this request"),
        _ => (Fault::ApiVersion, "correct `metadata.deploymentAPIVersion`"),
    }
}

/// The model that was probably meant.
pub(super) fn nearest_model(given: &str, known: &[GatewayModel]) -> String {
    let near = arm::nearest(given, known.iter().map(|model| model.name.as_str()));
    let first = || known.first().map(|model| model.name.as_str());
    match near.or_else(first) {
        Some(near) => format!("ask for `{near}`, or add `{given}` to `metadata.models`"),
        None => format!("add `{given}` to `metadata.models`"),
    }
}
