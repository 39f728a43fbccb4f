//! What of the index cannot be seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::ops::ControlFlow;

use arm::Scope;
use proptest::prelude::*;
use uuid::Uuid;

use super::crowd::Crowd;
use super::entry::{Caller, Entry, scan};
use super::identities::Identities;
use super::list::List;
use super::roles::RoleTable;
use super::rows::Row;
use super::sharded::ShardedMap;
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
    fn scanning_and_searching_find_the_same_entries(
        entries in prop::collection::vec((0_u32..400, 0_u16..80, 0_u16..3), 0..1500),
        added in prop::collection::vec((0_u32..400, 0_u16..80, 0_u16..3), 0..700),
        removed in prop::collection::btree_set(0_u32..2200, 0..1500),
        ids in prop::collection::btree_set(0_u32..450, 0..40),
    ) {
        let entry = |(principal, role, condition)| Entry { principal, role, condition };
        let mut expected: Vec<(Entry, u32)> = entries.into_iter().map(entry).zip(0..).collect();
        expected.sort();
        let mut crowd = Crowd::new(expected.clone());
        for (entry, row) in added.into_iter().map(entry).zip(expected.len() as u32..) {
            crowd.insert(entry, row);
            expected.push((entry, row));
        }
        let gone: Vec<(Entry, u32)> = expected.iter().copied().filter(|(_, row)| removed.contains(row)).collect();
        for (entry, row) in gone {
            crowd.remove(entry.principal, row);
        }
        expected.retain(|(_, row)| !removed.contains(row));
        let ids: Vec<u32> = ids.into_iter().collect();
        let table = RoleTable::built_in();
        let operation = table.operation(&SOME_WRITE);
        let gives = |role| operation.row.gives(role);
        let caller = Caller::new(&ids);
        let (entries, rows): (Vec<Entry>, Vec<u32>) = expected.iter().copied().unzip();
        let (mut scanned, mut searched) = (Vec::new(), Vec::new());
        let into = |list: &mut Vec<(Entry, u32)>, entry, row| {
            list.push((entry, row));
            ControlFlow::Continue(())
        };
        let _ = scan(&entries, &rows, &caller, gives, &mut |entry, row| into(&mut scanned, entry, row));
        let _ = crowd.search(&caller, gives, &mut |entry, row| into(&mut searched, entry, row));
        let mut all: Vec<_> = crowd.iter().collect();
        all.sort();
        expected.sort();
        prop_assert_eq!(&all, &expected);
        expected.retain(|(entry, _)| ids.contains(&entry.principal) && operation.row.gives(entry.role));
        scanned.sort();
        searched.sort();
        prop_assert_eq!(scanned, expected.clone());
        prop_assert_eq!(searched, expected);
    }

    #[test]
    fn identities_are_what_was_set_last(
        first in prop::collection::vec(prop::collection::vec(0_u32..100, 0..5), 0..200),
        later in prop::collection::vec((0_usize..300, prop::collection::vec(0_u32..100, 0..5)), 0..50),
    ) {
        let mut identities: Identities = first.iter().cloned().collect();
        let mut expected = first;
        expected.resize(300, Vec::new());
        for (at, identity) in later {
            identities.set(at as u32, &identity);
            expected[at] = identity;
        }
        for (at, identity) in expected.iter().enumerate() {
            prop_assert_eq!(identities.get(at as u32), identity.as_slice());
        }
    }
}

#[test]
fn an_entry_is_eight_bytes_and_a_row_thirty_two() {
    assert_eq!((size_of::<Entry>(), size_of::<Row>()), (8, 32));
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
