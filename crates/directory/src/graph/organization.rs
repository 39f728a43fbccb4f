//! The tenant as Graph shows it.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Reply};
use http::StatusCode;
use serde_json::{Value, json};

use super::operations as op;
use crate::state::Directory;

pub(super) async fn list(_: Arc<Directory>, ask: Authorized<op::Organization>) -> HandlerResult {
    let tenants = ask.world.tenant.iter().map(|tenant| {
        json!({
            "id": tenant.id,
            "displayName": tenant.display_name,
            "tenantType": "AAD",
            "verifiedDomains": [
                {"name": tenant.default_domain, "isDefault": true, "isInitial": true, "type": "Managed", "capabilities": ""},
            ],
        })
    });
    let value: Vec<Value> = tenants.collect();
    let context = format!("{}/v1.0/$metadata#organization", ask.request.public_url);
    Ok(Reply::json(StatusCode::OK, &json!({"@odata.context": context, "value": value})))
}
