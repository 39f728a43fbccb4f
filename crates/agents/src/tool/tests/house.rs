//! A project with connections, whose tools may ask the servers of a test.

use std::sync::Arc;

use access::{Plane, Route, StandIn, Stored, Verb};
use arm::{Map, Precondition, Resource, Scope, SystemData};
use egress::{Egress, Secret, Settings};
use gateway::{AgentTag, NoIdentityToken, Tokens};
use jiff::Timestamp;
use rbac::{Permission, Task};
use serde_json::{Value, json};
use store::journal::{Tail, TailItem};
use store::{
    CredentialKind, CredentialOwner, DirectoryObject, NewCredential, ObjectKind, Row, Store, SystemClock, TenantInfo,
    World,
};
use uuid::Uuid;

use super::super::{Asked, Planned, ServerCall, ToolContext, ToolOutcome, offer};

const TENANT: Uuid = Uuid::from_u128(0x7e);
/// Foundry User at the project.
pub(crate) const USER: Uuid = Uuid::from_u128(0x11);
/// May run agents at the project, and use no connection.
pub(crate) const RUNNER: Uuid = Uuid::from_u128(0x12);
/// The agent's own identity: may use connections, and nothing else.
pub(crate) const AGENT: Uuid = Uuid::from_u128(0x13);
const FOUNDRY_USER: &str = "53ca6127-db72-4b80-b1b0-d745d6d5456d";
const RUNS: Uuid = Uuid::from_u128(0xa1);
const CONNECTS: Uuid = Uuid::from_u128(0xa2);
/// Where the runs of these tests come in.
const ROUTE: Route = Route::path(Verb::Post, "/api/projects/{project}/openai/v1/responses", Plane::Project);

/// Says whose token it is instead of signing one.
struct Named;

impl Tokens for Named {
    fn of_resource(&self, _: &World, place: &Scope, audience: &str, _: Timestamp) -> Result<Secret, NoIdentityToken> {
        Ok(Secret::new(format!("token-of-{}-for-{audience}", place.name())))
    }

    fn of_principal(&self, _: &World, id: Uuid, audience: &str, _: Timestamp) -> Result<Secret, NoIdentityToken> {
        Ok(Secret::new(format!("token-of-{id}-for-{audience}")))
    }

    fn of_user(
        &self,
        _: &World,
        user: Uuid,
        through: &Scope,
        audience: &str,
        _: Timestamp,
    ) -> Result<Secret, NoIdentityToken> {
        Ok(Secret::new(format!("token-of-{user}-through-{}-for-{audience}", through.name())))
    }
}

pub(crate) struct House {
    pub(crate) store: Store,
    dir: tempfile::TempDir,
}

impl House {
    pub(crate) async fn new() -> House {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), Arc::new(SystemClock)).await.unwrap();
        let house = House { store, dir };
        house.furnish().await;
        house
    }

    /// What a run of `caller` needs; only `servers` may be asked.
    pub(crate) fn context(&self, caller: Uuid, own: Option<Uuid>, servers: &[&str]) -> ToolContext {
        let allowed_targets = servers.iter().map(|url| (*url).to_owned()).collect();
        let stored = |id: Uuid| serde_json::from_value::<Stored>(json!({"objectId": id, "tokenId": "t"})).unwrap();
        ToolContext {
            egress: Egress::new(Settings { allowed_targets, ..Settings::default() }).unwrap(),
            stand_in: StandIn::new(self.store.clone(), Arc::new(SystemClock), None),
            store: self.store.clone(),
            tokens: Arc::new(Named),
            project: project(),
            caller: stored(caller),
            own: own.map(stored),
            agent: own.map(|id| AgentTag { label: "helper:3".to_owned(), principal: Some(id) }),
            run: "resp_1".to_owned(),
            route: ROUTE,
            permission: Permission::DataAction("Microsoft.CognitiveServices/accounts/AIServices/agents/write".into()),
            request_id: Uuid::from_u128(0x99),
        }
    }

    /// Adds a connection of the project with secrets by member.
    pub(crate) async fn connect(&self, name: &str, auth_type: &str, target: &str, secrets: &[(&str, &str)]) {
        let id = project().child("connections", name);
        let properties = json!({"category": "RemoteTool", "authType": auth_type, "target": target});
        let mut rows = vec![put(id.clone(), properties)];
        for (member, secret) in secrets {
            rows.push(Row::PutCredential(NewCredential {
                id: Uuid::now_v7(),
                owner: CredentialOwner::Connection(id.clone()),
                kind: CredentialKind::ConnectionSecret((*member).to_owned()),
                secret: (*secret).to_owned().into(),
                created_at: Timestamp::now(),
                expires_at: None,
            }));
        }
        self.write(rows).await;
    }

    /// The journal's records so far.
    pub(crate) fn records(&self) -> Vec<Value> {
        let items = Tail::from_start(self.dir.path()).unwrap().read().unwrap();
        let text = |item: TailItem| match item {
            TailItem::Record(text) => serde_json::from_str(&text).unwrap(),
            TailItem::Damaged { offset, .. } => panic!("the journal is damaged at {offset}"),
        };
        items.into_iter().map(text).collect()
    }

    #[allow(clippy::disallowed_methods, reason = "tests make their own permits")]
    async fn write(&self, rows: Vec<Row>) {
        let permit = rbac::for_task(Task::DemoTenant, Uuid::now_v7(), Timestamp::now());
        self.store.write(&permit, rows).await.unwrap();
    }

    async fn furnish(&self) {
        let mut rows = vec![Row::SetTenant(TenantInfo {
            id: TENANT,
            display_name: "Contoso".to_owned(),
            default_domain: "contoso.com".to_owned(),
        })];
        rows.extend([USER, RUNNER, AGENT].map(principal));
        let account = project().parent().unwrap();
        let group = account.parent().unwrap();
        for id in [group.parent().unwrap(), group, account, project()] {
            rows.push(put(id, json!({})));
        }
        rows.push(role(RUNS, "runs", "agents/write"));
        rows.push(role(CONNECTS, "connects", "connections/read"));
        rows.push(assigned(USER, FOUNDRY_USER));
        rows.push(assigned(RUNNER, &RUNS.to_string()));
        rows.push(assigned(AGENT, &CONNECTS.to_string()));
        self.write(rows).await;
    }
}

