//! `/me`: the signed-in user.

use std::sync::Arc;

use access::{Authorized, HandlerResult, Reply};
use http::StatusCode;
use rbac::{Caller, PrincipalType};

use super::error::{bad_request, not_found};
use super::{operations as op, view};
use crate::state::Directory;

pub(super) async fn show(_: Arc<Directory>, ask: Authorized<op::Me>) -> HandlerResult {
    let Caller::Principal(principal) = ask.permit.caller() else {
        return Err(bad_request("/me request is only valid with delegated authentication flow."));
    };
    if principal.kind() != PrincipalType::User {
        return Err(bad_request("/me request is only valid with delegated authentication flow."));
    }
    let id = principal.object_id();
    let object = ask.world.directory.object(id).ok_or_else(|| not_found(&id.to_string()))?;
    Ok(Reply::json(StatusCode::OK, &view::entity(object, &ask.world, &ask.request)))
}
