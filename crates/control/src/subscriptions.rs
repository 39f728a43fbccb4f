//! `/subscriptions` and `/subscriptions/{s}`: those in or above which the caller has any assignment.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, Routes, Verb, page};
use arm::{Resource, Scope};
use rbac::{Caller, Permit, Reads};
use resources::Kind;
use resources::subscriptions::Subscription;
use store::World;
use uuid::Uuid;

use crate::engine::{reply, shown};
use crate::failure::subscription_not_found;
use crate::state::Control;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes.on(ListSubscriptions, list).on(GetSubscription, get)
}

/// GET /subscriptions
pub(crate) struct ListSubscriptions;

impl Operation for ListSubscriptions {
    const ROUTE: Route = Route::collection(Subscription::TYPE);
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

/// GET /subscriptions/{s}. Any token, so that one who has access only inside can see where that is.
pub(crate) struct GetSubscription;

impl Operation for GetSubscription {
    const ROUTE: Route = Route::item(Verb::Get, Subscription::TYPE);
    const NEEDS: Needs = Needs::AnyToken;
    type Mode = Reads;
    type Body = NoBody;
}

async fn list(control: Arc<Control>, request: Authorized<ListSubscriptions>) -> HandlerResult {
    let world = &request.world;
    let subscriptions = world
        .resources
        .children_of_type(&Scope::root(), Subscription::TYPE)
        .filter(|subscription| shows_to(caller(&request.permit), subscription, world))
        .map(|subscription| (subscription.id.key().to_owned(), subscription));
    page(&request, subscriptions, |subscription| shown::<Subscription>(subscription, &control, world, &request.request))
}

async fn get(control: Arc<Control>, request: Authorized<GetSubscription>) -> HandlerResult {
    let world = &request.world;
    match world.resources.get(&request.target).filter(|found| shows_to(caller(&request.permit), found, world)) {
        Some(found) => Ok(reply::<Subscription>(200, found, &control, world, &request.request)),
        // The same answer for one that is not there and one that is not theirs.
        None => Err(subscription_not_found(request.target.name()).into()),
    }
}

/// The calling principal; `None` for keys and the server's own work, who see nothing here.
pub(crate) fn caller(permit: &Permit<Reads>) -> Option<Uuid> {
    match permit.caller() {
        Caller::Principal(principal) => Some(principal.object_id()),
        Caller::Key { .. } | Caller::Protocol(_) | Caller::Task(_) => None,
    }
}

fn shows_to(caller: Option<Uuid>, subscription: &Resource, world: &World) -> bool {
    caller.is_some_and(|caller| rbac::has_any_assignment_near(caller, &subscription.id, &world.access))
}
