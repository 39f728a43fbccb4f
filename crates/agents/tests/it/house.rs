//! An account with a project and a model elsewhere, in this process: the whole way from a request to its bytes but the port. Its data
//! folder outlives it, so that another house can be opened over it.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use access::{App, ReplyBody, StandIn};
use agents::Agents;
use arm::{Map, Precondition, Resource, Scope, SystemData};
use bytes::Bytes;
use egress::{Egress, Secret, Settings};
use gateway::{Gateway, Limits, NoIdentityToken, Serving, Tokens};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use identity::{Authority, Issuer, SigningKey, SigningKeys, Subject, Verifier};
use jiff::Timestamp;
use rbac::{KeySlot, Task};
use resources::model_catalog::Catalog;
use serde_json::{Value, json};
use store::journal::{Tail, TailItem};
use store::{
    CredentialKind, CredentialOwner, DirectoryObject, NewCredential, ObjectKind, Row, Store, SystemClock, TenantInfo,
    World,
};
use uuid::Uuid;

/// Foundry User at the projects `claims` and `other`.
pub(crate) const USER: Uuid = Uuid::from_u128(0x11);
/// Foundry User at the project `claims`, whoever loses that.
pub(crate) const READER: Uuid = Uuid::from_u128(0x13);
/// No role anywhere.
pub(crate) const POWERLESS: Uuid = Uuid::from_u128(0x12);
/// The account's resource key.
pub(crate) const KEY: &str = "a-resource-key-of-these-tests-0123456789";
const FOUNDRY_USER: &str = "53ca6127-db72-4b80-b1b0-d745d6d5456d";
const URL: &str = "https://localhost:8443";
const TENANT: Uuid = Uuid::from_u128(0x7e);
/// How long a test waits for what must come; a failure, never a measure.
const PATIENCE: Duration = Duration::from_secs(60);

/// No tool of these tests shows a token.
struct Nobody;

impl Tokens for Nobody {
    fn of_resource(&self, _: &World, resource: &Scope, _: &str, _: Timestamp) -> Result<Secret, NoIdentityToken> {
        Err(NoIdentityToken::NoIdentity { resource: resource.clone() })
    }

    fn of_principal(&self, _: &World, principal: Uuid, _: &str, _: Timestamp) -> Result<Secret, NoIdentityToken> {
        Err(NoIdentityToken::Unknown { principal })
    }

    fn of_user(&self, _: &World, user: Uuid, _: &Scope, _: &str, _: Timestamp) -> Result<Secret, NoIdentityToken> {
        Err(NoIdentityToken::NotAUser { principal: user })
    }
}

/// The server of these tests.
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) store: Store,
    issuer: Issuer,
}

impl House {
    /// Opens one over a folder, which it furnishes when it is empty; its deployment `far` is at `url`.
    pub(crate) async fn open(folder: &Path, url: &str) -> House {
        let clock = Arc::new(SystemClock);
        let store = Store::open(folder, clock.clone()).await.unwrap();
        if store.world().tenant.is_none() {
            furnish(&store).await;
        }
        let settings = Settings { allowed_targets: vec![url.to_owned()], ..Settings::default() };
        let egress = Egress::new(settings).unwrap();
        let catalog = Catalog::from_toml(&format!(
            "[[model]]\nname = \"Far\"\nversion = \"1\"\nformat = \"OpenAI\"\nrequests_per_unit = 6000\n\
             runs = {{ upstream = {{ name = \"there\", model = \"their/model\" }} }}\n\
             [[upstream]]\nname = \"there\"\nkind = \"openai\"\nbase_url = \"{url}/v1\"\n"
        ));
        let gateway = Gateway::new(catalog.unwrap(), Path::new("/nowhere"), Limits::default());
        let serving = Serving::new(Arc::new(gateway.with_upstreams(&egress).unwrap()), store.clone());
        let authority = Authority::new(URL, TENANT);
        let issuer = Issuer::new(authority.clone(), keys());
        let stand_in = StandIn::new(store.clone(), clock.clone(), None);
        let agents = Agents::new(store.clone(), Arc::clone(&serving), stand_in, egress, Arc::new(Nobody));
        agents::resume(&agents).await;
        let app = App::builder(store.clone(), Verifier::new(authority, keys()), URL, clock)
            .mount(gateway::routes(serving))
            .mount(agents::routes(agents))
            .build()
            .unwrap();
        House { app, store, issuer }
    }

