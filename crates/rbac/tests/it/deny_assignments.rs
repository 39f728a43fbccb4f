//! What is denied is denied, whatever grants it.

use arm::Scope;
use jiff::Timestamp;
use rbac::{
    Ask, Attributes, Denial, DenialReason, DenyAssignment, DirectoryRight, DirectoryRole, Edit, Facts, Permission,
    PrincipalType, Reads, RolePermission, Snapshot, Verdict, VerifiedPrincipal, Writes, could_allow, decide,
    decide_visible, visible,
};
use uuid::Uuid;

use crate::tenant::*;

const WRITE: &str = "Microsoft.CognitiveServices/accounts/write";

/// Denies everybody every write and delete at a scope.
fn deny(at: &str) -> DenyAssignment {
    let at = scope(at);
    DenyAssignment {
        id: at.extension("Microsoft.Authorization", "denyAssignments", &Uuid::from_u128(1).to_string()),
        scope: at,
        name: "stack".to_owned(),
        permissions: vec![RolePermission {
            actions: vec!["*/write".to_owned(), "*/delete".to_owned()],
            ..RolePermission::default()
        }],
        principals: vec![DenyAssignment::ALL_PRINCIPALS],
        exclude_principals: Vec::new(),
        do_not_apply_to_child_scopes: false,
        condition: None,
        is_system_protected: true,
    }
}

/// Two owners of the subscription, `u2` through a group.
fn owners(deny: DenyAssignment) -> Facts {
    let mut facts = facts(&[("Owner", SUB, "u1"), ("Owner", SUB, "g1")]);
    facts.members = vec![(person("g1"), person("u2"))];
    facts.denies = vec![deny];
    facts
}

fn denied(facts: Facts, who: &str, what: &Permission, at: &str) -> bool {
    matches!(verdict(&Snapshot::compile(facts), who, what, at), Verdict::Denied(_))
}

#[test]
fn a_deny_assignment_beats_owner_at_and_below_its_scope_and_nowhere_else() {
    let snapshot = Snapshot::compile(owners(deny(GROUP)));
    for at in [GROUP, ACCOUNT, PROJECT] {
        let Verdict::Denied(by) = verdict(&snapshot, "u1", &action(WRITE), at) else { panic!("{at}") };
        let expected = deny(GROUP);
        assert_eq!((by.id, by.scope, by.name, by.undecided), (expected.id, expected.scope, expected.name, false));
        assert!(allowed(&snapshot, "u1", &action(READ_ACCOUNT), at));
    }
    assert!(allowed(&snapshot, "u1", &action(WRITE), SUB));
    assert!(allowed(&snapshot, "u1", &action(WRITE), "/subscriptions/s1/resourceGroups/rg-2"));
}

#[test]
fn who_is_excluded_is_not_denied_not_even_by_name() {
    let mut rule = deny(SUB);
    rule.principals.push(person("u2"));
    rule.exclude_principals = vec![person("g1")];
    assert!(!denied(owners(rule.clone()), "u2", &action(WRITE), ACCOUNT), "its group is excluded");
    assert!(denied(owners(rule.clone()), "u1", &action(WRITE), ACCOUNT));
    rule.exclude_principals = vec![person("u1")];
    assert!(!denied(owners(rule.clone()), "u1", &action(WRITE), ACCOUNT));
    assert!(denied(owners(rule), "u2", &action(WRITE), ACCOUNT));
}

#[test]
fn a_deny_names_principals_groups_or_everybody() {
    let mut rule = deny(SUB);
    assert!(denied(owners(rule.clone()), "sp1", &action(WRITE), ACCOUNT), "without a grant too");
    assert!(denied(owners(rule.clone()), "ghost", &action(WRITE), ACCOUNT), "everybody, in the directory or not");
    rule.principals = vec![person("g1")];
    assert!(denied(owners(rule.clone()), "u2", &action(WRITE), ACCOUNT));
    assert!(!denied(owners(rule.clone()), "u1", &action(WRITE), ACCOUNT));
    rule.principals = vec![person("u1")];
    assert!(denied(owners(rule.clone()), "u1", &action(WRITE), ACCOUNT));
    rule.principals = Vec::new();
    assert!(!denied(owners(rule), "u1", &action(WRITE), ACCOUNT));
}

