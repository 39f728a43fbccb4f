//! GET /tenants: the one tenant of this server, for anybody with a token.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, Routes, page};
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
    let tenants = request.world.tenant.iter().map(|tenant| (tenant.id.to_string(), tenant));
    page(&request, tenants, |tenant| {
        json!({
            "id": format!("/tenants/{}", tenant.id),
            "tenantId": tenant.id,
            "tenantCategory": "Home",
            "tenantType": "AAD",
            "displayName": tenant.display_name,
            "defaultDomain": tenant.default_domain,
            "domains": [tenant.default_domain],
        })
    })
}
