//! Directory objects, memberships and directory roles.

use std::sync::Arc;

use arm::Scope;
use rbac::DirectoryRole;
use uuid::Uuid;

use super::{Work, credential, resource, sign_in};
use crate::change::Change;
use crate::directory::{DirectoryObject, ObjectKind};
use crate::engine::failed;
use crate::error::{Conflict, StoreError};
use crate::load::{id as id_column, json, parse, text};
use crate::row::AGENTS;

pub(super) async fn put(work: &mut Work<'_>, mut object: DirectoryObject) -> Result<(), StoreError> {
    let before = stored(work, object.id).await?;
    if let Some(old) = &before {
        if old.kind != object.kind || old.managed_by != object.managed_by {
            return Err(StoreError::Invalid {
                reason: format!("the kind and the manager of `{}` cannot change", object.id),
            });
        }
        object.created_at = old.created_at;
    } else if let Some(manager) = &object.managed_by
        && !resource::exists(work, &keeper(manager)).await?
    {
        return Err(StoreError::ParentNotFound { parent: manager.clone() });
    }
    check_names(work, &object).await?;
    let body = json(&object)?;
    write_row(work, &object, &body).await?;
    work.touch_object(&object, before.as_ref().map(json).transpose()?.as_deref(), Some(&body));
    // As it would be read back: the world must not know more than the row.
    work.changes.push(Change::PutObject(Arc::new(parse("directory object", &body)?)));
    Ok(())
}

/// The resource that must be there for its identity, or that of what it keeps, to be: agents are no resources, their project is one.
fn keeper(manager: &Scope) -> Scope {
    let is_agent = manager.resource_type().is_some_and(|kind| kind.key() == AGENTS);
    manager.parent().filter(|_| is_agent).unwrap_or_else(|| manager.clone())
}

pub(super) async fn delete(work: &mut Work<'_>, id: Uuid) -> Result<(), StoreError> {
    let object = required(work, id).await?;
    unlink_all(work, id).await?;
    credential::delete_of_object(work, id).await?;
    sign_in::end_all(work, id).await?;
    // Memberships and directory roles go with the row.
    sqlx::query("DELETE FROM directory_object WHERE id = $1")
        .bind(id.to_string())
        .execute(&mut *work.tx)
        .await
        .map_err(failed)?;
    work.touch_object(&object, Some(&json(&object)?), None);
    work.changes.push(Change::RemoveObject(Arc::new(object)));
    Ok(())
}

/// Deletes the managed identities of a resource and of everything below it.
pub(super) async fn delete_managed(work: &mut Work<'_>, key: &str, from: &str, to: &str) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT id FROM directory_object WHERE manager_key = $1 OR (manager_key > $2 AND manager_key < $3)",
    )
    .bind(key)
    .bind(from)
    .bind(to)
    .fetch_all(&mut *work.tx)
    .await
    .map_err(failed)?;
    for row in rows {
        delete(work, id_column(&row, 0)?).await?;
    }
    Ok(())
}

pub(super) async fn add_member(work: &mut Work<'_>, group: Uuid, member: Uuid) -> Result<(), StoreError> {
    let target = required(work, group).await?;
    let object = required(work, member).await?;
    if target.kind != ObjectKind::Group || object.kind == ObjectKind::Application || group == member {
        return Err(StoreError::Invalid { reason: format!("`{member}` cannot be a member of `{group}`") });
    }
    let added = sqlx::query(
        "INSERT INTO membership (group_id, member_id) VALUES ($1, $2) ON CONFLICT (group_id, member_id) DO NOTHING
         RETURNING group_id",
    )
    .bind(group.to_string())
    .bind(member.to_string())
    .fetch_optional(&mut *work.tx)
    .await
    .map_err(failed)?;
    if added.is_some() {
        let row = membership(group, member);
        work.touch(&row, None, Some(&row));
        work.changes.push(Change::AddMember { group, member });
    }
    Ok(())
}

pub(super) async fn remove_member(work: &mut Work<'_>, group: Uuid, member: Uuid) -> Result<(), StoreError> {
    let removed = sqlx::query("DELETE FROM membership WHERE group_id = $1 AND member_id = $2 RETURNING group_id")
        .bind(group.to_string())
        .bind(member.to_string())
        .fetch_optional(&mut *work.tx)
        .await
        .map_err(failed)?;
    if removed.is_none() {
        return Err(StoreError::NotFound { what: format!("the membership of `{member}` in `{group}`") });
    }
    let row = membership(group, member);
    work.touch(&row, Some(&row), None);
    work.changes.push(Change::RemoveMember { group, member });
    Ok(())
}

