//! A small tenant behind the one door, with a caller for each right.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use access::App;
use arm::{Precondition, Resource, Scope, SystemData};
use directory::Directory;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use identity::{Authority, Issuer, SigningKey, SigningKeys, Subject, SubjectKind, Verifier};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rbac::{DirectoryRole, Permit, Task, Writes};
use serde_json::{Map, Value, json};
use store::{
    Clock, CredentialKind, CredentialOwner, DirectoryObject, NewCredential, ObjectKind, Row, Store, TenantInfo,
};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const URL: &str = "https://localhost:8443";
pub(crate) const TENANT: Uuid = Uuid::from_u128(0x7e);
pub(crate) const ADMIN: Uuid = Uuid::from_u128(0x10);
pub(crate) const ADMIN_APP: Uuid = Uuid::from_u128(0xa10);
pub(crate) const ADMIN_SECRET: &str = "admin~secret+with/odd=chars";
pub(crate) const POWERLESS: Uuid = Uuid::from_u128(0x11);
pub(crate) const POWERLESS_APP: Uuid = Uuid::from_u128(0xa11);
pub(crate) const POWERLESS_SECRET: &str = "powerless-secret";
pub(crate) const READER: Uuid = Uuid::from_u128(0x12);
pub(crate) const READER_APP: Uuid = Uuid::from_u128(0xa12);
pub(crate) const USER: Uuid = Uuid::from_u128(0x20);
pub(crate) const USER_NAME: &str = "user@contoso.com";
pub(crate) const USER_PASSWORD: &str = " a pass&phrase=with <odd> chars ";
pub(crate) const MANAGED: Uuid = Uuid::from_u128(0x30);
pub(crate) const MANAGED_APP: Uuid = Uuid::from_u128(0xa30);
pub(crate) const START_S: i64 = 1_800_000_000;

/// A clock that tests turn.
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// The tenant and its door.
pub(crate) struct Contoso {
    pub(crate) app: App,
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) issuer: Issuer,
    pub(crate) verifier: Verifier,
    _folder: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body, where it is JSON; null for a page.
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) text: String,
}

impl Answer {
    /// The code of an error in Graph's envelope.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The message of an error in Graph's envelope.
    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// One property of each element of a list.
    pub(crate) fn each(&self, property: &str) -> Vec<&str> {
        self.body["value"].as_array().unwrap().iter().map(|element| element[property].as_str().unwrap()).collect()
    }

    /// The object id of a created object.
    pub(crate) fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }
}

