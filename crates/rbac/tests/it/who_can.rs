//! Who can: stories, and random tenants against single decisions.

use std::collections::BTreeSet;

use arm::Scope;
use proptest::prelude::*;
use proptest::sample::subsequence;
use rbac::{
    Able, AccessRequest, Attributes, DenyAssignment, DirectoryRight, DirectoryRole, Facts, Permission, PrincipalType,
    RolePermission, Snapshot, Verdict, WhoCan, evaluate, who_can,
};
use uuid::Uuid;

use crate::generate::condition::known;
use crate::generate::{PEOPLE, SCOPES, any_edits, apply, someone};
use crate::naive::{self, Outcome};
use crate::random::permissions;
use crate::second_opinion::attributes;
use crate::tenant::{ACCOUNT, GROUP, PROJECT, SUB, action, data, facts, person, scope};
use crate::tenant::{AGENTS, ASSIGN, READ_ACCOUNT};

fn names(list: &[Able]) -> Vec<Uuid> {
    list.iter().map(|able| able.principal).collect()
}

fn lock(principals: Vec<Uuid>, condition: Option<&str>) -> DenyAssignment {
    let at = scope(GROUP);
    DenyAssignment {
        id: at.extension("Microsoft.Authorization", "denyAssignments", "lock"),
        scope: at,
        name: "lock".to_owned(),
        permissions: vec![RolePermission { actions: vec!["*".to_owned()], ..RolePermission::default() }],
        principals,
        exclude_principals: vec![person("u2")],
        do_not_apply_to_child_scopes: false,
        condition: condition.map(str::to_owned),
        is_system_protected: false,
    }
}

#[test]
fn members_are_listed_with_the_way_through_their_groups_and_groups_as_holders() {
    let mut facts = facts(&[("Foundry User", ACCOUNT, "g2"), ("Foundry User", PROJECT, "sp1")]);
    facts.members = vec![(person("g1"), person("u1")), (person("g2"), person("g1"))];
    let who = who_can(&data(AGENTS), &scope(PROJECT), &Snapshot::compile(facts));
    let found: BTreeSet<Uuid> = names(&who.principals).into_iter().collect();
    assert_eq!(found, ["u1", "g1", "g2", "sp1"].map(person).into());
    let of = |name: &str| who.principals.iter().find(|able| able.principal == person(name)).unwrap();
    assert_eq!(of("u1").paths[0].holding.group_path, [person("g1"), person("g2")]);
    assert!(of("g2").paths[0].holding.group_path.is_empty());
    let kinds: Vec<PrincipalType> = who.principals.iter().map(|able| able.principal_type).collect();
    assert!(kinds.is_sorted());
    assert!(who.blocked.is_empty() && who.principals.iter().all(|able| !able.conditional));
}

#[test]
fn who_is_denied_is_listed_apart_with_the_deny() {
    let mut facts = facts(&[("Reader", SUB, "u1"), ("Reader", SUB, "u2")]);
    facts.denies = vec![lock(vec![DenyAssignment::ALL_PRINCIPALS], None)];
    let who = who_can(&action(READ_ACCOUNT), &scope(ACCOUNT), &Snapshot::compile(facts.clone()));
    assert_eq!((names(&who.principals), names(&who.blocked)), (vec![person("u2")], vec![person("u1")]));
    assert_eq!(who.blocked[0].denies[0].name, "lock");
    // A deny that depends on the request blocks in some requests only.
    facts.denies = vec![lock(vec![person("u1")], Some("@Request[tier] StringEquals 'gold'"))];
    let who = who_can(&action(READ_ACCOUNT), &scope(ACCOUNT), &Snapshot::compile(facts));
    assert!(who.blocked.is_empty());
    let of = |name: &str| who.principals.iter().find(|able| able.principal == person(name)).unwrap();
    assert!(of("u1").conditional && of("u1").denies[0].conditional);
    assert!(!of("u2").conditional && of("u2").denies.is_empty());
}

#[test]
fn a_condition_that_never_holds_for_the_action_makes_nobody_able() {
    let mut facts = facts(&[("Foundry Project Manager", ACCOUNT, "u1"), ("Owner", SUB, "u2"), ("Owner", GROUP, "sp1")]);
    facts.assignments[1].condition = Some("!(ActionMatches{'Microsoft.Authorization/*'})".to_owned());
    facts.assignments[2].condition = Some("not a condition".to_owned());
    let who = who_can(&action(ASSIGN), &scope(ACCOUNT), &Snapshot::compile(facts));
    assert_eq!(names(&who.principals), [person("u1")]);
    assert!(who.principals[0].conditional && who.principals[0].paths[0].conditions[0].contains("RoleDefinitionId"));
}

