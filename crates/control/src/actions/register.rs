//! POST /subscriptions/{s}/providers/{ns}/register

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route};
use http::StatusCode;
use rbac::Reads;
use resources::providers;

use crate::failure::{not_found, stored};
use crate::state::Control;

/// Registers the provider that scripts register before their first account. All are registered from the start, so this
/// answers what is so already.
pub(crate) struct Register;

impl Operation for Register {
    const ROUTE: Route = Route::action("Microsoft.CognitiveServices/register");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

/// The same for the provider that `az account management-group` registers before each change.
pub(crate) struct RegisterManagement;

impl Operation for RegisterManagement {
    const ROUTE: Route = Route::action("Microsoft.Management/register");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn register(control: Arc<Control>, request: Authorized<Register>) -> HandlerResult {
    registered(&control, &request, "Microsoft.CognitiveServices").await
}

pub(crate) async fn register_management(
    control: Arc<Control>,
    request: Authorized<RegisterManagement>,
) -> HandlerResult {
    registered(&control, &request, "Microsoft.Management").await
}

async fn registered<O: Operation>(control: &Control, request: &Authorized<O>, namespace: &str) -> HandlerResult {
    let Some(subscription) = request.world.resources.get(&request.target) else {
        return Err(not_found(&request.world, &request.target).into());
    };
    control.store.record(&request.permit).await.map_err(|error| stored(&error))?;
    Ok(Reply::json(StatusCode::OK, &providers::present(&subscription.id, namespace)))
}
