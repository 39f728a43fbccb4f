//! Stories about decisions.

use std::sync::Arc;

use rbac::{
    Attributes, DirectoryRight, DirectoryRole, Edit, Facts, Grant, Permission, PrincipalType, RoleDefinition,
    RolePermission, Snapshot, Verdict, could_allow,
};
use uuid::Uuid;

use crate::tenant::*;

const ROLE: &str = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";

fn custom(id: u128, permissions: Vec<RolePermission>) -> RoleDefinition {
    RoleDefinition {
        id: Uuid::from_u128(id),
        name: format!("custom {id}"),
        aliases: Vec::new(),
        description: String::new(),
        built_in: false,
        permissions,
        assignable_scopes: vec!["/".to_owned()],
    }
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn owner_at_the_root_has_every_action_and_no_data_action() {
    let snapshot = snapshot(&[("Owner", "/", "u1")]);
    assert!(allowed(&snapshot, "u1", &action(READ_ACCOUNT), ACCOUNT));
    assert!(allowed(&snapshot, "u1", &action("Some.Provider/unheardOf/action"), ACCOUNT));
    assert!(!allowed(&snapshot, "u1", &data(CHAT), ACCOUNT));
    assert!(!allowed(&snapshot, "u2", &action(READ_ACCOUNT), ACCOUNT));
}

#[test]
fn a_grant_names_the_assignment_the_role_and_the_holder() {
    let mut facts = facts(&[("Foundry User", PROJECT, "g1")]);
    facts.members.push((person("g1"), person("u1")));
    let snapshot = Snapshot::compile(facts);
    let expected = Grant::Assignment {
        assignment: assignment(0, "Foundry User", PROJECT, "g1").id,
        scope: scope(PROJECT),
        role: role("Foundry User"),
        role_name: "Foundry User".into(),
        principal: person("g1"),
        via_group: true,
    };
    assert_eq!(verdict(&snapshot, "u1", &data(AGENTS), PROJECT), Verdict::Allowed(expected));
}

#[test]
fn the_nearest_grant_is_named_and_the_same_one_after_a_restart() {
    let grants =
        [("Reader", "/", "u1"), ("Reader", ACCOUNT, "u1"), ("Contributor", ACCOUNT, "u1"), ("Reader", SUB, "u1")];
    let compiled = snapshot(&grants);
    let mut edited = snapshot(&[]);
    for (number, (role, at, who)) in grants.iter().enumerate().rev() {
        edited = edited.edited(&[Edit::PutAssignment(assignment(number, role, at, who))]);
    }
    let named = verdict(&compiled, "u1", &action(READ_ACCOUNT), PROJECT);
    assert_eq!(named, verdict(&edited, "u1", &action(READ_ACCOUNT), PROJECT));
    let Verdict::Allowed(Grant::Assignment { assignment: id, .. }) = named else { panic!("{named:?}") };
    assert_eq!(id, assignment(1, "Reader", ACCOUNT, "u1").id);
}

#[test]
fn a_sibling_whose_name_is_a_prefix_is_not_covered() {
    let snapshot = snapshot(&[("Reader", ACCOUNT, "u1"), ("Reader", "/subscriptions/s", "u1")]);
    assert!(!allowed(&snapshot, "u1", &action(READ_ACCOUNT), &format!("{ACCOUNT}0")));
    assert!(!allowed(&snapshot, "u1", &action(READ_ACCOUNT), GROUP));
}

#[test]
fn groups_in_groups_reach_their_members_and_circles_end() {
    let mut facts = facts(&[("Reader", SUB, "g1")]);
    facts.members = vec![(person("g1"), person("g2")), (person("g2"), person("u1")), (person("g2"), person("g1"))];
    let snapshot = Snapshot::compile(facts);
    assert!(allowed(&snapshot, "u1", &action(READ_ACCOUNT), ACCOUNT));
    assert!(!allowed(&snapshot, "u2", &action(READ_ACCOUNT), ACCOUNT));
    let mut both = vec![person("g1"), person("g2")];
    both.sort();
    assert_eq!(snapshot.groups_of(person("u1")), both);
    let left = snapshot.edited(&[Edit::RemoveMember { group: person("g1"), member: person("g2") }]);
    assert!(!allowed(&left, "u1", &action(READ_ACCOUNT), ACCOUNT));
    assert!(allowed(&snapshot, "u1", &action(READ_ACCOUNT), ACCOUNT), "the version before is as it was");
}

#[test]
fn fifty_nested_groups_end() {
    let group = |number: u128| Uuid::from_u128(1000 + number);
    let mut facts = facts(&[]);
    facts.principals.extend((0..50).map(|number| (group(number), PrincipalType::Group)));
    facts.members.extend((1..50).map(|number| (group(number - 1), group(number))));
    facts.members.push((group(49), person("u1")));
    facts.members.push((group(49), group(0)));
    let mut top = assignment(1, "Reader", SUB, "u1");
    top.principal = group(0);
    facts.assignments.push(top);
    let snapshot = Snapshot::compile(facts);
    assert!(allowed(&snapshot, "u1", &action(READ_ACCOUNT), ACCOUNT));
    assert_eq!(snapshot.groups_of(person("u1")).len(), 50);
}

#[test]
fn a_management_group_reaches_down_through_another() {
    let child = "/providers/Microsoft.Management/managementGroups/child";
    let mut facts = facts(&[("Reader", MG, "u1")]);
    facts.parents = vec![(scope(SUB), scope(child)), (scope(child), scope(MG))];
    let snapshot = Snapshot::compile(facts);
    assert!(allowed(&snapshot, "u1", &action(READ_ACCOUNT), PROJECT));
    assert!(!allowed(&snapshot, "u1", &action(READ_ACCOUNT), "/subscriptions/s2"));
    let chain: Vec<String> = snapshot.chain(&scope(GROUP)).iter().map(ToString::to_string).collect();
    assert_eq!(chain, [GROUP, SUB, child, MG, "/"]);
    let moved = snapshot.edited(&[Edit::RemoveParent(scope(SUB))]);
    assert!(!allowed(&moved, "u1", &action(READ_ACCOUNT), PROJECT));
}

#[test]
fn management_groups_in_a_circle_end_at_the_root() {
    let other = "/providers/Microsoft.Management/managementGroups/other";
    let mut facts = facts(&[("Reader", "/", "u1"), ("Reader", other, "u2")]);
    facts.parents = vec![(scope(SUB), scope(MG)), (scope(MG), scope(other)), (scope(other), scope(MG))];
    let snapshot = Snapshot::compile(facts);
    assert!(allowed(&snapshot, "u1", &action(READ_ACCOUNT), PROJECT));
    assert!(allowed(&snapshot, "u2", &action(READ_ACCOUNT), PROJECT));
    assert_eq!(snapshot.chain(&scope(SUB)).len(), 4);
}

#[test]
fn not_actions_is_no_deny() {
    let contributor = snapshot(&[("Contributor", SUB, "u1")]);
    assert!(!allowed(&contributor, "u1", &action(ASSIGN), GROUP));
    let both = snapshot(&[("Contributor", SUB, "u1"), ("User Access Administrator", GROUP, "u1")]);
    assert!(allowed(&both, "u1", &action(ASSIGN), GROUP));
    assert!(!allowed(&both, "u1", &action(ASSIGN), SUB));
}

#[test]
fn subtraction_stays_inside_one_permission_object() {
    let object = |actions: &[&str], not_actions: &[&str]| RolePermission {
        actions: texts(actions),
        not_actions: texts(not_actions),
        ..RolePermission::default()
    };
    let mut facts = facts(&[]);
    facts.roles =
        vec![custom(1, vec![object(&["Microsoft.X/*"], &["Microsoft.X/a/write"]), object(&["*/write"], &[])])];
    let mut held = assignment(1, "Reader", SUB, "u1");
    held.role = Uuid::from_u128(1);
    facts.assignments.push(held);
    let snapshot = Snapshot::compile(facts);
    assert!(allowed(&snapshot, "u1", &action("Microsoft.X/a/write"), SUB));
    assert!(allowed(&snapshot, "u1", &action("Microsoft.X/a/read"), SUB));
    assert!(!allowed(&snapshot, "u1", &action("Microsoft.XY/a/read"), SUB));
}

#[test]
fn nothing_gives_an_action_that_is_none() {
    let snapshot = snapshot(&[("Owner", "/", "u1")]);
    for text in ["", "*", "Microsoft.CognitiveServices/*", "*/read"] {
        assert!(!allowed(&snapshot, "u1", &action(text), SUB), "{text}");
    }
}

#[test]
fn a_principal_outside_the_directory_is_granted_nothing() {
    let snapshot = snapshot(&[("Owner", "/", "ghost"), ("Owner", "/", "g1")]);
    assert!(!allowed(&snapshot, "ghost", &action(READ_ACCOUNT), SUB));
    let removed = snapshot.edited(&[
        Edit::PutPrincipal(person("ghost"), PrincipalType::User),
        Edit::AddMember { group: person("g1"), member: person("u1") },
    ]);
    assert!(allowed(&removed, "ghost", &action(READ_ACCOUNT), SUB));
    assert!(allowed(&removed, "u1", &action(READ_ACCOUNT), SUB));
    let removed = removed.edited(&[Edit::RemovePrincipal(person("ghost")), Edit::RemovePrincipal(person("g1"))]);
    assert!(!allowed(&removed, "ghost", &action(READ_ACCOUNT), SUB));
    assert!(!allowed(&removed, "u1", &action(READ_ACCOUNT), SUB));
    let back = removed.edited(&[Edit::PutPrincipal(person("g1"), PrincipalType::Group)]);
    assert!(!allowed(&back, "u1", &action(READ_ACCOUNT), SUB), "its members are gone");
}

#[test]
fn a_project_manager_may_assign_foundry_user_and_not_owner() {
    let snapshot = snapshot(&[("Foundry Project Manager", ACCOUNT, "u1")]);
    let asking = |role_name: &str| Attributes::none().with_request(ROLE, role(role_name).to_string());
    assert!(verdict_with(&snapshot, "u1", &action(ASSIGN), PROJECT, &asking("Foundry User")).is_allowed());
    let refused = verdict_with(&snapshot, "u1", &action(ASSIGN), PROJECT, &asking("Owner"));
    let Verdict::NotAllowed(misses) = refused else { panic!("{refused:?}") };
    let miss = misses.condition_false.expect("a condition in the way");
    assert_eq!((miss.role_name.as_str(), miss.undecided), ("Foundry Project Manager", false));
    let Verdict::NotAllowed(misses) = verdict(&snapshot, "u1", &action(ASSIGN), PROJECT) else { panic!() };
    assert!(misses.condition_false.unwrap().undecided, "without a body there is nothing to compare");
    assert!(could_allow(person("u1"), &action(ASSIGN), &scope(PROJECT), &snapshot));
    assert!(!could_allow(person("u1"), &action(ASSIGN), &scope(SUB), &snapshot));
    assert!(!could_allow(person("u2"), &action(ASSIGN), &scope(PROJECT), &snapshot));
}

#[test]
fn a_condition_that_cannot_be_read_never_grants() {
    let mut facts = facts(&[("Owner", SUB, "u1"), ("Owner", SUB, "u2")]);
    facts.assignments[0].condition = Some("this is no condition".to_owned());
    facts.assignments[1].condition = Some("SubOperationMatches{'x'}".to_owned());
    let snapshot = Snapshot::compile(facts);
    assert!(!allowed(&snapshot, "u1", &action(READ_ACCOUNT), SUB));
    assert!(!allowed(&snapshot, "u2", &action(READ_ACCOUNT), SUB));
}

#[test]
fn both_conditions_must_hold_that_of_the_role_and_that_of_the_assignment() {
    let mut facts = facts(&[("Foundry Project Manager", ACCOUNT, "u1")]);
    let kind = "Microsoft.Authorization/roleAssignments:PrincipalType";
    facts.assignments[0].condition = Some(format!("@Request[{kind}] StringEqualsIgnoreCase 'ServicePrincipal'"));
    let snapshot = Snapshot::compile(facts);
    let asking = |role_name: &str, principal_type: &str| {
        Attributes::none().with_request(ROLE, role(role_name).to_string()).with_request(kind, principal_type)
    };
    let decide =
        |attributes: &Attributes| verdict_with(&snapshot, "u1", &action(ASSIGN), PROJECT, attributes).is_allowed();
    assert!(decide(&asking("Foundry User", "serviceprincipal")));
    assert!(!decide(&asking("Foundry User", "User")));
    assert!(!decide(&asking("Owner", "ServicePrincipal")));
}

#[test]
fn a_custom_role_changes_for_everybody_at_once() {
    let reads = RolePermission { actions: texts(&["Microsoft.X/a/read"]), ..RolePermission::default() };
    let writes = RolePermission { actions: texts(&["Microsoft.X/a/write"]), ..RolePermission::default() };
    let mut held = assignment(1, "Reader", SUB, "u1");
    held.role = Uuid::from_u128(7);
    let before = snapshot(&[]).edited(&[Edit::PutAssignment(held)]);
    let (read, write) = (action("Microsoft.X/a/read"), action("Microsoft.X/a/write"));
    assert!(!allowed(&before, "u1", &read, SUB), "assigned, not defined yet");
    let defined = before.edited(&[Edit::PutRole(custom(7, vec![reads]))]);
    assert!(allowed(&defined, "u1", &read, SUB) && !allowed(&defined, "u1", &write, SUB));
    let changed = defined.edited(&[Edit::PutRole(custom(7, vec![writes]))]);
    assert!(!allowed(&changed, "u1", &read, SUB) && allowed(&changed, "u1", &write, SUB));
    let removed = changed.edited(&[Edit::RemoveRole(Uuid::from_u128(7))]);
    assert!(!allowed(&removed, "u1", &write, SUB));
    assert!(allowed(&defined, "u1", &read, SUB), "versions do not share what was remembered");
}

#[test]
fn a_built_in_role_cannot_be_replaced_or_removed() {
    let all = RolePermission { actions: texts(&["*"]), data_actions: texts(&["*"]), ..RolePermission::default() };
    let mut forged = custom(1, vec![all]);
    forged.id = role("Reader");
    let snapshot =
        snapshot(&[("Reader", SUB, "u1")]).edited(&[Edit::PutRole(forged), Edit::RemoveRole(role("Reader"))]);
    assert!(!allowed(&snapshot, "u1", &action(ASSIGN), SUB));
    assert!(allowed(&snapshot, "u1", &action(READ_ACCOUNT), SUB));
    assert_eq!(snapshot.role(role("Reader")).unwrap().name, "Reader");
}

#[test]
fn versions_grow_and_roles_are_found_by_name() {
    let first = snapshot(&[]);
    let second = first.edited(&[Edit::PutRole(custom(9, Vec::new()))]);
    assert!(second.version() > first.version());
    assert_eq!(second.role_named("CUSTOM 9").map(|role| role.id), Some(Uuid::from_u128(9)));
    assert_eq!(second.role_named("Azure AI User").map(|role| role.name.as_str()), Some("Foundry User"));
    assert_eq!(second.roles().count(), 77);
    assert_eq!(first.roles().count(), 76);
}

#[test]
fn directory_rights_come_from_directory_roles_alone() {
    let read = Permission::Directory(DirectoryRight::Read);
    let manage = Permission::Directory(DirectoryRight::ManageApplications);
    let mut facts = facts(&[("Owner", "/", "sp1"), ("Owner", "/", "u1")]);
    let owners = Snapshot::compile(facts.clone());
    assert!(!allowed(&owners, "sp1", &read, "/"));
    assert!(!allowed(&owners, "u1", &manage, "/"));
    assert_eq!(verdict(&owners, "u1", &read, "/"), Verdict::Allowed(Grant::Member));
    assert!(!allowed(&owners, "ghost", &read, "/"));
    facts.directory_roles =
        vec![(person("sp1"), DirectoryRole::GlobalAdministrator), (person("u2"), DirectoryRole::DirectoryReaders)];
    let snapshot = Snapshot::compile(facts);
    let expected = Verdict::Allowed(Grant::DirectoryRole(DirectoryRole::GlobalAdministrator));
    assert_eq!(verdict(&snapshot, "sp1", &manage, "/"), expected);
    assert!(!allowed(&snapshot, "u2", &manage, "/"));
    assert!(!allowed(&snapshot, "sp1", &data(CHAT), ACCOUNT), "no Azure role is implied");
    let revoked = snapshot.edited(&[Edit::RevokeDirectoryRole(person("sp1"), DirectoryRole::GlobalAdministrator)]);
    assert!(!allowed(&revoked, "sp1", &manage, "/"));
}

#[test]
fn a_scope_with_thousands_of_assignments_is_decided_like_any_other() {
    let mut facts = facts(&[]);
    for number in 0..3000_u128 {
        let id = Uuid::from_u128(50_000 + number * 3);
        facts.principals.push((id, PrincipalType::User));
        let mut one = assignment(number as usize, "Reader", SUB, "u1");
        one.principal = id;
        facts.assignments.push(one);
    }
    facts.assignments.push(assignment(9999, "Foundry User", SUB, "g1"));
    facts.members.push((person("g1"), person("u1")));
    let snapshot = Snapshot::compile(facts);
    assert!(allowed(&snapshot, "u1", &data(CHAT), ACCOUNT));
    assert!(!allowed(&snapshot, "u2", &data(CHAT), ACCOUNT));
    for number in [0_u128, 1, 777, 2999] {
        let who = Uuid::from_u128(50_000 + number * 3).to_string();
        assert!(allowed(&snapshot, &who, &action(READ_ACCOUNT), ACCOUNT), "{number}");
        assert!(!allowed(&snapshot, &who, &data(CHAT), ACCOUNT));
    }
    let removed = snapshot.edited(&[Edit::RemoveAssignment(assignment(777, "Reader", SUB, "u1").id)]);
    let who = Uuid::from_u128(50_000 + 777 * 3).to_string();
    assert!(!allowed(&removed, &who, &action(READ_ACCOUNT), ACCOUNT));
}

#[test]
fn a_snapshot_can_be_shared_between_threads() {
    let shared = Arc::new(snapshot(&[("Reader", SUB, "u1")]));
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || {
                (0..500).all(|round| {
                    let unheard = action(&format!("Microsoft.T{number}/r{round}/read"));
                    allowed(&shared, "u1", &unheard, SUB) && !allowed(&shared, "u2", &unheard, SUB)
                })
            })
        })
        .collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
}

