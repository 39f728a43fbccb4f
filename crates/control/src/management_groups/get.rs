//! GET of one management group, with what is above and below it if the query asks for that.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Needs, NoBody, Operation, Query, Reply, Route, Verb};
use arm::{ArmError, ErrorCode};
use http::StatusCode;
use rbac::Reads;
use resources::management_groups::{Expand, TYPE, shown};

use super::{group_not_found, tree};
use crate::filter::unsupported;
use crate::state::{Control, tenant_id};

/// GET /providers/Microsoft.Management/managementGroups/{name}
pub(crate) struct GetGroup;

impl Operation for GetGroup {
    const ROUTE: Route = Route::item(Verb::Get, TYPE);
    const NEEDS: Needs = Needs::Derived;
    type Mode = Reads;
    type Body = NoBody;
}

pub(crate) async fn get(_: Arc<Control>, request: Authorized<GetGroup>) -> HandlerResult {
    let world = &request.world;
    let expand = expand(&request.query)?;
    let tree = tree(world);
    let group = tree.group(&request.target).ok_or_else(|| group_not_found(&request.target))?;
    Ok(Reply::json(StatusCode::OK, &shown(group, &tree, tenant_id(world), expand)).with_header("etag", &group.etag))
}

/// `$expand`, `$recurse` and the one `$filter` there is.
fn expand(query: &Query) -> Result<Expand, ArmError> {
    let mut expand = Expand::default();
    match query.get("$expand").map(str::trim).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" => {}
        "children" => expand.children = true,
        "path" => expand.path = true,
        "ancestors" => expand.ancestors = true,
        _ => {
            let message = "`$expand`: expected `children`, `path` or `ancestors`";
            return Err(ArmError::new(ErrorCode::InvalidParameter, message).with_target("$expand"));
        }
    }
    expand.recurse = expand.children && query.get("$recurse").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    match query.get("$filter").map(str::trim).unwrap_or_default() {
        "" => {}
        text if text.eq_ignore_ascii_case("children.childType ne Subscription") => expand.groups_only = true,
        text => return Err(unsupported(text)),
    }
    Ok(expand)
}
