//! How much a deployment may be used in a minute.

use arm::Resource;
use serde_json::{Value, json};

use super::{capacity_of, is_rated, model_of, sku_of};
use crate::model_catalog::{Catalog, UnitRate};

/// What a deployment's capacity allows in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens.
    pub tokens_per_minute: u64,
    /// Requests.
    pub requests_per_minute: u64,
}

/// Requests are shown for a sixth of a minute where that is a whole number, as Azure shows them.
const REQUEST_PERIOD_S: u64 = 10;
/// Such periods in a minute.
const REQUEST_PERIODS: u64 = 6;
/// Tokens are shown for a minute, seconds.
const TOKEN_PERIOD_S: u64 = 60;

/// The deployment's capacity times what a unit of its model allows; none for provisioned and batch types, which are limited in
/// other ways.
pub fn rate_of(deployment: &Resource, catalog: &Catalog) -> Option<Rate> {
    if !is_rated(sku_of(deployment)) {
        return None;
    }
    let (units, one) = (capacity_of(deployment), unit_rate_of(deployment, catalog));
    Some(Rate { tokens_per_minute: units.saturating_mul(one.tokens), requests_per_minute: one.requests.of(units) })
}

fn unit_rate_of(deployment: &Resource, catalog: &Catalog) -> UnitRate {
    match model_of(deployment) {
        Some(model) => catalog.unit_rate(model.name, model.version),
        None => UnitRate::usual(""),
    }
}

/// `rateLimits` of a deployment; empty where it has no rate.
pub(super) fn rate_limits(rate: Option<Rate>) -> Value {
    match rate {
        Some(rate) => limits(rate.requests_per_minute, 1, rate.tokens_per_minute),
        None => json!([]),
    }
}

/// `callRateLimit` of a deployment: its requests, and all rules together.
pub(super) fn call_rate_limit(rate: Rate) -> Value {
    let (count, renewal_period_s) = requests(rate.requests_per_minute, 1);
    json!({ "count": count, "renewalPeriod": renewal_period_s, "rules": rate_limits(Some(rate)) })
}

/// `rateLimits` of a model's sku: what one unit allows, in the shortest whole numbers.
pub fn rate_limits_per_unit(one: UnitRate) -> Value {
    limits(one.requests.requests, one.requests.units, one.tokens)
}

fn limits(requests_per_minute: u64, minutes: u64, tokens: u64) -> Value {
    let (count, renewal_period_s) = requests(requests_per_minute, minutes);
    json!([
        { "key": "request", "renewalPeriod": renewal_period_s, "count": count },
        { "key": "token", "renewalPeriod": TOKEN_PERIOD_S, "count": tokens },
    ])
}

/// So many requests in so many minutes, as a count and its period in seconds.
fn requests(count: u64, minutes: u64) -> (u64, u64) {
    let parts = if count.is_multiple_of(REQUEST_PERIODS) { REQUEST_PERIODS } else { 1 };
    (count / parts, minutes.saturating_mul(REQUEST_PERIOD_S * REQUEST_PERIODS / parts))
}
