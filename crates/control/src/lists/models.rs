//! The models that can be deployed: the operator's catalog.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use rbac::Reads;
use resources::accounts::KINDS;
use resources::deployments::{CAPACITY_LIMIT, DEFAULT_CAPACITY, Quota, SKUS, capabilities, rate_limits_per_unit};
use resources::model_catalog::Model;
use serde_json::{Value, json};

use crate::failure::not_found;
use crate::state::Control;

/// GET …/accounts/{a}/models
pub(crate) struct AccountModels;

impl Operation for AccountModels {
    const ROUTE: Route = Route::collection("Microsoft.CognitiveServices/accounts/models");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET /subscriptions/{s}/providers/Microsoft.CognitiveServices/locations/{l}/models
pub(crate) struct LocationModels;

impl Operation for LocationModels {
    const ROUTE: Route = Route::collection("Microsoft.CognitiveServices/locations/models");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn of_account(control: Arc<Control>, request: Authorized<AccountModels>) -> HandlerResult {
    if request.world.resources.get(&request.target).is_none() {
        return Err(not_found(&request.world, &request.target).into());
    }
    let models = names(&control).map(|(model, name)| (key(&["", name, &model.version]), (model, name)));
    page(&request, models, |(model, name)| described(&control, model, name))
}

pub(crate) async fn of_location(control: Arc<Control>, request: Authorized<LocationModels>) -> HandlerResult {
    resources::normalise_location(request.target.name())?;
    let models = KINDS.iter().flat_map(|kind| {
        names(&control).map(move |(model, name)| (key(&[kind, name, &model.version]), (*kind, model, name)))
    });
    page(
        &request,
        models,
        |(kind, model, name)| json!({ "kind": kind, "skuName": "S0", "model": described(&control, model, name) }),
    )
}

/// What orders an entry among its like.
fn key(parts: &[&str]) -> String {
    parts.join("/").to_ascii_lowercase()
}

/// Each deployable name with its model.
fn names(control: &Control) -> impl Iterator<Item = (&Model, &str)> {
    control
        .catalog
        .models()
        .iter()
        .flat_map(|model| std::iter::once(&model.name).chain(&model.aliases).map(move |name| (model, name.as_str())))
}

fn described(control: &Control, model: &Model, name: &str) -> Value {
    let is_default = control.catalog.find(name, None).is_some_and(|first| first.version == model.version);
    let skus: Vec<Value> = offered().map(|sku| described_sku(control, model, sku)).collect();
    json!({
        "format": model.format,
        "name": name,
        "version": model.version,
        "publisher": model.publisher,
        "isDefaultVersion": is_default,
        "skus": skus,
        "capabilities": capabilities(model.capability),
        "lifecycleStatus": "GenerallyAvailable",
    })
}

/// The deployment types that models are shown with: those that are limited by the minute.
pub(super) fn offered() -> impl Iterator<Item = &'static str> {
    SKUS.iter().copied().filter(|sku| sku.ends_with("Standard"))
}

fn described_sku(control: &Control, model: &Model, sku: &str) -> Value {
    let quota = Quota::of_model(model, sku);
    json!({
        "name": sku,
        "usageName": quota.name(),
        "capacity": {
            "default": DEFAULT_CAPACITY,
            "minimum": 1,
            "maximum": quota.limit(&control.catalog).min(CAPACITY_LIMIT),
            "step": 1,
        },
        "rateLimits": rate_limits_per_unit(model.unit_rate()),
    })
}
