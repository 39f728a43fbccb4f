//! Why an object was not kept, found or removed.

use arm::Scope;

use super::DataKey;
use crate::error::StoreError;

/// Why the store did not do what it was asked with objects. A write that returns one has changed nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The object was to be new, and is not.
    #[error("the {} `{}` exists", key.kind.as_str(), key.id)]
    Exists {
        /// The object.
        key: DataKey,
    },
    /// There is no such object (any more).
    #[error("the {} `{}` does not exist", key.kind.as_str(), key.id)]
    NotFound {
        /// The object: to be replaced or removed, the one a page was to begin at, or the one that another is part of.
        key: DataKey,
    },
    /// Somebody else has put the object since it was read.
    #[error("the {} `{}` has changed since it was read: its version is now {current}", key.kind.as_str(), key.id)]
    Changed {
        /// The object.
        key: DataKey,
        /// The version that it has.
        current: i64,
    },
    /// The account or project does not exist (any more), or is another one than when access was decided.
    #[error("`{scope}` is not the account or project that access was decided for")]
    ScopeGone {
        /// Where the object was to be kept.
        scope: Scope,
    },
    /// The change contradicts itself; the caller should have refused it earlier.
    #[error("the object is not valid: {reason}")]
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
    /// The permit is not for this, or the store itself failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
