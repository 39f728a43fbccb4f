//! What of the index cannot be seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use arm::Scope;
use proptest::prelude::*;
use uuid::Uuid;

use super::caller::Caller;
use super::entry::Entry;
use super::identities::Identities;
use super::list::List;
use super::people::{Held, People};
use super::roles::RoleTable;
use super::rows::Row;
use super::sharded::ShardedMap;
use super::shelf::Shelf;
use super::{Edit, Facts, Snapshot};
use crate::attributes::Attributes;
use crate::evaluate::{AccessRequest, evaluate};
use crate::permission::Permission;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;

/// An operation that only some roles give.
const SOME_WRITE: Permission =
    Permission::Action(std::borrow::Cow::Borrowed("Microsoft.CognitiveServices/accounts/deployments/write"));

proptest! {
    #[test]
    fn a_shelf_tells_of_the_same_entries_however_many_it_has(
        entries in prop::collection::vec((0_u32..2400, 0_u16..80, 0_u16..3), 0..1500),
        added in prop::collection::vec((0_u32..2400, 0_u16..80, 0_u16..3), 0..700),
        removed in prop::collection::btree_set(0_u32..2200, 0..1500),
        groups in prop::collection::btree_set(0_u32..2500, 0..40),
        // A scope that is scanned, one with a sieve, one with a crowd.
        shares in prop::sample::select(vec![[200, 20, 1], [50, 40, 1], [3, 2, 1]]),
    ) {
        let scope = |row: u32| shares.iter().position(|share| row.is_multiple_of(*share)).unwrap();
        let mut expected: Vec<(usize, Entry, u32)> = Vec::new();
        for ((principal, role, condition), row) in entries.into_iter().zip(0..) {
            expected.push((scope(row), Entry { principal, role, condition }, row));
        }
        expected.sort_by_key(|(scope, ..)| *scope);
        let ends: Vec<usize> = (0..64).map(|at| expected.partition_point(|(scope, ..)| *scope <= at)).collect();
        let mut sorted: Vec<(Entry, u32)> = expected.iter().map(|(_, entry, row)| (*entry, *row)).collect();
        let mut shelf = Shelf::filled(0, &ends, &mut sorted);
        for ((principal, role, condition), row) in added.into_iter().zip(expected.len() as u32..) {
            let entry = Entry { principal, role, condition };
            shelf.insert(scope(row), entry, row);
            expected.push((scope(row), entry, row));
        }
        for (scope, entry, row) in expected.iter().filter(|(.., row)| removed.contains(row)) {
            shelf.remove(*scope, entry.principal, *row);
        }
        expected.retain(|(.., row)| !removed.contains(row));
        let table = RoleTable::built_in();
        let operation = table.operation(&SOME_WRITE);
        let gives = |role| operation.row.gives(role);
        let people = in_groups(&groups);
        let caller = Caller::new(ASKING, &people, gives);
        for at in 0..3 {
            let of_scope = expected.iter().filter(|(scope, ..)| *scope == at).map(|(_, entry, row)| (*entry, *row));
            let mut here: Vec<(Entry, u32)> = of_scope.collect();
            here.sort();
            let mut all: Vec<_> = shelf.iter(at).collect();
            all.sort();
            prop_assert_eq!(&all, &here);
            here.retain(|(entry, _)| groups.contains(&entry.principal) && gives(entry.role));
            let mut found = Vec::new();
            let _ = shelf.matching(at, &caller, &gives, &mut |entry, row| {
                found.push((entry, row));
                ControlFlow::Continue(())
            });
            found.sort();
            prop_assert_eq!(found, here);
        }
    }

    #[test]
    fn identities_are_what_was_set_last(
        first in prop::collection::vec(prop::collection::vec(0_u32..100, 0..5), 0..200),
        later in prop::collection::vec((0_usize..300, prop::collection::vec(0_u32..100, 0..5), any::<bool>()), 0..50),
    ) {
        let held = |scopes: &[u32]| -> Vec<Held> {
            scopes.iter().map(|scope| Held { scope: *scope, row: 0, role: 0, condition: 0 }).collect()
        };
        let own: Vec<Vec<Held>> = first.iter().map(|scopes| held(scopes)).collect();
        let mut identities =
            Identities::of_many(first.len(), |number| first[number as usize].clone(), |number| &own[number as usize]);
        let mut expected: Vec<_> = first.iter().cloned().zip(own.iter().cloned()).collect();
        expected.resize(300, (Vec::new(), Vec::new()));
        for (at, list, is_own) in later {
            if is_own {
                expected[at].1 = held(&list);
                identities.set_own(at as u32, &expected[at].1);
            } else {
                identities.set_ids(at as u32, &list);
                expected[at].0 = list;
            }
        }
        for (at, (ids, own)) in expected.iter().enumerate() {
            prop_assert_eq!(identities.ids(at as u32), ids.as_slice());
            prop_assert!(identities.own(at as u32) == own);
        }
    }
}

