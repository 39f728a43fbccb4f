//! Why: each kind of reason and of near miss as a story, and random tenants against the evaluators.

use std::collections::{BTreeMap, BTreeSet};

use arm::Scope;
use proptest::prelude::*;
use proptest::sample::subsequence;
use rbac::{
    AccessRequest, Attributes, Decision, DenyAssignment, Edit, Explanation, Facts, MatchedAs, Mend, Permission,
    PrincipalType, RoleAssignment, RoleDefinition, RolePermission, Snapshot, Truth, Verdict, evaluate, explain,
};
use uuid::Uuid;

use crate::generate::condition::known;
use crate::generate::{PEOPLE, SCOPES, any_edits, apply, someone};
use crate::naive::{self, Outcome};
use crate::random::permissions;
use crate::second_opinion::attributes;
use crate::tenant::{
    ACCOUNT, AGENTS, ASSIGN, CHAT, GROUP, MG, PROJECT, READ_ACCOUNT, SUB, action, assignment, conformance, data, facts,
    person, role, scope,
};

const FOUNDRY_USER: &str = "53ca6127-db72-4b80-b1b0-d745d6d5456d";
const DELETE: &str = "Microsoft.CognitiveServices/accounts/delete";
const ROLE_ATTRIBUTE: &str = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";

fn ask(facts: &Facts, who: &str, permission: &Permission, at: &str) -> Explanation {
    ask_with(facts, who, permission, at, &Attributes::none())
}

fn ask_with(facts: &Facts, who: &str, permission: &Permission, at: &str, attributes: &Attributes) -> Explanation {
    let at = scope(at);
    let request = AccessRequest { principal: person(who), permission, scope: &at, attributes };
    explain(&request, &Snapshot::compile(facts.clone()))
}

fn deny(name: &str, at: &str, actions: &[&str], principals: Vec<Uuid>) -> DenyAssignment {
    let at = scope(at);
    DenyAssignment {
        id: at.extension("Microsoft.Authorization", "denyAssignments", &person(name).to_string()),
        scope: at,
        name: name.to_owned(),
        permissions: vec![RolePermission {
            actions: actions.iter().map(|text| (*text).to_owned()).collect(),
            ..RolePermission::default()
        }],
        principals,
        exclude_principals: Vec::new(),
        do_not_apply_to_child_scopes: false,
        condition: None,
        is_system_protected: false,
    }
}

fn custom(id: u128, name: &str, permissions: Vec<RolePermission>, assignable: &str) -> RoleDefinition {
    RoleDefinition {
        id: Uuid::from_u128(id),
        name: name.to_owned(),
        aliases: Vec::new(),
        description: String::new(),
        built_in: false,
        permissions,
        assignable_scopes: vec![assignable.to_owned()],
    }
}

fn giving(actions: &[&str], data_actions: &[&str]) -> Vec<RolePermission> {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    vec![RolePermission { actions: texts(actions), data_actions: texts(data_actions), ..RolePermission::default() }]
}

/// Makes the proposed assignment.
fn mended(snapshot: &Snapshot, mend: &Mend) -> Snapshot {
    snapshot.edited(&[Edit::PutAssignment(RoleAssignment {
        id: mend.scope.extension("Microsoft.Authorization", "roleAssignments", "mend"),
        scope: mend.scope.clone(),
        role: mend.role.id,
        principal: mend.principal,
        principal_type: mend.principal_type,
        condition: None,
    })])
}