#[test]
fn facts_are_read_from_stored_resources() {
    let facts: Facts = Facts::default();
    assert!(facts.assignments.is_empty());
    let resource = |id: &str, properties: serde_json::Value| -> arm::Resource {
        serde_json::from_value(serde_json::json!({
            "id": id, "type": "t", "name": "n", "properties": properties, "etag": "",
            "systemData": {
                "createdBy": "", "createdByType": "User", "createdAt": "2026-01-01T00:00:00Z",
                "lastModifiedBy": "", "lastModifiedByType": "User", "lastModifiedAt": "2026-01-01T00:00:00Z",
            }
        }))
        .unwrap()
    };
    let id = format!("{PROJECT}/providers/Microsoft.Authorization/roleAssignments/{}", person("a"));
    let properties = serde_json::json!({
        "roleDefinitionId": format!("{SUB}/providers/Microsoft.Authorization/roleDefinitions/{}", role("Reader")),
        "principalId": person("u1"), "principalType": "user", "condition": "",
    });
    let read = rbac::RoleAssignment::from_resource(&resource(&id, properties)).unwrap();
    assert_eq!((read.scope, read.role), (scope(PROJECT), role("Reader")));
    assert_eq!((read.principal_type, read.condition), (PrincipalType::User, None));
    let broken =
        serde_json::json!({"roleDefinitionId": "Reader", "principalId": person("u1"), "principalType": "User"});
    assert!(rbac::RoleAssignment::from_resource(&resource(&id, broken)).is_err());

    let id = format!("{SUB}/providers/Microsoft.Authorization/roleDefinitions/{}", person("r"));
    let properties = serde_json::json!({
        "roleName": "Mine", "type": "CustomRole", "assignableScopes": [SUB],
        "permissions": [{"actions": ["*/read"], "notDataActions": ["x"]}],
    });
    let read = rbac::RoleDefinition::from_resource(&resource(&id, properties)).unwrap();
    assert_eq!((read.id, read.name.as_str(), read.built_in), (person("r"), "Mine", false));
    assert_eq!(read.permissions[0].actions, ["*/read"]);
    assert_eq!(read.permissions[0].not_data_actions, ["x"]);
}
