//! How each plane says no: the one place that knows the refusals' statuses, codes and wording.
//!
//! Sources: ARM's and the data plane's observed errors. The data plane answers 401 where ARM answers 403.

use arm::{ArmError, ErrorCode, PathError};
use http::StatusCode;
use rbac::{Denial, DenialReason, Mode, Permit};
use serde_json::json;

use crate::body::BodyError;
use crate::failure::Failure;
use crate::linked::Linked;
use crate::route::{Plane, Route};

/// Why a caller was not recognised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthenticationError {
    /// No credential where one is read.
    #[error("no credential was sent")]
    Missing,
    /// A bearer token that the verifier refused.
    #[error("{0}")]
    Token(String),
    /// A key that opens nothing here.
    #[error("the key is not one of this account's keys")]
    Key,
    /// A key where the account takes only tokens.
    #[error("key based authentication is disabled for this resource")]
    KeyDisabled,
    /// A key on a route that takes only tokens.
    #[error("this route takes tokens, not keys")]
    KeyNotAccepted,
    /// Several credentials that differ.
    #[error("the request carries several credentials that differ")]
    Ambiguous,
}

const KEY_REFUSED: &str = "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.";

/// The answer to a caller who is not recognised. No `WWW-Authenticate` challenge with claims: clients would loop on it.
pub(crate) fn unauthenticated(plane: Plane, error: &AuthenticationError) -> Failure {
    use AuthenticationError as E;
    let status = StatusCode::UNAUTHORIZED;
    let failure = match (plane, error) {
        (Plane::Arm, E::Ambiguous) => arm(ErrorCode::InvalidRequestContent, error.to_string()),
        (Plane::Arm, E::Missing) => {
            arm(ErrorCode::AuthenticationFailed, "Authentication failed. The 'Authorization' header is missing.")
        }
        (Plane::Arm, _) => arm(ErrorCode::InvalidAuthenticationToken, format!("The access token is invalid: {error}.")),
        (Plane::Graph, E::Ambiguous) => Failure::graph(StatusCode::BAD_REQUEST, "BadRequest", format!("{error}.")),
        (Plane::Graph, E::Missing) => Failure::graph(status, "InvalidAuthenticationToken", "Access token is empty."),
        (Plane::Graph, _) => {
            Failure::graph(status, "InvalidAuthenticationToken", format!("Access token validation failure: {error}."))
        }
        (_, E::Ambiguous) => Failure::data_plane(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            "The request carries several credentials that differ. Send one key, or one bearer token.",
        ),
        (_, E::KeyDisabled) => Failure::data_plane(
            StatusCode::FORBIDDEN,
            "AuthenticationTypeDisabled",
            "Key based authentication is disabled for this resource.",
        ),
        (Plane::Inference, E::Missing | E::Key) => Failure::data_plane(status, "401", KEY_REFUSED),
        (Plane::Project, _) => Failure::flat(status, token_refused("https://ai.azure.com")),
        (_, _) => Failure::flat(status, token_refused("https://cognitiveservices.azure.com or https://ai.azure.com")),
    };
    Failure { reason: error.to_string(), ..failure }
}

fn token_refused(audience: &str) -> String {
    format!("Unauthorized. Access token is missing, invalid, audience is incorrect ({audience}), or have expired.")
}

/// The answer to a caller who is recognised and may not.
pub(crate) fn denied(route: &Route, denial: &Denial) -> Failure {
    let failure = match route.plane() {
        Plane::Arm => Failure::arm(ArmError::new(arm_code(denial), arm_message(denial)))
            .with_header("x-ms-failure-cause", "gateway"),
        Plane::Graph | Plane::Protocol => Failure::graph(
            StatusCode::FORBIDDEN,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ),
        Plane::Inference | Plane::Project => {
            Failure::data_plane(StatusCode::UNAUTHORIZED, "PermissionDenied", data_message(route, denial))
        }
    };
    let reason = denial.reason_text();
    Failure { reason, ..failure.with_info(denial.access_decision()) }
}

