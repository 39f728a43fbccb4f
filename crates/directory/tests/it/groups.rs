//! Groups and their members in Graph.

use http::StatusCode;
use rbac::Task;
use serde_json::{Map, Value, json};
use store::{Clock, DirectoryObject, ObjectKind, Row};
use uuid::Uuid;

use crate::contoso::{Answer, Contoso, POWERLESS, URL, USER, permit};

fn group(name: &str) -> Value {
    json!({"displayName": name, "mailNickname": name, "mailEnabled": false, "securityEnabled": true})
}

async fn new_group(contoso: &Contoso, name: &str) -> String {
    let created = contoso.post("/v1.0/groups", group(name)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    created.id().to_owned()
}

async fn add(contoso: &Contoso, group: &str, member: &str) -> Answer {
    let reference = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{member}")});
    contoso.post(&format!("/v1.0/groups/{group}/members/$ref"), reference).await
}

#[tokio::test]
async fn a_group_is_found_by_the_filters_of_the_cli() {
    let contoso = Contoso::new().await;
    let id = new_group(&contoso, "g1").await;
    new_group(&contoso, "g10").await;
    assert_eq!(contoso.filtered("groups", "displayName eq 'g1' and mailNickname eq 'g1'").await.each("id"), [&id]);
    assert_eq!(contoso.filtered("groups", "displayName eq 'g1'").await.each("id"), [&id]);
    assert_eq!(contoso.filtered("groups", "startswith(displayName,'g1')").await.each("id").len(), 2);
    let renamed = contoso.patch(&format!("/v1.0/groups/{id}"), json!({"displayName": "g2"})).await;
    assert_eq!(renamed.status, StatusCode::NO_CONTENT);
    assert_eq!(contoso.get(&format!("/v1.0/groups/{id}")).await.body["displayName"], "g2");
    assert_eq!(contoso.delete(&format!("/v1.0/groups/{id}")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(contoso.get(&format!("/v1.0/groups/{id}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn members_come_and_go() {
    let contoso = Contoso::new().await;
    let id = new_group(&contoso, "g1").await;
    let (user, principal) = (USER.to_string(), POWERLESS.to_string());
    assert_eq!(add(&contoso, &id, &user).await.status, StatusCode::NO_CONTENT);
    assert_eq!(add(&contoso, &id, &principal).await.status, StatusCode::NO_CONTENT);
    let listed = contoso.get(&format!("/v1.0/groups/{id}/members")).await;
    assert_eq!(listed.each("@odata.type"), ["#microsoft.graph.servicePrincipal", "#microsoft.graph.user"]);
    let again = add(&contoso, &id, &user).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.message().contains("already exist"));
    let removed = contoso.delete(&format!("/v1.0/groups/{id}/members/{user}/$ref")).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(contoso.delete(&format!("/v1.0/groups/{id}/members/{user}/$ref")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(contoso.get(&format!("/v1.0/groups/{id}/members")).await.each("id"), [&principal]);
}

#[tokio::test]
async fn memberships_reach_through_groups() {
    let contoso = Contoso::new().await;
    let (inner, outer, other) =
        (new_group(&contoso, "inner").await, new_group(&contoso, "outer").await, new_group(&contoso, "other").await);
    assert_eq!(add(&contoso, &inner, &USER.to_string()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(add(&contoso, &outer, &inner).await.status, StatusCode::NO_CONTENT);
    let mut expected = [inner.as_str(), outer.as_str()];
    expected.sort_unstable();
    for path in [
        format!("/v1.0/users/{USER}/getMemberGroups"),
        "/v1.0/users/user@contoso.com/getMemberGroups".to_owned(),
        format!("/v1.0/directoryObjects/{USER}/getMemberGroups"),
    ] {
        let answer = contoso.post(&path, json!({"securityEnabledOnly": false})).await;
        let mut groups: Vec<&str> =
            answer.body["value"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        groups.sort_unstable();
        assert_eq!(groups, expected, "{path}");
    }
    let check = json!({"groupIds": [outer, other]});
    let checked = contoso.post(&format!("/v1.0/directoryObjects/{USER}/checkMemberGroups"), check).await;
    assert_eq!(checked.body["value"], json!([outer]));
    let wrong =
        contoso.post(&format!("/v1.0/directoryObjects/{USER}/checkMemberGroups"), json!({"groupIds": "x"})).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_group_does_not_join_itself_directly_or_in_a_circle() {
    let contoso = Contoso::new().await;
    let (one, two) = (new_group(&contoso, "one").await, new_group(&contoso, "two").await);
    assert_eq!(add(&contoso, &one, &one).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(add(&contoso, &one, &two).await.status, StatusCode::NO_CONTENT);
    let circle = add(&contoso, &two, &one).await;
    assert_eq!(circle.status, StatusCode::BAD_REQUEST);
    assert!(circle.message().contains("cannot be a member"), "{}", circle.message());
}

#[tokio::test]
async fn what_cannot_be_a_member_or_a_group_is_said() {
    let contoso = Contoso::new().await;
    let id = new_group(&contoso, "g1").await;
    assert_eq!(add(&contoso, &id, "00000000-0000-0000-0000-0000000000ff").await.status, StatusCode::NOT_FOUND);
    let admin = contoso.filtered("applications", "displayName eq 'admin'").await;
    let application = add(&contoso, &id, admin.each("id")[0]).await;
    assert!(application.message().contains("service principal"), "{}", application.message());
    let path = format!("/v1.0/groups/{id}/members/$ref");
    assert_eq!(contoso.post(&path, json!({"id": USER})).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(add(&contoso, &USER.to_string(), &id).await.status, StatusCode::NOT_FOUND, "a user is no group");
    let mut mail = group("mail");
    mail["mailEnabled"] = json!(true);
    assert_eq!(contoso.post("/v1.0/groups", mail).await.status, StatusCode::BAD_REQUEST);
}

/// Groups, straight into the store.
async fn make(contoso: &Contoso, ids: impl Iterator<Item = u128>) {
    let group = |id| DirectoryObject {
        id: Uuid::from_u128(id),
        kind: ObjectKind::Group,
        display_name: format!("many {id}"),
        app_id: None,
        user_principal_name: None,
        properties: Map::new(),
        created_at: contoso.clock.now(),
        managed_by: None,
    };
    let rows = ids.map(|id| Row::PutObject(group(id))).collect();
    contoso.store.write(&permit(Task::DemoTenant, contoso.clock.now()), rows).await.unwrap();
}

#[tokio::test]
async fn a_list_comes_in_pages_of_a_hundred_in_a_stable_order_up_to_999_on_demand() {
    let contoso = Contoso::new().await;
    make(&contoso, (1..=999).map(|number| number << 64)).await;
    let all = contoso.get("/v1.0/groups?$top=999").await;
    assert_eq!((all.each("id").len(), all.body.get("@odata.nextLink")), (999, None), "a full page that is the last");
    let mut path = "/v1.0/groups".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = contoso.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        seen.extend(page.each("id").into_iter().map(str::to_owned));
        let Some(next) = page.body["@odata.nextLink"].as_str() else { break };
        assert_eq!(seen.len() % 100, 0);
        path = next.strip_prefix(URL).expect("absolute").to_owned();
        // Who comes while one turns pages shifts nobody.
        make(&contoso, std::iter::once(seen.len() as u128)).await;
    }
    assert_eq!(seen, all.each("id"));
    for refused in ["$top=1000", "$top=0", "$top=-1", "$top=", "$skiptoken=nobody"] {
        let refused = contoso.get(&format!("/v1.0/groups?{refused}")).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "Request_BadRequest"), "{refused:?}");
    }
}
