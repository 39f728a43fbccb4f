#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
use arm::{ErrorCode, Resource};
use serde_json::{Map, Value, json};

use super::{
    AccountConnection, DiscoveryProvider, GatewayAuth, GatewayCategory, GatewayConnection, GatewayModels, ModelFormat,
    ProjectConnection, all_seen, default_gateway, seen_from,
};
use crate::kind::Kind;
use crate::testing::{Bench, golden, resource, scope};

const TABLE: &str = include_str!("../../../../conformance/connections/metadata.json");

fn bench() -> Bench {
    Bench::new("accounts/acct1/projects/p1/connections/gateway-1")
}

fn table() -> Value {
    serde_json::from_str(TABLE).unwrap()
}

/// A base of the table with changes laid over it; null removes.
fn body(on: &str, with: &Value) -> Value {
    let mut properties = table()["bases"][on].clone();
    merge(&mut properties, with);
    json!({ "properties": properties })
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (name, change) in changes {
        if change.is_null() {
            target.as_object_mut().unwrap().remove(name);
        } else {
            merge(target.as_object_mut().unwrap().entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

fn read(on: &str, with: &Value) -> GatewayConnection {
    GatewayConnection::of(&bench().stored::<ProjectConnection>(&body(on, with))).expect("it is a gateway connection")
}

#[test]
fn every_mistake_is_refused_with_its_mend_and_nothing_else_is() {
    for case in table()["cases"].as_array().unwrap() {
        let (name, on) = (case["case"].as_str().unwrap(), case["on"].as_str().unwrap());
        match (bench().put::<ProjectConnection>(&body(on, &case["with"])), case["code"].as_str()) {
            (Ok(_), None) => {}
            (Err(error), Some(code)) => {
                let said = (error.code.as_str(), error.target.as_deref());
                assert_eq!(said, (code, case["target"].as_str()), "{name}: {}", error.message);
                for part in case["says"].as_array().unwrap() {
                    let part = part.as_str().unwrap();
                    assert!(error.message.contains(part), "{name}: `{part}` is not in: {}", error.message);
                }
            }
            (Ok(_), Some(_)) => panic!("{name}: it was accepted"),
            (Err(error), None) => panic!("{name}: it was refused: {}", error.message),
        }
    }
}

#[test]
fn an_accepted_connection_is_stored_without_its_secrets_and_read_back_whole() {
    let table = table();
    for case in table["cases"].as_array().unwrap().iter().filter(|case| case["accepted"] == true) {
        let on = case["on"].as_str().unwrap();
        let accepted = bench().put::<ProjectConnection>(&body(on, &case["with"])).unwrap();
        let printed = format!("{accepted:?}");
        assert!(!printed.contains("k-1") && !printed.contains("s-1"), "{printed}");
        let stored = resource::<ProjectConnection>(&bench().id, accepted);
        assert_eq!(GatewayConnection::of(&stored).is_some(), on != "search", "{case}");
    }
}

#[test]
fn a_connection_name_has_the_length_and_letters_that_clients_expect() {
    for name in ["abc", "A-1_b", "0000000000000000000000000000000a1"] {
        assert!(ProjectConnection::NAME.check(name, ProjectConnection::NOUN).is_ok(), "{name}");
    }
    for name in ["ab", "-abc", "_abc", "a.b.c", "a b", "00000000000000000000000000000000a1"] {
        let error = AccountConnection::NAME.check(name, AccountConnection::NOUN).unwrap_err();
        assert!(error.code == ErrorCode::InvalidResourceName && error.message.contains("3 to 33"), "{error}");
    }
}

#[test]
fn what_is_left_out_has_its_default() {
    let apim = read("apim", &json!({}));
    assert_eq!(apim.category, GatewayCategory::ApiManagement);
    assert_eq!((apim.key_header.as_str(), apim.key_format.as_str()), ("api-key", "{api_key}"));
    assert!(apim.deployment_in_path && !apim.is_default && apim.auth == GatewayAuth::ApiKey);
    let GatewayModels::Discovered(discovery) = apim.models else { panic!("it asks for its models") };
    assert_eq!(discovery.provider, DiscoveryProvider::AzureOpenAi);
    assert_eq!(discovery.list.origin, "https://contoso.azure-api.net");
    assert_eq!(discovery.list.segments, ["openai", "deployments"]);
    assert_eq!(discovery.get.segments_for("gpt/4"), ["openai", "deployments", "gpt/4"]);
    assert_eq!(discovery.list.query, []);
    let gateway = read("gateway", &json!({ "target": "https://llm.contoso.com/v1/" }));
    assert!(!gateway.deployment_in_path && gateway.target == "https://llm.contoso.com/v1");
    let identity = read("apim", &json!({ "authType": "aad", "credentials": null }));
    let audience = "https://cognitiveservices.azure.com".to_owned();
    assert_eq!(identity.auth, GatewayAuth::ProjectIdentity { audience });
}

#[test]
fn an_api_version_of_an_endpoint_wins_over_the_one_of_all() {
    let discovery = json!({ "listModelsEndpoint": "models?api-version=7&all=1", "getModelEndpoint": "/m/{deploymentName}",
                            "deploymentProvider": "OpenAI" });
    let with = json!({ "metadata": { "models": null, "deploymentAPIVersion": "2025-01-01",
                                     "modelDiscovery": discovery.to_string() } });
    let GatewayModels::Discovered(discovery) = read("gateway", &with).models else { panic!("it asks") };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(discovery.list.query, [pair("api-version", "7"), pair("all", "1")]);
    assert_eq!(discovery.get.query, [pair("api-version", "2025-01-01")]);
    assert_eq!(discovery.list.segments, ["v1", "models"]);
}

#[test]
fn what_a_connection_says_is_read_in_one_writing() {
    let models = json!([{ "name": "big", "properties": { "model": { "name": "claude", "format": "anthropic" } } }]);
    let with = json!({ "isDefault": true, "metadata": {
        "models": models.to_string(),
        "customHeaders": "{\"X-Team\":\"retail\"}",
        "authConfig": "{\"type\":\"api_key\",\"name\":\"Authorization\",\"format\":\"Bearer {api_key}\"}",
    }});
    let gateway = read("gateway", &with);
    assert_eq!(gateway.custom_headers, [("x-team".to_owned(), "retail".to_owned())]);
    assert_eq!((gateway.key_header.as_str(), gateway.key_format.as_str()), ("authorization", "Bearer {api_key}"));
    let GatewayModels::Static(models) = gateway.models else { panic!("it lists its models") };
    assert_eq!((models[0].name.as_str(), models[0].model.as_str(), models[0].version.as_str()), ("big", "claude", ""));
    assert!(models[0].format == ModelFormat::Anthropic && gateway.is_default);
    let GatewayAuth::OAuth2 { client_id, token_url, scopes } = read("oauth2", &json!({})).auth else {
        panic!("OAuth2")
    };
    assert_eq!((client_id.as_str(), token_url.as_str()), ("c-1", "https://login.contoso.com/oauth2/token"));
    assert_eq!(scopes, ["llm.use"]);
}

#[test]
fn a_patch_without_a_secret_keeps_it_and_a_put_with_one_replaces_all() {
    let two = json!({ "authType": "CustomKeys", "credentials": { "key": null, "keys": { "a": "1", "b": "2" } } });
    let bench = bench().with_existing::<ProjectConnection>(&body("search", &two));
    let secrets = |accepted: Result<crate::Accepted, arm::ArmError>| {
        let secrets = accepted.unwrap().secrets;
        (secrets.given.into_keys().collect::<Vec<_>>(), secrets.kept)
    };
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let patch = |body: Value| secrets(bench.patch::<ProjectConnection>(&json!({ "properties": body })));
    assert_eq!(patch(json!({ "isSharedToAll": true })), (vec![], texts(&["keys/a", "keys/b"])));
    assert_eq!(patch(json!({ "credentials": { "keys": { "b": "3" } } })), (texts(&["keys/b"]), texts(&["keys/a"])));
    assert_eq!(patch(json!({ "authType": "AAD" })), (vec![], vec![]), "another way has other credentials");
    let to = json!({ "authType": "ApiKey", "credentials": { "key": "4" } });
    assert_eq!(patch(to), (texts(&["key"]), vec![]));
    let put = |with: &Value| {
        let mut wanted = two.clone();
        merge(&mut wanted, with);
        secrets(bench.put::<ProjectConnection>(&body("search", &wanted)))
    };
    let without = json!({ "credentials": { "keys": null } });
    assert_eq!(put(&without), (vec![], texts(&["keys/a", "keys/b"])), "as a GET showed it");
    let one = json!({ "credentials": { "keys": { "b": null } } });
    assert_eq!(put(&one), (texts(&["keys/a"]), vec![]));
}

#[test]
fn a_stored_secret_is_not_sent_where_it_was_not_given_for() {
    let bench = bench().with_existing::<ProjectConnection>(&body("oauth2", &json!({})));
    for (name, to) in [("target", "https://evil.example/v1"), ("tokenUrl", "https://evil.example/token")] {
        let change = json!({ "properties": { name: to } });
        let error = bench.patch::<ProjectConnection>(&change).unwrap_err();
        assert_eq!(error.target.as_deref(), Some("properties.credentials.clientSecret"));
        assert!(error.message.contains("give it again for `https://evil.example`"), "{}", error.message);
        let anew = json!({ "properties": { name: to, "credentials": { "clientSecret": "s-2" } } });
        assert!(bench.patch::<ProjectConnection>(&anew).is_ok());
        let again = body("oauth2", &json!({ name: to, "credentials": { "clientSecret": null } }));
        assert!(bench.put::<ProjectConnection>(&again).is_err());
    }
    let path = json!({ "properties": { "target": "https://LLM.contoso.com:443/v2" } });
    assert!(bench.patch::<ProjectConnection>(&path).is_ok(), "the same host");
}

#[test]
fn the_operators_rules_are_asked_for_every_address() {
    let mut bench = bench();
    bench.refuses = Some("llm.contoso.com");
    let error = bench.put::<ProjectConnection>(&body("gateway", &json!({}))).unwrap_err();
    assert_eq!(error.target.as_deref(), Some("properties.target"));
    bench.refuses = Some("login.contoso.com");
    let error = bench.put::<ProjectConnection>(&body("oauth2", &json!({}))).unwrap_err();
    assert_eq!(error.target.as_deref(), Some("properties.tokenUrl"));
    bench.refuses = Some("search.windows.net");
    let error = bench.put::<ProjectConnection>(&body("search", &json!({}))).unwrap_err();
    assert_eq!(error.target.as_deref(), Some("properties.target"));
}

fn connection(at: &str, with: &Value) -> Resource {
    Bench::new(at).stored::<AccountConnection>(&body("gateway", with))
}

#[test]
fn a_project_sees_its_own_connections_and_then_those_that_its_account_shares() {
    let shared = json!({ "isSharedToAll": true, "isDefault": true });
    let of_account = [
        connection("accounts/acct1/connections/one", &shared),
        connection("accounts/acct1/connections/two", &json!({ "isSharedToAll": true })),
        connection("accounts/acct1/connections/hidden", &json!({})),
    ];
    let own = [connection("accounts/acct1/projects/p1/connections/TWO", &json!({}))];
    let project = scope("accounts/acct1/projects/p1");
    let seen = all_seen(own.iter(), of_account.iter());
    let names: Vec<&str> = seen.iter().map(|connection| connection.id.as_str()).collect();
    assert_eq!(names.len(), 2);
    assert!(names[0].ends_with("projects/p1/connections/TWO") && names[1].ends_with("acct1/connections/one"));
    assert_eq!(default_gateway(&seen).unwrap().id, of_account[0].id);
    let find = |id: &arm::Scope| own.iter().chain(&of_account).find(|connection| connection.id == *id);
    assert_eq!(seen_from(find, &project, "two").unwrap().id, own[0].id);
    assert_eq!(seen_from(find, &project, "one").unwrap().id, of_account[0].id);
    assert!(seen_from(find, &project, "hidden").is_none() && seen_from(find, &project, "three").is_none());
}

#[test]
fn a_place_has_one_default_gateway() {
    let mut bench = Bench::new("accounts/acct1/connections/new");
    let wanted = |with: &Value| resource::<AccountConnection>(&bench.id, bench.put::<AccountConnection>(with).unwrap());
    let default = wanted(&body("apim", &json!({ "isDefault": true })));
    let search = wanted(&body("search", &json!({ "isDefault": true })));
    let plain = wanted(&body("gateway", &json!({})));
    bench.tenant.resources = vec![connection("accounts/acct1/connections/old", &json!({ "isDefault": true }))];
    let room = |wanted: &Resource| AccountConnection::room_for(wanted, &crate::testing::catalog(), &bench.tenant);
    let error = room(&default).unwrap_err();
    assert!(error.code == ErrorCode::Conflict && error.message.contains("`old` is the default"), "{error}");
    assert!(room(&search).is_ok() && room(&plain).is_ok(), "of other things there may be other defaults");
    let same = connection("accounts/acct1/connections/old", &json!({ "isDefault": true }));
    assert!(room(&same).is_ok(), "itself");
}

#[test]
fn a_connection_on_the_wire_is_the_golden_one() {
    golden("connection", &bench().wire::<ProjectConnection>(&body("oauth2", &json!({}))));
}
