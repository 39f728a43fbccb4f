//! Who exists: users, groups, applications, service principals, memberships and directory roles.

use std::sync::Arc;

use arm::Scope;
use imbl::{HashMap, OrdMap, OrdSet};
use jiff::Timestamp;
use rbac::{DirectoryRole, Values};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The property that holds an object's custom security attributes: sets of attributes, by name.
pub const CUSTOM_SECURITY_ATTRIBUTES: &str = "customSecurityAttributes";
/// What conditions write before `{set}_{attribute}`.
const IN_CONDITIONS: &str = "Microsoft.Directory/CustomSecurityAttributes/Id";

/// What kind of directory object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ObjectKind {
    /// A person.
    User,
    /// A set of principals.
    Group,
    /// A registered application: no principal itself.
    Application,
    /// An application's principal, or a managed identity.
    ServicePrincipal,
}

impl ObjectKind {
    /// The kind as it is stored.
    pub(crate) fn text(self) -> &'static str {
        match self {
            ObjectKind::User => "user",
            ObjectKind::Group => "group",
            ObjectKind::Application => "application",
            ObjectKind::ServicePrincipal => "servicePrincipal",
        }
    }
}

/// A user, group, application or service principal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectoryObject {
    /// The object id: who it is, for ever.
    pub id: Uuid,
    /// What it is; never changes.
    pub kind: ObjectKind,
    /// The name that people see.
    pub display_name: String,
    /// The application (client) id of applications and service principals, unique within a kind.
    pub app_id: Option<Uuid>,
    /// The sign-in name of users, unique without case.
    pub user_principal_name: Option<String>,
    /// The rest of the object as Graph shows it.
    pub properties: Map<String, Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The resource, or the agent of a project, whose managed identity this is.
    pub managed_by: Option<Scope>,
}

impl DirectoryObject {
    /// The managed identity of a resource: a service principal that lives and dies with it. `id` is its object id, `app_id` its client id.
    pub fn managed_identity(
        id: Uuid,
        app_id: Uuid,
        display_name: String,
        resource: &Scope,
        now: Timestamp,
    ) -> DirectoryObject {
        let properties = Map::from_iter([
            ("servicePrincipalType".to_owned(), json!("ManagedIdentity")),
            ("accountEnabled".to_owned(), json!(true)),
            ("alternativeNames".to_owned(), json!(["isExplicit=False", resource.as_str()])),
        ]);
        DirectoryObject {
            id,
            kind: ObjectKind::ServicePrincipal,
            display_name,
            app_id: Some(app_id),
            user_principal_name: None,
            properties,
            created_at: now,
            managed_by: Some(resource.clone()),
        }
    }
}

/// The directory in memory. Names are compared without case.
#[derive(Clone, Default, PartialEq)]
pub struct DirectoryIndex {
    objects: OrdMap<Uuid, Arc<DirectoryObject>>,
    by_upn: HashMap<String, Uuid>,
    by_app_id: HashMap<(Uuid, ObjectKind), Uuid>,
    by_manager: OrdMap<Scope, Uuid>,
    members: OrdMap<Uuid, OrdSet<Uuid>>,
    groups: OrdMap<Uuid, OrdSet<Uuid>>,
    roles: OrdMap<Uuid, Vec<DirectoryRole>>,
    /// What conditions may read of an object; few objects have any.
    security_attributes: HashMap<Uuid, Arc<Values>>,
}

impl DirectoryIndex {
    /// The object with this object id.
    pub fn object(&self, id: Uuid) -> Option<&Arc<DirectoryObject>> {
        self.objects.get(&id)
    }

    /// The user with this sign-in name.
    pub fn by_upn(&self, name: &str) -> Option<&Arc<DirectoryObject>> {
        self.by_upn.get(&name.to_lowercase()).and_then(|id| self.object(*id))
    }

    /// The application or service principal with this application id.
    pub fn by_app_id(&self, app_id: Uuid, kind: ObjectKind) -> Option<&Arc<DirectoryObject>> {
        self.by_app_id.get(&(app_id, kind)).and_then(|id| self.object(*id))
    }

    /// The managed identity of a resource.
    pub fn managed_by(&self, resource: &Scope) -> Option<&Arc<DirectoryObject>> {
        self.by_manager.get(resource).and_then(|id| self.object(*id))
    }

    /// All objects of a kind, by object id.
    pub fn of_kind(&self, kind: ObjectKind) -> impl Iterator<Item = &Arc<DirectoryObject>> {
        self.objects.values().filter(move |object| object.kind == kind)
    }

