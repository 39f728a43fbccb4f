//! The requests that make Contoso's resources. They go through the one door like anybody's, sent by the administrator,
//! so they are checked, decided and audited like anybody's.

use resources::model_catalog::Model;
use serde_json::{Value, json};
use store::{ObjectKind, World};
use uuid::Uuid;

use super::contoso::{BUSINESS_GROUPS, BusinessGroup, CAPACITY};

/// The built-in roles, by their GUIDs: names change, these do not.
const FOUNDRY_ACCOUNT_OWNER: &str = "e47c6f54-e4a2-4754-9501-8e0985b135e1";
const FOUNDRY_PROJECT_MANAGER: &str = "eadc314b-1a2d-4efa-be10-5d325db5065e";
const FOUNDRY_USER: &str = "53ca6127-db72-4b80-b1b0-d745d6d5456d";

/// A PUT of the control plane.
pub(super) struct Put {
    /// The resource's path.
    pub(super) path: String,
    pub(super) body: Value,
}

/// A deployment that every account gets.
pub(super) struct Deployed<'a> {
    pub(super) name: &'a str,
    pub(super) model: &'a Model,
}

/// Every request, in order; groups and subscriptions are looked up by name in `world`.
pub(super) fn all(world: &World, deployments: &[Deployed<'_>]) -> Vec<Put> {
    BUSINESS_GROUPS.iter().flat_map(|group| of(group, world, deployments)).collect()
}

fn of(group: &BusinessGroup, world: &World, deployments: &[Deployed<'_>]) -> Vec<Put> {
    let Some(subscription) = subscription_id(world, group) else {
        return Vec::new();
    };
    let resource_group = format!("/subscriptions/{subscription}/resourceGroups/{}", group.resource_group());
    let account = format!("{resource_group}/providers/Microsoft.CognitiveServices/accounts/{}", group.account());
    let mut puts = vec![
        put(resource_group, json!({"location": group.location, "tags": {"businessGroup": group.name}})),
        put(account.clone(), account_body(group)),
    ];
    for Deployed { name, model } in deployments {
        let body = json!({
            "sku": {"name": "GlobalStandard", "capacity": CAPACITY},
            "properties": {"model": {"name": model.name, "version": model.version, "format": model.format}},
        });
        puts.push(put(format!("{account}/deployments/{name}"), body));
    }
    puts.extend(assign(world, &group.admins(), FOUNDRY_ACCOUNT_OWNER, &account));
    puts.extend(assign(world, &group.managers(), FOUNDRY_PROJECT_MANAGER, &account));
    for (name, display_name) in group.projects {
        let project = format!("{account}/projects/{name}");
        let body = json!({
            "location": group.location,
            "identity": {"type": "SystemAssigned"},
            "properties": {"displayName": display_name, "description": format!("{display_name} of {}", group.name)},
        });
        puts.push(put(project.clone(), body));
        puts.extend(assign(world, &group.project_users(), FOUNDRY_USER, &project));
    }
    puts
}

fn account_body(group: &BusinessGroup) -> Value {
    json!({
        "location": group.location,
        "kind": "AIServices",
        "sku": {"name": "S0"},
        "identity": {"type": "SystemAssigned"},
        "tags": {"businessGroup": group.name},
        "properties": {
            "customSubDomainName": group.account(),
            "allowProjectManagement": true,
            "disableLocalAuth": !group.local_auth,
        },
    })
}

/// An assignment of `role` to the directory group `name` at `scope`; none where the group is gone.
fn assign(world: &World, name: &str, role: &str, scope: &str) -> Option<Put> {
    let principal = world.directory.of_kind(ObjectKind::Group).find(|group| group.display_name == name)?;
    let body = json!({"properties": {
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "principalId": principal.id,
        "principalType": "Group",
    }});
    Some(put(format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{}", Uuid::new_v4()), body))
}

fn put(path: String, body: Value) -> Put {
    Put { path, body }
}

/// The id of a business group's subscription, found by its name.
pub(super) fn subscription_id(world: &World, group: &BusinessGroup) -> Option<String> {
    let name = group.subscription_name();
    let mut subscriptions = world.resources.children_of_type(&arm::Scope::root(), "Microsoft.Resources/subscriptions");
    let found = subscriptions.find(|row| row.properties.get("displayName").and_then(Value::as_str) == Some(&name))?;
    Some(found.id.name().to_owned())
}