#[test]
fn a_grant_names_assignment_role_pattern_and_the_shortest_way_through_groups() {
    let mut facts = facts(&[("Reader", SUB, "g3"), ("Reader", GROUP, "u1")]);
    facts.principals.push((person("g3"), PrincipalType::Group));
    // The long way g1 > g2 > g3, and the short one g2 > g3.
    facts.members = vec![
        (person("g1"), person("u1")),
        (person("g2"), person("g1")),
        (person("g2"), person("u1")),
        (person("g3"), person("g2")),
    ];
    let explanation = ask(&facts, "u1", &action(READ_ACCOUNT), ACCOUNT);
    assert_eq!(explanation.decision, Decision::Allowed);
    let [near, far] = explanation.grants.as_slice() else { panic!("{explanation:?}") };
    assert!(near.used && !far.used, "the nearest scope decides");
    assert!(near.holding.group_path.is_empty());
    assert_eq!(far.holding.group_path, [person("g2"), person("g3")]);
    assert_eq!(far.holding.principal, person("g3"));
    assert_eq!((far.permission.index, far.permission.pattern.as_str()), (0, "*/read"));
    assert_eq!(explanation.mend, None);
    assert!(explanation.reason.contains("held by the user itself"), "{}", explanation.reason);
    assert!(explanation.reason.contains("1 other assignment grants it too"), "{}", explanation.reason);
}

#[test]
fn a_circle_of_groups_ends() {
    let mut facts = facts(&[("Reader", SUB, "g2")]);
    facts.members = vec![(person("g1"), person("u1")), (person("g2"), person("g1")), (person("g1"), person("g2"))];
    let explanation = ask(&facts, "u1", &action(READ_ACCOUNT), ACCOUNT);
    assert_eq!(explanation.grants[0].holding.group_path, [person("g1"), person("g2")]);
}

#[test]
fn a_role_that_takes_the_action_out_again_is_named_with_the_entry() {
    let explanation = ask(&facts(&[("Contributor", SUB, "u1")]), "u1", &action(ASSIGN), ACCOUNT);
    assert_eq!(explanation.decision, Decision::NotAllowed);
    let [miss] = explanation.nearest_misses.removed_by_not_action.as_slice() else { panic!("{explanation:?}") };
    assert_eq!((miss.permission.pattern.as_str(), miss.not_action.as_str()), ("*", "Microsoft.Authorization/*/Write"));
    assert!(explanation.nearest_misses.lacking.is_empty());
    assert!(
        explanation.reason.contains("takes it out again by `Microsoft.Authorization/*/Write`"),
        "{}",
        explanation.reason
    );
}

#[test]
fn the_same_action_on_the_other_plane_is_named() {
    let explanation = ask(&facts(&[("Owner", SUB, "u1")]), "u1", &data(AGENTS), PROJECT);
    let [miss] = explanation.nearest_misses.other_plane.as_slice() else { panic!("{explanation:?}") };
    assert_eq!((miss.holding.role.name.as_str(), miss.permission.pattern.as_str()), ("Owner", "*"));
}

#[test]
fn the_same_action_granted_elsewhere_is_named_nearest_first() {
    let other = "/subscriptions/s2";
    let project = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acc1/projects/p2";
    let grants =
        [("Foundry User", other, "u1"), ("Foundry User", project, "u1"), ("Cost Management Reader", SUB, "u1")];
    let explanation = ask(&facts(&grants), "u1", &data(AGENTS), PROJECT);
    let elsewhere: Vec<&str> =
        explanation.nearest_misses.elsewhere.iter().map(|holding| holding.scope.as_str()).collect();
    assert_eq!(elsewhere, [project, other]);
    assert_eq!(explanation.nearest_misses.lacking[0].role.name, "Cost Management Reader");
}

#[test]
fn a_condition_miss_shows_each_part_and_what_it_wanted() {
    let facts = facts(&[("Foundry Project Manager", ACCOUNT, "u1")]);
    let owner = role("Owner").to_string();
    let attributes = Attributes::none().with_request(ROLE_ATTRIBUTE, owner.clone());
    let explanation = ask_with(&facts, "u1", &action(ASSIGN), ACCOUNT, &attributes);
    assert_eq!(explanation.decision, Decision::ConditionNotFulfilled);
    let [miss] = explanation.nearest_misses.condition_not_met.as_slice() else { panic!("{explanation:?}") };
    let trace = miss.conditions[0].trace.as_ref().unwrap();
    assert_eq!((miss.conditions[0].outcome, trace.truth), (Truth::False, Truth::False));
    let [on_write, on_delete] = trace.parts.as_slice() else { panic!("{trace:?}") };
    assert_eq!((on_write.truth, on_delete.truth), (Truth::False, Truth::True));
    let advice = &explanation.advice[0].text;
    assert!(advice.contains("would have to hold") && advice.contains(&owner), "{advice}");
    assert!(!advice.contains("ActionMatches"), "the request cannot change its action: {advice}");
    // The twin: for a role that is on the list it holds, and the trace says so.
    let attributes = Attributes::none().with_request(ROLE_ATTRIBUTE, FOUNDRY_USER);
    let explanation = ask_with(&facts, "u1", &action(ASSIGN), ACCOUNT, &attributes);
    assert_eq!(explanation.decision, Decision::Allowed);
    assert_eq!(explanation.grants[0].conditions[0].outcome, Truth::True);
}