#[test]
fn a_deny_for_the_scope_alone_spares_what_is_below() {
    let rule = DenyAssignment { do_not_apply_to_child_scopes: true, ..deny(ACCOUNT) };
    assert!(denied(owners(rule.clone()), "u1", &action(WRITE), ACCOUNT));
    assert!(!denied(owners(rule.clone()), "u1", &action(WRITE), PROJECT));
    assert!(!denied(owners(rule.clone()), "u1", &action(WRITE), &format!("{ACCOUNT}/unheard/of")));
    assert!(denied(owners(rule), "u1", &action(WRITE), &ACCOUNT.to_ascii_uppercase()));
}

#[test]
fn a_deny_subtracts_inside_itself_and_keeps_the_planes_apart() {
    let mut rule = deny(SUB);
    rule.permissions[0].not_actions = vec!["Microsoft.CognitiveServices/*".to_owned()];
    assert!(!denied(owners(rule.clone()), "u1", &action(WRITE), ACCOUNT));
    assert!(denied(owners(rule.clone()), "u1", &action(ASSIGN), ACCOUNT));
    assert!(
        !denied(owners(rule.clone()), "u1", &data(AGENTS), ACCOUNT),
        "`*/write` of actions is none of data actions"
    );
    rule.permissions[0].data_actions = vec!["*".to_owned()];
    assert!(denied(owners(rule.clone()), "u1", &data(AGENTS), ACCOUNT));
    rule.permissions = vec![RolePermission { not_actions: vec!["*/read".to_owned()], ..RolePermission::default() }];
    assert!(!denied(owners(rule), "u1", &action(WRITE), ACCOUNT), "nothing less something is nothing");
}

#[test]
fn a_deny_above_through_a_management_group_reaches_down() {
    let mut facts = owners(deny(MG));
    assert!(!denied(facts.clone(), "u1", &action(WRITE), ACCOUNT));
    facts.parents = vec![(scope(SUB), scope(MG))];
    assert!(denied(facts, "u1", &action(WRITE), ACCOUNT));
}

#[test]
fn a_condition_narrows_a_deny_and_what_cannot_be_decided_denies() {
    let on = |condition: &str| DenyAssignment { condition: Some(condition.to_owned()), ..deny(SUB) };
    let ask = |rule: DenyAssignment, attributes: &Attributes| {
        verdict_with(&Snapshot::compile(owners(rule)), "u1", &action(WRITE), ACCOUNT, attributes)
    };
    let is = |value: &str| Attributes::none().with_resource("a", value);
    let rule = on("@Resource[a] StringEquals 'locked'");
    assert!(matches!(ask(rule.clone(), &is("locked")), Verdict::Denied(by) if !by.undecided));
    assert!(ask(rule.clone(), &is("open")).is_allowed());
    assert!(matches!(ask(rule, &Attributes::none()), Verdict::Denied(by) if by.undecided));
    assert!(matches!(ask(on("no condition at all"), &is("open")), Verdict::Denied(by) if by.undecided));
    let mut rule = deny(SUB);
    rule.permissions[0].condition = Some("@Resource[a] StringEquals 'locked'".to_owned());
    assert!(ask(rule.clone(), &is("open")).is_allowed());
    assert!(matches!(ask(rule.clone(), &Attributes::none()), Verdict::Denied(by) if by.undecided));
    rule.condition = Some("@Resource[a] StringNotEquals 'locked'".to_owned());
    assert!(ask(rule, &is("locked")).is_allowed(), "both must hold");
}

