//! What an empty data folder is given: a tenant, its first administrator, the key that signs tokens.
//!
//! The only room that writes without a caller, since before it there is none.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use arm::{Map, Precondition, Resource, Scope, SystemData};
use identity::SigningKeys;
use jiff::Timestamp;
use rbac::{DirectoryRole, Permit, PrincipalType, Task, Writes};
use serde_json::json;
use store::{
    CredentialKind, CredentialOwner, DirectoryObject, NewCredential, ObjectKind, Row, Store, TenantInfo, World,
};
use uuid::Uuid;

use crate::files::{PRIVATE, write_whole};

/// The built-in role `Owner`.
const OWNER: Uuid = Uuid::from_u128(0x8e3af657_a8ff_443c_a75c_2fe8c4bcb635);
/// Marks the first administrator's application, whatever it is renamed to.
const ADMIN_TAG: &str = "cupola-first-administrator";
/// Characters of a secret that Graph shows as its hint.
const HINT_CHARS: usize = 3;

/// The tenant to be made.
pub struct Beginning {
    /// The tenant's name, as people see it.
    pub display_name: String,
    /// The domain of its sign-in names.
    pub default_domain: String,
    /// The first administrator's name.
    pub admin_name: String,
    /// The first administrator's client secret.
    pub admin_secret: String,
    /// A second mark beside the administrator's, by which a later start knows what made the tenant.
    pub mark: &'static str,
}

/// The first administrator.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The application's object id: the owner of its secrets.
    pub application: Uuid,
    /// The client id.
    pub app_id: Uuid,
    /// The service principal's object id.
    pub principal: Uuid,
    /// What made the tenant.
    pub mark: String,
}

impl Admin {
    /// The first administrator of a tenant that exists.
    pub fn find(world: &World) -> Option<Admin> {
        let tags = |object: &DirectoryObject| -> Vec<String> {
            let tags = object.properties.get("tags").and_then(serde_json::Value::as_array);
            tags.into_iter().flatten().filter_map(|tag| tag.as_str().map(str::to_owned)).collect()
        };
        let mut applications = world.directory.of_kind(ObjectKind::Application);
        let application = applications.find(|object| tags(object).iter().any(|tag| tag == ADMIN_TAG))?;
        let app_id = application.app_id?;
        let principal = world.directory.by_app_id(app_id, ObjectKind::ServicePrincipal)?;
        let mark = tags(application).into_iter().find(|tag| tag != ADMIN_TAG).unwrap_or_default();
        Some(Admin { application: application.id, app_id, principal: principal.id, mark })
    }
}

/// Makes the tenant in one write, together with the rows that `more` makes for the tenant's id and the administrator's
/// application id; nothing of it is there if any of it fails.
pub async fn begin(
    store: &Store,
    beginning: &Beginning,
    more: impl FnOnce(Uuid, Uuid) -> Vec<Row>,
    now: Timestamp,
) -> Result<()> {
    let tenant = TenantInfo {
        id: Uuid::new_v4(),
        display_name: beginning.display_name.clone(),
        default_domain: beginning.default_domain.clone(),
    };
    let (app_id, application, principal) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    let author = system_data(app_id, now);
    let mut rows = vec![
        Row::SetTenant(tenant.clone()),
        Row::PutObject(admin_object(beginning, ObjectKind::Application, application, app_id, now)),
        Row::PutObject(admin_object(beginning, ObjectKind::ServicePrincipal, principal, app_id, now)),
        Row::PutCredential(client_secret(application, &beginning.admin_secret, now)),
        Row::GrantDirectoryRole(principal, DirectoryRole::GlobalAdministrator),
        put(root_group(&tenant, author.clone())),
        put(owner_at_root(principal, author)),
    ];
    rows.extend(more(tenant.id, app_id));
    store.write(&permit(Task::FirstStart, now), rows).await.context("the tenant cannot be made")?;
    Ok(())
}

/// Rows that a start adds to a tenant that exists.
pub async fn amend(store: &Store, rows: Vec<Row>, now: Timestamp) -> Result<()> {
    store.write(&permit(Task::DemoTenant, now), rows).await.context("the demo tenant cannot be completed")?;
    Ok(())
}

/// The keys that sign tokens; made by the first start, opened by every later one.
pub async fn signing_keys(store: &Store, now: Timestamp) -> Result<Arc<SigningKeys>> {
    let keys = SigningKeys::load(store, &permit(Task::SigningKey, now), now).await;
    keys.map(Arc::new).context("the signing key cannot be opened")
}

