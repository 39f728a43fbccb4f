//! The skus of accounts: there is one.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use arm::Resource;
use rbac::Reads;
use resources::Kind;
use resources::LOCATIONS;
use resources::accounts::{Account, KINDS, SKUS};
use serde_json::{Value, json};

use crate::failure::not_found;
use crate::state::Control;

/// GET …/accounts/{a}/skus
pub(crate) struct AccountSkus;

impl Operation for AccountSkus {
    const ROUTE: Route = Route::collection("Microsoft.CognitiveServices/accounts/skus");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET /subscriptions/{s}/providers/Microsoft.CognitiveServices/skus
pub(crate) struct SubscriptionSkus;

impl Operation for SubscriptionSkus {
    const ROUTE: Route = Route::collection("Microsoft.CognitiveServices/skus");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn of_account(_: Arc<Control>, request: Authorized<AccountSkus>) -> HandlerResult {
    match request.world.resources.get(&request.target) {
        Some(account) => {
            page(&request, SKUS.iter().map(|sku| ((*sku).to_owned(), *sku)), |sku| account_sku(account, sku))
        }
        None => Err(not_found(&request.world, &request.target).into()),
    }
}

fn account_sku(account: &Resource, name: &str) -> Value {
    json!({ "resourceType": account.resource_type, "sku": { "name": name, "tier": "Standard" } })
}

pub(crate) async fn of_subscription(_: Arc<Control>, request: Authorized<SubscriptionSkus>) -> HandlerResult {
    if request.world.resources.get(&request.target).is_none() {
        return Err(not_found(&request.world, &request.target).into());
    }
    let mut found = Vec::new();
    for kind in KINDS {
        for location in LOCATIONS {
            found.extend(SKUS.iter().map(|sku| (format!("{kind}/{}/{sku}", location.name), (kind, location, sku))));
        }
    }
    page(&request, found, |(kind, location, sku)| sku_at(kind, location.name, sku))
}

fn sku_at(kind: &str, location: &str, sku: &str) -> Value {
    json!({
        "resourceType": Account::TYPE.rsplit('/').next(),
        "name": sku,
        "tier": "Standard",
        "kind": kind,
        "locations": [location.to_ascii_uppercase()],
        "restrictions": [],
    })
}
