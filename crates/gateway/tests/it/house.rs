//! An account with deployments and a project, in this process: the whole way from a request to its bytes but the port.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use access::{
    App, Authorized, HandlerResult, InferenceJson, ReplyBody, Routes, StandIn, Stored, data_action, operations,
};
use arm::{Map, Precondition, Resource, ResourceIdentity, Scope, SystemData};
use bytes::Bytes;
use egress::Egress;
use gateway::{Gateway, Limits, NoIdentityToken, Outside, Serving, ThroughConnections, Tokens, through_connections};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use identity::{Authority, Issuer, Person, SigningKey, SigningKeys, Subject, Verifier};
use jiff::Timestamp;
use rbac::{KeySlot, Permission, RowKind, Task};
use resources::model_catalog::Catalog;
use serde_json::{Value, json};
use store::journal::{Tail, TailItem};
use store::{
    CredentialKind, CredentialOwner, DirectoryObject, NewCredential, ObjectKind, Row, Store, SystemClock, TenantInfo,
    World,
};
use uuid::Uuid;

pub(crate) const KEY: &str = "a-resource-key-of-these-tests-0123456789";
/// Foundry User at the project `claims`, and nothing else.
pub(crate) const PROJECT_USER: Uuid = Uuid::from_u128(0x11);
/// No role anywhere.
pub(crate) const POWERLESS: Uuid = Uuid::from_u128(0x12);
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const FOUNDRY_USER: &str = "53ca6127-db72-4b80-b1b0-d745d6d5456d";
const URL: &str = "https://localhost:8443";
const TENANT: Uuid = Uuid::from_u128(0x7e);
/// How long a test waits for what must come; a failure, never a measure.
const PATIENCE: Duration = Duration::from_secs(60);

const CATALOG: &str = r#"
    [[model]]
    name = "SmolLM2-135M-Instruct"
    version = "1"
    format = "OpenAI"
    publisher = "HuggingFaceTB"
    runs = { embedded = { file = "SmolLM2-135M-Instruct-Q4_1.gguf" } }

    [[model]]
    name = "Absent"
    version = "1"
    format = "OpenAI"
    runs = { embedded = { file = "absent.gguf" } }

    [[model]]
    name = "Vectors"
    version = "1"
    format = "OpenAI"
    capability = "embeddings"
    runs = { embedded = { file = "absent.safetensors" } }

    [[model]]
    name = "all-MiniLM-L6-v2"
    version = "1"
    format = "HuggingFace"
    capability = "embeddings"
    runs = { embedded = { file = "all-MiniLM-L6-v2/model.safetensors" } }
"#;

operations! {
    /// Responses of a project that need no run: `agents` serves the others.
    [through_connections] ProjectResponses: Post "/accounts/{account}/api/projects/{project}/openai/v1/responses", Project, AGENTS_WRITE, InferenceJson, &[RowKind::DataObject];
}

const AGENTS_WRITE: &[Permission] = data_action!("AIServices/agents/write");

impl ThroughConnections for ProjectResponses {}

async fn respond(serving: Arc<Serving>, request: Authorized<ProjectResponses>) -> HandlerResult {
    gateway::respond(&serving, request).await
}

/// The server of these tests.
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) stand_in: StandIn,
    pub(crate) serving: Arc<Serving>,
    issuer: Issuer,
    dir: tempfile::TempDir,
}

impl House {
    /// A house whose gateway, and so whose model, it shares with other tests.
    pub(crate) async fn new() -> House {
        static SHARED: OnceLock<Arc<Gateway>> = OnceLock::new();
        let roomy = Limits { slots: 2, queue: 100 };
        House::around(Arc::clone(SHARED.get_or_init(|| gateway(roomy)))).await
    }

    /// A house with slots of its own.
    pub(crate) async fn with(limits: Limits) -> House {
        House::around(gateway(limits)).await
    }

    /// A house around a gateway of the test's own.
    pub(crate) async fn around(gateway: Arc<Gateway>) -> House {
        House::open(gateway, None).await
    }

    /// The same, whose connections go out this way.
    pub(crate) async fn reaching(gateway: Arc<Gateway>, egress: Egress) -> House {
        House::open(gateway, Some(egress)).await
    }

    async fn open(gateway: Arc<Gateway>, egress: Option<Egress>) -> House {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let store = Store::open(dir.path(), clock.clone()).await.unwrap();
        furnish(&store).await;
        let authority = Authority::new(URL, TENANT);
        let issuer = Issuer::new(authority.clone(), keys());
        let stand_in = StandIn::new(store.clone(), clock.clone(), None);
        let serving = match egress {
            None => Serving::new(gateway, store.clone()),
            Some(egress) => {
                let tokens = Arc::new(Signed(issuer.clone()));
                Serving::with_connections(
                    gateway,
                    store.clone(),
                    Outside { egress, tokens, stand_in: stand_in.clone() },
                )
            }
        };
        let app = App::builder(store.clone(), Verifier::new(authority, keys()), URL, clock)
            .mount(gateway::routes(Arc::clone(&serving)))
            .mount(Routes::new(Arc::clone(&serving)).on(ProjectResponses, respond))
            .build()
            .unwrap();
        House { app, store, stand_in, serving, issuer, dir }
    }

