//! checkAccess: the public decision cases over HTTP, and what may be asked by whom.

use std::collections::BTreeSet;

use arm::{Map, Precondition, Resource, Scope};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{DirectoryObject, ObjectKind, Row};
use uuid::Uuid;

use crate::support::{ACCOUNT, Answer, Bench, GROUP, OWNER, READER, SUBSCRIPTION, id_of};

const CHECK: &str = "/providers/Microsoft.Authorization/checkAccess";
const READ: &str = "Microsoft.CognitiveServices/accounts/read";
const DELETE: &str = "Microsoft.CognitiveServices/accounts/delete";
const CHAT: &str = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action";

/// The body that asks whether `whom` may do each of these.
fn question(whom: &str, actions: &[(&str, bool)]) -> Value {
    let actions: Vec<Value> =
        actions.iter().map(|(id, is_data)| json!({ "Id": id, "IsDataAction": is_data })).collect();
    json!({ "Subject": { "Attributes": { "ObjectId": id_of(whom) } }, "Actions": actions })
}

async fn ask(bench: &Bench, who: &str, scope: &str, body: Value) -> Answer {
    bench.post(who, &format!("{}{CHECK}", scope.trim_end_matches('/')), Some(body)).await
}

fn message(answer: &Answer) -> &str {
    answer.body["error"]["message"].as_str().unwrap_or_default()
}

async fn decision(bench: &Bench, who: &str, scope: &str, body: Value) -> String {
    let answer = ask(bench, who, scope, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body[0]["accessDecision"].as_str().unwrap().to_owned()
}

// ---- the public cases

/// A public case, set apart from the others of the same tenant: its people and its places are its own.
struct Case<'a> {
    number: usize,
    case: &'a Value,
}

impl Case<'_> {
    fn input(&self) -> &Value {
        &self.case["input"]
    }

    /// A principal's id from the name that the case has for it.
    fn person(&self, name: &str) -> Uuid {
        let start = 7 + self.number as u128;
        Uuid::from_u128(name.bytes().fold(start, |id, byte| id.wrapping_mul(1_000_003).wrapping_add(byte.into())))
    }

    fn ids(&self) -> Vec<Uuid> {
        texts(self.input(), "ids").into_iter().map(|name| self.person(name)).collect()
    }

    /// A place, in a subscription or below a management group of the case's own.
    fn place(&self, text: &str) -> Scope {
        let own = |text: &str, word: &str| text.replacen(word, &format!("{word}c{}-", self.number), 1);
        // Read once before, for the writing of the words in front.
        let text = Scope::parse(text).unwrap().to_string();
        Scope::parse(&own(&own(&text, "/subscriptions/"), "/managementGroups/")).unwrap()
    }

    fn target(&self) -> Scope {
        self.place(self.input()["resource"].as_str().unwrap())
    }

    fn groups(&self) -> Vec<Scope> {
        texts(self.input(), "mg").into_iter().map(|group| self.place(group)).collect()
    }

    fn list(&self, name: &str) -> Vec<Value> {
        self.input()[name].as_array().cloned().unwrap_or_default()
    }

    /// Where an assignment is made.
    fn scope_of(&self, assigned: &Value) -> Scope {
        self.place(assigned["scope"].as_str().unwrap())
    }
}

fn cases() -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/rbac");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let files = files.into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "json"));
    files
        .flat_map(|file| serde_json::from_str::<Vec<Value>>(&std::fs::read_to_string(file).unwrap()).unwrap())
        .collect()
}

fn texts<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    value[name].as_array().into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

fn principal(id: Uuid, kind: ObjectKind, properties: Value) -> Row {
    Row::PutObject(DirectoryObject {
        id,
        kind,
        display_name: format!("principal {id}"),
        app_id: None,
        user_principal_name: (kind == ObjectKind::User).then(|| format!("{id}@contoso.com")),
        properties: Map::from_iter(properties.as_object().unwrap().clone()),
        created_at: Timestamp::UNIX_EPOCH,
        managed_by: None,
    })
}

/// Custom security attributes as the directory keeps them, of the names that conditions have for them.
fn security_attributes(input: &Value) -> Value {
    let mut sets = serde_json::Map::new();
    for (name, values) in input["principal"].as_object().into_iter().flatten() {
        let (set, attribute) = name.rsplit(':').next().unwrap().split_once('_').unwrap();
        sets.entry(set.to_owned()).or_insert_with(|| json!({}))[attribute] = values.clone();
    }
    json!({ "customSecurityAttributes": sets })
}

