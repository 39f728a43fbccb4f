//! What can: stories, and random tenants against single decisions.

use arm::Scope;
use proptest::prelude::*;
use proptest::sample::select;
use rbac::{
    AccessRequest, Attributes, DenyAssignment, DirectoryRole, Facts, Place, RolePermission, Snapshot, Verdict,
    catalogue, evaluate, what_can,
};

use crate::generate::condition::known;
use crate::generate::{PEOPLE, SCOPES, any_edits, apply, someone};
use crate::naive;
use crate::second_opinion::attributes;
use crate::tenant::{ACCOUNT, AGENTS, ASSIGN, GROUP, PROJECT, SUB, facts, person, scope};

#[test]
fn roles_above_at_and_below_are_listed_with_their_place_and_others_are_not() {
    let grants = [
        ("Reader", SUB, "g1"),
        ("Foundry User", ACCOUNT, "u1"),
        ("Foundry Project Manager", PROJECT, "u1"),
        ("Owner", "/subscriptions/s2", "u1"),
    ];
    let mut facts = facts(&grants);
    facts.members = vec![(person("g1"), person("u1"))];
    facts.directory_roles = vec![(person("u1"), DirectoryRole::DirectoryReaders)];
    let snapshot = Snapshot::compile(facts);
    let what = what_can(person("u1"), Some(&scope(ACCOUNT)), &snapshot);
    let places: Vec<(&str, Option<Place>)> =
        what.assignments.iter().map(|held| (held.holding.role.name.as_str(), held.place)).collect();
    let expected = [
        ("Reader", Some(Place::Above)),
        ("Foundry User", Some(Place::At)),
        ("Foundry Project Manager", Some(Place::Below)),
    ];
    assert_eq!(places, expected);
    assert_eq!(what.assignments[0].holding.group_path, [person("g1")]);
    assert_eq!(what.directory_roles, ["Directory Readers"]);
    let everywhere = what_can(person("u1"), None, &snapshot);
    assert_eq!((everywhere.assignments.len(), everywhere.at), (4, None));
}

#[test]
fn what_is_allowed_sometimes_is_listed_apart_and_what_is_denied_is_not() {
    let mut facts = facts(&[("Foundry Project Manager", ACCOUNT, "u1")]);
    let at = what_can(person("u1"), Some(&scope(ACCOUNT)), &Snapshot::compile(facts.clone())).at.unwrap();
    assert!(at.data_actions.iter().any(|name| name == AGENTS));
    assert!(at.conditional_actions.iter().any(|name| name == ASSIGN) && !at.actions.iter().any(|name| name == ASSIGN));
    let place = scope(GROUP);
    facts.denies = vec![DenyAssignment {
        id: place.extension("Microsoft.Authorization", "denyAssignments", "lock"),
        scope: place,
        name: "lock".to_owned(),
        permissions: vec![RolePermission { data_actions: vec![AGENTS.to_owned()], ..RolePermission::default() }],
        principals: vec![person("u1")],
        exclude_principals: Vec::new(),
        do_not_apply_to_child_scopes: false,
        condition: None,
        is_system_protected: false,
    }];
    let at = what_can(person("u1"), Some(&scope(ACCOUNT)), &Snapshot::compile(facts)).at.unwrap();
    assert!(!at.data_actions.iter().any(|name| name == AGENTS));
    assert_eq!(at.denies.len(), 1);
}

#[test]
fn a_stranger_can_do_nothing() {
    let snapshot = Snapshot::compile(facts(&[("Owner", "/", "ghost")]));
    let what = what_can(person("ghost"), Some(&scope(SUB)), &snapshot);
    assert_eq!((what.principal_type, what.assignments.len()), (None, 0));
    assert!(what.at.unwrap().actions.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn what_can_is_what_single_decisions_say(
        edits in any_edits(),
        known in known(),
        at in select(&SCOPES[..]),
    ) {
        let mut facts = Facts::default();
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        let (snapshot, tenant) = (Snapshot::compile(facts.clone()), naive::Tenant::new(&facts));
        let scope = Scope::parse(at).unwrap();
        for principal in (0..PEOPLE + 1).map(someone) {
            let what = what_can(principal, Some(&scope), &snapshot);
            for held in &what.assignments {
                let made_at = held.holding.scope.as_str();
                let above = tenant.above(scope.as_str()).contains(held.holding.scope.key());
                let below = tenant.above(made_at).contains(scope.key());
                // In a circle of management groups each is above and below the other.
                let expected = match (held.holding.scope == scope, above) {
                    (true, _) => Place::At,
                    (false, true) => Place::Above,
                    (false, false) => Place::Below,
                };
                prop_assert!(above || below, "{} is neither above nor below {}", made_at, scope);
                prop_assert_eq!(held.place, Some(expected), "{} for {}", made_at, scope);
            }
            let allowed = what.at.unwrap();
            let listed = |list: &[String], name: &str| list.binary_search_by_key(&name.to_ascii_lowercase(), |name| name.to_ascii_lowercase()).is_ok();
            for operation in catalogue().operations() {
                let (name, permission) = (operation.name, operation.permission());
                let (surely, sometimes) = match operation.is_data {
                    false => (&allowed.actions, &allowed.conditional_actions),
                    true => (&allowed.data_actions, &allowed.conditional_data_actions),
                };
                for attributes in [&attributes(&known), &Attributes::none()] {
                    let request = AccessRequest { principal, permission: &permission, scope: &scope, attributes };
                    let verdict = evaluate(&request, &snapshot);
                    match (listed(surely, name), listed(sometimes, name)) {
                        (true, sometimes) => prop_assert!(verdict.is_allowed() && !sometimes, "{} {:?}", name, verdict),
                        (false, false) => prop_assert!(!verdict.is_allowed(), "{} {:?}", name, verdict),
                        (false, true) => prop_assert!(!matches!(verdict, Verdict::Allowed(rbac::Grant::AnyToken))),
                    }
                }
            }
        }
    }
}