#[test]
fn a_condition_that_cannot_be_read_says_why() {
    let mut facts = facts(&[("Reader", SUB, "u1")]);
    facts.assignments[0].condition = Some("@Resource[x] StringSounds 'y'".to_owned());
    let explanation = ask(&facts, "u1", &action(READ_ACCOUNT), ACCOUNT);
    let condition = &explanation.nearest_misses.condition_not_met[0].conditions[0];
    assert!(condition.error.is_some() && condition.trace.is_none());
    assert!(explanation.advice[0].text.contains("cannot be read"), "{}", explanation.advice[0].text);
}

#[test]
fn a_deny_says_whom_it_names_and_what_it_overrules() {
    let mut facts = facts(&[("Owner", SUB, "u1")]);
    facts.members = vec![(person("g1"), person("u1"))];
    let delete = action(DELETE);
    let whom = [
        (vec![DenyAssignment::ALL_PRINCIPALS], MatchedAs::Everybody, vec![]),
        (vec![person("u1")], MatchedAs::Principal, vec![]),
        (vec![person("g1"), DenyAssignment::ALL_PRINCIPALS], MatchedAs::Group, vec![person("g1")]),
    ];
    for (principals, matched_as, group_path) in whom {
        facts.denies = vec![deny("lock", GROUP, &["*/read", "*/delete"], principals)];
        let explanation = ask(&facts, "u1", &delete, ACCOUNT);
        assert_eq!(explanation.decision, Decision::Denied);
        let [found] = explanation.denies.as_slice() else { panic!("{explanation:?}") };
        assert!(found.used && !found.undecided);
        assert_eq!((found.matched_as, &found.group_path), (matched_as, &group_path));
        assert_eq!(found.permission.pattern, "*/delete");
        assert_eq!(explanation.grants.len(), 1, "what is overruled is shown");
        assert!(explanation.reason.contains("although `Owner`"), "{}", explanation.reason);
        assert_eq!(explanation.mend, None, "no role helps");
        let az = explanation.advice[0].az.as_ref().unwrap();
        assert!(az.starts_with("az rest --method put --url '/subscriptions/s1/"), "{az}");
        assert!(az.contains(&person("u1").to_string()), "{az}");
    }
}

#[test]
fn an_undecided_deny_denies_and_says_so() {
    let mut facts = facts(&[("Owner", SUB, "u1")]);
    let mut lock = deny("lock", GROUP, &["*"], vec![DenyAssignment::ALL_PRINCIPALS]);
    lock.condition = Some("@Request[tier] StringEquals 'gold'".to_owned());
    facts.denies = vec![lock];
    let explanation = ask(&facts, "u1", &action(READ_ACCOUNT), ACCOUNT);
    assert!(explanation.denies[0].undecided);
    assert!(explanation.reason.contains("cannot be decided, so it denies"), "{}", explanation.reason);
    // Decided and false, it does not deny; decided and true, it does for that reason.
    let with = |tier: &str| {
        let attributes = Attributes::none().with_request("tier", tier);
        ask_with(&facts, "u1", &action(READ_ACCOUNT), ACCOUNT, &attributes)
    };
    assert_eq!(with("silver").decision, Decision::Allowed);
    assert!(!with("gold").denies[0].undecided);
}