impl Contoso {
    pub(crate) async fn new() -> Contoso {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(START_S)));
        let store = Store::open(folder.path(), clock.clone()).await.unwrap();
        store.write(&permit(Task::DemoTenant, clock.now()), rows(clock.now())).await.unwrap();
        let keys = Arc::new(SigningKeys::of(vec![SigningKey::from_pem(pem()).unwrap()]).unwrap());
        let authority = Authority::new(URL, TENANT);
        let issuer = Issuer::new(authority.clone(), keys.clone());
        let verifier = Verifier::new(authority, keys);
        let directory = Arc::new(Directory::new(store.clone(), issuer.clone()));
        let app = App::builder(store.clone(), verifier.clone(), URL, clock.clone()).mount(directory::routes(directory));
        Contoso { app: app.build().unwrap(), store, clock, issuer, verifier, _folder: folder }
    }

    pub(crate) fn turn_clock_s(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A Graph token of a service principal.
    pub(crate) fn token(&self, oid: Uuid, app_id: Uuid) -> String {
        let subject = Subject { oid, app_id, kind: SubjectKind::App, managed_resource: None };
        self.issuer.issue(&subject, &format!("{URL}/"), self.clock.now()).unwrap()
    }

    pub(crate) fn admin(&self) -> String {
        self.token(ADMIN, ADMIN_APP)
    }

    /// A Graph token of the user.
    pub(crate) fn user(&self) -> String {
        let kind = SubjectKind::User { upn: "user@contoso.com".to_owned() };
        let subject = Subject { oid: USER, app_id: ADMIN_APP, kind, managed_resource: None };
        self.issuer.issue(&subject, URL, self.clock.now()).unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Answer {
        let peer = SocketAddr::from(([127, 0, 0, 1], 50_000));
        let request = request.map(|bytes| Full::from(bytes).map_err(|never| match never {}).boxed_unsync());
        let (parts, body) = self.app.handle(request, peer).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let is_page = parts.headers.get("content-type").is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
        let body = if bytes.is_empty() || is_page { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body, text }
    }

    /// A request with a bearer token and perhaps a JSON body.
    pub(crate) async fn call(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        let request = request.header("content-type", "application/json");
        self.send(request.body(body.map(|body| body.to_string().into_bytes()).unwrap_or_default()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(&self.admin(), "GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(&self.admin(), "POST", path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(&self.admin(), "PATCH", path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(&self.admin(), "DELETE", path, None).await
    }

    /// A list with a filter, escaped as clients do.
    pub(crate) async fn filtered(&self, collection: &str, filter: &str) -> Answer {
        self.get(&format!("/v1.0/{collection}?$filter={}", escaped(filter))).await
    }

    /// A token request.
    pub(crate) async fn sign_in(&self, tenant: &str, form: &[(&str, &str)]) -> Answer {
        self.submit(&format!("/{tenant}/oauth2/v2.0/token"), form).await
    }

    /// Sends a form.
    pub(crate) async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.submit_with(path, form, &[]).await
    }

    /// Sends a form with more headers.
    pub(crate) async fn submit_with(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method("POST").uri(path);
        request = request.header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(pairs(form).into_bytes()).unwrap()).await
    }

    /// Looks at a page.
    pub(crate) async fn page(&self, path: &str) -> Answer {
        self.send(Request::builder().uri(path).body(Vec::new()).unwrap()).await
    }
}

/// Names and values, escaped, as queries and forms have them.
pub(crate) fn pairs(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&")
}

pub(crate) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

pub(crate) fn account() -> Scope {
    Scope::parse("/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/a").unwrap()
}

/// One key for all tests: making one takes a while.
fn pem() -> &'static str {
    static PEM: OnceLock<String> = OnceLock::new();
    PEM.get_or_init(|| SigningKey::generate_pem().unwrap().to_string())
}

#[allow(clippy::disallowed_methods, reason = "tests make their own permits")]
pub(crate) fn permit(task: Task, now: Timestamp) -> Permit<Writes> {
    rbac::for_task(task, Uuid::now_v7(), now)
}

fn rows(now: Timestamp) -> Vec<Row> {
    let tenant =
        TenantInfo { id: TENANT, display_name: "Contoso".to_owned(), default_domain: "contoso.com".to_owned() };
    let mut rows = vec![Row::SetTenant(tenant)];
    rows.extend(client("admin", ADMIN, ADMIN_APP, ADMIN_SECRET, now));
    rows.extend(client("powerless", POWERLESS, POWERLESS_APP, POWERLESS_SECRET, now));
    rows.extend(client("reader", READER, READER_APP, "reader-secret", now));
    rows.push(Row::GrantDirectoryRole(ADMIN, DirectoryRole::GlobalAdministrator));
    rows.push(Row::GrantDirectoryRole(READER, DirectoryRole::DirectoryReaders));
    let user = object(USER, ObjectKind::User, "Uma User", None, now);
    rows.push(Row::PutObject(DirectoryObject { user_principal_name: Some("user@contoso.com".to_owned()), ..user }));
    rows.push(Row::PutCredential(NewCredential {
        id: Uuid::new_v4(),
        owner: CredentialOwner::Object(USER),
        kind: CredentialKind::Password,
        secret: USER_PASSWORD.to_owned().into(),
        created_at: now,
        expires_at: None,
    }));
    let mut places: Vec<Scope> = account().ancestors().filter(|scope| !scope.is_root()).collect();
    places.reverse();
    rows.extend(places.into_iter().map(|place| resource(place, now)));
    let managed = object(MANAGED, ObjectKind::ServicePrincipal, "a", Some(MANAGED_APP), now);
    rows.push(Row::PutObject(DirectoryObject { managed_by: Some(account()), ..managed }));
    rows
}

fn resource(id: Scope, now: Timestamp) -> Row {
    let system_data = SystemData {
        created_by: "test".to_owned(),
        created_by_type: "Application".to_owned(),
        created_at: now,
        last_modified_by: "test".to_owned(),
        last_modified_by_type: "Application".to_owned(),
        last_modified_at: now,
    };
    let resource = Resource {
        resource_type: id.resource_type().unwrap().as_str().to_owned(),
        name: id.name().to_owned(),
        id,
        location: None,
        kind: None,
        tags: None,
        sku: None,
        identity: None,
        properties: Map::new(),
        etag: String::new(),
        system_data,
    };
    Row::PutResource { resource, precondition: Precondition::None }
}

/// An application, its service principal and a secret.
fn client(name: &str, oid: Uuid, app_id: Uuid, secret: &str, now: Timestamp) -> Vec<Row> {
    let application = Uuid::from_u128(oid.as_u128() + 0xf000);
    vec![
        Row::PutObject(object(application, ObjectKind::Application, name, Some(app_id), now)),
        Row::PutObject(object(oid, ObjectKind::ServicePrincipal, name, Some(app_id), now)),
        Row::PutCredential(NewCredential {
            id: Uuid::new_v4(),
            owner: CredentialOwner::Object(application),
            kind: CredentialKind::ClientSecret { hint: secret[..3].to_owned(), display_name: None },
            secret: secret.to_owned().into(),
            created_at: now,
            expires_at: None,
        }),
    ]
}

fn object(id: Uuid, kind: ObjectKind, name: &str, app_id: Option<Uuid>, now: Timestamp) -> DirectoryObject {
    DirectoryObject {
        id,
        kind,
        display_name: name.to_owned(),
        app_id,
        user_principal_name: None,
        properties: Map::from_iter([("accountEnabled".to_owned(), json!(true))]),
        created_at: now,
        managed_by: None,
    }
}
