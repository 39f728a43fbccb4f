//! The doors that runs come in by: where each is, and what who comes in must hold, then and at each step.

use std::borrow::Cow;

use access::{Operation, Route};
use rbac::Permission;

use super::state::Door;
use crate::http::responses::{EndpointResponses, ProjectResponses};

/// What the caller must hold at the project.
pub(crate) fn permission(door: Door) -> Permission {
    Permission::DataAction(Cow::Borrowed(match door {
        Door::Responses => "Microsoft.CognitiveServices/accounts/AIServices/agents/write",
        Door::Endpoint => "Microsoft.CognitiveServices/accounts/AIServices/endpoints/interact/action",
    }))
}

/// The route, for the journal and the words of a refusal.
pub(crate) fn route(door: Door) -> Route {
    match door {
        Door::Responses => ProjectResponses::ROUTE,
        Door::Endpoint => EndpointResponses::ROUTE,
    }
}
