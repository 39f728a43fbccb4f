//! Credentials: sealed or hashed before they are written, described without their secret in the audit record.

use std::sync::Arc;

use arm::Scope;
use jiff::Timestamp;
use rbac::KeySlot;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{Work, directory, resource, sign_in};
use crate::change::Change;
use crate::credential::{CredentialInfo, CredentialKind, CredentialOwner, NewCredential, Protected, StoredCredential};
use crate::engine::failed;
use crate::error::{Conflict, StoreError};
use crate::load::{damaged, id as id_column, optional_text, text};
use crate::password;
use crate::seal::{Seals, hex, unhex};

/// Every column, in the order that `read` expects.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT owner_kind, owner_text, id, kind, slot, hint, display_name, created_at, expires_at, digest, password_hash, sealed FROM credential ",
            $rest
        )
    };
}

/// Reads all credentials.
pub(crate) const SELECT_ALL: &str = select!("ORDER BY owner_kind, owner, id");

/// Replaces the secret by what is kept of it.
pub(super) async fn protect(new: NewCredential, seals: &Seals) -> Result<StoredCredential, StoreError> {
    let NewCredential { id, owner, kind, secret, created_at, expires_at } = new;
    let protected = match &kind {
        CredentialKind::ClientSecret { .. } => Protected::Verifier(seals.client_secret(&owner, secret.expose())),
        CredentialKind::Password => Protected::PasswordHash(password::hash(secret).await?),
        CredentialKind::ResourceKey(_) => Protected::SealedAndIndexed {
            sealed: seals.seal(&owner, id, &secret)?,
            index: seals.key_index(secret.expose()),
        },
        CredentialKind::SigningKey | CredentialKind::ConnectionSecret(_) => {
            Protected::Sealed(seals.seal(&owner, id, &secret)?)
        }
    };
    Ok(StoredCredential { info: CredentialInfo { id, owner, kind, created_at, expires_at }, protected })
}

pub(super) async fn put(work: &mut Work<'_>, stored: StoredCredential) -> Result<(), StoreError> {
    check_owner(work, &stored.info).await?;
    if let (CredentialOwner::Object(user), CredentialKind::Password) = (&stored.info.owner, &stored.info.kind) {
        // Who knew the old password may be why there is a new one.
        sign_in::end_all(work, *user).await?;
    }
    let columns = Columns::of(&stored);
    let replaced = sqlx::query(select!("WHERE owner_kind = $1 AND owner = $2 AND (id = $3 OR slot = $4)"))
        .bind(columns.owner_kind)
        .bind(&columns.owner)
        .bind(stored.info.id.to_string())
        .bind(columns.slot)
        .fetch_all(&mut *work.tx)
        .await
        .map_err(failed)?;
    remove(work, &replaced).await?;
    let written = sqlx::query(
        "INSERT INTO credential (owner_kind, owner, id, kind, slot, hint, display_name, created_at, expires_at, digest,
            password_hash, sealed, owner_text)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(columns.owner_kind)
    .bind(&columns.owner)
    .bind(stored.info.id.to_string())
    .bind(columns.kind)
    .bind(columns.slot)
    .bind(columns.hint)
    .bind(columns.display_name)
    .bind(stored.info.created_at.to_string())
    .bind(stored.info.expires_at.map(|time| time.to_string()))
    .bind(columns.digest)
    .bind(columns.password_hash)
    .bind(columns.sealed)
    .bind(owner_text(&stored.info.owner))
    .fetch_optional(&mut *work.tx)
    .await
    .map_err(failed)?;
    if written.is_none() {
        return Err(Conflict::CredentialInUse { id: stored.info.id }.into());
    }
    let row = describe(&stored.info);
    work.touch(&row, None, Some(&row));
    work.changes.push(Change::PutCredential(Arc::new(stored)));
    Ok(())
}

pub(super) async fn delete(work: &mut Work<'_>, owner: &CredentialOwner, id: Uuid) -> Result<(), StoreError> {
    let (owner_kind, owner) = owner_columns(owner);
    let rows = sqlx::query(select!("WHERE owner_kind = $1 AND owner = $2 AND id = $3"))
        .bind(owner_kind)
        .bind(owner)
        .bind(id.to_string())
        .fetch_all(&mut *work.tx)
        .await
        .map_err(failed)?;
    if rows.is_empty() {
        return Err(StoreError::NotFound { what: format!("the credential `{id}`") });
    }
    remove(work, &rows).await
}

