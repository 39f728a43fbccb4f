//! The demo tenant in this process: the whole server but its port.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use access::{App, ReplyBody, RequestBody};
use arm::{Map, Precondition, Resource, Scope};
use bytes::Bytes;
use directory::{ManagedIdentities, managed_identity_routes};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use identity::{Issuer, Subject, Verifier};
use jiff::Timestamp;
use rbac::{DirectoryRole, Task};
use serde_json::{Value, json};
use server::assemble::{self, Assembled};
use server::config::Config;
use server::{demo, first_start};
use store::{DirectoryObject, ObjectKind, Row, Store, SystemClock};
use uuid::Uuid;

const URL: &str = "https://localhost:8443";
/// Where the requests come from.
const PEER: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1));

/// The demo tenant behind its one door.
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) store: Store,
    issuer: Issuer,
    verifier: Verifier,
    _dir: tempfile::TempDir,
}

impl House {
    pub(crate) async fn demo() -> House {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), Arc::new(SystemClock)).await.unwrap();
        demo::begin(&store, Timestamp::now()).await.unwrap();
        let config = Config { model_dir: Some(dir.path().to_owned()), ..Config::default() };
        let catalog = assemble::catalog(&config).unwrap();
        let Assembled { app, issuer, verifier, .. } =
            assemble::assemble(&store, &config, catalog.clone(), URL, None).await.unwrap();
        demo::furnish(&app, &issuer, &store, &catalog, Timestamp::now()).await.unwrap();
        House { app, store, issuer, verifier, _dir: dir }
    }

    /// What answers on `--identity-listen`.
    pub(crate) fn identity_app(&self) -> App {
        let identities = ManagedIdentities::new(self.issuer.clone(), Vec::new(), String::new().into());
        App::builder(self.store.clone(), self.verifier.clone(), URL, Arc::new(SystemClock))
            .mount(managed_identity_routes(Arc::new(identities)))
            .build()
            .unwrap()
    }

    /// An account of the demo, by its subdomain.
    pub(crate) fn account(&self, subdomain: &str) -> Scope {
        self.store.world().resources.account_by_subdomain(subdomain).unwrap().id.clone()
    }

    /// Sends a request; the answer's JSON, or null.
    pub(crate) async fn send(&self, verb: &str, path: &str, token: Option<&str>, body: &str) -> (StatusCode, Value) {
        read(self.app.handle(request(verb, path, token, body), PEER).await).await
    }

    /// The same by the listener that leads to inference and projects alone.
    pub(crate) async fn send_plain(
        &self,
        verb: &str,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> (StatusCode, Value) {
        read(self.app.handle_data_plane(request(verb, path, token, body), PEER).await).await
    }

    /// A service principal without any role.
    pub(crate) async fn principal(&self) -> Uuid {
        let (id, app_id) = (Uuid::new_v4(), Uuid::new_v4());
        let object = |id, kind| DirectoryObject {
            id,
            kind,
            display_name: format!("test {id}"),
            app_id: Some(app_id),
            user_principal_name: None,
            properties: Map::from_iter([("accountEnabled".to_owned(), json!(true))]),
            created_at: Timestamp::now(),
            managed_by: None,
        };
        let application = object(Uuid::new_v4(), ObjectKind::Application);
        self.write(vec![Row::PutObject(application), Row::PutObject(object(id, ObjectKind::ServicePrincipal))]).await;
        id
    }

    pub(crate) async fn grant_directory_role(&self, principal: Uuid, role: DirectoryRole) {
        self.write(vec![Row::GrantDirectoryRole(principal, role)]).await;
    }

    /// Gives `principal` a custom role of one permission object at `/`.
    pub(crate) async fn grant_custom_role(&self, principal: Uuid, permission: Value) {
        let role = Uuid::new_v4();
        let definition = json!({"roleName": format!("test {role}"), "type": "CustomRole", "description": "",
            "assignableScopes": ["/"], "permissions": [permission]});
        let id = format!("/providers/Microsoft.Authorization/roleDefinitions/{role}");
        let assignment = json!({"roleDefinitionId": id, "principalId": principal, "principalType": "ServicePrincipal",
            "scope": "/"});
        self.write(vec![put("roleDefinitions", role, definition), put("roleAssignments", Uuid::new_v4(), assignment)])
            .await;
    }

    /// A token of `principal` for `audience`.
    pub(crate) fn token(&self, principal: Uuid, audience: &str) -> String {
        let world = self.store.world();
        let subject = Subject::of_service_principal(world.directory.object(principal).unwrap()).unwrap();
        let audience = if audience == "arm" { self.issuer.authority().arm_resource() } else { audience.to_owned() };
        self.issuer.issue(&subject, &audience, Timestamp::now()).unwrap()
    }

    async fn write(&self, rows: Vec<Row>) {
        let now = Timestamp::now();
        self.store.write(&rbac::for_task(Task::DemoTenant, Uuid::now_v7(), now), rows).await.unwrap();
    }
}

fn request(verb: &str, path: &str, token: Option<&str>, body: &str) -> Request<RequestBody> {
    let mut request = Request::builder().method(verb).uri(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = Full::new(Bytes::from(body.to_owned())).map_err(|never| match never {}).boxed_unsync();
    request.body(body).unwrap()
}

async fn read(answer: Response<ReplyBody>) -> (StatusCode, Value) {
    let (head, body) = answer.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (head.status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn put(segment: &str, name: Uuid, properties: Value) -> Row {
    let id = Scope::root().extension("Microsoft.Authorization", segment, &name.to_string());
    let Value::Object(properties) = properties else { unreachable!() };
    let author = first_start::system_data(Uuid::nil(), Timestamp::now());
    let resource = Resource::plain(id, &format!("Microsoft.Authorization/{segment}"), properties, author);
    Row::PutResource { resource, precondition: Precondition::MustNotExist }
}