#[test]
fn nobody_is_told_to_change_what_the_system_protects() {
    let mut facts = facts(&[("Owner", SUB, "u1")]);
    let mut lock = deny("stack", GROUP, &["*"], vec![DenyAssignment::ALL_PRINCIPALS]);
    lock.is_system_protected = true;
    facts.denies = vec![lock];
    let explanation = ask(&facts, "u1", &action(READ_ACCOUNT), ACCOUNT);
    assert_eq!(explanation.advice.len(), 1);
    assert_eq!(explanation.advice[0].az, None);
}

#[test]
fn a_stranger_is_told_so_and_gets_no_mend() {
    let explanation = ask(&facts(&[("Owner", SUB, "ghost")]), "ghost", &action(READ_ACCOUNT), ACCOUNT);
    assert!(explanation.nearest_misses.principal_unknown);
    assert_eq!((explanation.asked.principal_type, explanation.mend), (None, None));
    assert!(explanation.advice[0].text.contains("have to be in the directory"));
}

#[test]
fn the_mend_is_the_smallest_role_at_the_narrowest_scope_as_an_az_line() {
    let explanation = ask(&facts(&[]), "sp1", &data(CHAT), ACCOUNT);
    let mend = explanation.mend.unwrap();
    let snapshot = Snapshot::compile(facts(&[]));
    let fewest = &rbac::roles_that_would_grant(&data(CHAT), &snapshot)[0];
    assert_eq!((&mend.role, mend.scope.as_str()), (fewest, ACCOUNT));
    let expected = format!(
        "az role assignment create --assignee-object-id {} --assignee-principal-type ServicePrincipal --role \"{}\" --scope {ACCOUNT}",
        person("sp1"),
        fewest.name
    );
    assert_eq!(mend.az, expected);
}

#[test]
fn a_mend_is_made_where_roles_can_be_assigned() {
    let row = format!("{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/{FOUNDRY_USER}");
    let location = format!("{SUB}/providers/Microsoft.CognitiveServices/locations/eastus");
    let group_row = format!("{GROUP}/providers/Microsoft.Authorization/denyAssignments/{FOUNDRY_USER}");
    for (asked, at) in [(row.as_str(), ACCOUNT), (location.as_str(), SUB), (group_row.as_str(), GROUP), (GROUP, GROUP)]
    {
        let explanation = ask(&facts(&[]), "u1", &action("Microsoft.Authorization/roleAssignments/read"), asked);
        assert_eq!(explanation.mend.unwrap().scope.as_str(), at, "{asked}");
    }
}

#[test]
fn a_mend_does_not_repeat_an_assignment_that_only_lacks_its_condition() {
    let permission = data(CHAT);
    let smallest = ask(&facts(&[]), "u1", &permission, ACCOUNT).mend.unwrap().role;
    let mut facts = facts(&[(smallest.id.to_string().as_str(), ACCOUNT, "u1")]);
    facts.assignments[0].condition = Some("@Request[tier] StringEquals 'gold'".to_owned());
    let explanation = ask(&facts, "u1", &permission, ACCOUNT);
    assert_eq!(explanation.decision, Decision::ConditionNotFulfilled);
    assert_ne!(explanation.mend.unwrap().role, smallest);
}

#[test]
fn a_custom_role_is_proposed_only_where_it_may_be_assigned() {
    let mut facts = facts(&[]);
    facts.parents = vec![(scope("/subscriptions/s2"), scope(MG))];
    facts.roles = vec![
        custom(1, "in the group", giving(&["Microsoft.X/a/read"], &["Microsoft.X/a/do/action"]), MG),
        custom(2, "in the subscription", giving(&["Microsoft.X/a/write"], &[]), SUB),
    ];
    let mend = |text: &str, at: &str| ask(&facts, "u1", &action(text), at).mend.map(|mend| mend.role.name);
    assert_eq!(mend("Microsoft.X/a/read", "/subscriptions/s2").as_deref(), Some("in the group"));
    assert_ne!(mend("Microsoft.X/a/read", SUB).as_deref(), Some("in the group"), "not below the management group");
    assert_ne!(mend("Microsoft.X/a/read", MG).as_deref(), Some("in the group"), "it has data actions");
    assert_eq!(mend("Microsoft.X/a/write", GROUP).as_deref(), Some("in the subscription"));
    assert_ne!(mend("Microsoft.X/a/write", "/subscriptions/s2").as_deref(), Some("in the subscription"));
    let none = ask(&facts, "u1", &data("Microsoft.Nobody/has/this/action"), SUB);
    assert_eq!(none.mend, None);
    assert!(none.advice[0].text.contains("a custom role with the data action"), "{}", none.advice[0].text);
}

