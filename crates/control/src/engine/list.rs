//! The list of a type at or below a place: what the caller may read of it. Of what holds below its scope also what is above,
//! nearest first.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use arm::{ArmError, Scope, ScopeLevel};
use rbac::Reads;
use resources::{Kind, Parent};

use super::{shown, typed_operation};
use crate::filter::{self, Term, unsupported};
use crate::near::Near;
use crate::place::misplaced;
use crate::role_assignments::known_scope;
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

pub(crate) async fn list<K: Kind>(control: Arc<Control>, request: Authorized<List<K>>) -> HandlerResult {
    let (world, base) = (&request.world, &request.target);
    if !lists_at::<K>(base) {
        return Err(misplaced(K::DISPLAY_TYPE, base).into());
    }
    let base = &known_scope(world, base)?;
    if K::PARENT == Parent::AnyScope {
        let wanted_at_scope = at_scope(request.query.get("$filter"))?;
        let near = Near { world, base, visible: request.visible.as_ref() };
        return page(&request, near.all(K::TYPE, wanted_at_scope), |one| {
            shown::<K>(one, &control, world, &request.request)
        });
    }
    let may_read = |id: &Scope| request.visible.as_ref().is_some_and(|visible| visible.covers(id));
    let parameter = |name: &str| request.query.get(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let readable = world
        .resources
        .children_of_type(base, K::TYPE)
        .filter(|resource| may_read(&resource.id) && K::is_wanted(resource, &parameter))
        .map(|resource| (resource.id.key().to_owned(), resource));
    page(&request, readable, |resource| shown::<K>(resource, &control, world, &request.request))
}

/// Is only what hangs at and above the place asked for? The one filter there is.
fn at_scope(text: Option<&str>) -> Result<bool, ArmError> {
    let is_known =
        |term: &Term| matches!(term, Term::Call { name, argument: None } if name.eq_ignore_ascii_case("atScope"));
    let terms = filter::parse(text)?;
    match terms.iter().all(is_known) {
        true => Ok(!terms.is_empty()),
        false => Err(unsupported(text.unwrap_or_default())),
    }
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