/// Deletes all credentials of a directory object.
pub(super) async fn delete_of_object(work: &mut Work<'_>, object: Uuid) -> Result<(), StoreError> {
    let rows = sqlx::query(select!("WHERE owner_kind = 'object' AND owner = $1"))
        .bind(object.to_string())
        .fetch_all(&mut *work.tx)
        .await
        .map_err(failed)?;
    remove(work, &rows).await
}

/// Deletes the keys of every account, and the secrets of every connection, at or below a key.
pub(super) async fn delete_of_resources(
    work: &mut Work<'_>,
    key: &str,
    from: &str,
    to: &str,
) -> Result<(), StoreError> {
    let rows = sqlx::query(select!(
        "WHERE owner_kind IN ('account', 'connection') AND (owner = $1 OR (owner > $2 AND owner < $3))"
    ))
    .bind(key)
    .bind(from)
    .bind(to)
    .fetch_all(&mut *work.tx)
    .await
    .map_err(failed)?;
    remove(work, &rows).await
}

async fn remove(work: &mut Work<'_>, rows: &[AnyRow]) -> Result<(), StoreError> {
    for row in rows {
        let gone = read(row)?;
        let (owner_kind, owner) = owner_columns(&gone.info.owner);
        sqlx::query("DELETE FROM credential WHERE owner_kind = $1 AND owner = $2 AND id = $3")
            .bind(owner_kind)
            .bind(owner)
            .bind(gone.info.id.to_string())
            .execute(&mut *work.tx)
            .await
            .map_err(failed)?;
        let row = describe(&gone.info);
        work.touch(&row, Some(&row), None);
        work.changes.push(Change::RemoveCredential { owner: gone.info.owner, id: gone.info.id });
    }
    Ok(())
}

async fn check_owner(work: &mut Work<'_>, info: &CredentialInfo) -> Result<(), StoreError> {
    match &info.owner {
        CredentialOwner::Server => Ok(()),
        CredentialOwner::Account(place) | CredentialOwner::Connection(place) => {
            let is_there = resource::exists(work, place).await?;
            if is_there { Ok(()) } else { Err(StoreError::ParentNotFound { parent: place.clone() }) }
        }
        CredentialOwner::Object(object) if directory::exists(work, *object).await? => Ok(()),
        CredentialOwner::Object(object) => {
            Err(StoreError::NotFound { what: format!("the directory object `{object}`") })
        }
    }
}

/// The columns that depend on owner and kind.
struct Columns<'a> {
    owner_kind: &'static str,
    owner: String,
    kind: &'static str,
    slot: Option<&'a str>,
    hint: Option<&'a str>,
    display_name: Option<&'a str>,
    digest: Option<String>,
    password_hash: Option<&'a str>,
    sealed: Option<&'a str>,
}

