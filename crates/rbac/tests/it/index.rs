//! What the index is asked for besides decisions, and tenants that fill it.

use arm::Scope;
use proptest::prelude::*;
use rbac::{Attributes, Edit, Facts, Grant, PrincipalType, RoleAssignment, Snapshot, Verdict};
use uuid::Uuid;

use crate::tenant::*;

/// More users than a scope keeps entries without searching among them.
const USERS: u128 = 400;
const GROUPS: u128 = 12;

fn user(number: u128) -> Uuid {
    Uuid::from_u128(0x0500_0000 + number)
}

fn group(number: u128) -> Uuid {
    Uuid::from_u128(0x0600_0000 + number)
}

fn crowded(number: u128, holder: Uuid, is_reader: bool, at: &str) -> RoleAssignment {
    let role = if is_reader { "Reader" } else { "Cognitive Services Usages Reader" };
    RoleAssignment { principal: holder, ..assignment(number as usize, role, at, "u1") }
}

/// An assignment at one of two scopes, to a user or a group.
fn any_crowded() -> impl Strategy<Value = RoleAssignment> {
    let holder = prop_oneof![8 => (0..USERS).prop_map(user), 1 => (0..GROUPS).prop_map(group)];
    (0_u128..3000, holder, any::<bool>(), prop_oneof![4 => Just(SUB), 1 => Just(GROUP)])
        .prop_map(|(number, holder, is_reader, at)| crowded(number, holder, is_reader, at))
}

