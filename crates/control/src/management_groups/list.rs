//! The list of management groups: those that the caller may read.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use rbac::Reads;
use resources::management_groups::{TYPE, listed};

use super::tree;
use crate::place::misplaced;
use crate::state::{Control, tenant_id};

/// GET /providers/Microsoft.Management/managementGroups
pub(crate) struct ListGroups;

impl Operation for ListGroups {
    const ROUTE: Route = Route::collection(TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn list(_: Arc<Control>, request: Authorized<ListGroups>) -> HandlerResult {
    let world = &request.world;
    if !request.target.is_root() {
        return Err(misplaced(TYPE, &request.target).into());
    }
    let tree = tree(world);
    let may_read = |id| request.visible.as_ref().is_some_and(|visible| visible.covers(id));
    let readable = tree.groups().filter(|group| may_read(&group.id)).map(|group| (group.id.key().to_owned(), group));
    page(&request, readable, |group| listed(group, tenant_id(world)))
}