#[test]
fn a_right_in_the_directory_is_answered_from_directory_roles() {
    let mut facts = facts(&[("Owner", "/", "u1")]);
    facts.directory_roles = vec![(person("sp1"), DirectoryRole::GlobalAdministrator)];
    let snapshot = Snapshot::compile(facts);
    let manage = who_can(&Permission::Directory(DirectoryRight::ManageUsers), &scope("/"), &snapshot);
    assert_eq!(names(&manage.principals), [person("sp1")]);
    let read = who_can(&Permission::Directory(DirectoryRight::Read), &scope("/"), &snapshot);
    assert_eq!(read.principals.len(), 3, "every user, and the administrator");
}

/// What the list says of one principal is what single decisions say, with these attributes and with none.
fn check(
    who: &WhoCan,
    request: &AccessRequest<'_>,
    expected: &Outcome,
    snapshot: &Snapshot,
) -> Result<(), TestCaseError> {
    let find = |list: &[Able]| list.iter().find(|able| able.principal == request.principal).cloned();
    let (able, blocked) = (find(&who.principals), find(&who.blocked));
    prop_assert!(able.is_none() || blocked.is_none());
    let verdict = evaluate(request, snapshot);
    match (&able, &blocked) {
        (Some(able), _) if !able.conditional => prop_assert!(verdict.is_allowed(), "{:?} {:?}", able, verdict),
        (Some(_), _) => {}
        (None, Some(_)) => prop_assert!(matches!(verdict, Verdict::Denied(_)), "{:?}", verdict),
        (None, None) => prop_assert!(!verdict.is_allowed(), "{:?}", verdict),
    }
    if let (Some(able), Outcome::Allow(ids)) = (&able, expected) {
        let ids_of = |surely: bool| -> BTreeSet<String> {
            let paths = able.paths.iter().filter(|path| !surely || !path.conditional);
            paths.map(|path| path.holding.assignment.to_string()).collect()
        };
        prop_assert!(ids_of(true).is_subset(ids) && ids.is_subset(&ids_of(false)), "{:?} {:?}", able.paths, ids);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn who_can_is_what_single_decisions_say(
        edits in any_edits(),
        known in known(),
        scopes in subsequence(&SCOPES[..], 4),
    ) {
        let mut facts = Facts::default();
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        let (snapshot, tenant) = (Snapshot::compile(facts.clone()), naive::Tenant::new(&facts));
        let nothing = naive::condition::Known::default();
        for (permission, at) in permissions().iter().flat_map(|one| scopes.iter().map(move |at| (one, *at))) {
            let scope = Scope::parse(at).unwrap();
            let who = who_can(permission, &scope, &snapshot);
            prop_assert_eq!(&who, &who_can(permission, &scope, &snapshot.edited(&[])));
            for principal in (0..PEOPLE + 1).map(someone) {
                for known in [&known, &nothing] {
                    let asked = naive::Request { principal, permission, scope: scope.as_str(), known };
                    let (expected, attributes) = (tenant.evaluate(&asked), attributes(known));
                    let request = AccessRequest { principal, permission, scope: &scope, attributes: &attributes };
                    check(&who, &request, &expected, &snapshot)?;
                }
            }
        }
    }
}

/// The comparison above would hold for empty lists too.
#[test]
fn some_can_some_sometimes_and_some_are_blocked() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut surely, mut sometimes, mut blocked) = (0, 0, 0);
    for _ in 0..8 {
        let mut facts = Facts::default();
        any_edits().new_tree(&mut runner).unwrap().current().iter().for_each(|edit| apply(&mut facts, edit));
        let snapshot = Snapshot::compile(facts);
        for permission in &permissions() {
            let who = who_can(permission, &scope(SCOPES[10]), &snapshot);
            surely += who.principals.iter().filter(|able| !able.conditional).count();
            sometimes += who.principals.iter().filter(|able| able.conditional).count();
            blocked += who.blocked.len();
        }
    }
    assert!(surely > 50 && sometimes > 20 && blocked > 10, "{surely} {sometimes} {blocked}");
}

#[test]
fn nobody_can_do_what_names_no_operation() {
    let snapshot = Snapshot::compile(facts(&[("Owner", "/", "u1")]));
    for text in ["", "*", "Microsoft.X/*"] {
        assert!(who_can(&action(text), &scope(SUB), &snapshot).principals.is_empty(), "{text}");
        let request = AccessRequest {
            principal: person("u1"),
            permission: &action(text),
            scope: &scope(SUB),
            attributes: &Attributes::none(),
        };
        assert!(!evaluate(&request, &snapshot).is_allowed());
    }
}