    /// Adds a deployment of a model of the catalog, without a type and so without a rate.
    pub(crate) async fn deploy(&self, name: &str, model: &str) {
        self.write(vec![serving(name, model)]).await;
    }

    /// Adds a deployment of a type and so many units.
    pub(crate) async fn deploy_as(&self, name: &str, model: &str, sku: &str, capacity: u64) {
        let Row::PutResource { mut resource, precondition } = serving(name, model) else { unreachable!() };
        resource.sku = Some(json!({"name": sku, "capacity": capacity}));
        self.write(vec![Row::PutResource { resource, precondition }]).await;
    }

    /// Adds a limit of the gateway at a place.
    pub(crate) async fn limit(&self, place: &Scope, name: &str, properties: Value) {
        self.write(vec![put(place.extension("Cupola.Gateway", "limits", name), properties)]).await;
    }

    /// Makes a principal a member of a new group.
    pub(crate) async fn group(&self, group: Uuid, member: Uuid) {
        let Row::PutObject(mut object) = principal(group) else { unreachable!() };
        (object.kind, object.app_id) = (ObjectKind::Group, None);
        object.properties = Map::new();
        self.write(vec![Row::PutObject(object), Row::AddMember { group, member }]).await;
    }

    /// Makes another one a member of it.
    pub(crate) async fn join(&self, group: Uuid, member: Uuid) {
        self.write(vec![Row::AddMember { group, member }]).await;
    }

    /// Gives a principal the role of the project's user at a place.
    pub(crate) async fn let_in(&self, principal: Uuid, place: &Scope) {
        self.write(vec![user_of(principal, place)]).await;
    }

    /// Gives a principal everything at a place but data; the first who gets anything there has it already.
    pub(crate) async fn owner(&self, principal: Uuid, place: &Scope) {
        if self.store.world().resources.on(place, "Microsoft.Authorization/roleAssignments").next().is_some() {
            return;
        }
        self.write(vec![assigned(principal, "ServicePrincipal", OWNER, place)]).await;
    }

    /// Denies a data action to a principal, whatever grants it.
    pub(crate) async fn deny(&self, principal: Uuid, place: &Scope, data_action: &str) {
        let properties = json!({
            "denyAssignmentName": "story", "isSystemProtected": false, "scope": place.as_str(),
            "permissions": [{"actions": [], "notActions": [], "dataActions": [data_action], "notDataActions": []}],
            "principals": [{"id": principal, "type": "ServicePrincipal"}], "excludePrincipals": [],
        });
        let id = place.extension("Microsoft.Authorization", "denyAssignments", &Uuid::now_v7().to_string());
        self.write(vec![put(id, properties)]).await;
    }

    /// Makes a user with the role of the project's user at a place; a token of theirs for the project API.
    pub(crate) async fn user(&self, id: Uuid, upn: &str, place: &Scope) -> String {
        let Row::PutObject(object) = principal(id) else { unreachable!() };
        let (kind, user_principal_name) = (ObjectKind::User, Some(upn.to_owned()));
        let user = DirectoryObject { kind, user_principal_name, app_id: None, ..object };
        self.write(vec![Row::PutObject(user.clone()), assigned(id, "User", FOUNDRY_USER, place)]).await;
        let subject = Person::of_user(&user).unwrap().subject(Uuid::from_u128(0x04b0));
        self.issuer.issue(&subject, "https://ai.azure.com", Timestamp::now()).unwrap()
    }

    /// Makes the identity of a resource.
    pub(crate) async fn managed(&self, id: Uuid, resource: &Scope) {
        let Row::PutObject(object) = principal(id) else { unreachable!() };
        let own = Row::PutObject(DirectoryObject { managed_by: Some(resource.clone()), ..object });
        let Some(found) = self.store.world().resources.get(resource).cloned() else {
            return self.write(vec![put(resource.clone(), json!({})), own]).await;
        };
        let mut resource = Resource::clone(&found);
        resource.identity = Some(ResourceIdentity {
            kind: "SystemAssigned".to_owned(),
            principal_id: Some(id),
            ..ResourceIdentity::default()
        });
        self.write(vec![own, Row::PutResource { resource, precondition: Precondition::None }]).await;
    }

