//! GET /subscriptions/{s}/locations: the regions that resources may name; the same for everybody.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use rbac::Reads;
use resources::LOCATIONS;
use serde_json::json;

use crate::state::Control;

/// GET /subscriptions/{s}/locations
pub(crate) struct ListLocations;

impl Operation for ListLocations {
    const ROUTE: Route = Route::collection("Microsoft.Resources/subscriptions/locations");
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn list(_: Arc<Control>, request: Authorized<ListLocations>) -> HandlerResult {
    let locations = LOCATIONS.iter().map(|location| (location.name.to_owned(), location));
    page(&request, locations, |location| {
        json!({
            "id": format!("{}/locations/{}", request.target, location.name),
            "name": location.name,
            "type": "Region",
            "displayName": location.display_name,
            "regionalDisplayName": location.display_name,
            "metadata": { "regionType": if location.name == "local" { "Logical" } else { "Physical" } },
        })
    })
}
