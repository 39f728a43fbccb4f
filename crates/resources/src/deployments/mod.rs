//! `Microsoft.CognitiveServices/accounts/deployments`: a model of the operator's catalog under a name, with a capacity.

mod model;
mod quota;
mod rate;
mod sku;
mod spillover;

use arm::{ArmError, Resource};
use serde_json::{Map, Value, json};

use crate::draft::Draft;
use crate::fields::{Fields, invalid, quoted};
use crate::kind::{Accepted, Context, Kind, Neighbours, Parent, View};
use crate::model_catalog::{Capability, Catalog};
use crate::name_rule::NameRule;

pub use model::{ModelRef, model_of};
pub use quota::{Quota, Usage, usages};
pub use rate::{Rate, rate_limits_per_unit, rate_of};
pub use sku::{CAPACITY_LIMIT, DEFAULT_CAPACITY, SKUS, capacity_of, is_provisioned, is_rated, sku_of};

/// Deployments.
pub struct Deployment;

/// When a newer version of the model takes over.
const UPGRADES: &[&str] = &["OnceNewDefaultVersionAvailable", "OnceCurrentVersionExpired", "NoAutoUpgrade"];
/// The content filters that exist without being made; others would have to exist as `raiPolicies`.
const BUILT_IN_FILTERS: &[&str] = &["Microsoft.Default", "Microsoft.DefaultV2", "Microsoft.Nil"];
/// Kept and echoed; this server does not act on them.
const KEPT: &[&str] =
    &["scaleSettings", "capacitySettings", "parentDeploymentName", "serviceTier", "routing", "speculativeDecoding"];
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
    const IS_COUNTED: bool = true;

    fn validate(draft: Draft, existing: Option<&Resource>, context: &Context<'_>) -> Result<Accepted, ArmError> {
        nothing_foreign(&draft)?;
        let sku = sku::validate(draft.sku.as_ref(), existing)?;
        let fields = Fields::new("properties", &draft.properties);
        let known =
            [KEPT, READ_ONLY, &["model", "versionUpgradeOption", "raiPolicyName", "spilloverDeploymentName"]].concat();
        fields.only(&known, "a deployment")?;
        let mut stored = Map::new();
        let (kept, model) = model::validate(&fields, context.catalog)?;
        stored.insert("model".to_owned(), kept);
        let upgrade = fields.one_of("versionUpgradeOption", UPGRADES)?.unwrap_or("OnceNewDefaultVersionAvailable");
        stored.insert("versionUpgradeOption".to_owned(), json!(upgrade));
        if let Some(filter) = content_filter(&fields)? {
            stored.insert("raiPolicyName".to_owned(), json!(filter));
        }
        let sku_name = sku.get("name").and_then(Value::as_str).unwrap_or_default();
        if let Some(target) = spillover::validate(&fields, sku_name, context)? {
            stored.insert("spilloverDeploymentName".to_owned(), json!(target));
        }
        for name in KEPT {
            if let Some(value) = fields.value(name) {
                stored.insert((*name).to_owned(), value.clone());
            }
        }
        stored.insert("capabilities".to_owned(), capabilities(model.capability));
        Ok(Accepted { tags: draft.tags, sku: Some(sku), properties: stored, ..Accepted::default() })
    }

    fn room_for(wanted: &Resource, catalog: &Catalog, neighbours: &dyn Neighbours) -> Result<(), ArmError> {
        quota::room_for(wanted, catalog, neighbours)
    }

    fn present(deployment: &Resource, view: &View<'_>) -> Value {
        let rate = rate_of(deployment, view.catalog);
        let mut properties = Map::new();
        properties.insert("provisioningState".to_owned(), json!("Succeeded"));
        properties.extend(deployment.properties.clone());
        // Deployments of earlier versions were for chat alone, and did not keep it.
        properties.entry("capabilities").or_insert_with(|| capabilities(Capability::ChatCompletion));
        properties.insert("currentCapacity".to_owned(), json!(capacity_of(deployment)));
        properties.insert("dynamicThrottlingEnabled".to_owned(), json!(false));
        properties.insert("rateLimits".to_owned(), rate::rate_limits(rate));
        if let Some(rate) = rate {
            properties.insert("callRateLimit".to_owned(), rate::call_rate_limit(rate));
        }
        let mut shown = deployment.clone();
        shown.properties = properties;
        shown.to_json()
    }
}

/// What a deployment of such a model can do, as it is shown: each capability is there with the text `true`, or not at all.
pub fn capabilities(capability: Capability) -> Value {
    json!({ capability.name(): "true" })
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
