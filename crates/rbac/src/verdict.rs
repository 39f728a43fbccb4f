//! The outcome of an evaluation.

use std::sync::Arc;

use arm::Scope;
use uuid::Uuid;

use crate::misses::Misses;
use crate::permission::DirectoryRole;
use crate::permit::{KeySlot, ProtocolPurpose, Task};

/// May the principal do it, and why?
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Something grants it.
    Allowed(Grant),
    /// Nothing grants it.
    NotAllowed(Misses),
    /// A deny assignment blocks it, whatever grants it.
    Denied(DenyAssignmentRef),
}

impl Verdict {
    /// Is it allowed?
    pub fn is_allowed(&self) -> bool {
        matches!(self, Verdict::Allowed(_))
    }
}

/// The deny assignment that blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct DenyAssignmentRef {
    /// Its id.
    pub id: Scope,
    /// Where it holds.
    pub scope: Scope,
    /// Its name, for people.
    pub name: String,
    /// Could its condition not be decided? Then it denies.
    pub undecided: bool,
}

/// What grants.
#[derive(Clone, Debug, PartialEq)]
pub enum Grant {
    /// A role assignment.
    Assignment {
        /// The assignment's id.
        assignment: Scope,
        /// Where it holds.
        scope: Scope,
        /// The role's GUID.
        role: Uuid,
        /// The role's name today.
        role_name: Arc<str>,
        /// The holder: the caller or a group that the caller is in.
        principal: Uuid,
        /// Is the holder a group?
        via_group: bool,
    },
    /// A directory role.
    DirectoryRole(DirectoryRole),
    /// What every user of the tenant may do in the directory.
    Member,
    /// A resource key's fixed grant at its account.
    ResourceKey {
        /// The account.
        account: Scope,
        /// Which of its keys.
        slot: KeySlot,
    },
    /// A step of signing in.
    Protocol(ProtocolPurpose),
    /// Background work.
    Task(Task),
    /// A valid token is enough.
    AnyToken,
    /// A list: these are the scopes of which something may be shown.
    Visible {
        /// At or below the scope that was asked for.
        scopes: Vec<Scope>,
    },
}
