//! How much may be deployed: the capacity of all deployments of a subscription that share a region, a model and a type.

use std::collections::BTreeMap;

use arm::{ArmError, ErrorCode, Resource, Scope};
use serde_json::json;

use super::{Deployment, SKUS, capacity_of, is_provisioned, model_of, sku_of};
use crate::kind::{Kind, Neighbours};
use crate::model_catalog::{Catalog, Model};

/// Provisioned units are sold for all models together, under this format's name.
const SHARED_FORMAT: &str = "OpenAI";
/// The format of a deployment whose model lost its own.
const UNKNOWN: &str = "Unknown";

/// What shares one limit within a subscription and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quota<'a> {
    format: &'a str,
    sku: &'a str,
    /// None for the provisioned types, which all models share.
    model: Option<&'a str>,
}

/// A quota with what is used of it, capacity units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage<'a> {
    /// What is counted.
    pub quota: Quota<'a>,
    /// Units in use.
    pub used: u64,
    /// Units that there may be. An operator who lowers it takes nothing away.
    pub limit: u64,
}

impl<'a> Quota<'a> {
    /// The quota of a model and a deployment type.
    pub fn of_model(model: &'a Model, sku: &'a str) -> Quota<'a> {
        Quota::new(&model.format, sku, &model.name)
    }

    fn new(format: &'a str, sku: &'a str, model: &'a str) -> Quota<'a> {
        match is_provisioned(sku) {
            true => Quota { format: SHARED_FORMAT, sku, model: None },
            false => Quota { format, sku, model: Some(model) },
        }
    }

    /// The quota that a deployment takes from. Other names of a model share with its own.
    fn of_deployment(deployment: &'a Resource, catalog: &'a Catalog) -> Option<Quota<'a>> {
        let (model, sku) = (model_of(deployment)?, sku_of(deployment));
        Some(match catalog.find(model.name, Some(model.version)) {
            Some(known) => Quota::of_model(known, sku),
            // The operator took it out of the catalog; its deployments are still there.
            None => {
                let format = deployment.properties.get("model").and_then(|model| model.get("format"));
                Quota::new(format.and_then(|format| format.as_str()).unwrap_or(UNKNOWN), sku, model.name)
            }
        })
    }

    /// The usage name, such as `OpenAI.GlobalStandard.gpt-4o` or `OpenAI.ProvisionedManaged`.
    pub fn name(&self) -> String {
        match self.model {
            Some(model) => format!("{}.{}.{model}", self.format, self.sku),
            None => format!("{}.{}", self.format, self.sku),
        }
    }

    /// The name for people, with what is counted.
    pub fn label(&self) -> String {
        let unit =
            if self.sku.ends_with("Batch") { "Enqueued Tokens (thousands)" } else { "Tokens Per Minute (thousands)" };
        match self.model {
            Some(model) => format!("{unit} - {model} - {}", self.sku),
            None => format!("Provisioned Throughput Units - {}", self.sku),
        }
    }

    /// Units that there may be of it.
    pub fn limit(&self, catalog: &Catalog) -> u64 {
        catalog.quota_units(self.sku, self.model)
    }
}

/// What is used of every quota, counting `region`'s deployments of a subscription, or at one account its own alone. Ordered by
/// name; a model that the catalog has lost is there while it is deployed.
pub fn usages<'a>(
    catalog: &'a Catalog,
    neighbours: &'a dyn Neighbours,
    base: &Scope,
    region: Option<&'a str>,
) -> Vec<Usage<'a>> {
    let of_model = |model: &'a Model| SKUS.iter().map(|sku| (Quota::of_model(model, sku), 0));
    let mut used: BTreeMap<Quota<'a>, u64> = catalog.models().iter().flat_map(of_model).collect();
    for deployment in deployments(neighbours, base, region) {
        if let Some(quota) = Quota::of_deployment(deployment, catalog) {
            let units = used.entry(quota).or_default();
            *units = units.saturating_add(capacity_of(deployment));
        }
    }
    used.into_iter().map(|(quota, used)| Usage { quota, used, limit: quota.limit(catalog) }).collect()
}

/// Is there room for a deployment as `wanted`? One that takes no more than it has is let be, whatever the limit is now.
pub(super) fn room_for(wanted: &Resource, catalog: &Catalog, neighbours: &dyn Neighbours) -> Result<(), ArmError> {
    let account = wanted.id.parent().and_then(|account| neighbours.resource(&account));
    let (Some(quota), Some(account)) = (Quota::of_deployment(wanted, catalog), account) else {
        return Ok(());
    };
    let (region, subscription) =
        (account.location.as_deref(), Scope::subscription(account.id.subscription_id().unwrap_or_default()));
    let sharing = deployments(neighbours, &subscription, region)
        .filter(|other| Quota::of_deployment(other, catalog) == Some(quota));
    let (mut used, mut before) = (0_u64, 0);
    for other in sharing {
        used = used.saturating_add(capacity_of(other));
        if other.id == wanted.id {
            before = capacity_of(other);
        }
    }
    let (more, limit) = (capacity_of(wanted).saturating_sub(before), quota.limit(catalog));
    if more == 0 || used.saturating_add(more) <= limit {
        return Ok(());
    }
    Err(insufficient(&Usage { quota, used, limit }, more, region.unwrap_or_default()))
}

fn insufficient(usage: &Usage<'_>, wanted: u64, region: &str) -> ArmError {
    let Usage { quota, used, limit } = usage;
    let (name, left) = (quota.name(), limit.saturating_sub(*used));
    let message = format!(
        "This deployment takes {wanted} more units of the quota '{name}' in '{region}', which has {left} left: {used} of {limit} are used. Ask for less capacity, give some back, or have the operator raise the quota."
    );
    let info = json!({ "quota": name, "location": region, "limit": limit, "used": used, "wanted": wanted });
    ArmError::new(ErrorCode::InsufficientQuota, message)
        .with_target("sku.capacity")
        .with_info(json!({ "type": "Quota", "info": info }))
}

/// The deployments below `base` whose account is in `region`.
fn deployments<'a>(
    neighbours: &'a dyn Neighbours,
    base: &Scope,
    region: Option<&'a str>,
) -> impl Iterator<Item = &'a Resource> {
    let is_there = move |deployment: &&Resource| {
        let account = deployment.id.parent().and_then(|account| neighbours.resource(&account));
        region.is_none_or(|region| account.is_some_and(|account| account.location.as_deref() == Some(region)))
    };
    neighbours.below(base, Deployment::TYPE).filter(is_there)
}
