//! Custom security attributes: assigned and read with rights of their own.

use http::StatusCode;
use serde_json::{Value, json};

use crate::contoso::{Contoso, MANAGED, POWERLESS, READER, READER_APP, USER};

const SELECTED: &str = "?$select=id,customSecurityAttributes";

fn baker() -> Value {
    json!({"customSecurityAttributes": {"Engineering": {
        "@odata.type": "#microsoft.graph.customSecurityAttributeValue",
        "Project@odata.type": "#Collection(String)",
        "Project": ["Baker", "Cascade"],
        "Level@odata.type": "#Int32",
        "Level": 3,
        "Certified": true,
    }}})
}

#[tokio::test]
async fn they_are_assigned_and_shown_when_they_are_asked_for_by_name() {
    let contoso = Contoso::new().await;
    for path in [format!("/v1.0/users/{USER}"), format!("/v1.0/servicePrincipals/{POWERLESS}")] {
        let none = contoso.get(&format!("{path}{SELECTED}")).await;
        assert_eq!((none.status, &none.body["customSecurityAttributes"]), (StatusCode::OK, &Value::Null));
        assert_eq!(contoso.patch(&path, baker()).await.status, StatusCode::NO_CONTENT);
        let shown = contoso.get(&format!("{path}{SELECTED}")).await;
        assert_eq!(shown.body["customSecurityAttributes"], baker()["customSecurityAttributes"]);
        let plain = contoso.get(&path).await;
        assert!(!plain.text.contains("ustomSecurity") && !plain.text.contains("Baker"), "{plain:?}");
        let list = path.rsplit_once('/').unwrap().0;
        let listed = contoso.get(&format!("{list}{SELECTED}")).await;
        let with_some = |entry: &&Value| entry["customSecurityAttributes"].is_object();
        assert_eq!(listed.body["value"].as_array().unwrap().iter().filter(with_some).count(), 1);
        assert!(!contoso.get(list).await.text.contains("Baker"));
    }
    for path in [format!("/v1.0/directoryObjects/{USER}{SELECTED}"), format!("/v1.0/me{SELECTED}")] {
        let shown = contoso.call(&contoso.user(), "GET", &path, None).await;
        assert_eq!(shown.status, StatusCode::OK, "{path}");
        assert!(!shown.text.contains("Baker"), "not there: {shown:?}");
    }
}

#[tokio::test]
async fn who_may_look_users_up_may_not_read_them_and_their_bearer_neither() {
    let contoso = Contoso::new().await;
    assert_eq!(contoso.patch(&format!("/v1.0/users/{USER}"), baker()).await.status, StatusCode::NO_CONTENT);
    for token in [contoso.token(READER, READER_APP), contoso.user()] {
        for list in ["/v1.0/users".to_owned(), "/v1.0/servicePrincipals".to_owned(), format!("/v1.0/users/{USER}")] {
            assert_eq!(contoso.call(&token, "GET", &list, None).await.status, StatusCode::OK);
            for select in ["$select=customSecurityAttributes", "$SELECT=id,%20CustomSecurityAttributes"] {
                let refused = contoso.call(&token, "GET", &format!("{list}?{select}"), None).await;
                assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "Authorization_RequestDenied"));
                assert!(!refused.text.contains("Baker"));
            }
        }
        let refused = contoso.call(&token, "PATCH", &format!("/v1.0/users/{USER}"), Some(baker())).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_change_of_something_else_leaves_them_and_they_go_one_by_one() {
    let contoso = Contoso::new().await;
    let path = format!("/v1.0/users/{USER}");
    let selected = format!("{path}{SELECTED}");
    contoso.patch(&path, baker()).await;
    let change = json!({"jobTitle": "Analyst", "passwordProfile": {"password": "another-Passw0rd"}});
    assert_eq!(contoso.patch(&path, change).await.status, StatusCode::NO_CONTENT);
    assert_eq!(contoso.get(&selected).await.body["customSecurityAttributes"], baker()["customSecurityAttributes"]);
    let less = json!({"customSecurityAttributes": {"engineering": {"project": ["Baker"], "Level": null}}});
    assert_eq!(contoso.patch(&path, less).await.status, StatusCode::NO_CONTENT);
    let set = contoso.get(&selected).await.body["customSecurityAttributes"]["Engineering"].clone();
    assert_eq!((&set["Project"], set.get("Level"), &set["Certified"]), (&json!(["Baker"]), None, &json!(true)));
}

#[tokio::test]
async fn what_cannot_be_assigned_is_refused_and_changes_nothing() {
    let contoso = Contoso::new().await;
    let before = contoso.store.world().version;
    let bad = json!({"jobTitle": "x", "customSecurityAttributes": {"a_b": {"c": "d"}}});
    let new = json!({"accountEnabled": true, "displayName": "n", "mailNickname": "n", "userPrincipalName": "n@contoso.com",
        "passwordProfile": {"password": "another-Passw0rd"}, "customSecurityAttributes": {"a": {"b": "c"}}});
    for (method, path, body, word) in [
        ("PATCH", format!("/v1.0/users/{USER}"), bad, "'a_b'"),
        ("PATCH", format!("/v1.0/users/{USER}"), json!({"customSecurityAttributes": null}), "object of sets"),
        ("POST", "/v1.0/users".to_owned(), new, "by a PATCH"),
    ] {
        let refused = contoso.call(&contoso.admin(), method, &path, Some(body)).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "Request_BadRequest"), "{refused:?}");
        assert!(refused.message().contains(word), "{}", refused.message());
    }
    let managed = contoso.patch(&format!("/v1.0/servicePrincipals/{MANAGED}"), baker()).await;
    assert_eq!(managed.status, StatusCode::FORBIDDEN, "it changes with its resource");
    assert_eq!(contoso.store.world().version, before);
}
