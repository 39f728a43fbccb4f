//! What a write that is decided in the writer's turn may find: that the row moved since access to it was decided.

use access::Failure;
use arm::{ArmError, ErrorCode, Precondition, Resource, Scope};
use store::StoreError;

use crate::failure::stored;

/// Why such a write was not made.
#[derive(Debug)]
pub(crate) enum NotWritten {
    /// A rule that depends on other rows refuses it.
    Refused(ArmError),
    /// The store refuses it.
    Store(StoreError),
}

impl From<ArmError> for NotWritten {
    fn from(error: ArmError) -> NotWritten {
        NotWritten::Refused(error)
    }
}

impl From<StoreError> for NotWritten {
    fn from(error: StoreError) -> NotWritten {
        NotWritten::Store(error)
    }
}

impl From<NotWritten> for Failure {
    fn from(reason: NotWritten) -> Failure {
        match reason {
            NotWritten::Refused(error) => Failure::arm(error),
            NotWritten::Store(error) => stored(&error),
        }
    }
}

/// The row as it was when access was decided, and what the client demands of it.
pub(crate) struct Revision<'a> {
    pub(crate) target: &'a Scope,
    pub(crate) decided_on: Option<&'a Resource>,
    pub(crate) demand: Precondition,
}

impl Revision<'_> {
    /// Is the row still the one that access was decided on, and is it the one that the client wants to change? A condition
    /// may have read it, so a write over another one has not been decided.
    pub(crate) fn check(&self, current: Option<&Resource>) -> Result<(), ArmError> {
        let etag = |row: Option<&Resource>| row.map(|row| row.etag.clone());
        if !self.demand.holds(etag(current).as_deref()) {
            let message = match current {
                Some(row) => {
                    format!("`{}` has the etag {}, which the request's condition excludes", self.target, row.etag)
                }
                None => format!("`{}` does not exist, but the request's condition demands that it does", self.target),
            };
            return Err(ArmError::new(ErrorCode::PreconditionFailed, message));
        }
        if etag(self.decided_on) != etag(current) {
            return Err(self.moved());
        }
        Ok(())
    }

    /// The answer when what access was decided on is no longer so.
    pub(crate) fn moved(&self) -> ArmError {
        let message = format!("`{}` was changed by another request; try again", self.target);
        ArmError::new(ErrorCode::Conflict, message)
    }
}
