//! `Microsoft.Authorization/roleDefinitions`: named sets of permissions. Built-in ones are part of the program; custom ones
//! belong to the tenant, whatever scope they are written at.

mod action;
mod assignable;
mod permission;
mod wanted;

use arm::Scope;
use uuid::Uuid;

pub use action::WrongAction;
pub use permission::Permission;
pub use wanted::Wanted;

/// The type of a role definition.
pub const TYPE: &str = "Microsoft.Authorization/roleDefinitions";
/// Known api-versions, newest first.
pub const API_VERSIONS: &[&str] = &["2022-05-01-preview", "2022-04-01", "2018-01-01-preview", "2015-07-01"];

/// Where a custom role is kept: under the tenant, so that it outlives the scope it was written at.
pub fn stored_id(role: Uuid) -> Scope {
    Scope::root().extension("Microsoft.Authorization", "roleDefinitions", &role.to_string())
}

#[cfg(test)]
mod tests;
