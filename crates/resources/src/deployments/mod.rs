//! `Microsoft.CognitiveServices/accounts/deployments`: a model of the operator's catalog under a name, with a capacity.

mod model;
mod rate_limits;
mod sku;

use arm::{ArmError, Resource};
use serde_json::{Map, Value, json};

use crate::draft::Draft;
use crate::fields::{Fields, invalid, quoted};
use crate::kind::{Accepted, Context, Kind, Parent, View};
use crate::name_rule::NameRule;

pub use model::{ModelRef, model_of};
pub use sku::{SKUS, capacity_of};

/// Deployments.
pub struct Deployment;

/// When a newer version of the model takes over.
const UPGRADES: &[&str] = &["OnceNewDefaultVersionAvailable", "OnceCurrentVersionExpired", "NoAutoUpgrade"];
/// The content filters that exist without being made; others would have to exist as `raiPolicies`.
const BUILT_IN_FILTERS: &[&str] = &["Microsoft.Default", "Microsoft.DefaultV2", "Microsoft.Nil"];
/// Kept and echoed; this server does not act on them.
const KEPT: &[&str] = &[
    "scaleSettings",
    "capacitySettings",
    "parentDeploymentName",
    "spilloverDeploymentName",
    "serviceTier",
    "routing",
    "speculativeDecoding",
];
/// Only the server writes these; ignored in a body.
const READ_ONLY: &[&str] = &[
    "provisioningState",
    "capabilities",
    "callRateLimit",
    "rateLimits",
    "dynamicThrottlingEnabled",
    "currentCapacity",
    "deploymentState",
];

impl Kind for Deployment {
    const TYPE: &'static str = "Microsoft.CognitiveServices/accounts/deployments";
    const NOUN: &'static str = "a deployment";
    const API_VERSIONS: &'static [&'static str] = crate::registry::COGNITIVE_API_VERSIONS;
    const PARENT: Parent = Parent::Resource("Microsoft.CognitiveServices/accounts");
    const NAME: NameRule = NameRule::DEPLOYMENT;

    fn validate(draft: Draft, existing: Option<&Resource>, context: &Context<'_>) -> Result<Accepted, ArmError> {
        nothing_foreign(&draft)?;
        let sku = sku::validate(draft.sku.as_ref(), existing)?;
        let fields = Fields::new("properties", &draft.properties);
        let known = [KEPT, READ_ONLY, &["model", "versionUpgradeOption", "raiPolicyName"]].concat();
        fields.only(&known, "a deployment")?;
        let mut stored = Map::new();
        stored.insert("model".to_owned(), model::validate(&fields, context.catalog)?);
        let upgrade = fields.one_of("versionUpgradeOption", UPGRADES)?.unwrap_or("OnceNewDefaultVersionAvailable");
        stored.insert("versionUpgradeOption".to_owned(), json!(upgrade));
        if let Some(filter) = content_filter(&fields)? {
            stored.insert("raiPolicyName".to_owned(), json!(filter));
        }
        for name in KEPT {
            if let Some(value) = fields.value(name) {
                stored.insert((*name).to_owned(), value.clone());
            }
        }
        Ok(Accepted { tags: draft.tags, sku: Some(sku), properties: stored, ..Accepted::default() })
    }

    fn present(deployment: &Resource, _: &View<'_>) -> Value {
        let mut properties = Map::new();
        properties.insert("provisioningState".to_owned(), json!("Succeeded"));
        properties.extend(deployment.properties.clone());
        properties.insert("capabilities".to_owned(), json!({ "chatCompletion": "true" }));
        properties.insert("currentCapacity".to_owned(), json!(capacity_of(deployment)));
        properties.insert("dynamicThrottlingEnabled".to_owned(), json!(false));
        properties.insert("rateLimits".to_owned(), rate_limits::of(deployment));
        let mut shown = deployment.clone();
        shown.properties = properties;
        shown.to_json()
    }
}

/// Deployments have no region, kind or identity of their own; clients that send the region get no error, as in Azure.
fn nothing_foreign(draft: &Draft) -> Result<(), ArmError> {
    if draft.kind.is_some() {
        return Err(invalid("kind", "a deployment has no `kind`".to_owned()));
    }
    if draft.identity.as_ref().is_some_and(|wish| wish.system_assigned) {
        return Err(invalid("identity", "a deployment has no `identity`".to_owned()));
    }
    Ok(())
}

fn content_filter(fields: &Fields<'_>) -> Result<Option<&'static str>, ArmError> {
    let Some(given) = fields.string("raiPolicyName")? else {
        return Ok(None);
    };
    match BUILT_IN_FILTERS.iter().find(|known| known.eq_ignore_ascii_case(given)) {
        Some(known) => Ok(Some(known)),
        None => Err(invalid(
            "properties.raiPolicyName",
            format!("`properties.raiPolicyName`: this account has no content filter `{}`", quoted(given)),
        )),
    }
}

#[cfg(test)]
mod tests;