#[test]
fn nothing_in_an_az_line_is_obeyed_by_a_shell() {
    let mut facts = facts(&[]);
    facts.roles = vec![custom(7, "$(reboot)\"; `id`", giving(&["Microsoft.X/a/do"], &[]), "/")];
    let at = "/subscriptions/s1/resourceGroups/it's(mine)";
    let mend = ask(&facts, "u1", &action("Microsoft.X/a/do"), at).mend.unwrap();
    let mend_role = mend.role.id;
    assert_eq!(mend_role, Uuid::from_u128(7));
    assert!(mend.az.contains(&format!("--role {mend_role} ")), "{}", mend.az);
    assert!(mend.az.ends_with(r"--scope '/subscriptions/s1/resourceGroups/it'\''s(mine)'"), "{}", mend.az);
}

#[test]
fn rights_in_the_directory_are_explained_by_directory_roles() {
    let mut facts = facts(&[("Owner", "/", "u1")]);
    facts.directory_roles = vec![(person("u2"), rbac::DirectoryRole::GlobalAdministrator)];
    let manage = Permission::Directory(rbac::DirectoryRight::ManageUsers);
    let allowed = ask(&facts, "u2", &manage, "/");
    assert_eq!(allowed.directory_role.as_deref(), Some("Global Administrator"));
    let refused = ask(&facts, "u1", &manage, "/");
    assert_eq!((refused.decision, refused.mend), (Decision::NotAllowed, None));
    assert!(refused.advice[0].text.contains("directory role"), "{}", refused.advice[0].text);
    let read = ask(&facts, "u1", &Permission::Directory(rbac::DirectoryRight::Read), "/");
    assert!(read.reason.contains("every user"), "{}", read.reason);
}

#[test]
fn the_json_has_the_documented_shape() {
    let mut facts = facts(&[("Owner", SUB, "u1")]);
    facts.denies = vec![deny("lock", GROUP, &["*/delete"], vec![DenyAssignment::ALL_PRINCIPALS])];
    let denied = ask(&facts, "u1", &action(DELETE), ACCOUNT);
    let json = serde_json::to_value(&denied).unwrap();
    assert_eq!(json["decision"], "Denied");
    assert_eq!(json["asked"]["isDataAction"], false);
    assert_eq!(json["denies"][0]["matchedAs"], "everybody");
    assert_eq!(json["grants"][0]["role"]["name"], "Owner");
    assert_eq!(json["grants"][0]["permission"], serde_json::json!({"index": 0, "pattern": "*"}));
    let refused = ask(&facts, "u1", &data(AGENTS), ACCOUNT);
    let json = serde_json::to_value(&refused).unwrap();
    assert_eq!(json["decision"], "NotAllowed");
    assert_eq!(json["nearestMisses"]["otherPlane"][0]["groupPath"], serde_json::json!([]));
    assert!(json["mend"]["az"].as_str().unwrap().starts_with("az role assignment create "));
}

