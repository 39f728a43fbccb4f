//! What the tests of several types share: a context with fixed time and ids.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use arm::{ArmError, Resource, Scope, SystemData};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::draft::Draft;
use crate::kind::{Accepted, Context, Kind, Neighbours, Site, View};
use crate::model_catalog::Catalog;

pub(crate) const GROUP: &str = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg1";
pub(crate) const TENANT: Uuid = Uuid::from_u128(7);
pub(crate) const SITE: Site<'static> = Site { public_url: "https://localhost:8443", domain: None, tenant_id: TENANT };

/// A tenant in which `taken` is some other account's subdomain.
#[derive(Default)]
pub(crate) struct Tenant {
    pub(crate) taken: Option<&'static str>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) principals: Vec<(Uuid, &'static str)>,
}

impl Neighbours for Tenant {
    fn subdomain_owner(&self, subdomain: &str) -> Option<Scope> {
        self.taken.filter(|taken| taken.eq_ignore_ascii_case(subdomain)).map(|_| scope("accounts/other"))
    }

    fn resource(&self, id: &Scope) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.id == *id)
    }

    fn below<'a>(&'a self, base: &Scope, resource_type: &str) -> Box<dyn Iterator<Item = &'a Resource> + 'a> {
        let (base, resource_type) = (base.clone(), resource_type.to_owned());
        let is_there = move |one: &&Resource| base.contains(&one.id) && one.resource_type == resource_type;
        Box::new(self.resources.iter().filter(is_there))
    }

    fn principal_type(&self, principal: Uuid) -> Option<&'static str> {
        self.principals.iter().find(|(known, _)| *known == principal).map(|(_, kind)| *kind)
    }
}

pub(crate) fn scope(tail: &str) -> Scope {
    Scope::parse(&format!("{GROUP}/providers/Microsoft.CognitiveServices/{tail}")).unwrap()
}

pub(crate) fn catalog() -> Catalog {
    Catalog::from_toml(
        r#"
        [[model]]
        name = "SmolLM2-135M-Instruct"
        version = "1"
        format = "HuggingFace"
        aliases = ["tiny"]
        runs = { embedded = { file = "smollm2.gguf" } }

        [[model]]
        name = "all-MiniLM-L6-v2"
        version = "1"
        format = "HuggingFace"
        capability = "embeddings"
        runs = { embedded = { file = "minilm/model.safetensors" } }
        "#,
    )
    .unwrap()
}

/// The fixture of a PUT or PATCH.
pub(crate) struct Bench {
    pub(crate) id: Scope,
    pub(crate) parent: Option<Resource>,
    pub(crate) tenant: Tenant,
    pub(crate) existing: Option<Resource>,
    /// A piece of the addresses that the operator does not admit.
    pub(crate) refuses: Option<&'static str>,
}

impl Bench {
    pub(crate) fn new(id: &str) -> Bench {
        Bench { id: scope(id), parent: None, tenant: Tenant::default(), existing: None, refuses: None }
    }

    pub(crate) fn put<K: Kind>(&self, body: &Value) -> Result<Accepted, ArmError> {
        self.check::<K>(Draft::from_json(body, &self.id, K::DISPLAY_TYPE)?)
    }

    pub(crate) fn patch<K: Kind>(&self, body: &Value) -> Result<Accepted, ArmError> {
        self.check::<K>(Draft::from_patch(body, self.existing.as_ref().unwrap(), K::DISPLAY_TYPE)?)
    }

    fn check<K: Kind>(&self, draft: Draft) -> Result<Accepted, ArmError> {
        let refuses = self.refuses;
        let targets = move |url: &str| match refuses {
            Some(part) if url.contains(part) => Err("not admitted".to_owned()),
            _ => Ok(()),
        };
        let context = Context {
            id: &self.id,
            parent: self.parent.as_ref(),
            site: SITE,
            catalog: &catalog(),
            targets: &targets,
            neighbours: &self.tenant,
            fresh_principal_id: Uuid::from_u128(1),
            fresh_id: Uuid::from_u128(2),
            now: Timestamp::UNIX_EPOCH,
        };
        K::validate(draft, self.existing.as_ref(), &context)
    }

    /// The resource as it would be stored.
    pub(crate) fn stored<K: Kind>(&self, body: &Value) -> Resource {
        resource::<K>(&self.id, self.put::<K>(body).expect("the body is accepted"))
    }

    /// The same bench after a PUT of `body`.
    pub(crate) fn with_existing<K: Kind>(mut self, body: &Value) -> Bench {
        self.existing = Some(self.stored::<K>(body));
        self
    }

    pub(crate) fn wire<K: Kind>(&self, body: &Value) -> Value {
        K::present(&self.stored::<K>(body), &View { site: SITE, catalog: &catalog(), parent: self.parent.as_ref() })
    }
}

pub(crate) fn resource<K: Kind>(id: &Scope, accepted: Accepted) -> Resource {
    Resource {
        id: id.clone(),
        resource_type: K::TYPE.to_owned(),
        name: id.name().to_owned(),
        location: accepted.location,
        kind: accepted.kind,
        tags: accepted.tags,
        sku: accepted.sku,
        identity: accepted.identity,
        properties: accepted.properties,
        etag: "\"1\"".to_owned(),
        system_data: SystemData {
            created_by: "alice@contoso.com".to_owned(),
            created_by_type: "User".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            last_modified_by: "alice@contoso.com".to_owned(),
            last_modified_by_type: "User".to_owned(),
            last_modified_at: Timestamp::UNIX_EPOCH,
        },
    }
}

/// Compares with `conformance/wire/arm/{name}.json`; `CUPOLA_BLESS=1` writes it instead.
pub(crate) fn golden(name: &str, actual: &Value) {
    let path = format!("{}/../../conformance/wire/arm/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = format!("{}\n", serde_json::to_string_pretty(actual).unwrap());
    if std::env::var_os("CUPOLA_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap_or_default(), "differs from {path}");
}