/// Any resource: the tenant's own subscription under another name.
fn resource(bench: &Bench, id: Scope, properties: Value) -> Row {
    let world = bench.store.world();
    let mut resource = Resource::clone(world.resources.get(&Scope::subscription(SUBSCRIPTION)).unwrap());
    resource.resource_type = id.resource_type().unwrap().as_str().to_owned();
    resource.name = id.name().to_owned();
    resource.properties = properties.as_object().unwrap().clone();
    resource.id = id;
    Row::PutResource { resource, precondition: Precondition::None }
}

/// Makes what a case is about: its people, its places, and who holds what in them.
async fn plant(bench: &Bench, case: &Case<'_>) {
    let ids = case.ids();
    let mut rows = vec![principal(ids[0], ObjectKind::User, security_attributes(case.input()))];
    for group in &ids[1..] {
        rows.push(principal(*group, ObjectKind::Group, json!({})));
        rows.push(Row::AddMember { group: *group, member: ids[0] });
    }
    rows.extend(management_groups(bench, case));
    let (assignments, denies) = (case.list("assignments"), case.list("denies"));
    rows.extend(places(bench, case, assignments.iter().chain(&denies)));
    rows.extend(assignments.iter().flat_map(|assignment| role_assignment(bench, case, assignment)));
    rows.extend(denies.iter().map(|deny| deny_assignment(bench, case, deny)));
    bench.plant(rows).await;
}

/// The groups from the outermost in, and the subscription in the innermost.
fn management_groups(bench: &Bench, case: &Case<'_>) -> Vec<Row> {
    let (groups, target) = (case.groups(), case.target());
    let mut rows: Vec<Row> = Vec::new();
    for (at, group) in groups.iter().enumerate().rev() {
        let parent = groups.get(at + 1).map_or(json!({}), |parent| json!({ "parent": { "id": parent } }));
        rows.push(resource(bench, group.clone(), json!({ "details": parent })));
    }
    if let (Some(inner), Some(subscription)) = (groups.first(), target.subscription_id()) {
        rows.push(resource(bench, inner.child("subscriptions", subscription), json!({})));
    }
    rows
}

/// The places that something is assigned at: a row hangs only on what exists.
fn places<'a>(bench: &Bench, case: &Case<'_>, assigned: impl Iterator<Item = &'a Value>) -> Vec<Row> {
    let made = case.groups();
    let mut places = BTreeSet::new();
    for assigned in assigned {
        let scope = case.scope_of(assigned);
        places.extend(scope.ancestors().filter(|place| !place.is_root()).map(|place| (place.as_str().len(), place)));
    }
    let new = places.into_iter().map(|(_, place)| place).filter(|place| !made.contains(place));
    new.map(|place| resource(bench, place, json!({}))).collect()
}

fn role_assignment(bench: &Bench, case: &Case<'_>, given: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    let role = match given.get("roleObj") {
        Some(role) => {
            let id = Uuid::new_v4();
            let place = Scope::root().extension("Microsoft.Authorization", "roleDefinitions", &id.to_string());
            let definition = json!({ "roleName": format!("custom {id}"), "type": "CustomRole", "description": "",
                "assignableScopes": ["/"], "permissions": role["permissions"] });
            rows.push(resource(bench, place, definition));
            id
        }
        None => {
            let name = given["role"].as_str().unwrap();
            Uuid::try_parse(name).unwrap_or_else(|_| rbac::by_name(name).unwrap().id)
        }
    };
    let at = case.scope_of(given);
    let id = at.extension("Microsoft.Authorization", "roleAssignments", &Uuid::new_v4().to_string());
    let definition = format!("/providers/Microsoft.Authorization/roleDefinitions/{role}");
    let holder = case.person(given["principal"].as_str().unwrap());
    let properties = json!({ "roleDefinitionId": definition, "principalId": holder, "principalType": "User",
        "scope": at.as_str(), "condition": given.get("condition") });
    rows.push(resource(bench, id, properties));
    rows
}

