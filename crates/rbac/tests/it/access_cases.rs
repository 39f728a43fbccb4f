//! What goes wrong with access control elsewhere, told as stories. Patterns, places and conditions stand as cases in
//! `conformance/rbac/edges.json`; groups, circles and roles in `evaluation`; a single deny in `deny_assignments`; what is
//! here changes while one looks.

use rbac::{Attributes, DenyAssignment, Edit, Permission, PrincipalType, RolePermission, Snapshot, Verdict};
use uuid::Uuid;

use crate::tenant::{
    ACCOUNT, ASSIGN, CHAT, GROUP, MG, PROJECT, READ_ACCOUNT, SUB, action, allowed, assignment, data, facts, person,
    scope, verdict, verdict_with,
};

const WRITE: &str = "Microsoft.CognitiveServices/accounts/write";
const TYPE: &str = "Microsoft.Authorization/roleAssignments:PrincipalType";

/// All management actions but reads, at a place.
fn deny(name: &str, at: &str, principals: &[&str], excluded: &[&str]) -> DenyAssignment {
    let ids = |names: &[&str]| names.iter().map(|name| person(name)).collect();
    DenyAssignment {
        id: scope(at).extension("Microsoft.Authorization", "denyAssignments", name),
        scope: scope(at),
        name: name.to_owned(),
        permissions: vec![RolePermission {
            actions: vec!["*".to_owned()],
            not_actions: vec!["*/read".to_owned()],
            ..RolePermission::default()
        }],
        principals: if principals == ["*"] { vec![DenyAssignment::ALL_PRINCIPALS] } else { ids(principals) },
        exclude_principals: ids(excluded),
        do_not_apply_to_child_scopes: false,
        condition: None,
        is_system_protected: false,
    }
}

/// `u1` and the service principal own the subscription.
fn owned(denies: Vec<DenyAssignment>) -> Snapshot {
    let mut facts = facts(&[("Owner", SUB, "u1"), ("Owner", SUB, "sp1")]);
    facts.denies = denies;
    Snapshot::compile(facts)
}

fn denied(snapshot: &Snapshot, who: &str, permission: &Permission, at: &str) -> bool {
    matches!(verdict(snapshot, who, permission, at), Verdict::Denied(_))
}

#[test]
fn a_deny_assignment_beats_owner_until_it_is_removed() {
    let before = owned(vec![deny("no", GROUP, &["*"], &[])]);
    let Verdict::Denied(found) = verdict(&before, "u1", &action(WRITE), ACCOUNT) else {
        panic!("owner passes");
    };
    assert_eq!((found.name.as_str(), found.scope, found.undecided), ("no", scope(GROUP), false));
    assert!(allowed(&before, "u1", &action(READ_ACCOUNT), ACCOUNT), "reads are left out");
    assert!(allowed(&before, "u1", &action(WRITE), SUB), "above it");
    let after = before.edited(&[Edit::RemoveDenyAssignment(found.id.clone())]);
    assert!(allowed(&after, "u1", &action(WRITE), ACCOUNT));
    assert!(denied(&before, "u1", &action(WRITE), ACCOUNT), "the version before is as it was");
    let back = after.edited(&[Edit::PutDenyAssignment(deny("no", GROUP, &["*"], &[]))]);
    assert!(denied(&back, "u1", &action(WRITE), ACCOUNT));
    let replaced = back.edited(&[Edit::PutDenyAssignment(deny("no", GROUP, &["u2"], &[]))]);
    assert!(allowed(&replaced, "u1", &action(WRITE), ACCOUNT), "the same id holds once");
}

#[test]
fn whoever_joins_an_excluded_group_passes_and_whoever_leaves_it_does_not() {
    let outside = owned(vec![deny("no", GROUP, &["*"], &["g1"])]);
    assert!(denied(&outside, "u1", &action(WRITE), ACCOUNT));
    let inner = outside.edited(&[
        Edit::AddMember { group: person("g1"), member: person("g2") },
        Edit::AddMember { group: person("g2"), member: person("u1") },
    ]);
    assert!(allowed(&inner, "u1", &action(WRITE), ACCOUNT), "through a group in the group");
    assert!(denied(&inner, "sp1", &action(WRITE), ACCOUNT));
    let left = inner.edited(&[Edit::RemoveMember { group: person("g1"), member: person("g2") }]);
    assert!(denied(&left, "u1", &action(WRITE), ACCOUNT));
    let deleted = inner.edited(&[Edit::RemovePrincipal(person("g1"))]);
    assert!(denied(&deleted, "u1", &action(WRITE), ACCOUNT), "a deleted group excludes nobody");
}

#[test]
fn whoever_joins_a_denied_group_is_denied() {
    let outside = owned(vec![deny("no", SUB, &["g1"], &[])]);
    assert!(allowed(&outside, "u1", &action(WRITE), PROJECT));
    let inside = outside.edited(&[Edit::AddMember { group: person("g1"), member: person("u1") }]);
    assert!(denied(&inside, "u1", &action(WRITE), PROJECT));
    assert!(allowed(&inside, "sp1", &action(WRITE), PROJECT));
}