    /// Adds a resource.
    #[allow(clippy::disallowed_methods, reason = "tests make their own permits")]
    pub(crate) async fn add(&self, id: Scope, properties: Value) {
        let permit = rbac::for_task(Task::DemoTenant, Uuid::now_v7(), Timestamp::now());
        self.store.write(&permit, vec![put(id, properties)]).await.unwrap();
    }

    /// Takes the user's role at the project away.
    #[allow(clippy::disallowed_methods, reason = "tests make their own permits")]
    pub(crate) async fn forbid(&self) {
        let permit = rbac::for_task(Task::DemoTenant, Uuid::now_v7(), Timestamp::now());
        let id = assignment("claims", USER);
        self.store.write(&permit, vec![Row::DeleteResource { id, precondition: Precondition::None }]).await.unwrap();
    }

    /// Sends a request as somebody; the answer's body has not been read. `path` is below the project `claims`, unless it is whole.
    pub(crate) async fn send(&self, who: Uuid, verb: &str, path: &str, body: &Value) -> Response<ReplyBody> {
        let path = if path.starts_with("/accounts") {
            path.to_owned()
        } else {
            format!("/accounts/contoso-hr/api/projects/claims{path}")
        };
        self.send_with(&self.token(who), verb, &path, body).await
    }

    /// The same with a token or key.
    pub(crate) async fn send_with(
        &self,
        credential: &str,
        verb: &str,
        path: &str,
        body: &Value,
    ) -> Response<ReplyBody> {
        let request = Request::builder()
            .method(verb)
            .uri(path)
            .header("authorization", format!("Bearer {credential}"))
            .body(Full::new(Bytes::from(body.to_string())).map_err(|never| match never {}).boxed_unsync());
        self.app.handle(request.unwrap(), "127.0.0.1:1".parse().unwrap()).await
    }

    /// Status and JSON of a request of the user's.
    pub(crate) async fn ask(&self, verb: &str, path: &str, body: &Value) -> (u16, Value) {
        self.ask_as(USER, verb, path, body).await
    }

    async fn ask_as(&self, who: Uuid, verb: &str, path: &str, body: &Value) -> (u16, Value) {
        let (head, answer) = self.send(who, verb, path, body).await.into_parts();
        (head.status.as_u16(), json_of(answer).await)
    }

    /// The response to a request that is answered with one.
    pub(crate) async fn respond(&self, body: &Value) -> Value {
        let (status, response) = self.ask("POST", "/openai/v1/responses", body).await;
        assert_eq!(status, 200, "{response}");
        response
    }

