//! What a permit proves.

use jiff::{SignedDuration, Timestamp};
use rbac::{
    Ask, Attributes, Caller, DirectoryRight, DirectoryRole, Owner, PERMIT_LIFETIME_S, Permission, Permit,
    PrincipalType, ProtocolPurpose, Reads, RowKind, Snapshot, Task, VerifiedPrincipal, Writes, any_token, decide,
    for_protocol, for_task,
};
use uuid::Uuid;

use crate::tenant::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn caller() -> VerifiedPrincipal {
    VerifiedPrincipal::verified(Uuid::nil(), person("u1"), PrincipalType::User, "u1".to_owned(), "t".to_owned())
}

fn permit(snapshot: &Snapshot, permission: &Permission, at: &str, rows: &'static [RowKind]) -> Permit<Writes> {
    let (at, attributes) = (scope(at), Attributes::none());
    let ask = Ask { decision_id: Uuid::from_u128(1), permission, scope: &at, rows, attributes: &attributes, now: NOW };
    decide(&caller(), &ask, snapshot).expect("a permit")
}

#[test]
fn a_permit_covers_its_scope_and_below_and_the_kinds_of_its_operation() {
    let snapshot = snapshot(&[("Owner", "/", "u1")]);
    let write = action("Microsoft.CognitiveServices/accounts/write");
    let permit = permit(&snapshot, &write, ACCOUNT, &[RowKind::Resource, RowKind::Credential]);
    let at = |text: &str| Owner::Scope(scope(text));
    assert!(permit.covers(&at(ACCOUNT), RowKind::Resource));
    assert!(permit.covers(&at(PROJECT), RowKind::Credential));
    assert!(!permit.covers(&at(ACCOUNT), RowKind::Assignment));
    assert!(!permit.covers(&at(&format!("{ACCOUNT}0")), RowKind::Resource));
    assert!(!permit.covers(&at(GROUP), RowKind::Resource));
    assert!(!permit.covers(&Owner::Directory, RowKind::Resource));
    assert!(!permit.covers(&Owner::Server, RowKind::Credential));
    assert_eq!(permit.decision_id(), Uuid::from_u128(1));
    assert_eq!((permit.scope(), permit.permission()), (&scope(ACCOUNT), &write));
    assert_eq!(permit.caller(), &Caller::Principal(caller()));
}

#[test]
fn a_custom_role_is_reached_by_its_guid_at_whatever_scope() {
    let snapshot = snapshot(&[("Owner", "/", "u1")]);
    let write = action("Microsoft.Authorization/roleDefinitions/write");
    let role = |above: &str, name: u128| {
        let guid = Uuid::from_u128(name);
        Owner::Scope(scope(&format!("{above}/providers/Microsoft.Authorization/roleDefinitions/{guid}")))
    };
    let asked_at = format!("{GROUP}/providers/Microsoft.Authorization/roleDefinitions/{}", Uuid::from_u128(7));
    let writes_roles = permit(&snapshot, &write, &asked_at, &[RowKind::RoleDefinition, RowKind::Resource]);
    assert!(writes_roles.covers(&role("", 7), RowKind::RoleDefinition));
    assert!(!writes_roles.covers(&role("", 8), RowKind::RoleDefinition), "another role");
    assert!(!writes_roles.covers(&role("", 7), RowKind::Resource), "another kind of row");
    assert!(!writes_roles.covers(&role("/subscriptions/elsewhere", 7), RowKind::RoleDefinition), "not the tenant's");
    let names_an_account = permit(&snapshot, &write, ACCOUNT, &[RowKind::RoleDefinition]);
    assert!(!names_an_account.covers(&role("", 7), RowKind::RoleDefinition), "a permit that names no role");
}

