//! How a deployment is paid for and how much of it there is.

use arm::{ArmError, Resource};
use serde_json::{Map, Value, json};

use crate::fields::{Fields, invalid, listed};

/// The deployment types.
pub const SKUS: &[&str] = &[
    "Standard",
    "GlobalStandard",
    "DataZoneStandard",
    "ProvisionedManaged",
    "GlobalProvisionedManaged",
    "DataZoneProvisionedManaged",
    "GlobalBatch",
    "DataZoneBatch",
    "DeveloperTier",
];
/// Most capacity units of one deployment: a thousand million tokens a minute, beyond any quota; keeps products in range.
pub const CAPACITY_LIMIT: u64 = 1_000_000;
/// The capacity of a deployment that names none, as in Azure.
pub const DEFAULT_CAPACITY: u64 = 1;
/// What the names of the provisioned types end in.
const PROVISIONED: &str = "ProvisionedManaged";

pub(super) fn validate(asked: Option<&Map<String, Value>>, existing: Option<&Resource>) -> Result<Value, ArmError> {
    let kept = existing.and_then(|deployment| deployment.sku.clone());
    let Some(asked) = asked else {
        return kept.ok_or_else(|| invalid("sku", format!("`sku.name` is required: {}", listed(SKUS))));
    };
    let fields = Fields::new("sku", asked);
    fields.only(&["name", "tier", "size", "family", "capacity"], "a deployment's sku")?;
    fields.required_string("name")?;
    let name = fields.one_of("name", SKUS)?.unwrap_or_default();
    let capacity = fields.whole_number("capacity", 1, CAPACITY_LIMIT)?.unwrap_or(DEFAULT_CAPACITY);
    Ok(json!({ "name": name, "capacity": capacity }))
}

/// Capacity units: thousands of tokens per minute for the standard types, throughput units for the provisioned ones.
pub fn capacity_of(deployment: &Resource) -> u64 {
    deployment.sku.as_ref().and_then(|sku| sku.get("capacity")).and_then(Value::as_u64).unwrap_or(DEFAULT_CAPACITY)
}

/// The deployment type, empty where a damaged row has none.
pub fn sku_of(deployment: &Resource) -> &str {
    deployment.sku.as_ref().and_then(|sku| sku.get("name")).and_then(Value::as_str).unwrap_or_default()
}

/// Is the type bought as throughput, for any model?
pub fn is_provisioned(sku: &str) -> bool {
    sku.ends_with(PROVISIONED)
}

/// Is the type limited by tokens and requests per minute?
pub fn is_rated(sku: &str) -> bool {
    sku.ends_with("Standard") || sku == "DeveloperTier"
}