/// The scenes whose text is kept.
fn scenes() -> Vec<(&'static str, String)> {
    let mut nested = facts(&[("Foundry User", ACCOUNT, "g2")]);
    nested.members = vec![(person("g1"), person("u1")), (person("g2"), person("g1"))];
    let mut locked = facts(&[("Owner", SUB, "u1")]);
    locked.denies = vec![deny("production lock", GROUP, &["*/delete"], vec![DenyAssignment::ALL_PRINCIPALS])];
    let assigning = Attributes::none().with_request(ROLE_ATTRIBUTE, role("Owner").to_string());
    let elsewhere = facts(&[("Foundry User", PROJECT, "sp1"), ("Reader", SUB, "sp1")]);
    // Roles of two operations, so that the text does not change with every operation that is catalogued.
    let mut few = facts(&[(&Uuid::from_u128(5).to_string(), SUB, "g1"), ("Foundry Agent Consumer", PROJECT, "sp1")]);
    few.roles = vec![custom(5, "Two things", giving(&[READ_ACCOUNT, ASSIGN], &[CHAT]), "/")];
    few.members = vec![(person("g1"), person("sp1"))];
    few.assignments[0].condition =
        Some(format!("!(ActionMatches{{'{ASSIGN}'}}) OR @Request[tier] StringEquals 'gold'"));
    few.denies = vec![deny("production lock", GROUP, &["*/delete"], vec![person("g1")])];
    let name_of =
        |id: Uuid| ["u1", "g1", "g2", "sp1"].iter().find(|name| person(name) == id).map(|name| (*name).to_owned());
    let text = |explanation: Explanation| explanation.text(&name_of);
    let snapshot = |facts: &Facts| Snapshot::compile(facts.clone());
    vec![
        ("allowed-through-groups", text(ask(&nested, "u1", &data(AGENTS), PROJECT))),
        ("denied", text(ask(&locked, "u1", &action(DELETE), ACCOUNT))),
        (
            "condition-false",
            text(ask_with(
                &facts(&[("Foundry Project Manager", ACCOUNT, "u1")]),
                "u1",
                &action(ASSIGN),
                ACCOUNT,
                &assigning,
            )),
        ),
        ("granted-elsewhere", text(ask(&elsewhere, "sp1", &data(CHAT), ACCOUNT))),
        ("other-plane", text(ask(&locked, "u1", &data(AGENTS), ACCOUNT))),
        ("taken-out-again", text(ask(&facts(&[("Contributor", SUB, "u1")]), "u1", &action(ASSIGN), GROUP))),
        ("stranger", ask(&locked, "ghost", &action(READ_ACCOUNT), ACCOUNT).to_string()),
        ("who-can", rbac::who_can(&data(AGENTS), &scope(PROJECT), &snapshot(&nested)).text(&name_of)),
        ("who-is-denied", rbac::who_can(&action(DELETE), &scope(ACCOUNT), &snapshot(&locked)).text(&name_of)),
        ("what-can", rbac::what_can(person("sp1"), Some(&scope(ACCOUNT)), &snapshot(&few)).text(&name_of)),
    ]
}

