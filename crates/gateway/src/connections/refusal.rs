//! Why a model behind a connection cannot be asked, each reason in its own words.

use access::Failure;
use arm::nearest;
use egress::EgressError;
use http::StatusCode;

use super::tokens::NoIdentityToken;
use crate::upstream::Called;

/// The code where the name leads to no connection that has models.
const NOT_FOUND: &str = "ConnectionNotFound";
/// The code where the connection cannot be used as it is, or not by this caller.
const NOT_USABLE: &str = "ConnectionNotUsable";
/// Characters of a name that was given that are repeated.
const SHOWN_CHARS: usize = 80;

fn not_found(message: String) -> Failure {
    Failure::data_plane(StatusCode::BAD_REQUEST, NOT_FOUND, message)
}

fn not_usable(message: String) -> Failure {
    Failure::data_plane(StatusCode::BAD_REQUEST, NOT_USABLE, message)
}

/// What was given, as much of it as a message has room for.
fn shown(given: &str) -> String {
    given.chars().take(SHOWN_CHARS).collect()
}

/// The name that was probably meant.
fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, known).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default()
}

/// There is none of this name; `seen` are those that the project sees.
pub(super) fn no_connection<'a>(project: &str, given: &str, seen: impl IntoIterator<Item = &'a str>) -> Failure {
    let near = did_you_mean(given, seen);
    not_found(format!(
        "Connection '{}' not found: the project `{project}` has none of that name, and its account shares none.{near}",
        shown(given)
    ))
}

/// The account has it, for itself alone.
pub(super) fn not_shared(project: &str, name: &str) -> Failure {
    not_found(format!(
        "Connection '{name}' not found: the account has it and does not share it with the project `{project}`. Set `isSharedToAll` to \
         true on it, or make one in the project."
    ))
}

/// It leads to something else than models.
pub(super) fn not_a_gateway(name: &str, category: &str) -> Failure {
    not_found(format!(
        "Connection '{name}' not found among those to models: its category is `{category}`, and models are behind `ApiManagement` and \
         `ModelGateway`."
    ))
}

/// The gateway has no such model; `known` are those that it has, as far as that is known.
pub(super) fn unknown_model<'a>(name: &str, given: &str, known: impl IntoIterator<Item = &'a str>) -> Failure {
    let near = did_you_mean(given, known);
    let message = format!("The connection `{name}` has no model `{}`.{near}", shown(given));
    Failure::data_plane(StatusCode::NOT_FOUND, "DeploymentNotFound", message)
}

/// What is stored is no connection that can be used any more.
pub(super) fn unreadable(name: &str) -> Failure {
    not_usable(format!("The connection `{name}` cannot be read as it is stored. Write it again."))
}

/// It cannot be opened as it is written: its target may not be asked, a secret is missing, a header cannot be sent.
pub(super) fn not_opened(name: &str, error: &EgressError) -> Failure {
    let failure = crate::failure::upstream(&Called::Connection(name.to_owned()), error);
    Failure { reason: format!("connection `{name}`: {error}"), ..failure }
}

/// Its secret cannot be opened.
pub(super) fn sealed(name: &str, error: &store::StoreError) -> Failure {
    tracing::error!(%error, connection = name, "the secret of a connection cannot be opened");
    let message = format!("The secret of the connection `{name}` cannot be opened. Write it again.");
    Failure::data_plane(StatusCode::SERVICE_UNAVAILABLE, NOT_USABLE, message)
}

/// An agent's identity is shown, and no agent asks.
pub(super) fn no_agent(name: &str) -> Failure {
    not_usable(format!(
        "The connection `{name}` shows the identity of the agent that asks (`AgenticIdentityToken`), and this request comes from no \
         agent. Ask through an agent, or give the connection another `authType`."
    ))
}

/// An agent's identity is shown, and the agent has none.
pub(super) fn agent_without_identity(name: &str, agent: &str) -> Failure {
    not_usable(format!("The connection `{name}` shows the identity of the agent that asks, and `{agent}` has none."))
}

/// There is no token to be shown.
pub(super) fn no_token(name: &str, kind: &str, error: &NoIdentityToken) -> Failure {
    not_usable(format!("The connection `{name}` shows a token (`{kind}`) that cannot be had: {error}."))
}

/// The gateway was asked for a model and said no.
pub(super) fn discovery(name: &str, model: &str, status: StatusCode, said: &str) -> Failure {
    let message = format!(
        "The gateway of the connection `{name}` was asked for the model `{}` and answered {}{said}",
        shown(model),
        status.as_u16()
    );
    Failure::data_plane(status, status.as_str(), message)
}

/// The gateway's answer about a model cannot be read.
pub(super) fn discovery_unreadable(name: &str, why: &str) -> Failure {
    let message = format!("The gateway of the connection `{name}` was asked for its models: {why}.");
    Failure::data_plane(StatusCode::BAD_GATEWAY, "UpstreamFailed", message)
}
