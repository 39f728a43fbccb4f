//! Random tenants: the compiled index, the naive evaluator, lists and edits must all agree.

use arm::Scope;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rbac::{
    AccessRequest, Attributes, Edit, Facts, Grant, Permission, PrincipalType, RoleAssignment, RoleDefinition,
    RolePermission, Snapshot, Verdict, could_allow, evaluate, visible,
};
use uuid::Uuid;

use crate::naive::{self, Outcome};
use crate::tenant::role;

const SCOPES: [&str; 16] = [
    "/",
    "/providers/Microsoft.Management/managementGroups/mg-a",
    "/providers/Microsoft.Management/managementGroups/mg-b",
    "/subscriptions/s1",
    "/subscriptions/s10",
    "/subscriptions/s1/resourceGroups/rg",
    "/subscriptions/s1/resourceGroups/rg-2",
    "/subscriptions/s10/resourceGroups/rg",
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1",
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc10",
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1/projects/p1",
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1/projects/p2",
    "/subscriptions/s10/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1",
    "/subscriptions/s1/providers/Microsoft.CognitiveServices/locations/eastus",
    "/Subscriptions/S1/resourcegroups/RG/providers/microsoft.cognitiveservices/accounts/ACC1/projects/P1",
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1/providers/Microsoft.Authorization/roleAssignments/x",
];
const ROLES: [&str; 9] = [
    "Owner",
    "Contributor",
    "Reader",
    "Foundry User",
    "Foundry Project Manager",
    "Foundry Account Owner",
    "Cognitive Services OpenAI User",
    "Managed Identity Operator",
    "Role Based Access Control Administrator",
];
const ACTIONS: [&str; 12] = [
    "Microsoft.CognitiveServices/accounts/read",
    "microsoft.cognitiveservices/ACCOUNTS/write",
    "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action",
    "Microsoft.CognitiveServices/accounts/AIServices/agents/write",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.X/a/read",
    "Microsoft.X/a/b/write",
    "Microsoft.XY/a/read",
    "Microsoft.X/read",
    "Microsoft.X/a/reader",
];
const PATTERNS: [&str; 11] = [
    "*",
    "*/read",
    "Microsoft.X/*",
    "Microsoft.X/*/read",
    "Microsoft.X/a/*/write",
    "Microsoft.X/*/b/write",
    "Microsoft.*/write",
    "microsoft.cognitiveservices/*",
    "Microsoft.CognitiveServices/accounts/*/action",
    "Microsoft.Authorization/*/Write",
    "",
];
const CONDITIONS: [&str; 4] = [
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEqualsIgnoreCase 'ServicePrincipal'))",
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals{53ca6127-db72-4b80-b1b0-d745d6d5456d}))",
    "@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] GuidEquals 53ca6127db724b80b1b0d745d6d5456d",
    "no condition at all",
];
const PEOPLE: u128 = 10;
const CUSTOM_ROLES: u128 = 3;

fn someone(number: u128) -> Uuid {
    Uuid::from_u128(0xAAAA_0000 + number)
}

/// The last four are groups.
fn kind(number: u128) -> PrincipalType {
    match number {
        0..=3 => PrincipalType::User,
        4..=5 => PrincipalType::ServicePrincipal,
        _ => PrincipalType::Group,
    }
}

fn custom_role_id(number: u128) -> Uuid {
    Uuid::from_u128(0xBBBB_0000 + number)
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    vec((0..PATTERNS.len()).prop_map(|at| PATTERNS[at].to_owned()), 0..3)
}

fn condition() -> impl Strategy<Value = Option<String>> {
    prop_oneof![3 => Just(None), 1 => (0..CONDITIONS.len()).prop_map(|at| Some(CONDITIONS[at].to_owned()))]
}

fn permission_object() -> impl Strategy<Value = RolePermission> {
    (texts(), texts(), texts(), texts(), condition()).prop_map(
        |(actions, not_actions, data_actions, not_data_actions, condition)| RolePermission {
            actions,
            not_actions,
            data_actions,
            not_data_actions,
            condition_version: condition.is_some().then(|| "2.0".to_owned()),
            condition,
        },
    )
}

fn custom_role() -> impl Strategy<Value = RoleDefinition> {
    (0..CUSTOM_ROLES, vec(permission_object(), 0..3)).prop_map(|(number, permissions)| RoleDefinition {
        id: custom_role_id(number),
        name: format!("custom {number}"),
        aliases: Vec::new(),
        description: String::new(),
        built_in: false,
        permissions,
        assignable_scopes: vec!["/".to_owned()],
    })
}

fn any_scope() -> impl Strategy<Value = Scope> {
    (0..SCOPES.len()).prop_map(|at| Scope::parse(SCOPES[at]).unwrap())
}

fn any_role() -> impl Strategy<Value = Uuid> {
    prop_oneof![(0..ROLES.len()).prop_map(|at| role(ROLES[at])), (0..CUSTOM_ROLES).prop_map(custom_role_id),]
}