pub(super) async fn grant(work: &mut Work<'_>, principal: Uuid, role: DirectoryRole) -> Result<(), StoreError> {
    required(work, principal).await?;
    let granted = sqlx::query(
        "INSERT INTO directory_role (principal, role) VALUES ($1, $2) ON CONFLICT (principal, role) DO NOTHING
         RETURNING principal",
    )
    .bind(principal.to_string())
    .bind(role.template_id().to_string())
    .fetch_optional(&mut *work.tx)
    .await
    .map_err(failed)?;
    if granted.is_some() {
        let row = held_role(principal, role);
        work.touch(&row, None, Some(&row));
        work.changes.push(Change::GrantDirectoryRole(principal, role));
    }
    Ok(())
}

/// Whether a directory object is stored.
pub(super) async fn exists(work: &mut Work<'_>, id: Uuid) -> Result<bool, StoreError> {
    Ok(stored(work, id).await?.is_some())
}

async fn stored(work: &mut Work<'_>, id: Uuid) -> Result<Option<DirectoryObject>, StoreError> {
    let row = sqlx::query("SELECT body FROM directory_object WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&mut *work.tx)
        .await
        .map_err(failed)?;
    row.map(|row| parse("directory object", &text(&row, 0)?)).transpose()
}

async fn required(work: &mut Work<'_>, id: Uuid) -> Result<DirectoryObject, StoreError> {
    stored(work, id).await?.ok_or_else(|| StoreError::NotFound { what: format!("the directory object `{id}`") })
}

async fn check_names(work: &mut Work<'_>, object: &DirectoryObject) -> Result<(), StoreError> {
    if let Some(name) = &object.user_principal_name {
        let row = sqlx::query("SELECT id FROM directory_object WHERE upn_key = $1 AND id <> $2")
            .bind(name.to_lowercase())
            .bind(object.id.to_string())
            .fetch_optional(&mut *work.tx)
            .await
            .map_err(failed)?;
        if row.is_some() {
            return Err(Conflict::UserPrincipalNameInUse { name: name.clone() }.into());
        }
    }
    if let Some(app_id) = object.app_id {
        let row = sqlx::query("SELECT id FROM directory_object WHERE app_id = $1 AND kind = $2 AND id <> $3")
            .bind(app_id.to_string())
            .bind(object.kind.text())
            .bind(object.id.to_string())
            .fetch_optional(&mut *work.tx)
            .await
            .map_err(failed)?;
        if row.is_some() {
            return Err(Conflict::AppIdInUse { app_id }.into());
        }
    }
    Ok(())
}

async fn write_row(work: &mut Work<'_>, object: &DirectoryObject, body: &str) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO directory_object (id, kind, upn_key, app_id, manager_key, body) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET upn_key = excluded.upn_key, app_id = excluded.app_id, body = excluded.body",
    )
    .bind(object.id.to_string())
    .bind(object.kind.text())
    .bind(object.user_principal_name.as_deref().map(str::to_lowercase))
    .bind(object.app_id.map(|id| id.to_string()))
    .bind(object.managed_by.as_ref().map(|scope| scope.key().to_owned()))
    .bind(body)
    .execute(&mut *work.tx)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Notes the end of every membership and directory role of an object that is about to go.
async fn unlink_all(work: &mut Work<'_>, id: Uuid) -> Result<(), StoreError> {
    let links = sqlx::query("SELECT group_id, member_id FROM membership WHERE group_id = $1 OR member_id = $1")
        .bind(id.to_string())
        .fetch_all(&mut *work.tx)
        .await
        .map_err(failed)?;
    for link in links {
        let (group, member) = (id_column(&link, 0)?, id_column(&link, 1)?);
        let row = membership(group, member);
        work.touch(&row, Some(&row), None);
        work.changes.push(Change::RemoveMember { group, member });
    }
    let roles = sqlx::query("SELECT role FROM directory_role WHERE principal = $1")
        .bind(id.to_string())
        .fetch_all(&mut *work.tx)
        .await
        .map_err(failed)?;
    for row in roles {
        if let Some(role) = DirectoryRole::from_template_id(id_column(&row, 0)?) {
            let row = held_role(id, role);
            work.touch(&row, Some(&row), None);
            work.changes.push(Change::RevokeDirectoryRole(id, role));
        }
    }
    Ok(())
}

fn membership(group: Uuid, member: Uuid) -> String {
    format!("membership {group} {member}")
}

fn held_role(principal: Uuid, role: DirectoryRole) -> String {
    format!("directoryRole {principal} {}", role.template_id())
}
