//! A small tenant and a client for it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use access::{App, BoxError};
use arm::{Precondition, Scope};
use bytes::Bytes;
use control::{AccessLimits, Author, Control, Place, Proposal, Setting, assignment_resource};
use http::Request;
use http_body_util::{BodyExt, Full};
use identity::{Authority, Issuer, SigningKeys, Subject, SubjectKind, Verifier};
use jiff::Timestamp;
use rbac::{DirectoryRole, Permit, PrincipalType, Task, Writes};
use resources::model_catalog::Catalog;
use resources::role_assignments::Wanted;
use resources::subscriptions::Subscription;
use resources::{Draft, Kind, Site};
use serde_json::{Map, Value, json};
use store::{Clock, DirectoryObject, ObjectKind, Row, Store, SystemClock, TenantInfo};
use tempfile::TempDir;
use uuid::Uuid;

use crate::connection_trials::KeyIsGood;

pub(crate) const URL: &str = "https://localhost:8443";
pub(crate) const SUBSCRIPTION: &str = "11111111-1111-1111-1111-111111111111";
pub(crate) const OTHER_SUBSCRIPTION: &str = "22222222-2222-2222-2222-222222222222";
pub(crate) const OWNER: Uuid = Uuid::from_u128(0x8e3a_f657_a8ff_443c_a75c_2fe8_c4bc_b635);
pub(crate) const READER: Uuid = Uuid::from_u128(0xacdd_72a7_3385_48ef_bd42_f606_fba8_1ae7);

const TENANT: Uuid = Uuid::from_u128(7);

/// A tenant with two subscriptions. `admin` is Owner at `/`; `alice`, `bob` and the group `team` (alice is in it) have nothing.
pub(crate) struct Bench {
    pub(crate) app: App,
    pub(crate) store: Store,
    issuer: Issuer,
    _dir: TempDir,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) etag: Option<String>,
    pub(crate) headers: http::HeaderMap,
}

impl Answer {
    /// A header, if it is there.
    pub(crate) fn header_of(&self, name: &str) -> Option<&http::HeaderValue> {
        self.headers.get(name)
    }

