#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use arm::{Resource, SystemData};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;

fn resource(id: Scope, resource_type: &str) -> Resource {
    let author = SystemData {
        created_by: "ann".to_owned(),
        created_by_type: "User".to_owned(),
        created_at: Timestamp::UNIX_EPOCH,
        last_modified_by: "ann".to_owned(),
        last_modified_by_type: "User".to_owned(),
        last_modified_at: Timestamp::UNIX_EPOCH,
    };
    Resource::plain(id, resource_type, arm::Map::new(), author)
}

fn group(name: &str, parent: Option<&str>) -> Resource {
    let mut row = resource(id_of(name), TYPE);
    let parent = parent.map(id_of);
    row.properties.insert("details".to_owned(), details(parent.as_ref(), 1, "ann", "now"));
    row
}

fn membership(group: &str, subscription: &str) -> Resource {
    resource(id_of(group).child("subscriptions", subscription), SUBSCRIPTIONS)
}

fn rows() -> Vec<Resource> {
    vec![
        group("root", None),
        group("a", Some("root")),
        group("b", Some("a")),
        group("c", Some("b")),
        group("lost", None),
        membership("b", "s1"),
        membership("root", "s2"),
    ]
}

fn names(groups: &[&Resource]) -> Vec<String> {
    groups.iter().map(|group| group.id.name().to_owned()).collect()
}

#[test]
fn the_tree_is_walked_both_ways() {
    let rows = rows();
    let tree = Hierarchy::of(&rows, id_of("root"));
    assert_eq!(names(&tree.above(&id_of("c"))), ["b", "a", "root"]);
    assert_eq!(names(&tree.all_below(&id_of("root"))), ["a", "lost", "b", "c"]);
    assert_eq!((tree.height(&id_of("a")), tree.height(&id_of("c")), tree.height(&id_of("root"))), (3, 1, 4));
    assert_eq!(tree.parent(&id_of("lost")), Some(id_of("root")), "who says no parent is below the root");
    assert_eq!(tree.parent(&id_of("root")), None);
    assert_eq!(tree.membership("S1").unwrap().id.parent().unwrap(), id_of("b"));
    assert!(tree.membership("s3").is_none());
}

#[test]
fn walks_end_in_a_circle() {
    let rows = [group("a", Some("b")), group("b", Some("a"))];
    let tree = Hierarchy::of(&rows, id_of("root"));
    assert_eq!(names(&tree.above(&id_of("a"))), ["b"]);
    assert_eq!(names(&tree.all_below(&id_of("a"))), ["b"]);
}

#[test]
fn a_read_shows_what_it_asks_for() {
    let rows = rows();
    let tree = Hierarchy::of(&rows, id_of("root"));
    let show = |name: &str, expand| shown(tree.group(&id_of(name)).unwrap(), &tree, uuid::Uuid::nil(), expand);
    let plain = show("b", Expand::default());
    assert_eq!(plain["properties"]["details"]["parent"]["name"], "a");
    assert_eq!(plain["properties"]["children"], Value::Null);
    let children = Expand { children: true, recurse: true, ..Expand::default() };
    let deep = show("a", children);
    assert_eq!(deep["properties"]["children"][0]["children"][0]["name"], "c");
    assert_eq!(deep["properties"]["children"][0]["children"][1]["id"], "/subscriptions/s1");
    let flat = show("a", Expand { recurse: false, ..children });
    assert_eq!(flat["properties"]["children"][0]["children"], Value::Null);
    let groups = show("root", Expand { groups_only: true, recurse: false, ..children });
    assert_eq!(groups["properties"]["children"].as_array().unwrap().len(), 2);
    let path = show("b", Expand { path: true, ancestors: true, ..Expand::default() });
    assert_eq!(path["properties"]["details"]["path"][0]["name"], "root");
    assert_eq!(path["properties"]["details"]["managementGroupAncestors"], json!(["a", "root"]));
}

#[test]
fn bodies_of_clients_are_read_and_bad_ones_name_the_field() {
    let put = |body: Value| Wanted::from_put(&body, &id_of("g"));
    let az =
        json!({ "name": "G", "properties": { "displayName": "Group", "details": { "parent": { "id": id_of("a") } } } });
    assert_eq!(put(az).unwrap(), Wanted { display_name: Some("Group".to_owned()), parent: Some(id_of("a")) });
    assert_eq!(put(json!({ "properties": { "details": { "parent": {} } } })).unwrap(), Wanted::default());
    assert_eq!(put(json!({})).unwrap(), Wanted::default());
    for (body, target) in [
        (json!({ "name": "other" }), "name"),
        (json!({ "properties": { "details": { "parent": { "id": "a" } } } }), "properties.details.parent.id"),
        (
            json!({ "properties": { "details": { "parent": { "id": "/subscriptions/s" } } } }),
            "properties.details.parent.id",
        ),
        (json!({ "properties": { "displayName": "x".repeat(257) } }), "properties.displayName"),
        (json!({ "properties": { "displayNam": "x" } }), "properties.displayNam"),
    ] {
        assert_eq!(put(body.clone()).unwrap_err().target.as_deref(), Some(target), "{body}");
    }
    let patch = json!({ "displayName": null, "parentGroupId": id_of("b") });
    assert_eq!(Wanted::from_patch(&patch).unwrap(), Wanted { display_name: None, parent: Some(id_of("b")) });
    assert_eq!(Wanted::from_patch(&json!({ "parent": 1 })).unwrap_err().target.as_deref(), Some("parent"));
}

#[test]
fn ids_have_a_rule() {
    for good in ["a", "Platform-1_(x).y", &"x".repeat(90)] {
        NAME.check(good, "a management group").unwrap();
    }
    for bad in ["", "-a", "a.", "a b", "ä", &"x".repeat(91)] {
        assert!(NAME.check(bad, "a management group").is_err(), "{bad}");
    }
}
