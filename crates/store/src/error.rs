//! What can go wrong with state, in the operator's words.

use arm::Scope;
use rbac::RowKind;

/// Why the store did not do what it was asked. A write that returns one has changed nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// If-Match or If-None-Match did not hold against the stored row.
    #[error("`{id}` has changed since it was read: its etag is now {}", current.as_deref().unwrap_or("absent"))]
    PreconditionFailed {
        /// The resource that was to be written.
        id: Scope,
        /// The etag it has now; `None` when it does not exist.
        current: Option<String>,
    },
    /// The row to change does not exist.
    #[error("{what} does not exist")]
    NotFound {
        /// What is missing, with its id in back-ticks.
        what: String,
    },
    /// The parent of a resource to be written does not exist (any more).
    #[error("`{parent}` does not exist, so nothing can be put below it")]
    ParentNotFound {
        /// The missing parent.
        parent: Scope,
    },
    /// The row would break a rule of uniqueness.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The row contradicts itself; the caller should have refused it earlier.
    #[error("the row is not valid: {reason}")]
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
    /// The permit was given for something else.
    #[error("the permit does not cover a {kind:?} row of `{owner}`")]
    PermitDoesNotCover {
        /// Who owns the row.
        owner: String,
        /// The kind of row.
        kind: RowKind,
    },
    /// The permit is older than a permit may be.
    #[error("the permit has expired: access has to be decided anew")]
    PermitTooOld,
    /// The disk is full, cannot be written, or the store is closed. Nothing was written; a later try may succeed.
    #[error("the store cannot write: {0}")]
    Unavailable(String),
    /// What is on the disk is not what was written there.
    #[error("the data folder is damaged: {0}")]
    Damaged(String),
    /// The folder cannot be used at all: not a folder, not writable, not ours.
    #[error("the data folder cannot be used: {0}")]
    Folder(String),
    /// Another process has the data folder open.
    #[error("the data folder `{0}` is in use by another process")]
    InUse(String),
    /// The database was written by a newer version of the program.
    #[error("the database has schema version {found}, this program knows versions up to {known}: use a newer one")]
    NewerSchema {
        /// The version in the database.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The database was written by an older version of the program, and is only to be looked into.
    #[error(
        "the database has schema version {found}, this program reads version {known}: start this version's server on it once"
    )]
    OlderSchema {
        /// The version in the database.
        found: i64,
        /// The version that is read here.
        known: i64,
    },
    /// A change of the schema failed; the database is as it was before it.
    #[error("migration {version} of the database failed: {reason}")]
    Migration {
        /// The schema version that was to be reached.
        version: i64,
        /// What the database said.
        reason: String,
    },
    /// The master key is missing, malformed, readable by others, or another database's.
    #[error("the master key cannot be used: {0}")]
    MasterKey(String),
    /// The audit chain does not verify.
    #[error("the audit trail is broken at record {seq}: {reason}")]
    AuditBroken {
        /// The first record that does not verify.
        seq: i64,
        /// What is wrong with it.
        reason: String,
    },
}

impl StoreError {
    /// Is it the database or its folder that failed, and not what was asked of them?
    pub(crate) fn is_of_the_engine(&self) -> bool {
        matches!(self, StoreError::Unavailable(_) | StoreError::Damaged(_) | StoreError::Folder(_))
    }

    /// The same failure of the database, for another who waited for the same commit.
    pub(crate) fn of_the_engine_again(&self) -> StoreError {
        match self {
            StoreError::Damaged(reason) => StoreError::Damaged(reason.clone()),
            StoreError::Folder(reason) => StoreError::Folder(reason.clone()),
            StoreError::Unavailable(reason) => StoreError::Unavailable(reason.clone()),
            other => StoreError::Unavailable(other.to_string()),
        }
    }
}

/// What a write collided with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// Another account has this custom subdomain name (compared without case, on the whole server).
    #[error("the custom subdomain name `{name}` is in use")]
    SubdomainInUse {
        /// The name as asked for.
        name: String,
    },
    /// The same role is already assigned to the same principal at the same scope.
    #[error("the role assignment already exists: `{id}`")]
    RoleAssignmentExists {
        /// The assignment that exists.
        id: Scope,
    },
    /// Another assignment of the tenant has this name (a GUID), or this one was made for other facts.
    #[error("the name of the role assignment is in use by `{id}`, whose scope, principal and role cannot change")]
    RoleAssignmentNameInUse {
        /// The assignment that has the name.
        id: Scope,
    },
    /// The role is still assigned.
    #[error("the role `{id}` has {assignments} assignments")]
    RoleHasAssignments {
        /// The role definition.
        id: Scope,
        /// How many assignments name it.
        assignments: i64,
    },
    /// Another user has this user principal name (compared without case).
    #[error("the user principal name `{name}` is in use")]
    UserPrincipalNameInUse {
        /// The name as asked for.
        name: String,
    },
    /// Another object of the same kind has this application id.
    #[error("the application id `{app_id}` is in use by another object of the same kind")]
    AppIdInUse {
        /// The application id.
        app_id: uuid::Uuid,
    },
    /// The refresh token to be replaced is not the newest of its sign-in.
    #[error("the sign-in `{id}` has moved on")]
    SignInMovedOn {
        /// The sign-in's id.
        id: uuid::Uuid,
    },
    /// Another credential has this id or this value.
    #[error("the credential `{id}` has an id or a value that is in use")]
    CredentialInUse {
        /// The credential's id.
        id: uuid::Uuid,
    },
}
