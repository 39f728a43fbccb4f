//! `Microsoft.Resources/subscriptions`: where resource groups live and what is billed. Read by clients, made by the operator.

use arm::{ArmError, ErrorCode, Resource};
use serde_json::{Value, json};

use crate::draft::Draft;
use crate::kind::{Accepted, Context, Kind, Parent, View};
use crate::name_rule::NameRule;

/// Subscriptions.
pub struct Subscription;

/// The type of a subscription.
pub const TYPE: &str = "Microsoft.Resources/subscriptions";

impl Kind for Subscription {
    const TYPE: &'static str = TYPE;
    const NOUN: &'static str = "a subscription";
    const API_VERSIONS: &'static [&'static str] = crate::registry::RESOURCES_API_VERSIONS;
    const PARENT: Parent = Parent::Root;
    const NAME: NameRule = NameRule::ANY;

    fn validate(draft: Draft, _: Option<&Resource>, _: &Context<'_>) -> Result<Accepted, ArmError> {
        let display_name = draft.properties.get("displayName").and_then(Value::as_str).unwrap_or_default();
        if display_name.is_empty() {
            let message = "`properties.displayName` is required for a subscription";
            return Err(ArmError::new(ErrorCode::InvalidRequestContent, message).with_target("properties.displayName"));
        }
        Ok(Accepted { tags: draft.tags, properties: draft.properties, ..Accepted::default() })
    }

    /// Subscriptions have a flat form of their own.
    fn present(subscription: &Resource, view: &View<'_>) -> Value {
        let id = subscription.id.name();
        let display_name = subscription.properties.get("displayName").and_then(Value::as_str).unwrap_or(id);
        let mut wire = json!({
            "id": subscription.id.as_str(),
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionId": id,
            "tenantId": view.site.tenant_id,
            "displayName": display_name,
            "state": "Enabled",
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01",
                "quotaId": "EnterpriseAgreement_2014-09-01",
                "spendingLimit": "Off",
            },
        });
        if let (Some(tags), Some(map)) = (&subscription.tags, wire.as_object_mut()) {
            map.insert("tags".to_owned(), Value::Object(tags.clone()));
        }
        wire
    }
}

#[cfg(test)]
mod tests;