/// Offers tools, lets the model call one, and makes the call.
pub(crate) async fn call(tools: &[Value], ctx: &ToolContext, function: &str, arguments: &Value) -> ToolOutcome {
    planned(tools, ctx, function, arguments).await.make(tools, ctx).await
}

/// The call that becomes of what the model calls.
pub(crate) async fn planned(tools: &[Value], ctx: &ToolContext, function: &str, arguments: &Value) -> ServerCall {
    let offer = offer(tools, ctx).await.unwrap();
    let arguments = arguments.to_string();
    match offer.plan(&Asked { function, arguments: &arguments, call_id: "call_1", id: Uuid::now_v7() }) {
        Planned::Server(call) => call,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn project() -> Scope {
    let group = Scope::subscription("11111111-1111-4111-8111-111111111111").child("resourceGroups", "rg-hr");
    group.extension("Microsoft.CognitiveServices", "accounts", "contoso-hr").child("projects", "claims")
}

fn principal(id: Uuid) -> Row {
    Row::PutObject(DirectoryObject {
        id,
        kind: ObjectKind::ServicePrincipal,
        display_name: format!("test {id}"),
        app_id: Some(Uuid::from_u128(id.as_u128() + 0x1000)),
        user_principal_name: None,
        properties: Map::from_iter([("accountEnabled".to_owned(), json!(true))]),
        created_at: Timestamp::now(),
        managed_by: None,
    })
}

fn role(id: Uuid, name: &str, data_action: &str) -> Row {
    let data_action = format!("Microsoft.CognitiveServices/accounts/AIServices/{data_action}");
    let place = project().top_resource().unwrap().parent().unwrap();
    let definition = json!({
        "roleName": name, "type": "CustomRole", "description": "", "assignableScopes": [place.as_str()],
        "permissions": [{"actions": [], "notActions": [], "dataActions": [data_action], "notDataActions": []}],
    });
    put(place.extension("Microsoft.Authorization", "roleDefinitions", &id.to_string()), definition)
}

fn assigned(principal: Uuid, role: &str) -> Row {
    let assignment = json!({
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "principalId": principal, "principalType": "ServicePrincipal", "scope": project().as_str(),
    });
    put(project().extension("Microsoft.Authorization", "roleAssignments", &Uuid::now_v7().to_string()), assignment)
}

fn put(id: Scope, properties: Value) -> Row {
    let author = "tests".to_owned();
    let now = Timestamp::from_second(1_763_800_000).unwrap();
    let resource = Resource {
        resource_type: id.resource_type().unwrap().as_str().to_owned(),
        name: id.name().to_owned(),
        location: Some("westeurope".to_owned()),
        id,
        kind: None,
        tags: None,
        sku: None,
        identity: None,
        properties: properties.as_object().unwrap().clone(),
        etag: String::new(),
        system_data: SystemData {
            created_by: author.clone(),
            created_by_type: "Application".to_owned(),
            created_at: now,
            last_modified_by: author,
            last_modified_by_type: "Application".to_owned(),
            last_modified_at: now,
        },
    };
    Row::PutResource { resource, precondition: Precondition::MustNotExist }
}
