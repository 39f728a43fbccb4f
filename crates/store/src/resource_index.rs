//! All resources, by id: what is here, what is below, and whose subdomain is this?

use std::ops::Bound;
use std::sync::Arc;

use arm::{Resource, Scope};
use imbl::{HashMap, OrdMap};

use crate::kept_resource::KeptResource;
use crate::row::ACCOUNTS;

/// The resources in memory, keyed by their id in lower case.
#[derive(Clone, Default, PartialEq)]
pub struct ResourceIndex {
    by_key: OrdMap<Arc<str>, KeptResource>,
    subdomains: HashMap<String, Arc<str>>,
}

impl ResourceIndex {
    /// The resource with this id.
    pub fn get(&self, id: &Scope) -> Option<&Arc<Resource>> {
        self.by_key.get(id.key())?.get()
    }

    /// Everything below a scope at any depth, without the scope itself, by id.
    pub fn below<'a>(&'a self, base: &Scope) -> impl Iterator<Item = &'a Arc<Resource>> + use<'a> {
        self.kept_below(base).filter_map(KeptResource::get)
    }

    /// The resources of a type below a scope, at any depth. The type is compared without case.
    pub fn children_of_type<'a>(
        &'a self,
        base: &Scope,
        resource_type: &str,
    ) -> impl Iterator<Item = &'a Arc<Resource>> + use<'a> {
        let wanted = resource_type.to_owned();
        self.kept_below(base).filter(move |kept| kept.may_be(&wanted)).filter_map(KeptResource::get)
    }

    /// The resources of a type that hang on exactly this scope, by id.
    pub fn on<'a>(&'a self, scope: &Scope, resource_type: &str) -> impl Iterator<Item = &'a Arc<Resource>> + use<'a> {
        let (namespace, segment) = resource_type.split_once('/').unwrap_or((resource_type, ""));
        // What stands in front of the names of a scope's own; below them there may be others'.
        let shelf = scope.child(&format!("providers/{namespace}"), segment);
        self.children_of_type(&shelf, resource_type)
    }

    /// All resources, by id.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.by_key.values().filter_map(KeptResource::get)
    }

    /// The account that answers at this custom subdomain name, which is compared without case.
    pub fn account_by_subdomain(&self, name: &str) -> Option<&Arc<Resource>> {
        self.subdomains.get(&name.to_ascii_lowercase()).and_then(|key| self.by_key.get(key)?.get())
    }

    pub(crate) fn put(&mut self, resource: Arc<Resource>) {
        self.forget_subdomain(&resource.id);
        let key: Arc<str> = resource.id.key().into();
        if let Some(name) = subdomain(&resource) {
            self.subdomains.insert(name, key.clone());
        }
        self.by_key.insert(key, KeptResource::Read(resource));
    }

    /// Puts the row of a role assignment, to be read when somebody asks for it.
    pub(crate) fn put_unread(&mut self, row: UnreadRow) {
        self.by_key.insert(row.key, KeptResource::unread(row.body));
    }

    pub(crate) fn remove(&mut self, id: &Scope) {
        self.forget_subdomain(id);
        self.by_key.remove(id.key());
    }

    fn kept_below<'a>(&'a self, base: &Scope) -> impl Iterator<Item = &'a KeptResource> + use<'a> {
        let (from, to) = bounds_below(base);
        let range: (Bound<&str>, Bound<&str>) =
            (Bound::Excluded(from.as_str()), to.as_deref().map_or(Bound::Unbounded, Bound::Excluded));
        self.by_key.range::<_, str>(range).map(|(_, kept)| kept)
    }

    fn forget_subdomain(&mut self, id: &Scope) {
        if let Some(name) = self.get(id).and_then(|old| subdomain(old)) {
            self.subdomains.remove(&name);
        }
    }
}

/// The row of a role assignment as the database has it.
pub(crate) struct UnreadRow {
    pub(crate) key: Arc<str>,
    pub(crate) body: Box<str>,
}

/// The range of keys below a scope: after `{key}/`, before `{key}0`, since `0` is the character after `/`.
pub(crate) fn bounds_below(base: &Scope) -> (String, Option<String>) {
    if base.is_root() {
        return ("/".to_owned(), None);
    }
    (format!("{}/", base.key()), Some(format!("{}0", base.key())))
}

/// An account's custom subdomain name in lower case.
pub(crate) fn subdomain(resource: &Resource) -> Option<String> {
    if !resource.resource_type.eq_ignore_ascii_case(ACCOUNTS) {
        return None;
    }
    let name = resource.properties.get("customSubDomainName")?.as_str()?;
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}