fn any_assignment() -> impl Strategy<Value = RoleAssignment> {
    (0..40_u128, any_scope(), any_role(), 0..PEOPLE, condition()).prop_map(|(name, scope, role, who, condition)| {
        RoleAssignment {
            // Names are unique in a tenant: the scope is not part of what makes two assignments the same.
            id: Scope::root().extension("Microsoft.Authorization", "roleAssignments", &name.to_string()),
            scope,
            role,
            principal: someone(who),
            principal_type: kind(who),
            condition,
        }
    })
}

fn membership() -> impl Strategy<Value = (Uuid, Uuid)> {
    (6..PEOPLE, 0..PEOPLE).prop_map(|(group, member)| (someone(group), someone(member)))
}

fn parenthood() -> impl Strategy<Value = (Scope, Scope)> {
    (1..5_usize, 1..3_usize)
        .prop_map(|(child, parent)| (Scope::parse(SCOPES[child]).unwrap(), Scope::parse(SCOPES[parent]).unwrap()))
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        6 => any_assignment().prop_map(Edit::PutAssignment),
        2 => any_assignment().prop_map(|assignment| Edit::RemoveAssignment(assignment.id)),
        2 => custom_role().prop_map(Edit::PutRole),
        1 => (0..CUSTOM_ROLES).prop_map(|number| Edit::RemoveRole(custom_role_id(number))),
        3 => (0..PEOPLE).prop_map(|number| Edit::PutPrincipal(someone(number), kind(number))),
        1 => (0..PEOPLE).prop_map(|number| Edit::RemovePrincipal(someone(number))),
        3 => membership().prop_map(|(group, member)| Edit::AddMember { group, member }),
        1 => membership().prop_map(|(group, member)| Edit::RemoveMember { group, member }),
        1 => parenthood().prop_map(|(scope, parent)| Edit::SetParent { scope, parent }),
        1 => parenthood().prop_map(|(scope, _)| Edit::RemoveParent(scope)),
    ]
}

/// A tenant that is full, and then changes.
fn any_edits() -> impl Strategy<Value = Vec<Edit>> {
    let everybody = || (0..PEOPLE).map(|number| Edit::PutPrincipal(someone(number), kind(number)));
    let roles = vec(custom_role().prop_map(Edit::PutRole), 4);
    let assignments = vec(any_assignment().prop_map(Edit::PutAssignment), 10..40);
    let members = vec(membership().prop_map(|(group, member)| Edit::AddMember { group, member }), 0..10);
    (roles, assignments, members, vec(any_edit(), 0..25)).prop_map(move |(roles, assignments, members, edits)| {
        everybody().chain(roles).chain(assignments).chain(members).chain(edits).collect()
    })
}

