//! Users.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult};
use serde_json::Value;
use store::{CredentialInfo, CredentialKind, CredentialOwner, DirectoryObject, NewCredential, ObjectKind, Row, World};
use uuid::Uuid;

use super::body::{Body, new_object};
use super::error::{bad_request, taken};
use super::{lookup, operations as op, page, reply};
use crate::state::Directory;

/// Entra's limits of a password's length, characters.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;
/// Longest part of a sign-in name before the `@`, characters, as in Entra.
const LOCAL_PART_LIMIT_CHARS: usize = 64;

pub(super) async fn list(_: Arc<Directory>, ask: Authorized<op::ListUsers>) -> HandlerResult {
    page::of_kind(&ask, ObjectKind::User)
}

pub(super) async fn show(_: Arc<Directory>, ask: Authorized<op::ShowUser>) -> HandlerResult {
    reply::shown(&ask, ObjectKind::User)
}

pub(super) async fn create(directory: Arc<Directory>, ask: Authorized<op::CreateUser>) -> HandlerResult {
    let body = Body::checked(&ask.body.0, ObjectKind::User)?;
    body.refuse_security_attributes()?;
    body.required("mailNickname")?;
    body.required_flag("accountEnabled")?;
    let upn = sign_in_name(body.required("userPrincipalName")?, &ask.world)?;
    let password = password(&body)?.ok_or_else(|| bad_request("A password is required in 'passwordProfile'."))?;
    if ask.world.directory.by_upn(&upn).is_some() {
        return Err(taken("userPrincipalName"));
    }
    let object = DirectoryObject { user_principal_name: Some(upn), ..new_object(&body, ask.now)? };
    let credential = password_credential(object.id, password, ask.now);
    reply::created(&directory, &ask, object, vec![Row::PutCredential(credential)]).await
}

pub(super) async fn update(directory: Arc<Directory>, ask: Authorized<op::UpdateUser>) -> HandlerResult {
    let body = Body::checked(&ask.body.0, ObjectKind::User)?;
    let password = password(&body)?;
    let reply = reply::changed(&directory, &ask, ObjectKind::User, |user, world| {
        let mut object = DirectoryObject::clone(user);
        body.lay_over(&mut object.properties);
        body.lay_security_attributes_over(&mut object.properties)?;
        if let Some(name) = body.display_name()? {
            object.display_name = name.to_owned();
        }
        if let Some(upn) = body.text("userPrincipalName")? {
            object.user_principal_name = Some(sign_in_name(upn, world)?);
        }
        Ok(vec![Row::PutObject(object)])
    });
    let reply = reply.await?;
    let Some(password) = password else { return Ok(reply) };
    let id = lookup::named(&ask, ObjectKind::User)?.id;
    let mut rows = old_passwords(id, &ask.world);
    rows.push(Row::PutCredential(password_credential(id, password, ask.now)));
    reply::done(&directory, &ask, rows).await
}

pub(super) async fn delete(directory: Arc<Directory>, ask: Authorized<op::DeleteUser>) -> HandlerResult {
    let id = lookup::named(&ask, ObjectKind::User)?.id;
    reply::done(&directory, &ask, vec![Row::DeleteObject(id)]).await
}

/// A sign-in name at the tenant's own domain: others cannot be proved to be ours.
fn sign_in_name(given: &str, world: &World) -> Result<String, Failure> {
    let domain = world.tenant.as_ref().map_or("", |tenant| tenant.default_domain.as_str());
    let (local, at) = given.rsplit_once('@').unwrap_or((given, ""));
    if !at.eq_ignore_ascii_case(domain) || domain.is_empty() {
        let reason = format!(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization: {domain}."
        );
        return Err(bad_request(reason));
    }
    let sound = !local.is_empty()
        && local.chars().count() <= LOCAL_PART_LIMIT_CHARS
        && local.chars().all(|character| character.is_ascii_alphanumeric() || "'.-_!#^~".contains(character));
    if sound {
        Ok(given.to_owned())
    } else {
        Err(bad_request("Invalid value specified for property 'userPrincipalName' of resource 'User'."))
    }
}

/// The password of a `passwordProfile`.
fn password<'a>(body: &Body<'a>) -> Result<Option<&'a str>, Failure> {
    let Some(profile) = body.get("passwordProfile") else {
        return Ok(None);
    };
    let profile =
        profile.as_object().ok_or_else(|| bad_request("The property 'passwordProfile' must be an object."))?;
    let Some(password) = profile.get("password").and_then(Value::as_str) else {
        return Ok(None);
    };
    if PASSWORD_CHARS.contains(&password.chars().count()) {
        return Ok(Some(password));
    }
    Err(bad_request(
        "The specified password does not comply with password complexity requirements: 8 to 256 characters.",
    ))
}

fn password_credential(user: Uuid, password: &str, now: jiff::Timestamp) -> NewCredential {
    NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Object(user),
        kind: CredentialKind::Password,
        secret: password.to_owned().into(),
        created_at: now,
        expires_at: None,
    }
}

fn old_passwords(user: Uuid, world: &World) -> Vec<Row> {
    let owner = CredentialOwner::Object(user);
    let is_password = |info: &&CredentialInfo| info.kind == CredentialKind::Password;
    let old = world.credentials.of(&owner).filter(is_password);
    old.map(|info| Row::DeleteCredential { owner: owner.clone(), id: info.id }).collect()
}