#[test]
fn the_text_of_each_scene_is_as_blessed() {
    for (name, text) in scenes() {
        let path = conformance("explain").join(format!("{name}.txt"));
        if std::env::var_os("CUPOLA_BLESS").is_some() {
            std::fs::create_dir_all(conformance("explain")).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(golden == text, "differs from {} (bless with CUPOLA_BLESS=1):\n{text}", path.display());
    }
}

#[test]
fn a_name_cannot_write_to_the_terminal() {
    let mut facts = facts(&[]);
    facts.roles = vec![custom(9, "\u{1b}[2Jgone\r\nALLOWED", giving(&["Microsoft.Y/a/read"], &[]), "/")];
    facts.assignments = vec![assignment(1, &Uuid::from_u128(9).to_string(), SUB, "u1")];
    let text = ask(&facts, "u1", &action(READ_ACCOUNT), ACCOUNT).to_string();
    assert!(text.contains("gone"), "{text}");
    assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
    assert!(!text.contains("\nALLOWED"), "{text}");
}

/// What a tenant says to one request: the explanation agrees with both evaluators, and what it proposes works.
fn check(request: &AccessRequest<'_>, snapshot: &Snapshot, expected: &Outcome) -> Result<(), TestCaseError> {
    let explanation = explain(request, snapshot);
    let named = match evaluate(request, snapshot) {
        Verdict::Allowed(rbac::Grant::Assignment { assignment, .. }) => Some(assignment),
        Verdict::Denied(deny) => Some(deny.id),
        _ => None,
    };
    let grants: BTreeSet<String> =
        explanation.grants.iter().map(|grant| grant.holding.assignment.to_string()).collect();
    let denies: BTreeMap<String, bool> =
        explanation.denies.iter().map(|deny| (deny.id.to_string(), deny.undecided)).collect();
    let first = explanation.grants.first().filter(|grant| grant.used).map(|grant| grant.holding.assignment.clone());
    let first_deny = explanation.denies.first().filter(|deny| deny.used).map(|deny| deny.id.clone());
    match (explanation.decision, expected) {
        (Decision::Allowed, Outcome::Allow(ids)) => {
            prop_assert_eq!(&grants, ids);
            prop_assert_eq!(first, named);
        }
        (Decision::Denied, Outcome::Deny(ids)) => {
            prop_assert_eq!(&denies, ids);
            prop_assert_eq!(first_deny, named);
        }
        (Decision::ConditionNotFulfilled, Outcome::NotAllowedCondition) => {
            prop_assert!(!explanation.nearest_misses.condition_not_met.is_empty());
        }
        (Decision::NotAllowed, Outcome::NotAllowed) => {
            prop_assert!(explanation.nearest_misses.condition_not_met.is_empty());
        }
        (found, expected) => prop_assert!(false, "{:?}, expected {:?}", found, expected),
    }
    for grant in &explanation.grants {
        check_path(request.principal, &grant.holding.group_path, grant.holding.principal, snapshot)?;
    }
    check_proposal(&explanation, request, snapshot)
}

/// Each on the way is a direct member of the next.
fn check_path(from: Uuid, path: &[Uuid], to: Uuid, snapshot: &Snapshot) -> Result<(), TestCaseError> {
    let mut at = from;
    for group in path {
        prop_assert!(snapshot.direct_groups_of(at).contains(group));
        at = *group;
    }
    prop_assert_eq!(at, to);
    Ok(())
}

fn check_proposal(
    explanation: &Explanation,
    request: &AccessRequest<'_>,
    snapshot: &Snapshot,
) -> Result<(), TestCaseError> {
    if let Some(mend) = &explanation.mend {
        let verdict = evaluate(request, &mended(snapshot, mend));
        prop_assert!(verdict.is_allowed(), "{:?} does not help: {:?}", mend, verdict);
    }
    if explanation.decision == Decision::Denied {
        let excluding = explanation.denies.iter().map(|deny| {
            let mut deny = snapshot.deny_assignment(&deny.id).unwrap().clone();
            deny.exclude_principals.push(request.principal);
            Edit::PutDenyAssignment(deny)
        });
        let edits: Vec<Edit> = excluding.collect();
        let stranger = snapshot.kind_of(request.principal).is_none();
        let verdict = evaluate(request, &snapshot.edited(&edits));
        prop_assert!(stranger || !matches!(verdict, Verdict::Denied(_)), "{:?}", verdict);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn an_explanation_agrees_with_both_evaluators_and_its_mend_works(
        edits in any_edits(),
        known in known(),
        scopes in subsequence(&SCOPES[..], 3),
    ) {
        let mut facts = Facts::default();
        edits.iter().for_each(|edit| apply(&mut facts, edit));
        let (snapshot, tenant, attributes) =
            (Snapshot::compile(facts.clone()), naive::Tenant::new(&facts), attributes(&known));
        for principal in (0..PEOPLE + 1).map(someone) {
            for (permission, at) in permissions().iter().flat_map(|one| scopes.iter().map(move |at| (one, *at))) {
                let scope = Scope::parse(at).unwrap();
                let expected =
                    tenant.evaluate(&naive::Request { principal, permission, scope: scope.as_str(), known: &known });
                check(&AccessRequest { principal, permission, scope: &scope, attributes: &attributes }, &snapshot, &expected)?;
            }
        }
    }
}