    /// Adds a connection at a place, with its secrets.
    pub(crate) async fn connect(&self, place: &Scope, name: &str, properties: Value, secrets: &[(&str, &str)]) {
        let id = place.child("connections", name);
        let mut rows = vec![put(id.clone(), properties)];
        rows.extend(secrets.iter().map(|(member, text)| secret_of(&id, member, text)));
        self.write(rows).await;
    }

    /// Writes a connection again with another secret.
    pub(crate) async fn rotate(&self, connection: &Scope, member: &str, text: &str) {
        let found = Arc::clone(self.store.world().resources.get(connection).unwrap());
        let resource = Resource::clone(&found);
        let again = Row::PutResource { resource, precondition: Precondition::None };
        self.write(vec![again, secret_of(connection, member, text)]).await;
    }

    /// A caller, as one is kept with work that outlives the request.
    pub(crate) fn kept(&self, principal: Uuid) -> Stored {
        serde_json::from_value(json!({"objectId": principal, "tokenId": "a-token"})).unwrap()
    }

    #[allow(clippy::disallowed_methods, reason = "tests make their own permits")]
    async fn write(&self, rows: Vec<Row>) {
        let permit = rbac::for_task(Task::DemoTenant, Uuid::now_v7(), Timestamp::now());
        self.store.write(&permit, rows).await.unwrap();
    }

    /// Whether a text is readable in any file of the data folder.
    pub(crate) fn has_on_disk(&self, text: &str) -> bool {
        let holds = |path: &Path| std::fs::read(path).unwrap().windows(text.len()).any(|part| part == text.as_bytes());
        fn files(folder: &Path) -> Vec<PathBuf> {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
        }
        let files = files(self.dir.path());
        assert!(files.len() > 1, "{files:?}");
        files.iter().any(|path| holds(path))
    }

    /// Sends a request; the answer's body has not been read.
    pub(crate) async fn send(&self, verb: &str, path: &str, credential: &str, body: &str) -> Response<ReplyBody> {
        self.send_with(verb, path, credential, &[], body).await
    }

