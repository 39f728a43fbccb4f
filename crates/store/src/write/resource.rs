//! Resources: put with a precondition, delete with everything below.

use std::sync::Arc;

use arm::{Precondition, Resource, Scope};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Upserted, Work, credential, directory};
use crate::change::{Change, assignment};
use crate::engine::failed;
use crate::error::{Conflict, StoreError};
use crate::load::{json, optional_text, parse, text};
use crate::resource_index::{bounds_below, subdomain};
use crate::row::{ACCOUNTS, MANAGEMENT_GROUP_SUBSCRIPTIONS, OPERATION_RESULTS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS};
use crate::world::TenantInfo;

/// How long the record of an operation is kept, milliseconds: a day, far beyond the patience of any client.
const OPERATION_LIFETIME_MS: i64 = 24 * 60 * 60 * 1000;
/// The last character there is, for a range without an end.
const AFTER_ALL: &str = "\u{10ffff}";

pub(super) async fn put(
    work: &mut Work<'_>,
    mut resource: Resource,
    precondition: &Precondition,
) -> Result<(), StoreError> {
    let type_key = checked_type(&resource)?;
    let stored = stored(work, &resource.id).await?;
    check_precondition(&resource.id, precondition, stored.as_ref())?;
    check_parent(work, &resource.id).await?;
    if let Some(old) = &stored {
        resource.system_data.created_at = old.system_data.created_at;
        resource.system_data.created_by.clone_from(&old.system_data.created_by);
        resource.system_data.created_by_type.clone_from(&old.system_data.created_by_type);
    }
    resource.etag = format!("\"{:x}\"", work.version);
    if type_key == MANAGEMENT_GROUP_SUBSCRIPTIONS {
        leave_other_groups(work, &resource.id).await?;
    }
    let body = json(&resource)?;
    write_row(work, &resource, &type_key, &body).await?;
    match type_key.as_str() {
        ACCOUNTS => claim_subdomain(work, &resource).await?,
        ROLE_ASSIGNMENTS => claim_assignment(work, &resource).await?,
        kind if kind.eq_ignore_ascii_case(OPERATION_RESULTS) => drop_old_operations(work, kind, &resource).await?,
        _ => {}
    }
    let before = stored.as_ref().map(json).transpose()?;
    work.touch(&format!("resource {}", resource.id), before.as_deref(), Some(&body));
    // As it would be read back: the world must not know more than the row.
    let resource: Arc<Resource> = Arc::new(parse("resource", &body)?);
    work.changes.push(Change::PutResource(resource.clone()));
    work.resources.push(Upserted { created: stored.is_none(), resource });
    Ok(())
}

pub(super) async fn delete(work: &mut Work<'_>, id: &Scope, precondition: &Precondition) -> Result<(), StoreError> {
    if id.is_root() {
        return Err(StoreError::Invalid { reason: "`/` is no resource".to_owned() });
    }
    let stored = stored(work, id).await?;
    check_precondition(id, precondition, stored.as_ref())?;
    let Some(stored) = stored else {
        return Err(StoreError::NotFound { what: format!("`{id}`") });
    };
    check_role_unused(work, &stored).await?;
    delete_with_below(work, id).await?;
    if id.resource_type().is_some_and(|kind| kind.key() == MANAGEMENT_GROUP_SUBSCRIPTIONS) {
        go_to_root_group(work, stored).await?;
    }
    Ok(())
}

async fn delete_with_below(work: &mut Work<'_>, id: &Scope) -> Result<(), StoreError> {
    let (from, to) = range_below(id);
    let rows = sqlx::query("SELECT body FROM resource WHERE key = $1 OR (key > $2 AND key < $3) ORDER BY key DESC")
        .bind(id.key())
        .bind(&from)
        .bind(&to)
        .fetch_all(&mut *work.tx)
        .await
        .map_err(failed)?;
    for row in &rows {
        let body = text(row, 0)?;
        let resource: Resource = parse("resource", &body)?;
        work.touch(&format!("resource {}", resource.id), Some(&body), None);
        work.changes.push(Change::RemoveResource(Arc::new(resource)));
    }
    credential::delete_of_resources(work, id.key(), &from, &to).await?;
    directory::delete_managed(work, id.key(), &from, &to).await?;
    sqlx::query("DELETE FROM resource WHERE key = $1 OR (key > $2 AND key < $3)")
        .bind(id.key())
        .bind(&from)
        .bind(&to)
        .execute(&mut *work.tx)
        .await
        .map_err(failed)?;
    Ok(())
}

