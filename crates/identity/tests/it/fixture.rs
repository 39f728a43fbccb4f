//! A tenant with a user, two applications and a managed identity, made once for all tests.

use std::sync::{Arc, OnceLock};

use arm::Scope;
use identity::{Authority, Issuer, SigningKey, SigningKeys, Subject, SubjectKind, Verifier};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rbac::{Permit, Task, Writes};
use serde_json::{Map, Value, json};
use store::{Clock, DirectoryObject, ObjectKind, Row, Store, TenantInfo, World};
use uuid::Uuid;

pub(crate) const URL: &str = "https://localhost:8443";
pub(crate) const TENANT: Uuid = Uuid::from_u128(0x7e);
pub(crate) const USER: Uuid = Uuid::from_u128(0x01);
pub(crate) const PRINCIPAL: Uuid = Uuid::from_u128(0x02);
pub(crate) const PRINCIPAL_APP: Uuid = Uuid::from_u128(0x0a02);
pub(crate) const DISABLED: Uuid = Uuid::from_u128(0x03);
pub(crate) const DISABLED_APP: Uuid = Uuid::from_u128(0x0a03);
pub(crate) const MANAGED: Uuid = Uuid::from_u128(0x04);
pub(crate) const MANAGED_APP: Uuid = Uuid::from_u128(0x0a04);
pub(crate) const GROUP: Uuid = Uuid::from_u128(0x05);
pub(crate) const NOW_S: i64 = 1_800_000_000;

pub(crate) struct Fixture {
    pub(crate) world: Arc<World>,
    pub(crate) authority: Authority,
    pub(crate) pem: String,
    pub(crate) kid: String,
    pub(crate) issuer: Issuer,
    pub(crate) verifier: Verifier,
}

pub(crate) struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        now()
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(NOW_S).unwrap()
}

pub(crate) fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        // A thread of its own: tests with a runtime may ask first.
        let made = std::thread::spawn(|| tokio::runtime::Runtime::new().unwrap().block_on(make()));
        made.join().unwrap()
    })
}

async fn make() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(FixedClock)).await.unwrap();
    store.write(&task_permit(Task::DemoTenant), rows()).await.unwrap();
    let world = store.world();
    store.close().await;
    let pem = SigningKey::generate_pem().unwrap().to_string();
    let key = SigningKey::from_pem(&pem).unwrap();
    let kid = key.kid().to_owned();
    let keys = Arc::new(SigningKeys::of(vec![key]).unwrap());
    let authority = Authority::new(URL, TENANT);
    let issuer = Issuer::new(authority.clone(), Arc::clone(&keys));
    let verifier = Verifier::new(authority.clone(), keys);
    Fixture { world, authority, pem, kid, issuer, verifier }
}

#[allow(clippy::disallowed_methods, reason = "tests make their own permits")]
pub(crate) fn task_permit(task: Task) -> Permit<Writes> {
    rbac::for_task(task, Uuid::now_v7(), now())
}

fn rows() -> Vec<Row> {
    let tenant =
        TenantInfo { id: TENANT, display_name: "Contoso".to_owned(), default_domain: "contoso.com".to_owned() };
    let disabled = [("accountEnabled".to_owned(), json!(false))].into_iter().collect();
    vec![
        Row::SetTenant(tenant),
        Row::PutObject(DirectoryObject {
            user_principal_name: Some("user@contoso.com".to_owned()),
            ..object(USER, ObjectKind::User, None, Map::new())
        }),
        Row::PutObject(object(PRINCIPAL, ObjectKind::ServicePrincipal, Some(PRINCIPAL_APP), Map::new())),
        Row::PutObject(object(DISABLED, ObjectKind::ServicePrincipal, Some(DISABLED_APP), disabled)),
        Row::PutObject(object(MANAGED, ObjectKind::ServicePrincipal, Some(MANAGED_APP), Map::new())),
        Row::PutObject(object(GROUP, ObjectKind::Group, None, Map::new())),
    ]
}

fn object(id: Uuid, kind: ObjectKind, app_id: Option<Uuid>, properties: Map<String, Value>) -> DirectoryObject {
    DirectoryObject {
        id,
        kind,
        display_name: format!("object {id}"),
        app_id,
        user_principal_name: None,
        properties,
        created_at: now(),
        managed_by: None,
    }
}

pub(crate) fn app(oid: Uuid, app_id: Uuid) -> Subject {
    Subject { oid, app_id, kind: SubjectKind::App, managed_resource: None }
}

pub(crate) fn account() -> Scope {
    Scope::parse("/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/a").unwrap()
}

/// The claims of a good token, to be spoilt.
pub(crate) fn good_claims() -> Map<String, Value> {
    let fixture = fixture();
    let claims = json!({
        "aud": "https://ai.azure.com", "iss": fixture.authority.issuer(), "iat": NOW_S, "nbf": NOW_S,
        "exp": NOW_S + 3599, "appid": PRINCIPAL_APP, "azp": PRINCIPAL_APP, "oid": PRINCIPAL, "sub": PRINCIPAL,
        "tid": TENANT, "idtyp": "app", "ver": "2.0", "uti": "token-1",
    });
    claims.as_object().unwrap().clone()
}

/// A token with these claims under our own good key.
pub(crate) fn signed(claims: &Map<String, Value>) -> String {
    let header = Header { kid: Some(fixture().kid.clone()), ..Header::new(Algorithm::RS256) };
    signed_with_header(&header, claims)
}

pub(crate) fn signed_with_header(header: &Header, claims: &Map<String, Value>) -> String {
    let key = EncodingKey::from_rsa_pem(fixture().pem.as_bytes()).unwrap();
    jsonwebtoken::encode(header, claims, &key).unwrap()
}