/// The answer to a caller who may do it at the target and lacks what the request needs elsewhere.
pub(crate) fn linked<M: Mode>(route: &Route, permit: &Permit<M>, linked: &Linked, denial: &Denial) -> Failure {
    if route.plane() != Plane::Arm {
        return denied(route, denial);
    }
    let error = linked
        .refusal
        .clone()
        .unwrap_or_else(|| ArmError::new(ErrorCode::LinkedAuthorizationFailed, linked_message(permit, denial)));
    Failure { reason: denial.reason_text(), ..Failure::arm(error).with_info(denial.access_decision()) }
        .with_header("x-ms-failure-cause", "gateway")
}

fn linked_message<M: Mode>(permit: &Permit<M>, denial: &Denial) -> String {
    let (label, oid, action) = (&denial.label, denial.principal, denial.permission.text());
    let (granted, at, scope) = (permit.permission(), permit.scope(), denial.shown_scope());
    format!(
        "The client '{label}' with object id '{oid}' has permission to perform action '{granted}' on scope '{at}'; however, it does not have permission to perform action(s) '{action}' on the linked scope(s) '{scope}' or the linked scope(s) are invalid. {}",
        explained(denial)
    )
}

/// "Nothing grants it" and "something forbids it" are different answers: the second is not mended by a role.
fn arm_code(denial: &Denial) -> ErrorCode {
    match denial.reason {
        DenialReason::DenyAssignment => ErrorCode::DenyAssignmentAuthorizationFailed,
        _ => ErrorCode::AuthorizationFailed,
    }
}

/// Names the deny assignment, as the real service does; an outsider learns its name alone.
fn blocked_message(denial: &Denial) -> String {
    let (label, oid, action) = (&denial.label, denial.principal, denial.permission.text());
    let by = match denial.deny_assignment.as_ref() {
        Some(deny) if denial.outsider => format!(" with name '{}'", deny.name),
        Some(deny) => format!(" with name '{}' and Id '{}' at scope '{}'", deny.name, deny.id.name(), deny.scope),
        None => String::new(),
    };
    let undecided = match denial.deny_assignment.as_ref() {
        Some(deny) if deny.undecided => " Its condition cannot be decided for this request, so it denies.",
        _ => "",
    };
    format!(
        "The client '{label}' with object id '{oid}' cannot perform action '{action}' on scope '{}': the access is denied because of the deny assignment{by}.{undecided}",
        denial.shown_scope()
    )
}

fn arm_message(denial: &Denial) -> String {
    let (label, oid, action) = (&denial.label, denial.principal, denial.permission.text());
    let scope = denial.shown_scope();
    let said = match denial.reason {
        DenialReason::ConditionNotFulfilled => format!(
            "The client '{label}' with object id '{oid}' has an authorization with ABAC condition that is not fulfilled to perform action '{action}' over scope '{scope}'."
        ),
        // It says why; and no role would be enough.
        DenialReason::DenyAssignment => return blocked_message(denial),
        _ => format!(
            "The client '{label}' with object id '{oid}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
        ),
    };
    format!("{said} {}", explained(denial))
}

fn data_message(route: &Route, denial: &Denial) -> String {
    let template = route.template();
    let shown = template.strip_prefix("/accounts/{account}").unwrap_or(&template);
    let link = if route.plane() == Plane::Project {
        " For instructions on granting the necessary permissions, see https://aka.ms/FoundryPermissions."
    } else {
        ""
    };
    let lacks = match denial.reason {
        DenialReason::DenyAssignment => "is denied",
        _ => "lacks",
    };
    format!(
        "The principal `{}` {lacks} the required data action `{}` to perform `{} {shown}` operation. {}{link}",
        principal_text(denial),
        denial.permission.text(),
        route.verb(),
        explained(denial)
    )
}

/// How many roles a message names; the rest are in `additionalInfo`.
const ROLES_NAMED: usize = 5;