/// The type in lower case; a row whose type is not that of its id would be found under one and permitted under the other.
fn checked_type(resource: &Resource) -> Result<String, StoreError> {
    let stated = resource.resource_type.to_ascii_lowercase();
    match resource.id.resource_type() {
        Some(named) if named.key() == stated => Ok(stated),
        _ => Err(StoreError::Invalid {
            reason: format!("`{}` is not of type `{}`", resource.id, resource.resource_type),
        }),
    }
}

async fn stored(work: &mut Work<'_>, id: &Scope) -> Result<Option<Resource>, StoreError> {
    let row = sqlx::query("SELECT body FROM resource WHERE key = $1")
        .bind(id.key())
        .fetch_optional(&mut *work.tx)
        .await
        .map_err(failed)?;
    row.map(|row| parse("resource", &text(&row, 0)?)).transpose()
}

fn check_precondition(id: &Scope, precondition: &Precondition, stored: Option<&Resource>) -> Result<(), StoreError> {
    let current = stored.map(|resource| resource.etag.clone());
    if precondition.holds(current.as_deref()) {
        return Ok(());
    }
    Err(StoreError::PreconditionFailed { id: id.clone(), current })
}

/// In the transaction, since a parent may be deleted between a request's look-up and its write.
async fn check_parent(work: &mut Work<'_>, id: &Scope) -> Result<(), StoreError> {
    let Some(parent) = id.parent() else {
        return Err(StoreError::Invalid { reason: "`/` is no resource".to_owned() });
    };
    if parent.is_root() || exists(work, &parent).await? {
        return Ok(());
    }
    Err(StoreError::ParentNotFound { parent })
}

/// Whether a resource is stored.
pub(super) async fn exists(work: &mut Work<'_>, id: &Scope) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT key FROM resource WHERE key = $1")
        .bind(id.key())
        .fetch_optional(&mut *work.tx)
        .await
        .map_err(failed)?;
    Ok(row.is_some())
}

async fn write_row(work: &mut Work<'_>, resource: &Resource, type_key: &str, body: &str) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO resource (key, type_key, name_key, etag, body) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (key) DO UPDATE SET etag = excluded.etag, body = excluded.body",
    )
    .bind(resource.id.key())
    .bind(type_key)
    .bind(resource.id.name().to_ascii_lowercase())
    .bind(&resource.etag)
    .bind(body)
    .execute(&mut *work.tx)
    .await
    .map_err(failed)?;
    Ok(())
}

async fn claim_subdomain(work: &mut Work<'_>, account: &Resource) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM subdomain WHERE resource_key = $1")
        .bind(account.id.key())
        .execute(&mut *work.tx)
        .await
        .map_err(failed)?;
    let Some(name) = subdomain(account) else {
        return Ok(());
    };
    let claimed = sqlx::query(
        "INSERT INTO subdomain (name, resource_key) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING name",
    )
    .bind(&name)
    .bind(account.id.key())
    .fetch_optional(&mut *work.tx)
    .await
    .map_err(failed)?;
    claimed.map(|_| ()).ok_or_else(|| Conflict::SubdomainInUse { name }.into())
}

async fn claim_assignment(work: &mut Work<'_>, resource: &Resource) -> Result<(), StoreError> {
    let facts = assignment(resource)?;
    let name = resource.id.name().to_ascii_lowercase();
    let (principal, role) = (facts.principal.to_string(), facts.role.to_string());
    // The name first: a name that is taken says nothing of who holds which role.
    if let Some(id) = holder(
        work,
        "SELECT r.body FROM role_assignment a JOIN resource r ON r.key = a.resource_key
        WHERE a.name_key = $1 AND NOT (a.resource_key = $2 AND a.scope_key = $3 AND a.principal = $4 AND a.role = $5)",
        [&name, resource.id.key(), facts.scope.key(), &principal, &role],
    )
    .await?
    {
        return Err(Conflict::RoleAssignmentNameInUse { id }.into());
    }
    if let Some(id) = holder(
        work,
        "SELECT r.body FROM role_assignment a JOIN resource r ON r.key = a.resource_key
        WHERE a.name_key <> $1 AND a.resource_key <> $2 AND a.scope_key = $3 AND a.principal = $4 AND a.role = $5",
        [&name, resource.id.key(), facts.scope.key(), &principal, &role],
    )
    .await?
    {
        return Err(Conflict::RoleAssignmentExists { id }.into());
    }
    sqlx::query(
        "INSERT INTO role_assignment (resource_key, name_key, scope_key, principal, role) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (resource_key) DO NOTHING",
    )
    .bind(resource.id.key())
    .bind(&name)
    .bind(facts.scope.key())
    .bind(&principal)
    .bind(&role)
    .execute(&mut *work.tx)
    .await
    .map_err(failed)?;
    Ok(())
}