/// Who asks in the tests of a shelf.
const ASKING: u32 = 2500;

/// People with numbers up to `ASKING`, who is in these groups.
fn in_groups(groups: &BTreeSet<u32>) -> People {
    let mut people = People::default();
    for number in 0..=ASKING {
        assert_eq!(people.number(Uuid::from_u128(number.into())), number);
        let kind = if number == ASKING { PrincipalType::User } else { PrincipalType::Group };
        people.set_kind(number, kind);
    }
    people.join_all(groups.iter().map(|group| (*group, ASKING)).collect());
    people.settle(Vec::new());
    people
}

#[test]
fn an_entry_is_eight_bytes_a_held_one_twelve_and_a_row_thirty_two() {
    assert_eq!((size_of::<Entry>(), size_of::<Held>(), size_of::<Row>()), (8, 12, 32));
}

#[test]
fn a_changed_map_leaves_its_clones_alone() {
    let mut map = ShardedMap::default();
    for number in 0..2000_u32 {
        map.insert(number, number);
    }
    let before = map.clone();
    map.insert(7, 8);
    assert_eq!(map.remove(&9), Some(9));
    assert_eq!(map.remove(&5000), None);
    assert_eq!((map.get(&7), map.get(&9)), (Some(&8), None));
    assert_eq!((before.get(&7), before.get(&9)), (Some(&7), Some(&9)));
}

#[test]
fn of_many_entries_the_first_of_a_key_counts_and_the_others_are_told() {
    let (map, left_over) = ShardedMap::of_many([(1, 'a'), (2, 'b'), (1, 'c'), (1, 'd')].into_iter());
    assert_eq!((map.get(&1), map.get(&2), map.get(&3)), (Some(&'a'), Some(&'b'), None));
    assert_eq!(left_over, ['c', 'd']);
}

#[test]
fn a_changed_list_leaves_its_clones_alone() {
    let mut list: List<u32, 4> = List::from((0..1000).collect::<Vec<u32>>());
    let before = list.clone();
    (1000..1300).for_each(|number| list.push(number));
    *list.get_mut(999).unwrap() = 7;
    assert_eq!((list.len(), list.get(999), list.get(1299), list.get(1300)), (1300, Some(&7), Some(&1299), None));
    assert_eq!((before.len(), before.get(999), before.get(1000)), (1000, Some(&999), None));
    assert_eq!(list.iter().filter(|number| **number < 999).count(), 1000);
    assert!(before.iter().copied().eq(0..1000));
}

#[test]
fn unknown_operations_are_remembered_within_a_bound_and_stay_right() {
    let table = RoleTable::built_in();
    let reader = table.known_number(crate::by_name("Reader").unwrap().id).unwrap();
    for round in 0..3 {
        for number in 0..3000 {
            let verb = if number % 2 == 0 { "read" } else { "write" };
            let unheard = Permission::Action(format!("Microsoft.Unheard/t{number}/{verb}").into());
            assert_eq!(table.operation(&unheard).row.gives(reader), number % 2 == 0, "round {round}, {number}");
        }
    }
    assert!(table.remembered() <= 1024);
    let data = table.operation(&Permission::DataAction("Microsoft.Unheard/t0/read".into()));
    assert!(!data.row.gives(reader), "the planes are remembered apart");
}

fn read_at(snapshot: &Snapshot, principal: Uuid, attribute: &str) -> bool {
    let permission = Permission::Action("Microsoft.X/a/read".into());
    let attributes = Attributes::none().with_request("a", attribute);
    let scope = Scope::subscription("s");
    evaluate(&AccessRequest { principal, permission: &permission, scope: &scope, attributes: &attributes }, snapshot)
        .is_allowed()
}

#[test]
fn a_long_life_of_edits_leaves_nothing_behind_and_changes_no_decision() {
    let principal = Uuid::from_u128(1);
    let assignment = |number: u32| RoleAssignment {
        id: Scope::root().extension("Microsoft.Authorization", "roleAssignments", "one"),
        scope: Scope::subscription("s"),
        role: crate::by_name("Reader").unwrap().id,
        principal,
        principal_type: PrincipalType::User,
        condition: Some(format!("@Request[a] StringEquals '{number}'")),
    };
    let facts = Facts { principals: vec![(principal, PrincipalType::User)], ..Facts::default() };
    let mut snapshot = Snapshot::compile(facts);
    // More different conditions than there are numbers for them.
    let edits: Vec<Edit> = (0..66_000).map(|number| Edit::PutAssignment(assignment(number))).collect();
    for batch in edits.chunks(6_600) {
        snapshot = snapshot.edited(batch);
    }
    assert_eq!(snapshot.version(), 11);
    assert!(read_at(&snapshot, principal, "65999") && !read_at(&snapshot, principal, "65998"));
    assert!(snapshot.edits < 6_601, "compiled anew on the way");
}