impl<'a> Columns<'a> {
    fn of(stored: &'a StoredCredential) -> Columns<'a> {
        let (owner_kind, owner) = owner_columns(&stored.info.owner);
        let (kind, slot, hint, display_name) = match &stored.info.kind {
            CredentialKind::ClientSecret { hint, display_name } => {
                (CLIENT_SECRET, None, Some(hint.as_str()), display_name.as_deref())
            }
            CredentialKind::Password => (PASSWORD, None, None, None),
            CredentialKind::ResourceKey(slot) => (RESOURCE_KEY, Some(slot.as_str()), None, None),
            CredentialKind::SigningKey => (SIGNING_KEY, None, None, None),
            CredentialKind::ConnectionSecret(member) => (CONNECTION_SECRET, Some(member.as_str()), None, None),
        };
        let (digest, password_hash, sealed) = match &stored.protected {
            Protected::Verifier(digest) => (Some(hex(digest)), None, None),
            Protected::PasswordHash(hash) => (None, Some(hash.as_str()), None),
            Protected::Sealed(sealed) => (None, None, Some(sealed.as_str())),
            Protected::SealedAndIndexed { sealed, index } => (Some(hex(index)), None, Some(sealed.as_str())),
        };
        Columns { owner_kind, owner, kind, slot, hint, display_name, digest, password_hash, sealed }
    }
}

const CLIENT_SECRET: &str = "clientSecret";
const PASSWORD: &str = "password";
const RESOURCE_KEY: &str = "resourceKey";
const SIGNING_KEY: &str = "signingKey";
const CONNECTION_SECRET: &str = "connectionSecret";

/// A row as it was written.
pub(crate) fn read(row: &AnyRow) -> Result<StoredCredential, StoreError> {
    let owner = match text(row, 0)?.as_str() {
        "object" => CredentialOwner::Object(id_column(row, 1)?),
        "account" => CredentialOwner::Account(owner_scope(row)?),
        "connection" => CredentialOwner::Connection(owner_scope(row)?),
        "server" => CredentialOwner::Server,
        _ => return Err(unreadable("owner")),
    };
    let kind = match text(row, 3)?.as_str() {
        CLIENT_SECRET => CredentialKind::ClientSecret {
            hint: optional_text(row, 5)?.unwrap_or_default(),
            display_name: optional_text(row, 6)?,
        },
        PASSWORD => CredentialKind::Password,
        RESOURCE_KEY => CredentialKind::ResourceKey(slot(optional_text(row, 4)?.as_deref())?),
        SIGNING_KEY => CredentialKind::SigningKey,
        CONNECTION_SECRET => {
            CredentialKind::ConnectionSecret(optional_text(row, 4)?.ok_or_else(|| unreadable("slot"))?)
        }
        _ => return Err(unreadable("kind")),
    };
    let digest = optional_text(row, 9)?.map(|digest| unhex(&digest).ok_or_else(|| unreadable("digest"))).transpose()?;
    let protected = match (digest, optional_text(row, 10)?, optional_text(row, 11)?) {
        (Some(digest), None, None) => Protected::Verifier(digest),
        (None, Some(hash), None) => Protected::PasswordHash(hash),
        (None, None, Some(sealed)) => Protected::Sealed(sealed),
        (Some(index), None, Some(sealed)) => Protected::SealedAndIndexed { sealed, index },
        _ => return Err(unreadable("secret")),
    };
    let info = CredentialInfo {
        id: id_column(row, 2)?,
        owner,
        kind,
        created_at: time(&text(row, 7)?)?,
        expires_at: optional_text(row, 8)?.map(|text| time(&text)).transpose()?,
    };
    Ok(StoredCredential { info, protected })
}

fn owner_scope(row: &AnyRow) -> Result<Scope, StoreError> {
    Scope::parse(&text(row, 1)?).map_err(|_| unreadable("owner"))
}

fn owner_columns(owner: &CredentialOwner) -> (&'static str, String) {
    match owner {
        CredentialOwner::Object(id) => ("object", id.to_string()),
        CredentialOwner::Account(scope) => ("account", scope.key().to_owned()),
        CredentialOwner::Connection(scope) => ("connection", scope.key().to_owned()),
        CredentialOwner::Server => ("server", String::new()),
    }
}

/// The owner with letters as they were given.
fn owner_text(owner: &CredentialOwner) -> String {
    match owner {
        CredentialOwner::Account(scope) | CredentialOwner::Connection(scope) => scope.as_str().to_owned(),
        other => owner_columns(other).1,
    }
}

fn describe(info: &CredentialInfo) -> String {
    let (owner_kind, owner) = owner_columns(&info.owner);
    format!("credential {owner_kind} {owner} {}", info.id)
}

fn slot(text: Option<&str>) -> Result<KeySlot, StoreError> {
    [KeySlot::Key1, KeySlot::Key2]
        .into_iter()
        .find(|slot| Some(slot.as_str()) == text)
        .ok_or_else(|| unreadable("slot"))
}

fn time(text: &str) -> Result<Timestamp, StoreError> {
    text.parse().map_err(|_| unreadable("time"))
}

fn unreadable(column: &str) -> StoreError {
    damaged("credential", column)
}
