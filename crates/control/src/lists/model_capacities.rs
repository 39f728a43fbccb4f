//! How much of a model may still be deployed: by deployment type, in one region or in all.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use arm::{ArmError, ErrorCode, Scope};
use rbac::Reads;
use resources::LOCATIONS;
use resources::deployments::{Quota, usages};
use resources::model_catalog::{Catalog, Model};
use serde_json::json;

use super::models::offered;
use super::usages::known_subscription;
use crate::proposal::Tenant;
use crate::state::Control;

/// The type of one entry.
const TYPE: &str = "Microsoft.CognitiveServices/locations/modelCapacities";

/// GET /subscriptions/{s}/providers/Microsoft.CognitiveServices/modelCapacities
pub(crate) struct ModelCapacities;

impl Operation for ModelCapacities {
    const ROUTE: Route = Route::collection("Microsoft.CognitiveServices/modelCapacities");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET /subscriptions/{s}/providers/Microsoft.CognitiveServices/locations/{l}/modelCapacities
pub(crate) struct LocationModelCapacities;

impl Operation for LocationModelCapacities {
    const ROUTE: Route = Route::collection(TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn everywhere(control: Arc<Control>, request: Authorized<ModelCapacities>) -> HandlerResult {
    let regions: Vec<&'static str> = LOCATIONS.iter().map(|location| location.name).collect();
    list(&control, &request, &regions)
}

pub(crate) async fn in_location(control: Arc<Control>, request: Authorized<LocationModelCapacities>) -> HandlerResult {
    let region = resources::normalise_location(request.target.name())?;
    list(&control, &request, &[region])
}

/// A deployment type in a region, with what is left there.
struct Left {
    region: &'static str,
    sku: &'static str,
    units: u64,
}

fn list<O: Operation>(control: &Control, request: &Authorized<O>, regions: &[&'static str]) -> HandlerResult {
    let asked = |name| request.query.get(name).unwrap_or_default();
    let model = wanted(&control.catalog, asked("modelName"), asked("modelVersion"), asked("modelFormat"))?;
    let subscription = known_subscription(request)?;
    let tenant = Tenant(&request.world);
    let mut found = Vec::new();
    for region in regions {
        let used = usages(&control.catalog, &tenant, &subscription, Some(region));
        for sku in offered() {
            let quota = Quota::of_model(model, sku);
            let left = used.iter().find(|usage| usage.quota == quota);
            let units = left.map_or(0, |usage| usage.limit.saturating_sub(usage.used));
            found.push((format!("{region}/{sku}"), Left { region, sku, units }));
        }
    }
    page(request, found, |left| shown(&subscription, model, &left))
}

fn shown(subscription: &Scope, model: &Model, left: &Left) -> serde_json::Value {
    let name = format!("{}.{}.{}", model.format, model.name, left.sku);
    let id = format!(
        "{subscription}/providers/Microsoft.CognitiveServices/locations/{}/modelCapacities/{name}",
        left.region
    );
    json!({
        "id": id,
        "name": name,
        "type": TYPE,
        "location": left.region,
        "properties": {
            "model": { "format": model.format, "name": model.name, "version": model.version },
            "skuName": left.sku,
            "availableCapacity": left.units,
        },
    })
}

/// The model that the query names by format, name and version; all three are required, as in Azure.
fn wanted<'a>(catalog: &'a Catalog, name: &str, version: &str, format: &str) -> Result<&'a Model, ArmError> {
    let invalid =
        |message: String, field: &str| Err(ArmError::new(ErrorCode::InvalidParameter, message).with_target(field));
    for (field, given) in [("modelName", name), ("modelVersion", version), ("modelFormat", format)] {
        if given.is_empty() {
            return invalid(format!("`{field}` is required in the query"), field);
        }
    }
    match catalog.find(name, Some(version)).filter(|model| model.format.eq_ignore_ascii_case(format)) {
        Some(model) => Ok(model),
        None => {
            let near = catalog.nearest_names(name, 1).first().map(|near| format!("; the nearest name is `{near}`"));
            let near = near.unwrap_or_default();
            invalid(format!("no model has the name, version and format that the query asks for{near}"), "modelName")
        }
    }
}
