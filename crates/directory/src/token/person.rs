//! The answer for a person who signed in: access token, id token, refresh token.

use access::{PublicRequest, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use identity::{Person, TOKEN_LIFETIME_S, is_enabled};
use jiff::{SignedDuration, Timestamp};
use rbac::ProtocolPurpose;
use serde_json::{Map, Value, json};
use store::{NewSignIn, Row, Secret, StoreError, World};
use uuid::Uuid;

use super::error::OAuthError;
use super::refresh_token::Named;
use super::{Asked, not_kept, permit};
use crate::sign_in::scope::DelegatedScope;

/// How long a refresh token is good when it is not used: Entra's ninety days.
const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Sign-ins of one person at once, which is machines and tools; a new one beyond it ends the oldest.
const SIGN_INS_PER_PERSON: usize = 64;

/// What a person gets.
pub(super) struct Granted {
    pub(super) person: Person,
    pub(super) client: Uuid,
    pub(super) scope: DelegatedScope,
    pub(super) nonce: Option<String>,
    pub(super) refresh_token: Option<Secret>,
}

/// The person of this id, who must still be here and may sign in.
pub(super) fn find(user: Uuid, world: &World) -> Result<Person, OAuthError> {
    let object = world.directory.object(user).filter(|object| is_enabled(object));
    object.and_then(|object| Person::of_user(object)).ok_or(OAuthError::PersonDisabled)
}

/// From when on a refresh token that is issued now is refused.
pub(super) fn refresh_end(now: Timestamp) -> Timestamp {
    now.saturating_add(REFRESH_LIFETIME).unwrap_or(Timestamp::MAX)
}

/// Keeps a new sign-in, if a refresh token is asked for, and answers.
pub(super) async fn begin(asked: &Asked<'_>, sign_in: Uuid, mut granted: Granted) -> Result<Reply, OAuthError> {
    if granted.scope.with_refresh_token {
        let user = granted.person.oid;
        let token = Named { user, sign_in, generation: 0 }.token().map_err(|_| OAuthError::Internal)?;
        let now = asked.request.now;
        let mut rows = too_many(user, &asked.directory.store.world(), now);
        rows.push(Row::PutSignIn(NewSignIn {
            id: sign_in,
            user,
            client: granted.client,
            resource: granted.scope.resource.clone(),
            token: token.clone(),
            created_at: now,
            expires_at: refresh_end(now),
        }));
        let permit = permit(ProtocolPurpose::BeginSignIn, now);
        asked.directory.store.write(&permit, rows).await.map_err(|error| unwritten(&error))?;
        granted.refresh_token = Some(token);
    }
    answer(asked, &granted)
}

/// The sign-ins that make room for another: those that are over, and the oldest beyond the limit.
fn too_many(user: Uuid, world: &World, now: Timestamp) -> Vec<Row> {
    let mut known: Vec<_> = world.sign_ins.of(user).collect();
    known.sort_by_key(|sign_in| std::cmp::Reverse((sign_in.created_at, sign_in.id)));
    let over = known
        .iter()
        .enumerate()
        .filter(|(newer, sign_in)| sign_in.expires_at <= now || newer + 1 >= SIGN_INS_PER_PERSON);
    over.map(|(_, sign_in)| Row::EndSignIn { user, id: sign_in.id }).collect()
}

/// What a store that did not write means to a client: an ended sign-in, or a reason to try again.
pub(super) fn unwritten(error: &StoreError) -> OAuthError {
    match error {
        StoreError::Conflict(_) | StoreError::NotFound { .. } => OAuthError::SignInEnded,
        other => {
            tracing::error!(error = %other, "a sign-in cannot be kept");
            OAuthError::Internal
        }
    }
}

/// The answer, in Entra's form.
pub(super) fn answer(asked: &Asked<'_>, granted: &Granted) -> Result<Reply, OAuthError> {
    let (issuer, request) = (&asked.directory.issuer, asked.request);
    let Granted { person, client, scope, nonce, refresh_token } = granted;
    let token = issuer.issue(&person.subject(*client), &scope.resource, request.now);
    let mut answer = Map::new();
    let mut put = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    put("token_type", json!("Bearer"));
    put("scope", json!(scope.granted()));
    put("expires_in", json!(TOKEN_LIFETIME_S));
    put("ext_expires_in", json!(TOKEN_LIFETIME_S));
    put("access_token", json!(token.map_err(|_signing| OAuthError::Internal)?));
    if let Some(token) = refresh_token {
        put("refresh_token", json!(token.expose()));
    }
    if scope.with_id_token {
        let token = issuer.issue_id_token(person, *client, nonce.as_deref(), request.now);
        put("id_token", json!(token.map_err(|_signing| OAuthError::Internal)?));
    }
    let client_info = json!({"uid": person.oid, "utid": asked.tenant.id}).to_string();
    put("client_info", json!(URL_SAFE_NO_PAD.encode(client_info)));
    note_success(request, granted);
    Ok(not_kept(Reply::json(StatusCode::OK, &Value::Object(answer))))
}

fn note_success(request: &PublicRequest, granted: &Granted) {
    request.record.note(|record| {
        record.outcome = "allowed".into();
        record.credential = "grant".into();
        record.principal_id = Some(granted.person.oid);
        record.principal_type = Some("User".into());
        record.principal_label = Some(granted.person.upn.as_str().into());
        record.reason = Some(format!("a token for `{}` through `{}`", granted.scope.resource, granted.client));
    });
}
