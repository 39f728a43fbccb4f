//! Quota and what is used of it: of a region of a subscription, and what one account takes of it.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use arm::{ArmError, Scope};
use rbac::Reads;
use resources::deployments::{Usage, usages};
use serde_json::{Value, json};

use crate::failure::{not_found, subscription_not_found};
use crate::filter::{self, Term, unsupported};
use crate::proposal::Tenant;
use crate::state::Control;

/// GET /subscriptions/{s}/providers/Microsoft.CognitiveServices/locations/{l}/usages
pub(crate) struct LocationUsages;

impl Operation for LocationUsages {
    const ROUTE: Route = Route::collection("Microsoft.CognitiveServices/locations/usages");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET …/accounts/{a}/usages
pub(crate) struct AccountUsages;

impl Operation for AccountUsages {
    const ROUTE: Route = Route::collection("Microsoft.CognitiveServices/accounts/usages");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn of_location(control: Arc<Control>, request: Authorized<LocationUsages>) -> HandlerResult {
    let region = resources::normalise_location(request.target.name())?;
    let subscription = known_subscription(&request)?;
    let tenant = Tenant(&request.world);
    list(&request, usages(&control.catalog, &tenant, &subscription, Some(region)))
}

pub(crate) async fn of_account(control: Arc<Control>, request: Authorized<AccountUsages>) -> HandlerResult {
    if request.world.resources.get(&request.target).is_none() {
        return Err(not_found(&request.world, &request.target).into());
    }
    let tenant = Tenant(&request.world);
    list(&request, usages(&control.catalog, &tenant, &request.target, None))
}

/// The subscription that the request's place is in.
pub(super) fn known_subscription<O: Operation>(request: &Authorized<O>) -> Result<Scope, ArmError> {
    let id = request.target.subscription_id().unwrap_or_default();
    let subscription = Scope::subscription(id);
    match request.world.resources.get(&subscription) {
        Some(_) => Ok(subscription),
        None => Err(subscription_not_found(id)),
    }
}

fn list<O: Operation>(request: &Authorized<O>, found: Vec<Usage<'_>>) -> HandlerResult {
    let wanted = wanted_name(request.query.get("$filter"))?;
    let named = found.into_iter().map(|usage| (usage.quota.name(), usage));
    let named = named.filter(|(name, _)| wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(name)));
    page(request, named, |usage| shown(&usage))
}

/// The filter: `name.value eq '…'`.
fn wanted_name(text: Option<&str>) -> Result<Option<String>, ArmError> {
    match filter::parse(text)?.as_slice() {
        [] => Ok(None),
        [Term::Equals { name, value }] if name.eq_ignore_ascii_case("name.value") => Ok(Some(value.clone())),
        _ => Err(unsupported(text.unwrap_or_default())),
    }
}

fn shown(usage: &Usage<'_>) -> Value {
    json!({
        "name": { "value": usage.quota.name(), "localizedValue": usage.quota.label() },
        "currentValue": usage.used,
        "limit": usage.limit,
        "unit": "Count",
    })
}
