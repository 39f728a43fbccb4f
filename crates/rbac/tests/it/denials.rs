//! Refusals explain themselves.

use arm::Scope;
use jiff::Timestamp;
use rbac::{
    Ask, Attributes, Denial, DenialReason, KeySlot, Permission, Permit, PrincipalType, Reads, Snapshot,
    VerifiedPrincipal, Writes, decide, decide_visible, for_key, roles_that_would_grant,
};
use uuid::Uuid;

use crate::tenant::*;

fn caller(name: &str) -> VerifiedPrincipal {
    VerifiedPrincipal::verified(
        Uuid::nil(),
        person(name),
        PrincipalType::User,
        format!("{name}@contoso.com"),
        "t".to_owned(),
    )
}

fn refused(snapshot: &Snapshot, who: &str, permission: &Permission, at: &str) -> Denial {
    let (at, attributes) = (scope(at), Attributes::none());
    let ask = Ask {
        decision_id: Uuid::from_u128(5),
        permission,
        scope: &at,
        rows: &[],
        attributes: &attributes,
        now: Timestamp::UNIX_EPOCH,
    };
    decide::<Writes>(&caller(who), &ask, snapshot).expect_err("a refusal")
}

#[test]
fn an_outsider_learns_the_accounts_name_and_no_path() {
    let denial = refused(&snapshot(&[("Reader", "/", "u2")]), "u1", &data(CHAT), PROJECT);
    let info = denial.access_decision();
    assert_eq!(info["type"], "AccessDecision");
    assert_eq!(info["info"]["scope"], "acc1");
    assert_eq!(info["info"]["decisionId"], Uuid::from_u128(5).to_string());
    assert_eq!(info["info"]["principalId"], person("u1").to_string());
    assert_eq!(info["info"]["principalType"], "User");
    assert_eq!(info["info"]["action"], CHAT);
    assert_eq!(info["info"]["isDataAction"], true);
    assert!(!info.to_string().contains("subscriptions"), "{info}");
    let reason = info["info"]["reason"].as_str().unwrap();
    assert_eq!(
        reason,
        format!(
            "no role is held that includes the data action `{CHAT}`; looked at 5 scopes from `acc1` up to `/`, for the user"
        )
    );
}

#[test]
fn a_grant_elsewhere_is_named_nearest_first() {
    let other = "/subscriptions/s2";
    let grants = [("Foundry User", other, "u1"), ("Foundry User", PROJECT, "u1")];
    let denial = refused(&snapshot(&grants), "u1", &data(CHAT), ACCOUNT);
    assert_eq!(denial.reason, DenialReason::NoGrant);
    assert_eq!(denial.misses.elsewhere[0].scope, scope(PROJECT));
    let reason = denial.reason_text();
    assert!(
        reason.starts_with(&format!(
            "the data action `{CHAT}` is granted by `Foundry User` at `{PROJECT}` (and 1 more), which does not reach this scope"
        )),
        "{reason}"
    );
    assert_eq!(denial.access_decision()["info"]["scope"], ACCOUNT);
}

/// Refuses somebody who holds the same role at so many other accounts.
fn refused_with_grants_elsewhere(count: usize) -> Denial {
    let accounts: Vec<String> = (0..count).map(|number| format!("{ACCOUNT}{number}")).collect();
    let grants: Vec<_> = accounts.iter().map(|account| ("Foundry User", account.as_str(), "u1")).collect();
    refused(&snapshot(&grants), "u1", &data(CHAT), ACCOUNT)
}

#[test]
fn a_refusal_of_somebody_who_holds_very_much_says_that_it_did_not_look_at_all_of_it() {
    let denial = refused_with_grants_elsewhere(5000);
    assert_eq!(denial.misses.elsewhere.len(), 3);
    assert!(denial.misses.is_cut);
    let reason = denial.reason_text();
    assert!(reason.ends_with("; more is held than was looked at for what came near"), "{reason}");
}

#[test]
fn a_refusal_of_somebody_who_holds_little_looks_at_all_of_it() {
    let denial = refused_with_grants_elsewhere(20);
    assert_eq!(denial.misses.elsewhere.len(), 3);
    assert!(!denial.misses.is_cut);
    assert!(!denial.reason_text().contains("looked at for what came near"), "{}", denial.reason_text());
}

#[test]
fn a_role_that_lacks_the_action_is_named_with_its_plane() {
    let denial = refused(&snapshot(&[("Owner", "/", "u1")]), "u1", &data(CHAT), ACCOUNT);
    assert_eq!(
        denial.reason_text(),
        format!(
            "the principal holds `Owner` at `/`, which does not include the data action `{CHAT}` (management actions \
             never include data actions); looked at 4 scopes from `{ACCOUNT}` up to `/`, for the user"
        )
    );
}

#[test]
fn a_condition_in_the_way_is_named() {
    let denial = refused(&snapshot(&[("Foundry Project Manager", ACCOUNT, "u1")]), "u1", &action(ASSIGN), PROJECT);
    assert_eq!(denial.reason, DenialReason::ConditionNotFulfilled);
    let reason = denial.reason_text();
    let expected = format!(
        "`Foundry Project Manager`, held at `{ACCOUNT}`, includes the action `{ASSIGN}`, but its condition cannot be decided"
    );
    assert!(reason.starts_with(&expected), "{reason}");
}