#[test]
fn a_directory_permit_covers_the_directory_alone() {
    let mut facts = facts(&[]);
    facts.directory_roles.push((person("u1"), DirectoryRole::GlobalAdministrator));
    let snapshot = Snapshot::compile(facts);
    let right = Permission::Directory(DirectoryRight::ManageApplications);
    let permit = permit(&snapshot, &right, "/", &[RowKind::Principal, RowKind::Credential]);
    assert!(permit.covers(&Owner::Directory, RowKind::Principal));
    assert!(!permit.covers(&Owner::Directory, RowKind::DirectoryRole));
    assert!(!permit.covers(&Owner::Scope(scope(ACCOUNT)), RowKind::Credential));
    assert!(!permit.covers(&Owner::Server, RowKind::Credential));
}

#[test]
fn a_permit_grows_old() {
    let snapshot = snapshot(&[("Owner", "/", "u1")]);
    let permit = permit(&snapshot, &action(READ_ACCOUNT), ACCOUNT, &[]);
    let after = |milliseconds: i64| NOW + SignedDuration::from_millis(milliseconds);
    assert!(permit.is_fresh(NOW));
    assert!(permit.is_fresh(after(PERMIT_LIFETIME_S * 1000)));
    assert!(!permit.is_fresh(after(PERMIT_LIFETIME_S * 1000 + 1)));
    assert!(permit.is_fresh(after(-1)));
    assert!(!permit.is_fresh(after(-PERMIT_LIFETIME_S * 1000 - 1)));
}

#[test]
fn a_protocol_step_covers_no_row() {
    let permit: Permit<Writes> = for_protocol(ProtocolPurpose::IssueToken, Uuid::nil(), NOW);
    for kind in [RowKind::Principal, RowKind::Credential, RowKind::SigningKey, RowKind::Resource] {
        assert!(!permit.covers(&Owner::Directory, kind) && !permit.covers(&Owner::Server, kind));
    }
}

#[test]
fn a_step_of_a_person_s_sign_in_covers_sign_ins_and_nothing_else() {
    use ProtocolPurpose::{BeginSignIn, EndSignIn, RenewSignIn};
    for purpose in [BeginSignIn, RenewSignIn, EndSignIn] {
        let permit: Permit<Writes> = for_protocol(purpose, Uuid::nil(), NOW);
        assert!(permit.covers(&Owner::Directory, RowKind::SignIn));
        assert!(!permit.covers(&Owner::Server, RowKind::SignIn));
        assert!(!permit.covers(&Owner::Scope(scope(ACCOUNT)), RowKind::SignIn));
        for kind in [RowKind::Principal, RowKind::Credential, RowKind::DirectoryRole, RowKind::SigningKey] {
            assert!(!permit.covers(&Owner::Directory, kind), "{kind:?}");
        }
    }
    let none: Permit<Writes> = for_protocol(ProtocolPurpose::IssueToken, Uuid::nil(), NOW);
    assert!(!none.covers(&Owner::Directory, RowKind::SignIn));
}

#[test]
fn a_task_covers_its_own_kinds_everywhere() {
    let first: Permit<Writes> = for_task(Task::FirstStart, Uuid::nil(), NOW);
    assert!(first.covers(&Owner::Directory, RowKind::Principal));
    assert!(first.covers(&Owner::Scope(scope(ACCOUNT)), RowKind::Credential));
    assert!(first.covers(&Owner::Server, RowKind::SigningKey));
    let keys: Permit<Reads> = for_task(Task::SigningKey, Uuid::nil(), NOW);
    assert!(keys.covers(&Owner::Server, RowKind::SigningKey));
    assert!(!keys.covers(&Owner::Server, RowKind::Credential));
}

#[test]
fn any_token_reads_and_covers_nothing() {
    let (at, attributes) = (arm::Scope::root(), Attributes::none());
    let permission = action("Microsoft.Resources/tenants/read");
    let ask = Ask {
        decision_id: Uuid::nil(),
        permission: &permission,
        scope: &at,
        rows: &[],
        attributes: &attributes,
        now: NOW,
    };
    let permit: Permit<Reads> = any_token(&caller(), &ask);
    assert_eq!(permit.grant(), &rbac::Grant::AnyToken);
    assert!(!permit.covers(&Owner::Scope(at.clone()), RowKind::Resource));
}
