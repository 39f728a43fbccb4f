//! The one proof of authorization.

use std::fmt;
use std::marker::PhantomData;

use arm::Scope;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::owner::{Owner, RowKind};
use crate::permission::Permission;
use crate::principal::VerifiedPrincipal;
use crate::verdict::Grant;

/// How long a permit can be used, in seconds: one request or one step of a run, then it is decided anew.
pub const PERMIT_LIFETIME_S: i64 = 60;

mod sealed {
    pub trait Sealed {}
}

/// What a permit is good for: [`Reads`] or [`Writes`].
pub trait Mode: sealed::Sealed + Send + Sync + 'static {
    /// May rows be written with it?
    const WRITES: bool;
}

/// A permit that writes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Reads;
/// A permit that the store takes for a write.
#[derive(Clone, Copy, Debug)]
pub struct Writes;

impl sealed::Sealed for Reads {}
impl sealed::Sealed for Writes {}

impl Mode for Reads {
    const WRITES: bool = false;
}

impl Mode for Writes {
    const WRITES: bool = true;
}

/// Which of the two keys of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeySlot {
    /// `key1`
    Key1,
    /// `key2`
    Key2,
}

impl KeySlot {
    /// `key1` or `key2`
    pub fn as_str(self) -> &'static str {
        match self {
            KeySlot::Key1 => "key1",
            KeySlot::Key2 => "key2",
        }
    }
}

/// A step of signing in that needs a permit before anybody is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProtocolPurpose {
    /// Issuing a token.
    IssueToken,
    /// Keeping that a person has signed in, once they have.
    BeginSignIn,
    /// Replacing a refresh token by the next one.
    RenewSignIn,
    /// Ending a sign-in whose refresh token or code was used twice.
    EndSignIn,
}

/// Work that the server does for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// What an empty data folder needs.
    FirstStart,
    /// The tenant of `--demo`.
    DemoTenant,
    /// Making, sealing and opening the key that signs tokens.
    SigningKey,
    /// Opening what a connection is shown at its other end, for requests that were each let through to use it.
    ConnectionSecrets,
    /// Going on with what was being done when the server stopped.
    ResumeRuns,
}

/// On whose behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A principal with a verified token.
    Principal(VerifiedPrincipal),
    /// The holder of a resource key.
    Key {
        /// The key's account.
        account: Scope,
        /// Which of its keys.
        slot: KeySlot,
    },
    /// Nobody yet: a step of signing in.
    Protocol(ProtocolPurpose),
    /// The server itself.
    Task(Task),
}

/// Proof that a caller was let through: what for, where, by what, until when. There is no way to make one but to be let
/// through; this does not compile:
///
/// ```compile_fail,E0451
/// use std::marker::PhantomData;
/// fn forge(caller: rbac::Caller, permission: rbac::Permission, scope: arm::Scope, at: jiff::Timestamp) -> rbac::Permit<rbac::Writes> {
///     rbac::Permit {
///         decision_id: uuid::Uuid::nil(),
///         caller,
///         permission,
///         scope,
///         grant: rbac::Grant::AnyToken,
///         rows: &[],
///         issued_at: at,
///         mode: PhantomData,
///     }
/// }
/// ```
///
/// Nor does giving a read's proof to a write:
///
/// ```compile_fail,E0308
/// fn write(_: &rbac::Permit<rbac::Writes>) {}
/// fn handler(permit: rbac::Permit<rbac::Reads>) {
///     write(&permit);
/// }
/// ```
///
/// Nor keeping a proof by copying it, nor a third mode:
///
/// ```compile_fail,E0599
/// fn keep(permit: &rbac::Permit<rbac::Reads>) -> rbac::Permit<rbac::Reads> {
///     rbac::Permit::clone(permit)
/// }
/// ```
/// ```compile_fail,E0277
/// struct Everything;
/// impl rbac::Mode for Everything {
///     const WRITES: bool = true;
/// }
/// ```
pub struct Permit<M: Mode> {
    decision_id: Uuid,
    caller: Caller,
    permission: Permission,
    scope: Scope,
    grant: Grant,
    rows: &'static [RowKind],
    issued_at: Timestamp,
    mode: PhantomData<M>,
}

/// What a maker states; stays inside this crate.
pub(crate) struct PermitParts {
    pub(crate) decision_id: Uuid,
    pub(crate) caller: Caller,
    pub(crate) permission: Permission,
    pub(crate) scope: Scope,
    pub(crate) grant: Grant,
    pub(crate) rows: &'static [RowKind],
    pub(crate) issued_at: Timestamp,
}

impl<M: Mode> Permit<M> {
    pub(crate) fn from_parts(parts: PermitParts) -> Permit<M> {
        let PermitParts { decision_id, caller, permission, scope, grant, rows, issued_at } = parts;
        Permit { decision_id, caller, permission, scope, grant, rows, issued_at, mode: PhantomData }
    }

    /// The decision's id, the same in the journal.
    pub fn decision_id(&self) -> Uuid {
        self.decision_id
    }

    /// On whose behalf.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What was asked for.
    pub fn permission(&self) -> &Permission {
        &self.permission
    }

    /// Where.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What granted it.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// When it was decided.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Does the permit reach a row of this kind and owner? Rows belong to its scope or below, to the directory if a
    /// directory right was asked for, and to anybody for the server's own tasks; the operation lists the kinds. A custom
    /// role is the tenant's, and is reached by its GUID.
    pub fn covers(&self, owner: &Owner, kind: RowKind) -> bool {
        if !self.rows.contains(&kind) {
            return false;
        }
        match (&self.caller, &self.permission, owner) {
            (Caller::Task(_), _, _) => true,
            (Caller::Protocol(_), _, owner) => *owner == Owner::Directory && kind == RowKind::SignIn,
            (_, Permission::Directory(_), Owner::Directory) => true,
            (_, Permission::Action(_) | Permission::DataAction(_), Owner::Scope(scope)) => {
                self.scope.contains(scope) || (kind == RowKind::RoleDefinition && self.names_role(scope))
            }
            _ => false,
        }
    }

    /// A custom role belongs to the tenant and is kept there; asked for by its GUID at any scope, it is the same one.
    fn names_role(&self, stored: &Scope) -> bool {
        let is_kept_by_the_tenant = stored.parent().is_some_and(|above| above.is_root());
        let is_same = self.scope.name().eq_ignore_ascii_case(stored.name());
        is_kept_by_the_tenant && is_same && self.scope.resource_type() == stored.resource_type()
    }

    /// Is it young enough to be used? A clock that went back counts as age.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.issued_at).abs() <= SignedDuration::from_secs(PERMIT_LIFETIME_S)
    }
}

impl<M: Mode> fmt::Debug for Permit<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if M::WRITES { "writes" } else { "reads" };
        write!(f, "Permit({mode} {} at {}, decision {})", self.permission, self.scope, self.decision_id)
    }
}
