//! GET /subscriptions/{s}/providers[/{ns}]: what types there are; the same for everybody. `az resource` asks here first.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Reply, Route, Verb, page};
use arm::{ArmError, ErrorCode};
use http::StatusCode;
use rbac::Reads;
use resources::providers;

use crate::state::Control;

/// The type that lists and items of providers have in ARM's grammar.
const TYPE: &str = "Microsoft.Resources/subscriptions/providers";

/// GET /subscriptions/{s}/providers
pub(crate) struct ListProviders;

impl Operation for ListProviders {
    const ROUTE: Route = Route::collection(TYPE);
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET /subscriptions/{s}/providers/{ns}
pub(crate) struct GetProvider;

impl Operation for GetProvider {
    const ROUTE: Route = Route::item(Verb::Get, TYPE);
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn list(_: Arc<Control>, request: Authorized<ListProviders>) -> HandlerResult {
    let namespaces = providers::namespaces().into_iter().map(|namespace| (namespace.to_owned(), namespace));
    page(&request, namespaces, |namespace| providers::present(&request.target, namespace))
}

pub(crate) async fn get(_: Arc<Control>, request: Authorized<GetProvider>) -> HandlerResult {
    let given = request.target.name();
    let Some(namespace) = providers::find(given) else {
        let near = arm::nearest(given, providers::namespaces());
        let hint = near.map(|near| format!(" Did you mean '{near}'?")).unwrap_or_default();
        let message = format!("The resource namespace '{given}' is invalid.{hint}");
        return Err(ArmError::new(ErrorCode::InvalidResourceNamespace, message).into());
    };
    let subscription = request.target.subscription_id().map(arm::Scope::subscription).unwrap_or_else(arm::Scope::root);
    Ok(Reply::json(StatusCode::OK, &providers::present(&subscription, namespace)))
}
