//! GET /tenants: the one tenant of this server, for anybody with a token.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route, Routes};
use arm::Page;
use http::StatusCode;
use rbac::Reads;
use serde_json::json;

use crate::state::Control;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes.on(ListTenants, list)
}

/// GET /tenants
pub(crate) struct ListTenants;

impl Operation for ListTenants {
    const ROUTE: Route = Route::collection("Microsoft.Resources/tenants");
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

async fn list(_: Arc<Control>, request: Authorized<ListTenants>) -> HandlerResult {
    let tenants = request.world.tenant.iter().map(|tenant| {
        json!({
            "id": format!("/tenants/{}", tenant.id),
            "tenantId": tenant.id,
            "tenantCategory": "Home",
            "tenantType": "AAD",
            "displayName": tenant.display_name,
            "defaultDomain": tenant.default_domain,
            "domains": [tenant.default_domain],
        })
    });
    Ok(Reply::json(StatusCode::OK, &Page::of(tenants.collect()).to_json()))
}