#[test]
fn a_subscription_moved_under_a_denied_management_group_is_denied() {
    let outside = owned(vec![deny("no", MG, &["*"], &[])]);
    assert!(allowed(&outside, "u1", &action(WRITE), ACCOUNT));
    let inside = outside.edited(&[Edit::SetParent { scope: scope(SUB), parent: scope(MG) }]);
    assert!(denied(&inside, "u1", &action(WRITE), ACCOUNT));
    let out_again = inside.edited(&[Edit::RemoveParent(scope(SUB))]);
    assert!(allowed(&out_again, "u1", &action(WRITE), ACCOUNT));
}

#[test]
fn management_groups_in_a_circle_still_deny() {
    let other = "/providers/Microsoft.Management/managementGroups/other";
    let mut facts = facts(&[("Owner", SUB, "u1")]);
    facts.parents = vec![(scope(SUB), scope(MG)), (scope(MG), scope(other)), (scope(other), scope(MG))];
    facts.denies = vec![deny("no", other, &["u1"], &[])];
    assert!(denied(&Snapshot::compile(facts), "u1", &action(WRITE), ACCOUNT));
}

#[test]
fn a_condition_inside_a_deny_limits_its_own_permissions() {
    let mut partly = deny("no", SUB, &["*"], &[]);
    partly.permissions[0].condition = Some(format!("@Request[{TYPE}] StringEquals 'User'"));
    let snapshot = owned(vec![partly]);
    let asked = |kind: &str| {
        let attributes = Attributes::none().with_request(TYPE, kind);
        verdict_with(&snapshot, "u1", &action(ASSIGN), SUB, &attributes).is_allowed()
    };
    assert!(!asked("User") && asked("Group"));
}

#[test]
fn a_deny_for_everybody_reaches_a_caller_outside_the_directory() {
    let snapshot = owned(vec![deny("no", "/", &["*"], &["ghost"])]);
    assert!(denied(&snapshot, "ghost", &action(WRITE), ACCOUNT), "who is not there is not excluded either");
    let there = snapshot.edited(&[Edit::PutPrincipal(person("ghost"), PrincipalType::User)]);
    assert!(matches!(verdict(&there, "ghost", &action(WRITE), ACCOUNT), Verdict::NotAllowed(_)), "excluded, no grant");
}

#[test]
fn a_principal_created_anew_under_the_same_name_inherits_nothing() {
    let mut before = facts(&[("Owner", SUB, "u1"), ("Cognitive Services OpenAI User", SUB, "g1")]);
    before.members = vec![(person("g1"), person("u1"))];
    let snapshot = Snapshot::compile(before);
    assert!(allowed(&snapshot, "u1", &action(READ_ACCOUNT), ACCOUNT) && allowed(&snapshot, "u1", &data(CHAT), ACCOUNT));
    // The name is the directory's; the new object has an id of its own.
    let anew = Uuid::from_u128(0xA_11CE);
    let after = snapshot.edited(&[Edit::RemovePrincipal(person("u1")), Edit::PutPrincipal(anew, PrincipalType::User)]);
    for who in ["u1", &anew.to_string()] {
        assert!(!allowed(&after, who, &action(READ_ACCOUNT), ACCOUNT) && !allowed(&after, who, &data(CHAT), ACCOUNT));
        assert!(after.groups_of(person(who)).is_empty());
    }
}

#[test]
fn an_orphaned_assignment_is_kept_and_grants_nobody() {
    let orphan = assignment(0, "Owner", SUB, "u1");
    let after = owned(vec![]).edited(&[Edit::RemovePrincipal(person("u1"))]);
    assert_eq!(after.assignment(&orphan.id).map(|kept| kept.principal), Some(person("u1")));
    assert!(!allowed(&after, "u1", &action(READ_ACCOUNT), SUB));
    assert!(allowed(&after, "sp1", &action(READ_ACCOUNT), SUB));
}

#[test]
fn fifty_groups_deep_a_deny_and_an_exclusion_still_reach() {
    let group = |number: u128| Uuid::from_u128(1000 + number);
    let mut deep = facts(&[("Owner", SUB, "u1"), ("Owner", SUB, "u2")]);
    deep.principals.extend((0..50).map(|number| (group(number), PrincipalType::Group)));
    deep.members.extend((1..50).map(|number| (group(number - 1), group(number))));
    deep.members.extend([(group(49), person("u1")), (group(49), group(0)), (group(0), person("u2"))]);
    let top = group(0).to_string();
    deep.denies = vec![deny("no", SUB, &[&top], &[&group(30).to_string()])];
    let excluded = Snapshot::compile(deep.clone());
    assert!(allowed(&excluded, "u1", &action(WRITE), ACCOUNT), "excluded thirty groups up");
    // u2 is in the outermost group, which the circle puts into all others.
    assert!(allowed(&excluded, "u2", &action(WRITE), ACCOUNT));
    deep.denies = vec![deny("no", SUB, &[&top], &[])];
    let named = Snapshot::compile(deep);
    assert!(denied(&named, "u1", &action(WRITE), ACCOUNT) && denied(&named, "u2", &action(WRITE), ACCOUNT));
}