    /// The events of a streamed response.
    pub(crate) async fn stream(&self, body: &Value) -> Vec<Value> {
        let mut body = body.clone();
        body["stream"] = json!(true);
        let (head, answer) = self.send(USER, "POST", "/openai/v1/responses", &body).await.into_parts();
        let text = String::from_utf8(answer.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        assert_eq!(
            (head.status.as_u16(), head.headers["content-type"].to_str().unwrap()),
            (200, "text/event-stream; charset=utf-8"),
            "{text}"
        );
        text.split_terminator("\n\n").map(event).collect()
    }

    /// Makes an agent, or another version of it.
    pub(crate) async fn agent(&self, name: &str, definition: Value) -> Value {
        let mut definition = definition;
        definition["kind"] = json!("prompt");
        definition["model"] = json!("far");
        let path = format!("/agents/{name}/versions?api-version=v1");
        let (status, made) = self.ask("POST", &path, &json!({"definition": definition})).await;
        assert_eq!(status, 200, "{made}");
        made
    }

    /// Begins a conversation; its id.
    pub(crate) async fn conversation(&self) -> String {
        let (status, made) = self.ask("POST", "/openai/v1/conversations", &json!({})).await;
        assert_eq!(status, 200, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    /// The texts of a conversation, oldest first.
    pub(crate) async fn said(&self, conversation: &str) -> Vec<String> {
        let path = format!("/openai/v1/conversations/{conversation}/items?order=asc&limit=100");
        let (status, page) = self.ask("GET", &path, &Value::Null).await;
        assert_eq!(status, 200, "{page}");
        texts(&page["data"])
    }

    /// The response when it has ended, as somebody else reads it.
    pub(crate) async fn ended(&self, id: &str) -> Value {
        let wait = async {
            loop {
                let (status, response) =
                    self.ask_as(READER, "GET", &format!("/openai/v1/responses/{id}"), &Value::Null).await;
                assert_eq!(status, 200, "{response}");
                if !["queued", "in_progress"].contains(&response["status"].as_str().unwrap()) {
                    return response;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("the response never ended")
    }

    pub(crate) fn token(&self, principal: Uuid) -> String {
        let world = self.store.world();
        let subject = Subject::of_service_principal(world.directory.object(principal).unwrap()).unwrap();
        self.issuer.issue(&subject, "https://ai.azure.com", Timestamp::now()).unwrap()
    }
}

/// Waits for what must become true.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it never came true");
}

/// The journal's records in a folder.
pub(crate) fn records(folder: &Path) -> Vec<Value> {
    let items = Tail::from_start(folder).unwrap().read().unwrap();
    let text = |item: TailItem| match item {
        TailItem::Record(text) => serde_json::from_str(&text).unwrap(),
        TailItem::Damaged { offset, .. } => panic!("the journal is damaged at {offset}"),
    };
    items.into_iter().map(text).collect()
}

/// The texts of items: of messages what they say, of others their type.
pub(crate) fn texts(items: &Value) -> Vec<String> {
    let text = |item: &Value| match item["type"].as_str().unwrap() {
        "message" => item["content"][0]["text"].as_str().unwrap().to_owned(),
        other => other.to_owned(),
    };
    items.as_array().unwrap().iter().map(text).collect()
}

fn event(text: &str) -> Value {
    let (name, data) = text.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["type"], name);
    data
}

pub(crate) async fn json_of(body: ReplyBody) -> Value {
    let bytes = body.collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
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
    let permit = rbac::for_task(Task::DemoTenant, Uuid::now_v7(), Timestamp::now());
    let mut rows = vec![Row::SetTenant(TenantInfo {
        id: TENANT,
        display_name: "Contoso".to_owned(),
        default_domain: "contoso.com".to_owned(),
    })];
    rows.extend([USER, READER, POWERLESS].map(principal));
    let group = account().parent().unwrap();
    rows.push(put(group.parent().unwrap(), json!({})));
    rows.push(put(group, json!({})));
    rows.push(put(account(), json!({"customSubDomainName": "contoso-hr", "disableLocalAuth": false})));
    rows.push(put(
        account().child("deployments", "far"),
        json!({"model": {"format": "OpenAI", "name": "Far", "version": "1"}}),
    ));
    rows.extend(["claims", "other"].map(|project| put(account().child("projects", project), json!({}))));
    rows.extend([("claims", USER), ("claims", READER), ("other", USER)].map(|(project, who)| user_of(project, who)));
    rows.push(Row::PutCredential(NewCredential {
        id: Uuid::from_u128(0x51),
        owner: CredentialOwner::Account(account()),
        kind: CredentialKind::ResourceKey(KeySlot::Key1),
        secret: KEY.to_owned().into(),
        created_at: Timestamp::now(),
        expires_at: None,
    }));
    store.write(&permit, rows).await.unwrap();
}

fn assignment(project: &str, who: Uuid) -> Scope {
    let name = Uuid::from_u128(who.as_u128() * 100 + project.len() as u128).to_string();
    account().child("projects", project).extension("Microsoft.Authorization", "roleAssignments", &name)
}

fn user_of(project: &str, who: Uuid) -> Row {
    let role = format!("/providers/Microsoft.Authorization/roleDefinitions/{FOUNDRY_USER}");
    let place = account().child("projects", project);
    let properties = json!({"roleDefinitionId": role, "principalId": who, "principalType": "ServicePrincipal", "scope": place.as_str()});
    put(assignment(project, who), properties)
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
