//! Management groups, their members and their lists on the wire.

use arm::{Resource, Scope};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{DEPTH_LIMIT, Hierarchy, SUBSCRIPTIONS, TYPE};

/// What a read of one group shows besides the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expand {
    /// `$expand=children`: what is directly below.
    pub children: bool,
    /// `$recurse=true`: and what is below those.
    pub recurse: bool,
    /// `$expand=path`: the groups above, from the root down, with the group itself.
    pub path: bool,
    /// `$expand=ancestors`: the groups above, nearest first.
    pub ancestors: bool,
    /// `$filter=children.childType ne Subscription`: groups alone.
    pub groups_only: bool,
}

/// The details that are stored of a group: which group it is below, and who changed it when, for the how many-eth time.
pub fn details(parent: Option<&Scope>, version: u64, updated_by: &str, updated_time: &str) -> Value {
    let mut details = json!({ "version": version, "updatedTime": updated_time, "updatedBy": updated_by });
    if let (Some(parent), Some(map)) = (parent, details.as_object_mut()) {
        map.insert("parent".to_owned(), json!({ "id": parent }));
    }
    details
}

/// One group, with what `expand` asks for.
pub fn shown(group: &Resource, tree: &Hierarchy<'_>, tenant: Uuid, expand: Expand) -> Value {
    let mut wire = listed(group, tenant);
    if let Some(properties) = wire.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("details".to_owned(), details_of(group, tree, expand));
        properties.insert("path".to_owned(), Value::Null);
        let levels = if expand.recurse { DEPTH_LIMIT + 1 } else { 1 };
        let children = expand.children.then(|| children_of(&group.id, tree, expand, levels));
        properties.insert("children".to_owned(), children.unwrap_or(Value::Null));
    }
    wire
}

/// A group as lists show it.
pub fn listed(group: &Resource, tenant: Uuid) -> Value {
    json!({
        "id": group.id.as_str(),
        "type": TYPE,
        "name": group.id.name(),
        "properties": { "tenantId": tenant, "displayName": display_name(group) },
    })
}

/// A subscription's place in a group.
pub fn subscription(membership: &Resource, display_name: &str, tenant: Uuid) -> Value {
    let group = membership.id.parent().unwrap_or_else(Scope::root);
    json!({
        "id": membership.id.as_str(),
        "type": SUBSCRIPTIONS,
        "name": membership.id.name(),
        "properties": {
            "tenant": tenant,
            "displayName": display_name,
            "parent": { "id": group },
            "state": "Active",
        },
    })
}

/// A group or subscription in the list of all that is below a group.
pub fn descendant(row: &Resource, tree: &Hierarchy<'_>) -> Value {
    let is_group = row.resource_type.eq_ignore_ascii_case(TYPE);
    let (id, kind, parent) = match is_group {
        true => (row.id.clone(), TYPE, tree.parent(&row.id)),
        false => (Scope::subscription(row.id.name()), "/subscriptions", row.id.parent()),
    };
    json!({
        "id": id,
        "type": kind,
        "name": row.id.name(),
        "properties": { "displayName": display_name(row), "parent": { "id": parent } },
    })
}

fn display_name(row: &Resource) -> &str {
    row.properties.get("displayName").and_then(Value::as_str).unwrap_or(row.id.name())
}

fn details_of(group: &Resource, tree: &Hierarchy<'_>, expand: Expand) -> Value {
    let stored = group.properties.get("details").and_then(Value::as_object);
    let mut details = stored.cloned().unwrap_or_else(|| {
        Map::from_iter([
            ("version".to_owned(), json!(1)),
            ("updatedTime".to_owned(), json!(arm::wire_time(group.system_data.last_modified_at))),
            ("updatedBy".to_owned(), json!(group.system_data.last_modified_by)),
        ])
    });
    let above = tree.above(&group.id);
    let parent = above.first().map_or(Value::Null, |parent| named(parent, true));
    details.insert("parent".to_owned(), parent);
    if expand.path {
        let path: Vec<Value> = above.iter().rev().copied().chain([group]).map(|group| named(group, false)).collect();
        details.insert("path".to_owned(), Value::Array(path));
    }
    if expand.ancestors {
        let names: Vec<&str> = above.iter().map(|group| group.id.name()).collect();
        details.insert("managementGroupAncestors".to_owned(), json!(names));
        let chain: Vec<Value> = above.iter().map(|group| named(group, false)).collect();
        details.insert("managementGroupAncestorsChain".to_owned(), Value::Array(chain));
    }
    Value::Object(details)
}

fn named(group: &Resource, with_id: bool) -> Value {
    match with_id {
        true => json!({ "id": group.id, "name": group.id.name(), "displayName": display_name(group) }),
        false => json!({ "name": group.id.name(), "displayName": display_name(group) }),
    }
}

/// The groups in front, then the subscriptions; so many levels, so that rows which make a circle are no endless walk.
fn children_of(group: &Scope, tree: &Hierarchy<'_>, expand: Expand, levels: usize) -> Value {
    let child = |id: Value, kind: &str, row: &Resource, children: Value| {
        let (name, display_name) = (row.id.name(), display_name(row));
        json!({ "id": id, "type": kind, "name": name, "displayName": display_name, "children": children })
    };
    let groups = tree.groups_below(group).map(|below| {
        let children = if levels > 1 { children_of(&below.id, tree, expand, levels - 1) } else { Value::Null };
        child(json!(below.id), TYPE, below, children)
    });
    let subscriptions = tree.subscriptions_below(group).iter().filter(|_| !expand.groups_only);
    let subscriptions =
        subscriptions.map(|row| child(json!(Scope::subscription(row.id.name())), "/subscriptions", row, Value::Null));
    let children: Vec<Value> = groups.chain(subscriptions).collect();
    if children.is_empty() { Value::Null } else { Value::Array(children) }
}
