//! Principals: who is in which group, who holds which directory role, which assignments name whom.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use uuid::Uuid;

use super::entry::Entry;
use super::identities::Identities;
use super::list::List;
use super::neighbours::Holder;
use super::sharded::ShardedMap;
use crate::permission::DirectoryRole;
use crate::principal::PrincipalType;

/// An edit copies the pointers to this many principals.
const CHUNK: usize = 64;

/// Every principal that is in the directory or named by an assignment or a group.
#[derive(Clone, Default)]
pub(crate) struct People {
    numbers: ShardedMap<Uuid, u32>,
    people: List<Arc<Person>, CHUNK>,
    identities: Identities,
}

/// One principal. Others are numbers, in sorted lists.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    /// None: not in the directory, so nothing is granted to it.
    pub(crate) kind: Option<PrincipalType>,
    /// Where decisions look for what it holds. Once it was a group, it stays among the groups: a principal does not change
    /// its kind, and may not be asked to move thousands of entries when it goes.
    holder: Holder,
    pub(crate) directory_roles: Vec<DirectoryRole>,
    /// The assignments that name it, where it is among the groups; those of others are in their identity.
    held: Vec<Held>,
    /// Groups that it is a direct member of.
    groups: Vec<u32>,
    /// Its direct members: of some groups, everybody.
    members: Arc<Vec<u32>>,
}

/// An assignment as its holder has it; its row has the rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    pub(crate) scope: u32,
    pub(crate) row: u32,
    pub(crate) role: u16,
    pub(crate) condition: u16,
}

impl Held {
    /// As its scope has it.
    pub(crate) fn entry(&self, principal: u32) -> Entry {
        Entry { principal, role: self.role, condition: self.condition }
    }
}

impl People {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Person> {
        self.person(self.known_number(id)?)
    }

    pub(crate) fn person(&self, number: u32) -> Option<&Person> {
        self.people.get(number as usize).map(Arc::as_ref)
    }

    pub(crate) fn known_number(&self, id: Uuid) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    /// The principal's number; one that is only named gets one too.
    pub(crate) fn number(&mut self, id: Uuid) -> u32 {
        if let Some(number) = self.known_number(id) {
            return number;
        }
        let number = self.people.len() as u32;
        self.people.push(Arc::new(Person::named(id)));
        self.numbers.insert(id, number);
        number
    }

    /// The numbers of the principal and of its groups, through groups too; sorted; none for one that is not in the
    /// directory.
    pub(crate) fn identity(&self, number: u32) -> &[u32] {
        self.identities.ids(number)
    }

    /// What names a principal itself, by scope; nothing for one that is among the groups.
    #[inline]
    pub(crate) fn own(&self, number: u32) -> &[Held] {
        self.identities.own(number)
    }

    /// What names a principal, by scope.
    pub(crate) fn held(&self, number: u32) -> &[Held] {
        match self.person(number) {
            Some(Person { holder: Holder::Group, held, .. }) => held,
            _ => self.identities.own(number),
        }
    }

    /// Where decisions look for what a principal holds.
    pub(crate) fn holder(&self, number: u32) -> Holder {
        self.person(number).map_or(Holder::Other, |person| person.holder)
    }

    /// As `holder`, of every principal by its number.
    pub(crate) fn holders(&self) -> Vec<Holder> {
        self.people.iter().map(|person| person.holder).collect()
    }

    /// Notes what a principal is in the directory. What a group holds is among the groups from then on.
    pub(crate) fn set_kind(&mut self, number: u32, kind: PrincipalType) {
        let held = self.held(number).to_vec();
        self.change(number, |person| {
            person.kind = Some(kind);
            if kind == PrincipalType::Group {
                person.holder = Holder::Group;
            }
        });
        self.set_held(number, held);
    }

    /// Adds to what names a principal.
    pub(crate) fn hold(&mut self, number: u32, held: Held) {
        let mut list = self.held(number).to_vec();
        add(&mut list, held);
        self.set_held(number, list);
    }

    /// Takes from what names a principal.
    pub(crate) fn let_go(&mut self, number: u32, held: Held) {
        let mut list = self.held(number).to_vec();
        take(&mut list, held);
        self.set_held(number, list);
    }