#[test]
fn a_principal_outside_the_directory_is_told_so() {
    let denial = refused(&snapshot(&[("Owner", "/", "ghost")]), "ghost", &action(READ_ACCOUNT), SUB);
    assert_eq!(denial.reason_text(), "the principal is not in the directory, so no role assignment counts for it");
}

#[test]
fn roles_that_would_grant_start_with_the_smallest() {
    let empty = snapshot(&[]);
    let names = |permission: &Permission| -> Vec<String> {
        roles_that_would_grant(permission, &empty).into_iter().map(|role| role.name).collect()
    };
    let chat = names(&data(CHAT));
    assert_eq!(chat[0], "Cognitive Services OpenAI User");
    assert!(chat.contains(&"Foundry User".to_owned()));
    assert!(!chat.contains(&"Owner".to_owned()));
    let assign = names(&action(ASSIGN));
    assert!(!assign.contains(&"Foundry Project Manager".to_owned()), "only under a condition");
    assert_eq!(assign.last().map(String::as_str), Some("Owner"));
    assert!(names(&Permission::Directory(rbac::DirectoryRight::Read)).is_empty());
    let denial = refused(&empty, "u1", &data(AGENTS), PROJECT);
    assert!(denial.roles_that_would_grant.iter().any(|role| role.id == self::role("Foundry User")));
}

#[test]
fn a_custom_role_is_advised_only_where_it_may_be_assigned() {
    let small = rbac::RoleDefinition {
        id: Uuid::from_u128(3),
        name: "Chat only".to_owned(),
        aliases: Vec::new(),
        description: String::new(),
        built_in: false,
        permissions: vec![rbac::RolePermission { data_actions: vec![CHAT.to_owned()], ..Default::default() }],
        assignable_scopes: vec![SUB.to_owned()],
    };
    let snapshot = snapshot(&[]).edited(&[rbac::Edit::PutRole(small)]);
    assert_eq!(refused(&snapshot, "u1", &data(CHAT), ACCOUNT).roles_that_would_grant[0].name, "Chat only");
    let elsewhere = refused(&snapshot, "u1", &data(CHAT), "/subscriptions/s2");
    assert!(elsewhere.roles_that_would_grant.iter().all(|role| role.name != "Chat only"));
}

#[test]
fn a_list_with_nothing_to_show_is_refused() {
    let snapshot = snapshot(&[("Reader", PROJECT, "u1")]);
    let (at, attributes, read) = (scope(SUB), Attributes::none(), action(READ_ACCOUNT));
    let ask = Ask {
        decision_id: Uuid::nil(),
        permission: &read,
        scope: &at,
        rows: &[],
        attributes: &attributes,
        now: Timestamp::UNIX_EPOCH,
    };
    let (permit, shown) = decide_visible::<Reads>(&caller("u1"), &ask, &snapshot).unwrap();
    assert_eq!(permit.grant(), &rbac::Grant::Visible { scopes: vec![scope(PROJECT)] });
    assert!(shown.covers(&scope(PROJECT)) && !shown.covers(&scope(ACCOUNT)));
    let denial = decide_visible::<Reads>(&caller("u2"), &ask, &snapshot).unwrap_err();
    assert_eq!(denial.reason, DenialReason::NothingVisible);
    assert!(denial.reason_text().starts_with("nothing at or below this scope may be shown: no role is held"));
}

#[test]
fn a_key_gives_inference_at_its_account_and_nothing_else() {
    let account = scope(ACCOUNT);
    let attributes = Attributes::none();
    let with_key = |permission: &Permission, at: &Scope| -> Result<Permit<Reads>, Denial> {
        let ask = Ask {
            decision_id: Uuid::nil(),
            permission,
            scope: at,
            rows: &[],
            attributes: &attributes,
            now: Timestamp::UNIX_EPOCH,
        };
        for_key(account.clone(), KeySlot::Key1, &ask)
    };
    assert!(with_key(&data(CHAT), &account).is_ok());
    assert!(with_key(&data("Microsoft.CognitiveServices/accounts/OpenAI/models/read"), &account).is_ok());
    assert!(with_key(&data("Microsoft.CognitiveServices/accounts/MaaS/chat/completions/action"), &account).is_ok());
    assert!(with_key(&data(AGENTS), &account).is_err());
    assert!(with_key(&data(CHAT), &scope(PROJECT)).is_err());
    assert!(with_key(&data(CHAT), &scope(&format!("{ACCOUNT}0"))).is_err());
    assert!(with_key(&action(READ_ACCOUNT), &account).is_err());
    assert!(with_key(&action(CHAT), &account).is_err());
    let denial = with_key(&data(AGENTS), &account).unwrap_err();
    assert_eq!(denial.reason, DenialReason::NotForKeys);
    let info = &denial.access_decision()["info"];
    assert_eq!((info["principalType"].as_str(), info["scope"].as_str()), (Some("ResourceKey"), Some("acc1")));
}