    /// All objects, by object id.
    pub fn objects(&self) -> impl Iterator<Item = &Arc<DirectoryObject>> {
        self.objects.values()
    }

    /// The direct members of a group.
    pub fn members(&self, group: Uuid) -> impl Iterator<Item = &Arc<DirectoryObject>> {
        self.members.get(&group).into_iter().flatten().filter_map(|id| self.object(*id))
    }

    /// The groups that an object is a direct member of.
    pub fn groups_of_direct(&self, member: Uuid) -> impl Iterator<Item = &Arc<DirectoryObject>> {
        self.groups.get(&member).into_iter().flatten().filter_map(|id| self.object(*id))
    }

    /// The directory roles that an object holds itself.
    pub fn directory_roles(&self, principal: Uuid) -> &[DirectoryRole] {
        self.roles.get(&principal).map_or(&[], Vec::as_slice)
    }

    /// What conditions may read as `@Principal[…]` of an object; `None` where there is nothing.
    pub fn security_attributes(&self, id: Uuid) -> Option<Arc<Values>> {
        self.security_attributes.get(&id).cloned()
    }

    pub(crate) fn put(&mut self, object: Arc<DirectoryObject>) {
        if let Some(old) = self.objects.get(&object.id).cloned() {
            self.forget(&old);
        }
        if let Some(name) = &object.user_principal_name {
            self.by_upn.insert(name.to_lowercase(), object.id);
        }
        if let Some(app_id) = object.app_id {
            self.by_app_id.insert((app_id, object.kind), object.id);
        }
        if let Some(resource) = &object.managed_by {
            self.by_manager.insert(resource.clone(), object.id);
        }
        let attributes = security_attributes(&object);
        if !attributes.is_empty() {
            self.security_attributes.insert(object.id, Arc::new(attributes));
        }
        self.objects.insert(object.id, object);
    }

    /// Memberships and roles of the object are removed by changes of their own, before this one.
    pub(crate) fn remove(&mut self, id: Uuid) {
        if let Some(old) = self.objects.remove(&id) {
            self.forget(&old);
        }
    }

    pub(crate) fn add_member(&mut self, group: Uuid, member: Uuid) {
        self.members.entry(group).or_default().insert(member);
        self.groups.entry(member).or_default().insert(group);
    }

    pub(crate) fn remove_member(&mut self, group: Uuid, member: Uuid) {
        unlink(&mut self.members, group, member);
        unlink(&mut self.groups, member, group);
    }

    pub(crate) fn grant(&mut self, principal: Uuid, role: DirectoryRole) {
        let roles = self.roles.entry(principal).or_default();
        if !roles.contains(&role) {
            roles.push(role);
            roles.sort_unstable();
        }
    }

    pub(crate) fn revoke(&mut self, principal: Uuid, role: DirectoryRole) {
        let mut roles = self.roles.remove(&principal).unwrap_or_default();
        roles.retain(|held| *held != role);
        if !roles.is_empty() {
            self.roles.insert(principal, roles);
        }
    }

    fn forget(&mut self, old: &DirectoryObject) {
        self.security_attributes.remove(&old.id);
        if let Some(name) = &old.user_principal_name {
            self.by_upn.remove(&name.to_lowercase());
        }
        if let Some(app_id) = old.app_id {
            self.by_app_id.remove(&(app_id, old.kind));
        }
        if let Some(resource) = &old.managed_by {
            self.by_manager.remove(resource);
        }
    }
}

/// The custom security attributes by the names that conditions have for them, each value as its text.
fn security_attributes(object: &DirectoryObject) -> Values {
    let sets = object.properties.get(CUSTOM_SECURITY_ATTRIBUTES).and_then(Value::as_object);
    let named = sets.into_iter().flatten().flat_map(|(set, attributes)| {
        let attributes = attributes.as_object().into_iter().flatten();
        attributes.map(move |(name, value)| (format!("{IN_CONDITIONS}:{set}_{name}"), texts(value)))
    });
    named.filter(|(_, texts)| !texts.is_empty()).collect()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// An empty set is no entry, so that two worlds with the same facts are equal.
fn unlink(map: &mut OrdMap<Uuid, OrdSet<Uuid>>, from: Uuid, to: Uuid) {
    let Some(mut set) = map.remove(&from) else {
        return;
    };
    set.remove(&to);
    if !set.is_empty() {
        map.insert(from, set);
    }
}
