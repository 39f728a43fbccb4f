//! POST /subscriptions/{s}/providers/Microsoft.CognitiveServices/register

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route};
use http::StatusCode;
use rbac::Reads;
use resources::providers;

use crate::failure::not_found;
use crate::state::Control;

/// Registers a provider. All are registered from the start, so this answers what is so already.
pub(crate) struct Register;

/// The provider that scripts register before their first account.
const NAMESPACE: &str = "Microsoft.CognitiveServices";

impl Operation for Register {
    const ROUTE: Route = Route::action("Microsoft.CognitiveServices/register");
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn register(_: Arc<Control>, request: Authorized<Register>) -> HandlerResult {
    match request.world.resources.get(&request.target) {
        Some(subscription) => Ok(Reply::json(StatusCode::OK, &providers::present(&subscription.id, NAMESPACE))),
        None => Err(not_found(&request.world, &request.target).into()),
    }
}