#[test]
fn the_nearest_deny_is_named_and_of_two_there_the_first_by_id() {
    let numbered = |number: u128, at: &str| {
        let at = scope(at);
        let id = at.extension("Microsoft.Authorization", "denyAssignments", &Uuid::from_u128(number).to_string());
        DenyAssignment { id, scope: at, name: format!("deny {number}"), ..deny(SUB) }
    };
    let mut facts = owners(numbered(1, SUB));
    facts.denies.extend([numbered(4, GROUP), numbered(3, GROUP)]);
    let named = |snapshot: &Snapshot, at: &str| match verdict(snapshot, "u1", &action(WRITE), at) {
        Verdict::Denied(by) => by.name,
        other => panic!("{other:?}"),
    };
    let snapshot = Snapshot::compile(facts);
    assert_eq!((named(&snapshot, ACCOUNT), named(&snapshot, SUB)), ("deny 3".to_owned(), "deny 1".to_owned()));
    let fewer = snapshot.edited(&[Edit::RemoveDenyAssignment(numbered(3, GROUP).id)]);
    assert_eq!(named(&fewer, ACCOUNT), "deny 4");
    let fewer = fewer.edited(&[Edit::RemoveDenyAssignment(numbered(4, GROUP).id)]);
    assert_eq!(named(&fewer, ACCOUNT), "deny 1");
    let none = fewer.edited(&[Edit::RemoveDenyAssignment(numbered(1, SUB).id)]);
    assert!(allowed(&none, "u1", &action(WRITE), ACCOUNT));
    assert_eq!((snapshot.deny_assignments().count(), none.deny_assignments().count()), (3, 0));
}

#[test]
fn a_deny_that_is_put_again_is_replaced_wherever_it_moves() {
    let snapshot = Snapshot::compile(owners(deny(GROUP)));
    let moved = DenyAssignment { scope: scope("/subscriptions/s1/resourceGroups/rg-2"), ..deny(GROUP) };
    let moved = snapshot.edited(&[Edit::PutDenyAssignment(moved.clone())]);
    assert!(allowed(&moved, "u1", &action(WRITE), ACCOUNT));
    assert!(!allowed(&moved, "u1", &action(WRITE), "/subscriptions/s1/resourceGroups/rg-2"));
    assert_eq!(moved.deny_assignments().count(), 1);
    assert_eq!(moved.deny_assignment(&deny(GROUP).id).unwrap().scope.name(), "rg-2");
}

#[test]
fn the_cheap_decision_refuses_what_is_surely_denied_and_waits_for_the_rest() {
    let could = |rule: DenyAssignment| {
        could_allow(person("u1"), &action(WRITE), &scope(ACCOUNT), &Snapshot::compile(owners(rule)))
    };
    assert!(!could(deny(SUB)));
    assert!(could(DenyAssignment { condition: Some("@Resource[a] StringEquals 'b'".to_owned()), ..deny(SUB) }));
    assert!(could(DenyAssignment { do_not_apply_to_child_scopes: true, ..deny(SUB) }));
}

#[test]
fn directory_rights_are_not_denied() {
    let mut facts = owners(deny("/"));
    facts.denies[0].permissions[0].actions = vec!["*".to_owned()];
    facts.directory_roles = vec![(person("u1"), DirectoryRole::GlobalAdministrator)];
    let manage = Permission::Directory(DirectoryRight::ManageUsers);
    assert!(allowed(&Snapshot::compile(facts), "u1", &manage, "/"));
}

#[test]
fn lists_leave_out_what_is_denied() {
    let reads = |rule: DenyAssignment| {
        let permissions = vec![RolePermission { actions: vec!["*/read".to_owned()], ..RolePermission::default() }];
        Snapshot::compile(owners(DenyAssignment { permissions, ..rule }))
    };
    let shown = |snapshot: &Snapshot, base: &str| visible(person("u1"), &action(READ_ACCOUNT), &scope(base), snapshot);
    let below = shown(&reads(deny(ACCOUNT)), SUB);
    assert!(below.covers(&scope(GROUP)) && !below.covers(&scope(ACCOUNT)) && !below.covers(&scope(PROJECT)));
    assert!(!below.is_whole() && !below.is_empty());
    let alone = shown(&reads(DenyAssignment { do_not_apply_to_child_scopes: true, ..deny(ACCOUNT) }), SUB);
    assert!(!alone.covers(&scope(ACCOUNT)) && alone.covers(&scope(PROJECT)));
    assert!(shown(&reads(deny(SUB)), GROUP).is_empty());
    assert!(shown(&reads(DenyAssignment { exclude_principals: vec![person("u1")], ..deny(SUB) }), GROUP).is_whole());
}

