//! What lists show.

use rbac::{Snapshot, has_any_assignment, has_any_assignment_near, visible};

use crate::tenant::*;

#[test]
fn a_reader_above_sees_everything_below() {
    let snapshot = snapshot(&[("Reader", SUB, "u1")]);
    let shown = visible(person("u1"), &action(READ_ACCOUNT), &scope(GROUP), &snapshot);
    assert!(shown.is_whole() && shown.covers(&scope(ACCOUNT)));
    assert!(!shown.covers(&scope(SUB)), "only what was asked for");
}

#[test]
fn a_reader_below_sees_its_part() {
    let snapshot = snapshot(&[("Reader", PROJECT, "u1"), ("Reader", "/subscriptions/s2", "u1")]);
    let shown = visible(person("u1"), &action(READ_ACCOUNT), &scope(SUB), &snapshot);
    assert!(!shown.is_whole() && !shown.is_empty());
    assert_eq!(shown.scopes(), [scope(PROJECT)]);
    assert!(!shown.covers(&scope(ACCOUNT)));
    assert!(visible(person("u2"), &action(READ_ACCOUNT), &scope(SUB), &snapshot).is_empty());
}

#[test]
fn scopes_below_others_are_left_out() {
    let snapshot = snapshot(&[
        ("Reader", PROJECT, "u1"),
        ("Reader", GROUP, "u1"),
        ("Reader", "/subscriptions/s1/resourceGroups/rg-b", "u1"),
    ]);
    let shown = visible(person("u1"), &action(READ_ACCOUNT), &arm::Scope::root(), &snapshot);
    assert_eq!(shown.scopes(), [scope(GROUP), scope("/subscriptions/s1/resourceGroups/rg-b")]);
}

#[test]
fn a_grant_under_a_condition_does_not_show_and_one_folded_away_does() {
    let mut facts = facts(&[("Reader", SUB, "u1"), ("Reader", SUB, "u2")]);
    facts.assignments[0].condition = Some("@Resource[x] StringEquals 'y'".to_owned());
    facts.assignments[1].condition = Some(
        "(!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Resource[x] StringEquals 'y')"
            .to_owned(),
    );
    let snapshot = Snapshot::compile(facts);
    assert!(visible(person("u1"), &action(READ_ACCOUNT), &scope(SUB), &snapshot).is_empty());
    assert!(visible(person("u2"), &action(READ_ACCOUNT), &scope(SUB), &snapshot).is_whole());
}

#[test]
fn a_management_group_shows_its_subscriptions() {
    let mut facts = facts(&[("Reader", MG, "u1")]);
    facts.parents = vec![(scope(SUB), scope(MG))];
    let snapshot = Snapshot::compile(facts);
    let read = action("Microsoft.Resources/subscriptions/read");
    let shown = visible(person("u1"), &read, &arm::Scope::root(), &snapshot);
    assert!(shown.covers(&scope(SUB)) && shown.covers(&scope(PROJECT)) && shown.covers(&scope(MG)));
    assert!(!shown.covers(&scope("/subscriptions/s2")));
    let below = visible(person("u1"), &read, &scope(MG), &snapshot);
    assert!(below.is_whole() && below.covers(&scope(SUB)));
}

#[test]
fn subscriptions_with_any_assignment_near_are_known() {
    let mut facts = facts(&[("Foundry User", PROJECT, "g1"), ("Reader", MG, "u2")]);
    facts.members.push((person("g1"), person("u1")));
    facts.parents = vec![(scope("/subscriptions/s2"), scope(MG))];
    let snapshot = Snapshot::compile(facts);
    let near = |who: &str, at: &str| has_any_assignment_near(person(who), &scope(at), &snapshot);
    assert!(near("u1", SUB) && near("u1", ACCOUNT) && near("u1", &format!("{PROJECT}/agents/x")) && near("u1", "/"));
    assert!(!near("u1", "/subscriptions/s2") && !near("sp1", SUB));
    assert!(near("u2", "/subscriptions/s2") && !near("u2", SUB) && near("u2", MG));
    assert!(has_any_assignment(person("u1"), &snapshot) && !has_any_assignment(person("sp1"), &snapshot));
    assert!(!has_any_assignment(person("ghost"), &snapshot));
}
