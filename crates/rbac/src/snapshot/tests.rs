//! What of the index cannot be seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use arm::Scope;
use proptest::prelude::*;
use uuid::Uuid;

use super::entry::{Entry, matching};
use super::roles::{GrantRow, RoleTable};
use super::sharded::ShardedMap;
use super::{Edit, Facts, Snapshot};
use crate::attributes::Attributes;
use crate::evaluate::{AccessRequest, evaluate};
use crate::permission::Permission;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;

/// The roles that give an operation that only some do.
fn some_roles() -> std::sync::Arc<GrantRow> {
    RoleTable::built_in().row(&Permission::Action("Microsoft.CognitiveServices/accounts/deployments/write".into()))
}

proptest! {
    #[test]
    fn scanning_and_searching_find_the_same_entries(
        entries in prop::collection::vec((0_u32..40, 0_u16..80, 0_u16..3), 0..900),
        ids in prop::collection::btree_set(0_u32..45, 0..40),
    ) {
        let mut entries: Vec<Entry> =
            entries.into_iter().map(|(principal, role, condition)| Entry { principal, role, condition }).collect();
        entries.sort();
        let ids: Vec<u32> = ids.into_iter().collect();
        let row = some_roles();
        let mut found: Vec<usize> = matching(&entries, &ids, &row).collect();
        found.sort_unstable();
        let expected: Vec<usize> = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| ids.contains(&entry.principal) && row.gives(entry.role))
            .map(|(at, _)| at)
            .collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn an_entry_is_eight_bytes() {
    assert_eq!(size_of::<Entry>(), 8);
}

#[test]
fn a_changed_map_leaves_its_clones_alone() {
    let mut map = ShardedMap::new();
    for number in 0..2000_u32 {
        map.insert(number, number);
    }
    let before = map.clone();
    map.insert(7, 8);
    assert_eq!(map.remove(&9), Some(9));
    assert_eq!(map.remove(&5000), None);
    assert_eq!((map.get(&7), map.get(&9), map.len()), (Some(&8), None, 1999));
    assert_eq!((before.get(&7), before.get(&9), before.len()), (Some(&7), Some(&9), 2000));
}

#[test]
fn unknown_operations_are_remembered_within_a_bound_and_stay_right() {
    let table = RoleTable::built_in();
    let reader = table.known_number(crate::by_name("Reader").unwrap().id).unwrap();
    for round in 0..3 {
        for number in 0..3000 {
            let verb = if number % 2 == 0 { "read" } else { "write" };
            let row = table.row(&Permission::Action(format!("Microsoft.Unheard/t{number}/{verb}").into()));
            assert_eq!(row.gives(reader), number % 2 == 0, "round {round}, {number}");
        }
    }
    assert!(table.remembered() <= 1024);
    let data = table.row(&Permission::DataAction("Microsoft.Unheard/t0/read".into()));
    assert!(!data.gives(reader), "the planes are remembered apart");
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