fn people() -> Facts {
    let users = (0..USERS).map(|number| (user(number), PrincipalType::User));
    let groups = (0..GROUPS).map(|number| (group(number), PrincipalType::Group));
    Facts {
        principals: users.chain(groups).collect(),
        members: (0..USERS).map(|number| (group(number % GROUPS), user(number))).collect(),
        ..Facts::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_crowded_scope_is_decided_like_an_empty_one(
        compiled in prop::collection::vec(any_crowded(), 0..1500),
        put in prop::collection::vec(any_crowded(), 0..1500),
        removed in prop::collection::vec((0_u128..3000, any::<bool>()), 0..800),
    ) {
        let mut facts = Facts { assignments: compiled, ..people() };
        facts.assignments.sort_by(|a, b| a.id.cmp(&b.id));
        facts.assignments.dedup_by(|a, b| a.id == b.id);
        let mut expected = facts.assignments.clone();
        let puts = put.into_iter().map(Edit::PutAssignment);
        let removals = removed.into_iter().map(|(number, at_group)| {
            Edit::RemoveAssignment(crowded(number, user(0), true, if at_group { GROUP } else { SUB }).id)
        });
        let edits: Vec<Edit> = puts.chain(removals).collect();
        for edit in &edits {
            match edit {
                Edit::PutAssignment(assignment) => {
                    expected.retain(|other| other.id != assignment.id);
                    expected.push(assignment.clone());
                }
                Edit::RemoveAssignment(id) => expected.retain(|other| other.id != *id),
                _ => {}
            }
        }
        let before = Snapshot::compile(facts);
        let count = before.assignment_count();
        let snapshot = before.edited(&edits);
        prop_assert_eq!(before.assignment_count(), count);
        prop_assert_eq!(snapshot.assignment_count(), expected.len());
        let mut all: Vec<RoleAssignment> = snapshot.assignments().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        expected.sort_by(|a, b| a.id.cmp(&b.id));
        prop_assert_eq!(&all, &expected);
        let read = action(READ_ACCOUNT);
        for number in 0..USERS {
            let holders = [user(number), group(number % GROUPS)];
            let reads = |at: &str| expected.iter().any(|assignment| {
                holders.contains(&assignment.principal) && assignment.role == role("Reader") && assignment.scope == scope(at)
            });
            let decided = |at| {
                snapshot.look_up(user(number), &read, &scope(at)).outcome(&Attributes::none()).is_allowed()
            };
            prop_assert_eq!(decided(SUB), reads(SUB));
            prop_assert_eq!(decided(ACCOUNT), reads(SUB) || reads(GROUP));
            prop_assert_eq!(
                snapshot.assignments_of(user(number)).count(),
                expected.iter().filter(|assignment| holders.contains(&assignment.principal)).count()
            );
        }
        for at in [SUB, GROUP] {
            let here = snapshot.assignments_at(&scope(at)).count();
            prop_assert_eq!(here, expected.iter().filter(|assignment| assignment.scope == scope(at)).count());
        }
    }
}

#[test]
fn one_name_at_two_scopes_is_two_assignments_and_both_grant() {
    let at = |place: &str| assignment(1, "Reader", place, "u1");
    let mut facts = facts(&[]);
    facts.assignments = vec![at(SUB), at("/subscriptions/s2")];
    let snapshot = Snapshot::compile(facts);
    let read = action(READ_ACCOUNT);
    assert!(allowed(&snapshot, "u1", &read, SUB) && allowed(&snapshot, "u1", &read, "/subscriptions/s2"));
    let one = snapshot.edited(&[Edit::RemoveAssignment(at(SUB).id)]);
    assert!(!allowed(&one, "u1", &read, SUB) && allowed(&one, "u1", &read, "/subscriptions/s2"));
    assert_eq!((one.assignment(&at(SUB).id), one.assignment_count()), (None, 1));
}

#[test]
fn of_two_assignments_with_one_id_the_first_counts() {
    let mut facts = facts(&[]);
    facts.assignments = vec![assignment(1, "Reader", SUB, "u1"), assignment(1, "Reader", SUB, "u2")];
    let snapshot = Snapshot::compile(facts);
    let read = action(READ_ACCOUNT);
    assert!(allowed(&snapshot, "u1", &read, SUB) && !allowed(&snapshot, "u2", &read, SUB));
    let replaced = snapshot.edited(&[Edit::PutAssignment(assignment(1, "Reader", SUB, "u2"))]);
    assert!(!allowed(&replaced, "u1", &read, SUB) && allowed(&replaced, "u2", &read, SUB));
    assert_eq!((snapshot.assignment_count(), replaced.assignment_count()), (1, 1));
}

#[test]
fn an_assignment_with_an_unusual_id_grants_at_its_scope_and_is_given_back_as_it_was() {
    let unusual = |id: &str| RoleAssignment { id: scope(id), ..assignment(1, "Reader", GROUP, "u1") };
    let odd = [
        unusual("/subscriptions/s1/providers/Microsoft.Authorization/roleAssignments/by-name"),
        unusual(&assignment(1, "Reader", SUB, "u1").id.to_string()),
    ];
    for assignment in odd {
        let mut facts = facts(&[]);
        facts.assignments = vec![assignment.clone(), assignment.clone()];
        let snapshot = Snapshot::compile(facts);
        assert_eq!(snapshot.assignment(&assignment.id), Some(assignment.clone()));
        assert_eq!(snapshot.assignment_count(), 1);
        let Verdict::Allowed(Grant::Assignment { assignment: id, .. }) =
            verdict(&snapshot, "u1", &action(READ_ACCOUNT), ACCOUNT)
        else {
            panic!()
        };
        assert_eq!(id, assignment.id);
        assert!(!allowed(&snapshot, "u1", &action(READ_ACCOUNT), SUB));
        let gone = snapshot.edited(&[Edit::RemoveAssignment(assignment.id.clone())]);
        assert!(gone.assignments().next().is_none() && !allowed(&gone, "u1", &action(READ_ACCOUNT), ACCOUNT));
    }
}

#[test]
fn members_and_kinds_are_what_the_directory_says() {
    let mut facts = facts(&[]);
    let names = [("g1", "u1"), ("g1", "g2"), ("g2", "sp1"), ("g2", "g1"), ("g2", "ghost")];
    facts.members = names.iter().map(|(group, member)| (person(group), person(member))).collect();
    let snapshot = Snapshot::compile(facts);
    let mut expected = vec![person("u1"), person("g2"), person("sp1")];
    expected.sort();
    assert_eq!(snapshot.members_of(person("g1")), expected);
    assert_eq!(snapshot.direct_groups_of(person("u1")), [person("g1")]);
    assert!(snapshot.members_of(person("u1")).is_empty() && snapshot.members_of(person("nobody")).is_empty());
    assert_eq!(snapshot.kind_of(person("sp1")), Some(PrincipalType::ServicePrincipal));
    assert_eq!((snapshot.kind_of(person("ghost")), snapshot.kind_of(person("nobody"))), (None, None));
}

#[test]
fn a_group_that_is_assigned_before_it_is_known_grants_its_members_as_long_as_it_is_there() {
    let mut without = people();
    without.principals.retain(|(principal, _)| *principal != group(1));
    for count in [1, 20, 300] {
        let put = |number| Edit::PutAssignment(crowded(number, group(1), true, SUB));
        let before = Snapshot::compile(without.clone()).edited(&(0..count).map(put).collect::<Vec<Edit>>());
        let read = action(READ_ACCOUNT);
        let reads = |snapshot: &Snapshot| {
            snapshot.look_up(user(1), &read, &scope(ACCOUNT)).outcome(&Attributes::none()).is_allowed()
        };
        assert!(!reads(&before));
        let known = before.edited(&[Edit::PutPrincipal(group(1), PrincipalType::Group)]);
        assert!(reads(&known));
        assert_eq!(known.assignments_at(&scope(SUB)).count() as u128, count);
        let gone = known.edited(&[Edit::RemovePrincipal(group(1))]);
        assert!(!reads(&gone));
        assert_eq!(gone.assignments_at(&scope(SUB)).count() as u128, count);
        let member = Edit::AddMember { group: group(1), member: user(1) };
        let again = gone.edited(&[Edit::PutPrincipal(group(1), PrincipalType::Group), member]);
        assert!(reads(&again));
        let removals: Vec<Edit> =
            (0..count).map(|number| Edit::RemoveAssignment(crowded(number, group(1), true, SUB).id)).collect();
        let bare = again.edited(&removals);
        assert!(!reads(&bare));
        assert_eq!((bare.assignment_count(), bare.assignments_at(&scope(SUB)).count()), (0, 0));
    }
}

#[test]
fn what_somebody_holds_at_many_places_grants_there_and_nowhere_else() {
    let place = |number: u128| format!("{SUB}/resourceGroups/r{number}");
    for count in [3, 200] {
        let held = |number| crowded(number, user(1), number % 2 == 0, &place(number));
        let assignments = (0..count).map(held).collect();
        let snapshot = Snapshot::compile(Facts { assignments, ..people() });
        let read = action(READ_ACCOUNT);
        for number in 0..count + 2 {
            let question = snapshot.look_up(user(1), &read, &scope(&place(number)));
            let expected = number < count && number % 2 == 0;
            assert_eq!(question.outcome(&Attributes::none()).is_allowed(), expected, "{number} of {count}");
        }
    }
}

#[test]
fn the_index_says_how_much_it_holds() {
    let of = |count: u128| {
        let assignments = (0..count).map(|number| crowded(number, user(number % USERS), true, SUB)).collect();
        Snapshot::compile(Facts { assignments, ..people() }).index_bytes()
    };
    let (few, many) = (of(1000), of(41_000));
    assert!(many.decision - few.decision >= 40_000 * 12, "an entry of eight bytes and the number of a row");
    assert!(many.decision - few.decision <= 40_000 * 16, "{few:?} {many:?}");
    assert!(many.rows - few.rows >= 40_000 * 32 && many.names > few.names && many.by_scope > few.by_scope);
    assert_eq!((many.identities, many.scopes), (few.identities, few.scopes));
    assert!(many.total() > many.decision + many.rows);
}

#[test]
fn a_question_may_be_asked_again_with_other_attributes() {
    let mut facts = facts(&[("Reader", SUB, "u1")]);
    facts.assignments[0].condition = Some("@Resource[a] StringEquals 'b'".to_owned());
    let snapshot = Snapshot::compile(facts);
    let (unheard, at): (_, Scope) = (action("Microsoft.Unheard/of/read"), scope(ACCOUNT));
    for what in [&action(READ_ACCOUNT), &unheard] {
        let question = snapshot.look_up(person("u1"), what, &at);
        assert!(question.outcome(&Attributes::none().with_resource("a", "b")).is_allowed());
        assert!(!question.clone().outcome(&Attributes::none().with_resource("a", "c")).is_allowed());
    }
}
