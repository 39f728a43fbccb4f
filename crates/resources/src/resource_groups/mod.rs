//! `Microsoft.Resources/resourceGroups`: a folder of resources with one life.

use arm::{ArmError, Resource};
use serde_json::{Map, Value, json};

use crate::draft::Draft;
use crate::fields::{Fields, invalid};
use crate::kind::{Accepted, Context, Kind, Parent, Polling, View};
use crate::location;
use crate::name_rule::NameRule;

/// Resource groups.
pub struct ResourceGroup;

impl Kind for ResourceGroup {
    const TYPE: &'static str = "Microsoft.Resources/subscriptions/resourceGroups";
    const DISPLAY_TYPE: &'static str = "Microsoft.Resources/resourceGroups";
    const NOUN: &'static str = "a resource group";
    const API_VERSIONS: &'static [&'static str] = crate::registry::RESOURCES_API_VERSIONS;
    const PARENT: Parent = Parent::Subscription;
    const NAME: NameRule = NameRule::RESOURCE_GROUP;
    const DELETE_POLLING: Polling = Polling::Location;

    fn validate(draft: Draft, existing: Option<&Resource>, _: &Context<'_>) -> Result<Accepted, ArmError> {
        let location = location::required(draft.location.as_deref(), existing, Self::NOUN)?;
        Fields::new("properties", &draft.properties).only(&["provisioningState"], Self::NOUN)?;
        for (name, given) in [("sku", draft.sku.is_some()), ("kind", draft.kind.is_some())] {
            if given {
                return Err(invalid(name, format!("a resource group has no `{name}`")));
            }
        }
        if draft.identity.is_some_and(|wish| wish.system_assigned) {
            return Err(invalid("identity", "a resource group has no `identity`".to_owned()));
        }
        Ok(Accepted { location: Some(location), tags: draft.tags, ..Accepted::default() })
    }

    fn present(group: &Resource, _: &View<'_>) -> Value {
        let mut shown = group.clone();
        shown.resource_type = Self::DISPLAY_TYPE.to_owned();
        shown.properties = Map::from_iter([("provisioningState".to_owned(), json!("Succeeded"))]);
        // Azure's resource groups carry neither dates nor an etag in their body.
        let mut wire = shown.to_json();
        if let Some(map) = wire.as_object_mut() {
            map.remove("systemData");
            map.remove("etag");
        }
        wire
    }
}

#[cfg(test)]
mod tests;
