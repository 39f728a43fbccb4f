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
    /// A scope of a person that is not `{resource}/.default`.
    InvalidDelegatedScope { scope: String },
    /// The place that a code would be sent to is not the application's.
    UnknownRedirect { uri: String, client: String },
    /// A response mode that is not offered.
    UnsupportedResponseMode { mode: String },
    /// A client that has to prove itself, where none can.
    NotPublic { client: Uuid },
    /// A client that cannot keep a secret sends one.
    PublicWithSecret { client: Uuid },
    /// Too many devices wait for their person.
    TooManyCodes { wait_s: i64 },
    /// The person has not entered the code yet.
    Pending,
    /// The device asks too often.
    SlowDown,
    /// The person said no.
    Declined,
    /// The person did not come in time.
    DeviceCodeExpired,
    /// There is no such device code, or it was good once.
    UnknownDeviceCode,
    /// There is no such authorization code, or no longer.
    UnknownCode,
    /// The authorization code was brought before.
    CodeUsed,
    /// The code was sent to another place.
    OtherRedirect,
    /// The proof key does not fit the code.
    WrongVerifier,
    /// A code or refresh token of another client.
    OtherClient,
    /// Text that is no refresh token of this server.
    UnknownRefreshToken,
    /// The sign-in was ended.
    SignInEnded,
    /// The refresh token was replaced before; its sign-in is ended.
    RefreshTokenReused,
    /// The sign-in was not used for too long.
    SignInExpired,
    /// The person may not sign in, or is gone.
    PersonDisabled,
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
            E::InvalidDelegatedScope { .. } => ("invalid_scope", 70_011, StatusCode::BAD_REQUEST),
            E::UnknownRedirect { .. } => ("invalid_request", 50_011, StatusCode::BAD_REQUEST),
            E::UnsupportedResponseMode { .. } => ("invalid_request", 70_007, StatusCode::BAD_REQUEST),
            E::NotPublic { .. } => ("invalid_client", 7_000_218, StatusCode::UNAUTHORIZED),
            E::PublicWithSecret { .. } => ("invalid_client", 700_025, StatusCode::UNAUTHORIZED),
            E::TooManyCodes { .. } => ("temporarily_unavailable", 90_055, StatusCode::TOO_MANY_REQUESTS),
            E::Pending => ("authorization_pending", 70_016, StatusCode::BAD_REQUEST),
            E::SlowDown => ("slow_down", 90_055, StatusCode::BAD_REQUEST),
            E::Declined => ("authorization_declined", 70_017, StatusCode::BAD_REQUEST),
            E::DeviceCodeExpired => ("expired_token", 70_020, StatusCode::BAD_REQUEST),
            E::UnknownDeviceCode => ("bad_verification_code", 70_018, StatusCode::BAD_REQUEST),
            E::UnknownCode => ("invalid_grant", 70_008, StatusCode::BAD_REQUEST),
            E::CodeUsed => ("invalid_grant", 54_005, StatusCode::BAD_REQUEST),
            E::OtherRedirect => ("invalid_grant", 500_112, StatusCode::BAD_REQUEST),
            E::WrongVerifier => ("invalid_grant", 501_481, StatusCode::BAD_REQUEST),
            E::OtherClient | E::UnknownRefreshToken => ("invalid_grant", 70_000, StatusCode::BAD_REQUEST),
            E::SignInEnded | E::RefreshTokenReused => ("invalid_grant", 50_173, StatusCode::BAD_REQUEST),
            E::SignInExpired => ("invalid_grant", 700_082, StatusCode::BAD_REQUEST),
            E::PersonDisabled => ("invalid_grant", 50_057, StatusCode::BAD_REQUEST),
            E::Internal => ("server_error", 90_033, StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// OAuth's name of the error.
    pub(crate) fn name(&self) -> &'static str {
        self.kind().0
    }

    /// What is said of it, behind Entra's number.
    pub(crate) fn message(&self) -> String {
        format!("AADSTS{}: {}", self.kind().1, self.text())
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
                "The app requested an unsupported grant type '{}'. Supported here: 'client_credentials', 'authorization_code', 'refresh_token' and 'urn:ietf:params:oauth:grant-type:device_code'.",
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
            of_sign_in => of_sign_in.text_of_sign_in(),
        }
    }

    /// What is said of a request to sign a person in.
    fn text_of_sign_in(&self) -> String {
        use OAuthError as E;
        match self {
            E::InvalidDelegatedScope { scope } => format!(
                "The provided value for scope '{}' is not valid. Ask for one resource, by its identifier with /.default suffixed.",
                shown(scope)
            ),
            E::UnknownRedirect { uri, client } => format!(
                "The redirect URI '{}' specified in the request does not match the redirect URIs configured for the application '{}'.",
                shown(uri),
                shown(client)
            ),
            E::UnsupportedResponseMode { mode } => {
                format!("The response mode '{}' is not offered. Use 'query' or 'form_post'.", shown(mode))
            }
            E::NotPublic { client } => format!(
                "The application '{client}' is not a public client: its 'isFallbackPublicClient' must be true to sign in by device code."
            ),
            E::PublicWithSecret { client } => format!(
                "Client '{client}' is public so neither 'client_assertion' nor 'client_secret' should be presented."
            ),
            E::TooManyCodes { wait_s } => {
                format!("Too many devices wait to be signed in. Try again in {wait_s} seconds.")
            }
            of_person => of_person.text_of_person().to_owned(),
        }
    }

    /// What is said of a person's grant.
    fn text_of_person(&self) -> &'static str {
        use OAuthError as E;
        match self {
            E::Pending => "Authorization is pending. Continue polling.",
            E::SlowDown => "The device polls too often. Wait for the interval that it was told.",
            E::Declined => "The user declined to sign in.",
            E::DeviceCodeExpired => {
                "The provided value for the input parameter 'device_code' is not valid. This device code has expired."
            }
            E::UnknownDeviceCode => {
                "The provided value for the input parameter 'device_code' is not valid, or it was redeemed before."
            }
            E::UnknownCode => "The provided authorization code is not known or has expired. Sign in again.",
            E::CodeUsed => {
                "The authorization code was already redeemed; what it was redeemed for has been ended. Sign in again."
            }
            E::OtherRedirect => {
                "The redirect URI does not match the one that was provided when requesting the authorization code."
            }
            E::WrongVerifier => {
                "The code_verifier does not match the code_challenge supplied in the authorization request."
            }
            E::OtherClient => "The provided grant was issued to another client.",
            E::UnknownRefreshToken => "The provided value for the input parameter 'refresh_token' is not valid.",
            E::SignInEnded | E::RefreshTokenReused => {
                "The provided grant has been revoked, or its refresh token was used before. A fresh sign-in is needed."
            }
            E::SignInExpired => "The refresh token has expired due to inactivity. Sign in again.",
            E::PersonDisabled => "The user account is disabled or was deleted.",
            _ => "The grant is not valid.",
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
                | E::PublicWithSecret { .. }
                | E::CodeUsed
                | E::OtherRedirect
                | E::WrongVerifier
                | E::OtherClient
                | E::UnknownRefreshToken
                | E::SignInEnded
                | E::PersonDisabled
        )
    }

    /// The answer.
    pub(crate) fn failure(&self, request: &PublicRequest) -> Failure {
        let (error, number, status) = self.kind();
        let trace = request.request.id;
        let given = request.headers.get("client-request-id").and_then(|value| value.to_str().ok());
        let correlation = given.and_then(|text| Uuid::parse_str(text).ok()).unwrap_or(trace);
        let timestamp = timestamp(request.now);
        let text = self.message();
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
            OAuthError::TooManyFailures { wait_s } | OAuthError::TooManyCodes { wait_s } => {
                failure.with_header("retry-after", wait_s.to_string())
            }
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