    /// The same with more headers.
    pub(crate) async fn send_with(
        &self,
        verb: &str,
        path: &str,
        credential: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<ReplyBody> {
        let mut request =
            Request::builder().method(verb).uri(path).header("authorization", format!("Bearer {credential}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Full::new(Bytes::from(body.to_owned())).map_err(|never| match never {}).boxed_unsync();
        self.app.handle(request.body(body).unwrap(), "127.0.0.1:1".parse().unwrap()).await
    }

    /// Sends a request with the resource key; status, headers and JSON.
    pub(crate) async fn ask(&self, verb: &str, path: &str, body: &Value) -> (StatusCode, HeaderMap, Value) {
        let (head, body) = self.send(verb, path, KEY, &body.to_string()).await.into_parts();
        (head.status, head.headers, json_of(body).await)
    }

    /// A chat completion at the account, with the resource key.
    pub(crate) async fn chat(&self, body: &Value) -> (StatusCode, HeaderMap, Value) {
        self.ask("POST", "/accounts/contoso-hr/openai/v1/chat/completions", body).await
    }

    /// A token for the project API.
    pub(crate) fn token(&self, principal: Uuid) -> String {
        self.token_for(principal, "https://ai.azure.com")
    }

    /// A token for an audience.
    pub(crate) fn token_for(&self, principal: Uuid, audience: &str) -> String {
        let world = self.store.world();
        let subject = Subject::of_service_principal(world.directory.object(principal).unwrap()).unwrap();
        self.issuer.issue(&subject, audience, Timestamp::now()).unwrap()
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

    /// Waits until the journal has `count` records.
    pub(crate) async fn records_when(&self, count: usize) -> Vec<Value> {
        let wait = async {
            while self.records().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("the records never came");
        self.records()
    }
}

/// Signs tokens as the server does, of whoever is there.
struct Signed(Issuer);

impl Tokens for Signed {
    fn of_resource(
        &self,
        world: &World,
        resource: &Scope,
        audience: &str,
        now: Timestamp,
    ) -> Result<egress::Secret, NoIdentityToken> {
        let none = || NoIdentityToken::NoIdentity { resource: resource.clone() };
        self.of_principal(world, world.directory.managed_by(resource).ok_or_else(none)?.id, audience, now)
    }

    fn of_principal(
        &self,
        world: &World,
        principal: Uuid,
        audience: &str,
        now: Timestamp,
    ) -> Result<egress::Secret, NoIdentityToken> {
        let object = world.directory.object(principal).ok_or(NoIdentityToken::Unknown { principal })?;
        let subject = Subject::of_service_principal(object).unwrap();
        Ok(egress::Secret::new(self.0.issue(&subject, audience, now).unwrap()))
    }

    fn of_user(
        &self,
        world: &World,
        user: Uuid,
        through: &Scope,
        audience: &str,
        now: Timestamp,
    ) -> Result<egress::Secret, NoIdentityToken> {
        let object = world.directory.object(user).ok_or(NoIdentityToken::Unknown { principal: user })?;
        let person = Person::of_user(object).ok_or(NoIdentityToken::NotAUser { principal: user })?;
        let client = world.directory.managed_by(through).unwrap().app_id.unwrap();
        Ok(egress::Secret::new(self.0.issue(&person.subject(client), audience, now).unwrap()))
    }
}

fn gateway(limits: Limits) -> Arc<Gateway> {
    let models = local_model::default_model_dir();
    let file = models.join("SmolLM2-135M-Instruct-Q4_1.gguf");
    assert!(file.is_file(), "these tests need `{}`: fetch it with `cargo xtask model`", file.display());
    Arc::new(Gateway::new(Catalog::from_toml(CATALOG).unwrap(), &models, limits))
}

pub(crate) async fn json_of(body: ReplyBody) -> Value {
    let bytes = body.collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}

/// The next event of a stream, without `data: `; `None` at its end.
pub(crate) async fn next_event(body: &mut ReplyBody) -> Option<String> {
    let frame = tokio::time::timeout(PATIENCE, body.frame()).await.expect("the event never came")?;
    let bytes = frame.unwrap().into_data().unwrap();
    let text = std::str::from_utf8(&bytes).unwrap();
    Some(text.strip_prefix("data: ").unwrap().strip_suffix("\n\n").unwrap().to_owned())
}

pub(crate) fn user(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

fn keys() -> Arc<SigningKeys> {
    static KEYS: OnceLock<Arc<SigningKeys>> = OnceLock::new();
    let make = || {
        let key = SigningKey::from_pem(&SigningKey::generate_pem().unwrap()).unwrap();
        Arc::new(SigningKeys::of(vec![key]).unwrap())
    };
    Arc::clone(KEYS.get_or_init(make))
}

/// The account of these tests.
pub(crate) fn account() -> Scope {
    let group = Scope::subscription("11111111-1111-4111-8111-111111111111").child("resourceGroups", "rg-hr");
    group.extension("Microsoft.CognitiveServices", "accounts", "contoso-hr")
}

#[allow(clippy::disallowed_methods, reason = "tests make their own permits")]
async fn furnish(store: &Store) {
    let now = Timestamp::now();
    let permit = rbac::for_task(Task::DemoTenant, Uuid::now_v7(), now);
    let mut rows = vec![Row::SetTenant(TenantInfo {
        id: TENANT,
        display_name: "Contoso".to_owned(),
        default_domain: "contoso.com".to_owned(),
    })];
    rows.extend([PROJECT_USER, POWERLESS].map(principal));
    rows.extend(resources());
    rows.push(Row::PutCredential(NewCredential {
        id: Uuid::from_u128(0x51),
        owner: CredentialOwner::Account(account()),
        kind: CredentialKind::ResourceKey(KeySlot::Key1),
        secret: KEY.to_owned().into(),
        created_at: now,
        expires_at: None,
    }));
    store.write(&permit, rows).await.unwrap();
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

fn resources() -> Vec<Row> {
    let account = account();
    let group = account.parent().unwrap();
    let project = account.child("projects", "claims");
    vec![
        put(group.parent().unwrap(), json!({})),
        put(group.clone(), json!({})),
        put(account.clone(), json!({"customSubDomainName": "contoso-hr", "disableLocalAuth": false})),
        serving("chat", "SmolLM2-135M-Instruct"),
        serving("absent", "Absent"),
        serving("retired", "Retired"),
        put(project.clone(), json!({})),
        user_of(PROJECT_USER, &project),
    ]
}

fn user_of(principal: Uuid, place: &Scope) -> Row {
    assigned(principal, "ServicePrincipal", FOUNDRY_USER, place)
}

fn assigned(principal: Uuid, kind: &str, role: &str, place: &Scope) -> Row {
    let assignment = json!({
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "principalId": principal, "principalType": kind, "scope": place.as_str(),
    });
    put(place.extension("Microsoft.Authorization", "roleAssignments", &Uuid::now_v7().to_string()), assignment)
}

fn secret_of(connection: &Scope, member: &str, text: &str) -> Row {
    Row::PutCredential(NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Connection(connection.clone()),
        kind: CredentialKind::ConnectionSecret(member.to_owned()),
        secret: text.to_owned().into(),
        created_at: Timestamp::now(),
        expires_at: None,
    })
}

fn serving(name: &str, model: &str) -> Row {
    put(account().child("deployments", name), json!({"model": {"format": "OpenAI", "name": model, "version": "1"}}))
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