/// What the edits say, on plain lists.
fn apply(facts: &mut Facts, edit: &Edit) {
    match edit.clone() {
        Edit::PutAssignment(assignment) => {
            facts.assignments.retain(|other| other.id != assignment.id);
            facts.assignments.push(assignment);
        }
        Edit::RemoveAssignment(id) => facts.assignments.retain(|other| other.id != id),
        Edit::PutRole(role) => {
            facts.roles.retain(|other| other.id != role.id);
            facts.roles.push(role);
        }
        Edit::RemoveRole(id) => facts.roles.retain(|other| other.id != id),
        Edit::PutPrincipal(id, kind) => {
            facts.principals.retain(|(other, _)| *other != id);
            facts.principals.push((id, kind));
        }
        Edit::RemovePrincipal(id) => {
            facts.principals.retain(|(other, _)| *other != id);
            facts.members.retain(|(group, member)| *group != id && *member != id);
        }
        Edit::AddMember { group, member } => facts.members.push((group, member)),
        Edit::RemoveMember { group, member } => facts.members.retain(|pair| *pair != (group, member)),
        Edit::SetParent { scope, parent } => {
            facts.parents.retain(|(other, _)| *other != scope);
            facts.parents.push((scope, parent));
        }
        Edit::RemoveParent(scope) => facts.parents.retain(|(other, _)| *other != scope),
        Edit::GrantDirectoryRole(..) | Edit::RevokeDirectoryRole(..) => {}
    }
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let role_id = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
    let foundry_user = "53ca6127-db72-4b80-b1b0-d745d6d5456d";
    prop_oneof![
        Just(Attributes::none()),
        Just(Attributes::none().with_request(role_id, foundry_user)),
        Just(Attributes::none().with_resource(role_id, foundry_user)),
        Just(
            Attributes::none()
                .with_request(role_id, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635")
                .with_request("Microsoft.Authorization/roleAssignments:PrincipalType", "serviceprincipal")
        ),
    ]
}

fn permissions() -> Vec<Permission> {
    let both = |text: &'static str| [Permission::Action(text.into()), Permission::DataAction(text.into())];
    ACTIONS.iter().flat_map(|text| both(text)).collect()
}

/// Every principal, permission and scope of the small world, with what both evaluators say.
fn compare(snapshot: &Snapshot, facts: &Facts, attributes: &Attributes) -> Result<(), TestCaseError> {
    let scopes: Vec<Scope> = SCOPES.iter().map(|text| Scope::parse(text).unwrap()).collect();
    for who in 0..PEOPLE {
        let principal = someone(who);
        for permission in &permissions() {
            for scope in &scopes {
                let request = AccessRequest { principal, permission, scope, attributes };
                let verdict = evaluate(&request, snapshot);
                let expected = naive::evaluate(
                    facts,
                    &naive::Request { principal, permission, scope: scope.as_str(), attributes },
                );
                let agrees = match (&verdict, &expected) {
                    (Verdict::Allowed(Grant::Assignment { assignment, .. }), Outcome::Allow(ids)) => {
                        ids.contains(assignment.as_str())
                    }
                    (Verdict::NotAllowed(misses), Outcome::NotAllowedCondition) => misses.condition_false.is_some(),
                    (Verdict::NotAllowed(misses), Outcome::NotAllowed) => misses.condition_false.is_none(),
                    _ => false,
                };
                prop_assert!(agrees, "{principal} {permission:?} at {scope}: {verdict:?}, naive {expected:?}");
                let could = could_allow(principal, permission, scope, snapshot);
                prop_assert_eq!(could, expected != Outcome::NotAllowed);
            }
        }
    }
    Ok(())
}

/// For each base and each scope below it: shown exactly if a single check without attributes allows it.
fn compare_lists(snapshot: &Snapshot, facts: &Facts) -> Result<(), TestCaseError> {
    let scopes: Vec<Scope> = SCOPES.iter().map(|text| Scope::parse(text).unwrap()).collect();
    let above: Vec<_> = SCOPES.iter().map(|text| naive::above(facts, text)).collect();
    let attributes = &Attributes::none();
    for who in 0..PEOPLE {
        let principal = someone(who);
        for permission in &permissions() {
            let single = |scope| evaluate(&AccessRequest { principal, permission, scope, attributes }, snapshot);
            let single: Vec<bool> = scopes.iter().map(|scope| single(scope).is_allowed()).collect();
            for base in &scopes {
                let shown = visible(principal, permission, base, snapshot);
                for (at, scope) in scopes.iter().enumerate() {
                    let expected = above[at].contains(base.key()) && single[at];
                    prop_assert!(
                        shown.covers(scope) == expected,
                        "{who} {permission:?} base {base} scope {scope}: {shown:?}, expected {expected}"
                    );
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn random_tenants_are_decided_as_the_rules_say(edits in any_edits(), attributes in attributes()) {
        let mut facts = Facts::default();
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        compare(&Snapshot::compile(facts.clone()), &facts, &attributes)?;
    }

    #[test]
    fn an_edited_snapshot_decides_like_a_compiled_one(
        edits in any_edits(),
        cuts in vec(1_usize..12, 90),
        attributes in attributes(),
    ) {
        let (mut facts, mut snapshot, mut rest) = (Facts::default(), Snapshot::compile(Facts::default()), &edits[..]);
        for cut in cuts {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            snapshot = snapshot.edited(now);
            rest = later;
        }
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        compare(&snapshot, &facts, &attributes)?;
        let compiled = Snapshot::compile(facts);
        for who in 0..PEOPLE {
            prop_assert_eq!(snapshot.groups_of(someone(who)), compiled.groups_of(someone(who)));
        }
        for text in SCOPES {
            let scope = Scope::parse(text).unwrap();
            prop_assert_eq!(snapshot.chain(&scope), compiled.chain(&scope));
        }
        prop_assert!(snapshot.roles().map(|role| role.id).eq(compiled.roles().map(|role| role.id))
            || snapshot.roles().count() == compiled.roles().count());
    }

    #[test]
    fn a_list_shows_what_single_checks_allow(edits in any_edits()) {
        let mut facts = Facts::default();
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        compare_lists(&Snapshot::compile(facts.clone()), &facts)?;
    }

    #[test]
    fn patterns_match_as_the_rules_say(
        pattern in "[ab*/]{0,10}|(a|b|/|/\\*/|\\*){0,8}",
        action in "[ab/]{1,12}",
    ) {
        let compiled = rbac::ActionPattern::new(&pattern).matches(&action);
        prop_assert_eq!(compiled, naive::pattern_matches(&pattern, &action), "{} on {}", pattern, action);
    }
}

/// The comparisons above would hold in an empty world too: this one is not.
#[test]
fn random_tenants_grant_refuse_and_have_conditions_in_the_way() {
    let mut runner = TestRunner::deterministic();
    let (mut allowed, mut conditional, mut refused) = (0, 0, 0);
    for _ in 0..12 {
        let edits = any_edits().new_tree(&mut runner).unwrap().current();
        let mut facts = Facts::default();
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        let attributes = &Attributes::none();
        for (who, permission) in (0..PEOPLE).flat_map(|who| permissions().into_iter().map(move |one| (who, one))) {
            let (principal, permission) = (someone(who), &permission);
            let request = naive::Request { principal, permission, scope: SCOPES[10], attributes };
            match naive::evaluate(&facts, &request) {
                Outcome::Allow(_) => allowed += 1,
                Outcome::NotAllowedCondition => conditional += 1,
                Outcome::NotAllowed => refused += 1,
            }
        }
    }
    assert!(allowed > 100 && conditional > 20 && refused > 500, "{allowed} {conditional} {refused}");
}
