//! The answers of the two forms: nearly the same when they say yes, and not when they say no.

use access::{Failure, HandlerResult, PublicRequest, Reply};
use http::StatusCode;
use identity::{Subject, TOKEN_LIFETIME_S};
use serde_json::{Value, json};

/// Which of the two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A virtual machine's metadata service.
    Machine,
    /// App Service's identity endpoint.
    AppService,
}

/// A token, and whose it is.
pub(super) struct Token {
    pub(super) access_token: String,
    pub(super) subject: Subject,
    pub(super) resource: String,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Not from this machine, or through a proxy.
    PassedOn,
    /// The header that shows intent is missing.
    NoMetadataHeader,
    /// The operator's secret is missing or wrong.
    WrongHeader,
    /// No resource is named.
    NoResource,
    /// A resource that is not served.
    UnknownResource(String),
    /// The identity is named in several ways.
    SeveralSelectors,
    /// No identity of this name answers here.
    NoIdentity,
    /// Our own fault.
    Internal,
}

impl Refused {
    fn kind(&self) -> (StatusCode, &'static str, String) {
        let bad = StatusCode::BAD_REQUEST;
        let said = |text: &str| text.to_owned();
        match self {
            Refused::PassedOn => {
                (bad, "invalid_request", said("The request was passed on, or does not come from this machine."))
            }
            Refused::NoMetadataHeader => (bad, "invalid_request", said("Required metadata header not specified")),
            Refused::WrongHeader => {
                (StatusCode::UNAUTHORIZED, "unauthorized", said("The X-IDENTITY-HEADER is missing or wrong."))
            }
            Refused::NoResource => (bad, "invalid_request", said("Required query variable 'resource' is missing")),
            Refused::UnknownResource(name) => {
                let shown: String = name.chars().filter(|one| !one.is_control()).take(SHOWN_CHARS).collect();
                let text = format!("AADSTS500011: The resource principal named {shown} was not found in the tenant.");
                (bad, "invalid_resource", text)
            }
            Refused::SeveralSelectors => {
                (bad, "invalid_request", said("Name the identity by one of client_id, object_id and its resource id."))
            }
            Refused::NoIdentity => (bad, "invalid_request", said("Identity not found")),
            Refused::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error", said("The token could not be signed."))
            }
        }
    }
}

/// How much of a caller's own text a message repeats.
const SHOWN_CHARS: usize = 128;

/// Answers, and notes who got what.
pub(super) fn reply(form: Form, request: &PublicRequest, told: Result<Token, Refused>) -> HandlerResult {
    match told {
        Ok(token) => {
            note_success(request, &token);
            let answer = Reply::json(StatusCode::OK, &yes(request, &token));
            Ok(answer.with_header("cache-control", "no-store").with_header("pragma", "no-cache"))
        }
        Err(refused) => {
            let (status, error, text) = refused.kind();
            request.record.note(|record| {
                record.outcome = "unauthenticated".into();
                record.step = "authentication".into();
            });
            let body = match form {
                Form::Machine => json!({"error": error, "error_description": text}),
                Form::AppService => json!({"statusCode": status.as_u16(), "message": text}),
            };
            Err(Failure::json(status, body, text))
        }
    }
}

/// Numbers are texts, as both services have them.
fn yes(request: &PublicRequest, token: &Token) -> Value {
    let now_s = request.now.as_second();
    json!({
        "access_token": token.access_token,
        "client_id": token.subject.app_id,
        "expires_in": TOKEN_LIFETIME_S.to_string(),
        "expires_on": now_s.saturating_add(TOKEN_LIFETIME_S).to_string(),
        "ext_expires_in": TOKEN_LIFETIME_S.to_string(),
        "not_before": now_s.to_string(),
        "resource": token.resource,
        "token_type": "Bearer",
    })
}

fn note_success(request: &PublicRequest, token: &Token) {
    request.record.note(|record| {
        record.outcome = "allowed".into();
        record.credential = "machine".into();
        record.principal_id = Some(token.subject.oid);
        record.principal_type = Some("ServicePrincipal".into());
        record.principal_label = Some(token.subject.app_id.to_string().into());
        record.reason = Some(format!("a managed identity's token for `{}`", token.resource));
    });
}
