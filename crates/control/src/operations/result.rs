//! What a client polls. Any token: an operation is shown to whoever began it, and said not to exist to everybody else.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation as AnyOperation, Reply, Route, Verb};
use arm::{ArmError, ErrorCode};
use http::StatusCode;
use rbac::Reads;
use serde_json::json;

use super::Operation;
use crate::state::Control;
use crate::subscriptions::caller;

/// GET /subscriptions/{s}/operationresults/{id}
pub(crate) struct GroupResult;

impl AnyOperation for GroupResult {
    const ROUTE: Route = Route::item(Verb::Get, "Microsoft.Resources/subscriptions/operationresults");
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET /subscriptions/{s}/providers/Microsoft.CognitiveServices/locations/{l}/operationResults/{id}
pub(crate) struct AccountResult;

impl AnyOperation for AccountResult {
    const ROUTE: Route = Route::item(Verb::Get, "Microsoft.CognitiveServices/locations/operationResults");
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET /subscriptions/{s}/providers/Microsoft.CognitiveServices/locations/{l}/operationStatuses/{id}
pub(crate) struct AccountStatus;

impl AnyOperation for AccountStatus {
    const ROUTE: Route = Route::item(Verb::Get, "Microsoft.CognitiveServices/locations/operationStatuses");
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn of_group(_: Arc<Control>, request: Authorized<GroupResult>) -> HandlerResult {
    // What is pointed at by `Location` is a removal: nothing is left to show.
    find(&request).map(|_| Reply::empty(StatusCode::NO_CONTENT))
}

pub(crate) async fn of_account(_: Arc<Control>, request: Authorized<AccountResult>) -> HandlerResult {
    find(&request).map(|_| Reply::empty(StatusCode::NO_CONTENT))
}

pub(crate) async fn status(_: Arc<Control>, request: Authorized<AccountStatus>) -> HandlerResult {
    let operation = find(&request)?;
    let body = json!({
        "id": request.target.as_str(),
        "name": operation.id,
        "status": "Succeeded",
        "startTime": operation.done_at,
        "endTime": operation.done_at,
        "percentComplete": 100,
        "resourceId": operation.target,
    });
    Ok(Reply::json(StatusCode::OK, &body))
}

fn find<O: AnyOperation<Mode = Reads>>(request: &Authorized<O>) -> Result<Operation, access::Failure> {
    let subscription = request.target.subscription_id().unwrap_or_default();
    let name = request.target.name();
    let caller = caller(&request.permit);
    caller.and_then(|caller| Operation::find(&request.world, subscription, name, caller)).ok_or_else(|| {
        let message = format!("The operation '{name}' was not found in the subscription '{subscription}'.");
        ArmError::new(ErrorCode::ResourceNotFound, message).into()
    })
}
