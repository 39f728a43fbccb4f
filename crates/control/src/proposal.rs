//! What a PUT or PATCH would store: the resource, and what it brings along (its identity, its keys, its secrets).

use std::mem;
use std::sync::Arc;

use arm::{ArmError, Precondition, Resource, Scope};
use jiff::Timestamp;
use rbac::PrincipalType;
use resources::model_catalog::Catalog;
use resources::{Accepted, Context, Draft, Kind, Neighbours, Secrets, Site, TargetRule};
use store::{CredentialInfo, CredentialKind, CredentialOwner, DirectoryObject, NewCredential, Row, Secret, World};
use uuid::Uuid;

pub use crate::actor::Author;
use crate::keys::{NoRandomness, new_key};
use crate::place::Place;

/// Why a proposal could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ProposalError {
    /// The type's rules refuse it.
    #[error(transparent)]
    Refused(#[from] ArmError),
    /// No key could be made.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// A checked change to one place.
#[derive(Debug)]
pub struct Proposal {
    /// The rows of one write, in order.
    pub rows: Vec<Row>,
    /// The id of the resource.
    pub id: Scope,
}

/// What a proposal is made from, besides the draft.
pub struct Setting<'a> {
    /// The snapshot.
    pub world: &'a World,
    /// The operator's models.
    pub catalog: &'a Catalog,
    /// Which addresses outside the operator admits.
    pub targets: &'a dyn TargetRule,
    /// The server's own facts.
    pub site: Site<'a>,
    /// Who writes.
    pub author: &'a Author,
    /// The time of the write.
    pub now: Timestamp,
}

impl Proposal {
    /// Checks `draft` for `place` by the rules of `K` and answers the rows to write.
    ///
    /// The rows demand that the place is as this snapshot shows it, so two writers cannot both win.
    pub fn new<K: Kind>(draft: Draft, place: &Place, setting: &Setting<'_>) -> Result<Proposal, ProposalError> {
        if place.existing.is_none() {
            K::NAME.check(place.id.name(), K::NOUN)?;
        }
        let context = Context {
            id: &place.id,
            parent: place.parent.as_deref(),
            site: setting.site,
            catalog: setting.catalog,
            targets: setting.targets,
            neighbours: &Tenant(setting.world),
            fresh_principal_id: Uuid::new_v4(),
            fresh_id: Uuid::new_v4(),
            now: setting.now,
        };
        let mut accepted = K::validate(draft, place.existing.as_deref(), &context)?;
        let mut rows = identity_rows::<K>(&accepted, place, setting.now);
        rows.extend(secret_rows::<K>(mem::take(&mut accepted.secrets), place, setting));
        rows.insert(0, resource_row::<K>(accepted, place, setting));
        if K::HAS_KEYS && place.existing.is_none() {
            rows.push(new_key(&place.id, rbac::KeySlot::Key1, setting.now)?);
            rows.push(new_key(&place.id, rbac::KeySlot::Key2, setting.now)?);
        }
        Ok(Proposal { rows, id: place.id.clone() })
    }
}

fn resource_row<K: Kind>(accepted: Accepted, place: &Place, setting: &Setting<'_>) -> Row {
    let precondition = match &place.existing {
        Some(existing) => Precondition::IfMatch(existing.etag.clone()),
        None => Precondition::MustNotExist,
    };
    let resource = Resource {
        id: place.id.clone(),
        resource_type: K::TYPE.to_owned(),
        name: printed_name::<K>(&place.id),
        location: accepted.location,
        kind: accepted.kind,
        tags: accepted.tags,
        sku: accepted.sku,
        identity: accepted.identity,
        properties: accepted.properties,
        etag: String::new(),
        system_data: setting.author.system_data(setting.now),
    };
    Row::PutResource { resource, precondition }
}

fn printed_name<K: Kind>(id: &Scope) -> String {
    match id.parent() {
        Some(parent) if K::QUALIFIED_NAME => format!("{}/{}", parent.name(), id.name()),
        _ => id.name().to_owned(),
    }
}

/// The secrets that come, and the end of those that go.
fn secret_rows<K: Kind>(secrets: Secrets, place: &Place, setting: &Setting<'_>) -> Vec<Row> {
    if !K::HAS_SECRETS {
        return Vec::new();
    }
    let owner = CredentialOwner::Connection(place.id.clone());
    let stays = |info: &CredentialInfo| match &info.kind {
        // The store replaces what comes anew.
        CredentialKind::ConnectionSecret(member) => secrets.kept.contains(member) || secrets.given.contains_key(member),
        _ => true,
    };
    let gone = setting.world.credentials.of(&owner).filter(|info| !stays(info));
    let mut rows: Vec<Row> = gone.map(|info| Row::DeleteCredential { owner: owner.clone(), id: info.id }).collect();
    rows.extend(secrets.given.into_iter().map(|(member, text)| {
        Row::PutCredential(NewCredential {
            id: Uuid::new_v4(),
            owner: owner.clone(),
            kind: CredentialKind::ConnectionSecret(member),
            secret: Secret::from(text.into_text()),
            created_at: setting.now,
            expires_at: None,
        })
    }));
    rows
}

/// The service principal of an identity that comes, and the end of one that goes.
fn identity_rows<K: Kind>(accepted: &Accepted, place: &Place, now: Timestamp) -> Vec<Row> {
    if !K::HAS_IDENTITY {
        return Vec::new();
    }
    let had = place.existing.as_ref().and_then(|existing| existing.identity.as_ref()?.principal_id);
    let has = accepted.identity.as_ref().and_then(|identity| identity.principal_id);
    let mut rows = Vec::new();
    if let (Some(gone), true) = (had, had != has) {
        rows.push(Row::DeleteObject(gone));
    }
    if let (Some(come), true) = (has, had != has) {
        rows.push(Row::PutObject(managed_identity::<K>(come, &place.id, now)));
    }
    rows
}

fn managed_identity<K: Kind>(id: Uuid, resource: &Scope, now: Timestamp) -> DirectoryObject {
    let display_name = match (K::QUALIFIED_NAME, resource.parent()) {
        (true, Some(parent)) => {
            format!("{}/{}/{}", parent.name(), K::TYPE.rsplit('/').next().unwrap_or_default(), resource.name())
        }
        _ => resource.name().to_owned(),
    };
    DirectoryObject::managed_identity(id, Uuid::new_v4(), display_name, resource, now)
}

/// The questions that a type may ask about the tenant.
pub(crate) struct Tenant<'a>(pub(crate) &'a World);

impl Neighbours for Tenant<'_> {
    fn subdomain_owner(&self, subdomain: &str) -> Option<Scope> {
        self.0.resources.account_by_subdomain(subdomain).map(|account| account.id.clone())
    }

    fn resource(&self, id: &Scope) -> Option<&Resource> {
        self.0.resources.get(id).map(Arc::as_ref)
    }

    fn below<'a>(&'a self, base: &Scope, resource_type: &str) -> Box<dyn Iterator<Item = &'a Resource> + 'a> {
        Box::new(self.0.resources.children_of_type(base, resource_type).map(Arc::as_ref))
    }

    fn principal_type(&self, principal: Uuid) -> Option<&'static str> {
        self.0.access.kind_of(principal).map(PrincipalType::as_str)
    }
}