/// Makes a new signing key beside those in use; returns its id.
pub async fn rotate_signing_key(store: &Store, keys: &SigningKeys, now: Timestamp) -> Result<String> {
    keys.rotate(store, &permit(Task::SigningKey, now), now).await.context("a new signing key cannot be made")
}

/// Deletes signing keys under which no token can be good any more.
pub async fn prune_signing_keys(store: &Store, keys: &SigningKeys, now: Timestamp) -> Result<()> {
    let gone = keys.prune(store, &permit(Task::SigningKey, now), now).await;
    gone.map(|_| ()).context("an old signing key cannot be deleted")
}

#[expect(clippy::disallowed_methods, reason = "before the first start there is no caller who could be decided on")]
fn permit(task: Task, now: Timestamp) -> Permit<Writes> {
    rbac::for_task(task, Uuid::now_v7(), now)
}

fn admin_object(beginning: &Beginning, kind: ObjectKind, id: Uuid, app_id: Uuid, now: Timestamp) -> DirectoryObject {
    let mut properties = Map::from_iter([("tags".to_owned(), json!([ADMIN_TAG, beginning.mark]))]);
    if kind == ObjectKind::ServicePrincipal {
        properties.insert("accountEnabled".to_owned(), json!(true));
        properties.insert("servicePrincipalType".to_owned(), json!("Application"));
        properties.insert("servicePrincipalNames".to_owned(), json!([app_id]));
    }
    DirectoryObject {
        id,
        kind,
        display_name: beginning.admin_name.clone(),
        app_id: Some(app_id),
        user_principal_name: None,
        properties,
        created_at: now,
        managed_by: None,
    }
}

/// A client secret of an application, without an end: the operator replaces it when they choose to.
pub fn client_secret(application: Uuid, secret: &str, now: Timestamp) -> NewCredential {
    let hint = secret.chars().take(HINT_CHARS).collect();
    NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Object(application),
        kind: CredentialKind::ClientSecret { hint, display_name: Some("first start".to_owned()) },
        secret: secret.to_owned().into(),
        created_at: now,
        expires_at: None,
    }
}

fn root_group(tenant: &TenantInfo, author: SystemData) -> Resource {
    let properties = Map::from_iter([
        ("displayName".to_owned(), json!("Tenant Root Group")),
        ("tenantId".to_owned(), json!(tenant.id)),
    ]);
    Resource::plain(tenant.root_group(), "Microsoft.Management/managementGroups", properties, author)
}

fn owner_at_root(principal: Uuid, author: SystemData) -> Resource {
    let id = Scope::root().extension("Microsoft.Authorization", "roleAssignments", &Uuid::new_v4().to_string());
    let properties = Map::from_iter([
        ("roleDefinitionId".to_owned(), json!(format!("/providers/Microsoft.Authorization/roleDefinitions/{OWNER}"))),
        ("principalId".to_owned(), json!(principal)),
        ("principalType".to_owned(), json!(PrincipalType::ServicePrincipal.as_str())),
        ("scope".to_owned(), json!("/")),
    ]);
    Resource::plain(id, "Microsoft.Authorization/roleAssignments", properties, author)
}

/// The row that makes a new resource.
pub fn put(resource: Resource) -> Row {
    Row::PutResource { resource, precondition: Precondition::MustNotExist }
}

/// Made by the application `app_id`, now.
pub fn system_data(app_id: Uuid, now: Timestamp) -> SystemData {
    let (by, kind) = (app_id.to_string(), "Application".to_owned());
    SystemData {
        created_by: by.clone(),
        created_by_type: kind.clone(),
        created_at: now,
        last_modified_by: by,
        last_modified_by_type: kind,
        last_modified_at: now,
    }
}

/// Writes `operator.env`: the ids that the first administrator signs in with. The secret is the operator's own.
pub fn write_operator_env(store: &Store, data_dir: &Path, public_url: &str) -> Result<()> {
    let world = store.world();
    let (Some(tenant), Some(admin)) = (&world.tenant, Admin::find(&world)) else {
        return Ok(());
    };
    let text = format!(
        "export CUPOLA_URL='{public_url}'\nexport CUPOLA_TENANT_ID='{}'\nexport CUPOLA_ADMIN_CLIENT_ID='{}'\n",
        tenant.id, admin.app_id
    );
    write_whole(&data_dir.join("operator.env"), &text, PRIVATE)
}