    fn set_held(&mut self, number: u32, held: Vec<Held>) {
        let own: &[Held] = match self.holder(number) {
            Holder::Group => &[],
            Holder::Other => &held,
        };
        if self.identities.own(number) != own {
            self.identities.set_own(number, own);
        }
        if self.holder(number) == Holder::Group {
            self.change(number, |person| person.held = held);
        }
    }

    /// Changes one principal. What its identity is made of changes only through `refresh`.
    pub(crate) fn change(&mut self, number: u32, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.people.get_mut(number as usize) {
            change(Arc::make_mut(person));
        }
    }

    pub(crate) fn join(&mut self, group: u32, member: u32) {
        self.change(group, |person| add(Arc::make_mut(&mut person.members), member));
        self.change(member, |person| add(&mut person.groups, group));
    }

    pub(crate) fn leave(&mut self, group: u32, member: u32) {
        self.change(group, |person| take(Arc::make_mut(&mut person.members), member));
        self.change(member, |person| take(&mut person.groups, group));
    }

    /// Many memberships at once, `(group, member)`, for principals that have none.
    pub(crate) fn join_all(&mut self, mut pairs: Vec<(u32, u32)>) {
        pairs.sort_unstable();
        pairs.dedup();
        for of_group in pairs.chunk_by(|a, b| a.0 == b.0) {
            let Some((group, _)) = of_group.first() else { continue };
            let members = of_group.iter().map(|(_, member)| *member).collect();
            self.change(*group, |person| person.members = Arc::new(members));
        }
        // Sorted by member, then group.
        pairs.sort_unstable_by_key(|(group, member)| (*member, *group));
        for of_member in pairs.chunk_by(|a, b| a.1 == b.1) {
            let Some((_, member)) = of_member.first() else { continue };
            let groups = of_member.iter().map(|(group, _)| *group).collect();
            self.change(*member, |person| person.groups = groups);
        }
    }

    /// Takes a principal out of the directory; assignments that name it stay. Returns who was below it.
    pub(crate) fn expel(&mut self, number: u32) -> Vec<u32> {
        let Some(person) = self.person(number).cloned() else {
            return Vec::new();
        };
        for group in &person.groups {
            self.leave(*group, number);
        }
        for member in person.members.iter() {
            self.leave(number, *member);
        }
        self.change(number, |person| {
            person.kind = None;
            person.directory_roles.clear();
        });
        person.members.to_vec()
    }

    /// Works out the identities of these principals and of all below them.
    pub(crate) fn refresh(&mut self, changed: &[u32]) {
        let below = reachable(changed, |number| self.members(number).iter().copied());
        for number in below {
            let identity = self.identity_of(number);
            self.identities.set_ids(number, &identity);
        }
    }

    /// Works out every identity, and notes what names each principal, where nothing is held yet.
    pub(crate) fn settle(&mut self, mut held: Vec<(u32, Held)>) {
        held.sort_unstable();
        let mut by_holder: HashMap<u32, Vec<Held>, RandomState> = HashMap::default();
        for of_holder in held.chunk_by(|one, other| one.0 == other.0) {
            let Some((holder, _)) = of_holder.first() else { continue };
            let held: Vec<Held> = of_holder.iter().map(|(_, held)| *held).collect();
            match self.holder(*holder) {
                Holder::Group => self.change(*holder, |person| person.held = held),
                Holder::Other => drop(by_holder.insert(*holder, held)),
            }
        }
        let mut walk = Walk { round: 0, seen: vec![0; self.people.len()] };
        let ids = |number: u32| match self.person(number).and_then(|person| person.kind) {
            Some(_) => walk.identity(number, self),
            None => Vec::new(),
        };
        let own = |number: u32| by_holder.get(&number).map(Vec::as_slice).unwrap_or_default();
        self.identities = Identities::of_many(self.people.len(), ids, own);
    }

    /// The groups of a principal, through groups too, unsorted. Circles end; what is not a group in the directory
    /// passes nothing on.
    pub(crate) fn groups_of(&self, number: u32) -> Vec<u32> {
        let groups = reachable(&[number], |number| self.passing_groups(number));
        groups.into_iter().skip(1).collect()
    }

    /// The groups in the directory that a principal is a direct member of.
    pub(crate) fn direct_groups_of(&self, number: u32) -> Vec<u32> {
        self.passing_groups(number).collect()
    }

