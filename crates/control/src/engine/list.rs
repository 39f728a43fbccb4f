//! The list of a type at or below a place: what the caller may read of it.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route};
use arm::{Scope, ScopeLevel};
use rbac::Reads;
use resources::{Kind, Parent};

use super::{shown, typed_operation};
use crate::failure::not_found;
use crate::page::page;
use crate::place::misplaced;
use crate::state::Control;

typed_operation! {
    /// The list of `K`.
    List
}

impl<K: Kind> Operation for List<K> {
    const ROUTE: Route = Route::collection(K::TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn list<K: Kind>(_: Arc<Control>, request: Authorized<List<K>>) -> HandlerResult {
    let (world, base) = (&request.world, &request.target);
    if !lists_at::<K>(base) {
        return Err(misplaced(K::DISPLAY_TYPE, base).into());
    }
    if world.resources.get(base).is_none() {
        return Err(not_found(world, base).into());
    }
    let may_read = |id: &Scope| request.visible.as_ref().is_some_and(|visible| visible.covers(id));
    let readable = world
        .resources
        .children_of_type(base, K::TYPE)
        .filter(|resource| may_read(&resource.id))
        .map(|resource| (resource.id.key().to_owned(), resource));
    page(&request, readable, |resource| shown::<K>(resource, world, &request.request))
}

/// Where a type can be listed: on what it hangs on, and accounts in the whole subscription.
fn lists_at<K: Kind>(base: &Scope) -> bool {
    match K::PARENT {
        Parent::Root => base.is_root(),
        Parent::Subscription => base.level() == ScopeLevel::Subscription,
        Parent::ResourceGroup => matches!(base.level(), ScopeLevel::Subscription | ScopeLevel::ResourceGroup),
        Parent::Resource(wanted) => base.resource_type().is_some_and(|base| base.as_str().eq_ignore_ascii_case(wanted)),
        Parent::AnyScope => true,
    }
}
