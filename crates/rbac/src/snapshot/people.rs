//! Principals: who is in which group, who holds which directory role, which assignments name whom.

use std::collections::HashSet;
use std::sync::Arc;

use uuid::Uuid;

use super::sharded::ShardedMap;
use crate::permission::DirectoryRole;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;

/// Every principal that is in the directory or named by an assignment or a group.
#[derive(Clone)]
pub(crate) struct People {
    by_id: ShardedMap<Uuid, Arc<Person>>,
    next: u32,
}

/// One principal.
#[derive(Clone, Default)]
pub(crate) struct Person {
    /// Its number in the index.
    number: u32,
    /// None: not in the directory, so nothing is granted to it.
    pub(crate) kind: Option<PrincipalType>,
    /// Its own number and those of its groups, through groups too; sorted; empty where `kind` is none.
    pub(crate) identity: Vec<u32>,
    pub(crate) directory_roles: Vec<DirectoryRole>,
    /// The assignments that name it.
    pub(crate) assignments: Vec<Arc<RoleAssignment>>,
    /// Groups that it is a direct member of.
    groups: Vec<Uuid>,
    /// Its direct members.
    members: Vec<Uuid>,
}

impl People {
    pub(crate) fn new() -> People {
        People { by_id: ShardedMap::new(), next: 0 }
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Person> {
        self.by_id.get(&id).map(Arc::as_ref)
    }

    /// The principal's number; one that is only named gets one too.
    pub(crate) fn number(&mut self, id: Uuid) -> u32 {
        self.change(id, |_| {});
        self.get(id).map_or(u32::MAX, |person| person.number)
    }

    /// Changes one principal. What its `identity` is made of changes only through `refresh`.
    pub(crate) fn change(&mut self, id: Uuid, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.by_id.get_mut(&id) {
            return change(Arc::make_mut(person));
        }
        let mut person = Person { number: self.next, ..Person::default() };
        self.next = self.next.saturating_add(1);
        change(&mut person);
        self.by_id.insert(id, Arc::new(person));
    }

    pub(crate) fn join(&mut self, group: Uuid, member: Uuid) {
        self.change(group, |person| add(&mut person.members, member));
        self.change(member, |person| add(&mut person.groups, group));
    }

    pub(crate) fn leave(&mut self, group: Uuid, member: Uuid) {
        self.change(group, |person| take(&mut person.members, member));
        self.change(member, |person| take(&mut person.groups, group));
    }

    /// Takes a principal out of the directory; assignments that name it stay. Returns who was below it.
    pub(crate) fn expel(&mut self, id: Uuid) -> Vec<Uuid> {
        let Some(person) = self.get(id).cloned() else {
            return Vec::new();
        };
        for group in &person.groups {
            self.leave(*group, id);
        }
        for member in &person.members {
            self.leave(id, *member);
        }
        self.change(id, |person| {
            person.kind = None;
            person.directory_roles.clear();
        });
        person.members
    }

    /// Works out the identities of these principals and of all below them.
    pub(crate) fn refresh(&mut self, changed: &[Uuid]) {
        let below = reachable(changed, |id| self.get(id).map(|person| person.members.clone()).unwrap_or_default());
        for id in below {
            let identity = self.identity_of(id);
            self.change(id, |person| person.identity = identity);
        }
    }

    /// Works out every identity.
    pub(crate) fn refresh_all(&mut self) {
        let everybody: Vec<Uuid> = self.by_id.iter().map(|(id, _)| *id).collect();
        for id in everybody {
            let identity = self.identity_of(id);
            self.change(id, |person| person.identity = identity);
        }
    }

    /// The groups of a principal, through groups too, unsorted. Circles end; what is not a group in the directory
    /// passes nothing on.
    pub(crate) fn groups_of(&self, id: Uuid) -> Vec<Uuid> {
        let groups = reachable(&[id], |id| {
            let direct = self.get(id).map(|person| person.groups.as_slice()).unwrap_or_default();
            direct.iter().copied().filter(|group| self.is_group(*group)).collect()
        });
        groups.into_iter().skip(1).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Uuid, &Person)> {
        self.by_id.iter().map(|(id, person)| (*id, person.as_ref()))
    }

    pub(crate) fn members(person: &Person) -> &[Uuid] {
        &person.members
    }

    fn identity_of(&self, id: Uuid) -> Vec<u32> {
        let Some(person) = self.get(id).filter(|person| person.kind.is_some()) else {
            return Vec::new();
        };
        let groups = self.groups_of(id);
        let mut identity: Vec<u32> = groups.into_iter().filter_map(|group| Some(self.get(group)?.number)).collect();
        identity.push(person.number);
        identity.sort_unstable();
        identity.dedup();
        identity
    }

    fn is_group(&self, id: Uuid) -> bool {
        self.get(id).is_some_and(|person| person.kind == Some(PrincipalType::Group))
    }
}

/// Adds to a sorted list, once.
fn add(list: &mut Vec<Uuid>, id: Uuid) {
    if let Err(place) = list.binary_search(&id) {
        list.insert(place, id);
    }
}

/// Removes from a sorted list.
fn take(list: &mut Vec<Uuid>, id: Uuid) {
    if let Ok(place) = list.binary_search(&id) {
        list.remove(place);
    }
}

/// These, and everything that can be reached from them, each once.
fn reachable(from: &[Uuid], next: impl Fn(Uuid) -> Vec<Uuid>) -> Vec<Uuid> {
    let mut seen: HashSet<Uuid> = from.iter().copied().collect();
    let mut found = from.to_vec();
    let mut at = 0;
    while let Some(id) = found.get(at).copied() {
        found.extend(next(id).into_iter().filter(|id| seen.insert(*id)));
        at += 1;
    }
    found
}
