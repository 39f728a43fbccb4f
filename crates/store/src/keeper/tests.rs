//! When the file is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use arm::{Precondition, Resource, Scope};
use rbac::{Permit, Task, Writes};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::clock::SystemClock;
use crate::folder::database_in;
use crate::row::Row;
use crate::store::Store;

#[allow(clippy::disallowed_methods, reason = "the store is tested without the layers that decide")]
fn permit(store: &Store) -> Permit<Writes> {
    rbac::for_task(Task::FirstStart, Uuid::new_v4(), store.now())
}

fn assignments(count: usize) -> Vec<Row> {
    let one = |_| {
        let name = Uuid::new_v4().to_string();
        let id = Scope::root().extension("Microsoft.Authorization", "roleAssignments", &name);
        let at = "2026-11-22T08:00:00Z";
        let by = "ann@contoso.com";
        let resource: Resource = serde_json::from_value(json!({
            "id": id.as_str(), "name": name, "type": "Microsoft.Authorization/roleAssignments",
            "properties": {
                "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{}", Uuid::from_u128(1)),
                "principalId": Uuid::new_v4(), "principalType": "User", "scope": "/",
            },
            "systemData": {
                "createdBy": by, "createdByType": "User", "createdAt": at,
                "lastModifiedBy": by, "lastModifiedByType": "User", "lastModifiedAt": at,
            },
        }))
        .unwrap();
        Row::PutResource { resource, precondition: Precondition::None }
    };
    (0..count).map(one).collect()
}

#[tokio::test]
async fn facts_are_written_when_two_looks_see_the_same_and_only_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Arc::new(SystemClock)).await.unwrap();
    let (keeper, readers) = (Keeper::new(dir.path(), None), Readers::new(database_in(dir.path())));
    let path = access_file_in(dir.path());
    let is_written = || std::fs::remove_file(&path).is_ok();

    store.write(&permit(&store), assignments(WORTH_KEEPING - 1)).await.unwrap();
    assert!(keeper.look(store.world(), &readers).await && keeper.look(store.world(), &readers).await);
    assert!(!is_written(), "too few");
    store.write(&permit(&store), assignments(1)).await.unwrap();
    assert!(keeper.look(store.world(), &readers).await && !is_written(), "they have just changed");
    assert!(keeper.look(store.world(), &readers).await && is_written());
    assert!(keeper.look(store.world(), &readers).await && !is_written(), "they have not changed");

    store.write(&permit(&store), assignments(1)).await.unwrap();
    keeper.close(store.world(), &readers).await;
    assert!(is_written(), "the end does not wait");
    store.write(&permit(&store), assignments(1)).await.unwrap();
    for _ in 0..2 {
        assert!(!keeper.look(store.world(), &readers).await);
    }
    keeper.close(store.world(), &readers).await;
    assert!(!is_written(), "nothing is written into a folder that may be another's");
}