    /// Everybody of the directory in a group, through groups too, unsorted.
    pub(crate) fn members_of(&self, group: u32) -> Vec<u32> {
        let known = |number: &u32| self.person(*number).is_some_and(|person| person.kind.is_some());
        let members = reachable(&[group], |number| {
            let direct = if self.is_group(number) { self.members(number) } else { &[] };
            direct.iter().copied().filter(known)
        });
        members.into_iter().skip(1).collect()
    }

    /// Every principal with its number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Person)> {
        (0_u32..).zip(self.people.iter().map(Arc::as_ref))
    }

    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    pub(crate) fn members(&self, number: u32) -> &[u32] {
        self.person(number).map(|person| person.members.as_slice()).unwrap_or_default()
    }

    /// Bytes of the identities.
    pub(crate) fn identity_bytes(&self) -> usize {
        self.identities.id_bytes()
    }

    /// Bytes of the lists of assignments by principal, of groups or of the others.
    pub(crate) fn held_bytes(&self, holder: Holder) -> usize {
        match holder {
            Holder::Group => self.people.iter().map(|person| person.held.capacity() * size_of::<Held>()).sum(),
            Holder::Other => self.identities.own_bytes(),
        }
    }

    /// Bytes of the rest.
    pub(crate) fn person_bytes(&self) -> usize {
        let counts = 2 * size_of::<usize>();
        let of_one = |person: &Arc<Person>| {
            let lists = person.groups.capacity() * 4 + person.members.capacity() * 4;
            counts + size_of::<Person>() + counts + size_of::<Vec<u32>>() + lists + person.directory_roles.capacity()
        };
        self.numbers.bytes() + self.people.bytes() + self.people.iter().map(of_one).sum::<usize>()
    }

    fn identity_of(&self, number: u32) -> Vec<u32> {
        if self.person(number).is_none_or(|person| person.kind.is_none()) {
            return Vec::new();
        }
        let mut identity = self.groups_of(number);
        identity.push(number);
        identity.sort_unstable();
        identity.dedup();
        identity
    }

    /// The groups that a principal is a direct member of, and that are in the directory.
    fn passing_groups(&self, number: u32) -> impl Iterator<Item = u32> + '_ {
        let groups = self.person(number).map(|person| person.groups.as_slice()).unwrap_or_default();
        groups.iter().copied().filter(|group| self.is_group(*group))
    }

    fn is_group(&self, number: u32) -> bool {
        self.person(number).is_some_and(|person| person.kind == Some(PrincipalType::Group))
    }
}

impl Person {
    /// One that is named and not yet in the directory.
    fn named(id: Uuid) -> Person {
        Person {
            id,
            kind: None,
            holder: Holder::Other,
            directory_roles: Vec::new(),
            held: Vec::new(),
            groups: Vec::new(),
            members: Arc::default(),
        }
    }
}

/// Many walks up the groups: who was seen in which round, so that nothing has to be cleared between them.
struct Walk {
    round: u32,
    seen: Vec<u32>,
}

impl Walk {
    fn identity(&mut self, number: u32, people: &People) -> Vec<u32> {
        self.round += 1;
        let round = self.round;
        let mut is_new = |number: u32| {
            let seen = self.seen.get_mut(number as usize);
            seen.is_some_and(|seen| std::mem::replace(seen, round) != round)
        };
        let mut identity = vec![number];
        is_new(number);
        let mut at = 0;
        while let Some(number) = identity.get(at).copied() {
            identity.extend(people.passing_groups(number).filter(|group| is_new(*group)));
            at += 1;
        }
        identity.sort_unstable();
        identity
    }
}

/// Adds to a sorted list, once.
fn add<T: Ord>(list: &mut Vec<T>, element: T) {
    if let Err(place) = list.binary_search(&element) {
        list.insert(place, element);
    }
}

/// Removes from a sorted list.
fn take<T: Ord>(list: &mut Vec<T>, element: T) {
    if let Ok(place) = list.binary_search(&element) {
        list.remove(place);
    }
}

/// These, and everything that can be reached from them, each once.
fn reachable<I: Iterator<Item = u32>>(from: &[u32], next: impl Fn(u32) -> I) -> Vec<u32> {
    let mut seen: HashSet<u32, RandomState> = from.iter().copied().collect();
    let mut found = from.to_vec();
    let mut at = 0;
    while let Some(number) = found.get(at).copied() {
        found.extend(next(number).filter(|number| seen.insert(*number)));
        at += 1;
    }
    found
}