fn refused(facts: Facts, who: &str, what: &Permission, at: &str) -> Denial {
    let (at, attributes): (Scope, _) = (scope(at), Attributes::none());
    let caller =
        VerifiedPrincipal::verified(Uuid::nil(), person(who), PrincipalType::User, who.to_owned(), "t".to_owned());
    let ask = Ask {
        decision_id: Uuid::from_u128(5),
        permission: what,
        scope: &at,
        rows: &[],
        attributes: &attributes,
        now: Timestamp::UNIX_EPOCH,
    };
    let snapshot = Snapshot::compile(facts);
    let seen = decide_visible::<Reads>(&caller, &ask, &snapshot).map(|_| ()).expect_err("nothing to see");
    let denial = decide::<Writes>(&caller, &ask, &snapshot).expect_err("a refusal");
    assert_eq!(seen.reason, denial.reason);
    denial
}

#[test]
fn a_refusal_names_the_deny_and_no_role_that_would_not_help() {
    let denial = refused(owners(deny(GROUP)), "u1", &action(WRITE), ACCOUNT);
    assert_eq!(denial.reason, DenialReason::DenyAssignment);
    assert_eq!(denial.deny_assignment.as_ref().unwrap().id, deny(GROUP).id);
    assert_eq!(
        denial.reason_text(),
        format!("the deny assignment `stack` at `{GROUP}` (`{}`) blocks `{WRITE}`", deny(GROUP).id)
    );
    assert_eq!(denial.access_decision()["info"]["rolesThatWouldGrant"], serde_json::json!([]));
}

#[test]
fn a_refusal_says_that_a_condition_could_not_be_decided_and_tells_an_outsider_no_place() {
    let rule = DenyAssignment { condition: Some("@Resource[a] StringEquals 'b'".to_owned()), ..deny(GROUP) };
    let text = refused(owners(rule.clone()), "u1", &action(WRITE), ACCOUNT).reason_text();
    assert!(text.ends_with("; its condition cannot be decided for this request, so it denies"), "{text}");
    let text = refused(owners(rule), "sp1", &action(WRITE), ACCOUNT).reason_text();
    assert!(text.starts_with("the deny assignment `stack` blocks") && !text.contains("/subscriptions"), "{text}");
}

fn stored(properties: &serde_json::Value) -> arm::Resource {
    let name = Uuid::from_u128(1);
    serde_json::from_value(serde_json::json!({
        "id": format!("{GROUP}/providers/Microsoft.Authorization/denyAssignments/{name}"),
        "type": "Microsoft.Authorization/denyAssignments", "name": name, "properties": properties, "etag": "",
        "systemData": {
            "createdBy": "", "createdByType": "User", "createdAt": "2026-01-01T00:00:00Z",
            "lastModifiedBy": "", "lastModifiedByType": "User", "lastModifiedAt": "2026-01-01T00:00:00Z",
        }
    }))
    .unwrap()
}

#[test]
fn a_stored_deny_assignment_is_read_with_everything_that_decides() {
    let mut properties = serde_json::json!({
        "denyAssignmentName": "stack", "description": "of the stack",
        "permissions": [{"actions": ["*/write", "*/delete"], "notDataActions": []}],
        "principals": [{"id": Uuid::nil(), "type": "SystemDefined"}],
        "excludePrincipals": [{"id": person("u1"), "type": "User"}],
        "doNotApplyToChildScopes": true, "isSystemProtected": true, "condition": " ",
    });
    let read = DenyAssignment::from_resource(&stored(&properties)).unwrap();
    let expected =
        DenyAssignment { exclude_principals: vec![person("u1")], do_not_apply_to_child_scopes: true, ..deny(GROUP) };
    assert_eq!(read, expected);
    let least = serde_json::json!({"permissions": [], "principals": []});
    let read = DenyAssignment::from_resource(&stored(&least)).unwrap();
    assert_eq!((read.name, read.do_not_apply_to_child_scopes), (Uuid::from_u128(1).to_string(), false));
    properties["principals"] = serde_json::json!([{"id": "everybody"}]);
    assert!(DenyAssignment::from_resource(&stored(&properties)).is_err());
    assert!(DenyAssignment::from_resource(&stored(&serde_json::json!({"principals": []}))).is_err());
}
