//! `POST /{tenant}/oauth2/v2.0/token`: a client proves who it is, or brings what its person signed in for, and gets a
//! token. Which roles anybody has is not asked: a principal without any still gets one.

mod authorization_code;
mod device_code;
mod error;
mod form;
mod person;
mod refresh;
mod refresh_token;

use std::sync::Arc;

use access::{Failure, HandlerResult, PublicRequest, Reply};
use http::StatusCode;
use identity::{Subject, TOKEN_LIFETIME_S, is_enabled};
use jiff::Timestamp;
use rbac::{Permit, ProtocolPurpose, Writes};
use serde_json::json;
use store::{DirectoryObject, ObjectKind, TenantInfo};
use uuid::Uuid;

use crate::sign_in::client::Client;
use crate::state::Directory;
use crate::tenant;
use crate::throttle::{Claimant, Who};

pub(crate) use error::OAuthError;
use form::{Grant, TokenForm};

/// Answers a token request.
pub(crate) async fn answer(directory: Arc<Directory>, request: PublicRequest) -> HandlerResult {
    match issue(&directory, &request).await {
        Ok(reply) => Ok(reply),
        Err(error) => Err(refused(&request, &error)),
    }
}

/// A token request that is being answered.
struct Asked<'a> {
    directory: &'a Directory,
    request: &'a PublicRequest,
    tenant: &'a TenantInfo,
    form: &'a TokenForm,
}

async fn issue(directory: &Directory, request: &PublicRequest) -> Result<Reply, OAuthError> {
    let name = request.params.get("tenant").unwrap_or_default();
    let tenant = tenant::named(name, &request.world);
    let tenant = tenant.ok_or_else(|| OAuthError::UnknownTenant { name: name.to_owned() })?;
    let form = TokenForm::read(&request.body, &request.headers)?;
    let asked = Asked { directory, request, tenant, form: &form };
    match form.grant {
        Grant::ClientCredentials => client_credentials(&asked),
        Grant::AuthorizationCode => authorization_code::redeem(&asked).await,
        Grant::DeviceCode => device_code::redeem(&asked).await,
        Grant::RefreshToken => refresh::renew(&asked).await,
    }
}

fn client_credentials(asked: &Asked<'_>) -> Result<Reply, OAuthError> {
    let Asked { directory, request, tenant, form } = asked;
    let application = client(directory, request, form)?;
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
    Ok(not_kept(Reply::json(StatusCode::OK, &answer)))
}

/// A token is for one client, once.
fn not_kept(reply: Reply) -> Reply {
    reply.with_header("cache-control", "no-store").with_header("pragma", "no-cache")
}

/// The client of a person's grant; where it has to prove itself, or tries to, its secret fits.
fn persons_client(asked: &Asked<'_>, needs_secret: impl Fn(&Client) -> bool) -> Result<Client, OAuthError> {
    let found = Client::find(&asked.form.client_id, &asked.request.world)?;
    if asked.form.client_secret.is_some() || needs_secret(&found) {
        if !found.is_registered() {
            return Err(OAuthError::PublicWithSecret { client: found.app_id });
        }
        client(asked.directory, asked.request, asked.form)?;
    }
    Ok(found)
}

/// What a step of a person's sign-in may write: their sign-ins, and nothing else.
#[expect(clippy::disallowed_methods, reason = "the one place where a step of signing in is let through")]
fn permit(purpose: ProtocolPurpose, now: Timestamp) -> Permit<Writes> {
    rbac::for_protocol(purpose, Uuid::now_v7(), now)
}

/// The application that the form's client is, once its secret fits.
fn client(
    directory: &Directory,
    request: &PublicRequest,
    form: &TokenForm,
) -> Result<Arc<DirectoryObject>, OAuthError> {
    let app_id = Uuid::parse_str(&form.client_id).unwrap_or(Uuid::nil());
    let secret = form.client_secret.as_deref().ok_or(OAuthError::NoCredential)?;
    let claimant = Claimant::new(Who::Client(app_id), request.request.peer.ip());
    if let Some(wait_s) = directory.throttle.wait_s(claimant, request.now) {
        return Err(OAuthError::TooManyFailures { wait_s });
    }
    let known = &request.world.directory;
    let application = known.by_app_id(app_id, ObjectKind::Application);
    let fits = holds(directory, application, secret, request.now)
        | holds(directory, known.by_app_id(app_id, ObjectKind::ServicePrincipal), secret, request.now);
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
        record.principal_label = Some(subject.app_id.to_string().into());
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