    /// A header's text, empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The code of an error.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The names in a list.
    pub(crate) fn names(&self) -> Vec<String> {
        let value = self.body["value"].as_array().unwrap_or_else(|| panic!("not a list: {self:?}"));
        value.iter().map(|one| one["name"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// A clock that says one time for ever.
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The object ids of the tenant's principals; a GUID is its own.
pub(crate) fn id_of(name: &str) -> Uuid {
    Uuid::from_u128(match name {
        "admin" => 0x1001,
        "alice" => 0x1002,
        "bob" => 0x1003,
        "team" => 0x1004,
        "robot" => 0x1005,
        _ => return Uuid::try_parse(name).unwrap_or_else(|_| panic!("nobody is called {name}")),
    })
}

/// What differs between the servers of the tests.
struct Server {
    domain: Option<arm::AccountDomain>,
    clock: Arc<dyn Clock>,
    limits: AccessLimits,
    catalog: Catalog,
}

impl Default for Server {
    fn default() -> Server {
        Server { domain: None, clock: Arc::new(SystemClock), limits: AccessLimits::default(), catalog: catalog("") }
    }
}

impl Bench {
    pub(crate) async fn new() -> Bench {
        Bench::under(None).await
    }

    /// The tenant on a server whose accounts have hosts under `domain`.
    pub(crate) async fn under(domain: Option<arm::AccountDomain>) -> Bench {
        Bench::start(Server { domain, ..Server::default() }).await
    }

    /// The tenant on a server with other limits than Azure's, with the account `acct1`.
    pub(crate) async fn with_limits(limits: AccessLimits) -> Bench {
        Bench::start(Server { limits, ..Server::default() }).await.account_made().await
    }

    /// The tenant on a server whose catalog says this too, with the account `acct1`.
    pub(crate) async fn with_catalog(more: &str) -> Bench {
        Bench::start(Server { catalog: catalog(more), ..Server::default() }).await.account_made().await
    }

    /// The tenant at another time.
    pub(crate) async fn at(now: Timestamp) -> Bench {
        Bench::start(Server { clock: Arc::new(Stopped(now)), ..Server::default() }).await
    }

    async fn start(server: Server) -> Bench {
        let dir = TempDir::new().unwrap();
        let store = Store::open(dir.path(), Arc::clone(&server.clock)).await.unwrap();
        let now = store.now();
        let permit: Permit<Writes> = rbac::for_task(Task::DemoTenant, Uuid::now_v7(), now);
        store.write(&permit, tenant_rows(now)).await.unwrap();
        for (id, name) in [(SUBSCRIPTION, "Finance & Risk"), (OTHER_SUBSCRIPTION, "Retail")] {
            store.write(&permit, subscription(&store, id, name)).await.unwrap();
        }
        Bench::over(store, dir, server).await
    }

    /// The same tenant after the server has stopped and started.
    pub(crate) async fn restarted(self) -> Bench {
        self.store.close().await;
        drop((self.app, self.store, self.issuer));
        let store = Store::open(self._dir.path(), Arc::new(SystemClock)).await.unwrap();
        Bench::over(store, self._dir, Server::default()).await
    }

    async fn over(store: Store, dir: TempDir, server: Server) -> Bench {
        let now = store.now();
        let signing = rbac::for_task(Task::SigningKey, Uuid::now_v7(), now);
        let keys = Arc::new(SigningKeys::load(&store, &signing, now).await.unwrap());
        let authority = Authority::new(URL, TENANT);
        let verifier = Verifier::new(authority.clone(), Arc::clone(&keys));
        let admits = |url: &str| match url.contains(".internal") {
            true => Err("it is not admitted in these tests".to_owned()),
            false => Ok(()),
        };
        let control = Control::new(store.clone(), server.catalog).with_limits(server.limits).with_targets(admits);
        let control = Arc::new(control.with_connection_test(KeyIsGood));
        let app = App::builder(store.clone(), verifier, URL, server.clock)
            .domain(server.domain)
            .mount(control::routes(control))
            .build()
            .unwrap();
        Bench { app, store, issuer: Issuer::new(authority, keys), _dir: dir }
    }

    /// A tenant with the resource group `rg1` and the Foundry account `acct1` in it.
    pub(crate) async fn with_account() -> Bench {
        Bench::new().await.account_made().await
    }

    async fn account_made(self) -> Bench {
        let group = self.put("admin", GROUP, json!({ "location": "local" })).await;
        assert_eq!(group.status, 201, "{group:?}");
        let account = self.put("admin", ACCOUNT, foundry()).await;
        assert_eq!(account.status, 201, "{account:?}");
        self
    }

    pub(crate) fn token(&self, name: &str) -> String {
        let subject = match name {
            "robot" => Subject {
                oid: id_of(name),
                app_id: Uuid::from_u128(0x2005),
                kind: SubjectKind::App,
                managed_resource: None,
            },
            _ => Subject {
                oid: id_of(name),
                app_id: Uuid::from_u128(0x2000),
                kind: SubjectKind::User { upn: format!("{name}@contoso.com") },
                managed_resource: None,
            },
        };
        self.issuer.issue(&subject, &self.issuer.authority().arm_resource(), self.store.now()).unwrap()
    }

    /// Sends a request; `headers` besides the token. The api-version is added.
    pub(crate) async fn send(
        &self,
        who: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let joint = if path.contains('?') { '&' } else { '?' };
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        self.send_raw(who, method, &format!("{path}{joint}api-version=2025-09-01"), headers, bytes).await
    }

    /// Sends a request as it stands.
    pub(crate) async fn send_raw(
        &self,
        who: &str,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        bytes: Bytes,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        if !who.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token(who)));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Full::new(bytes).map_err(|never| -> BoxError { match never {} }).boxed_unsync();
        let response = self.app.handle(request.body(body).unwrap(), SocketAddr::from((Ipv4Addr::LOCALHOST, 1))).await;
        let etag = response.headers().get("etag").map(|etag| etag.to_str().unwrap().to_owned());
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status, body, etag, headers }
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Answer {
        self.send(who, "GET", path, &[], None).await
    }

    pub(crate) async fn put(&self, who: &str, path: &str, body: Value) -> Answer {
        self.send(who, "PUT", path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, who: &str, path: &str, body: Value) -> Answer {
        self.send(who, "PATCH", path, &[], Some(body)).await
    }

    pub(crate) async fn post(&self, who: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(who, "POST", path, &[], body).await
    }

    pub(crate) async fn delete(&self, who: &str, path: &str) -> Answer {
        self.send(who, "DELETE", path, &[], None).await
    }

    /// Assigns a role as the admin and answers the assignment's path.
    pub(crate) async fn grant(&self, whom: &str, role: Uuid, scope: &str) -> String {
        let path = assignment_path(scope, Uuid::new_v4());
        let answer = self.put("admin", &path, assignment_body(role, id_of(whom))).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        path
    }
}

pub(crate) const GROUP: &str = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg1";
pub(crate) const ACCOUNT: &str = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg1/providers/Microsoft.CognitiveServices/accounts/acct1";

/// The body of a Foundry account.
pub(crate) fn foundry() -> Value {
    json!({
        "location": "local", "kind": "AIServices", "sku": { "name": "S0" },
        "properties": { "allowProjectManagement": true },
    })
}

/// The body of a deployment of the catalog's model.
pub(crate) fn deployment() -> Value {
    json!({
        "sku": { "name": "GlobalStandard", "capacity": "10" },
        "properties": { "model": { "format": "HuggingFace", "name": "SmolLM2-135M-Instruct", "version": "1" } },
    })
}

pub(crate) fn account(name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.CognitiveServices/accounts/{name}")
}

pub(crate) fn assignment_path(scope: &str, name: Uuid) -> String {
    format!("{}/providers/Microsoft.Authorization/roleAssignments/{name}", scope.trim_end_matches('/'))
}

pub(crate) fn assignments_at(scope: &str, filter: &str) -> String {
    let filter = filter.replace(' ', "%20").replace('\'', "%27");
    let query = if filter.is_empty() { String::new() } else { format!("?$filter={filter}") };
    format!("{}/providers/Microsoft.Authorization/roleAssignments{query}", scope.trim_end_matches('/'))
}

pub(crate) fn assignment_body(role: Uuid, principal: Uuid) -> Value {
    json!({ "properties": {
        "roleDefinitionId": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "principalId": principal,
    }})
}

fn catalog(more: &str) -> Catalog {
    let model = "[[model]]\nname = \"SmolLM2-135M-Instruct\"\nversion = \"1\"\nformat = \"HuggingFace\"\n\
                 runs = { embedded = { file = \"m.gguf\" } }\n";
    Catalog::from_toml(&format!("{model}{more}")).unwrap()
}

fn tenant_rows(now: Timestamp) -> Vec<Row> {
    let mut rows = vec![Row::SetTenant(TenantInfo {
        id: TENANT,
        display_name: "Contoso".to_owned(),
        default_domain: "contoso.com".to_owned(),
    })];
    for user in ["admin", "alice", "bob"] {
        rows.push(Row::PutObject(object(user, ObjectKind::User, now)));
    }
    rows.push(Row::PutObject(object("team", ObjectKind::Group, now)));
    rows.push(Row::PutObject(object("robot", ObjectKind::ServicePrincipal, now)));
    rows.push(Row::AddMember { group: id_of("team"), member: id_of("alice") });
    rows.push(Row::GrantDirectoryRole(id_of("admin"), DirectoryRole::GlobalAdministrator));
    let owner =
        Wanted { role: OWNER, principal: id_of("admin"), principal_type: None, description: None, condition: None };
    let author = Author::server();
    rows.push(put(assignment_resource(
        &Scope::root(),
        Uuid::from_u128(1),
        &owner,
        PrincipalType::User,
        &author,
        now,
        None,
    )));
    rows
}

fn put(resource: arm::Resource) -> Row {
    Row::PutResource { resource, precondition: Precondition::None }
}

/// A subscription, made as a first start makes one.
fn subscription(store: &Store, id: &str, name: &str) -> Vec<Row> {
    let (world, author) = (store.world(), Author::server());
    let place = Place::of::<Subscription>(&world, &Scope::subscription(id)).unwrap();
    let body = json!({ "properties": { "displayName": name } });
    let draft = Draft::from_json(&body, &place.id, Subscription::TYPE).unwrap();
    let site = Site { public_url: URL, domain: None, tenant_id: TENANT };
    let now = store.now();
    let setting =
        Setting { world: &world, catalog: &catalog(""), targets: &|_: &str| Ok(()), site, author: &author, now };
    Proposal::new::<Subscription>(draft, &place, &setting).unwrap().rows
}

fn object(name: &str, kind: ObjectKind, now: Timestamp) -> DirectoryObject {
    let is_user = kind == ObjectKind::User;
    DirectoryObject {
        id: id_of(name),
        kind,
        display_name: name.to_owned(),
        app_id: (kind == ObjectKind::ServicePrincipal).then(|| Uuid::from_u128(0x2005)),
        user_principal_name: is_user.then(|| format!("{name}@contoso.com")),
        properties: Map::from_iter([("accountEnabled".to_owned(), json!(true))]),
        created_at: now,
        managed_by: None,
    }
}

impl Bench {
    /// Writes rows as the server's own task, past the routes.
    pub(crate) async fn plant(&self, rows: Vec<Row>) {
        let permit: Permit<Writes> = rbac::for_task(Task::DemoTenant, Uuid::now_v7(), self.store.now());
        self.store.write(&permit, rows).await.unwrap();
    }

    /// Plants a resource of any type.
    pub(crate) async fn plant_resource(&self, id: &str, properties: Value) {
        let id = Scope::parse(id).unwrap();
        let mut resource =
            arm::Resource::clone(self.store.world().resources.get(&Scope::subscription(SUBSCRIPTION)).unwrap());
        resource.resource_type = id.resource_type().unwrap().as_str().to_owned();
        resource.name = id.name().to_owned();
        resource.properties = properties.as_object().unwrap().clone();
        resource.id = id;
        self.plant(vec![put(resource)]).await;
    }
}
