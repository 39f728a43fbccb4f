//! What the token endpoint says when it refuses: OAuth's error names with Entra's numbers, which clients print and match.

use access::{Failure, PublicRequest};
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// How much of a client's own text a message repeats.
const SHOWN_CHARS: usize = 128;

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OAuthError {
    /// The URL names a tenant that is not here.
    UnknownTenant { name: String },
    /// A parameter that must be there is not.
    MissingParameter { name: &'static str },
    /// A parameter is there twice, or the body is no form.
    Malformed { reason: String },
    /// A way of signing in that is not offered.
    UnsupportedGrant { grant: String },
    /// Neither a secret nor anything else proves the client.
    NoCredential,
    /// No application has this id.
    UnknownClient { client: String },
    /// The application exists, the secret is not one of its secrets.
    WrongSecret { client: String },
    /// The application has no principal here.
    NoServicePrincipal { client: Uuid },
    /// The principal may not sign in.
    Disabled { client: Uuid },
    /// The scope is not `{resource}/.default`.
    InvalidScope { scope: String },
    /// No resource of this name is served.
    UnknownResource { resource: String, tenant: String },
    /// Too many wrong secrets from this client and address.
    TooManyFailures { wait_s: i64 },
    /// Our own fault.
    Internal,
}

impl OAuthError {
    /// OAuth's name of the error, Entra's number, and the status.
    fn kind(&self) -> (&'static str, u32, StatusCode) {
        use OAuthError as E;
        match self {
            E::UnknownTenant { .. } => ("invalid_request", 90_002, StatusCode::BAD_REQUEST),
            E::MissingParameter { .. } => ("invalid_request", 900_144, StatusCode::BAD_REQUEST),
            E::Malformed { .. } => ("invalid_request", 9_002_313, StatusCode::BAD_REQUEST),
            E::UnsupportedGrant { .. } => ("unsupported_grant_type", 70_003, StatusCode::BAD_REQUEST),
            E::NoCredential => ("invalid_client", 7_000_218, StatusCode::UNAUTHORIZED),
            E::UnknownClient { .. } => ("unauthorized_client", 700_016, StatusCode::BAD_REQUEST),
            E::WrongSecret { .. } => ("invalid_client", 7_000_215, StatusCode::UNAUTHORIZED),
            E::NoServicePrincipal { .. } => ("unauthorized_client", 7_000_229, StatusCode::BAD_REQUEST),
            E::Disabled { .. } => ("unauthorized_client", 7_000_112, StatusCode::BAD_REQUEST),
            E::InvalidScope { .. } => ("invalid_scope", 1_002_012, StatusCode::BAD_REQUEST),
            E::UnknownResource { .. } => ("invalid_resource", 500_011, StatusCode::BAD_REQUEST),
            E::TooManyFailures { .. } => ("temporarily_unavailable", 90_055, StatusCode::TOO_MANY_REQUESTS),
            E::Internal => ("server_error", 90_033, StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    fn text(&self) -> String {
        use OAuthError as E;
        match self {
            E::UnknownTenant { name } => format!(
                "Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
                shown(name)
            ),
            E::MissingParameter { name } => format!("The request body must contain the following parameter: '{name}'."),
            E::Malformed { reason } => format!("Invalid request. {reason}."),
            E::UnsupportedGrant { grant } => format!(
                "The app requested an unsupported grant type '{}'. Supported here: 'client_credentials'.",
                shown(grant)
            ),
            E::NoCredential => {
                "The request body must contain the following parameter: 'client_secret'. Client assertions are not supported.".to_owned()
            }
            E::UnknownClient { client } => format!(
                "Application with identifier '{}' was not found in the directory. This can happen if the application has been deleted, or if the request went to the wrong tenant.",
                shown(client)
            ),
            E::WrongSecret { client } => format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}', and that it has not expired.",
                shown(client)
            ),
            E::NoServicePrincipal { client } => {
                format!("The client application '{client}' is missing a service principal in the tenant.")
            }
            E::Disabled { client } => format!("Application '{client}' is disabled."),
            E::InvalidScope { scope } => format!(
                "The provided value for scope '{}' is not valid. Client credential flows must have one scope: the resource identifier with /.default suffixed.",
                shown(scope)
            ),
            E::UnknownResource { resource, tenant } => format!(
                "The resource principal named {} was not found in the tenant named {tenant}.",
                shown(resource)
            ),
            E::TooManyFailures { wait_s } => {
                format!("Too many failed sign-ins of this client from this address. Try again in {wait_s} seconds.")
            }
            E::Internal => "A transient error has occurred. Please try again.".to_owned(),
        }
    }

    /// Whether somebody failed to prove who they are, as opposed to asking for something that is not there.
    pub(crate) fn is_failed_sign_in(&self) -> bool {
        use OAuthError as E;
        matches!(
            self,
            E::NoCredential
                | E::UnknownClient { .. }
                | E::WrongSecret { .. }
                | E::NoServicePrincipal { .. }
                | E::Disabled { .. }
                | E::TooManyFailures { .. }
        )
    }

    /// The answer.
    pub(crate) fn failure(&self, request: &PublicRequest) -> Failure {
        let (error, number, status) = self.kind();
        let trace = request.request.id;
        let given = request.headers.get("client-request-id").and_then(|value| value.to_str().ok());
        let correlation = given.and_then(|text| Uuid::parse_str(text).ok()).unwrap_or(trace);
        let timestamp = timestamp(request.now);
        let text = format!("AADSTS{number}: {}", self.text());
        let body = json!({
            "error": error,
            "error_description":
                format!("{text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"),
            "error_codes": [number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        });
        let failure = Failure::json(status, body, text).with_header("cache-control", "no-store");
        match self {
            OAuthError::TooManyFailures { wait_s } => failure.with_header("retry-after", wait_s.to_string()),
            OAuthError::NoCredential | OAuthError::WrongSecret { .. } => {
                failure.with_header("www-authenticate", "Basic realm=\"token\"")
            }
            _ => failure,
        }
    }
}

/// Entra prints times as `2026-01-31 09:30:00Z`.
fn timestamp(now: Timestamp) -> String {
    now.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A client's own text, shortened and without control characters.
fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(SHOWN_CHARS).collect()
}
