//! Who writes, as resources remember it.

use arm::SystemData;
use jiff::Timestamp;
use rbac::{Caller, Mode, Permit, PrincipalType};
use store::World;
use uuid::Uuid;

/// The author of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Sign-in name or application id.
    pub label: String,
    /// `User`, `Application`, `ManagedIdentity` or `Key`.
    pub kind: &'static str,
    /// The object id; nil for the server itself.
    pub principal: Uuid,
}

impl Author {
    /// The server, when it makes the demo tenant.
    pub fn server() -> Author {
        Author { label: "cupola".to_owned(), kind: "Application", principal: Uuid::nil() }
    }

    /// The caller that a permit was given to.
    pub(crate) fn of<M: Mode>(permit: &Permit<M>, world: &World) -> Author {
        match permit.caller() {
            Caller::Principal(caller) => {
                let managed =
                    world.directory.object(caller.object_id()).is_some_and(|object| object.managed_by.is_some());
                let kind = match caller.kind() {
                    PrincipalType::User => "User",
                    _ if managed => "ManagedIdentity",
                    _ => "Application",
                };
                Author { label: caller.label().to_owned(), kind, principal: caller.object_id() }
            }
            Caller::Key { .. } => Author { label: "key".to_owned(), kind: "Key", principal: Uuid::nil() },
            Caller::Protocol(_) | Caller::Task(_) => Author::server(),
        }
    }

    /// The dates and names of a resource written now; the store keeps the first half of one that exists.
    pub(crate) fn system_data(&self, now: Timestamp) -> SystemData {
        SystemData {
            created_by: self.label.clone(),
            created_by_type: self.kind.to_owned(),
            created_at: now,
            last_modified_by: self.label.clone(),
            last_modified_by_type: self.kind.to_owned(),
            last_modified_at: now,
        }
    }
}
