//! Random tenants in a small world, so that what is asked for is often there.

pub(crate) mod condition;

use arm::Scope;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rbac::{DenyAssignment, Edit, Facts, PrincipalType, RoleAssignment, RoleDefinition, RolePermission};
use uuid::Uuid;

use crate::tenant::role;
use condition::condition_text;

pub(crate) const SCOPES: [&str; 16] = [
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
pub(crate) const ACTIONS: [&str; 12] = [
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
pub(crate) const PATTERNS: [&str; 11] = [
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
const USUAL_CONDITIONS: [&str; 4] = [
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEqualsIgnoreCase 'ServicePrincipal'))",
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals{53ca6127-db72-4b80-b1b0-d745d6d5456d}))",
    "@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] GuidEquals 53ca6127db724b80b1b0d745d6d5456d",
    "no condition at all",
];
pub(crate) const PEOPLE: u128 = 10;
const CUSTOM_ROLES: u128 = 3;

pub(crate) fn someone(number: u128) -> Uuid {
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
    vec(select(&PATTERNS[..]).prop_map(str::to_owned), 0..3)
}

/// None as often as not.
fn condition() -> impl Strategy<Value = Option<String>> {
    option::of(prop_oneof![2 => select(&USUAL_CONDITIONS[..]).prop_map(str::to_owned), 3 => condition_text()])
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

/// Upper ones more often than others.
fn any_scope() -> impl Strategy<Value = Scope> {
    prop_oneof![0..6_usize, 0..SCOPES.len()].prop_map(|at| Scope::parse(SCOPES[at]).unwrap())
}

fn any_role() -> impl Strategy<Value = Uuid> {
    prop_oneof![select(&ROLES[..]).prop_map(role), (0..CUSTOM_ROLES).prop_map(custom_role_id)]
}

fn any_assignment() -> impl Strategy<Value = RoleAssignment> {
    (0..80_u128, any_scope(), any_role(), 0..PEOPLE, condition()).prop_map(|(name, scope, role, who, condition)| {
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

fn any_deny() -> impl Strategy<Value = DenyAssignment> {
    // Below `/`, so that not everything is denied.
    let place = prop_oneof![1..6_usize, 1..SCOPES.len()].prop_map(|at| Scope::parse(SCOPES[at]).unwrap());
    let named = prop_oneof![
        2 => vec((0..PEOPLE).prop_map(someone), 1..3),
        1 => Just(vec![DenyAssignment::ALL_PRINCIPALS]),
    ];
    let excluded = vec((0..PEOPLE).prop_map(someone), 0..3);
    let permissions = vec(permission_object(), 1..3);
    (0..16_u128, place, named, excluded, permissions, condition(), any::<bool>()).prop_map(
        |(name, scope, principals, exclude_principals, permissions, condition, here_only)| DenyAssignment {
            id: Scope::root().extension("Microsoft.Authorization", "denyAssignments", &name.to_string()),
            scope,
            name: format!("deny {name}"),
            permissions,
            principals,
            exclude_principals,
            do_not_apply_to_child_scopes: here_only,
            condition,
            is_system_protected: false,
        },
    )
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
        2 => any_deny().prop_map(Edit::PutDenyAssignment),
        1 => any_deny().prop_map(|deny| Edit::RemoveDenyAssignment(deny.id)),
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
pub(crate) fn any_edits() -> impl Strategy<Value = Vec<Edit>> {
    let everybody = (0..PEOPLE).map(|number| Edit::PutPrincipal(someone(number), kind(number))).collect::<Vec<_>>();
    let filled = (
        vec(custom_role().prop_map(Edit::PutRole), 4),
        vec(any_assignment().prop_map(Edit::PutAssignment), 30..80),
        vec(any_deny().prop_map(Edit::PutDenyAssignment), 0..12),
        vec(membership().prop_map(|(group, member)| Edit::AddMember { group, member }), 0..10),
        vec(parenthood().prop_map(|(scope, parent)| Edit::SetParent { scope, parent }), 0..3),
    );
    (Just(everybody), filled, vec(any_edit(), 0..25)).prop_map(|(everybody, filled, later)| {
        let (roles, assignments, denies, members, parents) = filled;
        [everybody, roles, assignments, denies, members, parents, later].concat()
    })
}

/// What the edits say, on plain lists.
pub(crate) fn apply(facts: &mut Facts, edit: &Edit) {
    match edit.clone() {
        Edit::PutAssignment(assignment) => {
            facts.assignments.retain(|other| other.id != assignment.id);
            facts.assignments.push(assignment);
        }
        Edit::RemoveAssignment(id) => facts.assignments.retain(|other| other.id != id),
        Edit::PutDenyAssignment(deny) => {
            facts.denies.retain(|other| other.id != deny.id);
            facts.denies.push(deny);
        }
        Edit::RemoveDenyAssignment(id) => facts.denies.retain(|other| other.id != id),
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
