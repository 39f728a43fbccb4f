//! Signing in on a device without a browser: it asks for a code at `/{tenant}/oauth2/v2.0/devicecode`, and its person
//! enters the code on the page `/devicecode` of any browser.

use std::sync::Arc;

use access::{HandlerResult, PublicRequest, Query, Reply};
use http::StatusCode;
use serde_json::json;

use super::authorize::{BROKEN_FORM, FOREIGN_FORM, INCOMPLETE, again, broken, refused};
use super::client::Client;
use super::device_codes::{Asked, INTERVAL_S, LIFETIME_S, NoCode};
use super::form::{SignInForm, has_no_repeats};
use super::page::{self, Problem, SignInPage};
use super::scope::DelegatedScope;
use super::{Attempt, attempt, origin};
use crate::state::Directory;
use crate::tenant;
use crate::throttle::{Claimant, Who};
use crate::token::OAuthError;

/// Gives a device its codes.
pub(crate) async fn begin(directory: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    begun(&directory, &request).map_err(|error| error.failure(&request))
}

fn begun(directory: &Directory, request: &PublicRequest) -> Result<Reply, OAuthError> {
    let name = request.params.get("tenant").unwrap_or_default();
    let tenant = tenant::named(name, &request.world);
    let tenant = tenant.ok_or_else(|| OAuthError::UnknownTenant { name: name.to_owned() })?;
    let text = std::str::from_utf8(&request.body).ok();
    let form = text.map(Query::parse).filter(has_no_repeats);
    let form = form.ok_or_else(|| OAuthError::Malformed { reason: "The body is not a form".to_owned() })?;
    let client_id = form.get("client_id").filter(|id| !id.is_empty());
    let client = Client::find(client_id.ok_or(OAuthError::MissingParameter { name: "client_id" })?, &request.world)?;
    if !client.is_public() {
        return Err(OAuthError::NotPublic { client: client.app_id });
    }
    let scope = DelegatedScope::read(&form, directory, tenant)?;
    let address = request.request.peer.ip();
    let asked = Asked { client: client.app_id, client_name: client.name, scope, address };
    let codes = directory.device_codes.issue(asked, request.now).map_err(|none| match none {
        NoCode::TooMany => OAuthError::TooManyCodes { wait_s: INTERVAL_S },
        NoCode::NoRandomness => OAuthError::Internal,
    })?;
    let page = directory.issuer.authority().verification_uri();
    let message = format!(
        "To sign in, use a web browser to open the page {page} and enter the code {} to authenticate.",
        codes.user_code
    );
    let answer = json!({
        "user_code": codes.user_code,
        "device_code": codes.device_code,
        "verification_uri": page,
        "expires_in": LIFETIME_S,
        "interval": INTERVAL_S,
        "message": message,
    });
    Ok(Reply::json(StatusCode::OK, &answer).with_header("cache-control", "no-store"))
}

/// Asks for the code.
pub(crate) async fn show(_: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    let typed = request.query.get("otc").unwrap_or_default().to_owned();
    Ok(code_page(&request, &typed, None, StatusCode::OK))
}

/// Takes the code, then name and password.
pub(crate) async fn submit(directory: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    if !origin::is_own(&request.headers, &request.request.public_url) {
        return Ok(refused(&request, StatusCode::FORBIDDEN, FOREIGN_FORM));
    }
    let Some(form) = SignInForm::read(&request) else {
        return Ok(refused(&request, StatusCode::BAD_REQUEST, BROKEN_FORM));
    };
    let code = form.get("user_code").unwrap_or_default();
    let client = match waiting_client(&directory, &request, code) {
        Ok(client) => client,
        Err(reply) => return Ok(reply),
    };
    if form.is_cancelled() {
        directory.device_codes.decline(code, request.now);
        return Ok(said(&request, "You did not sign in", "The other device was told. You can close this window."));
    }
    let name = form.get("username").unwrap_or_default();
    let page = |problem: Option<&Problem<'_>>, status| {
        let page = SignInPage { client: &client, user_code: Some(code), username: name, leads_to: None };
        page::sign_in(&request, &page, problem).map_or_else(broken, |html| html.reply(status))
    };
    let Some(password) = form.password().filter(|_| !name.is_empty()) else {
        // The first form has the code alone.
        if form.get("action").is_none() {
            return Ok(page(None, StatusCode::OK));
        }
        let field = if name.is_empty() { "username" } else { "password" };
        return Ok(page(Some(&Problem { text: INCOMPLETE, field: Some(field) }), StatusCode::BAD_REQUEST));
    };
    match attempt(&directory, &request, name, password).await {
        Attempt::SignedIn(person) if directory.device_codes.approve(code, person.oid, request.now) => {
            let title = "You have signed in";
            Ok(said(&request, title, &format!("Go back to {client} on the other device. You can close this window.")))
        }
        Attempt::SignedIn(_) => Ok(code_page(&request, "", Some(UNKNOWN_CODE), StatusCode::BAD_REQUEST)),
        other => Ok(again(&other, |problem, status| page(Some(problem), status))),
    }
}

const UNKNOWN_CODE: &str = "The code is not known, or its time is over. Compare it with the other device.";

/// The name of the application that waits for this code, or the page that asks for the code again.
fn waiting_client(directory: &Directory, request: &PublicRequest, code: &str) -> Result<String, Reply> {
    let guesser = Claimant::new(Who::UserCode, request.request.peer.ip());
    if let Some(wait_s) = directory.throttle.wait_s(guesser, request.now) {
        let text = format!("Too many codes were wrong. Try again in {wait_s} seconds.");
        let reply = code_page(request, code, Some(&text), StatusCode::TOO_MANY_REQUESTS);
        return Err(reply.with_header("retry-after", &wait_s.to_string()));
    }
    directory.device_codes.client_name(code, request.now).ok_or_else(|| {
        directory.throttle.failed(guesser, request.now);
        code_page(request, code, Some(UNKNOWN_CODE), StatusCode::BAD_REQUEST)
    })
}

fn code_page(request: &PublicRequest, typed: &str, problem: Option<&str>, status: StatusCode) -> Reply {
    let problem = problem.map(|text| Problem { text, field: Some("user_code") });
    page::user_code(request, typed, problem.as_ref()).map_or_else(broken, |html| html.reply(status))
}

fn said(request: &PublicRequest, title: &str, text: &str) -> Reply {
    page::message(request, title, text).map_or_else(broken, |html| html.reply(StatusCode::OK))
}
