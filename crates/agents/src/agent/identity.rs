//! The principal that an agent is: made with it, gone with it, and never another agent's.

use arm::Scope;
use jiff::Timestamp;
use rbac::{Permit, Writes};
use store::{DirectoryObject, Row, Store, StoreError};

use super::Agent;

/// Makes the principal, unless it is there. One that an earlier agent of the name left behind goes.
pub(super) async fn put(
    store: &Store,
    permit: &Permit<Writes>,
    project: &Scope,
    agent: &Agent,
    now: Timestamp,
) -> Result<(), StoreError> {
    let owner = agent.scope(project);
    let mut rows = Vec::new();
    match store.world().directory.managed_by(&owner) {
        Some(found) if found.id == agent.principal_id => return Ok(()),
        Some(left) => rows.push(Row::DeleteObject(left.id)),
        None => {}
    }
    let account = project.parent().map(|account| account.name().to_owned()).unwrap_or_default();
    let shown = format!("{account}/projects/{}/agents/{}", project.name(), agent.name);
    let object = DirectoryObject::managed_identity(agent.principal_id, agent.client_id, shown, &owner, now);
    rows.push(Row::PutObject(object));
    store.write(permit, rows).await.map(drop)
}

/// Removes the principal, if it is there. What it was assigned stays, orphaned, as with every identity.
pub(super) async fn delete(
    store: &Store,
    permit: &Permit<Writes>,
    project: &Scope,
    agent: &Agent,
) -> Result<(), StoreError> {
    let owner = agent.scope(project);
    let Some(id) = store.world().directory.managed_by(&owner).map(|found| found.id) else { return Ok(()) };
    store.write(permit, vec![Row::DeleteObject(id)]).await.map(drop)
}
