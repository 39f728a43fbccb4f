//! What every resource type says about itself; the engine of the control plane knows no type by name.

use arm::{AccountDomain, ArmError, Resource, ResourceIdentity, Scope};
use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::draft::{Draft, IdentityWish};
use crate::model_catalog::Catalog;
use crate::name_rule::NameRule;
use crate::secrets::Secrets;
use crate::target_rule::TargetRule;

/// Where resources of a type hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// Directly at `/`.
    Root,
    /// In a subscription.
    Subscription,
    /// In a resource group.
    ResourceGroup,
    /// Under a resource of this type.
    Resource(&'static str),
    /// At any scope (extension resources).
    AnyScope,
}

/// The statuses of a PUT; clients refuse others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutStatus {
    /// When there was nothing.
    pub created: u16,
    /// When there was something.
    pub updated: u16,
}

impl PutStatus {
    /// 201 and 200.
    pub const USUAL: PutStatus = PutStatus { created: 201, updated: 200 };
}

/// How a client learns that a write is done. The work itself is done before the reply, in one transaction, so nothing is
/// ever left half-made; clients are spoken to in the way that their generation expects of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polling {
    /// The reply says it: `properties.provisioningState`, or 200 and 204 for a removal.
    None,
    /// `Azure-AsyncOperation`: a status resource, then the resource itself.
    AsyncOperation,
    /// 202 with `Location`: a result that ends in 204.
    Location,
    /// 202 with both headers.
    Both,
}

/// The server's own facts that show in resources.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The public URL, without a trailing slash.
    pub public_url: &'a str,
    /// The domain under which accounts have hosts of their own, if the operator set one.
    pub domain: Option<&'a AccountDomain>,
    /// The tenant.
    pub tenant_id: Uuid,
}

/// What a type may ask about the rest of the tenant while it checks a resource.
pub trait Neighbours {
    /// The account that has this custom subdomain, compared without case.
    fn subdomain_owner(&self, subdomain: &str) -> Option<Scope>;
    /// The resource with this id.
    fn resource(&self, id: &Scope) -> Option<&Resource>;
    /// The resources of a type below `base`, at any depth, by id.
    fn below<'a>(&'a self, base: &Scope, resource_type: &str) -> Box<dyn Iterator<Item = &'a Resource> + 'a>;
    /// Whether there is any such.
    fn has_below(&self, base: &Scope, resource_type: &str) -> bool {
        self.below(base, resource_type).next().is_some()
    }
    /// What the directory knows a principal as: `User`, `Group` or `ServicePrincipal`.
    fn principal_type(&self, principal: Uuid) -> Option<&'static str>;
}

/// Everything outside the body that a type's rules may look at; time and randomness are values here.
pub struct Context<'a> {
    /// The canonical id of the resource being written.
    pub id: &'a Scope,
    /// The resource it hangs under, where its type has one.
    pub parent: Option<&'a Resource>,
    /// The server's own facts.
    pub site: Site<'a>,
    /// The operator's models.
    pub catalog: &'a Catalog,
    /// Which addresses outside the operator admits.
    pub targets: &'a dyn TargetRule,
    /// The rest of the tenant.
    pub neighbours: &'a dyn Neighbours,
    /// The object id of the identity to make, should one be needed.
    pub fresh_principal_id: Uuid,
    /// An id to give away, should the resource need one of its own.
    pub fresh_id: Uuid,
    /// The time of the request.
    pub now: Timestamp,
}

impl Context<'_> {
    /// The identity that carries out `wish`: one that exists is kept, a missing one gets the fresh object id.
    pub fn identity(&self, wish: &IdentityWish, existing: Option<&Resource>) -> Option<ResourceIdentity> {
        if !wish.system_assigned {
            return None;
        }
        let kept = existing.and_then(|resource| resource.identity.as_ref()).and_then(|identity| identity.principal_id);
        Some(ResourceIdentity {
            kind: "SystemAssigned".to_owned(),
            principal_id: Some(kept.unwrap_or(self.fresh_principal_id)),
            tenant_id: Some(self.site.tenant_id),
            user_assigned_identities: None,
        })
    }
}

/// What a resource shows beyond what is stored.
pub struct View<'a> {
    /// The server's own facts.
    pub site: Site<'a>,
    /// The operator's models.
    pub catalog: &'a Catalog,
    /// The resource it hangs under, where its type has one.
    pub parent: Option<&'a Resource>,
}

/// A resource as its type accepts it: everything but what the engine adds (id, name, type, dates, etag).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accepted {
    /// The region, normalised.
    pub location: Option<String>,
    /// The kind in its known writing.
    pub kind: Option<String>,
    /// Tags.
    pub tags: Option<Map<String, Value>>,
    /// The sku.
    pub sku: Option<Value>,
    /// The identity, with the object id to use.
    pub identity: Option<ResourceIdentity>,
    /// What is stored as `properties`: of a secret no more than that it is there.
    pub properties: Map<String, Value>,
    /// The secrets, which are kept apart.
    pub secrets: Secrets,
}

/// A resource type: a schema with rules.
pub trait Kind: Send + Sync + 'static {
    /// The canonical type, as derived actions spell it.
    const TYPE: &'static str;
    /// The type that bodies print, where it differs.
    const DISPLAY_TYPE: &'static str = Self::TYPE;
    /// A resource of this type in words, for messages.
    const NOUN: &'static str;
    /// Known api-versions, newest first; the first without `-preview` is what `az resource` picks. Others are accepted too.
    const API_VERSIONS: &'static [&'static str];
    /// Where it hangs.
    const PARENT: Parent;
    /// What it may be called.
    const NAME: NameRule;
    /// What a PUT answers.
    const PUT: PutStatus = PutStatus::USUAL;
    /// How clients follow the PUT that makes one. A later PUT and every PATCH are answered whole.
    const CREATE_POLLING: Polling = Polling::None;
    /// How clients follow its removal.
    const DELETE_POLLING: Polling = Polling::None;
    /// Whether its resources may have an identity of their own.
    const HAS_IDENTITY: bool = false;
    /// Whether its resources have two resource keys.
    const HAS_KEYS: bool = false;
    /// Whether its resources lead to somebody else, who can be asked before one is written (`?validate=true`).
    const HAS_OTHER_END: bool = false;
    /// Whether printed names carry the parent's name in front (`account/project`).
    const QUALIFIED_NAME: bool = false;
    /// Whether its resources may have secrets of their own, which a client gives and only the server reads.
    const HAS_SECRETS: bool = false;
    /// Whether [`Kind::room_for`] is asked.
    const IS_COUNTED: bool = false;

    /// Checks a draft and answers what to store. Read-only fields in it are ignored; defaults are filled in.
    fn validate(draft: Draft, existing: Option<&Resource>, context: &Context<'_>) -> Result<Accepted, ArmError>;

    /// Is there room for `wanted` beside the others? Asked while nobody else writes, so no two pass a limit together.
    fn room_for(_wanted: &Resource, _catalog: &Catalog, _neighbours: &dyn Neighbours) -> Result<(), ArmError> {
        Ok(())
    }

    /// Is the resource among those that a list is asked for? `parameter` reads the list's query.
    fn is_wanted(_resource: &Resource, _parameter: &dyn Fn(&str) -> Option<String>) -> bool {
        true
    }

    /// The resource on the wire: what is stored and what is computed from it.
    fn present(resource: &Resource, _view: &View<'_>) -> Value {
        resource.to_json()
    }
}
