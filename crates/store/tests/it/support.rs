//! A folder, a clock, permits and sample rows.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;

use arm::{Precondition, Resource, Scope, SystemData};
use jiff::{SignedDuration, Timestamp};
use rbac::{Ask, Attributes, Mode, Permission, Permit, PrincipalType, RowKind, Task, VerifiedPrincipal, Writes};
use serde_json::{Value, json};
use store::{Clock, DataChange, DataKey, DataPrecondition, DirectoryObject, NewDataObject, ObjectKind, Row, Store};
use store::{StoreError, Written};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const SUBSCRIPTION: &str = "11111111-1111-4111-8111-111111111111";

/// A clock that stands still until it is moved.
pub(crate) struct TestClock(Mutex<Timestamp>);

impl TestClock {
    pub(crate) fn new() -> Arc<TestClock> {
        Arc::new(TestClock(Mutex::new("2026-11-22T08:00:00.123456789Z".parse().unwrap())))
    }

    pub(crate) fn advance_s(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A store in a folder of its own.
pub(crate) struct Fixture {
    pub(crate) dir: TempDir,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: Store,
}

impl Fixture {
    pub(crate) async fn new() -> Fixture {
        let dir = tempfile::tempdir().unwrap();
        let clock = TestClock::new();
        let store = Store::open(dir.path(), clock.clone()).await.unwrap();
        Fixture { dir, clock, store }
    }

    /// With a subscription and a resource group `rg`.
    pub(crate) async fn with_group() -> Fixture {
        let fixture = Fixture::new().await;
        fixture.write(vec![put(resource(subscription().as_str())), put(resource(group("rg").as_str()))]).await.unwrap();
        fixture
    }

    /// With an account `a`, its projects `p` and `q`, and Ann who may use them.
    pub(crate) async fn with_projects() -> Fixture {
        let fixture = Fixture::new().await;
        fixture.write(data_rows()).await.unwrap();
        fixture
    }

    pub(crate) async fn write(&self, rows: Vec<Row>) -> Result<Written, StoreError> {
        self.store.write(&server_permit(self.clock.now()), rows).await
    }

    /// Closes and opens again.
    pub(crate) async fn reopen(&mut self) {
        self.store.close().await;
        self.store = Store::open(self.dir.path(), self.clock.clone()).await.unwrap();
    }
}

#[allow(clippy::disallowed_methods, reason = "the store is tested without the layers that decide")]
pub(crate) fn server_permit(now: Timestamp) -> Permit<Writes> {
    rbac::for_task(Task::FirstStart, Uuid::new_v4(), now)
}

/// The role `Foundry User`, which has the data actions.
const FOUNDRY_USER: &str = "53ca6127-db72-4b80-b1b0-d745d6d5456d";
/// Ann, who has that role.
pub(crate) const ANN: Uuid = Uuid::from_u128(0xa);

/// An account `a` with the projects `p` and `q`, all of which Ann may use.
pub(crate) fn data_rows() -> Vec<Row> {
    let ann = DirectoryObject { id: ANN, ..user("ann") };
    vec![
        put(resource(subscription().as_str())),
        put(resource(group("rg").as_str())),
        put(resource(account("a").as_str())),
        put(resource(project("p").as_str())),
        put(resource(project("q").as_str())),
        Row::PutObject(ann),
        put(assignment(&subscription(), Uuid::from_u128(0xa1), ANN, FOUNDRY_USER)),
    ]
}

pub(crate) fn project(name: &str) -> Scope {
    account("a").child("projects", name)
}

/// What Ann is let through for at a place, now.
pub(crate) fn data_permit<M: Mode>(store: &Store, at: &Scope) -> Permit<M> {
    data_permit_for(store, at, &[RowKind::DataObject])
}

#[allow(clippy::disallowed_methods, reason = "the store is tested without the layers that decide")]
pub(crate) fn data_permit_for<M: Mode>(store: &Store, at: &Scope, rows: &'static [RowKind]) -> Permit<M> {
    let label = "ann@contoso.com".to_owned();
    let ann = VerifiedPrincipal::verified(Uuid::nil(), ANN, PrincipalType::User, label, String::new());
    let permission = Permission::DataAction("Microsoft.CognitiveServices/accounts/OpenAI/responses/write".into());
    let ask = Ask {
        decision_id: Uuid::new_v4(),
        permission: &permission,
        scope: at,
        rows,
        attributes: &Attributes::default(),
        now: store.now(),
    };
    rbac::decide(&ann, &ask, &store.world().access).unwrap()
}

pub(crate) fn new_object(key: DataKey, body: Value) -> NewDataObject {
    NewDataObject { key, precondition: DataPrecondition::Any, expires_at: None, body }
}

pub(crate) fn put_object(key: DataKey, body: Value) -> DataChange {
    DataChange::Put(new_object(key, body))
}

pub(crate) fn subscription() -> Scope {
    Scope::subscription(SUBSCRIPTION)
}

pub(crate) fn group(name: &str) -> Scope {
    subscription().child("resourceGroups", name)
}

pub(crate) fn account(name: &str) -> Scope {
    group("rg").extension("Microsoft.CognitiveServices", "accounts", name)
}

pub(crate) fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

pub(crate) fn resource(id: &str) -> Resource {
    let id = scope(id);
    let time = Timestamp::from_second(1_700_000_000).unwrap();
    Resource {
        resource_type: id.resource_type().unwrap().as_str().to_owned(),
        name: id.name().to_owned(),
        id,
        location: None,
        kind: None,
        tags: None,
        sku: None,
        identity: None,
        properties: arm::Map::new(),
        etag: String::new(),
        system_data: SystemData {
            created_by: "ann@contoso.com".to_owned(),
            created_by_type: "User".to_owned(),
            created_at: time,
            last_modified_by: "ann@contoso.com".to_owned(),
            last_modified_by_type: "User".to_owned(),
            last_modified_at: time,
        },
    }
}

pub(crate) fn with_properties(mut resource: Resource, properties: Value) -> Resource {
    resource.properties = properties.as_object().unwrap().clone();
    resource
}

pub(crate) fn account_with_subdomain(name: &str, subdomain: &str) -> Resource {
    with_properties(resource(account(name).as_str()), json!({"customSubDomainName": subdomain}))
}

/// The role `Reader`, which every tenant has.
pub(crate) const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
/// The role `Owner`.
pub(crate) const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

pub(crate) fn assignment(at: &Scope, name: Uuid, principal: Uuid, role: &str) -> Resource {
    let id = at.extension("Microsoft.Authorization", "roleAssignments", &name.to_string());
    with_properties(
        resource(id.as_str()),
        json!({
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
            "principalId": principal,
            "principalType": "User",
            "scope": at.as_str(),
        }),
    )
}

pub(crate) fn put(resource: Resource) -> Row {
    Row::PutResource { resource, precondition: Precondition::None }
}

pub(crate) fn delete(id: &Scope) -> Row {
    Row::DeleteResource { id: id.clone(), precondition: Precondition::None }
}

pub(crate) fn object(kind: ObjectKind, name: &str) -> DirectoryObject {
    DirectoryObject {
        id: Uuid::new_v4(),
        kind,
        display_name: name.to_owned(),
        app_id: None,
        user_principal_name: None,
        properties: serde_json::Map::new(),
        created_at: Timestamp::from_second(1_700_000_000).unwrap(),
        managed_by: None,
    }
}

pub(crate) fn user(name: &str) -> DirectoryObject {
    DirectoryObject { user_principal_name: Some(format!("{name}@contoso.com")), ..object(ObjectKind::User, name) }
}

/// The files of a folder, at any depth.
pub(crate) fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                files(&path).into_iter().map(|file| format!("{name}/{file}")).collect()
            } else {
                vec![name]
            }
        })
        .collect();
    names.sort();
    names
}
