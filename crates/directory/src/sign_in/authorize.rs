//! `/{tenant}/oauth2/v2.0/authorize`: an application sends its person's browser here, and gets a code back.
//!
//! The page's form goes to the very address that the page was shown at, so nothing is kept of a page until a person has
//! signed in.

use std::sync::Arc;

use access::{HandlerResult, PublicRequest, Query, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use store::TenantInfo;

use super::client::Client;
use super::codes::Grant;
use super::form::{SignInForm, has_no_repeats};
use super::page::{self, Problem, SignInPage};
use super::response::{ResponseMode, ReturnAddress};
use super::scope::DelegatedScope;
use super::{Attempt, attempt, origin};
use crate::random::Digest;
use crate::state::Directory;
use crate::tenant;
use crate::token::OAuthError;

/// Longest `state` and `nonce` that are repeated, bytes: clients' own are far shorter.
const REPEATED_LIMIT_BYTES: usize = 4096;

/// A sound request of an application.
struct Request {
    client: Client,
    back: ReturnAddress,
    challenge: Digest,
    scope: DelegatedScope,
    nonce: Option<String>,
    username: String,
}

/// What is wrong with a request, and who can be told.
enum Unsound {
    /// It is not known that the address is the application's, so the person is told.
    Here(OAuthError),
    /// The application is told.
    There(ReturnAddress, &'static str, String),
}

/// Shows the page.
pub(crate) async fn show(directory: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    match read(&directory, &request) {
        Ok(sound) => Ok(shown(&request, &sound, &sound.username, None, StatusCode::OK)),
        Err(unsound) => Ok(told(&request, unsound)),
    }
}

/// Takes the page's form.
pub(crate) async fn submit(directory: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    let sound = match read(&directory, &request) {
        Ok(sound) => sound,
        Err(unsound) => return Ok(told(&request, unsound)),
    };
    if !origin::is_own(&request.headers, &request.request.public_url) {
        return Ok(refused(&request, StatusCode::FORBIDDEN, FOREIGN_FORM));
    }
    let Some(form) = SignInForm::read(&request) else {
        return Ok(refused(&request, StatusCode::BAD_REQUEST, BROKEN_FORM));
    };
    if form.is_cancelled() {
        let reply = sound.back.error(&request, "access_denied", "AADSTS65004: The person declined to sign in.");
        return Ok(reply.unwrap_or_else(broken));
    }
    let (Some(name), Some(password)) = (form.get("username"), form.password()) else {
        let field = if form.get("username").is_none() { "username" } else { "password" };
        let problem = Problem { text: INCOMPLETE, field: Some(field) };
        let name = form.get("username").unwrap_or_default();
        return Ok(shown(&request, &sound, name, Some(&problem), StatusCode::BAD_REQUEST));
    };
    match attempt(&directory, &request, name, password).await {
        Attempt::SignedIn(person) => Ok(coded(&directory, &request, sound, person.oid)),
        other => Ok(again(&other, |problem, status| shown(&request, &sound, name, Some(problem), status))),
    }
}

/// What all pages say of a sign-in that failed; the same for everybody.
pub(super) const WRONG: &str = "The sign-in name or the password is not right.";
pub(super) const INCOMPLETE: &str = "Enter your sign-in name and your password.";
pub(super) const FOREIGN_FORM: &str = "The form was not sent from this page. Go back and try again.";
pub(super) const BROKEN_FORM: &str = "The form was not understood. Go back and try again.";

/// The page once more, with what went wrong.
pub(super) fn again(attempt: &Attempt, page: impl Fn(&Problem<'_>, StatusCode) -> Reply) -> Reply {
    let shown = |text: &str, status| page(&Problem { text, field: Some("username") }, status);
    match attempt {
        Attempt::Wait(wait_s) => {
            let text = format!("Too many attempts to sign in have failed. Try again in {wait_s} seconds.");
            shown(&text, StatusCode::TOO_MANY_REQUESTS).with_header("retry-after", &wait_s.to_string())
        }
        Attempt::Busy => {
            let text = "Too many people are signing in at this moment. Try again.";
            shown(text, StatusCode::SERVICE_UNAVAILABLE).with_header("retry-after", "1")
        }
        Attempt::Refused | Attempt::SignedIn(_) => shown(WRONG, StatusCode::BAD_REQUEST),
    }
}

/// Sends the code of a person who signed in.
fn coded(directory: &Directory, request: &PublicRequest, sound: Request, user: uuid::Uuid) -> Reply {
    let Request { client, back, challenge, scope, nonce, .. } = sound;
    let grant = Grant { client: client.app_id, redirect: back.redirect.clone(), challenge, user, scope, nonce };
    let code = directory.codes.issue(grant, request.now);
    code.ok().and_then(|code| back.code(request, &code)).unwrap_or_else(broken)
}

fn shown(
    request: &PublicRequest,
    sound: &Request,
    username: &str,
    problem: Option<&Problem<'_>>,
    status: StatusCode,
) -> Reply {
    // Only a redirect after the form needs to be allowed; a posted answer is a page with a policy of its own.
    let leads_to = (sound.back.mode == ResponseMode::Query).then_some(&sound.back.redirect);
    let page = SignInPage { client: &sound.client.name, user_code: None, username, leads_to };
    page::sign_in(request, &page, problem).map_or_else(broken, |html| html.reply(status))
}

fn told(request: &PublicRequest, unsound: Unsound) -> Reply {
    match unsound {
        Unsound::Here(error) => refused(request, StatusCode::BAD_REQUEST, &error.message()),
        Unsound::There(back, error, description) => back.error(request, error, &description).unwrap_or_else(broken),
    }
}

/// A page that says no.
pub(super) fn refused(request: &PublicRequest, status: StatusCode, text: &str) -> Reply {
    page::refused(request, text).map_or_else(broken, |html| html.reply(status))
}

/// The templates are part of the program, so a page can always be made; if not, nothing is told.
pub(super) fn broken() -> Reply {
    Reply::empty(StatusCode::INTERNAL_SERVER_ERROR)
}

fn read(directory: &Directory, request: &PublicRequest) -> Result<Request, Unsound> {
    let name = request.params.get("tenant").unwrap_or_default();
    let tenant = tenant::named(name, &request.world);
    let tenant = tenant.ok_or_else(|| Unsound::Here(OAuthError::UnknownTenant { name: name.to_owned() }))?;
    let query = &request.query;
    if !has_no_repeats(query) {
        let reason = "A parameter is sent more than once".to_owned();
        return Err(Unsound::Here(OAuthError::Malformed { reason }));
    }
    let (client, back) = return_address(request).map_err(Unsound::Here)?;
    match wanted(directory, tenant, query) {
        Ok((challenge, scope, nonce)) => {
            let username = value(query, "login_hint").unwrap_or_default().to_owned();
            Ok(Request { client, back, challenge, scope, nonce, username })
        }
        Err((error, description)) => Err(Unsound::There(back, error, description)),
    }
}

/// The application, and a place that is known to be its own: everything before this is told to the person alone.
fn return_address(request: &PublicRequest) -> Result<(Client, ReturnAddress), OAuthError> {
    let query = &request.query;
    let client_id = value(query, "client_id").ok_or(OAuthError::MissingParameter { name: "client_id" })?;
    let client = Client::find(client_id, &request.world)?;
    let uri = value(query, "redirect_uri").ok_or(OAuthError::MissingParameter { name: "redirect_uri" })?;
    let redirect = client.redirect(uri);
    let redirect =
        redirect.ok_or_else(|| OAuthError::UnknownRedirect { uri: uri.to_owned(), client: client_id.to_owned() })?;
    let mode = match value(query, "response_mode") {
        None | Some("query") => ResponseMode::Query,
        Some("form_post") => ResponseMode::FormPost,
        Some(other) => return Err(OAuthError::UnsupportedResponseMode { mode: other.to_owned() }),
    };
    let state = value(query, "state").map(str::to_owned);
    if state.as_ref().is_some_and(|state| state.len() > REPEATED_LIMIT_BYTES) {
        let reason = format!("The state is longer than {REPEATED_LIMIT_BYTES} bytes");
        return Err(OAuthError::Malformed { reason });
    }
    Ok((client, ReturnAddress { redirect, mode, state }))
}

type Wanted = (Digest, DelegatedScope, Option<String>);

/// What is asked for; an error is told to the application, by OAuth's name.
fn wanted(directory: &Directory, tenant: &TenantInfo, query: &Query) -> Result<Wanted, (&'static str, String)> {
    match value(query, "response_type") {
        Some("code") => {}
        Some(_) => {
            let text = "AADSTS700054: Only response_type 'code' is offered.";
            return Err(("unsupported_response_type", text.to_owned()));
        }
        None => return Err(("invalid_request", "AADSTS900144: The parameter 'response_type' is missing.".to_owned())),
    }
    if value(query, "request").or(value(query, "request_uri")).is_some() {
        return Err(("request_not_supported", "AADSTS90009: Request objects are not taken.".to_owned()));
    }
    let scope = DelegatedScope::read(query, directory, tenant).map_err(|error| (error.name(), error.message()))?;
    let challenge = challenge(query)?;
    let nonce = value(query, "nonce").map(str::to_owned);
    if nonce.as_ref().is_some_and(|nonce| nonce.len() > REPEATED_LIMIT_BYTES) {
        return Err(("invalid_request", format!("The nonce is longer than {REPEATED_LIMIT_BYTES} bytes.")));
    }
    // Nobody stays signed in here, so whoever must not be asked cannot be signed in.
    if value(query, "prompt") == Some("none") {
        let text = "AADSTS50058: A silent sign-in request was sent but no user is signed in.";
        return Err(("login_required", text.to_owned()));
    }
    Ok((challenge, scope, nonce))
}

/// The challenge of the proof key, of every client: a code that is caught on its way is worth nothing.
fn challenge(query: &Query) -> Result<Digest, (&'static str, String)> {
    let invalid = |text: &str| ("invalid_request", text.to_owned());
    if value(query, "code_challenge_method") != Some("S256") {
        return Err(invalid(
            "AADSTS9002325: A proof key is required: send code_challenge, and code_challenge_method=S256.",
        ));
    }
    let text = value(query, "code_challenge").unwrap_or_default();
    let decoded = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| Digest::try_from(bytes).ok());
    decoded.ok_or_else(|| invalid("AADSTS501491: The code_challenge is not the base64url text of a SHA-256 digest."))
}

fn value<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.get(name).filter(|value| !value.is_empty())
}