fn deny_assignment(bench: &Bench, case: &Case<'_>, given: &Value) -> Row {
    let at = case.scope_of(given);
    let named = |name: &str| -> Vec<Value> {
        let ids = texts(given, name).into_iter().map(|id| if id == "*" { Uuid::nil() } else { case.person(id) });
        ids.map(|id| json!({ "id": id, "type": if id.is_nil() { "SystemDefined" } else { "User" } })).collect()
    };
    let properties = json!({
        "denyAssignmentName": "a deny of the case's",
        "permissions": [{ "actions": texts(given, "actions"), "notActions": texts(given, "notActions"),
            "dataActions": texts(given, "dataActions"), "notDataActions": texts(given, "notDataActions") }],
        "principals": named("principals"), "excludePrincipals": named("exclude"),
        "doNotApplyToChildScopes": given["doNotApplyToChildScopes"].as_bool().unwrap_or(false),
        "condition": given.get("condition"),
    });
    resource(bench, at.extension("Microsoft.Authorization", "denyAssignments", &Uuid::new_v4().to_string()), properties)
}

/// The case's question as a client asks it.
fn asked(case: &Case<'_>) -> Value {
    let (input, ids) = (case.input(), case.ids());
    json!({
        "subject": { "attributes": { "objectId": ids[0], "groups": ids[1..] } },
        "actions": [{ "id": input["action"], "isDataAction": input["data"],
            "attributes": input.get("request").cloned().unwrap_or(json!({})) }],
        "resource": { "id": case.target(), "attributes": input.get("res").cloned().unwrap_or(json!({})) },
    })
}

