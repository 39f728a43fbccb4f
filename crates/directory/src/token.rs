//! `POST /{tenant}/oauth2/v2.0/token`: a client proves who it is and gets a token. Which roles it has is not asked:
//! a principal without any still gets one.

mod error;
mod form;

use std::sync::Arc;

use access::{Failure, HandlerResult, PublicRequest, Reply};
use http::StatusCode;
use identity::{Subject, TOKEN_LIFETIME_S, is_enabled};
use jiff::Timestamp;
use serde_json::json;
use store::{DirectoryObject, ObjectKind};
use uuid::Uuid;

use crate::state::Directory;
use crate::tenant;
use crate::throttle::Claimant;

pub(crate) use error::OAuthError;
use form::TokenForm;

/// Answers a token request.
pub(crate) async fn answer(directory: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    match issue(&directory, &request) {
        Ok(reply) => Ok(reply),
        Err(error) => Err(refused(&request, &error)),
    }
}

fn issue(directory: &Directory, request: &PublicRequest) -> Result<Reply, OAuthError> {
    let name = request.params.get("tenant").unwrap_or_default();
    let tenant = tenant::named(name, &request.world);
    let tenant = tenant.ok_or_else(|| OAuthError::UnknownTenant { name: name.to_owned() })?;
    let form = TokenForm::read(&request.body, &request.headers)?;
    let application = client(directory, request, &form)?;
    let principal = principal(request, &application)?;
    let resource = form.resource()?;
    if directory.issuer.authority().resource(&resource).is_none() {
        return Err(OAuthError::UnknownResource { resource, tenant: tenant.display_name.clone() });
    }
    let subject = Subject::of_service_principal(principal).ok_or(OAuthError::Internal)?;
    let token = directory.issuer.issue(&subject, &resource, request.now).map_err(|_signing| OAuthError::Internal)?;
    note_success(request, &subject, &resource);
    let answer = json!({
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME_S,
        "ext_expires_in": TOKEN_LIFETIME_S,
        "access_token": token,
    });
    Ok(Reply::json(StatusCode::OK, &answer).with_header("cache-control", "no-store").with_header("pragma", "no-cache"))
}

/// The application that the form's client is, once its secret fits.
fn client(
    directory: &Directory,
    request: &PublicRequest,
    form: &TokenForm,
) -> Result<Arc<DirectoryObject>, OAuthError> {
    let app_id = Uuid::parse_str(&form.client_id).unwrap_or(Uuid::nil());
    let claimant = Claimant { client: app_id, address: request.request.peer.ip() };
    if let Some(wait_s) = directory.throttle.wait_s(claimant, request.now) {
        return Err(OAuthError::TooManyFailures { wait_s });
    }
    let known = &request.world.directory;
    let application = known.by_app_id(app_id, ObjectKind::Application);
    let fits = holds(directory, application, &form.client_secret, request.now)
        | holds(directory, known.by_app_id(app_id, ObjectKind::ServicePrincipal), &form.client_secret, request.now);
    match application {
        Some(application) if fits => {
            directory.throttle.succeeded(claimant);
            Ok(Arc::clone(application))
        }
        Some(_) => {
            directory.throttle.failed(claimant, request.now);
            Err(OAuthError::WrongSecret { client: form.client_id.clone() })
        }
        None => {
            directory.throttle.failed(claimant, request.now);
            Err(OAuthError::UnknownClient { client: form.client_id.clone() })
        }
    }
}

/// Whether the secret is one of an object's. It is compared for unknown objects too, so that the time taken does not tell
/// them apart.
fn holds(directory: &Directory, object: Option<&Arc<DirectoryObject>>, secret: &str, now: Timestamp) -> bool {
    let id = object.map_or(Uuid::nil(), |object| object.id);
    directory.store.check_client_secret(id, secret, now)
}

/// The service principal by which an application acts here.
fn principal<'a>(request: &'a PublicRequest, application: &DirectoryObject) -> Result<&'a DirectoryObject, OAuthError> {
    let app_id = application.app_id.ok_or(OAuthError::Internal)?;
    let principal = request.world.directory.by_app_id(app_id, ObjectKind::ServicePrincipal);
    let principal = principal.ok_or(OAuthError::NoServicePrincipal { client: app_id })?;
    if !is_enabled(principal) {
        return Err(OAuthError::Disabled { client: app_id });
    }
    Ok(principal)
}

fn note_success(request: &PublicRequest, subject: &Subject, resource: &str) {
    request.record.note(|record| {
        record.outcome = "allowed".into();
        record.credential = "secret".into();
        record.principal_id = Some(subject.oid);
        record.principal_label = Some(subject.app_id.to_string());
        record.reason = Some(format!("signed in for `{resource}`"));
    });
}

fn refused(request: &PublicRequest, error: &OAuthError) -> Failure {
    if error.is_failed_sign_in() {
        request.record.note(|record| {
            record.outcome = "unauthenticated".into();
            record.step = "authentication".into();
        });
    }
    error.failure(request)
}

#[cfg(test)]
mod tests;