/// What the real service leaves out: why, and which roles would be enough.
fn explained(denial: &Denial) -> String {
    let why = format!("Why: {}.", denial.reason_text());
    let roles: Vec<&str> =
        denial.roles_that_would_grant.iter().take(ROLES_NAMED).map(|role| role.name.as_str()).collect();
    if roles.is_empty() { why } else { format!("{why} Roles that would grant it there: {}.", roles.join(", ")) }
}

/// The object id, or for a key its name.
fn principal_text(denial: &Denial) -> String {
    if denial.principal_type.is_some() { denial.principal.to_string() } else { denial.label.clone() }
}

/// The answer to a body that was not accepted.
pub(crate) fn body(plane: Plane, error: &BodyError) -> Failure {
    let (status, arm_code) = match error {
        BodyError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::RequestTooLarge),
        BodyError::Malformed { .. } => (StatusCode::BAD_REQUEST, ErrorCode::InvalidRequestContent),
        BodyError::Incomplete => (StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout),
    };
    match plane {
        Plane::Arm => arm(arm_code, format!("The request content was invalid: {error}.")),
        Plane::Graph => Failure::graph(status, "Request_BadRequest", format!("{error}.")),
        Plane::Protocol => oauth(status, "invalid_request", &error.to_string()),
        Plane::Inference | Plane::Project => {
            let message = format!("{error}.");
            let body = json!({"error": {"code": "invalid_request_error", "type": "invalid_request_error", "param": null, "message": message}});
            Failure::json(status, body, message)
        }
    }
}

/// The answer to a path that names nothing safely.
pub(crate) fn path(plane: Plane, error: &PathError) -> Failure {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let message = format!("{error}.");
    match plane {
        Plane::Arm => arm(error.code(), message),
        Plane::Graph => Failure::graph(status, "BadRequest", message),
        Plane::Protocol => oauth(status, "invalid_request", &message),
        Plane::Inference | Plane::Project => Failure::data_plane(status, "BadRequest", message),
    }
}

/// The answer where no route matches.
pub(crate) fn no_route(plane: Plane) -> Failure {
    let status = StatusCode::NOT_FOUND;
    match plane {
        Plane::Arm => arm(ErrorCode::ResourceNotFound, "The path names no resource."),
        Plane::Graph => Failure::graph(status, "BadRequest", "Resource not found for the segment."),
        Plane::Protocol | Plane::Inference | Plane::Project => Failure::data_plane(status, "404", "Resource not found"),
    }
}

/// The answer where the path is known with other verbs; `allowed` as the Allow header prints it.
pub(crate) fn method_not_allowed(plane: Plane, allowed: &str) -> Failure {
    let message = format!("The requested resource does not support this HTTP method. Supported here: {allowed}.");
    let failure = match plane {
        Plane::Arm => arm(ErrorCode::MethodNotAllowed, message),
        Plane::Graph => Failure::graph(StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest", message),
        _ => Failure::data_plane(StatusCode::METHOD_NOT_ALLOWED, "405", message),
    };
    failure.with_header("allow", allowed)
}

/// The answer when the durable record could not be written, or a handler broke.
pub(crate) fn broken(plane: Plane, status: StatusCode, message: &str) -> Failure {
    let unavailable = status == StatusCode::SERVICE_UNAVAILABLE;
    match plane {
        Plane::Arm => {
            arm(if unavailable { ErrorCode::ServiceUnavailable } else { ErrorCode::InternalServerError }, message)
        }
        Plane::Graph => {
            Failure::graph(status, if unavailable { "ServiceUnavailable" } else { "InternalServerError" }, message)
        }
        Plane::Protocol => oauth(status, if unavailable { "temporarily_unavailable" } else { "server_error" }, message),
        Plane::Inference | Plane::Project => {
            Failure::data_plane(status, if unavailable { "ServiceUnavailable" } else { "InternalServerError" }, message)
        }
    }
}

fn oauth(status: StatusCode, error: &str, description: &str) -> Failure {
    Failure::json(status, json!({"error": error, "error_description": description}), description)
}

fn arm(code: ErrorCode, message: impl Into<String>) -> Failure {
    Failure::arm(ArmError::new(code, message.into()))
}
