//! Deny assignments: what is forbidden somewhere, whatever grants it. A new one holds on the next request.

mod delete;
mod get;
mod list;
mod put;

use access::Routes;
use arm::{ArmError, ErrorCode, Resource};
use resources::deny_assignments::{is_system_protected, present};
use serde_json::Value;
use store::World;

use crate::state::Control;

pub(crate) fn mount(routes: Routes<Control>) -> Routes<Control> {
    routes
        .on(put::PutDeny, put::put)
        .on(get::GetDeny, get::get)
        .on(delete::DeleteDeny, delete::delete)
        .on(list::ListDenies, list::list)
}

/// A deny assignment on the wire.
pub(crate) fn shown(deny: &Resource, world: &World) -> Value {
    present(deny, |principal| world.directory.object(principal).is_none())
}

/// What the system made stays as it is, whatever the caller's roles.
fn is_the_callers_to_change(deny: &Resource) -> Result<(), ArmError> {
    if !is_system_protected(deny) {
        return Ok(());
    }
    let message =
        format!("The deny assignment '{}' is protected by the system: it cannot be changed or deleted.", deny.id);
    Err(ArmError::new(ErrorCode::DenyAssignmentIsSystemProtected, message))
}
