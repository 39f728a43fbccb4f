//! The limits that follow from a deployment's type and capacity.

use arm::Resource;
use serde_json::{Value, json};

use super::capacity_of;

/// Tokens per minute of one capacity unit.
const TOKENS_PER_UNIT: u64 = 1000;
/// The window in which requests are counted, seconds: one request per unit in ten seconds makes the documented 6 a minute.
const REQUEST_PERIOD_S: u64 = 10;
/// The window in which tokens are counted, seconds.
const TOKEN_PERIOD_S: u64 = 60;

/// The `rateLimits` array; provisioned and batch types are limited in other ways and have none.
pub(super) fn of(deployment: &Resource) -> Value {
    let name = deployment.sku.as_ref().and_then(|sku| sku.get("name")).and_then(Value::as_str).unwrap_or_default();
    if !name.ends_with("Standard") && name != "DeveloperTier" {
        return json!([]);
    }
    let units = capacity_of(deployment);
    json!([
        { "key": "request", "renewalPeriod": REQUEST_PERIOD_S, "count": units },
        { "key": "token", "renewalPeriod": TOKEN_PERIOD_S, "count": units.saturating_mul(TOKENS_PER_UNIT) },
    ])
}