async fn holder(work: &mut Work<'_>, query: &'static str, values: [&str; 5]) -> Result<Option<Scope>, StoreError> {
    let [name, key, scope, principal, role] = values;
    let row = sqlx::query(query)
        .bind(name)
        .bind(key)
        .bind(scope)
        .bind(principal)
        .bind(role)
        .fetch_optional(&mut *work.tx)
        .await
        .map_err(failed)?;
    row.map(|row| parse::<Resource>("resource", &text(&row, 0)?).map(|resource| resource.id)).transpose()
}

/// A subscription is in one management group: put into another, it leaves the one it was in.
async fn leave_other_groups(work: &mut Work<'_>, membership: &Scope) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT body FROM resource WHERE type_key = $1 AND name_key = $2 AND key <> $3")
        .bind(MANAGEMENT_GROUP_SUBSCRIPTIONS)
        .bind(membership.name().to_ascii_lowercase())
        .bind(membership.key())
        .fetch_all(&mut *work.tx)
        .await
        .map_err(failed)?;
    delete_each(work, &rows).await
}

/// Taken out of its management group, a subscription goes to the tenant's root group, where every one begins.
async fn go_to_root_group(work: &mut Work<'_>, membership: Resource) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT tenant FROM world WHERE one = 1").fetch_one(&mut *work.tx).await.map_err(failed)?;
    let Some(tenant) = optional_text(&row, 0)? else { return Ok(()) };
    let root = parse::<TenantInfo>("tenant", &tenant)?.root_group();
    let subscription = Scope::subscription(membership.id.name());
    if !exists(work, &root).await? || !exists(work, &subscription).await? {
        return Ok(());
    }
    let id = root.child("subscriptions", membership.id.name());
    put(work, Resource { id, ..membership }, &Precondition::None).await
}

/// Deletes the resources whose bodies were read, with what is below them.
async fn delete_each(work: &mut Work<'_>, bodies: &[AnyRow]) -> Result<(), StoreError> {
    for row in bodies {
        let old: Resource = parse("resource", &text(row, 0)?)?;
        delete_with_below(work, &old.id).await?;
    }
    Ok(())
}

/// Records of operations are named by their time: a new one drops those that nobody polls any more.
async fn drop_old_operations(work: &mut Work<'_>, type_key: &str, newest: &Resource) -> Result<(), StoreError> {
    let end = newest.system_data.last_modified_at.as_millisecond().saturating_sub(OPERATION_LIFETIME_MS).max(0);
    let digits = format!("{end:012x}");
    let (high, low) = digits.split_at_checked(8).unwrap_or((&digits, ""));
    let rows = sqlx::query("SELECT body FROM resource WHERE type_key = $1 AND name_key < $2")
        .bind(type_key)
        .bind(format!("{high}-{low}"))
        .fetch_all(&mut *work.tx)
        .await
        .map_err(failed)?;
    delete_each(work, &rows).await
}

async fn check_role_unused(work: &mut Work<'_>, resource: &Resource) -> Result<(), StoreError> {
    if !resource.resource_type.eq_ignore_ascii_case(ROLE_DEFINITIONS) {
        return Ok(());
    }
    let row = sqlx::query("SELECT COUNT(*) FROM role_assignment WHERE role = $1")
        .bind(resource.id.name().to_ascii_lowercase())
        .fetch_one(&mut *work.tx)
        .await
        .map_err(failed)?;
    match row.try_get(0).map_err(failed)? {
        0 => Ok(()),
        assignments => Err(Conflict::RoleHasAssignments { id: resource.id.clone(), assignments }.into()),
    }
}

fn range_below(id: &Scope) -> (String, String) {
    let (from, to) = bounds_below(id);
    (from, to.unwrap_or_else(|| AFTER_ALL.to_owned()))
}
