//! Sign-ins: begun, renewed once per refresh token, ended.

use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{Work, directory};
use crate::change::Change;
use crate::engine::failed;
use crate::error::{Conflict, StoreError};
use crate::load::{damaged, id as id_column, text};
use crate::seal::{Digest, Seals, hex, unhex};
use crate::sign_in::{NewSignIn, REPLACED_KEPT, Renewal, SignIn};

/// Every column, in the order that `read` expects.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT user_id, id, client, resource, generation, digest, created_at, expires_at, replaced FROM sign_in ",
            $rest
        )
    };
}

/// Reads all sign-ins.
pub(crate) const SELECT_ALL: &str = select!("ORDER BY user_id, id");

/// A renewal whose token is already a digest.
pub(crate) struct Renewed {
    renewal: Renewal,
    digest: Digest,
}

/// Replaces the token by what is kept of it.
pub(super) fn protect(new: NewSignIn, seals: &Seals) -> SignIn {
    let NewSignIn { id, user, client, resource, token, created_at, expires_at } = new;
    let digest = seals.refresh_token(token.expose());
    SignIn { id, user, client, resource, generation: 0, created_at, expires_at, digest, replaced: Vec::new() }
}

/// Replaces the next token by what is kept of it.
pub(super) fn protect_renewal(renewal: Renewal, seals: &Seals) -> Renewed {
    let digest = seals.refresh_token(renewal.token.expose());
    Renewed { renewal, digest }
}

pub(super) async fn put(work: &mut Work<'_>, sign_in: SignIn) -> Result<(), StoreError> {
    if !directory::exists(work, sign_in.user).await? {
        return Err(StoreError::NotFound { what: format!("the user `{}`", sign_in.user) });
    }
    let written = sqlx::query(
        "INSERT INTO sign_in (user_id, id, client, resource, generation, digest, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(sign_in.user.to_string())
    .bind(sign_in.id.to_string())
    .bind(sign_in.client.to_string())
    .bind(&sign_in.resource)
    .bind(i64::from(sign_in.generation))
    .bind(hex(&sign_in.digest))
    .bind(sign_in.created_at.to_string())
    .bind(sign_in.expires_at.to_string())
    .fetch_optional(&mut *work.tx)
    .await
    .map_err(failed)?;
    if written.is_none() {
        return Err(Conflict::SignInMovedOn { id: sign_in.id }.into());
    }
    let row = describe(sign_in.user, sign_in.id);
    work.touch(&row, None, Some(&state(&sign_in)));
    work.changes.push(Change::PutSignIn(Arc::new(sign_in)));
    Ok(())
}

pub(super) async fn renew(work: &mut Work<'_>, renewed: Renewed) -> Result<(), StoreError> {
    let Renewed { renewal, digest } = renewed;
    let mut sign_in = required(work, renewal.user, renewal.id).await?;
    let next = sign_in.generation.checked_add(1).filter(|_| sign_in.generation == renewal.generation);
    let Some(next) = next else {
        return Err(Conflict::SignInMovedOn { id: renewal.id }.into());
    };
    let before = state(&sign_in);
    (sign_in.generation, sign_in.digest, sign_in.expires_at) = (next, digest, renewal.expires_at);
    sign_in.replaced.insert(0, renewal.replaced_at);
    sign_in.replaced.truncate(REPLACED_KEPT);
    let replaced = sign_in.replaced.iter().map(Timestamp::to_string).collect::<Vec<_>>().join(" ");
    sqlx::query(
        "UPDATE sign_in SET generation = $1, digest = $2, expires_at = $3, replaced = $4 WHERE user_id = $5 AND id = $6",
    )
    .bind(i64::from(next))
    .bind(hex(&digest))
    .bind(sign_in.expires_at.to_string())
    .bind(replaced)
    .bind(sign_in.user.to_string())
    .bind(sign_in.id.to_string())
    .execute(&mut *work.tx)
    .await
    .map_err(failed)?;
    work.touch(&describe(sign_in.user, sign_in.id), Some(&before), Some(&state(&sign_in)));
    work.changes.push(Change::PutSignIn(Arc::new(sign_in)));
    Ok(())
}

pub(super) async fn end(work: &mut Work<'_>, user: Uuid, id: Uuid) -> Result<(), StoreError> {
    let sign_in = required(work, user, id).await?;
    remove(work, &sign_in).await
}

/// Ends all sign-ins of a user.
pub(super) async fn end_all(work: &mut Work<'_>, user: Uuid) -> Result<(), StoreError> {
    let rows = sqlx::query(select!("WHERE user_id = $1"))
        .bind(user.to_string())
        .fetch_all(&mut *work.tx)
        .await
        .map_err(failed)?;
    for row in rows {
        remove(work, &read(&row)?).await?;
    }
    Ok(())
}

async fn remove(work: &mut Work<'_>, sign_in: &SignIn) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sign_in WHERE user_id = $1 AND id = $2")
        .bind(sign_in.user.to_string())
        .bind(sign_in.id.to_string())
        .execute(&mut *work.tx)
        .await
        .map_err(failed)?;
    work.touch(&describe(sign_in.user, sign_in.id), Some(&state(sign_in)), None);
    work.changes.push(Change::RemoveSignIn { user: sign_in.user, id: sign_in.id });
    Ok(())
}

async fn required(work: &mut Work<'_>, user: Uuid, id: Uuid) -> Result<SignIn, StoreError> {
    let row = sqlx::query(select!("WHERE user_id = $1 AND id = $2"))
        .bind(user.to_string())
        .bind(id.to_string())
        .fetch_optional(&mut *work.tx)
        .await
        .map_err(failed)?;
    let row = row.ok_or_else(|| StoreError::NotFound { what: format!("the sign-in `{id}`") })?;
    read(&row)
}

/// A row as it was written.
pub(crate) fn read(row: &AnyRow) -> Result<SignIn, StoreError> {
    let unreadable = |column: &str| damaged("sign-in", column);
    let generation: i64 = row.try_get(4).map_err(failed)?;
    Ok(SignIn {
        user: id_column(row, 0)?,
        id: id_column(row, 1)?,
        client: id_column(row, 2)?,
        resource: text(row, 3)?,
        generation: u32::try_from(generation).map_err(|_| unreadable("generation"))?,
        digest: unhex(&text(row, 5)?).ok_or_else(|| unreadable("digest"))?,
        created_at: text(row, 6)?.parse().map_err(|_| unreadable("created_at"))?,
        expires_at: text(row, 7)?.parse().map_err(|_| unreadable("expires_at"))?,
        replaced: times(&text(row, 8)?).ok_or_else(|| unreadable("replaced"))?,
    })
}

fn times(text: &str) -> Option<Vec<Timestamp>> {
    text.split_ascii_whitespace().map(|time| time.parse().ok()).collect()
}

fn describe(user: Uuid, id: Uuid) -> String {
    format!("signIn {user} {id}")
}

/// What the audit record digests: how far the sign-in has come, and nothing of its token.
fn state(sign_in: &SignIn) -> String {
    format!("{} {} {} {}", sign_in.client, sign_in.generation, sign_in.created_at, sign_in.expires_at)
}