/// The same words over HTTP.
fn expected(case: &Case<'_>) -> &'static str {
    match case.case["expected"].as_str().unwrap() {
        "ALLOW" => "Allowed",
        "DENY" => "Denied",
        _ => "NotAllowed",
    }
}

#[tokio::test]
async fn every_public_case_is_decided_over_http_as_it_expects() {
    let cases = cases();
    assert!(cases.len() >= 64, "{} cases", cases.len());
    let shared = Bench::new().await;
    let mut wrong = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let case = Case { number, case };
        let time = case.input()["environment"]["UtcNow"].as_str().map(|time| time.parse().unwrap());
        let own = match time {
            Some(time) => Some(Bench::at(time).await),
            None => None,
        };
        let bench = own.as_ref().unwrap_or(&shared);
        plant(bench, &case).await;
        // Of oneself, which no deny assignment can keep one from asking.
        let answer = ask(bench, &case.ids()[0].to_string(), "/", asked(&case)).await;
        let decided = answer.body[0]["accessDecision"].as_str().unwrap_or_default();
        if decided != expected(&case) {
            let Case { case, .. } = case;
            wrong.push(format!(
                "{} {}: expected {}, got {:?}",
                case["id"], case["title"], case["expected"], answer.body
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// ---- who may ask

#[tokio::test]
async fn anybody_may_ask_about_themselves() {
    let bench = Bench::with_account().await;
    assert_eq!(decision(&bench, "bob", ACCOUNT, question("bob", &[(READ, false)])).await, "NotAllowed");
    bench.grant("bob", READER, GROUP).await;
    assert_eq!(decision(&bench, "bob", ACCOUNT, question("bob", &[(READ, false)])).await, "Allowed");
}

#[tokio::test]
async fn who_may_not_read_assignments_may_not_ask_about_others() {
    let bench = Bench::with_account().await;
    let refused = ask(&bench, "bob", ACCOUNT, question("alice", &[(READ, false)])).await;
    assert_eq!((refused.status, refused.code()), (403, "AuthorizationFailed"), "{refused:?}");
    let info = &refused.body["error"]["additionalInfo"][0]["info"];
    assert_eq!(info["action"], "Microsoft.Authorization/roleAssignments/read");
    assert_eq!(ask(&bench, "", ACCOUNT, question("alice", &[(READ, false)])).await.status, 401);
}

#[tokio::test]
async fn a_reader_of_a_group_asks_about_others_there_and_no_higher() {
    let bench = Bench::with_account().await;
    bench.grant("bob", READER, GROUP).await;
    assert_eq!(decision(&bench, "bob", GROUP, question("admin", &[(DELETE, false)])).await, "Allowed");
    let mut above = question("admin", &[(DELETE, false)]);
    above["Resource"] = json!({ "Id": format!("/subscriptions/{SUBSCRIPTION}") });
    let outside = ask(&bench, "bob", GROUP, above).await;
    assert_eq!((outside.status, outside.code()), (400, "InvalidRequestContent"));
    assert!(message(&outside).contains("`Resource.Id`") && message(&outside).contains("below"), "{outside:?}");
    let higher = format!("/subscriptions/{SUBSCRIPTION}");
    assert_eq!(ask(&bench, "bob", &higher, question("admin", &[(DELETE, false)])).await.status, 403);
}

#[tokio::test]
async fn two_subjects_in_one_body_are_nobody_s_own_question() {
    let bench = Bench::with_account().await;
    let body = json!({
        "Subject": { "Attributes": { "ObjectId": id_of("bob") } },
        "subject": { "Attributes": { "ObjectId": id_of("admin") } },
        "Actions": [{ "Id": READ }],
    });
    assert_eq!(ask(&bench, "bob", ACCOUNT, body.clone()).await.status, 403);
    let refused = ask(&bench, "admin", ACCOUNT, body).await;
    assert_eq!(refused.status, 400);
    assert!(message(&refused).contains("stands twice"), "{refused:?}");
}

// ---- what is answered

#[tokio::test]
async fn the_answer_names_the_assignment_and_is_not_to_be_kept() {
    let bench = Bench::with_account().await;
    let path = bench.grant("team", READER, GROUP).await;
    let body = question("alice", &[(READ, false), (CHAT, true)]);
    let answer = ask(&bench, "admin", ACCOUNT, body).await;
    let given = &answer.body[0];
    assert_eq!((&given["actionId"], &given["isDataAction"]), (&json!(READ), &json!(false)));
    assert_eq!(given["timeToLiveInMs"], 0);
    let assignment = &given["roleAssignment"];
    assert!(assignment["id"].as_str().unwrap().eq_ignore_ascii_case(&path), "{assignment}");
    assert_eq!(assignment["principalId"], json!(id_of("team")));
    assert_eq!((&assignment["principalType"], &assignment["scope"]), (&json!("Group"), &json!(GROUP)));
    assert!(assignment["roleDefinitionId"].as_str().unwrap().ends_with(&READER.to_string()));
    assert_eq!(answer.body[1]["accessDecision"], "NotAllowed");
    assert!(given.get("explanation").is_none() && answer.body[1].get("roleAssignment").is_none());
}

#[tokio::test]
async fn many_actions_are_answered_as_each_alone() {
    let bench = Bench::with_account().await;
    bench.grant("bob", READER, GROUP).await;
    let known = rbac::catalogue().operations();
    let actions: Vec<(&str, bool)> = known.iter().map(|known| (known.name, known.is_data)).collect();
    let together = ask(&bench, "admin", ACCOUNT, question("bob", &actions)).await;
    assert_eq!(together.body.as_array().unwrap().len(), actions.len());
    let mut allowed = 0;
    for (at, action) in actions.iter().enumerate().step_by(5) {
        let alone = ask(&bench, "admin", ACCOUNT, question("bob", &[*action])).await;
        assert_eq!(alone.body[0], together.body[at], "{action:?}");
        allowed += usize::from(alone.body[0]["accessDecision"] == "Allowed");
    }
    assert!(allowed > 0 && allowed < actions.len());
}

#[tokio::test]
async fn an_explanation_says_what_is_missing_and_its_mend_allows_it() {
    let bench = Bench::with_account().await;
    let path = format!("{ACCOUNT}{CHECK}?explain=true");
    let body = question("bob", &[(CHAT, true)]);
    let answer = bench.post("admin", &path, Some(body.clone())).await;
    let explanation = &answer.body[0]["explanation"];
    assert_eq!(explanation["decision"], "NotAllowed", "{answer:?}");
    let mend = &explanation["mend"];
    assert!(mend["az"].as_str().unwrap().starts_with("az role assignment create"), "{mend}");
    let role = Uuid::try_parse(mend["role"]["id"].as_str().unwrap()).unwrap();
    bench.grant("bob", role, mend["scope"].as_str().unwrap()).await;
    let answer = bench.post("admin", &path, Some(body)).await;
    assert_eq!(answer.body[0]["accessDecision"], "Allowed");
    assert_eq!(answer.body[0]["explanation"]["grants"][0]["used"], true, "{answer:?}");
}

#[tokio::test]
async fn an_unknown_principal_or_action_is_decided_and_not_an_error() {
    let bench = Bench::with_account().await;
    let nobody = Uuid::new_v4().to_string();
    assert_eq!(decision(&bench, "admin", ACCOUNT, question(&nobody, &[(READ, false)])).await, "NotAllowed");
    assert_eq!(
        decision(&bench, "admin", ACCOUNT, question("admin", &[("Contoso.New/things/read", false)])).await,
        "Allowed"
    );
    assert_eq!(
        decision(&bench, "admin", ACCOUNT, question("admin", &[("Contoso.New/things/read", true)])).await,
        "NotAllowed"
    );
}

#[tokio::test]
async fn a_group_that_is_not_the_subject_s_is_refused_and_never_counts() {
    let bench = Bench::with_account().await;
    bench.grant("team", OWNER, GROUP).await;
    let mut body = question("bob", &[(DELETE, false)]);
    body["Subject"]["Attributes"]["Groups"] = json!([id_of("team")]);
    let refused = ask(&bench, "bob", ACCOUNT, body).await;
    assert_eq!(refused.status, 400);
    assert!(message(&refused).contains("`Subject.Attributes.Groups[0]`"), "{refused:?}");
    let mut body = question("alice", &[(DELETE, false)]);
    body["Subject"]["Attributes"]["Groups"] = json!([id_of("team")]);
    assert_eq!(decision(&bench, "alice", ACCOUNT, body).await, "Allowed");
}

#[tokio::test]
async fn what_is_asked_of_a_role_assignment_counts_for_conditions() {
    let bench = Bench::with_account().await;
    let manager = rbac::by_name("Foundry Project Manager").unwrap().id;
    let user = rbac::by_name("Foundry User").unwrap().id;
    bench.grant("bob", manager, ACCOUNT).await;
    let role = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
    for (given, expected) in [(user, "Allowed"), (OWNER, "NotAllowed")] {
        let mut body = question("bob", &[("Microsoft.Authorization/roleAssignments/write", false)]);
        body["Actions"][0]["Attributes"] = json!({ role: given });
        assert_eq!(decision(&bench, "bob", ACCOUNT, body).await, expected);
    }
    for (given, expected) in [(user, "Allowed"), (OWNER, "NotAllowed")] {
        let assignment = bench.grant("alice", given, ACCOUNT).await;
        let mut body = question("bob", &[("Microsoft.Authorization/roleAssignments/delete", false)]);
        body["Resource"] = json!({ "Id": assignment });
        assert_eq!(decision(&bench, "bob", ACCOUNT, body).await, expected, "of what is stored");
    }
}

#[tokio::test]
async fn a_bad_body_names_the_field_and_the_nearest_right_name() {
    let bench = Bench::with_account().await;
    let bad = [
        (json!({}), "`Subject`"),
        (json!({ "Subject": { "Attributes": { "ObjectId": "bob" } }, "Actions": [] }), "GUID"),
        (json!({ "Subjetc": {}, "Actions": [] }), "did you mean `Subject`?"),
        (question("bob", &[]), "`Actions`"),
        (question("bob", &[("", false)]), "`Actions[0].Id`"),
        (with("Actions", json!([{ "Id": READ, "IsDataAktion": true }])), "did you mean `IsDataAction`?"),
        (with("Actions", json!([{ "Id": READ, "IsDataAction": "yes" }])), "`Actions[0].IsDataAction`"),
        (with("Actions", json!([{ "Id": READ, "Attributes": { "a": {} } }])), "`Actions[0].Attributes.a`"),
        (with("Actions", json!(vec![json!({ "Id": READ }); 1001])), "1000"),
        (with("Resource", json!({ "Id": "/nowhere" })), "`Resource.Id`"),
    ];
    for (body, expected) in bad {
        let refused = ask(&bench, "admin", ACCOUNT, body).await;
        assert_eq!((refused.status, refused.code()), (400, "InvalidRequestContent"), "{expected}: {refused:?}");
        assert!(message(&refused).contains(expected), "{expected}: {}", message(&refused));
    }
    let path = format!("{ACCOUNT}{CHECK}?explain=perhaps");
    assert_eq!(bench.post("admin", &path, Some(question("bob", &[(READ, false)]))).await.status, 400);
}

fn with(name: &str, value: Value) -> Value {
    let mut body = question("bob", &[(READ, false)]);
    body[name] = value;
    body
}
