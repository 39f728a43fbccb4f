//! The list of all groups and subscriptions below a management group, at any depth.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Route, page};
use rbac::Reads;
use resources::management_groups::{DESCENDANTS, descendant};

use super::{group_not_found, tree};
use crate::state::Control;

/// GET /providers/Microsoft.Management/managementGroups/{name}/descendants
pub(crate) struct ListDescendants;

impl Operation for ListDescendants {
    const ROUTE: Route = Route::collection(DESCENDANTS);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn list(_: Arc<Control>, request: Authorized<ListDescendants>) -> HandlerResult {
    let tree = tree(&request.world);
    let group = tree.group(&request.target).ok_or_else(|| group_not_found(&request.target))?;
    let may_read = |id| request.visible.as_ref().is_some_and(|visible| visible.covers(id));
    let below = tree.all_below(&group.id);
    let holders = std::iter::once(group).chain(below.iter().copied());
    let subscriptions = holders.flat_map(|holder| tree.subscriptions_below(&holder.id).iter().copied());
    let found = below.iter().copied().chain(subscriptions).filter(|row| may_read(&row.id));
    page(&request, found.map(|row| (row.id.key().to_owned(), row)), |row| descendant(row, &tree))
}
