//! The tree of management groups and subscriptions, as one snapshot has it.

use std::collections::{BTreeMap, BTreeSet};

use arm::{Resource, Scope};
use serde_json::Value;

use super::{SUBSCRIPTIONS, TYPE};

/// Who is below whom. Made of the stored groups and memberships; walks end even where the rows make a circle.
#[derive(Debug)]
pub struct Hierarchy<'a> {
    root: Scope,
    groups: BTreeMap<Scope, &'a Resource>,
    /// The groups below each group.
    below: BTreeMap<Scope, Vec<Scope>>,
    /// The memberships below each group.
    memberships: BTreeMap<Scope, Vec<&'a Resource>>,
}

impl<'a> Hierarchy<'a> {
    /// The tree of these resources, of which other types are left out, under `root`.
    pub fn of(resources: impl IntoIterator<Item = &'a Resource>, root: Scope) -> Hierarchy<'a> {
        let mut tree =
            Hierarchy { root, groups: BTreeMap::new(), below: BTreeMap::new(), memberships: BTreeMap::new() };
        for resource in resources {
            if resource.resource_type.eq_ignore_ascii_case(TYPE) {
                tree.groups.insert(resource.id.clone(), resource);
                if let Some(parent) = tree.stated_parent(resource) {
                    tree.below.entry(parent).or_default().push(resource.id.clone());
                }
            } else if resource.resource_type.eq_ignore_ascii_case(SUBSCRIPTIONS)
                && let Some(group) = resource.id.parent()
            {
                tree.memberships.entry(group).or_default().push(resource);
            }
        }
        tree
    }

    /// The root group's id.
    pub fn root(&self) -> &Scope {
        &self.root
    }

    /// Every group, by id.
    pub fn groups(&self) -> impl Iterator<Item = &'a Resource> {
        self.groups.values().copied()
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Is there no group at all?
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The group with this id.
    pub fn group(&self, id: &Scope) -> Option<&'a Resource> {
        self.groups.get(id).copied()
    }

    /// The id of the group above; none above the root and for what is not there. One that says none is below the root.
    pub fn parent(&self, group: &Scope) -> Option<Scope> {
        self.group(group).and_then(|group| self.stated_parent(group))
    }

    fn stated_parent(&self, group: &Resource) -> Option<Scope> {
        if group.id == self.root {
            return None;
        }
        let id =
            group.properties.get("details").and_then(|details| details.pointer("/parent/id")).and_then(Value::as_str);
        Some(id.and_then(|id| Scope::parse(id).ok()).unwrap_or_else(|| self.root.clone()))
    }

    /// The groups directly below a group.
    pub fn groups_below(&self, group: &Scope) -> impl Iterator<Item = &'a Resource> {
        self.below.get(group).into_iter().flatten().filter_map(|child| self.group(child))
    }

    /// The memberships of the subscriptions directly below a group.
    pub fn subscriptions_below(&self, group: &Scope) -> &[&'a Resource] {
        self.memberships.get(group).map(Vec::as_slice).unwrap_or_default()
    }

    /// The membership of a subscription, wherever it is.
    pub fn membership(&self, subscription: &str) -> Option<&'a Resource> {
        let is_of = |row: &&&Resource| row.id.name().eq_ignore_ascii_case(subscription);
        self.memberships.values().flatten().find(is_of).copied()
    }

    /// The groups above a group, nearest first, the root last.
    pub fn above(&self, group: &Scope) -> Vec<&'a Resource> {
        let mut seen = BTreeSet::from([group.clone()]);
        let mut found = Vec::new();
        let mut next = self.parent(group);
        while let Some(parent) = next.filter(|parent| seen.insert(parent.clone())) {
            found.extend(self.group(&parent));
            next = self.parent(&parent);
        }
        found
    }

    /// The groups below a group at any depth, each after what it is below.
    pub fn all_below(&self, group: &Scope) -> Vec<&'a Resource> {
        let mut seen = BTreeSet::from([group.clone()]);
        let mut found: Vec<&'a Resource> = Vec::new();
        let mut next = Some(group.clone());
        let mut at = 0;
        while let Some(above) = next {
            found.extend(self.groups_below(&above).filter(|child| seen.insert(child.id.clone())));
            next = found.get(at).map(|group| group.id.clone());
            at += 1;
        }
        found
    }

    /// How many levels of groups begin with this one: 1 for a group without groups below.
    pub fn height(&self, group: &Scope) -> usize {
        let level = self.above(group).len();
        let deepest = self.all_below(group).iter().map(|below| self.above(&below.id).len()).max();
        deepest.unwrap_or(level).saturating_sub(level) + 1
    }
}
